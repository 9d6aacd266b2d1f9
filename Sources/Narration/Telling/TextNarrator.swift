import Architecture
import Hypervisor
import InstructionSet
import Machine

/// Tells a run as text, as it happens. Feed it every ``RunEvent`` and write the lines that it
/// gives; when the run has ended, ``end(_:)`` has the last ones.
///
/// `brief`: a line for each decision, exit and stay of root software. `full`: each instruction,
/// each decision with its rules, what root software does step by step. The guest's output is not
/// told: it is shown as it is.
public struct TextNarrator {
    public let style: TextStyle
    /// How much is told from now on. The run is followed at any level but `off`.
    public var level: NarrationLevel {
        didSet { joiner.findsAlternatives = level == .full }
    }
    /// Whether `full` lists the values that a VMCS is set up with; else it counts them.
    public var listsSetUp = true
    private var joiner: EventJoiner
    private let instructionLine: InstructionLine
    private var root = RootFolder()
    /// Root software has entered VMX operation.
    private var isInVMX = false
    /// External interrupts so far, by vector: a timer's would hide everything else.
    private var externalCounts: [UInt8: Int] = [:]
    private static let externalLimit = 8
    /// Who the firmware is has been said.
    private var knowsFirmware = false
    /// A decision has said already what becomes of this exception.
    private var decidedVector: UInt8?
    /// The last VMLAUNCH or VMRESUME.
    private var entryName = ""
    /// The last decision that was told, for `why` and `why not`.
    public private(set) var lastExplanation: Explanation?
    /// The block before needs a blank line behind it.
    private var owesBlank = false

    public init(
        style: TextStyle = .plain, level: NarrationLevel, program: AssembledProgram? = nil,
        ladders: Ladders = Ladders(), checks: EntryChecks = EntryChecks()
    ) {
        self.style = style
        self.level = level
        joiner = EventJoiner(ladders: ladders, checks: checks, findsAlternatives: level == .full)
        instructionLine = InstructionLine(style: style, program: program)
    }

    /// The lines for an event, painted and without line ends; often none.
    public mutating func lines(for event: RunEvent) -> [String] {
        guard level != .off else { return [] }
        if level == .brief, case .machine(.instruction(let instruction)) = event,
            joiner.passesThrough(instruction)
        {
            return []
        }
        var told: [NarratedEvent] = []
        joiner.take(event) { told.append($0) }
        for event in told {
            if case .instruction(let instruction, let access?) = event {
                lastExplanation = joiner.explain(instruction, reads: access)
            }
            lastExplanation = event.explanation ?? lastExplanation
        }
        return told.flatMap { level == .full ? full($0) : brief($0) }
    }

    /// The run has gone on unheard.
    public mutating func catchUp(with run: GuestRun) {
        root.catchUp(hasEntered: run.machine.entries > 0)
        isInVMX = run.machine.state.vmx.mode != .outside
    }

    /// What is still to be told where the run stands still.
    public mutating func pause() -> [String] {
        var told: [NarratedEvent] = []
        joiner.settle { told.append($0) }
        return told.flatMap { level == .full ? full($0) : brief($0) }
    }

    /// The end of the run; nothing while it goes on.
    public mutating func end(_ run: GuestRun) -> [String] {
        guard level != .off, case .ended(let end) = run.phase else { return [] }
        var page = TextPage(style)
        if level == .brief, let rest = root.flush(style, last: nil) { page.add(rest) }
        if level == .full { page.add(line: "") }
        owesBlank = false
        page.add(EndText.text(end, run), hanging: 2, as: .heading)
        return page.lines
    }

    private var mode: (InstructionEvent) -> String {
        { [isInVMX] event in
            event.nonRoot ? "non-root" : isInVMX ? "root" : "outside VMX"
        }
    }

    // MARK: Brief

