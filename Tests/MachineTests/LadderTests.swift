import Architecture
import Testing

@testable import Machine

/// A ladder found by looking into ``Ladders``, whatever its subject.
private protocol AnyLadder { var ruleIDs: [String] { get } }

extension Ladder: AnyLadder {
    fileprivate var ruleIDs: [String] { rules.map(\.id) }
}

@Suite("Ladders")
struct LadderTests {
    private static let all = Ladders().all
    private static let outcomes = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0.outcomes()) })

    /// Rules that name a nearer cause of what a later one would come to as well.
    private static let onlyTell: Set<String> = [
        "apic-access: apic-access.shape", "iret-and-nmis: iret.virtual",
        "mov-from-cr0: cr0-mask.mixes",
        "mov-from-cr4: cr4-mask.mixes", "smsw: cr0-mask.mixes", "mov-to-cr3: cr3-load.not-exiting",
        "rdpid: instruction.not-non-root",
        "umonitor: instruction.not-non-root",
    ]

    /// Every ladder in a value, by its rules.
    private static func ladders(in value: Any) -> [[String]] {
        if let ladder = value as? any AnyLadder { return [ladder.ruleIDs] }
        return Mirror(reflecting: value).children.flatMap { ladders(in: $0.value) }
    }

    @Test("Every ladder of the machine has a name in the list of all")
    func complete() {
        let held = Set(Self.ladders(in: Ladders()))
        let listed = Set(Self.all.map { $0.rules.map(\.id) })
        #expect(held.subtracting(listed) == [])
        #expect(listed.subtracting(held) == [])
        #expect(Set(Self.all.map(\.name)).count == Self.all.count)
    }

    @Test("A rule's id stands for one sentence and one section of the manual")
    func ids() {
        var known: [String: RuleFacts] = [:]
        for rule in Self.all.flatMap(\.rules) {
            let first = known[rule.id, default: rule]
            #expect(first.text == rule.text, "\(rule.id)")
            #expect(first.citation == rule.citation, "\(rule.id)")
            known[rule.id] = first
            #expect(!rule.text.hasSuffix("."), "\(rule.id)")
        }
    }

    @Test("Every rule decides for some subject", arguments: all.map(\.name))
    func decides(name: String) throws {
        let ladder = try #require(Self.all.first { $0.name == name })
        let deciding = Set(try #require(Self.outcomes[name]).rules.map(\.rule))
        let silent = ladder.rules.indices.filter { !deciding.contains($0) }
        #expect(silent.map { ladder.rules[$0].id } == [])
    }

    /// The last rule of a ladder may say what comes without any: taken away, it leaves a decision
    /// that no rule has decided.
    @Test("Without a rule the same subject has another outcome", arguments: all.map(\.name))
    func matters(name: String) throws {
        let ladder = try #require(Self.all.first { $0.name == name })
        let outcomes = try #require(Self.outcomes[name]).rules
        let idle = ladder.rules.indices.dropLast().filter { index in
            !outcomes.contains { $0.rule == index && $0.verdict != $0.verdictWithout }
        }
        let names = idle.map { "\(name): \(ladder.rules[$0].id)" }
        #expect(names.filter { !Self.onlyTell.contains($0) } == [])
        #expect(Self.onlyTell.filter { $0.hasPrefix("\(name): ") }.isSubset(of: names))
    }

    @Test("An exit that a control alone decides names the control, and the other way round")
    func controlsOfReasons() {
        for ladder in Self.all {
            for bit in Self.outcomes[ladder.name]?.bits ?? [] {
                guard let control = Self.control(of: bit), case .exit(let reason) = bit.set,
                    bit.clear == .proceed, !Self.isGeneral(reason)
                else { continue }
                #expect(reason.controls.contains(control), "\(reason.name): \(control.name)")
            }
        }
    }

    /// Reasons that a change of meaning brings about, which no single control asks for.
    private static func isGeneral(_ reason: ExitReason) -> Bool {
        [.exceptionOrNMI, .eptViolation, .eptMisconfiguration, .pmlFull, .apicAccess, .wrmsr]
            .contains(reason)
    }

    private static func control(of bit: LadderOutcomes.OfBit) -> ControlBit? {
        ControlBit.all.first {
            $0.field == bit.field && bit.input.width > 1 && Int($0.position) == bit.bit
        }
    }
}
