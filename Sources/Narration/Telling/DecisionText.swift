import Architecture
import Machine

/// A decision as text: the question, the rules in the order in which the processor applies them,
/// what each looked at, the one that decided, what would have changed it, and where the manual
/// says so. An exit and a non-exit have the same shape.
struct DecisionText {
    private static let numberWidth = 3
    private static let textIndent = 5
    private static let statusColumn = 54
    /// A rule's inputs up to this width stand beside it; wider ones below.
    private static let smallWidth = 4

    let style: TextStyle
    let explanation: Explanation

    private var decision: Decision { explanation.decision }
    private var subject: DecidedSubject? { explanation.subject }

    init(_ explanation: Explanation, _ style: TextStyle) {
        self.explanation = explanation
        self.style = style
    }

    // MARK: The rules

    var rules: [String] {
        var page = TextPage(style)
        page.add(decision.question, as: .heading)
        var shown: Set<String> = []
        var folded: [Decision.Step] = []
        for (index, step) in decision.steps.enumerated() {
            if asksOfNothing(step), index + 1 < decision.steps.count {
                folded.append(step)
                continue
            }
            add(folded: folded, before: index, to: &page)
            folded = []
            let isOther = isAboutPageFaults(step) && !step.decides
            let number = "\(index + 1)".leftPadded(to: Self.numberWidth)
            page.add(
                step.text, lead: number.padded(to: Self.textIndent), column: Self.statusColumn,
                isOther ? "no (\(exceptionName))" : status(of: step, besides: shown),
                as: step.decides ? .decisive : nil)
            if !isOther { addDetail(of: step, at: index, besides: shown, to: &page) }
            shown.formUnion(step.inputs.map(\.name))
        }
        return page.lines
    }

    /// Between two instructions most rules ask after something that has not come.
    private func asksOfNothing(_ step: Decision.Step) -> Bool {
        guard case .boundary = subject, !step.decides, let first = step.inputs.first else {
            return false
        }
        let isArrival = FlagWords.of(first.name)?.isStatement == true
        return first.value == 0 && (isArrival || first.name == "pending-debug")
    }

    /// Such rules in one line, by the names that `explain` knows.
    private func add(folded: [Decision.Step], before index: Int, to page: inout TextPage) {
        guard !folded.isEmpty else { return }
        let number = "\(index - folded.count + 1)".leftPadded(to: Self.numberWidth)
        let names = folded.map { String($0.rule.drop { $0 != "." }.dropFirst()) }
        let range = folded.count == 1 ? "" : "to \(index), "
        page.add(
            "\(range)nothing waits: \(names.joined(separator: ", "))",
            lead: number.padded(to: Self.textIndent), column: Self.statusColumn, "no")
    }

    private func status(of step: Decision.Step, besides shown: Set<String>) -> String {
        let verdict: String =
            switch (step.decides, decision.verdict) {
            case (false, _): "no"
            case (true, .exit): "decides: exit"
            case (true, .fault(let vector)): "decides: \(vector.mnemonic)"
            case (true, .proceed): "decides: \(decision.proceeding)"
            case (true, .ignored): "decides: \(decision.ignoring)"
            case (true, .fail(.invalid)): "decides: VMfailInvalid"
            case (true, .fail(.valid(let error))): "decides: VMfail(\(error.rawValue))"
            case (true, .abort(let reason)): "decides: VMX abort \(reason.rawValue)"
            case (true, .virtualized): "decides: \(isEvaluation ? "yes" : "virtualized")"
            case (true, .interrupt(let kind)): "decides: \(kind.word)"
            }
        let inputs = smallInputs(of: step, besides: shown)
        let text = "\(verdict) (\(inputs))"
        return inputs.isEmpty || !fitsBeside(text) ? verdict : text
    }

    private func fitsBeside(_ text: String) -> Bool {
        DisplayWidth.of(text) <= style.width - Self.statusColumn
    }

    private var isEvaluation: Bool { if case .virtualInterrupt = subject { true } else { false } }

    /// The flags and small numbers that a rule looked at. Of a rule that did not decide they are
    /// left out where a rule above has shown them.
    private func smallInputs(of step: Decision.Step, besides shown: Set<String>) -> String {
        var small = step.inputs.filter { $0.width <= Self.smallWidth }
        if !step.decides { small.removeAll { shown.contains($0.name) } }
        // In non-root operation the rule for the other modes has looked at nothing else.
        if !step.decides, step.rule.hasSuffix(".not-non-root") { small = Array(small.prefix(1)) }
        if step.rule == "cr.refused" { small = [] }
        return small.map(Self.state).joined(separator: ", ")
    }

