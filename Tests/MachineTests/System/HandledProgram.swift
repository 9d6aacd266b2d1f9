import Architecture
import InstructionSet
import Testing

@testable import Machine

/// A program with a handler for each vector: the handler halts, so that a test can look around, and
/// then returns.
struct HandledProgram: ~Copyable {
    enum Mode { case real16, protected32, long64 }

    enum Place {
        static let gdt: UInt64 = 0x500
        static let tss: UInt64 = 0x1000
        static let otherTSS: UInt64 = 0x1100
        static let idt: UInt64 = 0x2000
        static let handlers: UInt64 = 0x4000
        static let innerStack: UInt64 = 0x7000
        static let stack: UInt64 = 0x7800
        static let code: UInt64 = 0x8000
        static let data: UInt64 = 0x9000
        static let otherStack: UInt64 = 0xB000
        /// PML4, PDPT, page directory.
        static let tables: UInt64 = 0x10_0000
    }

    /// Selectors; the user's with RPL 3.
    enum Selector {
        static let code: UInt16 = 0x08
        static let data: UInt16 = 0x10
        static let code64: UInt16 = 0x18
        static let tss: UInt16 = 0x20
        static let userCode: UInt16 = 0x33
        static let userData: UInt16 = 0x3B
        static let otherTSS: UInt16 = 0x40
        static let taskGate: UInt16 = 0x48
        /// For a test's own.
        static let free: UInt16 = 0x50
    }

    /// What a handler found.
    struct Event: Equatable {
        var vector: UInt8
        /// As an offset from the program's first byte.
        var address: UInt64
        var flags: UInt64
        var errorCode: UInt64?
    }

    let mode: Mode
    var machine: Machine

    init(
        _ source: String, _ mode: Mode = .protected32, cpl: UInt8 = 0,
        processor: Processor = .skylake
    ) throws {
        self.mode = mode
        machine = Machine(processor: processor, memorySize: 4 << 20)
        let bits = mode == .real16 ? 16 : mode == .protected32 ? 32 : 64
        let program = try Assembler.assemble(
            "bits \(bits)\norg \(Place.code)\n\(source)\nhlt", file: "test.asm")
        machine.memory.load(program.bytes, at: Place.code)
        machine.state.rip = Place.code
        machine.state.registers[.rsp] = Place.stack
        machine.state.cr4 = 0x200
        if mode == .real16 { setUpRealMode() } else { setUpProtectedMode(cpl) }
    }

    // MARK: What tests do

    /// Runs to the next handler; nil: the program ended with its HLT.
    mutating func next() throws -> Event? {
        if machine.state.activity == .hlt { leaveHandler() }
        let stop = machine.run(Machine.Limits(steps: machine.steps + 100_000))
        #expect(stop == .hlt)
        return event()
    }

    /// All events up to the program's end.
    mutating func events() throws -> [Event] {
        var found: [Event] = []
        while let event = try next() { found.append(event) }
        return found
    }

    /// Runs to what ends the run otherwise.
    mutating func stop() -> StopReason { machine.run(Machine.Limits(steps: 100_000)) }

    mutating func write(_ address: UInt64, _ value: UInt64, size: Int = 8) {
        machine.writePhysical(address, value, size: size)
    }

    mutating func read(_ address: UInt64, size: Int = 8) -> UInt64 {
        machine.readPhysical(address, size: size)
    }

    mutating func setDescriptor(_ selector: UInt16, _ value: UInt64) {
        write(Place.gdt + UInt64(selector & 0xFFF8), value)
    }

    /// Has the handler go back to another place in the program.
    mutating func setReturn(_ offset: UInt64) {
        let first = event()?.errorCode == nil ? 0 : 1
        write(frame(first), Place.code + offset, size: wordSize)
    }

    // MARK: Frames

    private var wordSize: Int { mode == .real16 ? 2 : mode == .protected32 ? 4 : 8 }

    private mutating func frame(_ index: Int) -> UInt64 {
        let base = mode == .long64 ? 0 : machine.state.ss.base
        return base + machine.state.registers[.rsp] + UInt64(index * wordSize)
    }

    /// What the handler found that the processor halts in; nil: it halts elsewhere.
    private mutating func event() -> Event? {
        let linear = (mode == .long64 ? 0 : machine.state.cs.base) + machine.state.rip
        guard linear > Place.handlers, linear <= Place.handlers + 0x1000 else { return nil }
        let vector = UInt8(truncatingIfNeeded: (linear - Place.handlers) / 16)
        let hasCode =
            mode != .real16 && ExceptionVector(rawValue: vector)?.hasErrorCode == true
        let first = hasCode ? 1 : 0
        return Event(
            vector: vector, address: read(frame(first), size: wordSize) &- Place.code,
            flags: read(frame(first + 2), size: wordSize),
            errorCode: hasCode ? read(frame(0), size: wordSize) : nil)
    }

