import Machine
import Narration

/// What a question asks about, or a grade compares: one thing that can be seen of a run.
///
/// Written as
///
///     outcome at LABEL              exit, no exit or fault
///     reason at LABEL               the exit reason's name, or none
///     qualification at LABEL        the exit qualification
///     deciding rule at LABEL        the rule's id, or none
///     deciding bits at LABEL        the bits' names
///     operation at LABEL            outside, root or non-root
///     register NAME at LABEL        as the instruction at the label finds it
///     register NAME at the end
///     exits, exits REASON, entries  how many
///     ports                         the port traffic, in order
///     end                           how the run ended
///
/// `LABEL#2` means the second time that the instruction at the label is reached.
public enum Subject: Sendable, Hashable {
    case outcome(Place)
    case reason(Place)
    case qualification(Place)
    case decidingRule(Place)
    case decidingBits(Place)
    case operation(Place)
    case register(String, Place?)
    case exits(reason: String?)
    case entries
    case ports
    case end

    /// A label of the guest, and which time, from 1.
    public struct Place: Sendable, Hashable {
        public var label: String
        public var time: Int

        public init(_ label: String, time: Int = 1) {
            self.label = label
            self.time = time
        }

        init?(_ text: Substring) {
            let parts = text.split(separator: "#", omittingEmptySubsequences: false)
            guard let label = parts.first, !label.isEmpty, parts.count <= 2 else { return nil }
            let time = parts.count == 2 ? Int(parts[1]) : 1
            guard let time, (1...1_000_000).contains(time), !label.contains(" ") else { return nil }
            self.init(String(label), time: time)
        }
    }

    /// nil if the text has none of the forms above.
    public init?(_ text: String) {
        let words = text.split(separator: " ")
        switch words.count {
        case 1:
            switch words[0] {
            case "exits": self = .exits(reason: nil)
            case "entries": self = .entries
            case "ports": self = .ports
            case "end": self = .end
            default: return nil
            }
        case 2 where words[0] == "exits": self = .exits(reason: String(words[1]))
        case 5 where words[0] == "register" && words[2...] == ["at", "the", "end"]:
            self = .register(String(words[1]), nil)
        default:
            guard words.count >= 3, words[words.count - 2] == "at",
                let place = Place(words[words.count - 1])
            else { return nil }
            self.init(words.dropLast(2).joined(separator: " "), at: place)
        }
    }

    private init?(_ what: String, at place: Place) {
        switch what {
        case "outcome": self = .outcome(place)
        case "reason": self = .reason(place)
        case "qualification": self = .qualification(place)
        case "deciding rule": self = .decidingRule(place)
        case "deciding bits": self = .decidingBits(place)
        case "operation": self = .operation(place)
        default:
            let words = what.split(separator: " ")
            guard words.count == 2, words[0] == "register" else { return nil }
            self = .register(String(words[1]), place)
        }
    }

    /// Whether what is seen is a number, and so what is answered.
    public var isNumber: Bool {
        switch self {
        case .qualification, .register, .exits, .entries: true
        case .outcome, .reason, .decidingRule, .decidingBits, .operation, .ports, .end: false
        }
    }

    /// What was seen; nil where the run never came to the label.
    public func value(in run: ObservedRun) -> ObservedValue? {
        switch self {
        case .outcome(let place): step(place, in: run).map { Self.word(for: $0.outcome) }
        case .reason(let place):
            step(place, in: run).map { .word($0.exit?.reason ?? "none") }
        case .qualification(let place):
            step(place, in: run)?.exit.map { .number($0.qualification) }
        case .decidingRule(let place):
            step(place, in: run).map { .word($0.decidingRule ?? "none") }
        case .decidingBits(let place): step(place, in: run).map { .names($0.decidingBits) }
        case .operation(let place): step(place, in: run).map { .word($0.operation.name) }
        case .register(let name, let place?):
            step(place, in: run)?.registers[name].map { .number($0) }
        case .register(let name, nil): run.registers[name].map { .number($0) }
        case .exits(let reason?): .number(UInt64(run.exits.count { $0.reason == reason }))
        case .exits(nil): .number(UInt64(run.exits.count))
        case .entries: .number(UInt64(run.entries))
        case .ports: .names(run.ports.map(\.answer))
        case .end: .word(run.end)
        }
    }

    private func step(_ place: Place, in run: ObservedRun) -> ObservedStep? {
        var seen = 0
        for step in run.steps where step.labels.contains(place.label) {
            seen += 1
            if seen == place.time { return step }
        }
        return nil
    }

    private static func word(for outcome: Outcome) -> ObservedValue {
        switch outcome {
        case .noExit: .word("no exit")
        case .exit: .word("exit")
        case .fault: .word("fault")
        }
    }
}

extension ObservedStep {
    fileprivate var exit: Outcome.Exit? {
        if case .exit(let exit) = outcome { return exit }
        return nil
    }
}

extension PortTransfer {
    /// As `out 0x80 0x41 (1)`: direction, port, value, bytes.
    fileprivate var answer: String {
        let direction = isInput ? "in" : "out"
        let port = UInt64(port).hex
        return "\(direction) \(port) \(UInt64(value).hex) (\(size))"
    }
}

/// A value that can be asked for, seen or answered.
public enum ObservedValue: Sendable, Hashable, CustomStringConvertible {
    case word(String)
    case names([String])
    case number(UInt64)

    /// How it is shown: registers and the like in hexadecimal, small numbers plainly.
    public var description: String {
        switch self {
        case .word(let word): word
        case .names(let names): names.isEmpty ? "none" : names.joined(separator: ", ")
        case .number(let number): number < 10 ? "\(number)" : number.hex
        }
    }

    /// Whether an answer means this value: case, separators and the order of names do not matter.
    public func agrees(with answer: ObservedValue) -> Bool {
        switch (self, answer) {
        case (.number(let value), .number(let given)): value == given
        case (.word(let word), .word(let given)):
            Spelling.folded(word) == Spelling.folded(given)
        default: Self.set(of: self) == Self.set(of: answer)
        }
    }

    /// One name, a list of names, and `none` can all answer a question for names.
    private static func set(of value: ObservedValue) -> Set<[Character]>? {
        switch value {
        case .word(let word):
            let folded = Spelling.folded(word)
            return folded == Array("none") ? [] : [folded]
        case .names(let names): return Set(names.map(Spelling.folded))
        case .number: return nil
        }
    }

    /// An answer as it was typed: a number where it reads as one, names where commas divide it.
    public init(typed text: String) {
        let trimmed = String(
            text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        if let number = NumberText.parse(trimmed) {
            self = .number(number)
        } else if trimmed.contains(",") {
            self = .names(
                trimmed.split(separator: ",").map { $0.filter { !$0.isWhitespace } })
        } else {
            self = .word(trimmed)
        }
    }
}
