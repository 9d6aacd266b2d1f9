import Architecture
import Machine

/// What an exit qualification says, in words. SDM 3C, "Basic VM-Exit Information".
enum QualificationText {
    /// Empty where the reason gives the qualification no meaning.
    static func text(_ exit: ExitEvent) -> String {
        let value = exit.qualification
        switch exit.reason {
        case .crAccess: return controlRegister(CRAccessQualification(rawValue: value))
        case .ioInstruction: return port(IOQualification(rawValue: value))
        case .drAccess:
            let access = DRAccessQualification(rawValue: value)
            let register = access.register.name.uppercased()
            return access.isRead
                ? "MOV from DR\(access.debugRegister) to \(register)"
                : "MOV to DR\(access.debugRegister) from \(register)"
        case .eptViolation: return violation(value)
        case .taskSwitch:
            let access = TaskSwitchQualification(rawValue: value)
            return "\(access.source.title), selector \(HexText.padded(UInt64(access.selector), 4))"
        case .apicAccess: return APICAccessQualification(rawValue: value).access?.title ?? ""
        case .exceptionOrNMI:
            let information = InterruptionInformation(rawValue: exit.interruption)
            let isPageFault = information.vector == ExceptionVector.pageFault.rawValue
            return isPageFault ? "the linear address that faulted" : ""
        case .entryFailureGuestState:
            return EntryFailureQualification(rawValue: value)?.title ?? ""
        case .invlpg: return "the linear address of the operand"
        default: return ""
        }
    }

    private static func controlRegister(_ access: CRAccessQualification) -> String {
        let register = access.register.name.uppercased()
        switch access.access {
        case .movTo: return "MOV to CR\(access.controlRegister) from \(register)"
        case .movFrom: return "MOV from CR\(access.controlRegister) to \(register)"
        case .clts: return "CLTS"
        case .lmsw:
            let place = access.isMemoryOperand ? "memory" : "a register"
            return "LMSW of \(HexText.padded(UInt64(access.lmswSource), 4)) from \(place)"
        }
    }

    private static func port(_ access: IOQualification) -> String {
        let name =
            switch (access.isIn, access.isString) {
            case (true, false): "IN"
            case (false, false): "OUT"
            case (true, true): "INS"
            case (false, true): "OUTS"
            }
        let port = HexText.padded(UInt64(access.port), 4) + "h"
        let place = access.isImmediate ? "given in the instruction" : "in DX"
        return (access.hasREP ? "REP " : "") + "\(name) of \(Wording.count(access.bytes, "byte")), "
            + "port \(port) \(place)"
    }

    private static func violation(_ value: UInt64) -> String {
        let access: [(EPTViolationBit, String)] = [
            (.read, "read"), (.write, "write"), (.fetch, "fetch"),
        ]
        let rights: [(EPTViolationBit, String)] = [
            (.readable, "read"), (.writable, "write"), (.executable, "fetch"),
        ]
        let tried = access.filter { value.has($0.0) }.map(\.1)
        let allowed = rights.filter { value.has($0.0) }.map(\.1)
        return "a \(Wording.list(tried, "and")), where the entries allow "
            + (allowed.isEmpty ? "nothing" : Wording.list(allowed))
    }
}

extension InterruptionInformation {
    /// The event in words, as "#GP, hardware exception, with an error code".
    var text: String {
        let name =
            type == .hardwareException || type == .softwareException
            ? ExceptionVector(rawValue: vector)?.mnemonic : nil
        let kind = type?.title ?? "reserved type \(typeNumber)"
        let code = hasErrorCode ? ", with an error code" : ""
        return "\(name ?? "vector \(HexText.prose(UInt64(vector)))"), \(kind)\(code)"
    }
}
