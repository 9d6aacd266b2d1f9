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

    public init() {}

    public func explain(_ subject: DecidedSubject, withAlternatives: Bool = true) -> Decision {
        switch subject {
        case .controlRegister(let access):
            controlRegister.ladder(for: access)
                .explain(access, withAlternatives: withAlternatives)
        case .port(let access): port.access.explain(access, withAlternatives: withAlternatives)
        case .exception(let event):
            exception.exception.explain(event, withAlternatives: withAlternatives)
        case .msr(let access): msr.access.explain(access, withAlternatives: withAlternatives)
        case .instruction(let exit):
            (instruction[exit.operation] ?? Ladder([]))
                .explain(exit, withAlternatives: withAlternatives)
        case .boundary(let event):
            boundary.event.explain(event, withAlternatives: withAlternatives)
        case .apicPage(let access):
            apicPage.access.explain(access, withAlternatives: withAlternatives)
        case .apicWrite(let write):
            apicWrite.emulation.explain(write, withAlternatives: withAlternatives)
        case .virtualInterrupt(let evaluation):
            virtualInterrupt.evaluation.explain(evaluation, withAlternatives: withAlternatives)
        case .vmxon(let access):
            vmxon.vmxon.explain(access, withAlternatives: withAlternatives)
        case .secondFault(let fault):
            delivery.secondFault.explain(fault, withAlternatives: withAlternatives)
        case .x2APIC(let access):
            x2APIC.ladder(for: access).explain(access, withAlternatives: withAlternatives)
        case .ept(let access): ept.access.explain(access, withAlternatives: withAlternatives)
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
}
