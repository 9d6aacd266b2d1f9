/// Reads one operand of an instruction.
struct OperandParser {
    let isDefaultRelative: Bool

    private static let sizes: [String: UInt8] = [
        "byte": 1, "word": 2, "dword": 4, "qword": 8, "tword": 10, "oword": 16, "yword": 32,
    ]

    func operand(
        _ reader: inout TokenReader, naming: inout some SymbolNaming
    ) throws(SourceFault) -> SourceOperand {
        guard let first = reader.current else { throw reader.fault("expected an operand") }
        var operand = SourceOperand(kind: .immediate(Expression()))
        while let word = reader.keyword, readSpecifier(word, &operand) { reader.position += 1 }
        operand.kind = try kind(&reader, &naming)
        operand.column = first.column
        let last = reader.tokens[max(0, reader.position - 1)]
        operand.length = last.column + last.length - first.column
        return operand
    }

    /// `dword`, `strict`, `short` and their like, in front of an operand.
    private func readSpecifier(_ word: String, _ operand: inout SourceOperand) -> Bool {
        if let size = Self.sizes[word] {
            operand.size = size
            return true
        }
        switch word {
        case "strict": operand.isStrict = true
        case "short": operand.distance = .short
        case "near": operand.distance = .near
        case "far": operand.distance = .far
        default: return false
        }
        return true
    }

    private func kind(
        _ reader: inout TokenReader, _ naming: inout some SymbolNaming
    ) throws(SourceFault) -> SourceOperand.Kind {
        if reader.take(.openBracket) { return .memory(try address(&reader, &naming, nil)) }
        // `es:[di]`
        if let name = reader.keyword, let register = Register.names[name],
            register.kind == .segment, reader.peek(1)?.isSymbol(.colon) == true,
            reader.peek(2)?.isSymbol(.openBracket) == true
        {
            reader.position += 3
            return .memory(try address(&reader, &naming, register.number))
        }
        let expression = try ExpressionParser.parse(&reader, naming: &naming)
        if let register = expression.soleRegister { return .register(register) }
        for case .register in expression.steps {
            throw SourceFault(
                "a register is part of a sum only inside brackets", column: expression.column,
                length: expression.length)
        }
        guard reader.take(.colon) else { return .immediate(expression) }
        return .far(expression, try ExpressionParser.parse(&reader, naming: &naming))
    }

    /// Behind the opening bracket.
    private func address(
        _ reader: inout TokenReader, _ naming: inout some SymbolNaming, _ segment: UInt8?
    ) throws(SourceFault) -> SourceAddress {
        var address = SourceAddress(
            expression: Expression(), segment: segment, isRelative: isDefaultRelative)
        var isExplicit = false
        while let word = reader.keyword {
            if let size = Self.sizes[word], size <= 8 {
                address.size = size
            } else if word == "rel" || word == "abs" {
                address.isRelative = word == "rel"
                isExplicit = true
            } else if let register = Register.names[word], register.kind == .segment,
                reader.peek(1)?.isSymbol(.colon) == true
            {
                address.segment = register.number
                reader.position += 1
            } else {
                break
            }
            reader.position += 1
        }
        address.expression = try ExpressionParser.parse(&reader, naming: &naming)
        try reader.expect(.closeBracket)
        // FS and GS bases are no part of the program: a default does not reach them.
        if let segment = address.segment, segment >= 4, !isExplicit { address.isRelative = false }
        return address
    }
}
