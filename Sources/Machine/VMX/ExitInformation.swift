import Architecture

/// What a VM exit puts into the VMCS, gathered before the exit. SDM 3C, 28.2 "Recording VM-Exit
/// Information and Updating VM-Entry Control Fields".
struct ExitInformation: Equatable {
    var reason: ExitReason
    var qualification: UInt64 = 0
    /// nil: the field keeps an undefined value, here 0.
    var instructionLength: UInt8?
    var instructionInformation: UInt32 = 0
    var interruption: UInt32 = 0
    var interruptionErrorCode: UInt32 = 0
    var guestLinear: UInt64?
    var guestPhysical: UInt64?
    /// RIP to save, where it is not the current one.
    var savedRIP: UInt64?

    /// Whether a debug exception is what exits.
    var isDebugException: Bool {
        let event = InterruptionInformation(rawValue: interruption)
        return reason == .exceptionOrNMI && event.vector == ExceptionVector.debug.rawValue
    }

    init(_ reason: ExitReason) { self.reason = reason }
}
