import KVM
import Narration
import Testing

@testable import Hypervisor

@Suite("A comparison as text and as JSON")
struct ComparisonTextTests {
    private func result(_ source: String, change: (inout Observation) -> Void = { _ in }) throws
        -> ComparisonResult
    {
        let guest = try ComparedGuest.source(source).setting("EXCEPTION_BITMAP", 0)
        let side = ModelSide(limits: Comparison.Limits())
        let model = try side.observe(guest)
        var kvm = KVMObservation(shown: model.shown, milliseconds: 1, interprets: false)
        kvm.shown.counts = nil
        change(&kvm.shown)
        return Comparison.lines(guest, model, kvm)
    }

    @Test("No line is wider than the terminal", arguments: [40, 79, 80, 200])
    func width(_ width: Int) throws {
        let result = try result("out 0x80, eax\nhlt") { $0.ports = [] }
        let lines = ComparisonText(result, style: TextStyle(width: width)).lines
        for line in lines { #expect(DisplayWidth.of(line) <= width, "\(line)") }
    }

    @Test("Each reason stands below the table once, under its number")
    func reasonsBelow() throws {
        let result = try result("out 0x80, eax\nhlt") { $0.ports = [] }
        let lines = ComparisonText(result).lines
        let text = lines.joined(separator: "\n")
        #expect(text.contains("port access 1     outl 0x80 0x0          -"))
        #expect(text.contains("differ 1"))
        #expect(lines.count { $0.hasPrefix("1  ") } == 1)
        #expect(text.contains("differ 1, not observable 4"))
    }

    @Test("Much traffic that agrees is counted, and what differs among it is shown")
    func muchTraffic() throws {
        let result = try result("mov ecx, 200\nmov edx, 0x80\nrep outsb\nhlt") { shown in
            shown.ports[150] = PortDatum(isInput: true, port: 1, size: 2, value: 3)
        }
        let text = ComparisonText(result).lines.joined(separator: "\n")
        #expect(text.contains("inw 0x1 0x3"))
        #expect(text.contains("(167 more that agree"))
        #expect(ComparisonJSON.lines(result).count == result.rows.count + 1)
    }

    @Test("A name from outside cannot send escape codes, and ASCII stays ASCII")
    func escapes() throws {
        var guest = try ComparedGuest.source("hlt")
        guest.image.name = "a\u{1B}[2Jb"
        let side = ModelSide(limits: Comparison.Limits())
        let model = try side.observe(guest)
        let kvm = KVMObservation(shown: model.shown, milliseconds: 1, interprets: false)
        let result = Comparison.lines(guest, model, kvm)
        let lines = ComparisonText(result, style: TextStyle(characters: .ascii)).lines
        for line in lines { #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }) }
    }

    @Test("Each line of JSON has its five keys, and the last has counts that add up")
    func json() throws {
        let result = try result("out 0x80, al\nmov ebx, 255\nhlt") { $0.ports = [] }
        let parsed = try ComparisonJSON.lines(result).map { try JSON(parsing: Array($0.text.utf8)) }
        for line in parsed.dropLast() {
            guard case .object(let members) = line else {
                Issue.record("no object: \(line.text)")
                continue
            }
            #expect(members.map(\.key) == ["what", "model", "kvm", "result", "because"])
            let agrees = line["result"] == .string("agree")
            #expect((line["because"] == .null) == agrees)
        }
        let rbx = parsed.first { $0["what"] == .string("rbx") }
        #expect(rbx?["model"] == .string("0xff"))
        let steps = parsed.first { $0["what"] == .string("steps") }
        // HLT exits and is not completed.
        #expect(steps?["model"] == .unsigned(2))
        #expect(steps?["kvm"] == .null)
        let last = try #require(parsed.last)
        #expect(last["differ"] == .unsigned(1))
        let total = Agreement.allCases.reduce(UInt64(0)) { sum, agreement in
            guard case .unsigned(let count) = last[agreement.rawValue] else { return sum }
            return sum + count
        }
        #expect(total == UInt64(parsed.count - 1))
    }

    @Test("Every reason is a clause without a full stop, with nothing empty")
    func reasons() {
        let error = KVMInternalError(suberror: 2, data: [])
        let reasons: [ComparisonReason] =
            KVMLimitation.allCases.map { .limitation($0) } + [
                .emulation(error), .notModelled(.feature(.la57)), .otherEnd,
                .timeLimit(steps: 3), .statusFlags, .unknown,
            ]
        #expect(Set(reasons.map(\.text)).count == reasons.count)
        for reason in reasons { #expect(!reason.text.isEmpty && !reason.text.hasSuffix(".")) }
    }
}
