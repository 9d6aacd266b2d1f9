/// How much of a run is told.
public enum NarrationLevel: String, CaseIterable, Sendable {
    /// The guest's output and the end.
    case off
    /// Entries, exits, decisions and what root software does.
    case brief
    /// Every instruction too, and each decision with its rules.
    case full
}
