/// Includes, macros, conditions and repetitions: from source lines to lines of plain assembly.
///
/// The subset of NASM's preprocessor that guests and exercises use. It runs once, before anything
/// has an address, so its conditions see numbers and single-line macros, not labels.
struct Preprocessor {
    /// Gives the bytes of a file beside the source, or nil where there is none.
    typealias Include = (String) -> [UInt8]?

    let limits: AssemblyLimits
    private let include: Include
    private(set) var fileNames: [String]
    private var frames: [Frame] = []
    private var conditions: [Condition] = []
    var singles = SingleLineMacros()
    private var macros: [String: [MultiLineMacro]] = [:]
    private var equates = KnownEquates()
    private var linesProduced = 0
    private var bytesProduced = 0
    private var callCount = 0
    private(set) var warnings: [AssemblyError] = []

    /// Where lines come from: a file, a macro's body, a repetition.
    private struct Frame {
        var lines: [SourceLine]
        var position = 0
        var call: MacroCall?
        /// The macro whose body this is: inside it its name is the instruction's again.
        var macroName: String?
        /// How often the lines are still to be repeated.
        var repetitions = 0
        var isRepetition = false
        /// How many conditions were open when it began.
        var conditionDepth: Int
        /// The line that a macro was called from: its lines are reported there.
        var caller: SourceLine?
    }

    private struct Condition {
        /// Lines are taken now.
        var isTaken: Bool
        /// A branch was taken already, or the whole is inside a branch that is not.
        var isDone: Bool
        var hasElse = false
        var source: SourceLine
    }

    init(
        source: [UInt8], file: String, limits: AssemblyLimits, include: @escaping Include
    ) throws(AssemblyError) {
        self.limits = limits
        self.include = include
        fileNames = [file]
        let lines = try sourceLines(of: source, file: 0, name: file, limits: limits)
        frames = [Frame(lines: lines, conditionDepth: 0)]
    }

    // MARK: lines

    /// The next line to assemble, or nil at the end of the source.
    mutating func next() throws(AssemblyError) -> LogicalLine? {
        while let line = try nextRaw() {
            do throws(SourceFault) {
                if let ready = try process(line) { return ready }
            } catch {
                throw error.located(in: line, files: fileNames)
            }
        }
        if let open = conditions.last {
            throw SourceFault("a condition without its %endif", column: 1)
                .located(in: open.source, files: fileNames)
        }
        return nil
    }

    /// The next line, macro parameters put in.
    private mutating func nextRaw() throws(AssemblyError) -> SourceLine? {
        while let frame = frames.last {
            if frame.position < frame.lines.count {
                var line = frame.lines[frame.position]
                frames[frames.count - 1].position += 1
                if let caller = frame.caller {
                    (line.file, line.number) = (caller.file, caller.number)
                }
                try count(line)
                if let call = frame.call {
                    do throws(SourceFault) {
                        line.bytes = try call.substitute(in: line.bytes, limit: limits.lineBytes)
                    } catch {
                        throw error.located(in: line, files: fileNames)
                    }
                }
                return line
            }
            if frame.repetitions > 0 {
                frames[frames.count - 1].repetitions -= 1
                frames[frames.count - 1].position = 0
            } else {
                frames.removeLast()
            }
        }
        return nil
    }

    /// Keeps the whole within its limits.
    private mutating func count(_ line: SourceLine) throws(AssemblyError) {
        linesProduced += 1
        bytesProduced += line.bytes.count
        let message: String
        if linesProduced > limits.lines {
            message = "more than \(limits.lines) lines"
        } else if bytesProduced > limits.expandedBytes {
            message = "more than \(limits.expandedBytes) bytes after macros are written out"
        } else if singles.work > limits.totalWords {
            message = "more than \(limits.totalWords) words after macros are written out"
        } else {
            return
        }
        throw SourceFault(message, column: 1).located(in: line, files: fileNames)
    }

    private var isSkipping: Bool { conditions.last.map { !$0.isTaken } ?? false }

    private mutating func process(_ line: SourceLine) throws(SourceFault) -> LogicalLine? {
        if let (directive, rest) = Self.directive(line.bytes) {
            try run(directive, rest, line)
            return nil
        }
        if isSkipping { return nil }
        let tokens = try Lexer.tokens(of: line.bytes)
        if tokens.isEmpty { return nil }
        let expanded = try singles.expand(tokens, limit: limits.words)
        if try callMacro(expanded, isAsWritten: expanded == tokens, line) { return nil }
        noteEquate(expanded)
        return LogicalLine(tokens: expanded, source: line)
    }

