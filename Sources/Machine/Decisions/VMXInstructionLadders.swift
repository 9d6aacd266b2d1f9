import Architecture
import InstructionSet

/// The ladders for VMX instructions in root operation and outside VMX operation, VMXON's aside: the
/// faults, which come before an operand is read, then the conditions of VMfail.
/// SDM 3C, 31.3 "VMX Instructions", the operation section of each.
public struct VMXInstructionLadders: Sendable {
    private var ladders: [(operation: Operation, ladder: Ladder<VMXInstruction>)] = Self.table

    public init() {}

    /// nil: the instruction has no ladder here.
    public subscript(_ operation: Operation) -> Ladder<VMXInstruction>? {
        get { ladders.first { $0.operation == operation }?.ladder }
        set {
            guard let newValue, let place = ladders.firstIndex(where: { $0.operation == operation })
            else { return }
            ladders[place].ladder = newValue
        }
    }

    public var operations: [Operation] { ladders.map(\.operation) }

    /// Nothing stands against an instruction without a ladder.
    func evaluate(_ subject: VMXInstruction) -> Verdict {
        self[subject.operation]?.evaluate(subject) ?? .proceed
    }

    private static let faults: [VMXRule] = [.outsideVMX, .mode, .privilege]
    private static let optionalFaults: [VMXRule] = [.outsideVMX, .mode, .missing, .privilege]

    private static let table: [(Operation, Ladder<VMXInstruction>)] = [
        (.vmcall, Ladder(faults + [.vmcallInRoot])),
        (
            .vmclear,
            Ladder(
                faults + [
                    .address(.vmclearInvalidAddress, "vmclear", .vmclear),
                    .vmxonRegion(.vmclearVMXONPointer, "vmclear", .vmclear),
                    .accepted("vmclear", "the VMCS is made clear", .vmclear),
                ])
        ),
        (
            .vmptrld,
            Ladder(
                faults + [
                    .address(.vmptrldInvalidAddress, "vmptrld", .vmptrld),
                    .vmxonRegion(.vmptrldVMXONPointer, "vmptrld", .vmptrld), .wrongRevision,
                    .accepted("vmptrld", "the VMCS becomes the current one", .vmptrld),
                ])
        ),
        (.vmptrst, Ladder(faults + [.accepted("vmptrst", "the pointer is stored", .vmptrst)])),
        (
            .vmread,
            Ladder(
                faults + [
                    .noTarget, .unsupportedField,
                    .accepted("vmread", "the field is read", .vmread),
                ])
        ),
        (
            .vmwrite,
            Ladder(
                faults + [
                    .noTarget, .unsupportedField, .readOnlyField,
                    .accepted("vmwrite", "the field is written", .vmwrite),
                ])
        ),
        (.vmlaunch, entry([.launched])),
        (.vmresume, entry([.clear])),
        (.vmxoff, Ladder(faults + [.accepted("vmxoff", "VMX operation ends", .vmxoff)])),
        (
            .invept,
            Ladder(
                optionalFaults + [
                    .unsupportedType("invept", .invept), .reservedInEPTDescriptor,
                    .refusedEPTPointer, .accepted("invept", "what it names is forgotten", .invept),
                ])
        ),
        (
            .invvpid,
            Ladder(
                optionalFaults + [
                    .unsupportedType("invvpid", .invvpid), .reservedInVPIDDescriptor, .zeroVPID,
                    .nonCanonical,
                    .accepted("invvpid", "what it names is forgotten", .invvpid),
                ])
        ),
    ]

    private static func entry(_ launchState: [VMXRule]) -> Ladder<VMXInstruction> {
        Ladder(
            faults + [.noCurrent, .shadow, .blockedByMOVSS] + launchState + [
                .accepted("vm-entry", "the checks of VM entry come next", .basicVMEntryChecks)
            ])
    }
}

// MARK: Faults

extension Rule where Subject == VMXInstruction {
    static let outsideVMX = VMXRule(
        "vmx.outside", "outside VMX operation: #UD", [.inVMX], .vmxInstructions
    ) { $0.inVMX == 0 ? .fault(.invalidOpcode) : nil }

    static let mode = VMXRule(
        "vmx.root-mode", "real-address, virtual-8086 or compatibility mode: #UD",
        [.protected, .virtual8086, .longMode, .codeIsLong], .vmxInstructions
    ) { subject in
        let isInvalid =
            subject.protected == 0 || subject.virtual8086 == 1 || subject.isCompatibility
        return isInvalid ? .fault(.invalidOpcode) : nil
    }

    static let missing = VMXRule(
        "vmx.missing", "the processor does not have the instruction: #UD", [.isThere],
        .vmxInstructions
    ) { $0.isThere == 0 ? .fault(.invalidOpcode) : nil }

    static let privilege = VMXRule(
        "vmx.privilege", "above ring 0: #GP(0)", [.cpl], .vmxInstructions
    ) { $0.cpl > 0 ? .fault(.generalProtection) : nil }
}

// MARK: VMfail

extension Rule where Subject == VMXInstruction {
    /// The dual-monitor treatment, which it would activate, the processor does not have.
    static let vmcallInRoot = VMXRule(
        "vmcall.root", "in VMX root operation, without a dual-monitor treatment to activate",
        [.hasCurrent], .vmcall
    ) { $0.fail(.vmcallInRoot) }

