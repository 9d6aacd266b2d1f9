import Architecture

extension EntryChecks {
    static let guestChecks: [EntryCheck] = []
}
