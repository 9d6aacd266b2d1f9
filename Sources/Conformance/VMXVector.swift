import Architecture
import Hypervisor
import Machine
import Narration

/// A recorded run of VM entries and exits: set up, launched, and reacted to as its script says.
struct VMXVector {
    private let vector: JSON
    private let folder: VectorFolder

    init(_ vector: JSON, _ folder: VectorFolder) {
        self.vector = vector
        self.folder = folder
    }

    /// Addresses of the regions that the root side needs, above all RAM of a vector.
    private static let rootMemory: UInt64 = 0xFF_0000_0000
    private static let ramSize: UInt64 = 64 << 20
    /// Guest instructions between two exits.
    private static let stepLimit: UInt64 = 5_000_000

    // MARK: Replay

    /// The events, in the vectors' own form.
    func observe() throws(VectorError) -> [JSON] {
        guard let name = vector["processor"]?.stringValue else {
            throw VectorError("expected \"processor\"")
        }
        let processor = try Self.processor(named: name, folder)
        var machine = Machine(processor: processor, memorySize: Self.ramSize)
        try MemoryImage.load(vector["memory"], folder, into: &machine.memory)
        try setUp(&machine)
        var recorder = ExitRecorder(machine)
        var events: [JSON] = []
        var counts: [String: Int] = [:]
        let limit = min(vector["maxExits"]?.number ?? 64, 100_000)
        var hasLaunched = false
        while events.count < limit {
            let event: JSON
            let result = hasLaunched ? machine.vmresume() : machine.vmlaunch()
            switch result {
            case .entered:
                hasLaunched = true
                try run(&machine)
                event = recorder.exit(&machine)
            case .entryFailed: event = recorder.exit(&machine)
            case .failInvalid, .failValid: event = recorder.failure(result, machine)
            case .notModelled(let what): throw VectorError("not modelled: \(what.text)")
            case .succeed, .fault, .aborted: throw VectorError("VM entry came to \(result)")
            }
            events.append(event)
            let reason =
                event["kind"]?.stringValue == "vmfail"
                ? "vmfail" : event["reason"]?.stringValue ?? ""
            let nth = counts[reason, default: 0]
            counts[reason] = nth + 1
            guard events.count < limit else { break }
            let goesOn = try react(to: reason, event: events.count - 1, nth, &machine)
            guard goesOn else { break }
            recorder.noteFields(machine)
        }
        return events
    }

    private func run(_ machine: inout Machine) throws(VectorError) {
        let stop = machine.run(Machine.Limits(steps: machine.steps &+ Self.stepLimit))
        switch stop {
        case .exited: return
        case .notModelled(let what): throw VectorError("not modelled: \(what.text)")
        case .stepBudget: throw VectorError("no exit within \(Self.stepLimit) steps")
        default: throw VectorError("the guest stopped without an exit: \(stop)")
        }
    }

    static func processor(named name: String, _ folder: VectorFolder) throws(VectorError)
        -> Processor
    {
        let file = try folder.json("processor", name)
        var msrs: [UInt32: UInt64] = [:]
        for member in file["msrs"]?.memberList ?? [] {
            guard let number = JSON.string(member.key).number, let value = member.value.number
            else {
                throw VectorError("processor-\(name).json: bad MSR \(member.key)")
            }
            msrs[UInt32(truncatingIfNeeded: number)] = value
        }
        var leaves: [UInt32: [UInt32]] = [:]
        for member in file["cpuid"]?.memberList ?? [] {
            guard let leaf = JSON.string(member.key).number else {
                throw VectorError("processor-\(name).json: bad leaf \(member.key)")
            }
            leaves[UInt32(truncatingIfNeeded: leaf)] = (member.value.listValue ?? []).map {
                UInt32(truncatingIfNeeded: $0.number ?? 0)
            }
        }
        return Processor(name: name, vmxMSRs: msrs, cpuid: leaves)
    }

    // MARK: Set-up

    private func setUp(_ machine: inout Machine) throws(VectorError) {
        guard let vmx = machine.processor.vmx else { throw VectorError("a processor without VMX") }
        let vmxon = Self.rootMemory
        let vmcs = Self.rootMemory + 0x1000
        machine.memory.addBank(base: Self.rootMemory, size: 0x4000)
        machine.state = Self.rootState(vmx)
        for address in [vmxon, vmcs] {
            machine.writePhysical(address, UInt64(vmx.revision), size: 4)
        }
        let results = [machine.vmxon(vmxon), machine.vmclear(vmcs), machine.vmptrld(vmcs)]
        guard results.allSatisfy({ $0 == .succeed }) else {
            throw VectorError("VMXON, VMCLEAR, VMPTRLD came to \(results)")
        }
        for member in vector["vmcs"]?.memberList ?? [] {
            guard let field = VMCSField(name: member.key), let value = member.value.number else {
                throw VectorError("vmcs: unknown field or bad value \"\(member.key)\"")
            }
            guard machine.vmwrite(UInt64(field.rawValue), value) == .succeed else {
                throw VectorError("vmcs: this processor has no \(member.key)")
            }
        }
        for member in vector["registers"]?.memberList ?? [] {
            guard let register = GeneralRegister.allCases.first(where: { $0.name == member.key }),
                let value = member.value.number
            else { throw VectorError("registers: unknown \"\(member.key)\"") }
            machine.state.registers[register] = value
        }
    }