    /// "CPL 0", or "an NMI waits: no".
    private static func state(_ input: Decision.Value) -> String {
        let classes = ["benign", "contributory", "page fault", "double fault"]
        if input.name.hasSuffix("-class"), classes.indices.contains(Int(input.value & 7)) {
            return "\(input.title): \(classes[Int(input.value & 7)])"
        }
        let isStatement = input.width == 1 && FlagWords.of(input.name)?.isStatement == true
        let value = isStatement ? input.value == 1 ? "yes" : "no" : "\(input.value)"
        return label(input) + (isStatement ? ": " : " ") + value
    }

    /// A short title for an input.
    private static func label(_ input: Decision.Value) -> String {
        switch input.name {
        case "cpl", "iopl": input.name.uppercased()
        case "non-root": input.name
        default: input.title
        }
    }

    /// The rules that turn bit 14 of the exception bitmap around say nothing of other exceptions.
    private func isAboutPageFaults(_ step: Decision.Step) -> Bool {
        guard case .exception(let event) = subject else { return false }
        return step.rule.contains("page-fault")
            && event.vector != ExceptionVector.pageFault.rawValue
    }

    private var exceptionName: String {
        if case .exception(let event) = subject { event.name } else { "" }
    }

    /// Below a rule: what does not fit beside it. Wide inputs stand once, at the rule that decides
    /// or at the first that looks at them; a register's bits are drawn at the last that does.
    private func addDetail(
        of step: Decision.Step, at index: Int, besides shown: Set<String>, to page: inout TextPage
    ) {
        let inputs = smallInputs(of: step, besides: shown)
        if !inputs.isEmpty, !status(of: step, besides: shown).hasSuffix("(\(inputs))") {
            page.add(inputs, indent: Self.textIndent + 2, hanging: Self.textIndent + 4)
        }
        if case .controlRegister(let access) = subject {
            if index == decision.steps.lastIndex(where: Self.comparesBits) {
                addDiagram(access, to: &page)
            }
            if step.rule == "cr.refused" { addLegality(access, to: &page) }
            return
        }
        guard subject != nil else { return }
        let wide = step.inputs.filter { $0.width > Self.smallWidth }
        // The bits that decide are those of the first input whose bits have names.
        let decided = wide.first { !BitNaming.bits(of: $0.name, in: subject).isEmpty }
        for input in wide where isPlace(index, of: input.name) {
            add(input, decidingBits: input == decided ? step.decidingBits : 0, to: &page)
        }
    }

    /// Whether a wide input is shown at this rule.
    private func isPlace(_ index: Int, of name: String) -> Bool {
        let users = decision.steps.indices.filter { index in
            decision.steps[index].inputs.contains { $0.name == name }
                && !isAboutPageFaults(decision.steps[index])
        }
        let deciding = users.first { decision.steps[$0].decides }
        return (deciding ?? users.first) == index
    }

    private static func comparesBits(_ step: Decision.Step) -> Bool {
        step.inputs.contains { $0.name == "cr0-mask" || $0.name == "cr4-mask" }
    }

    private func addDiagram(_ access: ControlRegisterAccess, to page: inout TextPage) {
        guard let diagram = ControlRegisterDiagram(access) else { return }
        page.blank()
        let isRead = access.kind == .moveFrom || access.kind == .smsw
        let size = explanation.instruction?.size
        page.add(isRead ? diagram.read(style) : diagram.write(codeSize: size, style))
        page.blank()
    }

    /// Which bits make the value one that the processor refuses.
    private func addLegality(_ access: ControlRegisterAccess, to page: inout TextPage) {
        let bits = BitNaming.bits(ofControlRegister: access.number)
        let missing = access.mustBeOne & ~access.result
        let excess = access.result & ~access.mayBeOne
        func add(_ text: String) { page.add(text, indent: Self.textIndent + 2, hanging: 9) }
        if missing != 0 {
            add(
                "must be 1, would be 0: "
                    + BitNaming.names(in: missing, bits).joined(separator: " "))
        }
        if excess != 0 {
            add(
                "must be 0, would be 1: " + BitNaming.names(in: excess, bits).joined(separator: " ")
            )
        }
        for conflict in ControlRegisterConflict.allCases where access.conflicts.has(conflict) {
            add("refused: \(conflict.title)")
        }
    }

