import Architecture

/// An access by guest-physical address, at the EPT entry where its translation ends: the first that
/// is misconfigured or not present, or the one that maps the page.
public struct EPTAccess: DecisionSubject, Equatable {
    /// What the access needs: ``EPTEntryBit/read``, ``EPTEntryBit/write``, and one of
    /// ``EPTEntryBit/execute`` and ``EPTEntryBit/userExecute``.
    public var wanted: UInt64 = 0
    /// The entry.
    public var entry: UInt64 = 0
    /// What all entries from the first to this one allow.
    public var rights: UInt64 = 0
    /// 4 for an entry of the PML4 table, 1 for one of a page table.
    public var level: UInt64 = 4
    /// Address bits of an entry that are beyond the processor's physical-address width.
    public var beyondWidth: UInt64 = 0
    /// IA32_VMX_EPT_VPID_CAP.
    public var capabilities: UInt64 = 0
    public var secondary: UInt64 = 0
    /// 1 where an accessed or dirty flag is to be set first.
    public var setsFlags: UInt64 = 0
    public var pmlIndex: UInt64 = 0

    // What an EPT violation asks.
    /// CR0.PE.
    public var protected: UInt64 = 0
    /// 1 during delivery of an event through the IDT.
    public var delivering: UInt64 = 0
    /// The 32 bits at offset 4 of the virtualization-exception information area.
    public var busy: UInt64 = 0

    /// The guest-physical address; nil: any.
    public var guestPhysical: UInt64?

    public init() {}

    public var question: String {
        if wanted.has(EPTEntryBit.write) {
            return "Does this write by guest-physical address exit?"
        }
        if wanted.has(EPTEntryBit.execute) || wanted.has(EPTEntryBit.userExecute) {
            return "Does this fetch by guest-physical address exit?"
        }
        let kind = wanted.has(EPTEntryBit.read) ? "read" : "access"
        return "Does this \(kind) by guest-physical address exit?"
    }

    var controlsUserExecution: Bool {
        secondary.has(SecondaryControl.modeBasedExecuteControl)
    }

    /// The bits that permit something.
    static let readWriteExecute: UInt64 = 7
    static let allRights = readWriteExecute | EPTEntryBit.userExecute.mask

    var permissions: UInt64 {
        let user = controlsUserExecution ? EPTEntryBit.userExecute.mask : 0
        return entry & (Self.readWriteExecute | user)
    }

    /// The entry maps a page.
    var isLeaf: Bool {
        level == 1
            || entry.has(EPTEntryBit.pageSize)
                && (level == 2 && capabilities.has(EPTVPIDBit.pages2MiB)
                    || level == 3 && capabilities.has(EPTVPIDBit.pages1GiB))
    }

    /// Bits of a present entry that must be 0. SDM 3C, 29.3.2, the tables of EPT entries.
    var reservedBits: UInt64 {
        guard isLeaf else { return entry & (beyondWidth | 0xF8) }
        let pageOffset = (UInt64(1) << (12 + (level - 1) * 9)) - 1
        return entry & (beyondWidth | pageOffset & ~0xFFF)
    }

    /// Of a leaf, bits 5:3: 2, 3 and 7 are reserved.
    var hasMemoryType: Bool { ![2, 3, 7].contains(entry >> 3 & 7) }
}

typealias EPTInput = Input<EPTAccess>
typealias EPTRule = Rule<EPTAccess>

extension Input where Subject == EPTAccess {
    static let wanted = EPTInput(
        "wanted", "rights that the access needs", width: 11, .guest, \.wanted,
        free: { _ in EPTAccess.allRights })
    static let entry = EPTInput("entry", "EPT entry", width: 64, .field(.eptPointer), \.entry)
    static let rights = EPTInput(
        "rights", "rights that all EPT entries give", width: 11, .field(.eptPointer), \.rights,
        free: { _ in EPTAccess.allRights })
    static let level = EPTInput(
        "level", "level of the EPT entry", width: 3, .processor, \.level, free: { _ in 0 })
    static let beyondWidth = EPTInput(
        "beyond-width", "address bits beyond the processor's width", width: 64, .processor,
        \.beyondWidth, free: { _ in 0 })
    static let capabilities = EPTInput(
        "ept-capabilities", "IA32_VMX_EPT_VPID_CAP", width: 64, .processor, \.capabilities,
        free: { _ in 0 })
    static let secondary = EPTInput(
        "secondary-controls", "secondary processor-based controls", width: 32,
        .field(.secondaryProcControls), \.secondary)
    static let setsFlags = EPTInput(
        "sets-flags", "an accessed or dirty flag is to be set", width: 1, .processor, \.setsFlags)
    static let pmlIndex = EPTInput(
        "pml-index", "PML index", width: 16, .field(.pmlIndex), \.pmlIndex)
    static let protected = EPTInput("protected", "CR0.PE", width: 1, .processor, \.protected)
    static let delivering = EPTInput(
        "delivering", "an event is being delivered through the IDT", width: 1, .processor,
        \.delivering)
    static let busy = EPTInput(
        "ve-busy", "bytes 7:4 of the virtualization-exception information area", width: 32,
        .field(.virtualizationExceptionInformationAddress), \.busy)
}

