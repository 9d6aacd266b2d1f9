import Architecture
import Machine
import Testing

@testable import Narration

@Suite("Reference")
struct ReferenceTests {
    private static let book = ReferenceBook()

    private func entry(_ name: String) -> ReferenceEntry? {
        if case .entry(let entry, _) = Self.book.find(name) { entry } else { nil }
    }

    @Test("Every entry has a title, a sentence that ends, and is found by its kind and name")
    func everyEntry() {
        var index: [String: Int] = [:]
        for entry in Self.book.entries {
            #expect(!entry.title.isEmpty && !entry.meaning.isEmpty, "\(entry.name)")
            #expect(entry.meaning.hasSuffix("."), "\(entry.kind.rawValue) \(entry.name)")
            index["\(entry.kind.rawValue) \(entry.name)", default: 0] += 1
        }
        #expect(index.values.allSatisfy { $0 == 1 })
    }

    @Test("Every field, control, reason, rule and check is found by its name alone")
    func byName() {
        let kinds: [ReferenceEntry.Kind] = [.field, .control, .reason, .rule, .check]
        for entry in Self.book.entries where kinds.contains(entry.kind) {
            guard case .entry(let found, let others) = Self.book.find(entry.name) else {
                Issue.record("\(entry.name)")
                continue
            }
            let kinds = [found.kind] + others.map(\.kind)
            #expect(found.name == entry.name || kinds.contains(entry.kind), "\(entry.name)")
        }
    }

    @Test(
        "A name counts in any case, by any name of it, by its number, and with its kind",
        arguments: [
            ("CR0_MASK", "CR0_MASK"), ("cr0 guest/host mask", "CR0_MASK"), ("cr0Mask", "CR0_MASK"),
            ("0x6000", "CR0_MASK"), ("6000h", "CR0_MASK"), ("guest-cr0", "GUEST_CR0"),
            ("0x2013", "VIRTUAL_APIC_ADDR"), ("EPT Violation", "EPT_VIOLATION"),
            ("exit 48", "EPT_VIOLATION"), ("unrestricted guest", "PROC2_CTLS.unrestricted_guest"),
            ("unrestrictedGuest", "PROC2_CTLS.unrestricted_guest"),
            ("CR0-MASK.DIFFERS", "cr0-mask.differs"), ("error 7", "VMfail 7"),
            ("#gp", "#GP"), ("exception 14", "#PF"), ("ia32_efer", "IA32_EFER"),
            ("0xc0000080", "IA32_EFER"), ("instruction hlt", "HLT"), ("decision hlt", "hlt"),
            ("EXIT_CTLS.load IA32_PAT", "EXIT_CTLS.load_IA32_PAT"),
            ("PROC_CTLS.7", "PROC_CTLS.HLT_exiting"),
        ])
    func spellings(typed: String, name: String) {
        #expect(entry(typed)?.name == name)
    }

    @Test("A name that controls of two fields have is answered by both")
    func ambiguous() {
        guard case .ambiguous(let entries) = Self.book.find("load IA32_PAT") else {
            Issue.record("not ambiguous")
            return
        }
        #expect(entries.map(\.name) == ["EXIT_CTLS.load_IA32_PAT", "ENTRY_CTLS.load_IA32_PAT"])
    }

    @Test("What nobody has a name for is answered by what is near")
    func unknown() {
        guard case .unknown(let near) = Self.book.find("CR0_MSK") else {
            Issue.record("found")
            return
        }
        #expect(near.contains("CR0_MASK"))
        for text in [
            "", " ", "\u{0}", String(repeating: "x", count: 100_000), "0xffffffffffffffffff",
        ] {
            if case .entry(let entry, _) = Self.book.find(text) { Issue.record("\(entry.name)") }
        }
    }

    /// SDM 3C, 26.1.3: HLT, with "HLT exiting".
    @Test("A control leads to its exit, and the exit back to the control and its rule")
    func related() throws {
        let control = try #require(entry("HLT exiting"))
        let exits = try #require(control.facts.first { $0.label == "exits" })
        #expect(exits.items.compactMap(\.reference?.name) == ["HLT"])
        let decides = try #require(control.facts.first { $0.label == "decides" })
        #expect(decides.items.map(\.text) == ["hlt: exit 12 (HLT) with 1, no exit with 0"])
        let reason = try #require(entry("reason HLT"))
        let by = try #require(reason.facts.first { $0.label == "decided by" })
        #expect(by.items.compactMap(\.reference?.name) == ["hlt.control"])
    }

    @Test("Whatever an entry refers to is there")
    func references() {
        var names: Set<ReferenceEntry.Reference> = []
        for entry in Self.book.entries { names.insert(.init(kind: entry.kind, name: entry.name)) }
        for entry in Self.book.entries where entry.kind != .instruction {
            for item in entry.facts.flatMap(\.items) {
                guard let reference = item.reference else { continue }
                #expect(names.contains(reference), "\(entry.name): \(reference.name)")
            }
        }
    }

    @Test("Every line of text keeps to the width")
    func width() {
        let text = ReferenceText()
        let kinds: [ReferenceEntry.Kind] = [.rule, .field, .control, .reason, .check, .decision]
        for entry in Self.book.entries where kinds.contains(entry.kind) {
            for line in text.lines(entry) {
                #expect(DisplayWidth.of(line) <= 80, "\(entry.name): \(line)")
            }
        }
    }

    /// SDM 3C, the tables of exit qualifications, against the types that read them.
    @Test("The layout of a qualification is what its type reads")
    func layouts() {
        let cr = CRAccessQualification(.movFrom, controlRegister: 4, register: .rbx).rawValue
        #expect(Self.parts(cr, .crAccess) == [4, 1, 0, 3, 0])
        let port = IOQualification(port: 0x71, bytes: 4, isIn: true, hasREP: true).rawValue
        #expect(Self.parts(port, .ioInstruction) == [3, 1, 0, 1, 0, 0x71])
        let debug = DRAccessQualification(debugRegister: 7, isRead: true, register: .rdi).rawValue
        #expect(Self.parts(debug, .drAccess) == [7, 1, 7])
        let task = TaskSwitchQualification(selector: 0x28, source: .jmp).rawValue
        #expect(Self.parts(task, .taskSwitch) == [0x28, 2])
        let apic = APICAccessQualification(offset: 0x80, access: .linearWrite).rawValue
        #expect(Self.parts(apic, .apicAccess) == [0x80, 1])
    }

    private static func parts(_ value: UInt64, _ reason: ExitReason) -> [UInt64] {
        reason.qualification.rows.map { row in
            value >> UInt64(row.bits.lowerBound) & (UInt64.max >> UInt64(64 - row.bits.count))
        }
    }
}
