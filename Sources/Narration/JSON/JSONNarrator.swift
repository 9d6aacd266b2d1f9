import Architecture
import Hypervisor
import InstructionSet
import Machine

/// Tells a run as JSON, one line for each event.
///
/// Feed it every ``RunEvent`` by ``note(_:)``; when the run has ended, call ``end(_:)``, which
/// writes the last line. Lines are collected and handed to the sink in blocks; ``flush()`` hands
/// over what waits.
public struct JSONNarrator {
    public let level: NarrationLevel
    private let sink: ([UInt8]) -> Void
    private var joiner: EventJoiner
    private var line = JSONBuffer()
    private var texts = InstructionTextCache()
    /// Blocks of about this many bytes are handed over.
    private static let blockSize = 1 << 16

    /// - Parameters:
    ///   - ladders: the rules of the machine that runs.
    ///   - sink: takes the bytes of whole lines.
    public init(
        level: NarrationLevel, ladders: Ladders = Ladders(), checks: EntryChecks = EntryChecks(),
        sink: @escaping ([UInt8]) -> Void
    ) {
        self.level = level
        self.sink = sink
        joiner = EventJoiner(ladders: ladders, checks: checks, findsAlternatives: false)
        line.bytes.reserveCapacity(Self.blockSize + 4096)
    }

    /// Writes what there is to tell of an event. The end of the run waits for ``end(_:)``.
    public mutating func note(_ event: RunEvent) {
        if case .machine(.instruction(let instruction)) = event {
            guard level != .off else { return }
            if joiner.passesThrough(instruction) {
                guard level == .full else { return }
                texts.append(instruction, reads: nil, to: &line)
                return flushBlock()
            }
        }
        if level == .off {
            if case .output(let output) = event { write(output) }
            return
        }
        var told: [NarratedEvent] = []
        joiner.take(event) { told.append($0) }
        for event in told { write(event) }
    }

    /// Writes the last line, from the run's end and the guest's registers, and flushes.
    public mutating func end(_ run: GuestRun) {
        guard case .ended(let end) = run.phase else { return flush() }
        if level != .off, let screen = run.screen, !screen.isBlank { write(screen) }
        write(end, run)
        flush()
    }

    public mutating func flush() {
        guard !line.bytes.isEmpty else { return }
        sink(line.bytes)
        line.bytes.removeAll(keepingCapacity: true)
    }

    private mutating func flushBlock() {
        if line.bytes.count >= Self.blockSize { flush() }
    }

    // MARK: Lines

    private mutating func write(_ event: NarratedEvent) {
        switch event {
        case .instruction(let instruction, let reads):
            guard level == .full else { return }
            texts.append(instruction, reads: reads, to: &line)
        case .noExit(let explanation): write(noExit: explanation)
        case .exit(let exit, let explanation): write(exit, explanation)
        case .entry(let entry): write(entry)
        case .vmFailure(let failure, let operation, let explanation):
            write(failure, operation, explanation)
        case .root(let operation): write(operation)
        case .action(let action): write(action)
        case .firmware(let call): write(call)
        case .output(let output): write(output)
        case .detail, .exception, .interrupt, .port, .vmxAbort, .end: return
        }
        flushBlock()
    }

    private mutating func write(noExit explanation: Explanation) {
        // What root software executes could not have exited: its fault is told as such.
        if explanation.subject?.isOfRoot == true { return }
        line.append("{\"kind\":\"no-exit\"")
        if let instruction = explanation.instruction {
            line.append(",\"step\":")
            line.append(decimal: instruction.step)
            line.append(",\"instruction\":")
            line.append(quoted: texts.text(of: instruction))
        } else {
            // An event on its way to the guest, before any instruction.
            line.append(",\"instruction\":\"\"")
        }
        write(",\"rip\":", hex: explanation.rip)
        line.append(",\"verdict\":")
        line.append(quoted: explanation.decision.verdict.word)
        write(explanation)
    }

    private mutating func write(_ exit: ExitEvent, _ explanation: Explanation) {
        line.append("{\"kind\":\"vm-exit\",\"reason\":")
        line.append(quoted: exit.reason?.name ?? "")
        line.append(",\"reasonNumber\":")
        line.append(decimal: UInt64(exit.reasonField & 0xFFFF))
        line.append(",\"entryFailure\":")
        line.append(exit.isEntryFailure)
        write(",\"qualification\":", hex: exit.qualification)
        write(",\"rip\":", hex: exit.rip)
        line.append(",\"instructionLength\":")
        line.append(decimal: UInt64(exit.instructionLength))
        if exit.interruption >> 31 == 1 {
            write(",\"interruption\":", hex: UInt64(exit.interruption))
        }
        if let address = exit.guestLinear { write(",\"guestLinear\":", hex: address) }
        if let address = exit.guestPhysical { write(",\"guestPhysical\":", hex: address) }
        if let instruction = explanation.instruction {
            line.append(",\"instruction\":")
            line.append(quoted: texts.text(of: instruction))
            line.append(",\"step\":")
            line.append(decimal: instruction.step)
        }
        write(explanation)
    }

    private mutating func write(_ entry: EntryEvent) {
        line.append("{\"kind\":\"vm-entry\",\"instruction\":")
        line.append(quoted: entry.isLaunch ? "VMLAUNCH" : "VMRESUME")
        write(",\"rip\":", hex: entry.rip)
        write(",\"injected\":", hex: UInt64(entry.injected >> 31 == 1 ? entry.injected : 0))
        line.append("}\n")
    }

