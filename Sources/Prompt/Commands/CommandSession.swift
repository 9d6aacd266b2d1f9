import Narration

/// What the commands act on: a lesson that is under way and the machine it runs on. A command's
/// row says how it is typed; what it does is here, with arguments that have been checked.
///
/// Every effect throws a ``CommandError`` if it makes no sense at this moment.
public protocol CommandSession: AnyObject {
    /// How text may look where it goes.
    var style: TextStyle { get }
    /// Writes text for the person at the prompt; the style's characters are seen to.
    func show(_ text: String)
    /// What Tab offers.
    func candidates(
        for completer: Completer, in arguments: Substring
    ) -> [Completion.Candidate]
    /// The value of a register, label or field, for expressions.
    func value(named name: String) throws(CommandError) -> UInt64

    // The course.

    /// Shows the lessons and how far the student is.
    func listLessons() throws(CommandError)
    /// Begins a lesson by its id or number, or goes on with the current one if nil.
    func startLesson(_ lesson: String?) throws(CommandError)
    /// Goes to the lesson's next step.
    func nextStep() throws(CommandError)
    /// Asks for the answer to an exercise, the current one if nil.
    func answerExercise(_ exercise: String?) throws(CommandError)
    /// Shows the next tier of hints for an exercise, the current one if nil.
    func showHint(_ exercise: String?) throws(CommandError)
    /// Grades an exercise, the current one if nil.
    func verifyExercise(_ exercise: String?) throws(CommandError) -> CommandOutcome
    /// Shows the reference answer to an exercise, if it has been earned.
    func showSolution(_ exercise: String?) throws(CommandError)
    /// Puts a lesson, the current one if nil, back to its begin.
    func resetLesson(_ lesson: String?) throws(CommandError)

    // The machine: running it.

    /// Loads a guest or scenario: a file, and for a flat binary its mode and address.
    func loadGuest(_ words: [String]) throws(CommandError)
    /// Executes instructions, 1 or more.
    func step(count: UInt64) throws(CommandError)
    /// Runs to a breakpoint or the end.
    func resume() throws(CommandError)
    /// Runs through exits until this many have happened.
    func runToExit(count: UInt64) throws(CommandError)
    /// Puts the machine back to where its run began; breakpoints stay.
    func restart() throws(CommandError)
    /// Goes back by steps, 1 or more.
    func stepBack(count: UInt64) throws(CommandError)
    /// Goes back to the last breakpoint, or to the start.
    func reverse() throws(CommandError)
    /// Goes back through exits until this many have been passed.
    func reverseToExit(count: UInt64) throws(CommandError)
    /// Goes to where so many instructions have been completed, back or on.
    func go(toStep step: UInt64) throws(CommandError)
    /// Runs a copy of the guest with something changed, and shows what comes out differently first.
    func tryChange(_ name: String, to value: UInt64, atStart: Bool) throws(CommandError)
    /// Sets a breakpoint at an address; nil is the next instruction's.
    func setBreakpoint(at address: UInt64?) throws(CommandError)
    /// Sets a breakpoint on exits for a reason, by its name or number; nil is any.
    func setBreakpoint(onExit reason: String?) throws(CommandError)
    /// Removes a breakpoint by its number; nil is all.
    func deleteBreakpoint(_ number: UInt64?) throws(CommandError)

    // The machine: looking at it and changing it.

    /// Shows registers: those named, or the usual ones if none is.
    func showRegisters(_ names: [String]) throws(CommandError)
    /// Shows VMCS fields whose names hold the filter, or all.
    func showVMCS(filter: String?) throws(CommandError)
    /// Shows the VM-execution, -entry and -exit controls bit by bit; those that hold the filter.
    func showControls(filter: String?) throws(CommandError)
    func showTranslations() throws(CommandError)
    /// Shows the exits so far.
    func showExits() throws(CommandError)
    /// Lists the breakpoints.
    func showBreakpoints() throws(CommandError)
    /// Shows memory at a guest-linear address; nil goes on behind what was shown last.
    func examine(at address: UInt64?, format: String?) throws(CommandError)
    /// Shows an expression's value.
    func printValue(_ value: UInt64, of text: String, format: String?) throws(CommandError)
    /// Disassembles instructions from an address; nil is the next instruction's.
    func disassemble(from address: UInt64?, count: UInt64?) throws(CommandError)
    /// Changes a register, field or bit.
    func set(_ name: String, to value: UInt64) throws(CommandError)
    /// Reads a VMCS field as VMREAD does.
    func readField(_ name: String) throws(CommandError)
    /// Writes a VMCS field as VMWRITE does.
    func writeField(_ name: String, _ value: UInt64) throws(CommandError)
    /// Explains the last decision: why it went as it did.
    func explainDecision() throws(CommandError)
    /// Explains what would have made the last decision go the other way.
    func explainOtherDecision() throws(CommandError)

    // Looking something up.

    /// Shows what a name means; nil shows the kinds of things that have one.
    func explain(_ name: String?) throws(CommandError)
    /// Makes all checks of VM entry on the current VMCS.
    func checkEntry() throws(CommandError) -> CommandOutcome
}
