import Testing

@testable import InstructionSet

@Suite("Instruction table")
struct TableTests {
    @Test("every row's operands are in the manual's notation")
    func operands() {
        for form in InstructionTable.forms where !form.operands.isEmpty {
            for operand in form.operands.split(separator: ",") {
                let text = String(operand.drop { $0 == " " })
                #expect(
                    OperandPattern.notation[text] != nil, "\(form.opcode) \(form.mnemonic) \(text)")
            }
        }
    }

    @Test("every row's opcode is in the manual's notation")
    func opcodes() throws {
        let pattern = try Regex(
            "(9B )?(NP |NFx |66 |F2 |F3 )?(REX\\.W )?((EVEX|VEX(\\.(LZ|128|256))?(\\.(66|F2|F3))?)"
                + "\\.0F(38|3A)?(\\.W[01])? )?[0-9A-F]{2}(-[0-9A-F]{2})?( [0-9A-F]{2})*"
                + "(\\+(rb|rw|rd|ro|cc))?( /[r0-7])?( (ib|iw|id|io|cb|cw|cd|cp|/is4))*")
        for form in InstructionTable.forms {
            #expect(form.opcode.wholeMatch(of: pattern) != nil, "\(form.opcode)")
        }
    }

    @Test("an opcode has a ModRM byte in all its rows or in none")
    func modRM() {
        var known: [String: Bool] = [:]
        for form in InstructionTable.forms where !form.traits.contains(.assemblerOnly) {
            let layout = FormLayout(form)
            for mode in CodeSize.allCases where form.modes.contains(mode) {
                for offset in 0..<layout.opcodeCount {
                    let key = "\(mode) \(layout.map) \(UInt16(layout.opcode) + offset)"
                    let has = layout.modRM != .absent
                    #expect(known[key, default: has] == has, "\(form.opcode) \(form.mnemonic)")
                    known[key] = has
                }
            }
        }
    }

    @Test("the decoder finds every row again from an encoding of it", arguments: CodeSize.allCases)
    func everyRowIsReached(_ mode: CodeSize) throws {
        for (row, form) in InstructionTable.forms.enumerated()
        where form.modes.contains(mode) && !form.traits.contains(.assemblerOnly) {
            let codes = FormSamples(form, mode: mode).codes()
            let found = try codes.map { code in
                Int(try InstructionDecoder.decode(code, size: mode).form)
            }
            if codes.isEmpty { continue }
            let isReached = found.contains { other in
                // Another row of the same instruction with the same bytes is as good.
                other == row
                    || InstructionTable.forms[other].operation == form.operation
                        && InstructionTable.forms[other].name == form.name
            }
            #expect(isReached, "\(form.opcode) \(form.mnemonic) \(form.operands)")
        }
    }

    @Test("every operation but one is in the table")
    func operations() {
        let used = Set(InstructionTable.forms.map(\.operation))
        for operation in Operation.allCases {
            #expect(used.contains(operation), "\(operation)")
        }
    }

    @Test("every operation that is modelled has the title of its entry")
    func titles() {
        for operation in Operation.allCases where operation != .notModelled {
            #expect(operation.title != nil, "\(operation)")
        }
    }

    @Test("no list of rows is long enough to slow the compiler down")
    func rowCount() {
        #expect(InstructionTable.forms.count < 65536)
        #expect(InstructionTable.topics.allSatisfy { $0.count <= 52 })
    }

    @Test("every feature but the base has its CPUID bit, and no two share one")
    func features() {
        var seen: [CPUIDBit] = []
        for feature in Feature.allCases where feature != .base {
            guard let bit = feature.bit else {
                Issue.record("\(feature)")
                continue
            }
            #expect(!seen.contains(bit), "\(feature)")
            seen.append(bit)
        }
    }
}
