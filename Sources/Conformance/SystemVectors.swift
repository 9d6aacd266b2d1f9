import Architecture
import Machine
import Narration

/// A recorded program that provokes faults and tells by port E9h what its handlers saw.
struct SystemVector {
    private let vector: JSON
    private let folder: VectorFolder

    init(_ vector: JSON, _ folder: VectorFolder) {
        self.vector = vector
        self.folder = folder
    }

    private static let memorySize: UInt64 = 64 << 20
    /// No vector needs as many.
    private static let stepLimit: UInt64 = 10_000_000

    /// What the program wrote, and how it ended.
    struct Outcome {
        /// Without the last line, `end`.
        var lines: [String]
        var end: String

        var json: JSON {
            .members(("e9", .list(lines.map { .string($0) })), ("end", .string(end)))
        }

        /// The first line that differs, and the end if it does.
        func differences(from expect: JSON) -> [String] {
            let wanted = (expect["e9"]?.listValue ?? []).map { $0.stringValue ?? "" }
            var found: [String] = []
            for index in 0..<max(lines.count, wanted.count) {
                let left = index < lines.count ? lines[index] : "nothing"
                let right = index < wanted.count ? wanted[index] : "nothing"
                guard left != right else { continue }
                found.append("line \(index + 1): \(left), expected \(right)")
                break
            }
            let wantedEnd = expect["end"]?.stringValue ?? ""
            if end != wantedEnd { found.append("end: \(end), expected \(wantedEnd)") }
            return found
        }
    }

    // MARK: Replay

    func observe() throws(VectorError) -> Outcome {
        guard let start = vector["state"] else { throw VectorError("expected \"state\"") }
        var machine = Machine(processor: .skylake, memorySize: Self.memorySize)
        try MemoryImage.load(vector["memory"], folder, into: &machine.memory)
        machine.state = try processorState(start)
        loadPDPTEs(&machine)
        let stop = machine.run(Machine.Limits(steps: Self.stepLimit))
        let bytes = machine.ports.takeOutput().filter { $0.port == PortBus.debugOutput }.map(\.byte)
        var lines = bytes.split(separator: UInt8(ascii: "\n"))
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last == "end" { lines.removeLast() }
        switch stop {
        case .port: return Outcome(lines: lines, end: "port")
        case .hlt: return Outcome(lines: lines, end: "hlt")
        case .shutdown: return Outcome(lines: lines, end: "shutdown")
        case .notModelled(let what): throw VectorError("not modelled: \(what.text)")
        default: throw VectorError("the program stopped otherwise: \(stop)")
        }
    }

    // MARK: The start

    private func processorState(_ start: JSON) throws(VectorError) -> ProcessorState {
        func number(_ key: String, in object: JSON? = nil) throws(VectorError) -> UInt64 {
            guard let value = (object ?? start)[key]?.number else {
                throw VectorError("state: expected \"\(key)\"")
            }
            return value
        }
        var state = ProcessorState()
        state.rip = try number("rip")
        state.rflags = try number("rflags")
        for member in start["registers"]?.memberList ?? [] {
            guard let register = GeneralRegister.allCases.first(where: { $0.name == member.key }),
                let value = member.value.number
            else { throw VectorError("registers: unknown \"\(member.key)\"") }
            state.registers[register] = value
        }
        for member in start["segments"]?.memberList ?? [] {
            let segment = Segment(
                selector: UInt16(truncatingIfNeeded: try number("selector", in: member.value)),
                base: try number("base", in: member.value),
                limit: UInt32(truncatingIfNeeded: try number("limit", in: member.value)),
                access: UInt32(truncatingIfNeeded: try number("access", in: member.value)))
            try set(member.key, segment, &state)
        }
        for (key, path) in [("gdtr", \ProcessorState.gdtr), ("idtr", \ProcessorState.idtr)] {
            state[keyPath: path] = DescriptorTableRegister(
                base: try number("base", in: start[key]),
                limit: UInt16(truncatingIfNeeded: try number("limit", in: start[key])))
        }
        state.cr0 = try number("cr0")
        state.cr2 = try number("cr2")
        state.cr3 = try number("cr3")
        state.cr4 = try number("cr4")
        state.efer = try number("efer")
        let debug = (start["dr"]?.listValue ?? []).compactMap(\.number)
        guard debug.count == 6 else { throw VectorError("state: expected six values in \"dr\"") }
        for index in 0..<4 { state.dr[index] = debug[index] }
        state.dr6 = debug[4]
        state.dr7 = debug[5]
        for member in start["msrs"]?.memberList ?? [] {
            guard let number = JSON.string(member.key).number, let value = member.value.number,
                let msr = MSR(rawValue: UInt32(truncatingIfNeeded: number)),
                set(msr, value, &state)
            else { throw VectorError("msrs: unknown \"\(member.key)\"") }
        }
        if state.isVirtual8086 {
            state.cpl = 3
        } else if state.isProtected {
            state.cpl = state.ss.dpl
        }
        return state
    }

    private func set(
        _ name: String, _ segment: Segment, _ state: inout ProcessorState
    ) throws(VectorError) {
        switch name {
        case "ldtr": state.ldtr = segment
        case "tr": state.tr = segment
        default:
            guard let register = SegmentRegister.allCases.first(where: { $0.name == name }) else {
                throw VectorError("segments: unknown \"\(name)\"")
            }
            state[register] = segment
        }
    }

    /// False: a vector cannot set this one.
    private func set(
        _ msr: MSR, _ value: UInt64, _ state: inout ProcessorState
    ) -> Bool {
        switch msr {
        case .fsBase: state.fs.base = value
        case .gsBase: state.gs.base = value
        case .sysenterCS: state.msrs.sysenterCS = value
        case .sysenterESP: state.msrs.sysenterESP = value
        case .sysenterEIP: state.msrs.sysenterEIP = value
        case .star: state.msrs.star = value
        case .lstar: state.msrs.lstar = value
        case .cstar: state.msrs.cstar = value
        case .fmask: state.msrs.fmask = value
        case .kernelGSBase: state.msrs.kernelGSBase = value
        case .tscAux: state.msrs.tscAux = value
        case .pat: state.msrs.pat = value
        default: return false
        }
        return true
    }

    /// The registers that PAE paging loaded when CR3 was written.
    private func loadPDPTEs(_ machine: inout Machine) {
        let state = machine.state
        guard state.isPaging, !state.isLongMode, state.cr4.has(CR4Bit.pae) else { return }
        for index in 0..<4 {
            let address = (state.cr3 & 0xFFFF_FFE0) &+ UInt64(index) * 8
            machine.state.pdptes[index] = machine.readPhysical(address, size: 8)
        }
    }
}
