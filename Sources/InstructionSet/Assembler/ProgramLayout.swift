/// Gives every statement its place. Jumps have short and long forms, and which one reaches depends
/// on the sizes of what lies between: so passes over the statements are repeated, each with the
/// addresses that the last one found, until nothing moves.
struct ProgramLayout: ExpressionScope {
    private let statements: [Statement]
    private let names: SymbolNames
    private let sectionNames: [String]
    private let firstMode: CodeSize
    private let files: [String]
    private let limits: AssemblyLimits

    /// By symbol number: what the last pass, or this one, found.
    private var values: [Value?]
    private var offsets: [Int64]
    /// The end of each section in the last pass.
    private var lengths: [Int64]
    /// Where each section begins, from the program's origin on; known in the last pass.
    private var starts: [Int64]
    private var buffers: [[UInt8]]
    private var lines: [[AssembledProgram.Line]]
    private var currentSection = 1
    private var statementOffset: Int64 = 0
    private var origin: Int64 = 0
    private var hasChanged = false
    private var isFinal = false
    /// The line of the statement that is worked on.
    private var currentSource = SourceLine(bytes: [], file: 0, number: 0)
    private var warnings: [AssemblyError] = []
    private var encodings = 0

    /// Passes before a program counts as one that never settles.
    private static let maximumPasses = 64
    /// Single encodings of one assembly, so that `times` with a jump ends.
    private static let maximumEncodings = 1 << 21
    private static let maximumWarnings = 100

    init(
        statements: [Statement], parser: StatementParser, files: [String], limits: AssemblyLimits
    ) {
        self.statements = statements
        self.files = files
        self.limits = limits
        names = parser.symbols
        sectionNames = parser.sections
        firstMode = parser.firstMode ?? parser.currentMode
        values = Array(repeating: nil, count: parser.symbols.names.count)
        let count = parser.sections.count
        offsets = Array(repeating: 0, count: count)
        lengths = offsets
        starts = offsets
        buffers = Array(repeating: [], count: count)
        lines = Array(repeating: [], count: count)
    }

    // MARK: scope

    func value(ofSymbol symbol: Int) -> Value? {
        symbol < values.count ? values[symbol] : nil
    }

    var here: Value { address(currentSection, statementOffset) }

    var sectionStart: Value { address(currentSection, 0) }

    private func address(_ section: Int, _ offset: Int64) -> Value {
        Value(number: offset, terms: [.init(base: .section(section), factor: 1)])
    }

    /// The number that a value finally is.
    private func absolute(_ value: Value) -> Int64 {
        value.section == 0 ? value.number : origin &+ starts[value.section] &+ value.number
    }

    // MARK: passes

    mutating func assemble(warnings earlier: [AssemblyError]) throws(AssemblyError)
        -> AssembledProgram
    {
        warnings = earlier
        var passes = 0
        repeat {
            try runPass()
            passes += 1
            guard passes < Self.maximumPasses else {
                throw AssemblyError(
                    file: files.first ?? "", line: 0, column: 1,
                    message: "sizes and addresses depend on each other and never settle",
                    offending: "")
            }
        } while hasChanged
        placeSections()
        isFinal = true
        try runPass()
        return program()
    }

    private mutating func runPass() throws(AssemblyError) {
        hasChanged = false
        currentSection = 1
        for index in offsets.indices { offsets[index] = 0 }
        for statement in statements {
            do throws(SourceFault) {
                try run(statement)
            } catch {
                throw error.located(in: statement.source, files: files)
            }
        }
        if lengths != offsets {
            lengths = offsets
            hasChanged = true
        }
    }

    /// Sections follow each other as they first appeared, .text first and .bss last, each on a
    /// multiple of four bytes.
    private mutating func placeSections() {
        var next: Int64 = 0
        let indices = sectionNames.indices.dropFirst()
        let order = indices.filter { sectionNames[$0] != ".bss" }
        for index in order + indices.filter({ sectionNames[$0] == ".bss" }) {
            if lengths[index] > 0 { next = (next + 3) & ~3 }
            starts[index] = next
            next += lengths[index]
        }
    }

