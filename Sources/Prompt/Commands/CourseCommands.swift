extension Command {
    /// The commands that go through lessons and exercises.
    static let courseRows: [Command] = [
        .init(
            "list", aliases: ["ls", "lessons"], usage: "list",
            summary: "the lessons, and how far you are",
            help: "Each lesson has an id, which start takes, and a number, which does as well.",
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.listLessons()
                return .done
            }),
        .init(
            "start", aliases: ["lesson"], usage: "start [LESSON]",
            summary: "begin a lesson, or go on with the current one",
            help: """
                LESSON is an id or a number from list.

                  start cr0-mask-and-shadow
                  start 15
                """,
            completers: [.lesson],
            handler: { session, call throws(CommandError) in
                try session.startLesson(try call.optionalWord())
                return .done
            }),
        .init(
            "next", aliases: ["n"], usage: "next",
            summary: "the lesson's next step",
            help: """
                A step may ask for a prediction first. What happens is shown once you have made one.
                """,
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.nextStep()
                return .done
            }),
        .init(
            "answer", usage: "answer [EXERCISE]",
            summary: "be asked for the exercise's answer",
            help: """
                Asks for one part after the other and writes each to its line of your answer's \
                file; every other line stays as it is. Enter keeps what is there, Ctrl-C leaves \
                the rest for later.
                """,
            completers: [.exercise],
            handler: { session, call throws(CommandError) in
                try session.answerExercise(try call.optionalWord())
                return .done
            }),
        .init(
            "hint", usage: "hint [EXERCISE]",
            summary: "a hint for the exercise; again for a plainer one",
            completers: [.exercise],
            handler: { session, call throws(CommandError) in
                try session.showHint(try call.optionalWord())
                return .done
            }),
        .init(
            "verify", aliases: ["check"], usage: "verify [EXERCISE]",
            summary: "grade the exercise",
            help: """
                Runs what you have answered and compares the outcome. What differs is shown, with \
                what was compared. Without EXERCISE it is the one that the lesson is at.
                """,
            completers: [.exercise],
            handler: { session, call throws(CommandError) in
                try session.verifyExercise(try call.optionalWord())
            }),
        .init(
            "solution", usage: "solution [EXERCISE]",
            summary: "the reference answer, after a pass or three tries",
            completers: [.exercise],
            handler: { session, call throws(CommandError) in
                try session.showSolution(try call.optionalWord())
                return .done
            }),
        .init(
            "reset", usage: "reset [LESSON]",
            summary: "begin the lesson anew; your answers are kept",
            help: "Its progress is forgotten. Answers that you wrote are kept under other names.",
            completers: [.lesson],
            handler: { session, call throws(CommandError) in
                try session.resetLesson(try call.optionalWord())
                return .done
            }),
    ]
}
