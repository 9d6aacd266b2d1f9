import Architecture
import Glibc
import Testing

@testable import KVM

@Suite("How a run on KVM ends", .enabled(if: KVMHere.isPresent, KVMHere.reason))
struct EndTests {
    @Test("HLT ends it, whatever RFLAGS.IF is, with RIP behind it", arguments: [0x002, 0x202])
    func halt(_ flags: UInt64) throws {
        var guest = KVMGuest.starting(.long64, Listings.steps.bytes)
        guest.registers.rflags = flags
        let run = try guest.run(on: System())
        #expect(run.end == .hlt)
        #expect(run.registers.rip == 0x10009)
        #expect(run.registers[.rax] == 2)
        #expect(run.accesses.isEmpty)
    }

    @Test("A triple fault is a shutdown")
    func shutdown() throws {
        let guest = KVMGuest.starting(.long64, Listings.triggerUndefined.bytes)
        #expect(try guest.run(on: System()).end == .shutdown)
    }

    @Test("A guest that loops without an exit ends at its time limit", arguments: Mode.allCases)
    func timeout(_ mode: Mode) throws {
        let guest = KVMGuest.starting(
            mode, Listings.forever.bytes, limits: KVMLimits(milliseconds: 60))
        let run = try guest.run(on: System())
        #expect(run.end == .timeout)
        #expect(run.registers.rip == mode.load)
        #expect(run.duration >= .milliseconds(60))
        #expect(run.duration < .seconds(5))
    }

    @Test("A guest that only makes exits ends at its time limit too")
    func timeoutWithExits() throws {
        let guest = KVMGuest.starting(
            .long64, Listings.outputForever.bytes,
            limits: KVMLimits(milliseconds: 60, accesses: .max))
        let run = try guest.run(on: System())
        #expect(run.end == .timeout)
        #expect(!run.accesses.isEmpty)
    }

    @Test("The number of accesses is limited")
    func accessLimit() throws {
        let guest = KVMGuest.starting(
            .long64, Listings.outputForever.bytes,
            limits: KVMLimits(milliseconds: 5_000, accesses: 10))
        let run = try guest.run(on: System())
        #expect(run.end == .accessLimit)
        #expect(run.accesses.count == 10)
    }

    @Test("A guest that loops without an exit can be cancelled")
    func cancelled() throws {
        var looks = 0
        let guest = KVMGuest.starting(
            .long64, Listings.forever.bytes, limits: KVMLimits(milliseconds: 60_000))
        let run = try guest.run(
            on: System(),
            isCancelled: {
                looks += 1
                return looks == 3
            })
        #expect(run.end == .cancelled)
        #expect(run.duration < .seconds(5))
    }

    @Test("The port handler can end it, and the access is complete then", arguments: Mode.allCases)
    func stopped(_ mode: Mode) throws {
        let guest = KVMGuest.starting(mode, Listings.outputForever.bytes)
        let run = try guest.run(on: System(), port: { _ in .stop })
        #expect(run.end == .stopped)
        #expect(run.portAccesses.map(\.port) == [0x80])
        #expect(run.registers.rip == mode.load + 2)
    }

    @Test("Absent memory reads as ones, and its accesses are told")
    func absentMemory() throws {
        let guest = KVMGuest.starting(.protected32, Listings.absentMemory.bytes)
        let run = try guest.run(on: System())
        #expect(run.end == .hlt)
        let ones = [UInt8](repeating: 0xFF, count: 4)
        #expect(
            run.memoryAccesses == [
                MemoryAccess(address: 0x800_0000, direction: .input, bytes: ones),
                MemoryAccess(
                    address: 0x800_0000, direction: .output, bytes: [0x78, 0x56, 0x34, 0x12]),
                MemoryAccess(address: 0x800_0002, direction: .input, bytes: [0xFF, 0xFF]),
                MemoryAccess(address: 0xFEE0_0020, direction: .input, bytes: ones),
            ])
        #expect(run.registers[.rax] == 0xFFFF_FFFF)
        #expect(run.registers[.rbx] == 0xFFFF)
        #expect(run.registers[.rcx] == 0xFFFF_FFFF)
    }

    @Test("The pages that the guest wrote to are told, and only as many as asked for")
    func writtenPages() throws {
        let text = MemoryBlock(address: 0x8100, bytes: Array("0123456789ABC".utf8))
        let guest = KVMGuest.starting(.real16, Listings.strings16.bytes, more: [text])
        let system = try System()
        // INS writes behind 8000h; what was put there before the start is no write.
        let run = try guest.run(on: system, mostWrittenPages: 10)
        #expect(run.writtenPages.map(\.address) == [0x8000])
        #expect(run.writtenPages.first?.bytes.count == 4096)
        #expect(run.writtenPages.first?.bytes.prefix(2) == [0xFF, 0xFF])
        #expect(run.isEachWrittenPageGiven)
        let none = try guest.run(on: system)
        #expect(none.writtenPages.isEmpty)
        #expect(!none.isEachWrittenPageGiven)
    }

    @Test("CPUID returns what the guest was given")
    func cpuid() throws {
        var guest = KVMGuest.starting(.long64, Listings.cpuid.bytes)
        let entry = CPUIDEntry(
            leaf: 0x4000_0005, eax: 0x1111_1111, ebx: 0x2222_2222, ecx: 3, edx: 4)
        guest.cpuid = try System().supportedCPUID() + [entry]
        let run = try guest.run(on: System())
        #expect(run.end == .hlt)
        let found = [GeneralRegister.rax, .rbx, .rcx, .rdx].map { run.registers[$0] }
        #expect(found == [0x1111_1111, 0x2222_2222, 3, 4])
    }
}

