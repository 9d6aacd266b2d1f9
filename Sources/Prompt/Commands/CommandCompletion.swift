extension CommandTable {
    /// What there is of a kind, in the usual order; the second is what is typed of the arguments, on
    /// which it may depend.
    public typealias Candidates = (Completer, Substring) -> [Completion.Candidate]

    /// What could stand at the cursor.
    ///
    /// - Parameters:
    ///   - cursor: in bytes of UTF-8; what is behind it plays no part.
    ///   - candidates: what there is.
    public func complete(
        line: String, cursor: Int, candidates: Candidates
    ) -> Completion {
        let typed = Substring(decoding: Array(line.utf8.prefix(max(0, cursor))), as: UTF8.self)
        let text = typed.drop(while: \.isWhitespace)
        guard text.contains(where: \.isWhitespace) else {
            return text.contains("/") ? .none : Self.names(of: commands, at: text, in: typed)
        }
        let (name, arguments) = Self.splitWord(text)
        guard let command = try? find(named: name) else { return .none }
        return complete(command, arguments: arguments, in: typed, candidates: candidates)
    }

    private func find(named name: Substring) throws(CommandError) -> Command {
        try Self.find(
            String(name.prefix { $0 != "/" }), among: commands, kind: "a command", advice: "")
    }

    private func complete(
        _ command: Command, arguments: Substring, in typed: Substring,
        candidates: Candidates
    ) -> Completion {
        let words = arguments.split(whereSeparator: \.isWhitespace)
        let isAtBegin = arguments.last?.isWhitespace ?? true
        let word = isAtBegin ? typed[typed.endIndex...] : words.last ?? ""
        let index = words.count - (isAtBegin ? 0 : 1)
        if index > 0 || command.subcommands.isEmpty {
            if let first = words.first, index > 0,
                let subcommand = try? Self.find(
                    String(first), among: command.subcommands, kind: "", advice: "")
            {
                let (_, rest) = Self.splitWord(arguments)
                return complete(subcommand, arguments: rest, in: typed, candidates: candidates)
            }
            guard let completer = command.completer(at: index) else { return .none }
            return Self.offer(
                candidates(completer, arguments), for: completer, at: word, in: typed)
        }
        let named = Self.names(of: command.subcommands, at: word, in: typed)
        guard let completer = command.completers.first else { return named }
        let others = Self.offer(
            candidates(completer, arguments), for: completer, at: word, in: typed)
        return Completion(
            start: named.start,
            candidates: named.candidates + (others.start == named.start ? others.candidates : []))
    }

    /// Commands by their names; by their aliases where no name begins so.
    private static func names(
        of commands: [Command], at word: Substring, in typed: Substring
    ) -> Completion {
        let key = word.lowercased()
        var found = commands.filter { $0.name.hasPrefix(key) }.map { ($0.name, $0.summary) }
        if found.isEmpty {
            found = commands.flatMap { command in
                command.aliases.filter { $0.hasPrefix(key) }.map { ($0, command.summary) }
            }
        }
        return Completion(
            start: typed.utf8.count - word.utf8.count,
            candidates: found.map { Completion.Candidate($0.0, note: $0.1) })
    }

    /// Those that begin with what is typed, whatever the case; in an expression, with the name
    /// at its end, before which there may be a `$`.
    private static func offer(
        _ candidates: [Completion.Candidate], for completer: Completer, at word: Substring,
        in typed: Substring
    ) -> Completion {
        var part = word
        if completer.isExpression {
            let end = word.lastIndex { !Expression.isNameCharacter($0) || $0 == "$" }
            part = end.map { word[word.index(after: $0)...] } ?? word
        }
        // A file's folder stays as it is typed.
        if completer == .file, let slash = word.lastIndex(of: "/") {
            part = word[word.index(after: slash)...]
        }
        let key = part.lowercased()
        return Completion(
            start: typed.utf8.count - part.utf8.count,
            candidates: candidates.filter { $0.text.lowercased().hasPrefix(key) })
    }
}

extension Command {
    /// What Tab offers for an argument. Expressions may have more words than there are arguments.
    fileprivate func completer(at index: Int) -> Completer? {
        if index < completers.count { return completers[index] }
        return completers.last.flatMap { $0.isExpression ? $0 : nil }
    }
}

extension Completer {
    /// Whether names stand within expressions, among operators.
    var isExpression: Bool {
        switch self {
        case .value, .location, .register: true
        case .command, .lesson, .exercise, .field, .control, .file, .exitReason, .setting,
            .reference, .mode, .breakpoint:
            false
        }
    }
}
