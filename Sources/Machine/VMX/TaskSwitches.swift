import Architecture

/// Task switches: what is checked before anything changes, and the exit that takes the place of
/// the switch in non-root operation. SDM 3A, "Task Switching"; SDM 3C, 26.4.2 "Treatment of Task
/// Switches".
extension Machine {
    /// The smallest limits of a TSS.
    private enum TaskLimit {
        static let bits16: UInt32 = 0x2B
        static let bits32: UInt32 = 0x67
    }

    /// - Parameters:
    ///   - selector: of the new task's TSS.
    ///   - external: bit 0 of error codes: 1 where the program did not ask for the switch.
    mutating func switchTask(
        to selector: UInt16, _ source: TaskSwitchQualification.Source, external: UInt32 = 0
    ) throws(Abort) {
        try checkNewTask(selector, source, external)
        guard state.vmx.mode == .nonRoot else { throw notModelled(.feature(.taskSwitch)) }
        var exit = ExitInformation(.taskSwitch)
        exit.qualification = TaskSwitchQualification(selector: selector, source: source).rawValue
        if source != .taskGate || delivering == nil { exit.instructionLength = instructionLength }
        pendingExit = exit
        throw .exit
    }

    /// Through a task gate: the TSS that it names. IRET: the previous task's.
    private mutating func checkNewTask(
        _ selector: UInt16, _ source: TaskSwitchQualification.Source, _ external: UInt32
    ) throws(Abort) {
        let isReturn = source == .iret
        let error = Self.selectorError(selector) | external
        let wrong = isReturn ? ExceptionVector.invalidTSS : .generalProtection
        guard selector & 0xFFFC != 0, selector & 4 == 0,
            let (descriptor, _) = try readDescriptor(selector)
        else { throw fault(wrong, error) }
        // A task that is left by IRET is busy, one that is entered otherwise is not.
        let busy: UInt32 = isReturn ? SystemType.busy : 0
        let type = descriptor.access & 0x1F
        let is32Bit = type == SystemType.tss | busy
        guard is32Bit || type == SystemType.tss16 | busy else { throw fault(wrong, error) }
        guard descriptor.access & 0x80 != 0 else { throw fault(.segmentNotPresent, error) }
        guard descriptor.limit >= (is32Bit ? TaskLimit.bits32 : TaskLimit.bits16) else {
            throw fault(.invalidTSS, error)
        }
    }
}
