import Narration

extension Command {
    /// The commands that go back in a run, or ask how it would have gone.
    static let timeRows: [Command] = [
        .init(
            "back", aliases: ["reverse-stepi", "rsi"], usage: "back [N]",
            summary: "undo the last step of the machine, or the last N",
            help: """
                Steps are those of si. Registers, memory, devices and remembered translations are \
                as they were; what the guest has written is not written again. What you set by \
                hand is part of the run: it is undone, and done again when you step on.
                """,
            repeats: true,
            handler: { session, call throws(CommandError) in
                try session.stepBack(count: try call.count())
                return .done
            }),
        .init(
            "reverse-continue", aliases: ["rc"], usage: "rc",
            summary: "go back to the last breakpoint, or to the start", repeats: true,
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.reverse()
                return .done
            }),
        .init(
            "previous-exit", aliases: ["pe"], usage: "previous-exit [N]",
            summary: "go back to the last VM exit, or the Nth", repeats: true,
            handler: { session, call throws(CommandError) in
                try session.reverseToExit(count: try call.count())
                return .done
            }),
        .init(
            "goto", usage: "goto STEP", summary: "go to a step by its number, back or on",
            help: """
                STEP counts the guest's instructions, as narration does; 0 is the start, before \
                the first VM entry.
                """,
            handler: { session, call throws(CommandError) in
                guard !call.text.isEmpty else { throw call.misused("A step's number is missing.") }
                try session.go(
                    toStep: try Expression.evaluate(call.text, names: session.value))
                return .done
            }),
        .init(
            "whatif", usage: "whatif NAME = EXPRESSION [at start]",
            summary: "what would come out differently first, had this been set",
            help: """
                Runs a copy of the guest beside yours, with a register, a VMCS field, one of \
                their bits or memory changed, and shows the first thing that differs. A field is \
                changed before the last VM entry, anything else before the instruction at RIP; \
                with at start, or once the run has ended, before the first entry. Your run stays \
                where it is.

                  whatif CR0_MASK.TS = 0
                  whatif rax = 0x80000031
                """,
            completers: [.setting, .value],
            handler: { session, call throws(CommandError) in
                let (call, atStart) = call.withoutSuffix(["at", "start"])
                let (name, value) = try call.assignment(in: session)
                try session.tryChange(name, to: value, atStart: atStart)
                return .done
            }),
    ]
}

extension Invocation {
    /// The same without these words at its end, and whether they were there.
    fileprivate func withoutSuffix(_ words: [String]) -> (Invocation, Bool) {
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.suffix(words.count).map({ $0.lowercased() }) == words,
            let first = parts.dropLast(words.count).last
        else { return (self, false) }
        let rest = Invocation(
            name: name, usage: usage, format: format, text: String(text[..<first.endIndex]),
            isRepetition: isRepetition)
        return (rest, true)
    }
}
