import Architecture

/// The load of host state at an exit, with all that decides whether the exit is aborted.
public struct HostLoad: DecisionSubject, Equatable {
    /// IA32_EFER.LMA before the exit.
    public var longMode: UInt64 = 0
    public var exitControls: UInt64 = 0
    /// The bits of the PDPTEs at the host's CR3 that are reserved and not 0, of all four together;
    /// 0 where the host does not use PAE paging.
    public var reservedInPDPTEs: UInt64 = 0

    public init() {}

    public var question: String { "Can the exit load host state?" }
    public static var proceeding: String { "goes on" }
}

/// An entry of an MSR area, with all that decides whether it can be loaded or stored.
public struct MSRAreaEntry: DecisionSubject, Equatable {
    public enum Area: Sendable, CaseIterable {
        /// The VM-entry MSR-load area.
        case entryLoad
        /// The VM-exit MSR-store and MSR-load areas.
        case exitStore, exitLoad
    }

    public var area: Area
    /// From 1.
    public var position: UInt64
    /// The most entries that the processor takes.
    public var mostEntries: UInt64 = 0
    /// Bits 63:0 of the entry: the MSR, and bits that are reserved.
    public var index: UInt64 = 0
    /// 1 where no such area can load, or store, the MSR.
    public var isExcluded: UInt64 = 0
    /// 1 where RDMSR, or WRMSR with the value, would fault at CPL 0.
    public var faults: UInt64 = 0

    public init(_ area: Area, position: UInt64) {
        self.area = area
        self.position = position
    }

    public var question: String {
        switch area {
        case .entryLoad: "Does VM entry load this MSR?"
        case .exitStore: "Does the VM exit store this MSR?"
        case .exitLoad: "Does the VM exit load this MSR?"
        }
    }
    public static var proceeding: String { "done" }

    /// What one entry that cannot be loaded or stored comes to.
    var failure: Verdict {
        switch area {
        case .entryLoad: .exit(.entryFailureMSRLoad)
        case .exitStore: .abort(.savingGuestMSRs)
        case .exitLoad: .abort(.loadingHostMSRs)
        }
    }

    var isX2APIC: Bool {
        MSR.x2APICRange.contains(UInt32(truncatingIfNeeded: index))
    }
}

extension Input where Subject == HostLoad {
    static let longMode = Input("ia-32e-mode", "IA32_EFER.LMA", width: 1, .processor, \.longMode)
    static let exitControls = Input(
        "exit-controls", "VM-exit controls", width: 32, .field(.exitControls), \.exitControls)
    static let reservedInPDPTEs = Input(
        "reserved-in-pdptes", "reserved bits that are 1 in the host's PDPTEs", width: 64,
        .field(.hostCR3), \.reservedInPDPTEs, free: \.reservedInPDPTEs)
}

extension Input where Subject == MSRAreaEntry {
    static let position = Input(
        "position", "the entry's place in its area", width: 32, .processor, \.position,
        free: { _ in 0 })
    static let mostEntries = Input(
        "most-entries", "entries that the processor takes", width: 32, .processor, \.mostEntries,
        free: { _ in 0 })
    static let index = Input(
        "msr-index", "bits 63:0 of the entry", width: 64, .guest, \.index,
        free: { $0.index & ~0xFFFF_FFFF })
    static let isExcluded = Input(
        "excluded", "no such area can hold the MSR", width: 1, .processor, \.isExcluded,
        free: { _ in 0 })
    static let faults = Input(
        "msr-faults", "RDMSR or WRMSR of it would fault", width: 1, .processor, \.faults)
}

/// The ladders for what can fail while an entry or an exit loads and stores.
public struct TransitionLadders: Sendable {
    /// SDM 3C, 28.5 "Loading Host State", 28.7 "VMX Aborts".
    public var hostLoad = Ladder<HostLoad>([
        Rule(
            "host-load.address-space",
            "the guest was in IA-32e mode, and host address-space size is 0",
            [.longMode, .exitControls], .vmxAborts,
            bits: { _ in ExitControl.hostAddressSpaceSize.mask }
        ) { subject in
            subject.longMode == 1 && !subject.exitControls.has(ExitControl.hostAddressSpaceSize)
                ? .abort(.hostAddressSpaceSize) : nil
        },
        Rule(
            "host-load.pdptes", "a PDPTE at the host's CR3 has a reserved bit set",
            [.reservedInPDPTEs], .checkingAndLoadingHostPDPTEs, bits: \.reservedInPDPTEs
        ) { $0.reservedInPDPTEs != 0 ? .abort(.hostPDPTEs) : nil },
        Rule("host-load.done", "host state can be loaded", [], .loadingHostState) { _ in
            .proceed
        },
    ])

    /// SDM 3C, 27.4 "Loading MSRs", 28.4 "Saving MSRs", 28.6 "Loading MSRs".
    public var msrArea = Ladder<MSRAreaEntry>([
        Rule(
            "msr-area.too-long", "the area is longer than the processor takes",
            [.position, .mostEntries], .loadingMSRsAtEntry
        ) { $0.position > $0.mostEntries ? $0.failure : nil },
        Rule(
            "msr-area.reserved", "bits 63:32 of the entry are not 0", [.index],
            .loadingMSRsAtEntry, bits: { $0.index & ~0xFFFF_FFFF }
        ) { $0.index >> 32 != 0 ? $0.failure : nil },
        Rule(
            "msr-area.x2apic", "the MSR is one of the local APIC in x2APIC mode", [.index],
            .loadingMSRsAtEntry
        ) { $0.isX2APIC ? $0.failure : nil },
        Rule(
            "msr-area.excluded", "the MSR is one that no such area can hold",
            [.index, .isExcluded], .loadingMSRsAtEntry
        ) { $0.isExcluded == 1 ? $0.failure : nil },
        Rule(
            "msr-area.fault", "RDMSR or WRMSR of it would fault in ring 0", [.index, .faults],
            .loadingMSRsAtEntry
        ) { $0.faults == 1 ? $0.failure : nil },
        Rule("msr-area.done", "the MSR is loaded or stored", [.index], .loadingMSRsAtEntry) { _ in
            .proceed
        },
    ])

    public init() {}
}
