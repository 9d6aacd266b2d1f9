import Architecture

/// What the rules of a ladder come to, found by asking the ladder about many subjects.
public struct LadderOutcomes: Sendable {
    /// What one rule was seen to decide.
    public struct OfRule: Sendable, Hashable {
        /// The rule's place among its ladder's, from 0.
        public let rule: Int
        public let verdict: Verdict
        /// The ladder's verdict on the same subject with this rule taken away.
        public let verdictWithout: Verdict
    }

    /// A bit of a VMCS field that alone made the difference between two verdicts.
    public struct OfBit: Sendable, Hashable {
        public let field: VMCSField
        /// The input that holds the bit: a flag's title names it.
        public let input: InputFacts
        public let bit: Int
        /// The verdict with the bit 1, and the one with the bit 0.
        public let set: Verdict
        public let clear: Verdict
    }

    /// In the order of the rules.
    public let rules: [OfRule]
    /// In the order in which the rules name their inputs.
    public let bits: [OfBit]

    /// What a rule decides, exits first, by their numbers.
    public func verdicts(of rule: Int) -> [Verdict] {
        var verdicts: [Verdict] = []
        for outcome in rules where outcome.rule == rule && !verdicts.contains(outcome.verdict) {
            verdicts.append(outcome.verdict)
        }
        return verdicts
    }
}

/// Looks for subjects in which each rule of a ladder decides, beginning with the questions that it
/// answers: whatever shows something new is kept, and changed in one or two inputs again. The
/// same subjects are found each time.
struct LadderExplorer<Subject: DecisionSubject> {
    private static var attempts: Int { 500 }

    let ladder: Ladder<Subject>
    private let inputs: [Input<Subject>]
    /// The first subjects that showed something new, and for each what was last seen to show the
    /// same: those drift, so that changes which lead nowhere one by one come together.
    private var found: [Subject]
    private var drifting: [Subject]
    private var seen: [LadderOutcomes.OfRule: Int] = [:]
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    init(_ ladder: Ladder<Subject>, asking questions: [Subject]) {
        self.ladder = ladder
        var names: Set<String> = []
        inputs = ladder.rules.flatMap(\.inputs).filter { names.insert($0.name).inserted }
        found = questions
        drifting = questions
        for question in questions { note(question) }
        explore()
    }

    private mutating func explore() {
        guard !inputs.isEmpty, !found.isEmpty else { return }
        for _ in 0..<Self.attempts * inputs.count {
            let index = Int(next() % UInt64(found.count))
            var subject = next() & 1 == 0 ? found[index] : drifting[index]
            for _ in 0...(next() & 1) { change(&subject) }
            note(subject)
        }
    }

    /// Keeps a subject that shows a rule decide what it was not yet seen to decide.
    private mutating func note(_ subject: Subject) {
        guard let rule = ladder.rules.firstIndex(where: { $0.decide(subject) != nil }),
            let verdict = ladder.rules[rule].decide(subject)
        else { return }
        let without = ladder.rules[(rule + 1)...].lazy.compactMap { $0.decide(subject) }.first
        let outcome = LadderOutcomes.OfRule(
            rule: rule, verdict: verdict, verdictWithout: without ?? .proceed)
        if let index = seen[outcome] {
            drifting[index] = subject
        } else {
            seen[outcome] = found.count
            found.append(subject)
            drifting.append(subject)
        }
    }

    /// One input: a bit of it turned, or nothing, everything, or something at random.
    private mutating func change(_ subject: inout Subject) {
        let input = inputs[Int(next() % UInt64(inputs.count))]
        let mask = UInt64.max >> UInt64(64 - input.width)
        let value = subject[keyPath: input.path]
        let choice = next() % 6
        let random = next()
        let changed =
            switch choice {
            case 0, 1, 2: value ^ 1 &<< (random % UInt64(input.width))
            case 3: UInt64(0)
            case 4: mask
            default: random
            }
        subject[keyPath: input.path] = changed & mask
    }

    /// Numbers that are the same in each run.
    private mutating func next() -> UInt64 {
        state ^= state &<< 13
        state ^= state &>> 7
        state ^= state &<< 17
        return state &>> 8
    }

    // MARK: What was found

    var outcomes: LadderOutcomes {
        LadderOutcomes(rules: seen.keys.sorted { Self.precedes($0, $1) }, bits: decidingBits)
    }

    private static func precedes(
        _ left: LadderOutcomes.OfRule, _ right: LadderOutcomes.OfRule
    ) -> Bool {
        if left.rule != right.rule { return left.rule < right.rule }
        let mine = (left.verdict.rank, left.verdictWithout.rank)
        return mine < (right.verdict.rank, right.verdictWithout.rank)
    }

    /// Every bit of a VMCS field that turns the verdict on a subject that was found.
    private var decidingBits: [LadderOutcomes.OfBit] {
        var bits: [LadderOutcomes.OfBit] = []
        var known: Set<LadderOutcomes.OfBit> = []
        for input in inputs {
            guard let field = input.field else { continue }
            let facts = InputFacts(input)
            for bit in 0..<input.width {
                for subject in found + drifting {
                    var set = subject
                    set[keyPath: input.path] |= 1 &<< UInt64(bit)
                    var clear = subject
                    clear[keyPath: input.path] &= ~(1 &<< UInt64(bit))
                    let outcome = LadderOutcomes.OfBit(
                        field: field, input: facts, bit: bit, set: ladder.evaluate(set),
                        clear: ladder.evaluate(clear))
                    if outcome.set != outcome.clear, known.insert(outcome).inserted {
                        bits.append(outcome)
                    }
                }
            }
        }
        return bits
    }
}

extension Verdict {
    /// A fixed order: exits by their numbers, faults by theirs, interrupts, failures, then the
    /// others.
    fileprivate var rank: Int {
        switch self {
        case .exit(let reason): Int(reason.rawValue)
        case .fault(let vector): 1000 + Int(vector.rawValue)
        case .interrupt(let kind): 1500 + (InterruptKind.allCases.firstIndex(of: kind) ?? 0)
        case .fail(.valid(let error)): 1600 + Int(error.rawValue)
        case .fail(.invalid): 1600
        case .abort(let reason): 1700 + Int(reason.rawValue)
        case .proceed: 2000
        case .virtualized: 2001
        case .ignored: 2002
        }
    }
}
