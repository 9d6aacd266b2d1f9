import Glibc

/// The program as it was built beside the tests.
enum BuiltProgram {
    /// Its path: the tests and the program are in one build folder.
    static var path: String {
        let arguments = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
        let tests = arguments.first ?? resolved("/proc/self/exe")
        return tests.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/stepvisor"
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
