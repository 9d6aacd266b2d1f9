import Architecture
import InstructionSet

/// All ladders of the machine. They are values of it: a test that takes a rule away sees another
/// processor.
public struct Ladders: Sendable {
    public var controlRegister = ControlRegisterLadders()
    public var port = PortLadders()
    public var exception = ExceptionLadders()
    public var msr = MSRLadders()
    public var instruction = InstructionLadders()
    public var ept = EPTLadders()
    public var boundary = BoundaryLadders()
    public var apicPage = APICPageLadders()
    public var apicWrite = APICWriteLadders()
    public var x2APIC = X2APICLadders()
    public var virtualInterrupt = VirtualInterruptLadders()
    public var delivery = DeliveryLadders()
    public var vmxon = VMXOnLadders()
    public var vmx = VMXInstructionLadders()
    public var taskSwitch = TaskSwitchLadders()
    public var transition = TransitionLadders()
    public var nmiUnblocking = NMIUnblockingLadders()
    public var saved = SavedStateLadders()

    public init() {}

    public func explain(_ subject: DecidedSubject, withAlternatives: Bool = true) -> Decision {
        func ask<Subject>(_ ladder: Ladder<Subject>, _ subject: Subject) -> Decision {
            ladder.explain(subject, withAlternatives: withAlternatives)
        }
        return switch subject {
        case .controlRegister(let access): ask(controlRegister.ladder(for: access), access)
        case .port(let access): ask(port.access, access)
        case .exception(let event): ask(exception.exception, event)
        case .msr(let access): ask(msr.access, access)
        case .instruction(let exit): ask(instruction[exit.operation] ?? Ladder([]), exit)
        case .boundary(let event): ask(boundary.event, event)
        case .apicPage(let access): ask(apicPage.access, access)
        case .apicWrite(let write): ask(apicWrite.emulation, write)
        case .virtualInterrupt(let evaluation): ask(virtualInterrupt.evaluation, evaluation)
        case .vmxon(let access): ask(vmxon.vmxon, access)
        case .vmx(let instruction): ask(vmx[instruction.operation] ?? Ladder([]), instruction)
        case .taskSwitch(let access): ask(taskSwitch.taskSwitch, access)
        case .hostLoad(let load): ask(transition.hostLoad, load)
        case .msrArea(let entry): ask(transition.msrArea, entry)
        case .nmiUnblocking(let iret): ask(nmiUnblocking.iret, iret)
        case .nmiUnblockingRecord(let exit): ask(nmiUnblocking.record, exit)
        case .savedResumeFlag(let exit): ask(saved.resumeFlag, exit)
        case .savedPendingDebug(let exit): ask(saved.pendingDebug, exit)
        case .secondFault(let fault): ask(delivery.secondFault, fault)
        case .x2APIC(let access): ask(x2APIC.ladder(for: access), access)
        case .ept(let access): ask(ept.access, access)
        }
    }
}

/// The facts of one decision, whatever its kind.
public enum DecidedSubject: Sendable, Equatable {
    case controlRegister(ControlRegisterAccess)
    case port(PortAccess)
    case exception(GuestException)
    case msr(MSRAccess)
    case instruction(InstructionExit)
    case ept(EPTAccess)
    case boundary(BoundaryEvent)
    case apicPage(APICPageAccess)
    case apicWrite(APICWriteEmulation)
    case x2APIC(X2APICAccess)
    case virtualInterrupt(VirtualInterruptEvaluation)
    case secondFault(SecondFault)
    case vmxon(VMXOnAccess)
    case vmx(VMXInstruction)
    case taskSwitch(TaskSwitchAccess)
    case hostLoad(HostLoad)
    case msrArea(MSRAreaEntry)
    case nmiUnblocking(NMIUnblocking)
    case nmiUnblockingRecord(NMIUnblockingRecord)
    case savedResumeFlag(SavedResumeFlag)
    case savedPendingDebug(SavedPendingDebug)
}
