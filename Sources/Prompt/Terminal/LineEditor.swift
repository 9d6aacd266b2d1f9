import CReadline
import Glibc
import Narration
import Workbook

/// A line at a time from a terminal, edited by GNU Readline: Emacs or vi keys as the user's
/// inputrc says, Tab completion, history.
///
/// Readline is driven through its callback interface: this class waits for input and for signals
/// and hands readline one key at a time, so that no signal handler of readline's and no longjmp
/// out of one is ever needed. Readline has one line in one process: one editor, on one thread.
public final class LineEditor: LineSource {
    /// Gives the candidates for a line and the cursor in it, in bytes of UTF-8.
    public var completer: (_ line: String, _ cursor: Int) -> Completion = { _, _ in .none }
    /// Whether lines enter the history. Off while a question is answered.
    public var remembersLines = true
    /// Why the history cannot be kept, once, until it is taken with ``takeNotice()``.
    private var notice: String?

    private enum Progress {
        case reading
        /// Done; nil at the end of input.
        case done([UInt8]?)
    }

    private let input: Int32
    private let output: Int32
    private let outputStream: UnsafeMutablePointer<FILE>?
    private let environment: Environment
    private var history: HistoryFile?
    private var lastRemembered: String?
    private var progress = Progress.reading
    private var completion = Completion.none
    private var nextKey: Int32?
    private var heldSignal: Int32?
    /// Lines behind the first of a text that was pasted as one.
    private var pasted: [LineEvent] = []

    /// The editor whose `readLine` runs. Readline's callbacks have no argument for it.
    nonisolated(unsafe) private static var current: LineEditor?

    /// An editor on a terminal. Loads the history from the environment's state folder.
    public init(
        input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO,
        environment: Environment = .process
    ) {
        self.input = input
        self.output = output
        self.environment = environment
        outputStream = stepvisor_stream(output, "w")
        // Readline asks the locale how long a character is. The user's locale may not be
        // installed here; any other UTF-8 one does as well.
        let isUnicode =
            Terminal(descriptor: output, environment: environment)
            .style.characters == .unicode
        if setlocale(LC_CTYPE, "") == nil && isUnicode { setlocale(LC_CTYPE, "C.UTF-8") }
        configureReadline()
        loadHistory()
    }

    /// Something to tell the user about the history, if there is; each is given once.
    public func takeNotice() -> String? {
        defer { notice = nil }
        return notice
    }

    public func readLine(prompt: String) -> LineEvent {
        if !pasted.isEmpty { return pasted.removeFirst() }
        fflush(nil)
        SignalPipe.drain()
        Interruption.clear()
        let signals = PromptSignals()
        defer { signals.restore() }
        LineEditor.current = self
        defer { LineEditor.current = nil }

        progress = .reading
        heldSignal = nil
        rl_reset_screen_size()
        rl_callback_handler_install(prompt) { LineEditor.current?.receive($0) }
        while true {
            if let signal = heldSignal.take() {
                if signal == SIGINT { return abandonLine() }
                answer(signal, signals)
            }
            guard case .reading = progress else { break }
            switch SignalPipe.wait(for: input) {
            case .input:
                nextKey = readKey()
                if nextKey != nil { rl_callback_read_char() }
            case .signal(let signal): heldSignal = signal
            }
        }
        guard case .done(let bytes?) = progress else {
            write("\n")
            return .endOfInput
        }
        return accept(bytes)
    }

    public func readAnswer(prompt: String) -> LineEvent {
        let remembered = (remembersLines, completer)
        remembersLines = false
        completer = { _, _ in .none }
        defer { (remembersLines, completer) = remembered }
        return readLine(prompt: prompt)
    }

    // MARK: Keys

    /// The key that is ready: nil if there is none after all, -1 (`EOF`) at the end of input.
    private func readKey() -> Int32? {
        var byte: UInt8 = 0
        let count = read(input, &byte, 1)
        if count == 1 { return Int32(byte) }
        if count < 0 { return errno == EINTR || errno == EAGAIN ? nil : EOF }
        var state = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        let hasHungUp = poll(&state, 1, 0) == 1 && Int32(state.revents) & POLLHUP != 0
        return hasHungUp ? EOF : nil
    }

    /// Readline's key function. Mostly the key is there already; within fast or pasted text
    /// readline asks for the next on its own. A signal that comes then is answered when readline
    /// is done; one that voids the line ends the text.
    private func giveKey() -> Int32 {
        defer { nextKey = nil }
        while nextKey == nil {
            switch SignalPipe.wait(for: input) {
            case .input: nextKey = readKey()
            case .signal(let signal):
                heldSignal = signal
                if !PromptSignals.keepLine.contains(signal) { return EOF }
            }
        }
        return nextKey ?? EOF
    }

    // MARK: Lines

