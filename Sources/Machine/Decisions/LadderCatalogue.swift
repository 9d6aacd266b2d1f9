import Architecture
import InstructionSet

/// A rule as its table has it, whatever it is asked about.
public struct RuleFacts: Sendable, Equatable {
    /// Stable, as "cr0-write.differs".
    public let id: String
    /// A statement that holds when the rule decides.
    public let text: String
    public let inputs: [InputFacts]
    public let citation: Citation
}

/// What a rule consults, whatever its ladder is asked about.
public struct InputFacts: Sendable, Hashable {
    public let name: String
    public let title: String
    /// In bits: 1 for a flag.
    public let width: Int
    /// The VMCS field that holds it, where one does.
    public let field: VMCSField?
    /// Whether an operand or register of the guest holds it.
    public let isGuests: Bool

    init<Subject>(_ input: Input<Subject>) {
        name = input.name
        title = input.title
        width = input.width
        field = input.field
        isGuests = input.origin == .guest
    }
}

/// A ladder of the machine with a name, apart from the type of its subject: what lists all ladders
/// goes through these. A test holds the list against ``Ladders``.
public struct NamedLadder: Sendable {
    /// Stable, as "mov-to-cr0"; of an instruction that has a ladder to itself its mnemonic.
    public let name: String
    /// What it answers, as "Does this MOV to CR0 exit?".
    public let question: String
    public let rules: [RuleFacts]
    /// What its rules come to, found by asking them.
    public let outcomes: @Sendable () -> LadderOutcomes

    init<Subject>(_ name: String, _ ladder: Ladder<Subject>, asking questions: [Subject]) {
        self.name = name
        question = questions.first?.question ?? ""
        rules = ladder.rules.map { rule in
            RuleFacts(
                id: rule.id, text: rule.text, inputs: rule.inputs.map { InputFacts($0) },
                citation: rule.citation)
        }
        outcomes = { LadderExplorer(ladder, asking: questions).outcomes }
    }
}

extension Ladders {
    /// All ladders: those for control registers, ports, MSRs and memory, then one for each
    /// instruction with a ladder to itself, then those for events.
    public var all: [NamedLadder] {
        registerLadders + accessLadders + instructionLadders + eventLadders
    }

    private var registerLadders: [NamedLadder] {
        func move(_ kind: ControlRegisterAccess.Kind, _ number: UInt8) -> ControlRegisterAccess {
            ControlRegisterAccess(kind: kind, number: number)
        }
        return [
            NamedLadder("mov-to-cr0", controlRegister.moveToCR0, asking: [move(.moveTo, 0)]),
            NamedLadder("mov-to-cr4", controlRegister.moveToCR4, asking: [move(.moveTo, 4)]),
            NamedLadder("mov-from-cr0", controlRegister.moveFromCR0, asking: [move(.moveFrom, 0)]),
            NamedLadder("mov-from-cr4", controlRegister.moveFromCR4, asking: [move(.moveFrom, 4)]),
            NamedLadder("smsw", controlRegister.smsw, asking: [move(.smsw, 0)]),
            NamedLadder("mov-cr2", controlRegister.cr2, asking: [move(.moveTo, 2)]),
            NamedLadder("mov-to-cr3", controlRegister.loadCR3, asking: [move(.moveTo, 3)]),
            NamedLadder("mov-from-cr3", controlRegister.storeCR3, asking: [move(.moveFrom, 3)]),
            NamedLadder("mov-to-cr8", controlRegister.loadCR8, asking: [move(.moveTo, 8)]),
            NamedLadder("mov-from-cr8", controlRegister.storeCR8, asking: [move(.moveFrom, 8)]),
            NamedLadder("lmsw", controlRegister.lmsw, asking: [move(.lmsw, 0)]),
            NamedLadder("clts", controlRegister.clts, asking: [move(.clts, 0)]),
        ]
    }