    /// Conditions can ask for an `equ` that is a number where it stands.
    private mutating func noteEquate(_ tokens: [Token]) {
        guard let name = tokens.first?.name, tokens.count > 2 else { return }
        let start = tokens[1].isSymbol(.colon) ? 2 : 1
        guard tokens[start].name?.lowercased() == "equ" else { return }
        equates.values[name] = try? constant(Array(tokens[(start + 1)...]))
    }

    /// The word behind a `%` at the start of a line, and where the rest begins.
    private static func directive(_ bytes: [UInt8]) -> (name: String, rest: Int)? {
        guard let start = bytes.firstIndex(where: { !$0.isSpace }),
            bytes[start] == UInt8(ascii: "%"), start + 1 < bytes.count, bytes[start + 1].isLetter
        else { return nil }
        let end = bytes[(start + 1)...].firstIndex { !$0.isLetter } ?? bytes.count
        return (String(decoding: bytes[start + 1..<end], as: UTF8.self).lowercased(), end)
    }

    /// The words behind a directive, their columns kept.
    private func words(_ line: SourceLine, from start: Int) throws(SourceFault) -> [Token] {
        var bytes = line.bytes
        for index in 0..<start { bytes[index] = 0x20 }
        return try Lexer.tokens(of: bytes)
    }

    // MARK: directives

    private mutating func run(
        _ directive: String, _ rest: Int, _ line: SourceLine
    ) throws(SourceFault) {
        switch directive {
        case "else": return try elseBranch()
        case "endif": return try endCondition()
        case _ where directive.hasPrefix("elif"):
            return try elseIf(directive, rest, line)
        case _ where directive.hasPrefix("if"): return try beginCondition(directive, rest, line)
        default: break
        }
        if isSkipping { return }
        switch directive {
        case "define", "idefine", "xdefine", "ixdefine":
            try singles.define(directive, words(line, from: rest), limit: limits.words)
        case "undef": try singles.undefine(words(line, from: rest))
        case "assign", "iassign": try assign(directive, words(line, from: rest))
        case "include": try includeFile(words(line, from: rest), line)
        case "macro": try defineMacro(words(line, from: rest), line)
        case "rep": try beginRepetition(words(line, from: rest), line)
        case "exitrep": try exitRepetition()
        case "rotate": try rotate(words(line, from: rest))
        case "error", "fatal":
            throw SourceFault(message(line, rest), column: rest + 1)
        case "warning":
            warnings.append(
                SourceFault(message(line, rest), column: rest + 1)
                    .located(in: line, files: fileNames))
        case "endmacro", "endm", "endrep":
            throw SourceFault("%\(directive) without its beginning", column: 1)
        default:
            throw SourceFault(
                "expected one of %define %assign %undef %macro %rep %if %include %error",
                column: max(1, rest - directive.utf8.count), length: directive.utf8.count + 1)
        }
    }

    private func message(_ line: SourceLine, _ rest: Int) -> String {
        let bytes = line.bytes[rest...].drop { $0.isSpace }
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        return String(decoding: bytes.filter { !quotes.contains($0) }, as: UTF8.self)
    }

    private mutating func assign(_ directive: String, _ tokens: [Token]) throws(SourceFault) {
        guard let name = tokens.first, let text = name.name else {
            throw TokenReader(tokens).fault("expected a name and a value")
        }
        let number = try constant(Array(tokens.dropFirst()), after: name)
        singles.assign(text, number, at: name, ignoringCase: directive == "iassign")
    }

    /// The value of an expression of numbers and single-line macros.
    mutating func constant(
        _ tokens: [Token], after place: Token? = nil
    ) throws(SourceFault) -> Int64 {
        var reader = TokenReader(try singles.expand(tokens, limit: limits.words))
        if reader.isAtEnd, let place {
            throw SourceFault("expected a value", column: place.column + place.length)
        }
        equates.forgetUses()
        let expression = try ExpressionParser.parse(&reader, naming: &equates)
        try reader.expectEnd()
        let value = try expression.evaluate(in: equates)
        guard value.isNumber, value.isKnown else {
            throw SourceFault(
                "expected a number that is known here", column: expression.column,
                length: expression.length)
        }
        return value.number
    }

    // MARK: conditions

    private mutating func beginCondition(
        _ directive: String, _ rest: Int, _ line: SourceLine
    ) throws(SourceFault) {
        guard conditions.count < 1024 else {
            throw SourceFault("conditions nested deeper than 1024", column: 1)
        }
        if isSkipping {
            conditions.append(Condition(isTaken: false, isDone: true, source: line))
            return
        }
        let holds = try test(String(directive.dropFirst(2)), words(line, from: rest))
        conditions.append(Condition(isTaken: holds, isDone: holds, source: line))
    }

