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
    /// What ``Verdict/proceed`` and ``Verdict/ignored`` mean here, in a word or two.
    public let proceeding: String
    public let ignoring: String
    public let rules: [RuleFacts]
    /// What its rules come to, found by asking them.
    public let outcomes: @Sendable () -> LadderOutcomes

    init<Subject>(_ name: String, _ ladder: Ladder<Subject>, asking questions: [Subject]) {
        self.name = name
        question = questions.first?.question ?? ""
        proceeding = Subject.proceeding
        ignoring = Subject.ignoring
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
    /// instruction with a ladder to itself, then those for VMX instructions in root operation, for
    /// events, and for what exits and entries save and load.
    public var all: [NamedLadder] {
        registerLadders + accessLadders + instructionLadders + vmxLadders + eventLadders
            + transitionLadders
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

    private var vmxLadders: [NamedLadder] {
        [NamedLadder("vmxon-in-root", vmxon.vmxon, asking: [allowedVMXON])]
            + vmx.operations.compactMap { operation in
                vmx[operation].map {
                    NamedLadder(
                        "\(operation.ladderName)-in-root", $0, asking: [allowed(operation)])
                }
            }
    }

    /// 64-bit code in ring 0, in VMX root operation with a current VMCS.
    private func allowed(_ operation: Operation) -> VMXInstruction {
        var instruction = VMXInstruction(operation)
        instruction.inVMX = 1
        instruction.protected = 1
        instruction.isThere = 1
        instruction.hasCurrent = 1
        instruction.hasTarget = 1
        instruction.isField = 1
        instruction.addressMask = ~0xFFF
        instruction.vmxonPointer = 0x1000
        instruction.pointer = 0x2000
        instruction.isLaunched = operation == .vmresume ? 1 : 0
        instruction.types = 0xF
        instruction.type = VMXInstruction.singleContext
        instruction.low = 1
        instruction.isEPTPValid = 1
        instruction.isCanonical = 1
        return instruction
    }

    private var transitionLadders: [NamedLadder] {
        let areas = MSRAreaEntry.Area.allCases.map { area in
            var entry = MSRAreaEntry(area, position: 1)
            entry.mostEntries = 512
            return entry
        }
        return [
            NamedLadder("msr-area", transition.msrArea, asking: areas),
            NamedLadder("host-load", transition.hostLoad, asking: [HostLoad()]),
            NamedLadder("saved-rf", saved.resumeFlag, asking: [SavedResumeFlag()]),
            NamedLadder("saved-pending-debug", saved.pendingDebug, asking: [SavedPendingDebug()]),
            NamedLadder(
                "nmi-unblocking", nmiUnblocking.record, asking: [NMIUnblockingRecord()]),
        ]
    }

    private var eventLadders: [NamedLadder] {
        let vectors: [ExceptionVector] = [.pageFault, .generalProtection, .breakpoint]
        let exceptions = vectors.map { vector in
            GuestException(vector: vector.rawValue, errorCode: vector.hasErrorCode ? 0 : nil)
        }
        return [
            NamedLadder("exception", exception.exception, asking: exceptions),
            NamedLadder(
                "task-switch", taskSwitch.taskSwitch,
                asking: [TaskSwitchAccess(.jmp), TaskSwitchAccess(.iret)]),
            NamedLadder("iret-and-nmis", nmiUnblocking.iret, asking: [NMIUnblocking()]),
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
