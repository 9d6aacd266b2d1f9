import Architecture

/// An instruction that writes a control register, with all that decides what it does.
public struct ControlRegisterAccess: DecisionSubject, Equatable {
    public enum Kind: UInt8, Sendable {
        case moveTo, moveFrom, clts, lmsw, smsw
    }

    public var kind: Kind
    /// 0, 2, 3, 4 or 8.
    public var number: UInt8
    /// The general register of a MOV; 0 for CLTS and for LMSW and SMSW with a memory operand.
    public var generalRegister: UInt8 = 0
    /// Linear address of LMSW's memory operand.
    public var memoryAddress: UInt64?
    /// What the instruction would write; LMSW: its 16-bit source.
    public var value: UInt64 = 0
    /// What the register really holds.
    public var real: UInt64 = 0
    /// Guest/host mask: a bit that is 1 is host-owned.
    public var mask: UInt64 = 0
    /// Read shadow.
    public var shadow: UInt64 = 0
    public var cpl: UInt64 = 0
    /// 1 in VMX non-root operation.
    public var nonRoot: UInt64 = 0
    /// CR3-load or CR8-load exiting.
    public var loadExiting: UInt64 = 0
    /// CR3-store or CR8-store exiting.
    public var storeExiting: UInt64 = 0
    /// CR4.UMIP, for SMSW.
    public var umip: UInt64 = 0
    /// "Use TPR shadow", for CR8.
    public var usesTPRShadow: UInt64 = 0
    /// 1 where the value equals one of the CR3 targets in use.
    public var isTarget: UInt64 = 0
    /// Bits that this processor requires to be 1 here, and those that it lets be 1.
    public var mustBeOne: UInt64 = 0
    public var mayBeOne: UInt64 = ~0
    /// Why bits that are legal one by one are refused together, or in this mode:
    /// ``ControlRegisterConflict``.
    public var conflicts: UInt64 = 0

    public init(kind: Kind, number: UInt8) {
        self.kind = kind
        self.number = number
    }

    public var question: String {
        switch kind {
        case .moveTo: "Does this MOV to CR\(number) exit?"
        case .moveFrom: "Does this MOV from CR\(number) exit?"
        case .clts: "Does this CLTS exit?"
        case .lmsw: "Does this LMSW exit?"
        case .smsw: "Does this SMSW exit?"
        }
    }

    /// Host-owned bits of the value that differ from the shadow.
    public var differing: UInt64 { mask & (value ^ shadow) }

    /// What the register becomes without an exit: host-owned bits stay as they are.
    public var result: UInt64 {
        let owned = nonRoot == 0 ? 0 : mask
        switch kind {
        case .moveTo: return (value & ~owned) | (real & owned)
        case .lmsw:
            // LMSW reaches PE, MP, EM and TS and cannot clear PE.
            let written = (real & ~0xE) | (value & 0xF)
            return (written & ~owned) | (real & owned)
        case .clts: return real & ~(CR0Bit.ts.mask & ~owned)
        case .moveFrom, .smsw: return real
        }
    }

    /// What the guest reads: host-owned bits from the shadow, the others from the register.
    public var readsAs: UInt64 {
        nonRoot == 0 ? real : (shadow & mask) | (real & ~mask)
    }
}

typealias CRInput = Input<ControlRegisterAccess>
typealias CRRule = Rule<ControlRegisterAccess>

