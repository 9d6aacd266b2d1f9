/// Seeds for new students.
public enum Seeds {
    /// A seed that nobody chose, short enough to be typed.
    public static func fresh() -> UInt64 {
        UInt64.random(in: 1...999_999)
    }
}