    private mutating func write(
        _ failure: VMFailure, _ operation: Operation, _ explanation: Explanation
    ) {
        line.append("{\"kind\":\"vm-fail\",\"instruction\":")
        line.append(quoted: "\(operation)".uppercased())
        line.append(",\"type\":")
        switch failure {
        case .invalid: line.append("\"VMfailInvalid\",\"error\":null")
        case .valid(let error):
            line.append("\"VMfailValid\",\"error\":")
            line.append(decimal: UInt64(error.rawValue))
            line.append(",\"text\":")
            line.append(quoted: error.title)
        }
        write(explanation)
    }

    private mutating func write(_ output: PortBus.Output) {
        write("{\"kind\":\"output\",\"port\":", hex: UInt64(output.port))
        line.append(",\"hex\":")
        line.append(hexBytes: CollectionOfOne(output.byte))
        line.append("}\n")
        flushBlock()
    }

    private mutating func write(_ call: FirmwareCall) {
        write("{\"kind\":\"firmware\",\"vector\":", hex: UInt64(call.vector))
        write(",\"function\":", hex: UInt64(call.function))
        line.append(",\"provided\":")
        line.append(call.isProvided)
        line.append(",\"text\":")
        line.append(quoted: FirmwareText(call: call).line)
        line.append("}\n")
    }

    private mutating func write(_ screen: ScreenContents) {
        line.append("{\"kind\":\"screen\",\"rows\":[")
        for (index, row) in ScreenText(screen).rows.enumerated() {
            if index > 0 { line.append(",") }
            line.append(quoted: row)
        }
        line.append("]}\n")
    }

    private mutating func write(_ operation: RootOperation) {
        line.append("{\"kind\":\"root\",\"operation\":")
        let parts = operation.parts
        line.append(quoted: parts.name)
        if let field = parts.field {
            line.append(",\"field\":")
            line.append(quoted: field.name)
        }
        if let value = parts.value {
            write(parts.field == nil ? ",\"address\":" : ",\"value\":", hex: value)
        }
        line.append("}\n")
    }

    private mutating func write(_ action: HypervisorAction) {
        line.append("{\"kind\":\"root\",\"operation\":")
        let facts = ActionFacts(action)
        line.append(quoted: facts.name)
        for (key, value) in facts.values {
            line.append(",")
            line.append(quoted: key)
            line.append(":")
            switch value {
            case .hex(let number): line.append(hex: number)
            case .count(let number): line.append(decimal: number)
            case .text(let text): line.append(quoted: text)
            case .flag(let flag): line.append(flag)
            case .none: line.append("null")
            }
        }
        line.append("}\n")
    }

    // MARK: Reasons

    /// `because`, and the end of the line.
    private mutating func write(_ explanation: Explanation) {
        line.append(",\"question\":")
        line.append(quoted: explanation.decision.question)
        line.append(",\"because\":[")
        var isFirst = true
        for step in explanation.decision.steps {
            if !isFirst { line.append(",") }
            isFirst = false
            write(step)
        }
        line.append("]}\n")
    }

    private mutating func write(_ step: Decision.Step) {
        line.append("{\"rule\":")
        line.append(quoted: step.rule)
        line.append(",\"text\":")
        line.append(quoted: step.text)
        line.append(",\"inputs\":{")
        var isFirst = true
        for input in step.inputs {
            if !isFirst { line.append(",") }
            isFirst = false
            line.append(quoted: input.name)
            line.append(":")
            if input.width == 1 {
                line.append(input.value & 1 == 1)
            } else {
                line.append(hex: input.value)
            }
        }
        line.append("},\"decides\":")
        line.append(step.decides)
        line.append(",\"citation\":{\"manual\":")
        line.append(quoted: step.citation.manual.rawValue)
        line.append(",\"section\":")
        if let section = step.citation.section {
            line.append(quoted: section)
        } else {
            line.append("null")
        }
        line.append(",\"title\":")
        line.append(quoted: step.citation.title)
        line.append("}}")
    }

    private mutating func write(_ key: StaticString, hex value: UInt64) {
        line.append(key)
        line.append(hex: value)
    }

    // MARK: The end

    private mutating func write(_ end: EndOfRun, _ run: GuestRun) {
        line.append("{\"kind\":\"end\",\"reason\":")
        line.append(quoted: end.reason.rawValue)
        line.append(",\"value\":")
        if let value = end.value { line.append(decimal: value) } else { line.append("null") }
        line.append(",\"steps\":")
        line.append(decimal: run.machine.steps)
        line.append(",\"entries\":")
        line.append(decimal: UInt64(run.machine.entries))
        line.append(",\"exits\":")
        line.append(decimal: UInt64(run.machine.exits))
        if let missing = end.notModelled {
            line.append(",\"notModelled\":")
            line.append(quoted: missing.text)
        }
        if let failure = end.failure {
            line.append(",\"failure\":")
            line.append(quoted: failure.text)
        }
        line.append(",\"registers\":{")
        var isFirst = true
        for (name, value) in GuestRegisters(run).named {
            if !isFirst { line.append(",") }
            isFirst = false
            line.append(quoted: name)
            line.append(":")
            line.append(hex: value)
        }
        line.append("}}\n")
    }
}
