// What the fields of the VMCS are for, in a sentence or two each.

extension VMCSField {
    /// What the field is for, in one or two sentences. A test holds the tables against `allCases`.
    public var meaning: String { Self.meanings[index] }

    /// One row of the tables of meanings.
    typealias Meaning = (field: VMCSField, text: String)

    /// By ``index``; empty where a row is missing.
    private static let meanings: [String] = {
        var texts = [String](repeating: "", count: count)
        for row in meaningRows { texts[row.field.index] = row.text }
        return texts
    }()

    /// All rows, a row a field.
    static let meaningRows: [Meaning] =
        controlAddressMeanings + controlListMeanings + executionControlMeanings
        + transitionControlMeanings + exitInformationMeanings + guestSegmentMeanings
        + guestRegisterMeanings + guestNonRegisterMeanings + hostMeanings
}