@Suite("KVM's objects one by one", .enabled(if: KVMHere.isPresent, KVMHere.reason))
struct ObjectTests {
    @Test("A guest can be single-stepped")
    func singleStep() throws {
        let system = try System()
        let guest = KVMGuest.starting(.long64, Listings.steps.bytes)
        let machine = try VirtualMachine(system, memorySize: guest.memorySize)
        for block in guest.contents { try machine.write(block.bytes, at: block.address) }
        let processor = try machine.makeVirtualCPU()
        try processor.setCPUID(system.supportedCPUID())
        try processor.setSpecialRegisters(guest.specialRegisters)
        try processor.setRegisters(guest.registers)
        try processor.setSingleStep(true)
        var trace: [UInt64] = []
        for _ in 0..<3 {
            guard case .debug(let exception, let pc, _) = try processor.run() else { break }
            #expect(exception == 1)
            trace.append(pc)
        }
        #expect(trace == [0x10005, 0x10007, 0x10008])
        #expect(try processor.registers()[.rax] == 2)
        #expect(try machine.read(2, at: 0x10000) == [0xB8, 0x01])
    }

    @Test("The kernel gives back the registers that it was given")
    func registers() throws {
        let system = try System()
        let machine = try VirtualMachine(system, memorySize: 1 << 20)
        let processor = try machine.makeVirtualCPU()
        try processor.setCPUID(system.supportedCPUID())
        let special = KVMGuest.starting(.long64, []).specialRegisters
        try processor.setSpecialRegisters(special)
        #expect(try processor.specialRegisters() == special)
        var registers = KVMRegisters()
        for register in GeneralRegister.allCases {
            registers[register] = 0x0101_0101_0101_0100 * UInt64(register.rawValue + 1)
        }
        registers.rip = 0x1234
        registers.rflags = 0xCD7
        try processor.setRegisters(registers)
        #expect(try processor.registers() == registers)
    }

    @Test("A state that no processor has is refused by name")
    func impossibleState() throws {
        var guest = KVMGuest.starting(.long64, Listings.steps.bytes)
        guest.specialRegisters.cr4 = 0
        #expect(throws: KVMError.requestFailed(.setSpecialRegisters, errno: 22)) {
            _ = try guest.run(on: System())
        }
    }

    @Test("Memory that is too large, empty, or left is an error", arguments: [0, UInt64.max])
    func memorySize(_ size: UInt64) throws {
        #expect(throws: KVMError.memorySize(size)) {
            _ = try VirtualMachine(System(), memorySize: size)
        }
        let machine = try VirtualMachine(System(), memorySize: 1)
        #expect(machine.memorySize == 4096)
        #expect(throws: KVMError.outsideMemory(address: 4095, count: 2)) {
            try machine.write([1, 2], at: 4095)
        }
        #expect(throws: KVMError.outsideMemory(address: .max, count: 1)) {
            _ = try machine.read(1, at: .max)
        }
        let guest = KVMGuest.starting(.long64, Listings.steps.bytes)
        #expect(throws: KVMError.outsideMemory(address: 0, count: .max)) {
            _ = try guest.run(on: System(), capture: [0..<UInt64.max])
        }
    }

    @Test("What is made is closed: two hundred machines one after the other")
    func nothingLeaks() throws {
        let system = try System()
        for _ in 0..<200 {
            let machine = try VirtualMachine(system, memorySize: 1 << 20)
            let processor = try machine.makeVirtualCPU()
            _ = try processor.registers()
        }
        // The next descriptor is the lowest that is free; other tests have a few open.
        let next = dup(0)
        defer { close(next) }
        #expect(next < 200)
    }
}
