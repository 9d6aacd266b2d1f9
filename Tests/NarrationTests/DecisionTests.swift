import Architecture
import Machine
import Testing

@testable import Narration

@Suite("Decisions as text")
struct DecisionTests {
    static let seeds = Array(UInt64(1)...20)
    private static let decisionsPerSeed = 60

    @Test("exactly one rule decides, and it is the last that is consulted", arguments: seeds)
    func oneDecides(seed: UInt64) {
        var subjects = RandomSubjects(seed: seed)
        for _ in 0..<Self.decisionsPerSeed {
            let decision = Ladders().explain(subjects.next())
            #expect(decision.steps.filter(\.decides).count == 1)
            #expect(decision.steps.last?.decides == true)
        }
    }

    @Test("every alternative, when it is applied, gives the verdict that it says", arguments: seeds)
    func alternativesHold(seed: UInt64) {
        var subjects = RandomSubjects(seed: seed)
        for _ in 0..<Self.decisionsPerSeed {
            let subject = subjects.next()
            let decision = Ladders().explain(subject)
            for alternative in decision.alternatives {
                let other = subject.flipping(alternative)
                if other == decision.verdict || other != alternative.verdict {
                    Issue.record("\(alternative) gives \(String(describing: other))")
                }
            }
        }
    }

    @Test("all that is said of a decision fits in 80 columns and is printable", arguments: seeds)
    func fits(seed: UInt64) {
        var subjects = RandomSubjects(seed: seed)
        let styles = [TextStyle.plain, TextStyle(characters: .ascii)]
        for _ in 0..<Self.decisionsPerSeed {
            let subject = subjects.next()
            for style in styles {
                let text = WhyText(style: style)
                let lines =
                    text.why(subject, ladders: Ladders())
                    + text.whyNot(subject, ladders: Ladders())
                for line in lines { expectPrintable(line, style) }
            }
        }
    }

    @Test("why not says something of every verdict that one bit can bring about", arguments: seeds)
    func whyNotIsComplete(seed: UInt64) {
        var subjects = RandomSubjects(seed: seed)
        for _ in 0..<Self.decisionsPerSeed {
            let subject = subjects.next()
            let decision = Ladders().explain(subject)
            let lines = WhyText().whyNot(subject, ladders: Ladders()).joined(separator: " ")
            let text = lines.split(separator: " ").joined(separator: " ")
            for alternative in decision.alternatives {
                if case .virtualInterrupt = subject {
                    #expect(text.contains("have been recognized"))
                    continue
                }
                if case .x2APIC = subject, alternative.verdict == .proceed {
                    #expect(text.contains("The local APIC would have answered"))
                    continue
                }
                if let expected = Self.detailWords(subject, alternative.verdict) {
                    #expect(text.contains(expected))
                    continue
                }
                switch (alternative.verdict, decision.verdict) {
                case (.exit, _): #expect(text.contains("It would have exited"))
                case (.fault(let vector), _):
                    #expect(text.contains("It would have raised \(vector.mnemonic)"))
                case (.interrupt(let kind), _):
                    #expect(text.contains("It would have taken \(kind.title)"))
                case (.virtualized, .proceed), (.virtualized, .ignored), (.virtualized, .fault):
                    #expect(text.contains("It would have gone to the virtual APIC"))
                case (.fail(.invalid), _):
                    #expect(text.contains("It would have failed, VMfailInvalid"))
                case (.fail(.valid(let error)), _):
                    #expect(text.contains("It would have failed with error \(error.rawValue)"))
                case (.abort(let reason), _):
                    #expect(text.contains("It would have been VMX abort \(reason.rawValue)"))
                case (_, .fail): #expect(text.contains("It would have succeeded"))
                case (_, .abort): #expect(text.contains("It would have gone on"))
                case (_, .exit): #expect(text.contains("It would not have exited"))
                case (_, .fault): #expect(text.contains("It would not have faulted"))
                case (.proceed, .virtualized):
                    #expect(text.contains("It would not have gone to the virtual APIC"))
                case (.proceed, _): #expect(text.contains("It would have had its effect"))
                case (.virtualized, _): break
                case (.ignored, _): #expect(text.contains("It would have changed nothing"))
                }
            }
        }
    }

