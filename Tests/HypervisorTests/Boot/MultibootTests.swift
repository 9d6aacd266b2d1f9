import Machine
import Testing

@testable import Hypervisor

@Suite("Multiboot kernels")
struct MultibootTests {
    private static let map = PCMemoryMap(memorySize: 64 << 20)

    private func start(
        _ file: KernelFile = KernelFile(), commandLine: String = "kernel",
        modules: [MultibootStart.Module] = [], map: PCMemoryMap = map
    ) throws(GuestLoader.Failure) -> MultibootStart {
        try MultibootStart(
            kernel: try MultibootKernel(file.bytes), commandLine: commandLine, modules: modules,
            map: map)
    }

    private func text(_ address: UInt64, _ memory: PhysicalMemory) -> String {
        let bytes = memory.bytes(address, count: 200).prefix { $0 != 0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: The header

    @Test("the header counts at a multiple of 4 within the first 8192 bytes, whole")
    func headerPlace() {
        let header: [UInt8] = [2, 0xB0, 0xAD, 0x1B, 0, 0, 0, 0, 0xFE, 0x4F, 0x52, 0xE4]
        func file(_ offset: Int) -> [UInt8] {
            [UInt8](repeating: 0, count: offset) + header + [0, 0, 0, 0]
        }
        #expect(MultibootHeader(in: file(0))?.offset == 0)
        #expect(MultibootHeader(in: file(8180))?.offset == 8180)
        #expect(MultibootHeader(in: file(8184)) == nil)
        #expect(MultibootHeader(in: file(2)) == nil)
    }

    @Test("magic, flags and checksum add up to 0, or it is none")
    func checksum() throws {
        let bytes = KernelFile().with { $0.checksumError = 1 }.bytes
        let message = try #require(
            refusal { () throws(GuestLoader.Failure) in try MultibootKernel(bytes) })
        #expect(message.contains("checksum"))
    }

    @Test("flags that a loader must know and this one does not are refused")
    func flags() throws {
        let bytes = KernelFile().with { $0.flags = 1 << 3 }.bytes
        let message = try #require(
            refusal { () throws(GuestLoader.Failure) in try MultibootKernel(bytes) })
        #expect(message.contains("0x8"))
        // Bits 17 and up are wishes.
        let wishes = KernelFile().with { $0.flags = 1 << 17 | 7 }.bytes
        #expect(try MultibootKernel(wishes).header.flags == 1 << 17 | 7)
    }

