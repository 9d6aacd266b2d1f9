import Prompt

/// The environment variables that the workbook's folders come from.
enum ProcessVariables {
    static let all: [String: String] = {
        var found: [String: String] = [:]
        for name in ["HOME", "XDG_STATE_HOME", "STEPVISOR_ROOT", "STEPVISOR_ANSWERS"] {
            found[name] = Environment.process[name]
        }
        return found
    }()
}
