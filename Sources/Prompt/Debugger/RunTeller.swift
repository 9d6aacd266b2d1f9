import Hypervisor
import Machine
import Narration

/// Tells a run at the prompt: as much as the command asks for, the guest's output between, and no
/// more lines than anybody reads.
final class RunTeller {
    /// What one command may fill the screen with; more is counted.
    struct Limits {
        var narration = Int.max
        var output = 1000
    }

    /// Follows the run. Going back puts back the one that was there.
    var narrator: TextNarrator
    private let show: (String) -> Void
    private var console = GuestConsoleText()
    /// Of the guest's output, the line that has not ended.
    private var line = ""
    private var limits = Limits()
    private var untold = 0
    /// Whether anything is told now.
    private var isTelling = false

    init(narrator: TextNarrator, show: @escaping (String) -> Void) {
        self.narrator = narrator
        self.show = show
    }

    /// From now on, so much.
    func begin(_ level: NarrationLevel, limits: Limits = Limits()) {
        isTelling = level != .off
        // The narrator follows the run also while nobody listens.
        narrator.level = level == .off ? .brief : level
        self.limits = limits
        untold = 0
    }

    func hear(_ event: RunEvent) {
        let lines = narrator.lines(for: event)
        if case .output(let output) = event { take(output.byte) }
        guard isTelling else { return }
        for line in lines { tell(line) }
    }

    private func tell(_ line: String) {
        guard limits.narration > 0 else {
            untold += 1
            return
        }
        limits.narration -= 1
        show(line)
    }

    private func take(_ byte: UInt8) {
        for character in console.text(for: CollectionOfOne(byte)) {
            // A guest that never ends its line gets one ended for it.
            if character == "\n" || line.utf8.count >= 200 { endLine() }
            if character != "\n" { line.append(character) }
        }
    }

    private func endLine() {
        defer { line = "" }
        guard limits.output > 0 else {
            untold += 1
            return
        }
        limits.output -= 1
        show("guest writes: \(line)")
    }

    /// The last decision that the run came to.
    var lastExplanation: Explanation? { narrator.lastExplanation }

    /// The command is over.
    ///
    /// - Parameter run: the run, whose end is told if it has ended.
    func finish(_ run: GuestRun) {
        let rest = narrator.pause()
        if isTelling { rest.forEach(tell) }
        if !line.isEmpty { endLine() }
        if untold > 0 { show("… and \(untold) more lines") }
        for line in narrator.end(run) { show(line) }
        isTelling = false
    }
}
