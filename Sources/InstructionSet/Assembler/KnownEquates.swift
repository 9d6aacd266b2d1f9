/// What a condition can name: the numbers that `equ` gave before it.
struct KnownEquates: SymbolNaming, ExpressionScope {
    var values: [String: Int64] = [:]
    private var used: [Int64] = []

    mutating func symbol(named name: String) throws(SourceFault) -> Int {
        guard let value = values[name] else {
            throw SourceFault("expected a number, or a macro or `equ` defined before", column: 1)
        }
        used.append(value)
        return used.count - 1
    }

    mutating func forgetUses() { used = [] }

    func value(ofSymbol symbol: Int) -> Value? { Value(number: used[symbol]) }
    var here: Value { Value(isKnown: false) }
    var sectionStart: Value { Value(isKnown: false) }
}