    /// An error code is taken off the stack before IRET.
    private mutating func leaveHandler() {
        if event()?.errorCode != nil { machine.state.registers[.rsp] += UInt64(wordSize) }
        machine.state.activity = .active
    }

    // MARK: Set-up

    private mutating func setUpRealMode() {
        for vector in 0..<256 {
            let handler = Place.handlers + UInt64(vector * 16)
            machine.memory.load([0xF4, 0xCF], at: handler)
            write(UInt64(vector * 4), handler, size: 4)
        }
        machine.state.registers[.rsp] = 0x3F00
    }

    private mutating func setUpProtectedMode(_ cpl: UInt8) {
        let isLong = mode == .long64
        for vector in 0..<256 {
            let handler = Place.handlers + UInt64(vector * 16)
            machine.memory.load(isLong ? [0xF4, 0x48, 0xCF] : [0xF4, 0xCF], at: handler)
            let selector = UInt64(isLong ? Selector.code64 : Selector.code)
            let gate = handler & 0xFFFF | selector << 16 | 0xEE00 << 32 | (handler >> 16) << 48
            write(Place.idt + UInt64(vector * (isLong ? 16 : 8)), gate)
        }
        setDescriptor(Selector.code, 0x00CF_9B00_0000_FFFF)
        setDescriptor(Selector.data, 0x00CF_9300_0000_FFFF)
        setDescriptor(Selector.code64, 0x00AF_9B00_0000_FFFF)
        let userCode: UInt64 = isLong ? 0x00AF_FB00_0000_FFFF : 0x00CF_FB00_0000_FFFF
        setDescriptor(Selector.userCode, userCode)
        setDescriptor(Selector.userData, 0x00CF_F300_0000_FFFF)
        setDescriptor(Selector.tss, 0x0000_8B00_0000_0067 | Place.tss << 16)
        if !isLong {
            setDescriptor(Selector.otherTSS, 0x0000_8900_0000_0067 | Place.otherTSS << 16)
            setDescriptor(Selector.taskGate, 0xE500 << 32 | UInt64(Selector.otherTSS) << 16)
        }
        write(Place.tss + 4, Place.innerStack, size: isLong ? 8 : 4)
        if !isLong { write(Place.tss + 8, UInt64(Selector.data), size: 2) }

        machine.state.cr0 = 0x31
        machine.state.gdtr = DescriptorTableRegister(base: Place.gdt, limit: 0xFF)
        machine.state.idtr = DescriptorTableRegister(base: Place.idt, limit: 0xFFF)
        machine.state.tr = Segment(
            selector: Selector.tss, base: Place.tss, limit: 0x67, access: 0x8B)
        machine.state.ldtr = .unusable
        setSegments(cpl)
        if isLong { setUpPaging() }
    }

    private mutating func setSegments(_ cpl: UInt8) {
        let level = UInt32(cpl) << 5
        let size: UInt32 = mode == .long64 ? 0xA000 : 0xC000
        let code = cpl == 3 ? Selector.userCode : Selector.code
        machine.state.cs = Segment(
            selector: mode == .long64 && cpl == 0 ? Selector.code64 : code, base: 0,
            limit: 0xFFFF_FFFF, access: 0x9B | size | level)
        let data = Segment(
            selector: cpl == 3 ? Selector.userData : Selector.data, base: 0, limit: 0xFFFF_FFFF,
            access: 0xC093 | level)
        for name in [SegmentRegister.ss, .ds, .es, .fs, .gs] { machine.state[name] = data }
        machine.state.cpl = cpl
    }

    /// 2 MiB pages, the user's, over all of memory.
    private mutating func setUpPaging() {
        write(Place.tables, Place.tables + 0x1000 | 7)
        write(Place.tables + 0x1000, Place.tables + 0x2000 | 7)
        for index in UInt64(0)..<4 {
            write(Place.tables + 0x2000 + index * 8, index << 21 | 0x87)
        }
        machine.state.cr3 = Place.tables
        machine.state.cr4 |= 0x20
        machine.state.cr0 |= 0x8000_0000
        machine.state.efer = 0xD01
    }
}
