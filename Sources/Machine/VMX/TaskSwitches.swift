import Architecture

/// Task switches: what is checked before anything changes, and the exit that takes the place of
/// the switch in non-root operation. SDM 3A, "Task Switching"; SDM 3C, 26.4.2 "Treatment of Task
/// Switches".
extension Machine {
    /// A task that was found good enough to switch to.
    struct NewTask {
        var selector: UInt16
        var descriptor: Descriptor
        /// Of the descriptor.
        var address: UInt64

        var is32Bit: Bool { descriptor.access & 8 != 0 }
        var format: TaskStateFormat { is32Bit ? .bits32 : .bits16 }
    }

    /// Leaves the current task for another.
    ///
    /// - Parameters:
    ///   - selector: of the new task's TSS.
    ///   - returnAddress: where the old task goes on.
    ///   - external: bit 0 of error codes: 1 where the program did not ask for the switch.
    mutating func switchTask(
        to selector: UInt16, _ source: TaskSwitchQualification.Source, returnAddress: UInt64,
        external: UInt32 = 0
    ) throws(Abort) {
        let task = try checkNewTask(selector, source, external)
        guard state.vmx.mode == .nonRoot else {
            return try enterTask(task, source, returnAddress: returnAddress, external: external)
        }
        var exit = ExitInformation(.taskSwitch)
        exit.qualification = TaskSwitchQualification(selector: selector, source: source).rawValue
        if source != .taskGate || delivering == nil { exit.instructionLength = instructionLength }
        pendingExit = exit
        throw .exit
    }

    /// Through a task gate: the TSS that it names. IRET: the previous task's.
    private mutating func checkNewTask(
        _ selector: UInt16, _ source: TaskSwitchQualification.Source, _ external: UInt32
    ) throws(Abort) -> NewTask {
        let isReturn = source == .iret
        let error = Self.selectorError(selector) | external
        let wrong = isReturn ? ExceptionVector.invalidTSS : .generalProtection
        guard selector & 0xFFFC != 0, selector & 4 == 0,
            let (descriptor, address) = try readDescriptor(selector)
        else { throw fault(wrong, error) }
        let task = NewTask(selector: selector, descriptor: descriptor, address: address)
        // A task that is left by IRET is busy, one that is entered otherwise is not.
        let busy: UInt32 = isReturn ? SystemType.busy : 0
        let type = descriptor.access & 0x1F
        guard type == SystemType.tss | busy || type == SystemType.tss16 | busy else {
            throw fault(wrong, error)
        }
        guard descriptor.access & 0x80 != 0 else { throw fault(.segmentNotPresent, error) }
        guard descriptor.limit >= task.format.lowestLimit else { throw fault(.invalidTSS, error) }
        return task
    }
}