    /// An input below its rule: its value, and the state of the bits that decide.
    private func add(
        _ input: Decision.Value, decidingBits: UInt64, to page: inout TextPage
    ) {
        let bits = BitNaming.bits(of: input.name, in: subject)
        var note = ""
        if decidingBits == 0, !BitNaming.isControls(input.name) {
            note = bits.reversed().filter { input.value >> UInt64($0.position) & 1 == 1 }
                .map(\.name).joined(separator: " ")
        } else if decidingBits != 0 {
            let positions = (0..<64).filter { decidingBits >> UInt64($0) & 1 == 1 }
            note = positions.map { position in
                let name = bits.first { $0.position == position }?.name
                let number = "bit \(position)"
                // Some registers' bits have no name but their number.
                let title = name.map { $0 == number ? $0 : "\($0) (\(number))" } ?? number
                return "\(title) is \(input.value >> UInt64(position) & 1)"
            }.joined(separator: ", ")
        }
        let value = HexText.register(input.value)
        let text = "\(input.title): \(value)" + (note.isEmpty ? "" : "; " + note)
        page.add(text, indent: Self.textIndent + 2, hanging: Self.textIndent + 4)
    }

    // MARK: What follows

    /// What would have changed the decision.
    var alternatives: [String] {
        var page = TextPage(style)
        for sentence in AlternativesText(decision: decision, subject: subject).sentences {
            page.add(sentence, indent: 2)
        }
        return page.lines
    }

    /// Where the manual has the rule that decided.
    var citation: [String] {
        guard let citation = decision.deciding?.citation else { return [] }
        var page = TextPage(style)
        page.add(citation.text, indent: 2, hanging: 4, as: .secondary)
        return page.lines
    }

    /// The names of the bits that decided.
    var decidingNames: [String] { BitNaming.decidingNames(decision, subject) }

    // MARK: In one line

    /// The decision in a few words: which rule decided, with the bits that did.
    var phrase: String {
        guard let step = decision.deciding else { return "no rule decides" }
        switch subject {
        case .controlRegister(let access): return phrase(step, access)
        case .port(let access): return "port \(HexText.prose(UInt64(access.port))): \(step.text)"
        case .msr(let access): return "MSR \(HexText.prose(UInt64(access.number))): \(step.text)"
        case .exception(let event): return "\(event.name): \(step.text)"
        case .apicPage(let access): return "offset \(HexText.prose(access.offset)): \(step.text)"
        case .x2APIC(let access): return "MSR \(HexText.prose(access.number)): \(step.text)"
        case .ept(let access):
            let place = access.guestPhysical.map { "guest-physical \(HexText.register($0)): " }
            return (place ?? "") + step.text
        case .secondFault(let fault):
            return
                "\(ExceptionVector.name(fault.second)) during \(ExceptionVector.name(fault.first)): "
                + step.text
        case .msrArea(let entry):
            return "MSR \(HexText.prose(entry.index & 0xFFFF_FFFF)): \(step.text)"
        case .taskSwitch(let access):
            return "task \(HexText.prose(access.selector)): \(step.text)"
        default: return step.text
        }
    }

    private func phrase(_ step: Decision.Step, _ access: ControlRegisterAccess) -> String {
        let names = decidingNames
        if step.rule.hasSuffix(".differs"), !names.isEmpty {
            let isOne = names.count == 1
            return Wording.list(names)
                + (isOne
                    ? " is host-owned, differs from the shadow"
                    : " are host-owned, differ from the shadow")
        }
        guard step.rule == "cr.accepted", decision.verdict == .proceed, access.number != 3,
            access.number != 8
        else { return step.text }
        let bits = BitNaming.bits(ofControlRegister: access.number)
        let changed = BitNaming.names(in: access.result ^ access.real, bits)
        guard let last = changed.last else { return "nothing changes" }
        return changed.count == 1
            ? "only \(last) changes, and it is guest-owned"
            : "\(Wording.list(changed)) change, and they are guest-owned"
    }
}

extension Citation {
    /// One line: manual, section, title.
    public var text: String {
        let number = section.map { ", \($0)" } ?? ","
        return "\(manual.rawValue)\(number) \"\(title)\""
    }
}

extension GuestException {
    /// The manual's mnemonic, or the vector.
    var name: String { ExceptionVector.name(vector) }
}

extension ExceptionVector {
    static func name(_ vector: UInt8) -> String {
        Self(rawValue: vector)?.mnemonic ?? "vector \(vector)"
    }
}