    private mutating func brief(_ event: NarratedEvent) -> [String] {
        var page = TextPage(style)
        switch event {
        case .instruction, .detail, .port, .output, .end: break
        case .noExit(let explanation):
            // In root operation nothing else ends what root software did so far.
            if let rest = root.flush(style, last: nil) { page.add(rest) }
            decidedVector = Self.vector(of: explanation)
            var prefix = "no exit"
            if case .fault(let vector) = explanation.decision.verdict {
                prefix += ", \(vector.mnemonic)"
                if explanation.subject?.isOfRoot == true { prefix = "fault" }
            }
            add("\(prefix): \(DecisionText(explanation, style).phrase)", explanation, to: &page)
        case .exit(let exit, let explanation):
            let number = exit.reasonField & 0xFFFF
            let phrase = DecisionText(explanation, style).phrase
            guard exit.isEntryFailure else {
                add("exit \(number): \(phrase)", explanation, to: &page)
                break
            }
            if let rest = root.flush(style, last: nil) { page.add(rest) }
            let cause = Self.cause(explanation, style)
            let text = "\(entryName) fails, entry failure \(number): \(cause)"
            page.add(BriefLine.root(text, style))
        case .entry(let entry):
            let last = entry.isLaunch ? "VMLAUNCH" : "VMRESUME"
            let injected = InterruptionInformation(rawValue: entry.injected)
            let event = injected.isValid ? injected.text : nil
            if let line = root.flush(style, last: last, injecting: event) { page.add(line) }
        case .vmFailure(let failure, let operation, let explanation):
            if let rest = root.flush(style, last: nil) { page.add(rest) }
            let name = "\(operation)".uppercased()
            let phrase = Self.cause(explanation, style)
            page.add(BriefLine.root("\(name) fails, \(Self.words(failure)): \(phrase)", style))
        case .root(let operation):
            note(operation)
            root.note(operation)
        case .vmxAbort(let reason, let explanation):
            page.add(BriefLine.root(Self.words(reason, explanation, style), style))
        case .action(let action): root.note(action)
        case .firmware(let call):
            introduceFirmware(&page)
            let text = FirmwareText(call: call)
            guard !text.isFrequent else { break }
            page.add(BriefLine.guest(joiner.current, mode: "firmware", text.line, style))
        case .exception(let vector, let errorCode, let detail):
            defer { decidedVector = nil }
            guard decidedVector != vector else { break }
            if let rest = root.flush(style, last: nil) { page.add(rest) }
            let cause = RootText.debugCause(vector, detail)
            let text = "\(RootText.exception(vector, errorCode)) is delivered\(cause)"
            let mode = joiner.current.map(self.mode) ?? "non-root"
            page.add(BriefLine.guest(joiner.current, mode: mode, text, style))
        case .interrupt(let vector, let isExternal):
            // INT n does what it says.
            guard isExternal else { break }
            let mode = joiner.current.map(self.mode) ?? "non-root"
            externalCounts[vector, default: 0] += 1
            let count = externalCounts[vector] ?? 0
            guard count <= Self.externalLimit else { break }
            var text = Self.words(interrupt: vector, isExternal)
            if count == Self.externalLimit { text += "; more of them are not told in brief" }
            page.add(BriefLine.guest(nil, mode: mode, text, style))
        }
        return page.lines
    }

    private func add(_ text: String, _ explanation: Explanation, to page: inout TextPage) {
        let mode = explanation.instruction.map(self.mode) ?? "non-root"
        page.add(BriefLine.guest(explanation.instruction, mode: mode, text, style))
    }

    private static func vector(of explanation: Explanation) -> UInt8? {
        if case .exception(let event) = explanation.subject { event.vector } else { nil }
    }

    /// Of a check the statement that ought to hold; of another rule what holds.
    private static func cause(_ explanation: Explanation, _ style: TextStyle) -> String {
        let phrase = DecisionText(explanation, style).phrase
        return explanation.failure == nil ? phrase : "it is not so that \(phrase)"
    }

    private static func words(_ failure: VMFailure) -> String {
        switch failure {
        case .invalid: "VMfailInvalid"
        case .valid(let error): "VMfailValid(\(error.rawValue))"
        }
    }

    private static func words(interrupt vector: UInt8, _ isExternal: Bool) -> String {
        "\(isExternal ? "external interrupt" : "interrupt") \(HexText.prose(UInt64(vector))) "
            + "is delivered"
    }

    private static func words(
        _ abort: VMXAbort, _ explanation: Explanation?, _ style: TextStyle
    ) -> String {
        let why = explanation.map { ": " + DecisionText($0, style).phrase } ?? ""
        return "VMX abort \(abort.rawValue), shutdown: \(abort.title)\(why)"
    }