    private mutating func run(_ statement: Statement) throws(SourceFault) {
        currentSource = statement.source
        statementOffset = offsets[currentSection]
        if let label = statement.label { set(label, address(currentSection, statementOffset)) }
        let times = try repetitions(statement)
        let start = statementOffset
        let section = currentSection
        switch statement.body {
        case .empty: break
        case .instruction(let instruction): try emit(instruction, times: times)
        case .data(let width, let items):
            try emit(items, width: width, times: times, statement)
        case .reserve(let width, let count):
            try reserve(width, count, times: times, statement)
        case .equate(let symbol, let expression):
            let value = try expression.evaluate(in: self)
            try check(value, expression)
            set(symbol, value)
        case .align(let boundary, let fill): try align(boundary, fill)
        case .origin(let expression): try setOrigin(expression)
        case .section(let number): currentSection = number
        }
        let length = offsets[section] - start
        if isFinal, length > 0, currentSection == section {
            lines[section].append(
                AssembledProgram.Line(
                    address: UInt64(bitPattern: origin &+ starts[section] &+ start),
                    length: Int(length), file: files[statement.source.file],
                    number: statement.source.number,
                    text: String(decoding: statement.source.bytes, as: UTF8.self)))
        }
    }

    private mutating func set(_ symbol: Int, _ value: Value) {
        let old = values[symbol]
        if old == nil || old?.number != value.number || old?.section != value.section
            || old?.isKnown != value.isKnown
        {
            hasChanged = true
        }
        values[symbol] = value
    }

    // MARK: numbers

    /// In the last pass every symbol must have a value.
    private func check(_ value: Value, _ expression: Expression) throws(SourceFault) {
        guard isFinal, !value.isKnown else { return }
        for case .symbol(let symbol) in expression.steps
        where values[symbol].map({ !$0.isKnown }) ?? true {
            throw SourceFault(
                "`\(names.names[symbol])` is defined nowhere", column: expression.column,
                length: expression.length)
        }
    }

    /// A plain number that decides a size; 0 while it is not known.
    private func number(_ expression: Expression) throws(SourceFault) -> Int64 {
        let value = try expression.evaluate(in: self)
        try check(value, expression)
        guard value.isNumber || !value.isKnown else {
            throw SourceFault(
                "expected a number; an address becomes one by subtracting another, as in "
                    + "label - $$", column: expression.column, length: expression.length)
        }
        return value.isKnown ? value.number : 0
    }

    private func repetitions(_ statement: Statement) throws(SourceFault) -> Int {
        guard let times = statement.times else { return 1 }
        let count = try number(times)
        if count < 0 {
            // Addresses still move before the last pass.
            guard isFinal else { return 0 }
            throw SourceFault(
                "`times` with \(count): what is before it is \(count.magnitude) too long",
                column: times.column, length: times.length)
        }
        guard count <= Int64(limits.outputBytes) else {
            throw SourceFault(
                "expected at most \(limits.outputBytes) repetitions", column: times.column,
                length: times.length)
        }
        return Int(count)
    }

    private mutating func setOrigin(_ expression: Expression) throws(SourceFault) {
        let value = try number(expression)
        if origin != value { hasChanged = true }
        origin = value
    }

    // MARK: bytes

    private mutating func grow(by count: Int64, column: Int) throws(SourceFault) {
        let (sum, overflow) = offsets[currentSection].addingReportingOverflow(count)
        guard !overflow, sum <= Int64(limits.outputBytes) else {
            throw SourceFault("more than \(limits.outputBytes) bytes of output", column: column)
        }
        offsets[currentSection] = sum
    }