    /// Readline's line handler. It gives the terminal back before anything else happens.
    private func receive(_ line: UnsafeMutablePointer<CChar>?) {
        rl_callback_handler_remove()
        progress = .done(line.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) })
        free(line)
    }

    private func accept(_ bytes: [UInt8]) -> LineEvent {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let events = lines.map { LineEvent(bytes: $0) }
        for case .line(let line) in events where remembersLines { remember(line) }
        pasted = Array(events.dropFirst())
        if case .line("") = pasted.last { pasted.removeLast() }
        return events.first ?? .line("")
    }

    private func abandonLine() -> LineEvent {
        Interruption.clear()
        pasted = []
        rl_callback_sigcleanup()
        rl_free_line_state()
        write("^C\n")
        rl_callback_handler_remove()
        return .interrupted
    }

    private func write(_ text: String) {
        fputs(text, outputStream)
        fflush(outputStream)
    }

    // MARK: Signals

    private func answer(_ signal: Int32, _ signals: PromptSignals) {
        // A line that is done has given the terminal back.
        if case .done = progress, PromptSignals.keepLine.contains(signal) { return }
        switch signal {
        case SIGWINCH:
            rl_resize_terminal()
        case SIGTSTP:
            stepvisor_readline_release_terminal()
            signals.stop()
            stepvisor_readline_retake_terminal()
        case SIGCONT:
            stepvisor_readline_release_terminal()
            stepvisor_readline_retake_terminal()
        default:
            rl_callback_handler_remove()
            write("\n")
            signals.end(by: signal)
            progress = .done(nil)
        }
    }

    // MARK: Completion

    private func configureReadline() {
        stepvisor_readline_configure(programName) { _ in LineEditor.current?.giveKey() ?? EOF }
        stepvisor_readline_set_streams(stepvisor_stream(input, "r"), outputStream)
        rl_variable_bind("show-all-if-ambiguous", "on")
        stepvisor_readline_set_completion(
            { _, start, _ in LineEditor.current?.matches(wordStart: Int(start)) },
            { _, _, _ in LineEditor.current?.showCandidates() }, wordBreaks)
    }

    /// Readline's list of matches: what all begin with, then each, then null; null if none.
    private func matches(
        wordStart: Int
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
        stepvisor_readline_completion_is_final(0)
        guard let line = String(validatingCString: stepvisor_readline_line()) else { return nil }
        completion = completer(line, Int(stepvisor_readline_cursor()))
        let candidates = completion.candidates
        guard !candidates.isEmpty, completion.start >= wordStart else { return nil }
        // Readline replaces the whole word; a candidate may be only the end of it.
        let kept = String(decoding: Array(line.utf8)[wordStart..<completion.start], as: UTF8.self)
        var words = [kept + completion.commonPrefix]
        if candidates.count > 1 { words += candidates.map { kept + $0.text } }
        if candidates.count == 1 && candidates[0].endsWord {
            stepvisor_readline_completion_is_final(Int32(UInt8(ascii: " ")))
        }
        let size = (words.count + 1) * MemoryLayout<UnsafeMutablePointer<CChar>?>.stride
        guard let memory = malloc(size) else { return nil }
        let list = memory.bindMemory(
            to: UnsafeMutablePointer<CChar>?.self, capacity: words.count + 1)
        for (index, word) in words.enumerated() { list[index] = strdup(word) }
        list[words.count] = nil
        return list
    }

    private func showCandidates() {
        let style = Terminal(descriptor: output, environment: environment).style
        rl_crlf()
        write(completion.listing(style: style).joined(separator: "\n") + "\n")
        rl_forced_update_display()
    }

    // MARK: History

    private func loadHistory() {
        using_history()
        stifle_history(Int32(HistoryFile.lineLimit))
        guard let folder = environment.stateFolder else {
            notice = "The history is not kept: neither XDG_STATE_HOME nor HOME names a folder."
            return
        }
        let file = HistoryFile(path: folder + "/history")
        do throws(WorkbookError) {
            for line in try file.load() { add_history(line) }
            history = file
        } catch {
            giveUpHistory(error)
        }
    }

    private func remember(_ line: String) {
        let isBlank = line.allSatisfy(\.isWhitespace)
        guard !isBlank, line != lastRemembered, !line.utf8.contains(0) else { return }
        lastRemembered = line
        add_history(line)
        do throws(WorkbookError) {
            try history?.append(line)
        } catch {
            giveUpHistory(error)
        }
    }

    private func giveUpHistory(_ failure: WorkbookError) {
        history = nil
        notice = "The history is not kept: \(failure.description)."
    }
}

/// Strings that readline keeps pointers to, so they are never freed.
nonisolated(unsafe) private let programName = UnsafePointer(strdup("stepvisor"))
nonisolated(unsafe) private let wordBreaks = UnsafePointer(strdup(" \t\n"))
