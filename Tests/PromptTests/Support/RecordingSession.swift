import Narration

@testable import Prompt

/// A session that does nothing but write down what it was asked to.
final class RecordingSession: CommandSession {
    var calls: [String] = []
    var shown = ""
    var verifyOutcome = CommandOutcome.done
    let style = TextStyle.plain

    static let values: [String: UInt64] = ["rax": 0x10, "$rax": 0x10, "loop": 0x1_0008]
    static let names: [Completer: [String]] = [
        .lesson: ["cr0-mask-and-shadow", "root-and-non-root"],
        .field: ["GUEST_CR0", "GUEST_CR3", "HOST_CR0"],
        .exitReason: ["CPUID", "HLT"],
        .register: ["rax", "rbx"],
        .location: ["loop", "lost"],
        .value: ["rax", "rbx", "loop", "lost"],
        .setting: ["rax", "cr0-mask.em"],
    ]

    func show(_ text: String) { shown += text }

    func candidates(
        for completer: Completer, in arguments: Substring
    ) -> [Completion.Candidate] {
        (Self.names[completer] ?? []).map { Completion.Candidate($0) }
    }

    func value(named name: String) throws(CommandError) -> UInt64 {
        guard let value = Self.values[name] else {
            throw .unknown("a value", name, among: Self.values.keys.sorted())
        }
        return value
    }

    private func text(_ value: UInt64?) -> String { value.map { String($0) } ?? "nil" }

    func listLessons() { calls.append("list") }
    func startLesson(_ lesson: String?) { calls.append("start \(lesson ?? "nil")") }
    func nextStep() { calls.append("next") }
    func answerExercise(_ exercise: String?) { calls.append("answer \(exercise ?? "nil")") }
    func showHint(_ exercise: String?) { calls.append("hint \(exercise ?? "nil")") }
    func verifyExercise(_ exercise: String?) -> CommandOutcome {
        calls.append("verify \(exercise ?? "nil")")
        return verifyOutcome
    }
    func showSolution(_ exercise: String?) { calls.append("solution \(exercise ?? "nil")") }
    func resetLesson(_ lesson: String?) { calls.append("reset \(lesson ?? "nil")") }
    func loadGuest(_ words: [String]) { calls.append("load \(words)") }
    func step(count: UInt64) { calls.append("step \(count)") }
    func resume() { calls.append("resume") }
    func runToExit(count: UInt64) { calls.append("exit \(count)") }
    func restart() { calls.append("restart") }
    func stepBack(count: UInt64) { calls.append("back \(count)") }
    func reverse() { calls.append("reverse") }
    func reverseToExit(count: UInt64) { calls.append("reverse exit \(count)") }
    func go(toStep step: UInt64) { calls.append("goto \(step)") }
    func tryChange(_ name: String, to value: UInt64, atStart: Bool) {
        calls.append("whatif \(name) \(value)\(atStart ? " at start" : "")")
    }
    func setBreakpoint(at address: UInt64?) { calls.append("break \(text(address))") }
    func setBreakpoint(onExit reason: String?) { calls.append("break exit \(reason ?? "nil")") }
    func deleteBreakpoint(_ number: UInt64?) { calls.append("delete \(text(number))") }
    func showRegisters(_ names: [String]) { calls.append("registers \(names)") }
    func showVMCS(filter: String?) { calls.append("vmcs \(filter ?? "nil")") }
    func showControls(filter: String?) { calls.append("controls \(filter ?? "nil")") }
    func showTranslations() { calls.append("translations") }
    func showExits() { calls.append("exits") }
    func showBreakpoints() { calls.append("breakpoints") }
    func examine(at address: UInt64?, format: String?) {
        calls.append("examine \(text(address)) \(format ?? "nil")")
    }
    func printValue(_ value: UInt64, of expression: String, format: String?) {
        calls.append("print \(value) \(expression) \(format ?? "nil")")
    }
    func disassemble(from address: UInt64?, count: UInt64?) {
        calls.append("disassemble \(text(address)) \(text(count))")
    }
    func set(_ name: String, to value: UInt64) { calls.append("set \(name) \(value)") }
    func readField(_ name: String) { calls.append("vmread \(name)") }
    func writeField(_ name: String, _ value: UInt64) { calls.append("vmwrite \(name) \(value)") }
    func explainDecision() { calls.append("why") }
    func explain(_ name: String?) { calls.append("explain \(name ?? "nil")") }
    func checkEntry() -> CommandOutcome {
        calls.append("check")
        return .done
    }
    func explainOtherDecision() { calls.append("why not") }
}
