import Architecture
import Machine
import Testing

/// One write to the VMCS, upon a legal one.
enum Change: Sendable {
    case set(VMCSField, UInt64)
    case on(VMCSField, UInt64)
    case off(VMCSField, UInt64)

    /// A control set to 1; a secondary one activates the secondary controls too.
    static func with(_ control: some ControlBits) -> Change {
        .on(type(of: control).field, control.mask)
    }

    static func without(_ control: some ControlBits) -> Change {
        .off(type(of: control).field, control.mask)
    }

    var field: VMCSField {
        switch self {
        case .set(let field, _), .on(let field, _), .off(let field, _): field
        }
    }
}

/// The processors that the checks are tried on.
enum EntryProcessor: String, CaseIterable, Sendable {
    /// Every control that the tables have, SGX, RTM, four performance counters.
    case full
    /// As `full`, without accessed and dirty flags for EPT.
    case withoutEPTFlags
    /// As `full`, without the monitor trap flag.
    case withoutTrapFlag
    /// As `full`, with VMX structures below 4 GiB.
    case lowStructures
    /// As `full`, taking exceptions with or without an error code.
    case anyErrorCode
    /// As `full`, refusing injection with instruction length 0.
    case withoutZeroLength
    /// As `full`, without activity state shutdown.
    case withoutShutdown
    /// The built-in Skylake-like one.
    case skylake

    var processor: Processor {
        var msrs: [UInt32: UInt64] = [:]
        for msr in MSR.allCases where MSR.vmxRange.contains(msr.rawValue) {
            msrs[msr.rawValue] = Processor.skylake.vmx?.value(of: msr)
        }
        var leaf7 = Processor.skylake.cpuid(leaf: 7, subleaf: 0)
        leaf7.ebx |= 1 << 2 | 1 << 11
        func allow(_ msr: MSR, _ ones: UInt64) { msrs[msr.rawValue, default: 0] |= ones << 32 }
        for msr in [MSR.vmxPrimaryControls, .vmxTruePrimaryControls] { allow(msr, 1 << 17) }
        for msr in [MSR.vmxExitControls, .vmxTrueExitControls] { allow(msr, 0x7FFF_FFFF) }
        for msr in [MSR.vmxEntryControls, .vmxTrueEntryControls] { allow(msr, 0x7F_FFFF) }
        allow(.vmxSecondaryControls, 0xDFFF_FFFF)
        msrs[MSR.vmxTertiaryControls.rawValue] = 0x1F
        msrs[MSR.vmxEPTVPIDCapabilities.rawValue, default: 0] |= 1 << 23
        msrs[MSR.vmxCR4Fixed1.rawValue] = CR4Bit.allCases.reduce(0) { $0 | $1.mask }
        switch self {
        case .full: break
        case .withoutEPTFlags: msrs[MSR.vmxEPTVPIDCapabilities.rawValue, default: 0] &= ~(1 << 21)
        case .withoutTrapFlag:
            msrs[MSR.vmxPrimaryControls.rawValue, default: 0] &= ~(1 << (32 + 27))
            msrs[MSR.vmxTruePrimaryControls.rawValue, default: 0] &= ~(1 << (32 + 27))
        case .lowStructures: msrs[MSR.vmxBasic.rawValue, default: 0] |= 1 << 48
        case .anyErrorCode: msrs[MSR.vmxBasic.rawValue, default: 0] |= 1 << 56
        case .withoutZeroLength: msrs[MSR.vmxMisc.rawValue, default: 0] &= ~(1 << 30)
        case .withoutShutdown: msrs[MSR.vmxMisc.rawValue, default: 0] &= ~(1 << 7)
        case .skylake: return .skylake
        }
        func words(_ leaf: UInt32) -> [UInt32] {
            let result = Processor.skylake.cpuid(leaf: leaf, subleaf: 0)
            return [result.eax, result.ebx, result.ecx, result.edx]
        }
        return Processor(
            name: rawValue, vmxMSRs: msrs,
            cpuid: [
                0: words(0), 1: words(1), 7: [leaf7.eax, leaf7.ebx, leaf7.ecx, leaf7.edx],
                // Version 2: four general-purpose and three fixed-function counters.
                0xA: [0x402, 0, 0, 3],
                0x8000_0001: words(0x8000_0001), 0x8000_0008: words(0x8000_0008),
            ])
    }
}

/// Guests that every check lets pass.
enum EntryGuest: String, CaseIterable, Sendable {
    /// 32-bit protected mode with paging; no secondary controls.
    case protected32
    /// The same under a host in 32-bit protected mode.
    case protected32Under32
    /// PAE paging, PDPTEs in memory.
    case pae
    /// PAE paging under EPT, PDPTEs in the VMCS.
    case paeWithEPT
    case long64
    case virtual8086
    /// Protected mode without paging, as an unrestricted guest.
    case unpaged
    /// Real-address mode, as an unrestricted guest.
    case real

    var isUnrestricted: Bool { self == .unpaged || self == .real }
    var needsEPT: Bool { isUnrestricted || self == .paeWithEPT }