    private mutating func elseIf(
        _ directive: String, _ rest: Int, _ line: SourceLine
    ) throws(SourceFault) {
        guard let top = conditions.last, !top.hasElse else {
            throw SourceFault("%\(directive) without its %if", column: 1)
        }
        let index = conditions.count - 1
        if top.isDone {
            conditions[index].isTaken = false
            return
        }
        let holds = try test(String(directive.dropFirst(4)), words(line, from: rest))
        conditions[index].isTaken = holds
        conditions[index].isDone = holds
    }

    private mutating func elseBranch() throws(SourceFault) {
        guard let top = conditions.last, !top.hasElse else {
            throw SourceFault("%else without its %if", column: 1)
        }
        let index = conditions.count - 1
        conditions[index].hasElse = true
        conditions[index].isTaken = !top.isDone
        conditions[index].isDone = true
    }

    private mutating func endCondition() throws(SourceFault) {
        guard conditions.popLast() != nil else {
            throw SourceFault("%endif without its %if", column: 1)
        }
    }

    /// Decides `%if`, `%ifdef` and their like; `kind` is what follows the `if`.
    private mutating func test(_ kind: String, _ tokens: [Token]) throws(SourceFault) -> Bool {
        if kind.hasPrefix("n"), kind != "num" { return try !test(String(kind.dropFirst()), tokens) }
        switch kind {
        case "": return try constant(tokens, after: nil) != 0
        case "def": return tokens.first?.name.map { singles.isDefined($0) } ?? false
        case "macro": return tokens.first?.name.map { macros[$0] != nil } ?? false
        case "empty": return try singles.expand(tokens, limit: limits.words).isEmpty
        case "num", "id", "str", "token":
            let expanded = try singles.expand(tokens, limit: limits.words)
            guard expanded.count == 1 else { return false }
            switch expanded[0].kind {
            case .number: return kind == "num" || kind == "token"
            case .name: return kind == "id" || kind == "token"
            case .string: return kind == "str" || kind == "token"
            default: return kind == "token"
            }
        case "idn", "idni":
            let expanded = try singles.expand(tokens, limit: limits.words)
            let parts = expanded.split(
                separator: Token.Kind.symbol(.comma), maxSplits: 1,
                omittingEmptySubsequences: false, by: \.kind)
            guard parts.count == 2 else {
                throw TokenReader(tokens).fault("expected two texts with a comma between them")
            }
            return parts[0].elementsEqual(parts[1]) { $0.isSame($1, ignoringCase: kind == "idni") }
        default:
            throw TokenReader(tokens).fault(
                "expected %if, %ifdef, %ifmacro, %ifidn, %ifnum, %ifid, %ifstr or %ifempty")
        }
    }

    // MARK: files

    private mutating func includeFile(
        _ tokens: [Token], _ line: SourceLine
    ) throws(SourceFault) {
        let expanded = try singles.expand(tokens, limit: limits.words)
        guard let token = expanded.first, expanded.count == 1,
            case .string(let bytes) = token.kind
        else { throw TokenReader(tokens).fault("expected a file name in quotes") }
        let path = String(decoding: bytes, as: UTF8.self)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isInside = !parts.contains { $0.isEmpty || $0 == ".." }
        guard isInside, !bytes.contains(0), !bytes.contains(UInt8(ascii: "\\")) else {
            throw SourceFault("expected a file inside the source's own folder", at: token)
        }
        try checkDepth(token)
        guard let contents = include(path) else {
            throw SourceFault("no such file in the source's folder", at: token)
        }
        let file = fileNames.count
        fileNames.append(path)
        do throws(AssemblyError) {
            let lines = try sourceLines(of: contents, file: file, name: path, limits: limits)
            frames.append(Frame(lines: lines, conditionDepth: conditions.count))
        } catch {
            throw SourceFault(error.message, at: token)
        }
    }

    private func checkDepth(_ token: Token?) throws(SourceFault) {
        guard frames.count < limits.depth else {
            throw SourceFault(
                "macros, repetitions and files nested deeper than \(limits.depth)",
                column: token?.column ?? 1, length: token?.length ?? 0)
        }
    }

    // MARK: macros

