import Architecture
import Hypervisor
import Machine

/// What root software does, as text.
enum RootText {
    static func text(_ operation: RootOperation) -> String {
        let parts = operation.parts
        switch (parts.field, parts.value) {
        case (let field?, let value?):
            return "\(parts.name) \(field.name) = \(HexText.prose(value))"
        case (nil, let address?): return "\(parts.name) \(HexText.register(address))"
        default: return parts.name
        }
    }

    /// In a few words, for one line with others; nil: not worth one.
    static func short(_ action: HypervisorAction) -> String? {
        switch action {
        case .dispatch(_, let reaction): reaction == .stop ? "stop" : nil
        case .emulateCPUID(let leaf, _, _, _, _, _):
            "emulate CPUID leaf \(HexText.prose(UInt64(leaf)))"
        case .endRun: nil
        default: text(action)
        }
    }

    static func text(_ action: HypervisorAction) -> String {
        switch action {
        // There is nothing to emulate: a shutdown is all that is left to the guest.
        case .dispatch(.tripleFault, .emulate): "\(ExitReason.tripleFault.name): shut down"
        case .dispatch(let reason, let reaction): "\(reason.name): \(word(reaction))"
        case .emulateCPUID(let leaf, let subleaf, let eax, let ebx, let ecx, let edx):
            "CPUID leaf \(HexText.prose(UInt64(leaf))), subleaf \(HexText.prose(UInt64(subleaf))): "
                + "EAX=\(HexText.register(UInt64(eax))) EBX=\(HexText.register(UInt64(ebx))) "
                + "ECX=\(HexText.register(UInt64(ecx))) EDX=\(HexText.register(UInt64(edx)))"
        case .emulateINVD: "INVD done as WBINVD"
        case .emulateXSETBV(let value): "XCR0 becomes \(HexText.prose(value))"
        case .emulateControlRegister(let number, let shadow, let real):
            "CR\(number) shadow \(HexText.register(shadow)) real \(HexText.register(real))"
        case .emulatePort(let transfer): text(transfer)
        case .emulateMSR(let number, let value, let isWrite):
            "MSR \(HexText.prose(UInt64(number))) "
                + (isWrite ? "becomes " : "reads as ") + HexText.register(value)
        case .skip(let bytes): "skip \(Wording.count(bytes, "byte"))"
        case .inject(let vector, let errorCode): "inject \(exception(vector, errorCode))"
        case .map(let address): "map guest-physical \(HexText.register(address))"
        case .endRun: "end the run"
        }
    }

    static func text(_ transfer: PortTransfer) -> String {
        let value = HexText.padded(UInt64(transfer.value), Int(transfer.size) * 2)
        let port = HexText.prose(UInt64(transfer.port))
        return transfer.isInput ? "port \(port) gives \(value)" : "\(value) goes to port \(port)"
    }

    /// "#GP(0)", "#UD", "vector 20h".
    static func exception(_ vector: UInt8, _ errorCode: UInt32?) -> String {
        let name =
            ExceptionVector(rawValue: vector)?.mnemonic ?? "vector \(HexText.prose(UInt64(vector)))"
        return name + (errorCode.map { "(\(String($0, radix: 16, uppercase: true)))" } ?? "")
    }

    /// What a debug exception sets in DR6, as ", DR6.BS: …"; nothing for other exceptions.
    static func debugCause(_ vector: UInt8, _ detail: UInt64?) -> String {
        guard vector == ExceptionVector.debug.rawValue, let detail, detail != 0 else { return "" }
        let causes = DebugExceptionBit.allCases.filter { detail.has($0) }
            .map { "DR6.\($0.name): \($0.title)" }
        return ", " + causes.joined(separator: "; ")
    }

    private static func word(_ reaction: ExitPolicy.Reaction) -> String {
        switch reaction {
        case .emulate: "emulate"
        case .skip: "skip the instruction"
        case .stop: "stop"
        case .injectGP: "inject #GP(0)"
        }
    }
}