extension Input where Subject == ControlRegisterAccess {
    static let cpl = CRInput("cpl", "current privilege level", width: 2, .processor, \.cpl)
    static let nonRoot = CRInput(
        "non-root", "VMX non-root operation", width: 1, .processor, \.nonRoot)
    static let value = CRInput("value", "the value written", width: 32, .guest, \.value)
    static let source = CRInput("source", "the source operand", width: 16, .guest, \.value)
    static let cr0Mask = CRInput(
        "cr0-mask", "CR0 guest/host mask", width: 32, .field(.cr0Mask), \.mask)
    static let cr0Shadow = CRInput(
        "cr0-shadow", "CR0 read shadow", width: 32, .field(.cr0ReadShadow), \.shadow)
    static let cr4Mask = CRInput(
        "cr4-mask", "CR4 guest/host mask", width: 32, .field(.cr4Mask), \.mask)
    static let cr4Shadow = CRInput(
        "cr4-shadow", "CR4 read shadow", width: 32, .field(.cr4ReadShadow), \.shadow)
    static let cr3LoadExiting = control(.cr3LoadExiting, \.loadExiting)
    static let cr3StoreExiting = control(.cr3StoreExiting, \.storeExiting)
    static let cr8LoadExiting = control(.cr8LoadExiting, \.loadExiting)
    static let cr8StoreExiting = control(.cr8StoreExiting, \.storeExiting)
    static let usesTPRShadow = control(.useTPRShadow, \.usesTPRShadow)
    static let isTarget = CRInput(
        "cr3-target", "the value is a CR3-target value", width: 1, .field(.cr3TargetCount),
        \.isTarget)
    static let umip = CRInput("umip", "CR4.UMIP", width: 1, .processor, \.umip)

    private static func control(
        _ bit: PrimaryControl, _ path: WritableKeyPath<ControlRegisterAccess, UInt64> & Sendable
    ) -> CRInput {
        CRInput(
            bit.name.idPart, bit.name, width: 1,
            .field(.primaryProcControls), path)
    }

    static let mustBeOne = CRInput(
        "must-be-1", "bits that must be 1", width: 32, .processor, \.mustBeOne, free: { _ in 0 })
    static let mayBeOne = CRInput(
        "may-be-1", "bits that may be 1", width: 32, .processor, \.mayBeOne, free: { _ in 0 })
    static let real = CRInput("real", "the real register", width: 32, .processor, \.real)
    static let conflicts = CRInput(
        "conflicts", "bits that conflict with each other or the mode",
        width: ControlRegisterConflict.allCases.count, .processor, \.conflicts, free: { _ in 0 })
}

extension Rule where Subject == ControlRegisterAccess {
    static let privilege = CRRule(
        "cr.privilege", "above ring 0: #GP(0) before any exit", [.cpl],
        .relativePriorityOfFaultsAndExits
    ) { $0.cpl > 0 ? .fault(.generalProtection) : nil }

    static let outside = CRRule(
        "cr.not-non-root", "not in VMX non-root operation: no exit is possible",
        [.nonRoot, .mustBeOne, .mayBeOne, .conflicts, .value], .introductionToVMXOperation
    ) { access in
        guard access.nonRoot == 0 else { return nil }
        return outcome(access)
    }

    static func differs(_ mask: CRInput, _ shadow: CRInput) -> CRRule {
        CRRule(
            "\(mask.name).differs", "a host-owned bit would differ from the shadow",
            [.value, mask, shadow], .guestHostMasksAndReadShadows, bits: \.differing
        ) { $0.differing != 0 ? .exit(.crAccess) : nil }
    }

    static let refused = CRRule(
        "cr.refused", "the processor refuses the value: #GP(0)",
        [.value, .real, .mustBeOne, .mayBeOne, .conflicts], .changesToInstructionBehavior
    ) { isRefused($0) ? .fault(.generalProtection) : nil }

    /// A read of CR0 or CR4 under a mask.
    static func mixes(_ mask: CRInput, _ shadow: CRInput) -> CRRule {
        CRRule(
            "\(mask.name).mixes",
            "a bit is host-owned: such bits are read from the shadow, the others from the register",
            [.nonRoot, mask, shadow, .real], .changesToInstructionBehavior,
            bits: { $0.mask & ($0.real ^ $0.shadow) }
        ) { $0.nonRoot == 1 && $0.mask != 0 ? .proceed : nil }
    }

    static let readsRegister = CRRule(
        "cr-read.register", "no bit is host-owned: all are read from the register",
        [.real], .changesToInstructionBehavior
    ) { _ in .proceed }

    /// The last rung of every write.
    static let accepted = CRRule(
        "cr.accepted", "the processor accepts the value", [.value, .real],
        .changesToInstructionBehavior
    ) { _ in .proceed }

