import Foundation
import Testing

@testable import Architecture

@Suite("Tables of registers, bits and citations")
struct TableTests {
    @Test("Rows of the MSR table stand in the order of the cases, with names of their own")
    func msrs() {
        #expect(MSR.rows.map(\.msr) == MSR.allCases)
        #expect(Set(MSR.allCases.map(\.name)).count == MSR.allCases.count)
        for msr in MSR.allCases { #expect(MSR(name: msr.name) == msr) }
        #expect(MSR.vmxRange == 0x480...0x492)
    }

    @Test("Every citation that the sources define is in the list, once, in order")
    func citations() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Architecture/Citations")
        var defined = 0
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            defined += text.components(separatedBy: "public static let").count - 1
        }
        #expect(Citation.all.count == defined)
        #expect(Set(Citation.all).count == defined)
        let entries = Citation.all.filter { $0.manual == .sdm3C }.compactMap(\.section)
        let early = try #require(entries.firstIndex(of: "25.6.6"))
        let late = try #require(entries.firstIndex(of: "25.6.14"))
        #expect(early < late)
    }

    @Test("No number stands for two sections of a manual")
    func sectionNumbers() {
        var seen: [String: String] = [:]
        for citation in Citation.all {
            guard let section = citation.section else { continue }
            let key = "\(citation.manual.rawValue) \(section)"
            #expect(seen[key] == nil, "\(key): \(citation.title), \(seen[key] ?? "")")
            seen[key] = citation.title
        }
    }

    @Test("Bits of each table have names of their own")
    func bitNames() {
        func check<Bit: NamedBit>(_ type: Bit.Type) {
            let names = Bit.allCases.map(\.name)
            #expect(Set(names).count == names.count, "\(type)")
            #expect(Bit.allCases.allSatisfy { !$0.title.isEmpty && $0.rawValue < 64 }, "\(type)")
        }
        check(CR0Bit.self)
        check(CR4Bit.self)
        check(EFERBit.self)
        check(FlagBit.self)
        check(PageEntryBit.self)
        check(EPTEntryBit.self)
        check(PageFaultBit.self)
        check(SelectorErrorBit.self)
        check(EPTViolationBit.self)
        check(DebugExceptionBit.self)
        check(PendingDebugBit.self)
        check(InterruptibilityBit.self)
        check(VMXBasicBit.self)
        check(VMXMiscBit.self)
        check(EPTVPIDBit.self)
        check(FeatureControlBit.self)
        check(APICBaseBit.self)
        check(DR7Bit.self)
    }
}
