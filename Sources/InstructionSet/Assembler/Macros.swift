/// Single-line macros: `%define`, `%assign` and their like.
struct SingleLineMacros {
    private struct Macro {
        var parameters: [String]
        var body: [Token]
    }

    /// By name; those that ignore case under their lower-case name in the second.
    private var exact: [String: [Macro]] = [:]
    private var caseless: [String: [Macro]] = [:]
    /// Words that all expansions together went through.
    private(set) var work = 0

    func isDefined(_ name: String) -> Bool { candidates(name) != nil }

    private func candidates(_ name: String) -> [Macro]? {
        exact[name] ?? (caseless.isEmpty ? nil : caseless[name.lowercased()])
    }

    mutating func define(
        _ directive: String, _ tokens: [Token], limit: Int
    ) throws(SourceFault) {
        var reader = TokenReader(tokens)
        guard let name = reader.next()?.name else { throw reader.fault("expected a name") }
        var parameters: [String] = []
        // A parenthesis directly behind the name begins the parameters.
        if let open = reader.current, open.isSymbol(.open), !open.spaced {
            reader.position += 1
            while !reader.take(.close) {
                guard let parameter = reader.next()?.name else {
                    throw reader.fault("expected a parameter's name")
                }
                parameters.append(parameter)
                if !reader.take(.comma) {
                    try reader.expect(.close)
                    break
                }
            }
        }
        var body = Array(tokens[reader.position...])
        if directive.contains("x") { body = try expand(body, limit: limit) }
        let macro = Macro(parameters: parameters, body: body)
        add(macro, name, ignoringCase: directive.hasPrefix("i"))
    }

    mutating func assign(_ name: String, _ number: Int64, at place: Token, ignoringCase: Bool) {
        let token = Token(
            kind: .number(UInt64(bitPattern: number)), column: place.column,
            length: place.length, spaced: true)
        add(Macro(parameters: [], body: [token]), name, ignoringCase: ignoringCase)
    }

    private mutating func add(_ macro: Macro, _ name: String, ignoringCase: Bool) {
        let key = ignoringCase ? name.lowercased() : name
        var list = (ignoringCase ? caseless[key] : exact[key]) ?? []
        list.removeAll { $0.parameters.count == macro.parameters.count }
        list.append(macro)
        if ignoringCase { caseless[key] = list } else { exact[key] = list }
    }

    mutating func undefine(_ tokens: [Token]) throws(SourceFault) {
        guard let name = tokens.first?.name else {
            throw TokenReader(tokens).fault("expected a name")
        }
        exact[name] = nil
        caseless[name.lowercased()] = nil
    }

    // MARK: expansion

    /// The line with every macro in it written out, to any depth.
    mutating func expand(_ tokens: [Token], limit: Int) throws(SourceFault) -> [Token] {
        work += tokens.count
        if exact.isEmpty, caseless.isEmpty, !tokens.contains(where: \.isPercent) { return tokens }
        var budget = limit
        let expanded = try expand(tokens, hidden: [], budget: &budget, depth: 0)
        work += limit - budget
        return try joined(expanded)
    }

    private func expand(
        _ tokens: [Token], hidden: Set<String>, budget: inout Int, depth: Int
    ) throws(SourceFault) -> [Token] {
        var result: [Token] = []
        var reader = TokenReader(tokens)
        while let token = reader.next() {
            budget -= 1
            guard budget > 0, depth < 64 else {
                throw SourceFault("a macro that grows without end, or too far", at: token)
            }
            guard let name = token.name, !hidden.contains(name), let list = candidates(name),
                let (macro, arguments) = try match(list, &reader)
            else {
                result.append(token)
                continue
            }
            var body: [Token] = []
            for word in macro.body {
                guard let parameter = word.name.flatMap({ macro.parameters.firstIndex(of: $0) })
                else {
                    body.append(word.placed(at: token))
                    continue
                }
                let argument = try expand(
                    arguments[parameter], hidden: hidden, budget: &budget, depth: depth + 1)
                body += argument
            }
            guard body.count <= budget else {
                throw SourceFault("a macro that grows without end, or too far", at: token)
            }
            result += try expand(
                body, hidden: hidden.union([name]), budget: &budget, depth: depth + 1)
        }
        return result
    }