    private var accessLadders: [NamedLadder] {
        let ports = [true, false].map { PortAccess(port: 0x60, size: 1, isInput: $0) }
        let numbers: [UInt32] = [MSR.sysenterCS.rawValue, MSR.efer.rawValue, 0x4000_0000]
        let msrs = numbers.flatMap { number in
            [false, true].map { MSRAccess(number: number, isWrite: $0) }
        }
        return [
            NamedLadder("port", port.access, asking: ports),
            NamedLadder("msr", msr.access, asking: msrs),
            NamedLadder("ept", ept.access, asking: [EPTAccess()]),
            NamedLadder("apic-access", apicPage.access, asking: apicAccesses),
            NamedLadder("apic-write", apicWrite.emulation, asking: apicWrites),
            NamedLadder("rdmsr-x2apic", x2APIC.read, asking: x2APICAccesses(isWrite: false)),
            NamedLadder("wrmsr-x2apic", x2APIC.write, asking: x2APICAccesses(isWrite: true)),
        ]
    }

    /// A read of the task priority, and an EOI where virtual-interrupt delivery alone takes it.
    private var apicAccesses: [APICPageAccess] {
        var end = APICPageAccess(offset: UInt64(APICRegister.endOfInterrupt.rawValue), size: 4)
        end.isWrite = 1
        end.primary = PrimaryControl.useTPRShadow.mask
        end.secondary = SecondaryControl.virtualInterruptDelivery.mask
        return [APICPageAccess(offset: UInt64(APICRegister.taskPriority.rawValue), size: 4), end]
    }

    /// 64-bit code in ring 0 that may execute VMXON.
    private var allowedVMXON: VMXOnAccess {
        var access = VMXOnAccess()
        access.vmxe = 1
        access.protected = 1
        access.featureControl = VMXOnAccess.neededFeatureControl
        return access
    }

    private var secondFaults: [SecondFault] {
        let vectors: [ExceptionVector] = [
            .debug, .generalProtection, .pageFault, .doubleFault,
        ]
        return vectors.flatMap { first in
            vectors.map { second in
                SecondFault(first.rawValue, first.faultClass, second.rawValue, second.faultClass)
            }
        }
    }

    private var apicWrites: [APICWriteEmulation] {
        let toSelf: UInt64 = 0x4_0010
        return [.taskPriority, .endOfInterrupt, .commandLow, .commandHigh, .selfIPI, .timer].map {
            APICWriteEmulation($0, value: toSelf)
        }
    }

    private func x2APICAccesses(isWrite: Bool) -> [X2APICAccess] {
        let registers: [APICRegister] = [.taskPriority, .endOfInterrupt, .selfIPI, .timer]
        return registers.map { X2APICAccess(number: $0.msr, isWrite: isWrite) }
    }

    private var instructionLadders: [NamedLadder] {
        instruction.operations.compactMap { operation in
            instruction[operation].map {
                NamedLadder(operation.ladderName, $0, asking: [InstructionExit(operation)])
            }
        }
    }

    private var eventLadders: [NamedLadder] {
        let vectors: [ExceptionVector] = [.pageFault, .generalProtection, .breakpoint]
        let exceptions = vectors.map { vector in
            GuestException(vector: vector.rawValue, errorCode: vector.hasErrorCode ? 0 : nil)
        }
        return [
            NamedLadder("exception", exception.exception, asking: exceptions),
            NamedLadder("vmxon-fault", vmxon.vmxon, asking: [allowedVMXON]),
            NamedLadder("second-fault", delivery.secondFault, asking: secondFaults),
            NamedLadder("between-instructions", boundary.event, asking: [BoundaryEvent()]),
            NamedLadder(
                "virtual-interrupt", virtualInterrupt.evaluation,
                asking: [
                    VirtualInterruptEvaluation(requested: 0x50, processorPriority: 0, primary: 0)
                ]),
        ]
    }
}

extension Operation {
    /// The name of the ladder that the instruction has to itself.
    fileprivate var ladderName: String {
        switch self {
        case .movToDebug: "mov-to-dr"
        case .movFromDebug: "mov-from-dr"
        default: "\(self)"
        }
    }
}
