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
        let task = try findTask(selector)
        let access = taskSwitchFacts(selector, task, source)
        let verdict = ladders.taskSwitch.taskSwitch.evaluate(access)
        if access.nonRoot == 1 { tell(.decision(.taskSwitch(access))) }
        switch verdict {
        case .fault(let vector): throw fault(vector, Self.selectorError(selector) | external)
        case .exit(let reason):
            pendingExit = taskSwitchExit(reason, selector, source)
            throw .exit
        case .proceed, .ignored, .virtualized, .interrupt, .fail, .abort:
            guard let task else { return }
            try enterTask(task, source, returnAddress: returnAddress, external: external)
        }
    }

    private func taskSwitchExit(
        _ reason: ExitReason, _ selector: UInt16, _ source: TaskSwitchQualification.Source
    ) -> ExitInformation {
        var exit = ExitInformation(reason)
        exit.qualification = TaskSwitchQualification(selector: selector, source: source).rawValue
        if source != .taskGate || delivering == nil { exit.instructionLength = instructionLength }
        return exit
    }

    /// Through a task gate: the TSS that it names. IRET: the previous task's. nil: the selector
    /// names nothing in the GDT.
    private mutating func findTask(_ selector: UInt16) throws(Abort) -> NewTask? {
        guard selector & 0xFFFC != 0, selector & 4 == 0,
            let (descriptor, address) = try readDescriptor(selector)
        else { return nil }
        return NewTask(selector: selector, descriptor: descriptor, address: address)
    }

    private func taskSwitchFacts(
        _ selector: UInt16, _ task: NewTask?, _ source: TaskSwitchQualification.Source
    ) -> TaskSwitchAccess {
        var access = TaskSwitchAccess(source)
        access.nonRoot = state.vmx.mode == .nonRoot ? 1 : 0
        access.selector = UInt64(selector)
        guard let task else { return access }
        access.isInGDT = 1
        access.type = UInt64(task.descriptor.access & 0x1F)
        access.present = task.descriptor.access & 0x80 != 0 ? 1 : 0
        access.limit = UInt64(task.descriptor.limit)
        access.lowestLimit = UInt64(task.format.lowestLimit)
        return access
    }
}
