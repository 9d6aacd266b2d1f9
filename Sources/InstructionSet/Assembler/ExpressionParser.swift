/// The words of a line that are yet to be read, and what names in them mean.
struct TokenReader {
    let tokens: [Token]
    var position = 0
    /// Column behind the last word, for a fault at the end of the line.
    let endColumn: Int

    init(_ tokens: [Token]) {
        self.tokens = tokens
        endColumn = tokens.last.map { $0.column + $0.length } ?? 1
    }

    var current: Token? { position < tokens.count ? tokens[position] : nil }
    var isAtEnd: Bool { position >= tokens.count }

    func peek(_ offset: Int) -> Token? {
        position + offset < tokens.count ? tokens[position + offset] : nil
    }

    mutating func next() -> Token? {
        guard position < tokens.count else { return nil }
        position += 1
        return tokens[position - 1]
    }

    /// Takes the symbol if it is the next word.
    mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard let token = current, token.isSymbol(symbol) else { return false }
        position += 1
        return true
    }

    /// The next word, lower case, if it is a name.
    var keyword: String? { current?.name?.lowercased() }

    func fault(_ message: String) -> SourceFault {
        guard let token = current else { return SourceFault(message, column: endColumn) }
        return SourceFault(message, at: token)
    }

    mutating func expect(_ symbol: Token.Symbol) throws(SourceFault) {
        guard take(symbol) else { throw fault("expected `\(symbol.rawValue)`") }
    }

    func expectEnd() throws(SourceFault) {
        guard isAtEnd else { throw fault("expected the end of the line") }
    }
}

/// Gives each symbol name a number.
protocol SymbolNaming {
    mutating func symbol(named name: String) throws(SourceFault) -> Int
}

/// Reads expressions, with NASM's operators and precedence.
struct ExpressionParser {
    /// Binary operators from the weakest to the strongest.
    private static let levels: [[Token.Symbol]] = [
        [.logicalOr], [.logicalXor], [.logicalAnd],
        [
            .equal, .alsoEqual, .notEqual, .alsoNotEqual, .less, .lessOrEqual, .greater,
            .greaterOrEqual, .compare,
        ],
        [.or], [.xor], [.and], [.shiftLeft, .shiftRight, .arithmeticShiftRight],
        [.plus, .minus],
        [.times, .divide, .signedDivide, .modulo, .signedModulo],
    ]
    /// How deep parentheses and signs may nest.
    private static let maximumDepth = 64

    private var steps: [Expression.Step] = []
    private var depth = 0

    static func parse(
        _ reader: inout TokenReader, naming: inout some SymbolNaming
    ) throws(SourceFault) -> Expression {
        var parser = ExpressionParser()
        let first = reader.current
        try parser.conditional(&reader, &naming)
        let last = reader.position > 0 ? reader.tokens[reader.position - 1] : first
        let column = first?.column ?? reader.endColumn
        let end = last.map { $0.column + $0.length } ?? column
        return Expression(steps: parser.steps, column: column, length: max(0, end - column))
    }

    private mutating func conditional(
        _ reader: inout TokenReader, _ naming: inout some SymbolNaming
    ) throws(SourceFault) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw reader.fault("an expression nested deeper than \(Self.maximumDepth)")
        }
        try binary(0, &reader, &naming)
        guard reader.take(.question) else { return }
        try conditional(&reader, &naming)
        try reader.expect(.colon)
        try conditional(&reader, &naming)
        steps.append(.choose)
    }

    private mutating func binary(
        _ level: Int, _ reader: inout TokenReader, _ naming: inout some SymbolNaming
    ) throws(SourceFault) {
        guard level < Self.levels.count else { return try unary(&reader, &naming) }
        try binary(level + 1, &reader, &naming)
        while case .symbol(let symbol)? = reader.current?.kind,
            Self.levels[level].contains(symbol)
        {
            reader.position += 1
            try binary(level + 1, &reader, &naming)
            steps.append(.binary(symbol))
        }
    }

    private mutating func unary(
        _ reader: inout TokenReader, _ naming: inout some SymbolNaming
    ) throws(SourceFault) {
        var signs: [Token.Symbol] = []
        while case .symbol(let symbol)? = reader.current?.kind,
            [.plus, .minus, .complement, .not].contains(symbol)
        {
            reader.position += 1
            if symbol != .plus { signs.append(symbol) }
        }
        try primary(&reader, &naming)
        for sign in signs.reversed() { steps.append(.unary(sign)) }
    }

    private mutating func primary(
        _ reader: inout TokenReader, _ naming: inout some SymbolNaming
    ) throws(SourceFault) {
        guard let token = reader.current else {
            throw reader.fault("expected a number, a name or `(`")
        }
        reader.position += 1
        switch token.kind {
        case .number(let number): steps.append(.number(Int64(bitPattern: number)))
        case .string(let bytes):
            guard bytes.count <= 8 else {
                throw SourceFault("a character constant has at most 8 bytes", at: token)
            }
            var number: UInt64 = 0
            for byte in bytes.reversed() { number = number << 8 | UInt64(byte) }
            steps.append(.number(Int64(bitPattern: number)))
        case .symbol(.open):
            try conditional(&reader, &naming)
            try reader.expect(.close)
        case .symbol(.here): steps.append(.here)
        case .symbol(.sectionStart): steps.append(.sectionStart)
        case .name(let name):
            if let register = Register.names[name.lowercased()] {
                steps.append(.register(register))
            } else {
                steps.append(.symbol(try named(name, token, &naming)))
            }
        default:
            throw SourceFault("expected a number, a name or `(`", at: token)
        }
    }

    private func named(
        _ name: String, _ token: Token, _ naming: inout some SymbolNaming
    ) throws(SourceFault) -> Int {
        switch name.lowercased() {
        case "seg", "wrt":
            throw SourceFault("`\(name)` is for object files: a flat program has none", at: token)
        default: break
        }
        do throws(SourceFault) {
            return try naming.symbol(named: name)
        } catch {
            throw SourceFault(error.message, at: token)
        }
    }
}
