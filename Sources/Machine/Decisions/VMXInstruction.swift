import Architecture
import InstructionSet

/// A VMX instruction in VMX root operation or outside VMX operation, with all that decides whether
/// it faults, fails or goes on. VMXON has ``VMXOnAccess``; in non-root operation the instructions
/// exit by ``InstructionExit``.
///
/// What an instruction's ladder does not ask stays 0.
public struct VMXInstruction: DecisionSubject, Equatable {
    public var operation: Operation

    // The state that the processor is in.
    /// 1 in VMX operation: root operation, or VMREAD and VMWRITE of a shadow VMCS.
    public var inVMX: UInt64 = 0
    public var protected: UInt64 = 0
    public var virtual8086: UInt64 = 0
    /// IA32_EFER.LMA.
    public var longMode: UInt64 = 0
    /// CS.L.
    public var codeIsLong: UInt64 = 0
    public var cpl: UInt64 = 0
    /// INVEPT and INVVPID: 1 where the processor has the instruction.
    public var isThere: UInt64 = 0

    // The current VMCS; of a VMREAD or VMWRITE in non-root operation the one that is linked.
    /// 1 where there is one.
    public var hasCurrent: UInt64 = 0
    /// VMREAD and VMWRITE in non-root operation: 1 where a VMCS is linked.
    public var hasTarget: UInt64 = 0
    /// 1 where it is a shadow VMCS.
    public var isShadow: UInt64 = 0
    /// 1 where it is launched.
    public var isLaunched: UInt64 = 0
    /// 1 while MOV SS blocks events.
    public var movSS: UInt64 = 0

    // VMCLEAR and VMPTRLD.
    /// The operand.
    public var pointer: UInt64 = 0
    /// The bits that an address of a region may have.
    public var addressMask: UInt64 = 0
    public var vmxonPointer: UInt64 = 0
    /// The first four bytes of the region.
    public var identifier: UInt64 = 0
    /// The processor's VMCS revision identifier.
    public var revision: UInt64 = 0
    /// 1 where the processor has shadow VMCSs.
    public var hasShadows: UInt64 = 0

    // VMREAD and VMWRITE.
    /// The operand that names the field.
    public var encoding: UInt64 = 0
    /// 1 where it names a field of this processor.
    public var isField: UInt64 = 0
    /// 1 where VMWRITE does not reach the field.
    public var isReadOnly: UInt64 = 0

    // INVEPT and INVVPID.
    public var type: UInt64 = 0
    /// A bit for each type that the processor supports.
    public var types: UInt64 = 0
    /// The two halves of the descriptor.
    public var low: UInt64 = 0
    public var high: UInt64 = 0
    /// INVEPT: 1 where VM entry would accept the EPT pointer.
    public var isEPTPValid: UInt64 = 0
    /// INVVPID: 1 where the linear address is canonical.
    public var isCanonical: UInt64 = 0

    public init(_ operation: Operation) { self.operation = operation }

    public var question: String { "Does this \("\(operation)".uppercased()) succeed?" }
    public static var proceeding: String { "goes on" }

    /// "VMfail": with a current VMCS its error field tells the number.
    func fail(_ error: VMInstructionError) -> Verdict {
        .fail(hasCurrent == 1 ? .valid(error) : .invalid)
    }

    var isCompatibility: Bool { longMode == 1 && codeIsLong == 0 }
    var isRevisionWrong: Bool {
        identifier & ~VMCSRegion.shadowIndicator != revision
            || hasShadows == 0 && identifier & VMCSRegion.shadowIndicator != 0
    }

    /// Of INVEPT and INVVPID.
    static let singleContext: UInt64 = 1
    static let individualAddress: UInt64 = 0
    static let allContextsOfINVVPID: UInt64 = 2
}

typealias VMXInput = Input<VMXInstruction>
typealias VMXRule = Rule<VMXInstruction>

extension Input where Subject == VMXInstruction {
    static let inVMX = VMXInput("in-vmx", "VMX operation", width: 1, .processor, \.inVMX)
    static let protected = VMXInput("protected", "CR0.PE", width: 1, .processor, \.protected)
    static let virtual8086 = VMXInput(
        "virtual-8086", "virtual-8086 mode", width: 1, .processor, \.virtual8086)
    static let longMode = VMXInput("ia-32e-mode", "IA32_EFER.LMA", width: 1, .processor, \.longMode)
    static let codeIsLong = VMXInput("cs-l", "CS.L", width: 1, .processor, \.codeIsLong)
    static let cpl = VMXInput("cpl", "current privilege level", width: 2, .processor, \.cpl)
    static let isThere = VMXInput(
        "is-there", "the processor has the instruction", width: 1, .processor, \.isThere)
    static let hasCurrent = VMXInput(
        "has-current-vmcs", "there is a current VMCS", width: 1, .processor, \.hasCurrent)
    static let hasTarget = VMXInput(
        "has-vmcs", "there is a VMCS to reach", width: 1, .processor, \.hasTarget)
    static let isShadow = VMXInput(
        "is-shadow", "the current VMCS is a shadow VMCS", width: 1, .processor, \.isShadow)
    static let isLaunched = VMXInput(
        "is-launched", "the current VMCS is launched", width: 1, .processor, \.isLaunched)
    static let movSS = VMXInput("mov-ss", "blocking by MOV SS", width: 1, .processor, \.movSS)
    static let pointer = VMXInput(
        "pointer", "operand", width: 64, .guest, \.pointer, free: { $0.pointer & ~$0.addressMask })
    static let addressMask = VMXInput(
        "address-mask", "bits that a region's address may have", width: 64, .processor,
        \.addressMask, free: { _ in 0 })
    static let vmxonPointer = VMXInput(
        "vmxon-pointer", "VMXON pointer", width: 64, .processor, \.vmxonPointer, free: { _ in 0 })
    static let identifier = VMXInput(
        "identifier", "first 4 bytes of the region", width: 32, .guest, \.identifier,
        free: { _ in VMCSRegion.shadowIndicator })
    static let revision = VMXInput(
        "revision", "VMCS revision identifier", width: 31, .processor, \.revision,
        free: { _ in 0 })
    static let hasShadows = VMXInput(
        "has-shadows", "the processor has shadow VMCSs", width: 1, .processor, \.hasShadows)
    static let encoding = VMXInput(
        "encoding", "field encoding", width: 64, .guest, \.encoding, free: { _ in 0 })
    static let isField = VMXInput(
        "is-field", "the encoding names a field here", width: 1, .processor, \.isField)
    static let isReadOnly = VMXInput(
        "is-read-only", "the field is read-only", width: 1, .processor, \.isReadOnly)
    static let type = VMXInput("type", "type", width: 64, .guest, \.type, free: { _ in 3 })
    static let types = VMXInput(
        "types", "types that the processor has", width: 4, .processor, \.types, free: { _ in 0 })
    static let low = VMXInput(
        "descriptor-low", "descriptor, bits 63:0", width: 64, .guest, \.low, free: { _ in 0 })
    static let high = VMXInput(
        "descriptor-high", "descriptor, bits 127:64", width: 64, .guest, \.high, free: \.high)
    static let isEPTPValid = VMXInput(
        "eptp-accepted", "VM entry would accept the EPT pointer", width: 1, .processor,
        \.isEPTPValid)
    static let isCanonical = VMXInput(
        "canonical", "the linear address is canonical", width: 1, .processor, \.isCanonical)
}
