import Architecture
import Machine

/// A VM entry, or why there was none, as text.
struct EntryText {
    let style: TextStyle

    /// What entry loads, in the manual's order, and when. SDM 3C, 27.3.2 "Loading Guest State".
    private struct Load {
        let what: String
        /// The entry control that it needs; nil: always.
        let control: EntryControl?

        init(_ what: String, _ control: EntryControl? = nil) {
            self.what = what
            self.control = control
        }
    }

    private static let loads: [Load] = [
        Load("CR0 CR3 CR4"), Load("DR7", .loadDebugControls),
        Load("IA32_DEBUGCTL", .loadDebugControls), Load("SYSENTER_CS/ESP/EIP"),
        Load("IA32_PAT", .loadPAT), Load("EFER", .loadEFER),
        Load("8 segment registers"), Load("GDTR IDTR"), Load("RIP RSP RFLAGS"),
        Load("activity and interruptibility state"), Load("pending debug exceptions"),
    ]
    private static let untouched = [
        "RAX to R15 but RSP", "CR2", "DR0 to DR3", "DR6", "x87", "SSE",
    ]

    private static let labelWidth = 11

    func entered(_ entry: EntryEvent) -> [String] {
        var page = TextPage(style)
        guard entry.isLaunch else { return resumed(entry) }
        page.add("root · VMLAUNCH", as: .heading)
        func add(_ label: String, _ items: [String]) {
            page.add(items: items, lead: "  " + label.padded(to: Self.labelWidth))
        }
        add(
            "checked",
            [
                "controls \(Wording.count(entry.controlRules, "rule"))",
                "host state \(entry.hostRules)", "guest state \(entry.guestRules): all hold",
            ])
        add("loaded", loaded(entry))
        add("untouched", Self.untouched)
        add("event", [injected(entry)])
        page.add("non-root from here, at \(HexText.register(entry.rip)).")
        page.add("The VMCS is now launched: the next entry is VMRESUME.")
        return page.lines
    }

    /// Entries after the first do the same again: in short what they checked and inject.
    private func resumed(_ entry: EntryEvent) -> [String] {
        var page = TextPage(style)
        page.add("root · VMRESUME", as: .heading)
        let rules = entry.controlRules + entry.hostRules + entry.guestRules
        page.add(
            "\(Wording.count(rules, "rule")) checked, all hold; event: \(injected(entry)); "
                + "non-root from \(HexText.register(entry.rip)).", indent: 2)
        return page.lines
    }

    private func loaded(_ entry: EntryEvent) -> [String] {
        let controls = UInt64(entry.controls)
        var parts = Self.loads.filter { load in
            load.control.map { controls.has($0) } ?? true
        }.map { load in
            load.control.map { "\(load.what) (entry control \($0.rawValue))" } ?? load.what
        }
        if entry.loadsPDPTEs { parts.append("PDPTEs") }
        return parts
    }

    private func injected(_ entry: EntryEvent) -> String {
        let event = InterruptionInformation(rawValue: entry.injected)
        return event.isValid ? "\(event.text), injected" : "none"
    }

    // MARK: Failures

    /// An entry that fails as an exit does: reason 33, 34 or 41 with bit 31.
    func failed(
        _ exit: ExitEvent, _ instruction: String, _ explanation: Explanation
    ) -> [String] {
        var page = TextPage(style)
        page.add("root · \(instruction)", as: .heading)
        addCheck(explanation, area: "guest state", to: &page)
        let reason = HexText.padded(UInt64(exit.reasonField), 8)
        page.add(
            "Entry failure: exit reason \(reason)h (\(exit.reasonField & 0xFFFF) with bit 31), "
                + "qualification \(exit.qualification).", indent: 2, hanging: 4, as: .warning)
        page.add("Nothing of the guest ran. Host state was loaded, as at an exit.", indent: 2)
        addFurther(explanation, to: &page)
        page.add(DecisionText(explanation, style).citation)
        return page.lines
    }

    /// A VMX instruction that fails: the flags and the error field tell.
    func failed(
        _ failure: VMFailure, _ instruction: String, _ explanation: Explanation
    ) -> [String] {
        var page = TextPage(style)
        page.add("root · \(instruction)", as: .heading)
        switch failure {
        case .invalid:
            addRule(explanation, to: &page)
            page.add("VMfailInvalid: CF is set, there is no error number.", indent: 2, as: .warning)
        case .valid(let error):
            if explanation.failure == nil {
                addRule(explanation, to: &page)
            } else {
                let area = error == .entryInvalidHostState ? "host state" : "controls"
                addCheck(explanation, area: area, to: &page)
            }
            page.add(
                "VMfailValid: ZF is set, VM-instruction error \(error.rawValue), "
                    + "\"\(error.title)\".", indent: 2, hanging: 4, as: .warning)
            addFurther(explanation, to: &page)
        }
        page.add(DecisionText(explanation, style).citation)
        return page.lines
    }

    private func addRule(_ explanation: Explanation, to page: inout TextPage) {
        guard explanation.subject == nil else {
            return page.add(DecisionText(explanation, style).rules + [""])
        }
        guard let step = explanation.decision.deciding else { return }
        page.add("The rule that decides: \(step.text).", indent: 2, hanging: 4)
    }

    private func addCheck(_ explanation: Explanation, area: String, to page: inout TextPage) {
        guard let failure = explanation.failure, let step = explanation.decision.deciding else {
            return addRule(explanation, to: &page)
        }
        page.add("\(area), rule \(failure.number) of \(failure.count) fails:", indent: 2)
        page.add("\"\(step.text)\"", indent: 4, as: .decisive)
        for input in step.inputs { page.add(fieldText(input), indent: 4, hanging: 6) }
    }

    /// A field with its value and the named bits that are set.
    private func fieldText(_ input: Decision.Value) -> String {
        let text = "\(input.title) (\(input.name)) = \(HexText.register(input.value))"
        let bits = BitNaming.bits(of: input.name, in: nil)
        let named = bits.filter { input.value >> UInt64($0.position) & 1 == 1 }
            .map { "\($0.name) (bit \($0.position))" }
        guard !bits.isEmpty else { return text }
        return text + (named.isEmpty ? ": no named bit is 1" : ": 1 in " + Wording.list(named))
    }

    private func addFurther(_ explanation: Explanation, to page: inout TextPage) {
        guard let further = explanation.failure?.further, further > 0 else { return }
        page.add(
            "\(Wording.count(further, "more rule")) would fail after it: doctor shows all.",
            indent: 2)
    }
}
