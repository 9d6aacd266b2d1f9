extension EntryChecks {
    /// SDM 3C, 27.3.1 "Checks on the Guest State Area".
    static let guestChecks: [EntryCheck] =
        guestControlRegisterChecks + guestMSRChecks + guestSelectorAndBaseChecks
        + guestAccessRightsChecks + guestPrivilegeChecks + guestSystemSegmentChecks
        + guestDescriptorTableChecks + guestFlagChecks + guestActivityChecks
        + guestInterruptibilityChecks + guestPendingDebugChecks + guestLinkPointerChecks
        + guestPDPTEChecks
}
