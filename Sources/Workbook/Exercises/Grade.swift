/// One thing that was compared.
public struct Comparison: Sendable, Hashable, CustomStringConvertible {
    /// The case or probe, as the student reads it, with its number.
    public var place: String
    /// The column, or what was looked at.
    public var what: String
    public var expected: String
    /// What the answer says, or comes to when it is run; nil where it says nothing.
    public var given: String?
    public var agrees: Bool

    /// `PLACE [WHAT]: your answer gives …, expected is …`, or that they agree.
    public var description: String {
        guard let given else { return "\(place) [\(what)]: not answered" }
        return agrees
            ? "\(place) [\(what)]: \(given), as expected"
            : "\(place) [\(what)]: your answer gives \(given), expected is \(expected)"
    }
}

/// What grading an answer came to.
public struct Grade: Sendable, Hashable {
    public var exercise: String
    public var seed: UInt64
    /// Everything that was compared, in order.
    public var comparisons: [Comparison]
    /// The mistake that the answer shows, where it shows one.
    public var mistake: Mistake?
    /// The first tier of the exercise's hints, for an answer that shows no known mistake.
    public var firstHint: String?

    /// Whether nothing has been answered.
    public var isBlank: Bool { comparisons.allSatisfy { $0.given == nil } }

    public var passed: Bool { comparisons.allSatisfy(\.agrees) }

    /// What to tell about a wrong answer: the mistake's hint, or the first hint.
    public var hint: String? {
        passed ? nil : mistake.map { "\($0.name): \($0.hint)" } ?? firstHint
    }
}