    private mutating func append(_ bytes: [UInt8], times: Int, column: Int) throws(SourceFault) {
        let (count, overflow) = bytes.count.multipliedReportingOverflow(by: times)
        try grow(by: overflow ? Int64.max : Int64(count), column: column)
        guard isFinal, !bytes.isEmpty else { return }
        if bytes.count == 1 {
            buffers[currentSection] += repeatElement(bytes[0], count: times)
        } else {
            for _ in 0..<times { buffers[currentSection] += bytes }
        }
    }

    private mutating func emit(
        _ instruction: SourceInstruction, times: Int
    ) throws(SourceFault) {
        var remaining = times
        while remaining > 0 {
            encodings += 1
            guard encodings <= Self.maximumEncodings else {
                throw SourceFault("too many instructions", column: instruction.column)
            }
            let location = address(currentSection, offsets[currentSection])
            let encoder = InstructionEncoder(source: instruction, scope: self, location: location)
            var encoded = try encoder.encode()
            let count = encoded.dependsOnPlace ? 1 : remaining
            if isFinal {
                try fill(&encoded, instruction)
            }
            try append(encoded.bytes, times: count, column: instruction.column)
            remaining -= count
        }
    }

    private mutating func fill(
        _ encoded: inout EncodedInstruction, _ instruction: SourceInstruction
    ) throws(SourceFault) {
        for operand in instruction.operands {
            for expression in operand.expressions {
                try check(try expression.evaluate(in: self), expression)
            }
        }
        let end =
            origin &+ starts[currentSection] &+ offsets[currentSection]
            &+ Int64(encoded.bytes.count)
        for field in encoded.fields {
            var number = absolute(field.value)
            if field.kind == .relative {
                number = number &- end
                if field.size == 1, number < -128 || number > 127 {
                    throw SourceFault(
                        "a short jump over \(number) bytes: it reaches from -128 to 127",
                        column: field.column, length: field.length)
                }
            } else {
                warn(field, number)
            }
            store(number, size: field.size, at: field.position, in: &encoded.bytes)
        }
    }

    private func store(_ number: Int64, size: UInt8, at position: Int, in bytes: inout [UInt8]) {
        for index in 0..<Int(size) {
            bytes[position + index] = UInt8(
                truncatingIfNeeded: number >> Int64(min(63, index * 8)))
        }
    }

    /// Notes a number that its field does not hold; the low bits are used.
    private mutating func warn(_ field: EncodedInstruction.Field, _ number: Int64) {
        guard field.size < 8 else { return }
        let bits = Int64(field.size) * 8
        let least = -(Int64(1) << (bits - 1))
        // A narrow immediate of a wider operation is signed.
        let isSigned = field.isSignExtendedTo > field.size && field.isSignExtendedTo == 8
        let most = isSigned ? -(least + 1) : (Int64(1) << bits) - 1
        guard number < least || number > most, warnings.count < Self.maximumWarnings else { return }
        warnings.append(
            SourceFault(
                "\(number) does not fit into \(bits) bits", column: field.column,
                length: field.length
            ).located(in: currentSource, files: files))
    }

    // MARK: data

    private mutating func emit(
        _ items: [Statement.DataItem], width: UInt8, times: Int, _ statement: Statement
    ) throws(SourceFault) {
        guard times > 0 else { return }
        var bytes: [UInt8] = []
        try collect(items, width: Int(width), into: &bytes)
        try append(bytes, times: times, column: 1)
    }

