import Hypervisor
import KVM
import Machine

/// A comparison as a table, the reasons below it by number.
public struct ComparisonText {
    private let result: ComparisonResult
    private let style: TextStyle

    /// What nobody showed.
    private static let nothing = "-"
    /// Of port accesses that agree, so many have a line; JSON has them all.
    private static let mostPorts = 32
    private static let valueWidth = 22
    private static let gap = " "

    public init(_ result: ComparisonResult, style: TextStyle = .plain) {
        self.result = result
        self.style = style
    }

    /// Lines without their ends.
    public var lines: [String] {
        heading + [""] + table + [""] + notes + [summary]
    }

    private var heading: [String] {
        let place =
            switch result.operation {
            case .outside: "outside VMX operation"
            case .root: "VMX root operation"
            case .nonRoot: "VMX non-root operation"
            }
        let guest = EscapedText.line(result.guest)
        let text = style.spelled("\(guest): the model (\(result.processor), \(place)) and KVM")
        return WrappedText.lines(text, width: style.width).map { style.painted($0, as: .heading) }
    }

    // MARK: The table

    private var table: [String] {
        var lines = isNarrow ? [] : [line("what", "model", "KVM", "result")]
        var agreeingPorts = 0
        for row in result.rows {
            if case .port = row.item, row.result == .agree {
                agreeingPorts += 1
                if agreeingPorts > Self.mostPorts { continue }
            }
            lines += text(of: row)
        }
        if agreeingPorts > Self.mostPorts {
            let more = agreeingPorts - Self.mostPorts
            lines.append("(\(more) more that agree: see --json)")
        }
        return lines
    }

    private func text(of row: ComparisonRow) -> [String] {
        let note = row.because.flatMap { reasons.firstIndex(of: $0) }.map { " \($0 + 1)" } ?? ""
        let name = row.item.name
        let (model, kvm) = (row.model?.text ?? Self.nothing, row.kvm?.text ?? Self.nothing)
        let result = row.result.rawValue + note
        if isNarrow {
            let head = "\(name): \(result)"
            let painted = row.result == .differ ? style.painted(head, as: .warning) : head
            return [painted, "  model \(model)", "  KVM   \(kvm)"]
        }
        let isWide = name.count > nameWidth
        let text = line(isWide ? "" : name, model, kvm, result)
        let painted = row.result == .differ ? style.painted(text, as: .warning) : text
        return isWide ? [name, painted] : [painted]
    }

    private func line(_ name: String, _ model: String, _ kvm: String, _ result: String) -> String {
        [
            name.padded(to: nameWidth), model.padded(to: Self.valueWidth),
            kvm.padded(to: Self.valueWidth), result,
        ].joined(separator: Self.gap)
    }

    /// What the other columns leave: the last one is as wide as "not observable" with a number.
    private var nameWidth: Int {
        let last = Agreement.notObservable.rawValue.count + " \(reasons.count)".count
        return TextStyle.usualWidth - 2 * Self.valueWidth - last - 3 * Self.gap.count
    }

    /// Whether the columns do not fit beside each other, so that they stand below each other.
    private var isNarrow: Bool { style.width < TextStyle.usualWidth }

    // MARK: Below it

    /// Each reason once, in the order in which the lines need them.
    private var reasons: [ComparisonReason] {
        var reasons: [ComparisonReason] = []
        for reason in result.rows.compactMap(\.because) where !reasons.contains(reason) {
            reasons.append(reason)
        }
        return reasons
    }

    private var notes: [String] {
        let notes = reasons.enumerated().flatMap { (index, reason) in
            let number = "\(index + 1)".padded(to: 3)
            return WrappedText.lines(
                style.spelled(sentence(reason.text)), width: style.width, indent: number,
                hangingIndent: "   ")
        }
        return notes.isEmpty ? [] : notes + [""]
    }

    private func sentence(_ clause: String) -> String {
        clause.prefix(1).uppercased() + clause.dropFirst() + "."
    }

    private var summary: String {
        let (agree, differ) = (result.count(.agree), result.count(.differ))
        let hidden = result.count(.notObservable)
        let text = "agree \(agree), differ \(differ), not observable \(hidden)"
        return style.painted(text, as: result.isSuccess ? .success : .warning)
    }
}

extension ComparedValue {
    /// Numbers in hexadecimal, counts in decimal, names as they are.
    var text: String {
        switch self {
        case .end(let end): end.rawValue
        case .number(let number): number.hex
        case .count(let count): String(count)
        case .port(let datum): datum.text
        case .reaction(let reaction): reaction.rawValue
        }
    }
}

extension ComparisonReason {
    /// A sentence without its full stop, to stand behind "because".
    public var text: String {
        switch self {
        case .limitation(let limitation): limitation.because
        case .emulation(let error):
            if let bytes = error.instructionBytes, !bytes.isEmpty {
                "\(KVMLimitation.emulation.because) whose bytes begin with "
                    + bytes.prefix(4).map(\.hex).joined(separator: " ")
            } else {
                "KVM gave up with \(error.name)"
            }
        case .notModelled(let what): "the model does not have \(what.text)"
        case .otherEnd: "the two runs ended differently"
        case .timeLimit(let steps):
            "KVM reached its time limit, and the model needed \(steps) steps"
        case .statusFlags:
            "only status flags differ: the manual leaves some undefined behind some instructions"
        case .unknown: "no cause is known"
        }
    }
}