    @Test("address fields place a file that is no ELF")
    func addresses() throws {
        // The header at offset 16, loaded at 100010h; 48 bytes of the file, 16 more of zeros.
        var words = [UInt32](repeating: 0x9090_9090, count: 4)
        words += [0x1BAD_B002, 1 << 16, 0 &- 0x1BAD_B002 &- (1 << 16)]
        words += [0x10_0010, 0x10_0000, 0x10_0030, 0x10_0040, 0x10_0030, 0x77, 0x88]
        let bytes = words.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
        }
        let program = try MultibootKernel(bytes).program
        #expect(program.segments == [.init(address: 0x10_0000, file: 0..<0x30, size: 0x40)])
        #expect(program.entry == 0x10_0030)
    }

    // MARK: What the kernel finds

    @Test("EAX, EBX, flat segments, no paging, interrupts off: the specification's machine state")
    func machineState() throws {
        let start = try start()
        let run = GuestRun(RunConfiguration(multiboot: start, name: "kernel"))
        #expect(run.machine.state.registers[.rax] == 0x2BAD_B002)
        #expect(run.machine.state.registers[.rbx] == start.information)
        #expect(run.machine.state.cr0 & 0x8000_0001 == 1)
        #expect(run.machine.state.rflags & 0x2_0200 == 0)
        #expect(run.machine.state.rip == 0x10_0010)
        #expect(run.machine.state.cs.base == 0 && run.machine.state.cs.limit == 0xFFFF_FFFF)
        #expect(run.machine.state.cs.isCode && run.machine.state.ds.isWritable)
        #expect(run.machine.state.msrs.featureControl == 0)
    }

    @Test("the information structure has memory sizes, command line, modules, map and loader")
    func information() throws {
        let start = try start(
            commandLine: "kernel a=b",
            modules: [.init(bytes: [1, 2, 3], string: "one x"), .init(bytes: [4], string: "two")])
        let memory = RunConfiguration(multiboot: start, name: "kernel").startMemory
        func word(_ offset: UInt64) -> UInt64 { memory.read(start.information + offset, size: 4) }
        #expect(word(0) == 1 << 0 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9)
        #expect(word(4) == 639)
        #expect(word(8) == 63 << 10)
        #expect(text(word(16), memory) == "kernel a=b")
        #expect(text(word(64), memory) == "Stepvisor")
        #expect(word(20) == 2)
        let modules = word(24)
        for (index, (bytes, string)) in [([1, 2, 3], "one x"), ([4], "two")].enumerated() {
            let entry = modules + UInt64(index) * 16
            let first = memory.read(entry, size: 4)
            let end = memory.read(entry + 4, size: 4)
            #expect(first % 4096 == 0)
            #expect(memory.bytes(first, count: Int(end - first)).map(Int.init) == bytes)
            #expect(text(memory.read(entry + 8, size: 4), memory) == string)
        }
    }

    @Test("the map's entries follow one another by their sizes and cover the RAM")
    func memoryMap() throws {
        let start = try start(map: PCMemoryMap(memorySize: 8 << 30))
        let memory = RunConfiguration(multiboot: start, name: "kernel").startMemory
        var address = memory.read(start.information + 48, size: 4)
        let end = address + memory.read(start.information + 44, size: 4)
        var available: [UInt64] = []
        while address < end {
            if memory.read(address + 20, size: 4) == 1 {
                available += [
                    memory.read(address + 4, size: 8), memory.read(address + 12, size: 8),
                ]
            }
            address += memory.read(address, size: 4) + 4
        }
        #expect(address == end)
        #expect(
            available == [
                0, 0x9_FC00, 0x10_0000, 0xBFF0_0000, 0x1_0000_0000, (8 << 30) - 0xC000_0000,
            ])
        #expect(memory.isRAM(0xBFFF_FFFF) && !memory.isRAM(0xC000_0000))
        #expect(memory.isRAM(0x1_0000_0000) && memory.isRAM(0x2_3FFF_FFFF))
        #expect(!memory.isRAM(0x2_4000_0000))
    }

    @Test("information and modules stand where nothing of the kernel does")
    func places() throws {
        let file = KernelFile().with {
            // All of low memory from 1000h to 9FC00h, and what follows 1 MiB.
            $0.segments[0].memorySize = 0x20_0000
            $0.segments.append($0.segments[0])
            $0.segments[1].physical = 0x1000
            $0.segments[1].memorySize = 0x9_EC00
        }
        let start = try start(file, modules: [.init(bytes: [1], string: "one")])
        let kernel = start.kernel.program.segments.map(\.range)
        for piece in start.pieces {
            let range = piece.address..<piece.address + UInt64(piece.bytes.count)
            #expect(!kernel.contains { $0.overlaps(range) })
        }
        #expect(start.information >= 0x30_0000)
    }

    @Test("what does not fit into memory is refused by name")
    func tooLarge() throws {
        let high = KernelFile().with {
            $0.segments[0].physical = 0x400_0000
            $0.segments[0].virtual = 0x400_0000
            $0.entry = 0x400_0000
        }
        let segment = refusal { () throws(GuestLoader.Failure) in try start(high) }
        #expect(segment?.contains("outside of the 67108864 bytes") == true)
        let module = MultibootStart.Module(bytes: Array(repeating: 0, count: 2 << 20), string: "m")
        let small = PCMemoryMap(memorySize: 2 << 20)
        let text = refusal { () throws(GuestLoader.Failure) in
            try start(modules: [module], map: small)
        }
        #expect(text?.contains("module m") == true)
    }

    @Test("a kernel that runs: what it reads through EBX goes out of the serial port")
    func runs() throws {
        // mov ecx, [ebx+16]; mov dx, 3F8h; 1: mov al, [ecx]; out dx, al; inc ecx; test al, al;
        // jnz 1b; out F4h, al
        let code: [UInt8] = [
            0x8B, 0x4B, 0x10, 0x66, 0xBA, 0xF8, 0x03, 0x8A, 0x01, 0xEE, 0x41, 0x84, 0xC0, 0x75,
            0xF8, 0xE6, 0xF4,
        ]
        var bytes = KernelFile().with { $0.segments[0].fileSize = 0x40 }.bytes
        bytes.replaceSubrange(0x1010..<0x1010 + code.count, with: code)
        let start = try MultibootStart(
            kernel: try MultibootKernel(bytes), commandLine: "hello", modules: [], map: Self.map)
        let run = GuestRun(RunConfiguration(multiboot: start, name: "kernel"))
        var output: [UInt8] = []
        run.outputObserver = { output.append($0.byte) }
        run.stepBudget = 1000
        guard case .ended(let end) = run.run() else { return #expect(Bool(false)) }
        #expect(end.reason == .port && end.value == 0)
        #expect(output == Array("hello\0".utf8))
    }
}
