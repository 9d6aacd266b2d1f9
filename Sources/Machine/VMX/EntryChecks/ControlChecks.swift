import Architecture

extension EntryChecks {
    static let controlChecks: [EntryCheck] = []
}
