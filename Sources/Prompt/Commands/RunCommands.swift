import Narration

extension Command {
    /// The commands that run the machine.
    static let runRows: [Command] = [
        .init(
            "load", aliases: ["file"], usage: "load FILE [MODE [ADDRESS]]",
            summary: "take another guest or scenario",
            help: """
                FILE is assembly (.asm), a flat binary (.bin) or a scenario (.yaml): one of the \
                current folder, or of the workbook's guests. A flat binary needs its MODE, \
                real16, protected32 or long64.

                  load cr0.asm
                  load boot.bin real16 0x7c00
                """,
            completers: [.file, .mode],
            handler: { session, call throws(CommandError) in
                try session.loadGuest(try call.words())
                return .done
            }),
        .init(
            "stepi", aliases: ["si"], usage: "si [N]",
            summary: "execute one instruction, or N",
            help: "An instruction that exits is one step; what the hypervisor does is the next.",
            repeats: true,
            handler: { session, call throws(CommandError) in
                try session.step(count: try call.count())
                return .done
            }),
        .init(
            "continue", aliases: ["c"], usage: "c",
            summary: "run to a breakpoint or the end; Ctrl-C stops it", repeats: true,
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.resume()
                return .done
            }),
        .init(
            "next-exit", aliases: ["ne"], usage: "next-exit [N]",
            summary: "run to the next VM exit, or the Nth", repeats: true,
            handler: { session, call throws(CommandError) in
                try session.runToExit(count: try call.count())
                return .done
            }),
        .init(
            "restart", aliases: ["run"], usage: "restart",
            summary: "begin the run anew; breakpoints stay",
            help: "As run it takes a FILE too, and is load then.",
            completers: [.file],
            handler: { session, call throws(CommandError) in
                let words = try call.words()
                guard words.isEmpty else {
                    try session.loadGuest(words)
                    return .done
                }
                try session.restart()
                return .done
            }),
        .init(
            "break", aliases: ["b"], usage: "b [ADDRESS]", summary: "stop before an instruction",
            help: """
                ADDRESS is a label or an expression; without it, where the machine is now.

                  b loop
                  b 0x10020
                  b exit CPUID

                With exit, it stops after VM exits for that reason, or after any.
                """,
            completers: [.location],
            subcommands: [breakOnExit],
            handler: { session, call throws(CommandError) in
                // gdb has a star before an address, which is no other kind of value here.
                let place = String(call.text.trimmingPrefix("*"))
                try session.setBreakpoint(
                    at: place.isEmpty
                        ? nil : try Expression.evaluate(place, names: session.value))
                return .done
            }),
        .init(
            "delete", aliases: ["d"], usage: "delete [NUMBER]",
            summary: "remove a breakpoint, or all", completers: [.breakpoint],
            handler: { session, call throws(CommandError) in
                let number = try call.optionalWord()
                if let number, NumberText.parse(number) == nil {
                    throw call.misused("\(CommandError.quoted(number)) is not a number.")
                }
                try session.deleteBreakpoint(number.flatMap { NumberText.parse($0) })
                return .done
            }),
    ]

    private static let breakOnExit = Command(
        "exit", usage: "b exit [REASON]", summary: "stop after a VM exit",
        completers: [.exitReason],
        handler: { session, call throws(CommandError) in
            try session.setBreakpoint(onExit: try call.optionalWord())
            return .done
        })
}
