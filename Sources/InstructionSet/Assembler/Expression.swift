/// A register as the assembler knows it.
struct Register: Equatable {
    enum Kind: Equatable { case general, highByte, segment, control, debug, media(MediaFile) }
    var kind: Kind
    var number: UInt8
    /// In bytes.
    var size: UInt8

    /// Every register name, lower case.
    static let names: [String: Register] = {
        var names: [String: Register] = [:]
        for size: UInt8 in [1, 2, 4, 8] {
            for number: UInt8 in 0..<16 {
                let name = RegisterNames.general(number, size: size)
                names[name] = Register(kind: .general, number: number, size: size)
            }
        }
        for (number, name) in RegisterNames.highBytes.enumerated() {
            names[name] = Register(kind: .highByte, number: UInt8(number), size: 1)
        }
        for (number, name) in RegisterNames.segments.enumerated() {
            names[name] = Register(kind: .segment, number: UInt8(number), size: 2)
        }
        for number: UInt8 in 0..<16 {
            names["cr\(number)"] = Register(kind: .control, number: number, size: 0)
            names["dr\(number)"] = Register(kind: .debug, number: number, size: 0)
            for file in [MediaFile.x87, .mmx, .sse] where number < 8 || file == .sse {
                names[file.name(number)] = Register(kind: .media(file), number: number, size: 0)
            }
        }
        return names
    }()
}

/// An expression in postfix order: a flat list, so that no input can nest it too deep to walk.
struct Expression {
    enum Step {
        case number(Int64)
        case symbol(Int)
        case register(Register)
        case here
        case sectionStart
        case unary(Token.Symbol)
        case binary(Token.Symbol)
        /// Condition, value if it holds, value if not.
        case choose
    }

    var steps: [Step] = []
    var column = 0
    var length = 0

    /// The register, where the expression is nothing else.
    var soleRegister: Register? {
        if steps.count == 1, case .register(let register) = steps[0] { return register }
        return nil
    }
}

/// What an expression is worth: a sum of a number, registers, and addresses of sections.
struct Value {
    struct Term {
        enum Base: Equatable {
            case register(Register)
            /// The start of a section, by number.
            case section(Int)
        }
        var base: Base
        var factor: Int64
        /// A factor was written, be it 1: NASM then takes the register for an index.
        var isMultiplied = false
    }

    var number: Int64 = 0
    var terms: [Term] = []
    /// False while a symbol in it has no value yet.
    var isKnown = true

    var isNumber: Bool { terms.isEmpty }

    /// The section that it is an address in, or 0 for a plain number.
    var section: Int {
        if terms.count == 1, case .section(let section) = terms[0].base, terms[0].factor == 1 {
            return section
        }
        return 0
    }

    /// Whether registers or anything but one section's address are left in it.
    var isPlain: Bool { terms.isEmpty || section != 0 }

    mutating func add(_ other: Value, factor: Int64 = 1) {
        number = number &+ other.number &* factor
        isKnown = isKnown && other.isKnown
        for term in other.terms { add(term, factor: factor) }
    }

    private mutating func add(_ term: Term, factor: Int64) {
        let amount = term.factor &* factor
        guard let index = terms.firstIndex(where: { $0.base == term.base }) else {
            terms.append(
                Term(base: term.base, factor: amount, isMultiplied: term.isMultiplied))
            return
        }
        terms[index].factor = terms[index].factor &+ amount
        terms[index].isMultiplied = true
        if terms[index].factor == 0 { terms.remove(at: index) }
    }

    mutating func multiply(by factor: Int64) {
        number = number &* factor
        for index in terms.indices {
            terms[index].factor = terms[index].factor &* factor
            terms[index].isMultiplied = true
        }
        if factor == 0 { terms = [] }
    }
}

/// What evaluation asks of its surroundings.
protocol ExpressionScope {
    /// The value of a symbol, or nil where it has none yet.
    func value(ofSymbol symbol: Int) -> Value?
    /// The address of the statement.
    var here: Value { get }
    /// The start of its section.
    var sectionStart: Value { get }
}

extension Expression {
    /// Works the expression out. Unknown symbols count as 0 and leave the value marked.
    func evaluate(in scope: some ExpressionScope) throws(SourceFault) -> Value {
        var stack: [Value] = []
        for step in steps {
            switch step {
            case .number(let number): stack.append(Value(number: number))
            case .symbol(let symbol):
                stack.append(scope.value(ofSymbol: symbol) ?? Value(isKnown: false))
            case .register(let register):
                stack.append(Value(terms: [.init(base: .register(register), factor: 1)]))
            case .here: stack.append(scope.here)
            case .sectionStart: stack.append(scope.sectionStart)
            case .unary(let symbol):
                guard let value = stack.popLast() else { break }
                stack.append(try apply(symbol, value))
            case .binary(let symbol):
                guard let right = stack.popLast(), let left = stack.popLast() else { break }
                stack.append(try apply(symbol, left, right))
            case .choose:
                guard let no = stack.popLast(), let yes = stack.popLast(),
                    let condition = stack.popLast()
                else { break }
                var value = condition.number != 0 ? yes : no
                value.isKnown = value.isKnown && condition.isKnown
                stack.append(value)
            }
        }
        return stack.last ?? Value()
    }

