import Glibc
import Workbook

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
    /// The folder for what the program remembers between runs; nil if nothing says where.
    public var stateFolder: String? {
        StateFolder.path(environment: values(of: StateFolder.variables))
    }
}