    fileprivate var changes: [Change] {
        switch self {
        case .protected32: []
        case .protected32Under32:
            [
                .without(ExitControl.hostAddressSpaceSize), .set(.hostCR4, 0x2000),
                .set(.hostEFER, 0),
            ]
        case .pae: [.set(.guestCR4, 0x2020)]
        case .paeWithEPT: [.set(.guestCR4, 0x2020), .with(SecondaryControl.enableEPT)]
        case .long64:
            [
                .with(EntryControl.ia32eModeGuest), .set(.guestCR4, 0x2020),
                .set(.guestEFER, 0x500), .set(.guestCSAccessRights, 0xA09B),
            ]
        case .virtual8086:
            [.set(.guestRFLAGS, 0x2_0002)]
                + GuestSegmentRow.all.prefix(6).flatMap { row -> [Change] in
                    [
                        .set(row.selector, 0x1230), .set(row.base, 0x12300),
                        .set(row.limit, 0xFFFF), .set(row.access, 0xF3),
                    ]
                }
        case .unpaged: Self.unrestricted + [.set(.guestCR0, 0x31)]
        case .real: Self.unrestricted + [.set(.guestCR0, 0x30)]
        }
    }

    private static let unrestricted: [Change] = [
        .with(SecondaryControl.enableEPT), .with(SecondaryControl.unrestrictedGuest),
    ]
}

/// Addresses that the scenes use; RAM is 1 MiB from 0 and a page beyond the 40 bits.
enum Place {
    static let vmxon: UInt64 = 0x1000
    static let vmcs: UInt64 = 0x2000
    static let pageTables: UInt64 = 0x3000
    static let ept: UInt64 = 0x4000
    static let virtualAPIC: UInt64 = 0x5000
    static let linked: UInt64 = 0x6000
    static let beyondWidth: UInt64 = 1 << 40
}

/// A machine in VMX root operation with a current VMCS that enters the guest without complaint.
struct EntryScene: ~Copyable {
    var machine: Machine

    init(_ guest: EntryGuest, on processor: Processor) throws {
        machine = Machine(processor: processor, memorySize: 1 << 20)
        machine.memory.addBank(base: Place.beyondWidth, size: 0x1000)
        let vmx = try #require(processor.vmx)
        for region in [Place.vmxon, Place.vmcs] {
            machine.memory.write(region, UInt64(vmx.revision), size: 4)
        }
        machine.state.cr0 = 0x8000_0031
        machine.state.cr4 = 0x2020
        machine.state.efer = 0x500
        machine.state.cs.access = 0xA09B
        machine.state.msrs.featureControl = 5
        try #require(machine.vmxon(Place.vmxon) == .succeed)
        try #require(machine.vmclear(Place.vmcs) == .succeed)
        try #require(machine.vmptrld(Place.vmcs) == .succeed)
        for field in [VMCSField.pinControls, .primaryProcControls, .exitControls, .entryControls] {
            let settings = try #require(vmx.settings(of: field))
            try apply(.set(field, UInt64(settings.allowed0)))
        }
        for change in Self.common + Self.segments + guest.changes
        where change.field.exists(on: vmx) {
            try apply(change)
        }
        if guest.needsEPT { try apply(.set(.eptPointer, Place.ept | 0x1E)) }
        if guest == .protected32Under32 { machine.state.efer = 0 }
    }

    private static let common: [Change] = [
        .with(ExitControl.hostAddressSpaceSize),
        .set(.hostCR0, 0x8000_0031), .set(.hostCR3, Place.pageTables), .set(.hostCR4, 0x2020),
        .set(.hostCSSelector, 8), .set(.hostSSSelector, 0x10), .set(.hostDSSelector, 0x10),
        .set(.hostESSelector, 0x10), .set(.hostTRSelector, 0x18), .set(.hostRIP, 0x1000),
        .set(.guestCR0, 0x8000_0031), .set(.guestCR3, Place.pageTables), .set(.guestCR4, 0x2000),
        .set(.guestRIP, 0x8000), .set(.guestRFLAGS, 2), .set(.guestDR7, 0x400),
        .set(.vmcsLinkPointer, .max),
    ]

    private static let segments: [Change] =
        GuestSegmentRow.all.prefix(6).flatMap { row -> [Change] in
            [.set(row.selector, 0x10), .set(row.limit, 0xFFFF_FFFF), .set(row.access, 0xC093)]
        } + [
            .set(.guestCSSelector, 8), .set(.guestCSAccessRights, 0xC09B),
            .set(.guestTRSelector, 0x18), .set(.guestTRAccessRights, 0x8B),
            .set(.guestTRLimit, 0x67), .set(.guestLDTRAccessRights, 0x1_0000),
        ]

    mutating func apply(_ change: Change) throws {
        switch change {
        case .set(let field, let value): try write(field, value)
        case .on(let field, let bits):
            if field == .secondaryProcControls { try apply(.on(.primaryProcControls, 1 << 31)) }
            try write(field, machine.currentVMCSField(field) | bits)
        case .off(let field, let bits):
            try write(field, machine.currentVMCSField(field) & ~bits)
        }
    }

    /// As root software in 64-bit mode, whatever the scene's root mode is.
    private mutating func write(_ field: VMCSField, _ value: UInt64) throws {
        let efer = machine.state.efer
        defer { machine.state.efer = efer }
        machine.state.efer = 0x500
        let result = machine.vmwrite(UInt64(field.rawValue), value)
        try #require(result == .succeed, "\(field.name)")
    }

    var failing: [String] { machine.failingEntryChecks().map(\.id) }
}