    /// The macro that fits what follows its name, and its arguments; or nil where none does.
    private func match(
        _ list: [Macro], _ reader: inout TokenReader
    ) throws(SourceFault) -> (Macro, [[Token]])? {
        if reader.current?.isSymbol(.open) == true {
            var after = reader
            after.position += 1
            if let arguments = Self.arguments(&after),
                let macro = list.first(where: {
                    !$0.parameters.isEmpty && $0.parameters.count == arguments.count
                })
            {
                reader = after
                return (macro, arguments)
            }
        }
        return list.first { $0.parameters.isEmpty }.map { ($0, []) }
    }

    private static func arguments(_ reader: inout TokenReader) -> [[Token]]? {
        var arguments: [[Token]] = [[]]
        var depth = 0
        while let token = reader.next() {
            switch token.kind {
            case .symbol(.open), .symbol(.openBracket), .symbol(.openBrace): depth += 1
            case .symbol(.close) where depth == 0: return arguments
            case .symbol(.close), .symbol(.closeBracket), .symbol(.closeBrace): depth -= 1
            case .symbol(.comma) where depth == 0:
                arguments.append([])
                continue
            default: break
            }
            arguments[arguments.count - 1].append(token)
        }
        return nil
    }

    /// `a %+ b` becomes the one word `ab`.
    private func joined(_ tokens: [Token]) throws(SourceFault) -> [Token] {
        guard tokens.contains(where: { $0.kind == .percent("+") }) else { return tokens }
        var result: [Token] = []
        var index = 0
        while index < tokens.count {
            let token = tokens[index]
            guard token.kind == .percent("+"), let left = result.last, index + 1 < tokens.count
            else {
                result.append(token)
                index += 1
                continue
            }
            let text = try left.joinable() + tokens[index + 1].joinable()
            let words = try Lexer.tokens(of: Array(text.utf8))
            result.removeLast()
            result += words.map { $0.placed(at: left) }
            index += 2
        }
        return result
    }
}

extension Token {
    var isPercent: Bool {
        if case .percent = kind { return true }
        return false
    }

    /// The text to join with another word.
    fileprivate func joinable() throws(SourceFault) -> String {
        switch kind {
        case .name(let name): return name
        case .number(let number): return String(number)
        case .symbol(let symbol): return symbol.rawValue
        default: throw SourceFault("expected a name or a number beside %+", at: self)
        }
    }

    func isSame(_ other: Token, ignoringCase: Bool) -> Bool {
        if ignoringCase, let left = name, let right = other.name {
            return left.lowercased() == right.lowercased()
        }
        return kind == other.kind
    }
}

/// A macro of several lines: `%macro name 2`, `1-*`, `2+`, with defaults.
struct MultiLineMacro {
    let name: String
    let lines: [SourceLine]
    private let least: Int
    /// nil: any number.
    private let most: Int?
    /// The last parameter takes the rest of the line, commas and all.
    private let isGreedy: Bool

    init(_ tokens: [Token], lines: [SourceLine]) throws(SourceFault) {
        var reader = TokenReader(tokens)
        guard let name = reader.next()?.name else { throw reader.fault("expected a name") }
        self.name = name
        self.lines = lines
        guard case .number(let least)? = reader.next()?.kind, least <= 4096 else {
            throw reader.fault("expected the number of parameters")
        }
        var most: Int? = Int(least)
        if reader.take(.minus) {
            if reader.take(.times) {
                most = nil
            } else if case .number(let number)? = reader.next()?.kind, number <= 4096 {
                most = Int(number)
            } else {
                throw reader.fault("expected the largest number of parameters")
            }
        }
        self.least = Int(least)
        self.most = most
        isGreedy = reader.take(.plus)
        if !reader.isAtEnd {
            throw reader.fault("expected the end of the line; default values are not supported")
        }
    }

