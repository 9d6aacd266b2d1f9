import Synchronization

/// Remembers what runs showed. A run is decided by its scenario alone, and a lesson's questions and
/// a grade's comparisons ask for the same one again and again.
final class RunCache: ScenarioRunner {
    private let runner: any ScenarioRunner
    private let known = Mutex<[Scenario: ObservedRun]>([:])
    /// Runs kept at most; then all are forgotten, as the next variant asks for others.
    private static let capacity = 500

    /// The runner with a memory, or itself if it has one.
    static func around(_ runner: any ScenarioRunner) -> any ScenarioRunner {
        runner is RunCache ? runner : RunCache(runner)
    }

    private init(_ runner: any ScenarioRunner) { self.runner = runner }

    func run(_ scenario: Scenario) throws(WorkbookError) -> ObservedRun {
        if let run = known.withLock({ $0[scenario] }) { return run }
        let run = try runner.run(scenario)
        known.withLock {
            if $0.count >= Self.capacity { $0.removeAll() }
            $0[scenario] = run
        }
        return run
    }
}
