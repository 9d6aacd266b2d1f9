extension EntryChecks {
    /// SDM 3C, 27.2.1 "Checks on VMX Controls".
    static let controlChecks: [EntryCheck] =
        executionControlChecks + apicChecks + memoryChecks + functionChecks + exitControlChecks
        + entryControlChecks + injectionChecks
}