    func accepts(_ count: Int) -> Bool {
        count >= least && (isGreedy || most.map { count <= $0 } ?? true)
    }

    var parameterText: String {
        guard let most else { return "\(least) parameters or more" }
        return least == most ? "\(least) parameters" : "\(least) to \(most) parameters"
    }

    func call(_ arguments: [[UInt8]], number: Int) -> MacroCall {
        var arguments = arguments
        if isGreedy, let most, most > 0, arguments.count > most {
            let rest = arguments[(most - 1)...].joined(separator: [UInt8(ascii: ",")])
            arguments = Array(arguments[..<(most - 1)]) + [Array(rest)]
        }
        return MacroCall(arguments: arguments, number: number)
    }
}

/// One call of a macro: what its parameters stand for.
struct MacroCall {
    private var arguments: [[UInt8]]
    private let number: Int

    init(arguments: [[UInt8]], number: Int) {
        self.arguments = arguments
        self.number = number
    }

    mutating func rotate(by count: Int64) {
        guard !arguments.isEmpty else { return }
        let size = Int64(arguments.count)
        let shift = Int(((count % size) + size) % size)
        arguments = Array(arguments[shift...] + arguments[..<shift])
    }

    /// Splits the text behind a macro's name at its commas; braces keep commas together.
    static func arguments(of text: [UInt8]) -> [[UInt8]] {
        var arguments: [[UInt8]] = []
        var current: [UInt8] = []
        var depth = 0
        var quote: UInt8?
        for byte in text {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: ";") {
                break
            } else if [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`")].contains(byte) {
                quote = byte
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
            } else if byte == UInt8(ascii: ","), depth <= 0 {
                arguments.append(trimmed(current))
                current = []
                continue
            }
            current.append(byte)
        }
        let last = trimmed(current)
        if !arguments.isEmpty || !last.isEmpty { arguments.append(last) }
        return arguments
    }

    private static func trimmed(_ text: [UInt8]) -> [UInt8] {
        var slice = text[...]
        while let first = slice.first, first.isSpace { slice.removeFirst() }
        while let last = slice.last, last.isSpace { slice.removeLast() }
        if slice.first == UInt8(ascii: "{"), slice.last == UInt8(ascii: "}") {
            slice = slice.dropFirst().dropLast()
        }
        return Array(slice)
    }

    /// Puts `%1`, `%{1}`, `%0` and `%%label` into a line of the body.
    func substitute(in line: [UInt8], limit: Int) throws(SourceFault) -> [UInt8] {
        guard line.contains(UInt8(ascii: "%")) else { return line }
        var result: [UInt8] = []
        var index = 0
        var quote: UInt8?
        while index < line.count {
            let byte = line[index]
            index += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: "%"), let text = parameter(line, &index) {
                result += text
                guard result.count <= limit else {
                    throw SourceFault("a line longer than \(limit) bytes", column: 1)
                }
                continue
            }
            result.append(byte)
        }
        return result
    }

    /// What stands for the parameter whose `%` was just passed, or nil where it is none.
    private func parameter(_ line: [UInt8], _ index: inout Int) -> [UInt8]? {
        guard index < line.count else { return nil }
        if line[index] == UInt8(ascii: "%"), index + 1 < line.count, line[index + 1].beginsName {
            index += 1
            return Array("..@\(number).".utf8)
        }
        var position = index
        let isBraced = line[position] == UInt8(ascii: "{")
        if isBraced { position += 1 }
        var value = 0
        let start = position
        while position < line.count, line[position].isDigit, position - start < 5 {
            value = value * 10 + Int(line[position] - 0x30)
            position += 1
        }
        guard position > start else { return nil }
        if isBraced {
            guard position < line.count, line[position] == UInt8(ascii: "}") else { return nil }
            position += 1
        }
        index = position
        if value == 0 { return Array(String(arguments.count).utf8) }
        return value <= arguments.count ? arguments[value - 1] : []
    }
}