    private func fault(_ message: String) -> SourceFault {
        SourceFault(message, column: column, length: length)
    }

    private func apply(_ symbol: Token.Symbol, _ value: Value) throws(SourceFault) -> Value {
        if symbol == .minus {
            var result = Value()
            result.add(value, factor: -1)
            return result
        }
        guard value.isNumber || !value.isKnown else { throw notNumber(symbol) }
        var result = value
        result.number = symbol == .complement ? ~value.number : value.number == 0 ? 1 : 0
        return result
    }

    private func notNumber(_ symbol: Token.Symbol) -> SourceFault {
        fault(
            "`\(symbol.rawValue)` needs numbers; an address becomes one by subtracting another, "
                + "as in label - $$")
    }

    private func apply(
        _ symbol: Token.Symbol, _ left: Value, _ right: Value
    ) throws(SourceFault) -> Value {
        switch symbol {
        case .plus, .minus:
            var result = left
            result.add(right, factor: symbol == .plus ? 1 : -1)
            return result
        case .times where left.isNumber || right.isNumber || !left.isKnown || !right.isKnown:
            var result = right.isNumber ? left : right
            result.multiply(by: right.isNumber ? right.number : left.number)
            result.isKnown = left.isKnown && right.isKnown
            return result
        case .equal, .alsoEqual, .notEqual, .alsoNotEqual, .less, .lessOrEqual, .greater,
            .greaterOrEqual, .compare:
            var difference = left
            difference.add(right, factor: -1)
            guard difference.isNumber || !difference.isKnown else { throw notNumber(symbol) }
            // Of two addresses in one section their distance is compared.
            let isFar = left.isNumber && right.isNumber
            let order = isFar ? compare(left.number, right.number) : difference.number.signum()
            return Value(number: compared(symbol, order), isKnown: difference.isKnown)
        default:
            let isKnown = left.isKnown && right.isKnown
            guard left.isNumber && right.isNumber || !isKnown else { throw notNumber(symbol) }
            let number = try arithmetic(symbol, left.number, right.number, isKnown)
            return Value(number: number, isKnown: isKnown)
        }
    }

    private func compare(_ left: Int64, _ right: Int64) -> Int64 {
        left < right ? -1 : left > right ? 1 : 0
    }

    private func compared(_ symbol: Token.Symbol, _ order: Int64) -> Int64 {
        switch symbol {
        case .equal, .alsoEqual: order == 0 ? 1 : 0
        case .notEqual, .alsoNotEqual: order != 0 ? 1 : 0
        case .less: order < 0 ? 1 : 0
        case .lessOrEqual: order <= 0 ? 1 : 0
        case .greater: order > 0 ? 1 : 0
        case .greaterOrEqual: order >= 0 ? 1 : 0
        default: order
        }
    }

    private func arithmetic(
        _ symbol: Token.Symbol, _ left: Int64, _ right: Int64, _ isKnown: Bool
    ) throws(SourceFault) -> Int64 {
        let (a, b) = (UInt64(bitPattern: left), UInt64(bitPattern: right))
        switch symbol {
        case .and: return left & right
        case .or: return left | right
        case .xor: return left ^ right
        case .logicalAnd: return left != 0 && right != 0 ? 1 : 0
        case .logicalOr: return left != 0 || right != 0 ? 1 : 0
        case .logicalXor: return (left != 0) != (right != 0) ? 1 : 0
        case .shiftLeft: return Int64(bitPattern: b > 63 ? 0 : a << b)
        case .shiftRight: return Int64(bitPattern: b > 63 ? 0 : a >> b)
        case .arithmeticShiftRight: return left >> Int64(min(b, 63))
        case .divide, .modulo, .signedDivide, .signedModulo:
            guard right != 0 else {
                // A symbol that is not known yet may make it so.
                if !isKnown { return 0 }
                throw fault("division by zero")
            }
            switch symbol {
            case .divide: return Int64(bitPattern: a / b)
            case .modulo: return Int64(bitPattern: a % b)
            case .signedDivide: return left.dividingFullWidth(right)
            default: return right == -1 ? 0 : left % right
            }
        default: throw fault("`\(symbol.rawValue)` needs numbers")
        }
    }
}

extension Int64 {
    /// The quotient, wrapped where it does not fit.
    fileprivate func dividingFullWidth(_ divisor: Int64) -> Int64 {
        dividedReportingOverflow(by: divisor).partialValue
    }
}
