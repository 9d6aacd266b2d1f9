import Architecture

/// What a decision comes to.
public enum Verdict: Sendable, Hashable {
    /// A VM exit with this basic reason.
    case exit(ExitReason)
    /// A fault in the guest, before any exit.
    case fault(ExceptionVector)
    /// The instruction or event goes on as outside VMX operation.
    case proceed
    /// The instruction completes and changes nothing.
    case ignored
    /// The access goes to the virtual-APIC page, and the virtual APIC carries it out.
    case virtualized
    /// An interrupt is delivered through the IDT.
    case interrupt(InterruptKind)
    /// A VMX instruction fails: VMfailInvalid, or VMfailValid with an error number.
    case fail(VMFailure)
    /// A VM exit fails: the processor is in shutdown.
    case abort(VMXAbort)
}

/// Where an interrupt comes from.
public enum InterruptKind: Sendable, Equatable, CaseIterable {
    /// The local APIC or the interrupt controllers.
    case external
    case nmi
    /// The virtual-APIC page.
    case virtual
    /// An external interrupt that stands for posted ones: the virtual APIC takes them over.
    case posted
}

/// The facts that one decision is taken from: plain numbers, so that any of them can be changed and
/// the decision taken again.
public protocol DecisionSubject: Sendable {
    /// The question that the ladder answers, as "Does this MOV to CR0 exit?".
    var question: String { get }
    /// What it means, in a word or two, that nothing special comes of the decision.
    static var proceeding: String { get }
    /// What ``Verdict/ignored`` means.
    static var ignoring: String { get }
}

extension DecisionSubject {
    public static var proceeding: String { "no exit" }
    public static var ignoring: String { "no effect" }
}

/// One thing that a rule consults: a name, a width, and where in the subject it is.
public struct Input<Subject: DecisionSubject>: Sendable {
    /// Who can change it, and so what a repair would touch.
    public enum Origin: Sendable, Equatable {
        /// The hypervisor, in this VMCS field.
        case field(VMCSField)
        /// The guest: an operand or a register of its own.
        case guest
        /// The state that the processor is in.
        case processor
    }

    /// Stable and lower-case, as "cr0-mask": the key in JSON.
    public let name: String
    /// For people, as "CR0 guest/host mask".
    public let title: String
    /// In bits: 1 for a flag.
    public let width: Int
    public let origin: Origin
    public let path: WritableKeyPath<Subject, UInt64> & Sendable
    /// The bits that could be another way with everything else as it is: what a decision says of
    /// its alternatives is about these.
    public let free: @Sendable (Subject) -> UInt64

    public init(
        _ name: String, _ title: String, width: Int, _ origin: Origin,
        _ path: WritableKeyPath<Subject, UInt64> & Sendable,
        free: @escaping @Sendable (Subject) -> UInt64 = { _ in ~0 }
    ) {
        self.name = name
        self.title = title
        self.width = width
        self.origin = origin
        self.path = path
        self.free = free
    }
}

/// One rung: decides, or leaves the decision to the next.
public struct Rule<Subject: DecisionSubject>: Sendable {
    /// Stable, as "cr0-write.differs".
    public let id: String
    /// The rule as a statement that holds when it decides.
    public let text: String
    public let inputs: [Input<Subject>]
    public let citation: Citation
    /// The bits of a register that made this rule decide; 0 where no register's bits are compared.
    public let decidingBits: @Sendable (Subject) -> UInt64
    /// nil: not decided here.
    public let decide: @Sendable (Subject) -> Verdict?

    public init(
        _ id: String, _ text: String, _ inputs: [Input<Subject>], _ citation: Citation,
        bits: @escaping @Sendable (Subject) -> UInt64 = { _ in 0 },
        decide: @escaping @Sendable (Subject) -> Verdict?
    ) {
        self.id = id
        self.text = text
        self.inputs = inputs
        self.citation = citation
        self.decidingBits = bits
        self.decide = decide
    }
}

/// Rules in the order in which the processor applies them: the first that decides, decides.
///
/// The machine takes its outcome from ``evaluate(_:)``; narration, JSON, exercises and `why` read
/// ``explain(_:)``, which runs the same rules on the same facts.
public struct Ladder<Subject: DecisionSubject>: Sendable {
    public var rules: [Rule<Subject>] {
        didSet { deciders = rules.map(\.decide) }
    }
    /// The rules' closures alone: deciding touches nothing of a rule's text.
    private var deciders: [@Sendable (Subject) -> Verdict?]

    public init(_ rules: [Rule<Subject>]) {
        self.rules = rules
        deciders = rules.map(\.decide)
    }

