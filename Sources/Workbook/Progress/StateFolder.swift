/// Where the program keeps what it remembers between runs: progress and history.
public enum StateFolder {
    /// The environment variables that decide it.
    public static let variables = ["XDG_STATE_HOME", "HOME"]

    /// `stepvisor` under `XDG_STATE_HOME`, else under `.local/state` of the home folder; nil if
    /// neither says where. A relative path does not count (XDG Base Directory Specification,
    /// "Basics").
    public static func path(environment: [String: String]) -> String? {
        func absolute(_ name: String) -> String? {
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        let base = absolute("XDG_STATE_HOME") ?? absolute("HOME").map { $0 + "/.local/state" }
        return base.map { $0 + "/stepvisor" }
    }
}
