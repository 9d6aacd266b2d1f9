import Architecture
import Machine

/// A recorded sequence of instructions: its start, and what other implementations made of it.
public struct InstructionVector: Decodable, Sendable {
    /// 16 (real mode), 32 (protected, flat) or 64 (long, flat).
    public var mode: Int
    /// The bytes in hexadecimal; an F4 behind the last ends the sequence.
    public var code: String
    /// Linear address of the first byte.
    public var start: UInt64
    /// General registers and `flags`; in mode 16 segment selectors too.
    public var registers: [String: UInt64]
    public var memory: [Patch]
    public var expect: Expectation?

    /// Bytes at a linear address.
    public struct Patch: Decodable, Sendable, Equatable {
        public var address: UInt64
        public var bytes: [UInt8]

        public init(address: UInt64, bytes: [UInt8]) {
            self.address = address
            self.bytes = bytes
        }

        public init(from decoder: Decoder) throws {
            var container = try decoder.unkeyedContainer()
            address = try container.decode(UInt64.self)
            bytes = try InstructionVector.bytes(try container.decode(String.self))
        }
    }

    public struct Expectation: Decodable, Sendable {
        /// Those that differ at the end.
        public var registers: [String: UInt64]
        public var memory: [Patch]
        /// Flags that the manual defines at the end: no others are compared.
        public var flagsMask: UInt64
        /// Linear address of the HLT that ended the sequence.
        public var end: UInt64
    }

    /// What is wrong with a vector.
    public enum FormatError: Error, Equatable {
        case mode(Int)
        case hexadecimal(String)
        case unknownRegister(String)
    }

