import Architecture
import Hypervisor
import Machine

/// A scenario with its guest found: all that a run needs.
public struct Scenario: Sendable, Hashable {
    public var file: ScenarioFile
    /// Where the guest's file is.
    public var guestPath: String

    public init(file: ScenarioFile, guestPath: String) {
        self.file = file
        self.guestPath = guestPath
    }

    /// Reads a scenario's file and finds its guest, beside it or in `Guests` of the root.
    /// - Parameter root: the workbook's folder; nil to look beside the file only.
    public static func read(_ path: String, root: Folder?) throws(WorkbookError) -> Scenario {
        let file = try ScenarioFile.read(path)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return try Scenario(
            file: file, beside: Folder(path: folder.isEmpty ? "/" : folder),
            guests: root.map { Folder(path: $0.path + "/Guests") })
    }

    /// Finds the guest that a scenario's file names.
    init(file: ScenarioFile, beside folder: Folder, guests: Folder?) throws(WorkbookError) {
        let name = file.guest.value
        guard let path = folder.file(name) ?? guests?.file(name) else {
            let known = (guests?.names() ?? []) + (folder.names() ?? [])
            let sources = known.filter { $0.hasSuffix(".asm") || $0.hasSuffix(".bin") }
            throw WorkbookError(
                file: file.file, position: file.guest.position,
                "there is no guest \(name)\(Spelling.suggestion(for: name, among: sources))",
                expected: "a file beside the scenario, or in Guests")
        }
        self.init(file: file, guestPath: path)
    }

    /// What the scenario asks to be run. Guest steps are bounded apart: see
    /// ``ScenarioFile/stepBudget``.
    /// - Throws: what is wrong with the guest's source, and values that have no place where the
    ///   program runs.
    public func configuration() throws(WorkbookError) -> RunConfiguration {
        var configuration = RunConfiguration(image: try image())
        configuration.operation = file.operation
        if let name = file.processor?.value, let processor = Processor(named: name) {
            configuration.processor = processor
        }
        if let memory = file.memory { configuration.memorySize = memory }
        for setting in file.settings {
            if case .field = setting.target, file.operation != .nonRoot {
                throw WorkbookError(
                    file: file.file, position: setting.name.position,
                    "\(setting.name.value) is a VMCS field, and there is no VMCS "
                        + (file.operation == .root ? "before the first entry" : "outside"),
                    expected: "`operation: non-root`, or registers only")
            }
            configuration.settings.append(.init(setting.target, setting.value))
        }
        for policy in file.policies {
            configuration.policy.reactions[policy.reason] = policy.action
        }
        for port in file.ports { configuration.portInputs[port.number] = port.values }
        return configuration
    }

    private func image() throws(WorkbookError) -> GuestImage {
        do throws(GuestLoader.Failure) {
            return try GuestLoader.load(guestPath, mode: file.mode, load: file.load?.value)
        } catch {
            throw WorkbookError(
                file: file.file, position: file.guest.position,
                "the guest cannot be loaded: \(error.message)")
        }
    }
}

extension ScenarioFile {
    /// Guest steps after which a run of it ends; nil for no bound, where the file says 0.
    public var stepBudget: UInt64? {
        let steps = maxSteps ?? Limits.scenarioSteps
        return steps == 0 ? nil : steps
    }
}
