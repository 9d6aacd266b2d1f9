extension EntryChecks {
    /// SDM 3C, 27.2.2 to 27.2.4.
    static let hostChecks: [EntryCheck] =
        hostControlRegisterChecks + hostMSRChecks + hostSelectorChecks + hostBaseChecks
        + addressSpaceSizeChecks
}
