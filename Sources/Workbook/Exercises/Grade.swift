/// One thing that was compared.
public struct Comparison: Sendable, Hashable, CustomStringConvertible {
    /// The case or probe, as the student reads it, with its number.
    public var place: String
    /// The column, or what was looked at.
    public var what: String
    public var expected: String
    public var given: String
    public var agrees: Bool

    /// `PLACE [WHAT]: your answer gives …, expected is …`, or that they agree.
    public var description: String {
        agrees
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

    public var passed: Bool { comparisons.allSatisfy(\.agrees) }

    /// What to tell about a wrong answer: the mistake's hint, or the first hint.
    public var hint: String? {
        passed ? nil : mistake.map { "\($0.name): \($0.hint)" } ?? firstHint
    }
}
