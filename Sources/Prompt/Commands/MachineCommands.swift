extension Command {
    /// The commands that show the machine and change it.
    static let machineRows: [Command] = [
        .init(
            "info", aliases: ["i"], usage: "info registers|vmcs|controls|exits|tlb|break",
            summary: "show a part of the machine", subcommands: infoRows),
        .init(
            "x", usage: "x[/NFU] [ADDRESS]", summary: "show memory, as gdb's x",
            help: """
                N is how many, F a format (x d u o t a c s i z), U a size (b h w g for 1, 2, 4 and \
                8 bytes). What is left out stays as it was. Without ADDRESS, or on an empty line, \
                it goes on behind what was shown last.

                  x/16xb 0x10000
                  x/4i loop
                """,
            takesFormat: true, completers: [.value], repeats: true,
            handler: { session, call throws(CommandError) in
                let address =
                    call.isRepetition ? nil : try call.optionalExpression(in: session)
                try session.examine(at: address, format: call.format)
                return .done
            }),
        .init(
            "print", aliases: ["p", "inspect"], usage: "p[/F] EXPRESSION",
            summary: "show the value of an expression",
            help: """
                Numbers are decimal, or hexadecimal after 0x. Names are registers, labels and \
                VMCS fields. Operators are C's: + - * / % & | ^ << >> ~ and parentheses.

                  p rax + 8
                  p/t cr0
                """,
            takesFormat: true, completers: [.value],
            handler: { session, call throws(CommandError) in
                guard let value = try call.optionalExpression(in: session) else {
                    throw call.misused("An expression is missing.")
                }
                try session.printValue(value, of: call.text, format: call.format)
                return .done
            }),
        .init(
            "disassemble", aliases: ["disas"], usage: "disas [ADDRESS[, N]]",
            summary: "show N instructions, from where the machine is",
            completers: [.location],
            handler: { session, call throws(CommandError) in
                let parts = call.text.split(separator: ",", maxSplits: 1)
                var values: [UInt64] = []
                for part in parts {
                    values.append(try Expression.evaluate(String(part), names: session.value))
                }
                try session.disassemble(
                    from: values.first, count: values.count > 1 ? values[1] : nil)
                return .done
            }),
        .init(
            "set", usage: "set NAME = EXPRESSION",
            summary: "change a register, a VMCS field, one of their bits, or memory",
            help: """
                Memory is a type in braces, char, short, int or long for 1, 2, 4 or 8 bytes, and \
                an address.

                  set rax = 0x10
                  set CR0_MASK.EM = 0
                  set {int}0x9000 = 1
                """,
            completers: [.setting, .value],
            handler: { session, call throws(CommandError) in
                let (name, value) = try call.assignment(in: session)
                try session.set(name, to: value)
                return .done
            }),
        .init(
            "vmread", usage: "vmread FIELD", summary: "read a VMCS field, as VMREAD does",
            completers: [.field],
            handler: { session, call throws(CommandError) in
                try session.readField(try call.word("A VMCS field"))
                return .done
            }),
        .init(
            "vmwrite", usage: "vmwrite FIELD EXPRESSION",
            summary: "write a VMCS field, as VMWRITE does",
            completers: [.field, .value],
            handler: { session, call throws(CommandError) in
                let (name, value) = try call.assignment(in: session)
                try session.writeField(name, value)
                return .done
            }),
        .init(
            "why", usage: "why", summary: "the rules behind the last decision",
            help: """
                Shows the rules in the order in which the processor applies them, with what each \
                looked at, and the one that decided.
                """,
            subcommands: [whyNot],
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.explainDecision()
                return .done
            }),
    ]

    private static let whyNot = Command(
        "not", usage: "why not", summary: "what would have made it go the other way",
        handler: { session, call throws(CommandError) in
            try call.expectNothing()
            try session.explainOtherDecision()
            return .done
        })

    private static let infoRows: [Command] = [
        .init(
            "registers", aliases: ["r"], usage: "info registers [NAME]…",
            summary: "the guest's registers", completers: [.register],
            handler: { session, call throws(CommandError) in
                try session.showRegisters(try call.words())
                return .done
            }),
        .init(
            "vmcs", usage: "info vmcs [PART]", summary: "VMCS fields, those whose name holds PART",
            completers: [.field],
            handler: { session, call throws(CommandError) in
                try session.showVMCS(filter: try call.optionalWord())
                return .done
            }),
        .init(
            "controls", usage: "info controls [PART]",
            summary: "the VM-execution, VM-entry and VM-exit controls, bit by bit",
            completers: [.control],
            handler: { session, call throws(CommandError) in
                try session.showControls(filter: try call.optionalWord())
                return .done
            }),
        .init(
            "exits", usage: "info exits", summary: "the VM exits so far",
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.showExits()
                return .done
            }),
        .init(
            "tlb", usage: "info tlb",
            summary: "the translations that the processor remembers, stale ones marked",
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.showTranslations()
                return .done
            }),
        .init(
            "break", aliases: ["b", "breakpoints"], usage: "info break",
            summary: "the breakpoints",
            handler: { session, call throws(CommandError) in
                try call.expectNothing()
                try session.showBreakpoints()
                return .done
            }),
    ]
}

extension Invocation {
    /// The whole text as an expression; nil if there is none.
    func optionalExpression(in session: any CommandSession) throws(CommandError) -> UInt64? {
        text.isEmpty ? nil : try Expression.evaluate(text, names: session.value)
    }

    /// `NAME = EXPRESSION`, where a space does as well as the sign.
    func assignment(
        in session: any CommandSession
    ) throws(CommandError) -> (name: String, value: UInt64) {
        let name = text.prefix { !$0.isWhitespace && $0 != "=" }
        var rest = text[name.endIndex...].drop(while: \.isWhitespace)
        if rest.first == "=" { rest = rest.dropFirst() }
        guard !name.isEmpty else { throw misused("A name is missing.") }
        guard rest.contains(where: { !$0.isWhitespace }) else {
            throw misused("A value for \(CommandError.quoted(name)) is missing.")
        }
        return (String(name), try Expression.evaluate(String(rest), names: session.value))
    }
}