    /// Takes the lines up to `end`, passing over nested `begin`s.
    private mutating func body(
        _ begin: [String], _ end: [String], _ line: SourceLine
    ) throws(SourceFault) -> [SourceLine] {
        var lines: [SourceLine] = []
        var depth = 1
        // The frame's own lines, parameters not put in: they are when the body runs.
        while let frame = frames.last, frame.position < frame.lines.count {
            let next = frame.lines[frame.position]
            frames[frames.count - 1].position += 1
            linesProduced += 1
            guard linesProduced <= limits.lines else {
                throw SourceFault("more than \(limits.lines) lines", column: 1)
            }
            if let (directive, _) = Self.directive(next.bytes) {
                if begin.contains(directive) { depth += 1 }
                if end.contains(directive) { depth -= 1 }
                if depth == 0 { return lines }
            }
            lines.append(next)
        }
        throw SourceFault("expected %\(end[0]) before the end of the file", column: 1)
    }

    private mutating func defineMacro(
        _ tokens: [Token], _ line: SourceLine
    ) throws(SourceFault) {
        let lines = try body(["macro"], ["endmacro", "endm"], line)
        let macro = try MultiLineMacro(tokens, lines: lines)
        macros[macro.name, default: []].append(macro)
    }

    /// Whether the line calls a macro; then its body is what comes next.
    private mutating func callMacro(
        _ tokens: [Token], isAsWritten: Bool, _ line: SourceLine
    ) throws(SourceFault) -> Bool {
        var reader = TokenReader(tokens)
        var label: [Token] = []
        if macro(reader.current) == nil {
            // A label may stand before the call.
            guard let name = reader.next(), name.name != nil else { return false }
            label = [name]
            if reader.take(.colon) { label = Array(tokens[0..<2]) }
            guard macro(reader.current) != nil else { return false }
        }
        guard let name = reader.next(), let candidates = macro(name) else { return false }
        var text: [UInt8] = []
        if let first = reader.current {
            text =
                isAsWritten
                ? Array(line.bytes[min(first.column - 1, line.bytes.count)...])
                : tokens[reader.position...].flatMap(\.text)
        }
        let arguments = MacroCall.arguments(of: text)
        guard let chosen = candidates.last(where: { $0.accepts(arguments.count) }) else {
            throw SourceFault(
                "expected \(candidates.map(\.parameterText).joined(separator: " or ")) "
                    + "for this macro", at: name)
        }
        try checkDepth(name)
        callCount += 1
        let call = chosen.call(arguments, number: callCount)
        var lines = chosen.lines
        if !label.isEmpty, let labelName = label[0].name {
            lines.insert(
                SourceLine(bytes: Array((labelName + ":").utf8), file: 0, number: 0), at: 0)
        }
        let caller = frames.last?.caller ?? line
        frames.append(
            Frame(
                lines: lines, call: call, macroName: chosen.name,
                conditionDepth: conditions.count, caller: caller))
        return true
    }

    private func macro(_ token: Token?) -> [MultiLineMacro]? {
        guard let name = token?.name, let list = macros[name] else { return nil }
        return frames.contains { $0.macroName == name } ? nil : list
    }

    private mutating func rotate(_ tokens: [Token]) throws(SourceFault) {
        let count = try constant(tokens)
        guard let index = frames.lastIndex(where: { $0.macroName != nil }) else {
            throw SourceFault("%rotate outside a macro", column: 1)
        }
        // Repetitions inside the macro read the same parameters.
        for inner in index..<frames.count { frames[inner].call?.rotate(by: count) }
    }

    // MARK: repetitions

    private mutating func beginRepetition(
        _ tokens: [Token], _ line: SourceLine
    ) throws(SourceFault) {
        let count = try constant(tokens)
        try checkDepth(tokens.first)
        let call = frames.last?.call
        let caller = frames.last?.caller
        let lines = try body(["rep"], ["endrep"], line)
        guard count > 0, !lines.isEmpty else { return }
        guard count <= Int64(limits.lines) else {
            throw TokenReader(tokens).fault("expected at most \(limits.lines) repetitions")
        }
        frames.append(
            Frame(
                lines: lines, call: call, repetitions: Int(count) - 1, isRepetition: true,
                conditionDepth: conditions.count, caller: caller))
    }

    private mutating func exitRepetition() throws(SourceFault) {
        guard let index = frames.lastIndex(where: \.isRepetition) else {
            throw SourceFault("%exitrep outside %rep", column: 1)
        }
        let depth = frames[index].conditionDepth
        frames.removeSubrange(index...)
        conditions.removeSubrange(min(depth, conditions.count)...)
    }
}

extension Array {
    /// Splits where a property of an element has a value.
    fileprivate func split<T: Equatable>(
        separator: T, maxSplits: Int, omittingEmptySubsequences: Bool, by property: (Element) -> T
    ) -> [ArraySlice<Element>] {
        split(maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences) {
            property($0) == separator
        }
    }
}