    static func address(
        _ error: VMInstructionError, _ name: String, _ citation: Citation
    ) -> VMXRule {
        VMXRule(
            "\(name).address",
            "the operand is no 4-KiB-aligned address within the physical-address width",
            [.pointer, .addressMask, .hasCurrent], citation,
            bits: { $0.pointer & ~$0.addressMask }
        ) { $0.pointer & ~$0.addressMask != 0 ? $0.fail(error) : nil }
    }

    static func vmxonRegion(
        _ error: VMInstructionError, _ name: String, _ citation: Citation
    ) -> VMXRule {
        VMXRule(
            "\(name).vmxon-pointer", "the operand is the VMXON pointer",
            [.pointer, .vmxonPointer, .hasCurrent], citation
        ) { $0.pointer == $0.vmxonPointer ? $0.fail(error) : nil }
    }

    static let wrongRevision = VMXRule(
        "vmptrld.revision",
        "the region's revision identifier is not the processor's, or asks for a shadow VMCS that "
            + "it has not",
        [.identifier, .revision, .hasShadows, .hasCurrent], .vmptrld
    ) { $0.isRevisionWrong ? $0.fail(.vmptrldIncorrectRevision) : nil }

    static let noTarget = VMXRule(
        "vmcs.none",
        "there is no current VMCS; in non-root operation, no linked VMCS", [.hasTarget],
        .vmxInstructionConventions
    ) { $0.hasTarget == 0 ? .fail(.invalid) : nil }

    static let unsupportedField = VMXRule(
        "vmcs.unsupported-field", "the encoding names no field that this processor has",
        [.encoding, .isField, .hasCurrent], .vmreadVMWRITEAndEncodings
    ) { $0.isField == 0 ? $0.fail(.unsupportedComponent) : nil }

    static let readOnlyField = VMXRule(
        "vmwrite.read-only", "the field is read-only, and the processor writes no such field",
        [.encoding, .isReadOnly, .hasCurrent], .vmwrite
    ) { $0.isReadOnly == 1 ? $0.fail(.vmwriteReadOnly) : nil }

    static let noCurrent = VMXRule(
        "vm-entry.no-current-vmcs", "there is no current VMCS", [.hasCurrent],
        .basicVMEntryChecks
    ) { $0.hasCurrent == 0 ? .fail(.invalid) : nil }

    static let shadow = VMXRule(
        "vm-entry.shadow", "the current VMCS is a shadow VMCS", [.isShadow], .basicVMEntryChecks
    ) { $0.isShadow == 1 ? .fail(.invalid) : nil }

    static let blockedByMOVSS = VMXRule(
        "vm-entry.mov-ss", "MOV SS blocks events", [.movSS], .basicVMEntryChecks
    ) { $0.movSS == 1 ? $0.fail(.entryBlockedByMOVSS) : nil }

    static let launched = VMXRule(
        "vmlaunch.launched", "the VMCS is launched, and VMLAUNCH needs a clear one",
        [.isLaunched], .basicVMEntryChecks
    ) { $0.isLaunched == 1 ? $0.fail(.vmlaunchNonClear) : nil }

    static let clear = VMXRule(
        "vmresume.clear", "the VMCS is not launched, and VMRESUME needs a launched one",
        [.isLaunched], .basicVMEntryChecks
    ) { $0.isLaunched == 0 ? $0.fail(.vmresumeNonLaunched) : nil }

    static func unsupportedType(_ name: String, _ citation: Citation) -> VMXRule {
        VMXRule(
            "\(name).type", "the processor does not support the type",
            [.type, .types, .hasCurrent], citation
        ) { subject in
            let isSupported = subject.type < 64 && subject.types >> subject.type & 1 == 1
            return isSupported ? nil : subject.fail(.invalidInvalidationOperand)
        }
    }

    static let reservedInEPTDescriptor = VMXRule(
        "invept.reserved", "bits 127:64 of the descriptor are not 0", [.high, .hasCurrent], .invept,
        bits: \.high
    ) { $0.high != 0 ? $0.fail(.invalidInvalidationOperand) : nil }

    static let refusedEPTPointer = VMXRule(
        "invept.eptp", "type 1 with an EPT pointer that VM entry would not accept",
        [.type, .low, .isEPTPValid, .hasCurrent], .invept
    ) { subject in
        subject.type == VMXInstruction.singleContext && subject.isEPTPValid == 0
            ? subject.fail(.invalidInvalidationOperand) : nil
    }

    static let reservedInVPIDDescriptor = VMXRule(
        "invvpid.reserved", "bits 63:16 of the descriptor are not 0", [.low, .hasCurrent],
        .invvpid, bits: { $0.low & ~0xFFFF }
    ) { $0.low >> 16 != 0 ? $0.fail(.invalidInvalidationOperand) : nil }

    static let zeroVPID = VMXRule(
        "invvpid.zero", "the VPID is 0, which is no guest's, and the type names one",
        [.type, .low, .hasCurrent], .invvpid
    ) { subject in
        subject.type != VMXInstruction.allContextsOfINVVPID && subject.low == 0
            ? subject.fail(.invalidInvalidationOperand) : nil
    }

    static let nonCanonical = VMXRule(
        "invvpid.linear-address", "type 0 with a linear address that is not canonical",
        [.type, .high, .isCanonical, .hasCurrent], .invvpid
    ) { subject in
        subject.type == VMXInstruction.individualAddress && subject.isCanonical == 0
            ? subject.fail(.invalidInvalidationOperand) : nil
    }

    static func accepted(_ name: String, _ effect: String, _ citation: Citation) -> VMXRule {
        VMXRule("\(name).accepted", "nothing stands against it: \(effect)", [], citation) { _ in
            .proceed
        }
    }
}
