/// Reads lines of assembly into statements. What depends on the order of lines alone is settled
/// here: code size, local labels, `default rel`.
struct StatementParser: SymbolNaming {
    private(set) var symbols = SymbolNames()
    private(set) var sections = ["", ".text"]
    private var mode: CodeSize
    private var isDefaultRelative = false
    /// The label that local labels belong to.
    private var scope = ""
    private(set) var firstMode: CodeSize?

    init(bits: CodeSize) { mode = bits }

    /// The code size that is in force.
    var currentMode: CodeSize { mode }

    // MARK: names

    mutating func symbol(named name: String) throws(SourceFault) -> Int {
        symbols.number(of: qualified(name))
    }

    /// `.x` is local to the label before it; `..@x` is not.
    private func qualified(_ name: String) -> String {
        name.hasPrefix(".") && !name.hasPrefix("..") ? scope + name : name
    }

    private mutating func define(
        _ token: Token, _ name: String, isEquate: Bool, _ line: SourceLine
    ) throws(SourceFault) -> Int {
        guard Register.names[name.lowercased()] == nil else {
            throw SourceFault("expected a label, not a register's name", at: token)
        }
        if !isEquate, !name.hasPrefix(".") { scope = name }
        let number = symbols.number(of: qualified(name))
        if let before = symbols.definition(of: number) {
            throw SourceFault("a label that line \(before) defines already", at: token)
        }
        symbols.setDefinition(of: number, line: line.number)
        return number
    }

    // MARK: lines

    mutating func parse(_ line: LogicalLine) throws(SourceFault) -> Statement {
        var reader = TokenReader(line.tokens)
        var statement = Statement(body: .empty, source: line.source)
        statement.label = try label(&reader, line.source)
        if let number = try equate(&reader, line.source) {
            let value = try ExpressionParser.parse(&reader, naming: &self)
            try reader.expectEnd()
            statement.label = nil
            statement.body = .equate(number, value)
            return statement
        }
        if reader.keyword == "times" {
            reader.position += 1
            statement.times = try ExpressionParser.parse(&reader, naming: &self)
            guard !reader.isAtEnd else { throw reader.fault("expected an instruction or data") }
        }
        if !reader.isAtEnd { statement.body = try body(&reader) }
        return statement
    }

    /// A name with a colon; or one that is no instruction, with something behind it.
    private mutating func label(
        _ reader: inout TokenReader, _ line: SourceLine
    ) throws(SourceFault) -> Int? {
        guard let token = reader.current, let name = token.name else { return nil }
        let hasColon = reader.peek(1)?.isSymbol(.colon) == true
        guard hasColon || !isKeyword(name) else { return nil }
        let next = reader.peek(hasColon ? 2 : 1)
        if next?.name?.lowercased() == "equ" { return nil }
        if !hasColon {
            guard let following = next?.name, isKeyword(following) else {
                throw unknown(name, token, isAlone: next == nil)
            }
        }
        reader.position += hasColon ? 2 : 1
        return try define(token, name, isEquate: false, line)
    }

    private func unknown(_ name: String, _ token: Token, isAlone: Bool) -> SourceFault {
        if MnemonicTable.isNotModelled(name.lowercased()) {
            return SourceFault("an instruction that this assembler does not have", at: token)
        }
        return SourceFault(
            isAlone
                ? "expected an instruction, or a label with a colon"
                : "expected an instruction or a directive", at: token)
    }

    private mutating func equate(
        _ reader: inout TokenReader, _ line: SourceLine
    ) throws(SourceFault) -> Int? {
        guard let token = reader.current, let name = token.name else { return nil }
        let offset = reader.peek(1)?.isSymbol(.colon) == true ? 2 : 1
        guard reader.peek(offset)?.name?.lowercased() == "equ" else { return nil }
        reader.position += offset + 1
        return try define(token, name, isEquate: true, line)
    }

    private func isKeyword(_ name: String) -> Bool {
        let name = name.lowercased()
        return MnemonicTable.shared[name] != nil || Directive(rawValue: name) != nil
            || Self.prefixes[name] != nil || name == "times" || segmentPrefix(name) != nil
    }