    /// What is said of decisions that are taken within something else.
    private static func detailWords(_ subject: DecidedSubject, _ verdict: Verdict) -> String? {
        switch subject {
        case .nmiUnblocking:
            verdict == .proceed ? "ended blocking by NMI" : "It would have left NMIs alone"
        case .nmiUnblockingRecord: "Bit 12 would have been"
        case .savedResumeFlag: "RF would have been saved as"
        case .savedPendingDebug: "They would have been saved"
        default: nil
        }
    }

    @Test("the colours of a style change nothing but colour")
    func coloursOnly() {
        var subjects = RandomSubjects(seed: 7)
        for _ in 0..<100 {
            let subject = subjects.next()
            let plain = WhyText().why(subject, ladders: Ladders())
            let painted = WhyText(style: TextStyle(hasColor: true)).why(subject, ladders: Ladders())
            #expect(painted.map(withoutColour) == plain)
        }
    }

    private func withoutColour(_ line: String) -> String {
        line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    }
}

/// At most 80 columns, and nothing that a terminal would take for a command.
func expectPrintable(_ line: String, _ style: TextStyle) {
    let isASCII = style.characters == .ascii
    let printable = line.unicodeScalars.allSatisfy {
        $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value)
            && (!isASCII || $0.value < 0x80)
    }
    if !printable || DisplayWidth.of(line) > TextStyle.usualWidth {
        Issue.record("not printable in 80 columns: \(line.debugDescription)")
    }
}

extension DecidedSubject {
    /// The verdict with one bit of one input turned around.
    func flipping(_ alternative: Decision.Alternative) -> Verdict? {
        let ladders = Ladders()
        switch self {
        case .controlRegister(let access):
            return ladders.controlRegister.ladder(for: access).flipping(alternative, access)
        case .port(let access): return ladders.port.access.flipping(alternative, access)
        case .exception(let event):
            return ladders.exception.exception.flipping(alternative, event)
        case .msr(let access): return ladders.msr.access.flipping(alternative, access)
        case .ept(let access): return ladders.ept.access.flipping(alternative, access)
        case .boundary(let event): return ladders.boundary.event.flipping(alternative, event)
        case .apicPage(let access): return ladders.apicPage.access.flipping(alternative, access)
        case .apicWrite(let write): return ladders.apicWrite.emulation.flipping(alternative, write)
        case .virtualInterrupt(let evaluation):
            return ladders.virtualInterrupt.evaluation.flipping(alternative, evaluation)
        case .vmxon(let access): return ladders.vmxon.vmxon.flipping(alternative, access)
        case .vmx(let instruction):
            return ladders.vmx[instruction.operation]?.flipping(alternative, instruction)
        case .taskSwitch(let access):
            return ladders.taskSwitch.taskSwitch.flipping(alternative, access)
        case .hostLoad(let load): return ladders.transition.hostLoad.flipping(alternative, load)
        case .msrArea(let entry): return ladders.transition.msrArea.flipping(alternative, entry)
        case .nmiUnblocking(let iret):
            return ladders.nmiUnblocking.iret.flipping(alternative, iret)
        case .nmiUnblockingRecord(let exit):
            return ladders.nmiUnblocking.record.flipping(alternative, exit)
        case .savedResumeFlag(let exit):
            return ladders.saved.resumeFlag.flipping(alternative, exit)
        case .savedPendingDebug(let exit):
            return ladders.saved.pendingDebug.flipping(alternative, exit)
        case .secondFault(let fault):
            return ladders.delivery.secondFault.flipping(alternative, fault)
        case .x2APIC(let access):
            return ladders.x2APIC.ladder(for: access).flipping(alternative, access)
        case .instruction(let exit):
            return ladders.instruction[exit.operation]?.flipping(alternative, exit)
        }
    }
}

extension Ladder {
    fileprivate func flipping(
        _ alternative: Decision.Alternative, _ subject: Subject
    ) -> Verdict? {
        let inputs = rules.flatMap(\.inputs)
        guard let input = inputs.first(where: { $0.name == alternative.name }) else { return nil }
        var changed = subject
        changed[keyPath: input.path] ^= 1 << UInt64(alternative.bit)
        guard
            (changed[keyPath: input.path] >> UInt64(alternative.bit) & 1 == 1)
                == alternative.becomes
        else { return nil }
        return evaluate(changed)
    }
}
