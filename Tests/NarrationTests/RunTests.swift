import Architecture
import Hypervisor
import InstructionSet
import Machine
import Testing

@testable import Narration

/// Runs told as JSON and as text, held against the contract of `run --json`.
@Suite("Runs told")
struct RunTests {
    private static let keys: [String: [String]] = [
        "vm-entry": ["rip"],
        "vm-exit": [
            "reason", "reasonNumber", "entryFailure", "qualification", "rip", "instructionLength",
            "because",
        ],
        "vm-fail": ["instruction", "error", "because"],
        "no-exit": ["instruction", "rip", "because"],
        "root": ["operation"],
        "instruction": ["rip", "bytes", "text", "step"],
        "output": ["port", "hex"],
        "end": ["reason", "value", "steps", "entries", "exits", "registers"],
    ]

    private func kind(_ line: JSON) -> String { line["kind"]?.stringValue ?? "" }

    @Test("every line is of a known kind and has its keys")
    func keys() throws {
        for configuration in try Guests.all() {
            let (lines, _) = try Guests.json(configuration, .full)
            for line in lines {
                let wanted = try #require(Self.keys[kind(line)], "\(line.text)")
                for key in wanted { #expect(line[key] != nil, "\(key) in \(line.text)") }
            }
            #expect(lines.filter { kind($0) == "end" }.count == 1)
            #expect(lines.last.map(kind) == "end")
        }
    }

    @Test("exactly one rule of every ladder decides, and each says where the manual has it")
    func because() throws {
        for configuration in try Guests.all() {
            let (lines, _) = try Guests.json(configuration, .brief)
            for line in lines {
                guard let steps = line["because"]?.listValue else { continue }
                #expect(steps.filter { $0["decides"] == .bool(true) }.count == 1, "\(line.text)")
                for step in steps {
                    #expect(step["rule"]?.stringValue?.isEmpty == false)
                    #expect(step["text"]?.stringValue?.isEmpty == false)
                    #expect(step["citation"]?["manual"]?.stringValue?.isEmpty == false)
                    #expect(step["citation"]?["title"]?.stringValue?.isEmpty == false)
                    for input in step["inputs"]?.memberList ?? [] {
                        let isNumber = input.value.stringValue?.hasPrefix("0x") == true
                        let isFlag = input.value == .bool(true) || input.value == .bool(false)
                        #expect(isNumber || isFlag, "\(input.key)")
                    }
                }
            }
        }
    }

    @Test("the last line counts what the lines before it tell")
    func counts() throws {
        for configuration in try Guests.all() {
            let (lines, run) = try Guests.json(configuration, .full)
            let end = try #require(lines.last)
            #expect(end["entries"]?.number == UInt64(lines.count { kind($0) == "vm-entry" }))
            #expect(end["exits"]?.number == UInt64(lines.count { kind($0) == "vm-exit" }))
            #expect(end["steps"]?.number == run.machine.steps)
            let names = [
                "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11",
                "r12", "r13", "r14", "r15", "rip", "rflags", "cs", "ss", "ds", "es", "fs", "gs",
                "cr0", "cr2", "cr3", "cr4", "efer",
            ]
            #expect(end["registers"]?.memberList?.map(\.key) == names)
        }
    }

    @Test("text and JSON tell of the same exits, in brief and in full")
    func sameExits() throws {
        for configuration in try Guests.all() {
            let (_, run) = try Guests.json(configuration, .brief)
            let brief = Guests.text(configuration, .brief).count {
                $0.contains(/(exit|entry failure) [0-9]+:/)
            }
            let full = Guests.text(configuration, .full).count {
                $0.hasPrefix("VM exit ") || $0.contains("Entry failure: exit reason")
            }
            #expect(brief == run.machine.exits)
            #expect(full == run.machine.exits)
        }
    }

    @Test("text fits in 80 columns and is printable", arguments: [NarrationLevel.brief, .full])
    func fits(level: NarrationLevel) throws {
        for configuration in try Guests.all() {
            for style in [TextStyle.plain, TextStyle(characters: .ascii)] {
                for line in Guests.text(configuration, level, style) {
                    expectPrintable(line, style)
                }
            }
        }
    }

    @Test("with narration off JSON has the output and the end alone, and text nothing")
    func off() throws {
        let configuration = try Guests.configuration(Guests.controlRegister)
        let (lines, _) = try Guests.json(configuration, .off)
        #expect(lines.map(kind) == ["output", "end"])
        #expect(lines.first?["port"]?.stringValue == "0xe9")
        #expect(lines.first?["hex"]?.stringValue == "41")
        #expect(Guests.text(configuration, .off).isEmpty)
    }

    @Test("brief tells no instruction for its own sake, full tells each with its bytes")
    func instructions() throws {
        let configuration = try Guests.configuration(Guests.controlRegister)
        let (brief, _) = try Guests.json(configuration, .brief)
        #expect(!brief.contains { kind($0) == "instruction" })
        let (full, _) = try Guests.json(configuration, .full)
        let instructions = full.filter { kind($0) == "instruction" }
        // NASM's encodings of the guest's eight instructions.
        let bytes = ["0f20c0", "6683c80c", "0f22c0", "0f06", "0fa2", "b041", "e6e9", "f4"]
        #expect(instructions.map { $0["bytes"]?.stringValue } == bytes)
        #expect(instructions.map { $0["step"]?.number } == (0..<8).map { $0 })
    }

    @Test("a read under a mask says what the guest reads")
    func reads() throws {
        let settings: [(VMCSField, UInt64)] = [(.cr0Mask, 0x8000_0025), (.cr0ReadShadow, 0x21)]
        let configuration = try Guests.configuration(Guests.controlRegister, settings)
        let (lines, _) = try Guests.json(configuration, .full)
        let reads = try #require(lines.first { $0["reads"] != nil }?["reads"])
        // Real CR0 is 30h; NE and PE come from the shadow, ET from the register.
        #expect(reads["real"]?.stringValue == "0x30")
        #expect(reads["readsAs"]?.stringValue == "0x31")
    }

    @Test("a REP that asks the same question again and again is told once")
    func repeated() throws {
        let configuration = try Guests.configuration(Guests.string)
        let (lines, _) = try Guests.json(configuration, .brief)
        #expect(lines.count { kind($0) == "no-exit" } == 1)
        #expect(lines.count { kind($0) == "output" } == 9)
    }

    @Test("an EPT violation has one rule that decides")
    func withoutLadder() throws {
        let configuration = try Guests.configuration(Guests.memory)
        let (lines, _) = try Guests.json(configuration, .brief)
        let violation = try #require(lines.first { $0["reason"]?.stringValue == "EPT_VIOLATION" })
        #expect(violation["guestPhysical"]?.stringValue == "0x100000000")
        let deciding = (violation["because"]?.listValue ?? []).filter {
            $0["decides"] == .bool(true)
        }
        #expect(deciding.count == 1)
    }

    @Test("an entry that fails says which check, and nothing of a guest")
    func entryFailure() throws {
        let settings: [(VMCSField, UInt64)] = [(.guestCR0, 0x8000_0030)]
        let configuration = try Guests.configuration(Guests.string, settings)
        let (lines, _) = try Guests.json(configuration, .full)
        let exit = try #require(lines.first { kind($0) == "vm-exit" })
        #expect(exit["reason"]?.stringValue == "ENTRY_FAIL_GUEST_STATE")
        #expect(exit["entryFailure"] == .bool(true))
        let rule = exit["because"]?.listValue?.first
        #expect(rule?["inputs"]?["GUEST_CR0"]?.stringValue == "0x80000030")
        #expect(!lines.contains { kind($0) == "instruction" })
        let text = Guests.text(configuration, .full)
        #expect(text.contains { $0.contains("exit reason 80000021h (33 with bit 31)") })
    }

    @Test(
        "a VMfail has its error number",
        arguments: [(VMCSField.pinControls, UInt64(7)), (.hostCR3, 8)])
    func failure(field: VMCSField, error: UInt64) throws {
        let value: UInt64 = field == .pinControls ? 0 : ~0
        let configuration = try Guests.configuration(Guests.string, [(field, value)])
        let (lines, _) = try Guests.json(configuration, .brief)
        let failure = try #require(lines.first { kind($0) == "vm-fail" })
        #expect(failure["error"]?.number == error)
        #expect(lines.last?["reason"]?.stringValue == "vm-fail")
    }

    @Test("a source's control characters do not reach the terminal")
    func escapes() throws {
        let source = "bits 16\norg 0x1000\nmov ax, 1 ; \u{1B}[2J\u{9B}1m\u{202E}\thlt\nhlt\n"
        let configuration = try Guests.configuration(source)
        let lines = Guests.text(configuration, .full)
        for line in lines { expectPrintable(line, .plain) }
        #expect(lines.contains { $0.contains("\\x1b[2J") && $0.contains("guest.asm:3") })
    }

    @Test("source lines are not shown for bytes that the program has changed")
    func changedCode() throws {
        let source = """
            bits 16
            org 0x1000
                mov byte [patched], 0x43
            patched:
                inc ax              ; becomes inc bx
                hlt
            """
        let lines = Guests.text(try Guests.configuration(source), .full)
        #expect(lines.contains { $0.hasSuffix("43  inc bx") })
        #expect(!lines.contains { $0.contains("becomes inc bx") })
    }
}