    private mutating func body(_ reader: inout TokenReader) throws(SourceFault) -> Statement.Body {
        if reader.take(.openBracket) {
            let body = try directive(&reader, isBracketed: true)
            try reader.expect(.closeBracket)
            try reader.expectEnd()
            return body
        }
        if let word = reader.keyword, Directive(rawValue: word) != nil {
            let body = try directive(&reader, isBracketed: false)
            try reader.expectEnd()
            return body
        }
        return .instruction(try instruction(&reader))
    }

    // MARK: directives

    private mutating func directive(
        _ reader: inout TokenReader, isBracketed: Bool
    ) throws(SourceFault) -> Statement.Body {
        guard let token = reader.current, let word = reader.keyword,
            let directive = Directive(rawValue: word)
        else { throw reader.fault("expected a directive") }
        reader.position += 1
        switch directive {
        case .db, .dw, .dd, .dq:
            return .data(directive.width, try dataItems(&reader))
        case .resb, .resw, .resd, .resq:
            return .reserve(
                Int64(directive.width), try ExpressionParser.parse(&reader, naming: &self))
        case .align, .alignb: return try align(&reader, fill: directive == .align ? 0x90 : 0)
        case .org: return .origin(try ExpressionParser.parse(&reader, naming: &self))
        case .bits, .use16, .use32, .use64: try setMode(directive, &reader)
        case .section, .segment: return .section(try section(&reader))
        case .default:
            guard let word = reader.keyword, word == "rel" || word == "abs" else {
                throw reader.fault("expected `rel` or `abs`")
            }
            reader.position += 1
            isDefaultRelative = word == "rel"
        case .cpu, .global:
            while let next = reader.current, !isBracketed || !next.isSymbol(.closeBracket) {
                _ = reader.next()
            }
        case .incbin, .extern, .common, .absolute, .struc, .dt, .do, .dy, .dz:
            throw SourceFault("a directive that this assembler does not have", at: token)
        }
        return .empty
    }

    private mutating func setMode(
        _ directive: Directive, _ reader: inout TokenReader
    ) throws(SourceFault) {
        switch directive {
        case .use16: mode = .bits16
        case .use32: mode = .bits32
        case .use64: mode = .bits64
        default:
            guard case .number(let bits)? = reader.current?.kind else {
                throw reader.fault("expected 16, 32 or 64")
            }
            switch bits {
            case 16: mode = .bits16
            case 32: mode = .bits32
            case 64: mode = .bits64
            default: throw reader.fault("expected 16, 32 or 64")
            }
            reader.position += 1
        }
        if firstMode == nil { firstMode = mode }
    }

    private mutating func align(
        _ reader: inout TokenReader, fill: UInt8
    ) throws(SourceFault) -> Statement.Body {
        let boundary = try ExpressionParser.parse(&reader, naming: &self)
        guard reader.take(.comma) else { return .align(boundary, fill) }
        switch reader.keyword {
        case "nop":
            reader.position += 1
            return .align(boundary, 0x90)
        case "db", "resb":
            let isReserved = reader.keyword == "resb"
            reader.position += 1
            guard case .number(let byte)? = reader.next()?.kind, byte < 256 else {
                throw reader.fault("expected a byte to fill with")
            }
            return .align(boundary, isReserved ? 0 : UInt8(byte))
        default: throw reader.fault("expected `db` and the byte to fill with")
        }
    }

    private mutating func section(_ reader: inout TokenReader) throws(SourceFault) -> Int {
        guard let name = reader.next()?.name else { throw reader.fault("expected a section name") }
        guard [".text", ".data", ".bss", ".rodata"].contains(name) else {
            reader.position -= 1
            throw reader.fault("expected .text, .data, .rodata or .bss")
        }
        if let number = sections.firstIndex(of: name) { return number }
        sections.append(name)
        return sections.count - 1
    }

    // MARK: data

    private mutating func dataItems(
        _ reader: inout TokenReader, depth: Int = 0
    ) throws(SourceFault) -> [Statement.DataItem] {
        guard depth < 16 else { throw reader.fault("`dup` nested deeper than 16") }
        var items: [Statement.DataItem] = []
        repeat {
            items.append(try dataItem(&reader, depth: depth))
        } while reader.take(.comma)
        return items
    }

