import Architecture
import Foundation
import Testing

@testable import Machine

/// Single x87 instructions as a processor did them, with random operands and control words.
@Suite("x87 as recorded")
struct X87RecordingTests {
    /// One line: opcode and ModRM with [RDI]; control and status word, tags, ST0 to ST3 (the others
    /// are 0), sixteen bytes of memory and the arithmetic flags before; status word, tags and the
    /// rest behind it.
    private struct Recording {
        let code: [UInt8]
        let control: UInt16
        let before: State
        var after: State

        struct State: Equatable {
            var status: UInt16
            var tags: UInt8
            var stack: [String]
            var memory: [UInt8]
            var flags: UInt64
        }

        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count == 12 else { return nil }
            func number(_ index: Int) -> UInt64 { UInt64(words[index], radix: 16) ?? 0 }
            func bytes(_ text: Substring) -> [UInt8] {
                stride(from: 0, to: text.count, by: 2).map { at in
                    UInt8(text.dropFirst(at).prefix(2), radix: 16) ?? 0
                }
            }
            func state(_ status: Int, tags: Int, _ first: Int) -> State {
                State(
                    status: UInt16(number(status)), tags: UInt8(number(tags)),
                    stack: words[first].split(separator: ",").map(String.init),
                    memory: bytes(words[first + 1]), flags: number(first + 2))
            }
            code = bytes(words[0])
            control = UInt16(number(1))
            before = state(2, tags: 3, 4)
            after = state(7, tags: 8, 9)
        }
    }

    private func run(_ recording: Recording, _ program: inout HandledProgram) -> Recording.State {
        let start = recording.before
        for (index, byte) in (recording.code + [0xF4]).enumerated() {
            program.write(HandledProgram.Place.code + UInt64(index), UInt64(byte), size: 1)
        }
        for (index, byte) in start.memory.enumerated() {
            program.write(HandledProgram.Place.data + UInt64(index), UInt64(byte), size: 1)
        }
        program.machine.state.rip = HandledProgram.Place.code
        program.machine.state.rflags = start.flags | 2
        program.machine.state.registers[.rdi] = HandledProgram.Place.data
        var floating = FloatingState()
        floating.control = recording.control
        floating.status = start.status
        floating.tags = start.tags
        for (index, text) in start.stack.enumerated() {
            floating[stackWord: index * 2] = UInt64(text.suffix(16), radix: 16) ?? 0
            floating[stackWord: index * 2 + 1] = UInt64(text.prefix(4), radix: 16) ?? 0
        }
        floating.updateSummary()
        program.machine.state.floating = floating
        _ = program.machine.run(Machine.Limits(steps: program.machine.steps + 1))
        floating = program.machine.state.floating
        return Recording.State(
            status: floating.status, tags: floating.tags,
            stack: (0..<4).map { index in
                let text = String(floating[stackWord: index * 2], radix: 16)
                let high = String(floating[stackWord: index * 2 + 1] | 0x1_0000, radix: 16)
                return high.suffix(4) + String(repeating: "0", count: 16 - text.count) + text
            },
            memory: (0..<16).map {
                UInt8(program.read(HandledProgram.Place.data + $0, size: 1))
            },
            flags: program.machine.state.rflags & 0x8D5)
    }

    /// Where an AMD processor, which recorded them, parts from SDM 2: FCOMI and its kin leave C1
    /// alone there, and what an invalid operand compares as is told although it is not masked.
    private func isOpen(_ recording: Recording) -> (status: UInt16, flags: Bool) {
        let isComparingToFlags =
            [0xDB, 0xDF].contains(recording.code[0]) && (0xE8...0xF7).contains(recording.code[1])
        let isInvalid = recording.after.status & ~recording.control & 1 != 0
        let c1: UInt16 = isComparingToFlags ? 0x200 : 0
        return (c1 | (isInvalid ? 0x4500 : 0), isComparingToFlags && isInvalid)
    }

    @Test("each gives the value, status, tags, memory and flags that a processor gave")
    func recorded() throws {
        let file = InstructionVectorTests.fixture("x87.txt")
        var program = try HandledProgram("nop", .long64)
        var forms: Set<[UInt8]> = []
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            guard var recording = Recording(line) else {
                Issue.record("\(line)")
                continue
            }
            var found = run(recording, &program)
            let open = isOpen(recording)
            found.status &= ~open.status
            recording.after.status &= ~open.status
            if open.flags { found.flags = recording.after.flags }
            #expect(found == recording.after, "\(line)")
            forms.insert(recording.code)
        }
        #expect(forms.count > 200)
    }
}