    /// The verdict: of the first rule that decides, or `proceed` when none does.
    public func evaluate(_ subject: Subject) -> Verdict {
        for index in deciders.indices {
            if let verdict = deciders[index](subject) { return verdict }
        }
        return .proceed
    }

    /// The same decision with every rule that was consulted, and what would have changed it unless
    /// nobody asks for that: finding it means to decide again for every bit.
    public func explain(_ subject: Subject, withAlternatives: Bool = true) -> Decision {
        var consulted: [Decision.Step] = []
        var verdict = Verdict.proceed
        for rule in rules {
            let outcome = rule.decide(subject)
            consulted.append(
                Decision.Step(
                    rule: rule.id, text: rule.text,
                    inputs: rule.inputs.map { input in
                        Decision.Value(
                            name: input.name, title: input.title, width: input.width,
                            value: subject[keyPath: input.path])
                    },
                    decides: outcome != nil, citation: rule.citation,
                    decidingBits: outcome == nil ? 0 : rule.decidingBits(subject)))
            if let outcome {
                verdict = outcome
                break
            }
        }
        return Decision(
            question: subject.question, verdict: verdict, steps: consulted,
            alternatives: withAlternatives ? alternatives(to: verdict, for: subject) : [],
            proceeding: Subject.proceeding, ignoring: Subject.ignoring)
    }

    /// Every single free bit of every input that gives another verdict when it is flipped, found by
    /// deciding again.
    func alternatives(to verdict: Verdict, for subject: Subject) -> [Decision.Alternative] {
        var seen: Set<String> = []
        var found: [Decision.Alternative] = []
        let inputs = rules.flatMap(\.inputs)
        for input in inputs where seen.insert(input.name).inserted {
            // One fact under two names, as rules of several ladders share: the narrower says more.
            if inputs.contains(where: { $0.path == input.path && $0.width < input.width }) {
                continue
            }
            let free = input.free(subject)
            for bit in 0..<UInt64(input.width) where free >> bit & 1 == 1 {
                var changed = subject
                changed[keyPath: input.path] ^= 1 << bit
                let other = evaluate(changed)
                if other != verdict {
                    found.append(
                        Decision.Alternative(
                            name: input.name, title: input.title, width: input.width,
                            field: input.field, bit: Int(bit),
                            becomes: changed[keyPath: input.path] >> bit & 1 == 1, verdict: other))
                }
            }
        }
        return found
    }
}

extension Input {
    /// The VMCS field that holds it, where one does.
    public var field: VMCSField? {
        if case .field(let field) = origin { field } else { nil }
    }
}

/// A decision, explained: the rules consulted in order, the last of which decided.
public struct Decision: Sendable, Equatable {
    public struct Value: Sendable, Equatable {
        public let name: String
        public let title: String
        /// In bits: 1 for a flag.
        public let width: Int
        public let value: UInt64

        public init(name: String, title: String, width: Int, value: UInt64) {
            self.name = name
            self.title = title
            self.width = width
            self.value = value
        }
    }

    public struct Step: Sendable, Equatable {
        public let rule: String
        public let text: String
        public let inputs: [Value]
        public let decides: Bool
        public let citation: Citation
        public let decidingBits: UInt64

        public init(
            rule: String, text: String, inputs: [Value], decides: Bool, citation: Citation,
            decidingBits: UInt64 = 0
        ) {
            self.rule = rule
            self.text = text
            self.inputs = inputs
            self.decides = decides
            self.citation = citation
            self.decidingBits = decidingBits
        }
    }

    /// One bit that would have changed the verdict.
    public struct Alternative: Sendable, Equatable {
        public let name: String
        public let title: String
        public let width: Int
        public let field: VMCSField?
        public let bit: Int
        /// The bit's value that gives the other verdict.
        public let becomes: Bool
        public let verdict: Verdict
    }

    public let question: String
    public let verdict: Verdict
    public let steps: [Step]
    public let alternatives: [Alternative]
    /// What ``Verdict/proceed`` and ``Verdict/ignored`` mean here, in a word or two.
    public let proceeding: String
    public let ignoring: String

    public init(
        question: String, verdict: Verdict, steps: [Step], alternatives: [Alternative] = [],
        proceeding: String = "no exit", ignoring: String = "no effect"
    ) {
        self.question = question
        self.verdict = verdict
        self.steps = steps
        self.alternatives = alternatives
        self.proceeding = proceeding
        self.ignoring = ignoring
    }

    /// The rule that decided.
    public var deciding: Step? { steps.last { $0.decides } }
}