    private mutating func collect(
        _ items: [Statement.DataItem], width: Int, into bytes: inout [UInt8]
    ) throws(SourceFault) {
        for item in items {
            switch item {
            case .bytes(let string):
                bytes += string
                let rest = string.count % width
                if rest != 0 { bytes += Array(repeating: 0, count: width - rest) }
            case .uninitialized: bytes += Array(repeating: 0, count: width)
            case .number(let expression):
                let value = try expression.evaluate(in: self)
                try check(value, expression)
                guard value.isPlain || !value.isKnown else {
                    throw SourceFault(
                        "expected a number or one address", column: expression.column,
                        length: expression.length)
                }
                let start = bytes.count
                bytes += Array(repeating: 0, count: width)
                guard isFinal else { break }
                let number = absolute(value)
                let field = EncodedInstruction.Field(
                    kind: .absolute, position: 0, size: UInt8(width), value: value,
                    column: expression.column, length: expression.length)
                warn(field, number)
                store(number, size: UInt8(width), at: start, in: &bytes)
            case .repeated(let count, let inner):
                let times = try number(count)
                guard times >= 0 else {
                    throw SourceFault(
                        "expected a count that is not negative", column: count.column,
                        length: count.length)
                }
                var once: [UInt8] = []
                try collect(inner, width: width, into: &once)
                let (size, overflow) = Int64(once.count).multipliedReportingOverflow(by: times)
                guard !overflow, size <= Int64(limits.outputBytes) else {
                    throw SourceFault(
                        "more than \(limits.outputBytes) bytes of output", column: count.column)
                }
                if once.isEmpty { break }
                for _ in 0..<times { bytes += once }
            }
            guard bytes.count <= limits.outputBytes else {
                throw SourceFault("more than \(limits.outputBytes) bytes of output", column: 1)
            }
        }
    }

    private mutating func reserve(
        _ width: Int64, _ count: Expression, times: Int, _ statement: Statement
    ) throws(SourceFault) {
        let items = try number(count)
        guard items >= 0 else {
            throw SourceFault(
                "expected a count that is not negative", column: count.column,
                length: count.length)
        }
        let (size, overflow) = items.multipliedReportingOverflow(by: width)
        let (total, over) = size.multipliedReportingOverflow(by: Int64(times))
        try pad(overflow || over ? Int64.max : total, with: 0, column: count.column)
    }

    private mutating func pad(
        _ count: Int64, with byte: UInt8, column: Int
    ) throws(SourceFault) {
        try grow(by: count, column: column)
        if isFinal { buffers[currentSection] += repeatElement(byte, count: Int(count)) }
    }

    private mutating func align(_ expression: Expression, _ fill: UInt8) throws(SourceFault) {
        let boundary = try number(expression)
        if boundary == 0, !isFinal { return }
        guard boundary > 0, boundary <= Int64(limits.outputBytes), boundary & (boundary - 1) == 0
        else {
            throw SourceFault(
                "expected a power of two", column: expression.column, length: expression.length)
        }
        let rest = offsets[currentSection] & (boundary - 1)
        if rest != 0 { try pad(boundary - rest, with: fill, column: expression.column) }
    }

    // MARK: result

    private func program() -> AssembledProgram {
        var bytes: [UInt8] = []
        var allLines: [AssembledProgram.Line] = []
        let order = sectionNames.indices.dropFirst().sorted { starts[$0] < starts[$1] }
        for index in order where sectionNames[index] != ".bss" {
            guard !buffers[index].isEmpty else { continue }
            let gap = Int(starts[index]) - bytes.count
            bytes += repeatElement(0, count: max(0, gap))
            bytes += buffers[index]
            allLines += lines[index]
        }
        var labels: [AssembledProgram.Label] = []
        for (number, name) in names.names.enumerated() {
            guard let value = values[number], value.isPlain else { continue }
            labels.append(
                .init(
                    name: name, value: UInt64(bitPattern: absolute(value)),
                    isPlace: value.section != 0))
        }
        labels.sort { $0.name < $1.name }
        return AssembledProgram(
            bytes: bytes, origin: UInt64(bitPattern: origin), bits: firstMode, labels: labels,
            lines: allLines, warnings: warnings)
    }
}

extension SourceOperand {
    /// Every expression in the operand.
    var expressions: [Expression] {
        switch kind {
        case .register: []
        case .immediate(let expression): [expression]
        case .memory(let address): [address.expression]
        case .far(let selector, let offset): [selector, offset]
        }
    }
}
