import Architecture
import Machine
import Testing

@testable import Hypervisor

/// What a kernel finds of the firmware, though a boot loader has gone by.
@Suite("Firmware's tables")
struct FirmwareTablesTests {
    private func run() throws -> GuestRun {
        let start = try MultibootStart(
            kernel: try MultibootKernel(KernelFile().bytes), commandLine: "kernel", modules: [],
            map: PCMemoryMap(memorySize: 64 << 20))
        return GuestRun(RunConfiguration(multiboot: start, name: "kernel"))
    }

    private func text(_ memory: PhysicalMemory, _ address: UInt64, _ count: Int) -> String {
        String(decoding: memory.bytes(address, count: count), as: UTF8.self)
    }

    private func sum(_ memory: PhysicalMemory, _ address: UInt64, _ count: UInt64) -> UInt8 {
        memory.bytes(address, count: Int(count)).reduce(0, &+)
    }

    /// The address of a signature at a multiple of 16 in the ROM.
    private func find(_ signature: String, _ memory: PhysicalMemory) -> UInt64? {
        stride(from: UInt64(0xF_0000), to: 0x10_0000, by: 16).first {
            text(memory, $0, signature.utf8.count) == signature
        }
    }

    /// IBM PC/AT Technical Reference, "BIOS Data Area".
    @Test("a kernel finds the BIOS data area, and vectors that lead into the ROM")
    func dataArea() throws {
        let memory = try run().machine.memory
        #expect(memory.read(0x40E, size: 2) == 0x9FC0)
        #expect(memory.read(0x413, size: 2) == 639)
        #expect(memory.read(0x400, size: 2) == 0x3F8)
        #expect(memory.read(0x475, size: 1) == 0)
        for vector in UInt64(0)..<0x100 { #expect(memory.read(vector * 4 + 2, size: 2) == 0xF000) }
    }

    /// MultiProcessor Specification 1.4, chapter 4.
    @Test("the multiprocessor table adds up to 0: a processor, a bus, an I/O APIC, 18 inputs")
    func multiprocessorTable() throws {
        let run = try run()
        let memory = run.machine.memory
        let pointer = try #require(find("_MP_", memory))
        #expect(sum(memory, pointer, 16) == 0)
        #expect(memory.read(pointer + 9, size: 1) == 4)
        let table = memory.read(pointer + 4, size: 4)
        #expect(text(memory, table, 4) == "PCMP")
        let length = memory.read(table + 4, size: 2)
        #expect(sum(memory, table, length) == 0)
        #expect(memory.read(table + 36, size: 4) == 0xFEE0_0000)
        var counts: [UInt64: Int] = [:]
        var address = table + 44
        while address < table + length {
            let type = memory.read(address, size: 1)
            counts[type, default: 0] += 1
            if type == 2 {
                #expect(memory.read(address + 4, size: 4) == 0xFEC0_0000)
                #expect(memory.read(address + 1, size: 1) == 1)
            }
            address += type == 0 ? 20 : 8
        }
        #expect(address == table + length)
        #expect(counts == [0: 1, 1: 1, 2: 1, 3: 16, 4: 2])
        #expect(Int(memory.read(table + 34, size: 2)) == counts.values.reduce(0, +))
    }

    /// ACPI Specification, "Root System Description Pointer" and on.
    @Test("ACPI's tables add up to 0 and lead to the I/O APIC and the timer's port")
    func acpi() throws {
        let memory = try run().machine.memory
        let pointer = try #require(find("RSD PTR ", memory))
        #expect(sum(memory, pointer, 20) == 0)
        let root = memory.read(pointer + 16, size: 4)
        var found: [String: UInt64] = [:]
        let entries = stride(from: root + 36, to: root + memory.read(root + 4, size: 4), by: 4)
        for table in [root] + entries.map({ memory.read($0, size: 4) }) {
            #expect(sum(memory, table, memory.read(table + 4, size: 4)) == 0)
            found[text(memory, table, 4)] = table
        }
        #expect(found.keys.sorted() == ["APIC", "FACP", "RSDT"])
        let fixed = try #require(found["FACP"])
        #expect(memory.read(fixed + 76, size: 4) == 0x608)
        #expect(memory.read(fixed + 91, size: 1) == 4)
        let definitions = memory.read(fixed + 40, size: 4)
        #expect(text(memory, definitions, 4) == "DSDT" && sum(memory, definitions, 36) == 0)
        let interrupts = try #require(found["APIC"])
        var address = interrupts + 44
        var types: [UInt64] = []
        while address < interrupts + memory.read(interrupts + 4, size: 4) {
            types.append(memory.read(address, size: 1))
            if types.last == 1 { #expect(memory.read(address + 4, size: 4) == 0xFEC0_0000) }
            if types.last == 2 { #expect(memory.read(address + 4, size: 4) == 2) }
            address += memory.read(address + 1, size: 1)
        }
        #expect(types == [0, 1, 2, 4])
    }

    @Test("the I/O APIC has the ID that the tables tell")
    func identification() throws {
        let run = try run()
        run.machine.writePhysical(IOAPIC.page, 0, size: 4)
        #expect(run.machine.readPhysical(IOAPIC.page + 0x10, size: 4) == 1 << 24)
    }

    /// SDM 3A, the table "IA-32 and Intel 64 Processor States Following Power-up, Reset, or INIT".
    @Test("INIT brings a processor to F000:FFF0 in real mode; MSRs, the time and x87 stay")
    func initialization() throws {
        let run = try run()
        // mov dword [0xfee00300], 0x4500 (INIT to all: with the processor itself); nop
        run.machine.memory.load(
            [0xC7, 0x05, 0, 3, 0xE0, 0xFE, 0, 0x45, 0x08, 0, 0x90], at: 0x10_0010)
        run.machine.state.msrs.sysenterCS = 0x1234
        run.machine.state.tsc = 1_000_000
        run.machine.state.cr0 |= 1 << 30
        run.machine.state.cr4 = 0x20
        run.machine.state.efer = 0x800
        run.machine.state.floating.control = 0x27F
        run.machine.memory.load([0xF4], at: 0xFFFF_FFF0)
        run.stepBudget = 10
        guard case .ended(let end) = run.run() else { return #expect(Bool(false)) }
        #expect(end.reason == .hlt)
        var state = run.machine.state
        #expect(state.cs.base == 0xFFFF_0000 && state.rip == 0xFFF1 && state.cs.limit == 0xFFFF)
        #expect(state.cr0 == 0x4000_0010 && state.cr4 == 0 && state.efer == 0)
        #expect(state.registers[.rdx] == 0x50654 && state.rflags == 2)
        #expect(state.msrs.sysenterCS == 0x1234 && state.tsc == 1_000_002)
        #expect(state.floating.control == 0x27F)
        #expect(!state.apic.isINITPending)
    }

    /// IBM PC/AT Technical Reference, "Shutdown status byte" 0Ah: a jump by the doubleword at 40:67.
    @Test("the firmware goes where 40:67 points if the clock's memory says so")
    func resume() throws {
        let run = try run()
        run.machine.memory.load([0xFA, 0xF4], at: 0x7C00)
        run.machine.memory.write(0x467, 0x07C0_0000, size: 4)
        run.machine.writePort(0x70, 0x0F, size: 1)
        run.machine.writePort(0x71, 0x0A, size: 1)
        run.machine.memory.load(
            [0xC7, 0x05, 0, 3, 0xE0, 0xFE, 0, 0x45, 0x08, 0, 0x90], at: 0x10_0010)
        run.stepBudget = 1000
        guard case .ended(let end) = run.run() else { return #expect(Bool(false)) }
        #expect(end.reason == .hlt)
        #expect(run.machine.state.cs.selector == 0x07C0 && run.machine.state.rip == 2)
    }

    /// A kernel in real mode again: INT 12h tells 639 KiB, INT 13h that there is no disk.
    @Test("a kernel that goes back to real mode is answered by the firmware")
    func services() throws {
        let run = try run()
        run.machine.memory.load(
            // int 12h; mov bx, ax; mov ah, 2; mov dl, 80h; int 13h; cli; hlt
            [0xCD, 0x12, 0x89, 0xC3, 0xB4, 0x02, 0xB2, 0x80, 0xCD, 0x13, 0xFA, 0xF4], at: 0x7C00)
        Firmware.setStartState(&run.machine.state, drive: 0)
        run.machine.state.cr0 = 0x10
        run.machine.forgetAllTranslations()
        run.stepBudget = 10_000
        guard case .ended(let end) = run.run() else { return #expect(Bool(false)) }
        #expect(end.reason == .hlt)
        #expect(run.machine.state.registers[.rbx] & 0xFFFF == 639)
        #expect(run.machine.state.registers[.rax] & 0xFF00 == 0x8000)
        #expect(run.machine.state.rflags & 1 == 1)
    }
}
