import Architecture
import Hypervisor
import Machine

extension RootOperation {
    /// The instruction's name, the field that it names, and the field's value or the address.
    var parts: (name: String, field: VMCSField?, value: UInt64?) {
        switch self {
        case .vmxon(let address): ("VMXON", nil, address)
        case .vmxoff: ("VMXOFF", nil, nil)
        case .vmclear(let address): ("VMCLEAR", nil, address)
        case .vmptrld(let address): ("VMPTRLD", nil, address)
        case .vmptrst(let address): ("VMPTRST", nil, address)
        case .vmread(let field, let value): ("VMREAD", field, value)
        case .vmwrite(let field, let value): ("VMWRITE", field, value)
        case .vmlaunch: ("VMLAUNCH", nil, nil)
        case .vmresume: ("VMRESUME", nil, nil)
        case .invept(_, let pointer): ("INVEPT", nil, pointer)
        case .invvpid(_, let vpid, _): ("INVVPID", nil, vpid)
        }
    }
}

/// What a hypervisor's action consists of, by names that do not change.
struct ActionFacts {
    enum Value {
        case hex(UInt64)
        case count(UInt64)
        case text(String)
        case flag(Bool)
        case none
    }

    let name: String
    let values: [(key: String, value: Value)]

    init(_ action: HypervisorAction) {
        switch action {
        case .dispatch(let reason, let reaction):
            name = "dispatch"
            values = [("reason", .text(reason.name)), ("reaction", .text(reaction.rawValue))]
        case .emulateCPUID(let leaf, let subleaf, let eax, let ebx, let ecx, let edx):
            name = "emulate-cpuid"
            values = [
                ("leaf", .hex(UInt64(leaf))), ("subleaf", .hex(UInt64(subleaf))),
                ("eax", .hex(UInt64(eax))), ("ebx", .hex(UInt64(ebx))),
                ("ecx", .hex(UInt64(ecx))), ("edx", .hex(UInt64(edx))),
            ]
        case .emulateINVD:
            name = "emulate-invd"
            values = []
        case .emulateXSETBV(let value):
            name = "emulate-xsetbv"
            values = [("value", .hex(value))]
        case .emulateControlRegister(let number, let shadow, let real):
            name = "emulate-control-register"
            values = [
                ("register", .text("cr\(number)")), ("shadow", .hex(shadow)), ("real", .hex(real)),
            ]
        case .emulatePort(let transfer):
            name = "emulate-port"
            values = [
                ("port", .hex(UInt64(transfer.port))), ("size", .count(UInt64(transfer.size))),
                ("input", .flag(transfer.isInput)), ("value", .hex(UInt64(transfer.value))),
            ]
        case .emulateMSR(let number, let value, let isWrite):
            name = "emulate-msr"
            values = [
                ("msr", .hex(UInt64(number))), ("write", .flag(isWrite)), ("value", .hex(value)),
            ]
        case .skip(let bytes):
            name = "skip"
            values = [("bytes", .count(bytes))]
        case .inject(let vector, let errorCode):
            name = "inject"
            let code = errorCode.map { Value.hex(UInt64($0)) }
            values = [("vector", .count(UInt64(vector))), ("errorCode", code ?? .none)]
        case .map(let address):
            name = "map"
            values = [("address", .hex(address))]
        case .endRun:
            name = "end-run"
            values = []
        }
    }
}

extension Verdict {
    /// One word, as JSON has it.
    var word: String {
        switch self {
        case .exit(let reason): reason.name
        case .fault(let vector): vector.mnemonic
        case .proceed: "proceed"
        case .ignored: "ignored"
        case .virtualized: "virtualized"
        case .interrupt(let kind): kind.word
        case .fail(.invalid): "vmfail-invalid"
        case .fail(.valid(let error)): "vmfail-\(error.rawValue)"
        case .abort(let reason): "vmx-abort-\(reason.rawValue)"
        }
    }
}

extension InterruptKind {
    /// A few words joined, as JSON has them.
    var word: String {
        switch self {
        case .external: "interrupt"
        case .nmi: "nmi"
        case .virtual: "virtual-interrupt"
        case .posted: "posted-interrupts"
        }
    }

    /// As in "An NMI is delivered".
    var title: String {
        switch self {
        case .external: "an external interrupt"
        case .nmi: "an NMI"
        case .virtual: "a virtual interrupt"
        case .posted: "a notification of posted interrupts"
        }
    }
}

extension VMXResult {
    /// How a VMX instruction ended, by the manual's words.
    var text: String {
        switch self {
        case .succeed: "VMsucceed"
        case .failInvalid: "VMfailInvalid"
        case .failValid(let error): "VMfailValid(\(error.rawValue)): \(error.title)"
        case .fault(let vector): vector.mnemonic
        case .entered: "entered"
        case .entryFailed: "VM-entry failure"
        case .aborted(let reason): "VMX abort: \(reason.title)"
        case .notModelled(let what): "not modelled: \(what.text)"
        }
    }
}
