import Architecture

extension EntryChecks {
    static let hostChecks: [EntryCheck] = []
}
