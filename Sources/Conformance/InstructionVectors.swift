import Architecture
import Machine
import Narration

/// A recorded sequence of instructions: its start, and what other implementations made of it.
struct InstructionVector {
    /// 16 (real mode), 32 (protected, flat) or 64 (long, flat).
    let mode: UInt64
    /// The bytes; an F4 behind the last ends the sequence.
    let code: [UInt8]
    /// Linear address of the first byte.
    let start: UInt64
    /// General registers and `flags`; in mode 16 segment selectors too.
    let registers: [String: UInt64]
    let memory: [Patch]
    let expect: Expectation?

    /// Bytes at a linear address.
    struct Patch: Equatable {
        var address: UInt64
        var bytes: [UInt8]
    }

    struct Expectation {
        /// Those that differ at the end.
        let registers: [String: UInt64]
        let memory: [Patch]
        /// Flags that the manual defines at the end: no others are compared.
        let flagsMask: UInt64
        /// Linear address of the HLT that ended the sequence.
        let end: UInt64
    }

    init(_ vector: JSON) throws(VectorError) {
        mode = try Self.number(vector, "mode")
        guard let code = vector["code"]?.stringValue.flatMap(hexBytes) else {
            throw VectorError("expected \"code\" in hexadecimal")
        }
        self.code = code
        start = try Self.number(vector, "start")
        registers = try Self.registers(vector["registers"])
        memory = try Self.patches(vector["memory"])
        guard let wanted = vector["expect"] else {
            expect = nil
            return
        }
        expect = Expectation(
            registers: try Self.registers(wanted["registers"]),
            memory: try Self.patches(wanted["memory"]),
            flagsMask: try Self.number(wanted, "flagsMask"), end: try Self.number(wanted, "end"))
    }

    private static func number(_ object: JSON, _ key: String) throws(VectorError) -> UInt64 {
        guard let value = object[key]?.number else { throw VectorError("expected \"\(key)\"") }
        return value
    }

    private static func registers(_ object: JSON?) throws(VectorError) -> [String: UInt64] {
        var found: [String: UInt64] = [:]
        for member in object?.memberList ?? [] {
            guard let value = member.value.number else {
                throw VectorError("registers: bad value of \"\(member.key)\"")
            }
            found[member.key] = value
        }
        return found
    }

    private static func patches(_ list: JSON?) throws(VectorError) -> [Patch] {
        var found: [Patch] = []
        for item in list?.listValue ?? [] {
            guard let pair = item.listValue, pair.count == 2, let address = pair[0].number,
                let bytes = pair[1].stringValue.flatMap(hexBytes)
            else { throw VectorError("memory: expected an address and bytes") }
            found.append(Patch(address: address, bytes: bytes))
        }
        return found
    }
}

/// What the machine made of an instruction vector.
struct InstructionOutcome: Equatable {
    /// Registers that differ from the start, and `flags`.
    var registers: [String: UInt64]
    /// Bytes that differ from the start, in runs, at rising addresses.
    var memory: [InstructionVector.Patch]
    /// Linear address of the HLT that ended it; nil where something else did.
    var end: UInt64?
    var stop: StopReason
}

extension InstructionOutcome {
    /// In the form of the vectors' `expect`: exact decimal integers.
    var json: JSON {
        var members = [
            JSON.Member(
                "registers",
                .object(
                    registers.sorted { $0.key < $1.key }
                        .map { JSON.Member($0.key, .unsigned($0.value)) })),
            JSON.Member(
                "memory",
                .list(memory.map { .list([.unsigned($0.address), .string(hexText($0.bytes))]) })),
        ]
        if let end { members.append(JSON.Member("end", .unsigned(end))) }
        return .object(members)
    }
}

extension InstructionVector {
    private static let memorySize: UInt64 = 1 << 20
    /// Where the page tables of mode 64 are: behind all memory of the vector.
    private static let pageTables: UInt64 = 1 << 32
    /// No vector needs more; a loop that does not end is cut off here.
    private static let stepLimit: UInt64 = 1_000_000

    /// Runs the sequence on a processor of this kind.
    func replay(on processor: Processor) throws(VectorError) -> InstructionOutcome {
        var machine = Machine(processor: processor, memorySize: Self.memorySize)
        let start = try startState()
        machine.state = start
        if mode == 64 { buildPageTables(&machine.memory) }
        for patch in memory { machine.memory.load(patch.bytes, at: patch.address) }
        machine.memory.load(code + [0xF4], at: self.start)
        let before = machine.memory
        let stop = machine.run(Machine.Limits(steps: Self.stepLimit))
        var registers: [String: UInt64] = [:]
        let state = machine.state
        for (name, value) in names(state) where value != self.registers[name] ?? 0 {
            registers[name] = value
        }
        registers["flags"] = state.rflags
        let base = mode == 64 ? 0 : state.cs.base
        return InstructionOutcome(
            registers: registers, memory: changes(machine.memory, since: before),
            end: stop == .hlt ? (base &+ state.rip &- 1) & 0xFFFF_FFFF : nil, stop: stop)
    }

    // MARK: The start

    private func startState() throws(VectorError) -> ProcessorState {
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
        default: throw VectorError("mode \(mode): expected 16, 32 or 64")
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
    ) throws(VectorError) {
        if name == "flags" {
            state.rflags = value
        } else if let register = GeneralRegister.allCases.first(where: { self.name($0) == name }) {
            state.registers[register] = value
        } else if let segment = SegmentRegister.allCases.first(where: { $0.name == name }) {
            let selector = UInt16(truncatingIfNeeded: value)
            state[segment] = .realMode(selector, code: segment == .cs)
        } else {
            throw VectorError("registers: unknown \"\(name)\"")
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
    func differences(_ outcome: InstructionOutcome) -> [String] {
        guard let expect else { return [] }
        var found: [String] = []
        if outcome.end != expect.end {
            let end = outcome.end?.hex ?? "\(outcome.stop)"
            found.append("end: \(end), expected \(expect.end.hex)")
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
                found.append("\(name): \(actual.hex), expected \(wanted.hex)")
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
        fill(&start, [Patch(address: self.start, bytes: code + [0xF4])])
        var actual = start
        var wanted = start
        fill(&actual, outcome.memory)
        fill(&wanted, expect.memory)
        return Set(actual.keys).union(wanted.keys).sorted().compactMap { address in
            let left = actual[address] ?? 0
            let right = wanted[address] ?? 0
            guard left != right else { return nil }
            return "memory at \(address.hex): \(left.hex), expected \(right.hex)"
        }
    }
}
