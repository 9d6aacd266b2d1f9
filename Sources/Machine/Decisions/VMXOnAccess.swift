import Architecture

/// VMXON outside VMX non-root operation, with all that decides whether it faults, fails or enters
/// VMX operation.
public struct VMXOnAccess: DecisionSubject, Equatable {
    /// CR4.VMXE.
    public var vmxe: UInt64 = 0
    public var protected: UInt64 = 0
    public var virtual8086: UInt64 = 0
    /// IA32_EFER.LMA.
    public var longMode: UInt64 = 0
    /// CS.L.
    public var codeIsLong: UInt64 = 0
    public var cpl: UInt64 = 0
    /// 1 in VMX root operation.
    public var root: UInt64 = 0
    /// 1 where address line 20 is masked.
    public var a20Masked: UInt64 = 0
    /// IA32_FEATURE_CONTROL.
    public var featureControl: UInt64 = 0
    /// Bits of CR0 and CR4 that VMX operation would have otherwise.
    public var wrongInCR0: UInt64 = 0
    public var wrongInCR4: UInt64 = 0
    /// 1 where there is a current VMCS to tell an error number.
    public var hasCurrent: UInt64 = 0

    // The operand, read where nothing faults.
    public var pointer: UInt64 = 0
    /// The bits that an address of a region may have.
    public var addressMask: UInt64 = 0
    /// The first four bytes of the region.
    public var identifier: UInt64 = 0
    /// The processor's VMCS revision identifier.
    public var revision: UInt64 = 0

    public init() {}

    public var question: String { "Does this VMXON succeed?" }
    public static var proceeding: String { "executes" }

    /// The lock, and VMX outside SMX operation: the model never is in SMX operation.
    static let neededFeatureControl =
        FeatureControlBit.lock.mask | FeatureControlBit.vmxOutsideSMX.mask
}

typealias VMXOnInput = Input<VMXOnAccess>
typealias VMXOnRule = Rule<VMXOnAccess>

extension Input where Subject == VMXOnAccess {
    static let vmxe = VMXOnInput("vmxe", "CR4.VMXE", width: 1, .guest, \.vmxe)
    static let protected = VMXOnInput("protected", "CR0.PE", width: 1, .processor, \.protected)
    static let virtual8086 = VMXOnInput(
        "virtual-8086", "virtual-8086 mode", width: 1, .processor, \.virtual8086)
    static let longMode = VMXOnInput(
        "ia-32e-mode", "IA32_EFER.LMA", width: 1, .processor, \.longMode)
    static let codeIsLong = VMXOnInput("cs-l", "CS.L", width: 1, .processor, \.codeIsLong)
    static let cpl = VMXOnInput("cpl", "current privilege level", width: 2, .processor, \.cpl)
    static let root = VMXOnInput("root", "VMX root operation", width: 1, .processor, \.root)
    static let a20Masked = VMXOnInput(
        "a20m", "address line 20 is masked", width: 1, .processor, \.a20Masked)
    static let featureControl = VMXOnInput(
        "feature-control", "IA32_FEATURE_CONTROL", width: 64, .processor, \.featureControl,
        free: { _ in VMXOnAccess.neededFeatureControl })
    static let wrongInCR0 = VMXOnInput(
        "wrong-cr0", "bits of CR0 that VMX operation fixes the other way", width: 32, .guest,
        \.wrongInCR0, free: { _ in 0 })
    static let wrongInCR4 = VMXOnInput(
        "wrong-cr4", "bits of CR4 that VMX operation fixes the other way", width: 32, .guest,
        \.wrongInCR4, free: { _ in 0 })
    static let hasCurrent = VMXOnInput(
        "has-current-vmcs", "there is a current VMCS", width: 1, .processor, \.hasCurrent)
    static let pointer = VMXOnInput(
        "pointer", "operand", width: 64, .guest, \.pointer, free: { $0.pointer & ~$0.addressMask })
    static let addressMask = VMXOnInput(
        "address-mask", "bits that a region's address may have", width: 64, .processor,
        \.addressMask, free: { _ in 0 })
    static let identifier = VMXOnInput(
        "identifier", "first 4 bytes of the region", width: 32, .guest, \.identifier,
        free: { $0.identifier ^ $0.revision })
    static let revision = VMXOnInput(
        "revision", "VMCS revision identifier", width: 31, .processor, \.revision,
        free: { _ in 0 })
}