/// The ladder for accesses by guest-physical address.
public struct EPTLadders: Sendable {
    public var access = Ladder<EPTAccess>(
        misconfigurations + [.allowed, .logFull, .logged] + violations)

    public init() {}

    /// SDM 3C, 29.3.3.1 "EPT Misconfigurations".
    private static let misconfigurations: [EPTRule] = [
        EPTRule(
            "ept.write-only", "the EPT entry allows writes and no reads: misconfigured", [.entry],
            .eptMisconfigurations,
            bits: { _ in EPTEntryBit.read.mask | EPTEntryBit.write.mask }
        ) { access in
            let isWriteOnly =
                access.entry.has(EPTEntryBit.write) && !access.entry.has(EPTEntryBit.read)
            return isWriteOnly ? .exit(.eptMisconfiguration) : nil
        },
        EPTRule(
            "ept.execute-only",
            "the EPT entry allows fetches alone, which the processor does not have: misconfigured",
            [.entry, .secondary, .capabilities], .eptMisconfigurations, bits: \.permissions
        ) { access in
            let isExecuteOnly = access.permissions != 0 && !access.entry.has(EPTEntryBit.read)
            return isExecuteOnly && !access.capabilities.has(EPTVPIDBit.executeOnly)
                ? .exit(.eptMisconfiguration) : nil
        },
        EPTRule(
            "ept.reserved-bit", "the EPT entry is present with a reserved bit set: misconfigured",
            [.entry, .secondary, .level, .beyondWidth, .capabilities], .eptMisconfigurations,
            bits: \.reservedBits
        ) { access in
            access.permissions != 0 && access.reservedBits != 0
                ? .exit(.eptMisconfiguration) : nil
        },
        EPTRule(
            "ept.memory-type",
            "the EPT entry maps a page with a memory type that does not exist: misconfigured",
            [.entry, .secondary, .level, .capabilities], .eptMisconfigurations,
            bits: { _ in 7 << 3 }
        ) { access in
            access.permissions != 0 && access.isLeaf && !access.hasMemoryType
                ? .exit(.eptMisconfiguration) : nil
        },
    ]

    /// What a violation becomes. SDM 3C, 26.5.7.1 "Convertible EPT Violations".
    private static let violations: [EPTRule] = [
        violation(
            "ept.violation", "the EPT entries do not allow the access: a violation",
            [.wanted, .rights, .secondary], .eptViolations, bits: { $0.wanted & ~$0.rights }
        ) { access in
            let isViolation = access.wanted & ~access.rights != 0
            return isViolation && !access.secondary.has(SecondaryControl.eptViolationVE)
        },
        violation(
            "ve.suppressed", "a violation, and bit 63 of the EPT entry suppresses #VE", [.entry],
            .convertibleEPTViolations, bits: { _ in EPTEntryBit.suppressVE.mask }
        ) { $0.entry.has(EPTEntryBit.suppressVE) },
        violation(
            "ve.unprotected", "a violation, and CR0.PE is 0: no #VE", [.protected],
            .convertibleEPTViolations
        ) { $0.protected == 0 },
        violation(
            "ve.delivering", "a violation during delivery of an event: no #VE", [.delivering],
            .convertibleEPTViolations
        ) { $0.delivering == 1 },
        violation(
            "ve.busy", "a violation, and the last #VE is not done with: no #VE", [.busy],
            .convertibleEPTViolations, bits: \.busy
        ) { $0.busy != 0 },
        EPTRule(
            "ve.converted", "a violation that becomes a virtualization exception", [.busy],
            .deliveryOfVirtualizationExceptions
        ) { _ in .fault(.virtualization) },
    ]

    private static func violation(
        _ id: String, _ text: String, _ inputs: [EPTInput], _ citation: Citation,
        bits: @escaping @Sendable (EPTAccess) -> UInt64 = { _ in 0 },
        when holds: @escaping @Sendable (EPTAccess) -> Bool
    ) -> EPTRule {
        EPTRule(id, text, inputs, citation, bits: bits) {
            holds($0) ? .exit(.eptViolation) : nil
        }
    }
}

extension Rule where Subject == EPTAccess {
    /// Nothing to log: the last rung of most accesses.
    static let allowed = EPTRule(
        "ept.allowed", "the EPT entries allow the access, and no log is asked for",
        [.wanted, .rights, .secondary, .setsFlags], .eptTranslationMechanism, bits: \.wanted
    ) { access in
        guard access.wanted & ~access.rights == 0 else { return nil }
        let logs = access.secondary.has(SecondaryControl.enablePML) && access.setsFlags == 1
        return logs ? nil : .proceed
    }

    static let logFull = EPTRule(
        "pml.full", "a flag is to be set, and the PML index is above 511: the log is full",
        [.wanted, .rights, .pmlIndex], .pageModificationLogging
    ) { access in
        guard access.wanted & ~access.rights == 0 else { return nil }
        return access.pmlIndex > 511 ? .exit(.pmlFull) : nil
    }

    static let logged = EPTRule(
        "pml.room", "the EPT entries allow the access, and the log has room",
        [.wanted, .rights, .pmlIndex], .pageModificationLogging
    ) { $0.wanted & ~$0.rights == 0 ? .proceed : nil }
}