    private mutating func note(_ operation: RootOperation) {
        switch operation {
        case .vmxon: isInVMX = true
        case .vmxoff: isInVMX = false
        case .vmlaunch, .vmresume: entryName = operation.parts.name
        default: break
        }
    }

    // MARK: Full

    private mutating func full(_ event: NarratedEvent) -> [String] {
        var page = TextPage(style)
        switch event {
        case .instruction(let instruction, let reads):
            openBlock(&page, isBlock: false)
            page.add(instructionLine.full(instruction, mode: mode(instruction)))
            if let reads { addRead(reads, to: &page) }
        case .noExit(let explanation), .detail(let explanation):
            decidedVector = Self.vector(of: explanation)
            openBlock(&page)
            page.add(DecisionText(explanation, style).rules)
            page.blank()
            page.add(ExitText(style: style).noExit(explanation))
        case .exit(let exit, let explanation):
            openBlock(&page)
            if exit.isEntryFailure {
                page.add(EntryText(style: style).failed(exit, entryName, explanation))
            } else {
                page.add(DecisionText(explanation, style).rules)
                page.blank()
                page.add(ExitText(style: style).exit(exit, explanation))
            }
        case .entry(let entry):
            root.clear()
            openBlock(&page)
            page.add(EntryText(style: style).entered(entry))
        case .vmFailure(let failure, let operation, let explanation):
            openBlock(&page)
            let name = "\(operation)".uppercased()
            page.add(EntryText(style: style).failed(failure, name, explanation))
        case .root(let operation): fullRoot(operation, to: &page)
        case .vmxAbort(let reason, let explanation):
            addRoot(Self.words(reason, explanation, style), to: &page)
        case .action(let action): addRoot(RootText.text(action), to: &page)
        case .firmware(let call):
            openBlock(&page, isBlock: false)
            introduceFirmware(&page)
            page.add("firmware · \(FirmwareText(call: call).line)", hanging: 11)
        case .exception(let vector, let errorCode, let detail):
            defer { decidedVector = nil }
            openBlock(&page, isBlock: false)
            var text = "\(RootText.exception(vector, errorCode)) is delivered"
            text += RootText.debugCause(vector, detail)
            if vector == ExceptionVector.pageFault.rawValue, let detail {
                text += ", linear address \(HexText.register(detail))"
            }
            page.add("  " + text + ".")
        case .interrupt(let vector, let isExternal):
            openBlock(&page, isBlock: false)
            page.add("  \(Self.words(interrupt: vector, isExternal)).")
        case .port(let transfer):
            openBlock(&page, isBlock: false)
            page.add("\(RootText.text(transfer)).", indent: 2)
        case .output, .end: break
        }
        return page.lines
    }

    private mutating func introduceFirmware(_ page: inout TextPage) {
        guard !knowsFirmware else { return }
        knowsFirmware = true
        page.add(FirmwareText.introduction, as: .secondary)
    }

    /// Blank lines stand around blocks, none between single lines.
    private mutating func openBlock(_ page: inout TextPage, isBlock: Bool = true) {
        if owesBlank || isBlock { page.add(line: "") }
        owesBlank = isBlock
    }

    private mutating func fullRoot(_ operation: RootOperation, to page: inout TextPage) {
        note(operation)
        switch operation {
        case .vmwrite where !root.hasEntered: root.note(operation)
        case .vmlaunch, .vmresume:
            let table = root.flushSetUp(style, asTable: listsSetUp)
            if !table.isEmpty {
                openBlock(&page)
                page.add(table)
            }
        default: addRoot(RootText.text(operation), to: &page)
        }
    }

    private mutating func addRoot(_ text: String, to page: inout TextPage) {
        openBlock(&page, isBlock: false)
        page.add("root · " + text, hanging: 7)
    }

    /// A read of CR0 or CR4 under a mask, drawn.
    private mutating func addRead(_ access: ControlRegisterAccess, to page: inout TextPage) {
        guard access.mask != 0, let diagram = ControlRegisterDiagram(access) else { return }
        page.add(line: "")
        page.add(diagram.read(style))
        owesBlank = true
    }
}
