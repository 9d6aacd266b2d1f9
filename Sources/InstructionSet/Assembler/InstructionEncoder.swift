/// Finds the row of the table for an instruction with its operands, and makes its bytes: of all rows
/// that fit the shortest, of equally short ones the first.
struct InstructionEncoder<Scope: ExpressionScope> {
    let source: SourceInstruction
    let scope: Scope
    /// Section and offset of the first byte.
    let location: Value

    private var mode: CodeSize { source.mode }

    /// An operand with its expressions worked out.
    struct Operand {
        enum Kind {
            case register(Register)
            case immediate(Value)
            case memory(Address)
            case far(selector: Value, offset: Value)
        }
        var kind: Kind
        var source: SourceOperand

        var isMemory: Bool {
            if case .memory = kind { return true }
            return false
        }
    }

    func encode() throws(SourceFault) -> EncodedInstruction {
        guard !source.candidates.isEmpty else { return prefixesAlone() }
        var addressSize = source.prefixes.addressSize
        var operands: [Operand] = []
        for operand in source.operands { operands.append(try evaluate(operand)) }
        try rewrite(&operands, &addressSize)

        var matches: [Match] = []
        var fault: SourceFault?
        for candidate in source.candidates {
            do throws(SourceFault) {
                if let match = try match(candidate, operands, addressSize) {
                    matches.append(match)
                }
            } catch {
                fault = fault ?? error
            }
        }
        guard !matches.isEmpty else { throw fault ?? noForm(operands) }
        return try shortest(matches, operands)
    }

    /// A row that fits, and the bytes that it gives.
    private struct Match {
        var encoded: EncodedInstruction
        /// The width of a memory operand that the source gives no size.
        var openSize: UInt8?
        var signExtends: Bool
    }

    private func match(
        _ candidate: MnemonicTable.Candidate, _ operands: [Operand], _ addressSize: UInt8
    ) throws(SourceFault) -> Match? {
        let form = InstructionTable.forms[candidate.row]
        guard form.modes.contains(mode) else { return nil }
        let layout = DecodeTables.shared.layouts[candidate.row]
        let matcher = FormMatcher(
            layout: layout, form: form, mode: mode, prefixes: source.prefixes,
            location: location, destinationIsMemory: operands.first?.isMemory ?? false)
        guard matcher.matches(operands) else { return nil }
        let builder = FormBuilder(
            layout: layout, condition: candidate.condition, mode: mode,
            prefixes: source.prefixes, addressSize: addressSize, source: source)
        guard let encoded = try builder.build(operands) else { return nil }
        return Match(
            encoded: encoded, openSize: matcher.openMemorySize(operands),
            signExtends: layout.signExtends)
    }

    private func shortest(
        _ all: [Match], _ operands: [Operand]
    ) throws(SourceFault) -> EncodedInstruction {
        var matches = all
        if Set(matches.compactMap(\.openSize)).count > 1 {
            // A size in front of the number counts for the memory, too.
            let hint = operands.last?.source.size ?? 0
            matches.removeAll { $0.openSize != hint || !$0.signExtends }
        }
        guard var best = matches.first else {
            let memory = operands.first { $0.isMemory }
            throw (memory ?? operands[0]).source.fault(
                "expected a size in front of the address: "
                    + Set(all.compactMap(\.openSize)).sorted()
                    .compactMap(RegisterNames.sizeKeyword).joined(separator: ", "))
        }
        for match in matches where match.encoded.bytes.count < best.encoded.bytes.count {
            best = match
        }
        return best.encoded
    }

    private func prefixesAlone() -> EncodedInstruction {
        var encoded = EncodedInstruction()
        let natural: UInt8 = mode == .bits16 ? 2 : 4
        if let rep = source.prefixes.rep { encoded.bytes.append(rep) }
        if source.prefixes.lock { encoded.bytes.append(0xF0) }
        if let segment = source.prefixes.segment {
            encoded.bytes.append(FormBuilder.segmentBytes[Int(segment)])
        }
        if [2, 4].contains(source.prefixes.operandSize), source.prefixes.operandSize != natural {
            encoded.bytes.append(0x66)
        }
        if source.prefixes.addressSize != 0,
            source.prefixes.addressSize != (mode == .bits64 ? 8 : natural)
        {
            encoded.bytes.append(0x67)
        }
        return encoded
    }

