import Architecture

/// One thing that the tables know, with what they say about it. `explain`, the reference pages and
/// completion all read these.
public struct ReferenceEntry: Sendable {
    /// What can be looked up, in the order in which a name that several have is taken.
    public enum Kind: String, CaseIterable, Sendable {
        case rule, field, control, reason, check, decision, error, msr, exception, bit, feature
        case processor, instruction, command

        /// For people, as "VMCS field".
        public var title: String {
            switch self {
            case .rule: "rule of a decision"
            case .field: "VMCS field"
            case .control: "control bit"
            case .reason: "exit reason"
            case .check: "check of VM entry"
            case .decision: "decision"
            case .error: "VM-instruction error"
            case .msr: "model-specific register"
            case .exception: "exception"
            case .bit: "register bit"
            case .feature: "CPUID feature"
            case .processor: "processor"
            case .instruction: "instruction"
            case .command: "command of the prompt"
            }
        }

        /// Several of them.
        public var plural: String {
            switch self {
            case .rule: "rules of decisions"
            case .check: "checks of VM entry"
            case .command: "commands of the prompt"
            default: title + "s"
            }
        }

        /// The kind that a word names: its own name, also in the plural.
        public init?(word: String) {
            let plain = word.lowercased()
            let singular = plain.hasSuffix("s") ? String(plain.dropLast()) : plain
            switch singular {
            case "exit": self = .reason
            case "ladder": self = .decision
            default:
                guard let kind = Kind(rawValue: plain) ?? Kind(rawValue: singular) else {
                    return nil
                }
                self = kind
            }
        }
    }

    /// Something else that can be looked up.
    public struct Reference: Sendable, Hashable {
        public let kind: Kind
        public let name: String
    }

    /// A line of facts: a label and one or more things.
    public struct Fact: Sendable {
        public struct Item: Sendable {
            public let text: String
            public let reference: Reference?
        }

        public let label: String
        public let items: [Item]

        init(_ label: String, _ texts: [String]) {
            self.label = label
            items = texts.map { Item(text: $0, reference: nil) }
        }

        init(_ label: String, _ text: String) { self.init(label, [text]) }

        init(_ label: String, links: [Link]) {
            self.label = label
            items = links.map {
                Item(
                    text: $0.note.isEmpty ? $0.name : "\($0.name) \($0.note)",
                    reference: Reference(kind: $0.kind, name: $0.name))
            }
        }
    }

    /// The name of another entry, and what is to be said beside it.
    struct Link {
        let kind: Kind
        let name: String
        var note = ""

        init(_ kind: Kind, _ name: String, _ note: String = "") {
            self.kind = kind
            self.name = name
            self.note = note
        }
    }

    public let kind: Kind
    /// The name by which the prompt, scenarios and JSON call it.
    public let name: String
    /// The manual's name, or the sentence of a rule or check.
    public let title: String
    /// One or two sentences.
    public let meaning: String
    /// Other spellings by which it is found.
    let otherNames: [String]
    /// Numbers by which it is found: an encoding, a vector.
    let numbers: [UInt64]
    public let citation: Citation?
    private let makeFacts: @Sendable () -> [Fact]

    /// What the tables say of it, in a fixed order. Found when it is asked for.
    public var facts: [Fact] { makeFacts().filter { !$0.items.isEmpty } }

    init(
        _ kind: Kind, _ name: String, title: String, meaning: String,
        also otherNames: [String] = [],
        numbers: [UInt64] = [], _ citation: Citation?,
        facts: @escaping @Sendable () -> [Fact] = { [] }
    ) {
        self.kind = kind
        self.name = name
        self.title = title
        self.meaning = meaning
        self.otherNames = otherNames
        self.numbers = numbers
        self.citation = citation
        makeFacts = facts
    }
}

extension ReferenceEntry {
    /// The entry of a command of the prompt, whose table is in a later module.
    public init(
        command name: String, aliases: [String], usage: String, summary: String, help: String
    ) {
        self.init(
            .command, name, title: usage,
            meaning: summary.prefix(1).uppercased()
                + summary.dropFirst() + ".", also: aliases, nil
        ) {
            let paragraphs = help.split(separator: "\n\n").map { String($0) }
            return [Fact("typed", usage), Fact("also", aliases), Fact("more", paragraphs)]
        }
    }
}
