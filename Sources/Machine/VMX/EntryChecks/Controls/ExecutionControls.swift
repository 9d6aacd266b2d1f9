import Architecture

// SDM 3C, 27.2.1.1 "VM-Execution Control Fields": reserved bits, bitmaps, NMIs.

extension EntryChecks {
    private static let section = Citation.checksOnVMExecutionControlFields

    static let executionControlChecks: [EntryCheck] =
        reservedExecutionBits + bitmapChecks + nmiChecks

    private static let reservedExecutionBits: [EntryCheck] = [
        .init(
            "controls.pin.required-bits",
            "the pin-based controls have every bit that the processor requires to be 1",
            [.pinControls], section
        ) { $0.missing(.pinControls) == 0 },
        .init(
            "controls.pin.unsupported-bits",
            "the pin-based controls have no bit that the processor requires to be 0",
            [.pinControls], section
        ) { $0.excess(.pinControls) == 0 },
        .init(
            "controls.primary.required-bits",
            "the primary processor-based controls have every bit that the processor requires to be 1",
            [.primaryProcControls], section
        ) { $0.missing(.primaryProcControls) == 0 },
        .init(
            "controls.primary.unsupported-bits",
            "the primary processor-based controls have no bit that the processor requires to be 0",
            [.primaryProcControls], section
        ) { $0.excess(.primaryProcControls) == 0 },
        .init(
            "controls.secondary.unsupported-bits",
            "activated secondary controls have no bit that the processor requires to be 0",
            [.secondaryProcControls, .primaryProcControls], section
        ) {
            !$0.has(PrimaryControl.activateSecondaryControls)
                || $0.excess(.secondaryProcControls) == 0
        },
        .init(
            "controls.tertiary.unsupported-bits",
            "activated tertiary controls have no bit that the processor requires to be 0",
            [.tertiaryProcControls, .primaryProcControls], section
        ) {
            !$0.has(PrimaryControl.activateTertiaryControls)
                || $0[.tertiaryProcControls] & ~$0.vmx.tertiary == 0
        },
        .init(
            "controls.cr3-target-count",
            "the CR3-target count is at most the number of CR3-target values that there are",
            [.cr3TargetCount], section
        ) { $0[.cr3TargetCount] <= UInt64($0.vmx.cr3TargetCount) },
    ]

    private static let bitmapChecks: [EntryCheck] =
        structureAddress(
            .ioBitmapA, "controls.io-bitmap-a", by: [.primaryProcControls], section
        ) { $0.has(PrimaryControl.useIOBitmaps) }
        + structureAddress(
            .ioBitmapB, "controls.io-bitmap-b", by: [.primaryProcControls], section
        ) { $0.has(PrimaryControl.useIOBitmaps) }
        + structureAddress(
            .msrBitmaps, "controls.msr-bitmaps", by: [.primaryProcControls], section
        ) { $0.has(PrimaryControl.useMSRBitmaps) }

    private static let nmiChecks: [EntryCheck] = [
        .init(
            "controls.virtual-nmis-need-nmi-exiting",
            "\"virtual NMIs\" is 1 only if \"NMI exiting\" is 1", [.pinControls], section
        ) { !$0.has(PinControl.virtualNMIs) || $0.has(PinControl.nmiExiting) },
        .init(
            "controls.nmi-window-needs-virtual-nmis",
            "\"NMI-window exiting\" is 1 only if \"virtual NMIs\" is 1",
            [.primaryProcControls, .pinControls], section
        ) { !$0.has(PrimaryControl.nmiWindowExiting) || $0.has(PinControl.virtualNMIs) },
    ]

    /// The two checks of the physical address of a page that the processor uses when `isUsed`.
    static func structureAddress(
        _ field: VMCSField, _ id: String, by controls: [VMCSField], _ citation: Citation,
        isUsed: @escaping @Sendable (borrowing EntryFacts) -> Bool
    ) -> [EntryCheck] {
        [
            .init(
                "\(id).aligned", "bits 11:0 of \(field.title) are 0 if it is used",
                [field] + controls, citation
            ) { !isUsed($0) || $0.isPageAligned(field) },
            .init(
                "\(id).width",
                "\(field.title) has no bit beyond the physical-address width if it is used",
                [field] + controls, citation
            ) { !isUsed($0) || $0.fitsStructureAddress($0[field]) },
        ]
    }
}
