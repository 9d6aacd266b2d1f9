import Glibc

/// The environment variables, as a function so that tests can give their own.
public struct Environment: Sendable {
    private let lookUp: @Sendable (String) -> String?

    public init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
    }

    private init(lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// The variables that this process was started with.
    public static let process = Environment { name in
        getenv(name).map { String(cString: $0) }
    }

    /// A variable's value; nil also if it is empty, as most conventions treat the two alike.
    public subscript(name: String) -> String? {
        lookUp(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Those of the variables named that have a value.
    public func values(of names: [String]) -> [String: String] {
        var found: [String: String] = [:]
        for name in names { found[name] = self[name] }
        return found
    }
}

extension Environment {
    /// The folder for what the program remembers between runs (XDG Base Directory Specification,
    /// "XDG_STATE_HOME"); nil if neither that nor HOME says where. A relative path does not count.
    public var stateFolder: String? {
        func absolute(_ name: String) -> String? {
            self[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        let base = absolute("XDG_STATE_HOME") ?? absolute("HOME").map { $0 + "/.local/state" }
        return base.map { $0 + "/stepvisor" }
    }
}