/// The ladder for VMXON. SDM 3C, 31.3 "VMX Instructions", "VMXON—Enter VMX Operation".
public struct VMXOnLadders: Sendable {
    public var vmxon = Ladder<VMXOnAccess>([
        VMXOnRule("vmxon.vmxe", "CR4.VMXE is 0: #UD", [.vmxe], .enablingAndEnteringVMXOperation) {
            $0.vmxe == 0 ? .fault(.invalidOpcode) : nil
        },
        VMXOnRule(
            "vmxon.mode", "real-address, virtual-8086 or compatibility mode: #UD",
            [.protected, .virtual8086, .longMode, .codeIsLong], .vmxon
        ) { access in
            let isCompatibility = access.longMode == 1 && access.codeIsLong == 0
            let isInvalid = access.protected == 0 || access.virtual8086 == 1 || isCompatibility
            return isInvalid ? .fault(.invalidOpcode) : nil
        },
        VMXOnRule("vmxon.privilege", "above ring 0: #GP(0)", [.cpl], .vmxon) {
            $0.cpl > 0 ? .fault(.generalProtection) : nil
        },
        VMXOnRule(
            "vmxon.root", "in VMX root operation already: no fault, VMfail", [.root, .hasCurrent],
            .vmxon
        ) { access in
            guard access.root == 1 else { return nil }
            return .fail(access.hasCurrent == 1 ? .valid(.vmxonInRoot) : .invalid)
        },
        VMXOnRule(
            "vmxon.a20m", "address line 20 is masked: #GP(0)", [.a20Masked],
            .restrictionsOnVMXOperation
        ) { $0.a20Masked == 1 ? .fault(.generalProtection) : nil },
        VMXOnRule(
            "vmxon.feature-control",
            "IA32_FEATURE_CONTROL is not locked, or does not allow VMXON outside SMX: #GP(0)",
            [.featureControl], .enablingAndEnteringVMXOperation,
            bits: { VMXOnAccess.neededFeatureControl & ~$0.featureControl }
        ) { access in
            let missing = VMXOnAccess.neededFeatureControl & ~access.featureControl
            return missing != 0 ? .fault(.generalProtection) : nil
        },
        VMXOnRule(
            "vmxon.cr0", "CR0 has a value that VMX operation does not support: #GP(0)",
            [.wrongInCR0], .restrictionsOnVMXOperation, bits: \.wrongInCR0
        ) { $0.wrongInCR0 != 0 ? .fault(.generalProtection) : nil },
        VMXOnRule(
            "vmxon.cr4", "CR4 has a value that VMX operation does not support: #GP(0)",
            [.wrongInCR4], .restrictionsOnVMXOperation, bits: \.wrongInCR4
        ) { $0.wrongInCR4 != 0 ? .fault(.generalProtection) : nil },
        VMXOnRule(
            "vmxon.address",
            "the operand is no 4-KiB-aligned address within the physical-address width",
            [.pointer, .addressMask], .vmxon, bits: { $0.pointer & ~$0.addressMask }
        ) { $0.pointer & ~$0.addressMask != 0 ? .fail(.invalid) : nil },
        VMXOnRule(
            "vmxon.revision",
            "the region does not begin with the processor's VMCS revision identifier",
            [.identifier, .revision], .vmxon
        ) { $0.identifier != $0.revision ? .fail(.invalid) : nil },
        VMXOnRule(
            "vmxon.allowed", "nothing stands against it: VMX operation begins", [], .vmxon
        ) { _ in .proceed },
    ])

    public init() {}
}