    private static func isRefused(_ access: ControlRegisterAccess) -> Bool {
        let result = access.result
        return result & access.mustBeOne != access.mustBeOne || result & ~access.mayBeOne != 0
            || access.conflicts != 0
    }

    /// What a write comes to that no exit takes away.
    fileprivate static func outcome(_ access: ControlRegisterAccess) -> Verdict {
        isRefused(access) ? .fault(.generalProtection) : .proceed
    }
}

/// The ladders for control registers.
public struct ControlRegisterLadders: Sendable {
    public var moveToCR0 = Ladder<ControlRegisterAccess>([
        .privilege, .outside, .differs(.cr0Mask, .cr0Shadow), .refused, .accepted,
    ])
    public var moveToCR4 = Ladder<ControlRegisterAccess>([
        .privilege, .outside, .differs(.cr4Mask, .cr4Shadow), .refused, .accepted,
    ])
    public var lmsw = Ladder<ControlRegisterAccess>([
        .privilege, .outside,
        CRRule(
            "lmsw.pe", "PE is host-owned, the source sets it and the shadow has it clear",
            [.source, .cr0Mask, .cr0Shadow], .instructionsThatCauseExitsConditionally,
            bits: { _ in CR0Bit.pe.mask }
        ) { access in
            let sets = access.mask & access.value & ~access.shadow
            return sets.has(CR0Bit.pe) ? .exit(.crAccess) : nil
        },
        CRRule(
            "lmsw.differs", "a host-owned MP, EM or TS would differ from the shadow",
            [.source, .cr0Mask, .cr0Shadow], .instructionsThatCauseExitsConditionally,
            bits: { $0.differing & 0xE }
        ) { $0.differing & 0xE != 0 ? .exit(.crAccess) : nil },
        .refused, .accepted,
    ])
    public var clts = Ladder<ControlRegisterAccess>([
        .privilege,
        CRRule(
            "cr.not-non-root", "not in VMX non-root operation: no exit is possible", [.nonRoot],
            .introductionToVMXOperation
        ) { $0.nonRoot == 0 ? .proceed : nil },
        CRRule(
            "clts.exits", "TS is 1 in the mask and in the shadow", [.cr0Mask, .cr0Shadow],
            .instructionsThatCauseExitsConditionally, bits: { _ in CR0Bit.ts.mask }
        ) { ($0.mask & $0.shadow).has(CR0Bit.ts) ? .exit(.crAccess) : nil },
        CRRule(
            "clts.ignored", "TS is host-owned and clear in the shadow: nothing changes",
            [.cr0Mask], .changesToInstructionBehavior, bits: { _ in CR0Bit.ts.mask }
        ) { $0.mask.has(CR0Bit.ts) ? .ignored : nil },
        CRRule(
            "clts.clears", "TS is guest-owned: it is cleared", [.cr0Mask],
            .changesToInstructionBehavior, bits: { _ in CR0Bit.ts.mask }
        ) { _ in .proceed },
    ])
    public var moveFromCR0 = Ladder<ControlRegisterAccess>([
        .privilege, .mixes(.cr0Mask, .cr0Shadow), .readsRegister,
    ])
    public var moveFromCR4 = Ladder<ControlRegisterAccess>([
        .privilege, .mixes(.cr4Mask, .cr4Shadow), .readsRegister,
    ])
    public var smsw = Ladder<ControlRegisterAccess>([
        CRRule(
            "smsw.umip", "above ring 0 with CR4.UMIP set: #GP(0)", [.cpl, .umip],
            .relativePriorityOfFaultsAndExits
        ) { $0.cpl > 0 && $0.umip == 1 ? .fault(.generalProtection) : nil },
        .mixes(.cr0Mask, .cr0Shadow), .readsRegister,
    ])
    public var cr2 = Ladder<ControlRegisterAccess>([
        .privilege,
        CRRule(
            "cr2.never-exits", "nothing makes MOV to and from CR2 exit", [],
            .changesToInstructionBehavior
        ) { _ in .proceed },
    ])
    public var loadCR3 = Ladder<ControlRegisterAccess>([
        .privilege, .outside,
        CRRule(
            "cr3-load.exits", "CR3-load exiting is 1, and the value is no CR3-target value",
            [.cr3LoadExiting, .isTarget], .instructionsThatCauseExitsConditionally
        ) { $0.loadExiting == 1 && $0.isTarget == 0 ? .exit(.crAccess) : nil },
        .refused,
        CRRule(
            "cr3-load.not-exiting", "CR3-load exiting is 0", [.cr3LoadExiting],
            .instructionsThatCauseExitsConditionally
        ) { $0.loadExiting == 0 ? .proceed : nil },
        CRRule(
            "cr3-load.target", "the value is a CR3-target value", [.isTarget],
            .cr3TargetControls
        ) { _ in .proceed },
    ])
    public var storeCR3 = Ladder<ControlRegisterAccess>([
        .privilege,
        CRRule(
            "cr3-store.exits", "in non-root operation with CR3-store exiting 1",
            [.nonRoot, .cr3StoreExiting], .instructionsThatCauseExitsConditionally
        ) { $0.nonRoot & $0.storeExiting != 0 ? .exit(.crAccess) : nil },
        CRRule(
            "cr3-store.not-exiting", "CR3-store exiting is 0", [.cr3StoreExiting],
            .instructionsThatCauseExitsConditionally
        ) { _ in .proceed },
    ])
    /// The exit comes before the virtual task priority is asked for: SDM 3C, 30.3 "Virtualizing
    /// CR8-Based TPR Accesses".
    public var loadCR8 = Ladder<ControlRegisterAccess>([
        .privilege, .outside,
        CRRule(
            "cr8-load.exits", "CR8-load exiting is 1", [.cr8LoadExiting],
            .instructionsThatCauseExitsConditionally
        ) { $0.loadExiting == 1 ? .exit(.crAccess) : nil },
        .refused,
        CRRule(
            "cr8-load.tpr-shadow",
            "CR8-load exiting is 0, and use TPR shadow is 1: the virtual task priority is written",
            [.cr8LoadExiting, .usesTPRShadow], .virtualizingCR8Accesses
        ) { $0.usesTPRShadow == 1 ? .virtualized : nil },
        CRRule(
            "cr8-load.not-virtualized",
            "CR8-load exiting and use TPR shadow are 0: the real task priority is written",
            [.cr8LoadExiting, .usesTPRShadow], .virtualizingCR8Accesses
        ) { _ in .proceed },
    ])
    public var storeCR8 = Ladder<ControlRegisterAccess>([
        .privilege,
        CRRule(
            "cr8-store.exits", "in non-root operation with CR8-store exiting 1",
            [.nonRoot, .cr8StoreExiting], .instructionsThatCauseExitsConditionally
        ) { $0.nonRoot & $0.storeExiting != 0 ? .exit(.crAccess) : nil },
        CRRule(
            "cr8-store.tpr-shadow",
            "in non-root operation with use TPR shadow 1: the virtual task priority is read",
            [.nonRoot, .usesTPRShadow], .virtualizingCR8Accesses
        ) { $0.nonRoot & $0.usesTPRShadow != 0 ? .virtualized : nil },
        CRRule(
            "cr8-store.not-virtualized",
            "CR8-store exiting and use TPR shadow are 0: the real task priority is read",
            [.cr8StoreExiting, .usesTPRShadow], .virtualizingCR8Accesses
        ) { _ in .proceed },
    ])

    public init() {}

    /// The ladder for this access.
    public func ladder(for access: ControlRegisterAccess) -> Ladder<ControlRegisterAccess> {
        switch (access.kind, access.number) {
        case (.clts, _): clts
        case (.lmsw, _): lmsw
        case (.moveTo, 0): moveToCR0
        case (.moveTo, 4): moveToCR4
        case (.smsw, _): smsw
        case (.moveFrom, 0): moveFromCR0
        case (.moveFrom, 4): moveFromCR4
        case (_, 2): cr2
        case (.moveTo, 8): loadCR8
        case (.moveTo, _): loadCR3
        case (.moveFrom, 8): storeCR8
        case (.moveFrom, _): storeCR3
        }
    }
}