    /// 64-bit, ring 0, whatever the vector's host fields say.
    private static func rootState(_ vmx: VMXCapabilities) -> ProcessorState {
        var state = ProcessorState()
        state.cr0 = 0x8000_0031 | vmx.cr0Fixed0
        state.cr4 = 0x20 | vmx.cr4Fixed0
        state.efer = 0x500
        state.cs = Segment(selector: 0x18, base: 0, limit: 0xFFFF_FFFF, access: 0xA09B)
        state.ss = Segment(selector: 0x10, base: 0, limit: 0xFFFF_FFFF, access: 0xC093)
        state.msrs.featureControl = 5
        return state
    }

    // MARK: The script

    /// Runs the first handler that matches; false: stop here.
    private func react(
        to reason: String, event: Int, _ nth: Int, _ machine: inout Machine
    ) throws(VectorError) -> Bool {
        for handler in vector["handlers"]?.listValue ?? [] {
            let wanted = handler["reason"]?.stringValue ?? "any"
            guard wanted == reason || (wanted == "any" && reason != "vmfail") else { continue }
            if let number = handler["nth"]?.number, number != UInt64(event) { continue }
            if let number = handler["nth_of_reason"]?.number, number != UInt64(nth) { continue }
            for action in handler["do"]?.listValue ?? [] {
                guard try perform(action.listValue ?? [], &machine) else { return false }
            }
            return true
        }
        return false
    }

    private func perform(_ action: [JSON], _ machine: inout Machine) throws(VectorError) -> Bool {
        func number(_ index: Int) throws(VectorError) -> UInt64 {
            guard action.indices.contains(index), let value = action[index].number else {
                throw VectorError("action: expected a number as word \(index + 1)")
            }
            return value
        }
        func field() throws(VectorError) -> VMCSField {
            guard action.count > 1, let name = action[1].stringValue,
                let field = VMCSField(name: name)
            else { throw VectorError("action: expected a field") }
            return field
        }
        switch action.first?.stringValue {
        case "stop": return false
        case "skip":
            let rip = value(.guestRIP, &machine) &+ value(.exitInstructionLength, &machine)
            set(.guestRIP, rip, &machine)
        case "gpr_to_field":
            let name = action.count > 2 ? action[2].stringValue : nil
            guard let register = GeneralRegister.allCases.first(where: { $0.name == name }) else {
                throw VectorError("action: expected a register")
            }
            // RSP is in the VMCS after an exit, not in the register.
            let content =
                register == .rsp
                ? value(.guestRSP, &machine) : machine.state.registers[register]
            set(try field(), content, &machine)
        case "vmwrite": set(try field(), try number(2), &machine)
        case "set_bits":
            let target = try field()
            set(target, value(target, &machine) | (try number(2)), &machine)
        case "clear_bits":
            let target = try field()
            set(target, value(target, &machine) & ~(try number(2)), &machine)
        case "inject":
            let type = try number(1) & 7
            let vectorNumber = try number(2) & 0xFF
            let code = try number(3)
            let takesCode = action.count > 3 && Self.pushesErrorCode(type, vectorNumber)
            let valid: UInt64 = takesCode ? 0x8000_0800 : 0x8000_0000
            set(.entryInterruptionInformation, vectorNumber | type << 8 | valid, &machine)
            set(.entryExceptionErrorCode, code, &machine)
            set(.entryInstructionLength, try number(4), &machine)
        case "mem":
            machine.writePhysical(try number(2), try number(3), size: Int(min(8, try number(1))))
        default: throw VectorError("action: unknown \(action.first?.text ?? "nothing")")
        }
        return true
    }

    private static func pushesErrorCode(_ type: UInt64, _ vector: UInt64) -> Bool {
        type == 3 && (ExceptionVector(rawValue: UInt8(vector))?.hasErrorCode ?? false)
    }

    private func value(_ field: VMCSField, _ machine: inout Machine) -> UInt64 {
        machine.vmread(UInt64(field.rawValue)).1
    }

    private func set(_ field: VMCSField, _ value: UInt64, _ machine: inout Machine) {
        _ = machine.vmwrite(UInt64(field.rawValue), value)
    }
}