    static func bytes(_ text: String) throws -> [UInt8] {
        let digits = try text.utf8.map { digit throws -> UInt8 in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
            default: throw FormatError.hexadecimal(text)
            }
        }
        guard digits.count.isMultiple(of: 2) else { throw FormatError.hexadecimal(text) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

/// What the machine made of an instruction vector.
public struct InstructionOutcome: Sendable, Equatable {
    /// Registers that differ from the start, and `flags`.
    public var registers: [String: UInt64]
    /// Bytes that differ from the start, in runs, at rising addresses.
    public var memory: [InstructionVector.Patch]
    /// Linear address of the HLT that ended it; nil where something else did.
    public var end: UInt64?
    public var stop: StopReason
}

extension InstructionVector {
    private static let memorySize: UInt64 = 1 << 20
    /// Where the page tables of mode 64 are: behind all memory of the vector.
    private static let pageTables: UInt64 = 1 << 32
    /// No vector needs more; a loop that does not end is cut off here.
    private static let stepLimit: UInt64 = 1_000_000

    /// Runs the sequence on a processor of this kind.
    public func replay(on processor: Processor) throws -> InstructionOutcome {
        var machine = Machine(processor: processor, memorySize: Self.memorySize)
        let start = try startState()
        machine.state = start
        if mode == 64 { buildPageTables(&machine.memory) }
        for patch in memory { machine.memory.load(patch.bytes, at: patch.address) }
        machine.memory.load(try Self.bytes(code) + [0xF4], at: self.start)
        let before = machine.memory
        let stop = machine.run(Machine.Limits(steps: Self.stepLimit))
        var registers: [String: UInt64] = [:]
        let state = machine.state
        for (name, value) in names(state) where value != self.registers[name] ?? 0 {
            registers[name] = value
        }
        registers["flags"] = state.rflags
        let hasHalted = stop == .hlt
        let base = mode == 64 ? 0 : state.cs.base
        return InstructionOutcome(
            registers: registers, memory: changes(machine.memory, since: before),
            end: hasHalted ? (base &+ state.rip &- 1) & 0xFFFF_FFFF : nil, stop: stop)
    }

    // MARK: The start

    private func startState() throws -> ProcessorState {
        var state = ProcessorState()
        switch mode {
        case 16: state.cr0 = 0x30
        case 32:
            state.cr0 = 0x31
            setFlatSegments(&state, codeAccess: 0xC09B)
        case 64:
            state.cr0 = 0x8000_0031
            state.cr3 = Self.pageTables
            state.cr4 = 0x20
            state.efer = 0x500
            setFlatSegments(&state, codeAccess: 0xA09B)
        default: throw FormatError.mode(mode)
        }
        for (name, value) in registers { try set(name, value, &state) }
        state.rip = start &- (mode == 16 ? state.cs.base : 0)
        return state
    }

    private func setFlatSegments(_ state: inout ProcessorState, codeAccess: UInt32) {
        state.cs = Segment(selector: 8, base: 0, limit: 0xFFFF_FFFF, access: codeAccess)
        for name in [SegmentRegister.es, .ss, .ds, .fs, .gs] {
            state[name] = Segment(selector: 16, base: 0, limit: 0xFFFF_FFFF, access: 0xC093)
        }
    }

    /// Identity in 2 MiB pages: the first gigabyte is enough.
    private func buildPageTables(_ memory: inout PhysicalMemory) {
        memory.addBank(base: Self.pageTables, size: 0x3000)
        memory.write(Self.pageTables, Self.pageTables + 0x1003, size: 8)
        memory.write(Self.pageTables + 0x1000, Self.pageTables + 0x2003, size: 8)
        for index in UInt64(0)..<512 {
            memory.write(Self.pageTables + 0x2000 + index * 8, index << 21 | 0xE3, size: 8)
        }
    }

    // MARK: Registers by name

    private func set(
        _ name: String, _ value: UInt64, _ state: inout ProcessorState
    ) throws {
        if name == "flags" {
            state.rflags = value
        } else if let register = GeneralRegister.allCases.first(where: { self.name($0) == name }) {
            state.registers[register] = value
        } else if let segment = SegmentRegister.allCases.first(where: { $0.name == name }) {
            let selector = UInt16(truncatingIfNeeded: value)
            state[segment] = .realMode(selector, code: segment == .cs)
        } else {
            throw FormatError.unknownRegister(name)
        }
    }

    private func name(_ register: GeneralRegister) -> String {
        register.name(bytes: mode == 64 ? 8 : 4)
    }

    /// The registers that a vector of this mode lists.
    private func names(_ state: ProcessorState) -> [(String, UInt64)] {
        let values = state.registers.values
        var found = GeneralRegister.allCases.prefix(mode == 64 ? 16 : 8).map {
            (name($0), values[Int($0.rawValue)])
        }
        if mode == 16 {
            found += SegmentRegister.allCases.map { ($0.name, UInt64(state[$0].selector)) }
        }
        return found
    }

    // MARK: Memory

    /// Bytes that differ, in runs. The page tables' own flags are not the vector's.
    private func changes(_ now: PhysicalMemory, since before: PhysicalMemory) -> [Patch] {
        var runs: [Patch] = []
        for page in now.pagesWritten(since: before) where page < Self.memorySize {
            let new = now.bytes(page, count: PhysicalMemory.pageSize)
            let old = before.bytes(page, count: PhysicalMemory.pageSize)
            for (offset, byte) in new.enumerated() where byte != old[offset] {
                let address = page + UInt64(offset)
                if let last = runs.last, last.address + UInt64(last.bytes.count) == address {
                    runs[runs.count - 1].bytes.append(byte)
                } else {
                    runs.append(Patch(address: address, bytes: [byte]))
                }
            }
        }
        return runs
    }

    // MARK: Comparing

    /// What differs from the expectation, a line each; empty where all is as expected.
    public func differences(_ outcome: InstructionOutcome) -> [String] {
        guard let expect else { return [] }
        var found: [String] = []
        func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
        if outcome.end != expect.end {
            let end = outcome.end.map(hexadecimal) ?? "\(outcome.stop)"
            found.append("end: \(end), expected \(hexadecimal(expect.end))")
        }
        for name in Set(registers.keys).union(expect.registers.keys).sorted() {
            let start = registers[name] ?? 0
            var actual = outcome.registers[name] ?? start
            var wanted = expect.registers[name] ?? start
            if name == "flags" {
                actual &= expect.flagsMask
                wanted &= expect.flagsMask
            }
            if actual != wanted {
                found.append("\(name): \(hexadecimal(actual)), expected \(hexadecimal(wanted))")
            }
        }
        return found + memoryDifferences(outcome, expect)
    }

    private func memoryDifferences(
        _ outcome: InstructionOutcome, _ expect: Expectation
    ) -> [String] {
        var start: [UInt64: UInt8] = [:]
        func fill(_ bytes: inout [UInt64: UInt8], _ patches: [Patch]) {
            for patch in patches {
                for (offset, byte) in patch.bytes.enumerated() {
                    bytes[patch.address &+ UInt64(offset)] = byte
                }
            }
        }
        fill(&start, memory)
        let codeBytes = (try? Self.bytes(code)) ?? []
        fill(&start, [Patch(address: self.start, bytes: codeBytes + [0xF4])])
        var actual = start
        var wanted = start
        fill(&actual, outcome.memory)
        fill(&wanted, expect.memory)
        return Set(actual.keys).union(wanted.keys).sorted().compactMap { address in
            let left = actual[address] ?? 0
            let right = wanted[address] ?? 0
            guard left != right else { return nil }
            return "memory at \(address): \(left), expected \(right)"
        }
    }
}
