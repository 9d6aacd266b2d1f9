import Architecture

// SDM 3C, 27.2.1.2 "VM-Exit Control Fields" and 27.2.1.3 "VM-Entry Control Fields", but for event
// injection. The model is never in system-management mode, so the checks of entries from it have
// no place here.

extension EntryChecks {
    private static let exitSection = Citation.checksOnVMExitControlFields
    private static let entrySection = Citation.checksOnVMEntryControlFields

    static let exitControlChecks: [EntryCheck] =
        exitBitChecks
        + msrArea(
            .exitMSRStoreAddress, .exitMSRStoreCount, "controls.exit-msr-store", exitSection)
        + msrArea(.exitMSRLoadAddress, .exitMSRLoadCount, "controls.exit-msr-load", exitSection)

    static let entryControlChecks: [EntryCheck] =
        entryBitChecks
        + msrArea(.entryMSRLoadAddress, .entryMSRLoadCount, "controls.entry-msr-load", entrySection)

    private static let exitBitChecks: [EntryCheck] = [
        .init(
            "controls.exit.required-bits",
            "the VM-exit controls have every bit that the processor requires to be 1",
            [.exitControls], exitSection
        ) { $0.missing(.exitControls) == 0 },
        .init(
            "controls.exit.unsupported-bits",
            "the VM-exit controls have no bit that the processor requires to be 0",
            [.exitControls], exitSection
        ) { $0.excess(.exitControls) == 0 },
        .init(
            "controls.save-timer-needs-timer",
            """
            "save VMX-preemption timer value" is 1 only if "activate VMX-preemption timer" is 1
            """, [.exitControls, .pinControls], exitSection
        ) {
            !$0.has(ExitControl.savePreemptionTimer) || $0.has(PinControl.activatePreemptionTimer)
        },
    ]

    private static let entryBitChecks: [EntryCheck] = [
        .init(
            "controls.entry.required-bits",
            "the VM-entry controls have every bit that the processor requires to be 1",
            [.entryControls], entrySection
        ) { $0.missing(.entryControls) == 0 },
        .init(
            "controls.entry.unsupported-bits",
            "the VM-entry controls have no bit that the processor requires to be 0",
            [.entryControls], entrySection
        ) { $0.excess(.entryControls) == 0 },
        .init(
            "controls.entry-to-smm",
            "\"entry to SMM\" is 0 outside system-management mode", [.entryControls], entrySection
        ) { !$0.has(EntryControl.entryToSMM) },
        .init(
            "controls.deactivate-dual-monitor",
            "\"deactivate dual-monitor treatment\" is 0 outside system-management mode",
            [.entryControls], entrySection
        ) { !$0.has(EntryControl.deactivateDualMonitor) },
    ]

    /// The checks of an area of MSRs, made only if its count is not 0.
    private static func msrArea(
        _ address: VMCSField, _ count: VMCSField, _ id: String, _ citation: Citation
    ) -> [EntryCheck] {
        [
            .init(
                "\(id).aligned", "bits 3:0 of the \(address.title) are 0 if the count is not",
                [address, count], citation
            ) { $0[count] == 0 || $0[address] & 0xF == 0 },
            .init(
                "\(id).width",
                """
                the \(address.title) has no bit beyond the physical-address width if the count is \
                not 0
                """, [address, count], citation
            ) { $0[count] == 0 || $0.fitsStructureAddress($0[address]) },
            .init(
                "\(id).end",
                """
                the last byte of the area at the \(address.title) lies within the \
                physical-address width
                """, [address, count], citation
            ) {
                // Counts have 32 bits: the sum cannot wrap unless the address itself is too wide.
                $0[count] == 0 || !$0.fitsStructureAddress($0[address])
                    || $0.fitsStructureAddress($0[address] &+ $0[count] &* 16 &- 1)
            },
        ]
    }
}