    private mutating func dataItem(
        _ reader: inout TokenReader, depth: Int
    ) throws(SourceFault) -> Statement.DataItem {
        if reader.take(.question) { return .uninitialized }
        if case .string(let bytes)? = reader.current?.kind {
            let after = reader.peek(1)
            if after == nil || after?.isSymbol(.comma) == true || after?.isSymbol(.close) == true {
                reader.position += 1
                return .bytes(bytes)
            }
        }
        let value = try ExpressionParser.parse(&reader, naming: &self)
        guard reader.keyword == "dup" else { return .number(value) }
        reader.position += 1
        guard reader.take(.open) else {
            return .repeated(value, [try dataItem(&reader, depth: depth + 1)])
        }
        let items = try dataItems(&reader, depth: depth + 1)
        try reader.expect(.close)
        return .repeated(value, items)
    }

    // MARK: instructions

    /// Prefix words and the bytes that they stand for.
    private static let prefixes: [String: UInt8] = [
        "rep": 0xF3, "repe": 0xF3, "repz": 0xF3, "repne": 0xF2, "repnz": 0xF2, "lock": 0xF0,
        "xacquire": 0xF2, "xrelease": 0xF3, "o16": 2, "o32": 4, "o64": 8, "a16": 2, "a32": 4,
        "a64": 8,
    ]

    private func segmentPrefix(_ name: String) -> UInt8? {
        guard let register = Register.names[name], register.kind == .segment else { return nil }
        return register.number
    }

    private mutating func instruction(
        _ reader: inout TokenReader
    ) throws(SourceFault) -> SourceInstruction {
        let prefixes = readPrefixes(&reader)
        guard let token = reader.current else {
            // Prefixes alone are bytes of their own.
            let end = reader.endColumn
            return SourceInstruction(
                prefixes: prefixes, candidates: [], operands: [], mode: mode, column: end,
                length: 0)
        }
        guard let name = token.name else { throw reader.fault("expected an instruction") }
        guard let candidates = MnemonicTable.shared[name.lowercased()] else {
            throw unknown(name, token, isAlone: false)
        }
        reader.position += 1
        var operands: [SourceOperand] = []
        if !reader.isAtEnd {
            let parser = OperandParser(isDefaultRelative: isDefaultRelative)
            repeat {
                operands.append(try parser.operand(&reader, naming: &self))
            } while reader.take(.comma)
        }
        try reader.expectEnd()
        if firstMode == nil { firstMode = mode }
        return SourceInstruction(
            prefixes: prefixes, candidates: candidates, operands: operands, mode: mode,
            column: token.column, length: token.length)
    }

    private func readPrefixes(_ reader: inout TokenReader) -> SourcePrefixes {
        var prefixes = SourcePrefixes()
        while let word = reader.keyword {
            if let segment = segmentPrefix(word) {
                prefixes.segment = segment
            } else if let byte = Self.prefixes[word] {
                switch word.first {
                case "o": prefixes.operandSize = byte
                case "a": prefixes.addressSize = byte
                case "l": prefixes.lock = true
                default: prefixes.rep = byte
                }
            } else {
                break
            }
            reader.position += 1
        }
        return prefixes
    }
}

/// Words that are no instructions and begin a statement.
enum Directive: String {
    case db, dw, dd, dq, dt, `do`, dy, dz
    case resb, resw, resd, resq
    case align, alignb, org, bits, use16, use32, use64, section, segment, `default`, cpu, global
    case incbin, extern, common, absolute, struc

    /// Bytes of one item.
    var width: UInt8 {
        switch self {
        case .dw, .resw: 2
        case .dd, .resd: 4
        case .dq, .resq: 8
        default: 1
        }
    }
}

/// Numbers for symbol names, and where each is defined.
struct SymbolNames {
    private(set) var names: [String] = []
    private var numbers: [String: Int] = [:]
    private var lines: [Int?] = []

    mutating func number(of name: String) -> Int {
        if let number = numbers[name] { return number }
        numbers[name] = names.count
        names.append(name)
        lines.append(nil)
        return names.count - 1
    }

    func definition(of number: Int) -> Int? { lines[number] }

    mutating func setDefinition(of number: Int, line: Int) { lines[number] = line }
}