    // MARK: operands

    private func evaluate(_ operand: SourceOperand) throws(SourceFault) -> Operand {
        switch operand.kind {
        case .register(let register):
            guard mode == .bits64 || !Self.needsLongMode(register) else {
                throw operand.fault("expected a register that \(mode.rawValue * 8)-bit code has")
            }
            return Operand(kind: .register(register), source: operand)
        case .immediate(let expression):
            return Operand(kind: .immediate(try plain(expression)), source: operand)
        case .memory(let address):
            let value = try address.expression.evaluate(in: scope)
            let worked = try Address(
                address, value: value, mode: mode, prefixSize: source.prefixes.addressSize)
            for term in value.terms {
                if case .register(let register) = term.base, mode != .bits64,
                    Self.needsLongMode(register)
                {
                    throw operand.fault("expected registers that this code size has")
                }
            }
            return Operand(kind: .memory(worked), source: operand)
        case .far(let selector, let offset):
            return Operand(
                kind: .far(selector: try plain(selector), offset: try plain(offset)),
                source: operand)
        }
    }

    private func plain(_ expression: Expression) throws(SourceFault) -> Value {
        let value = try expression.evaluate(in: scope)
        guard value.isPlain || !value.isKnown else {
            throw SourceFault(
                "expected a number or one address", column: expression.column,
                length: expression.length)
        }
        return value
    }

    private static func needsLongMode(_ register: Register) -> Bool {
        switch register.kind {
        case .general:
            register.number >= 8 || register.size == 8
                || register.size == 1 && register.number >= 4
        case .control, .debug, .media: register.number >= 8
        default: false
        }
    }

    /// Ways of writing that stand for another: IMUL with a register and a number, LOOP with its
    /// counter, MOV of a small number to a 64-bit register.
    private func rewrite(
        _ operands: inout [Operand], _ addressSize: inout UInt8
    ) throws(SourceFault) {
        let operation = InstructionTable.forms[source.candidates[0].row].operation
        switch operation {
        case .imul where operands.count == 2:
            if case .immediate = operands[1].kind { operands.insert(operands[0], at: 0) }
        case .loop, .loope, .loopne:
            guard operands.count == 2 else { return }
            guard case .register(let counter) = operands[1].kind, counter.number == 1,
                counter.kind == .general, counter.size > 1
            else { throw operands[1].source.fault("expected cx, ecx or rcx") }
            addressSize = counter.size
            operands.removeLast()
        case .mov where operands.count == 2:
            guard case .register(var register) = operands[0].kind, register.kind == .general,
                register.size == 8, case .immediate(let value) = operands[1].kind,
                value.isNumber, value.isKnown, value.number >= 0,
                value.number <= 0xFFFF_FFFF, !operands[1].source.isStrict,
                operands[1].source.size == 0 || operands[1].source.size == 8
            else { return }
            // Writing the low half clears the high one, in fewer bytes.
            register.size = 4
            operands[0].kind = .register(register)
            operands[1].source.size = 0
        default: return
        }
    }

    // MARK: what went wrong

    private func noForm(_ operands: [Operand]) -> SourceFault {
        let forms = source.candidates.map { InstructionTable.forms[$0.row] }
        let here = forms.filter { $0.modes.contains(mode) }
        let bits = mode.rawValue * 8
        guard !here.isEmpty else {
            return SourceFault(
                "expected an instruction that \(bits)-bit code has", column: source.column,
                length: source.length)
        }
        var shapes: [String] = []
        for form in here where !shapes.contains(form.operands) { shapes.append(form.operands) }
        let sameCount = shapes.filter { Self.count($0) == operands.count }
        let expected = (sameCount.isEmpty ? shapes : sameCount).prefix(8)
            .map { $0.isEmpty ? "no operands" : $0 }
        return SourceFault(
            "expected operands like " + expected.joined(separator: "; "), column: source.column,
            length: source.length)
    }

    private static func count(_ operands: String) -> Int {
        operands.isEmpty ? 0 : operands.split(separator: ",").count
    }
}
