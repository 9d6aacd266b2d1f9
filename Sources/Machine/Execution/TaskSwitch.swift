import Architecture

/// Task switches outside VMX non-root operation. SDM 3A, "Task Switching", whose steps these are.
extension Machine {
    /// Saves the old task, loads the new one. A fault before the commit point leaves the old task
    /// as it was; behind it, the fault is the new task's first.
    mutating func enterTask(
        _ task: NewTask, _ source: TaskSwitchQualification.Source, returnAddress: UInt64,
        external: UInt32
    ) throws(Abort) {
        let oldFormat: TaskStateFormat = state.tr.type & 8 != 0 ? .bits32 : .bits16
        guard state.tr.limit >= oldFormat.lowestLimit else {
            throw fault(.invalidTSS, Self.selectorError(state.tr.selector) | external)
        }
        let isNested = source == .call || source == .taskGate
        try probeTasks(task, oldFormat, writesLink: isNested)
        var next = try readTask(task)

        if source == .jmp || source == .iret { try setBusy(state.tr.selector, false) }
        try saveTask(oldFormat, returnAddress, clearsNesting: source == .iret)
        if isNested {
            next.flags |= FlagBit.nt.mask
            let link = wrapped(task.descriptor.base &+ TaskStateFormat.link)
            try writeSlowly(link, UInt64(state.tr.selector), 2, .supervisor(.write))
        }
        if source != .iret { try setBusy(task.selector, true) }
        try commit(task, next, external)
    }

    // MARK: Before the commit point

    /// Every page that the switch touches is there: behind this point it cannot page-fault.
    private mutating func probeTasks(
        _ task: NewTask, _ oldFormat: TaskStateFormat, writesLink: Bool
    ) throws(Abort) {
        func probe(
            _ machine: inout Machine, _ base: UInt64, _ limit: UInt32, _ kind: MemoryAccess.Kind
        ) throws(Abort) {
            for offset in [0, UInt64(limit)] {
                _ = try machine.translate(machine.wrapped(base &+ offset), .supervisor(kind))
            }
        }
        try probe(&self, state.tr.base, oldFormat.lowestLimit, .write)
        try probe(&self, task.descriptor.base, task.format.lowestLimit, .read)
        if writesLink { try probe(&self, task.descriptor.base, 1, .write) }
    }

    private mutating func readTask(_ task: NewTask) throws(Abort) -> TaskState {
        let format = task.format
        var found = TaskState()
        func value(_ machine: inout Machine, _ offset: UInt64, _ size: Int) throws(Abort) -> UInt64
        {
            let address = machine.wrapped(task.descriptor.base &+ offset)
            return try machine.readSlowly(address, size, .supervisor(.read))
        }
        found.instructionPointer = try value(&self, format.instructionPointer, format.width)
        found.flags = try value(&self, format.flags, format.width)
        for number in 0..<8 {
            let offset = format.registers + UInt64(number * format.width)
            // A 16-bit task leaves the upper halves undefined; implementations set them.
            let upper: UInt64 = task.is32Bit ? 0 : 0xFFFF_0000
            found.registers[number] = try value(&self, offset, format.width) | upper
        }
        for (index, name) in format.segmentOrder.enumerated() {
            let offset = format.segments + UInt64(index) * format.selectorStep
            found.selectors[Int(name.rawValue)] = UInt16(
                truncatingIfNeeded: try value(&self, offset, 2))
        }
        found.localTable = UInt16(truncatingIfNeeded: try value(&self, format.localTable, 2))
        if task.is32Bit {
            found.pageTable = try value(&self, TaskStateFormat.pageTable, 4)
            found.trapsAtEntry = try value(&self, TaskStateFormat.debugTrap, 2) & 1 == 1
        }
        return found
    }

    private mutating func saveTask(
        _ format: TaskStateFormat, _ returnAddress: UInt64, clearsNesting: Bool
    ) throws(Abort) {
        let base = state.tr.base
        func save(
            _ machine: inout Machine, _ offset: UInt64, _ value: UInt64, _ size: Int
        ) throws(Abort) {
            try machine.writeSlowly(
                machine.wrapped(base &+ offset), value, size, .supervisor(.write))
        }
        var flags = state.rflags
        if clearsNesting { flags &= ~FlagBit.nt.mask }
        try save(&self, format.instructionPointer, returnAddress, format.width)
        try save(&self, format.flags, flags, format.width)
        for number in 0..<8 {
            let offset = format.registers + UInt64(number * format.width)
            try save(&self, offset, state.registers[UInt8(number)], format.width)
        }
        for (index, name) in format.segmentOrder.enumerated() {
            let offset = format.segments + UInt64(index) * format.selectorStep
            try save(&self, offset, UInt64(state[name].selector), 2)
        }
    }

    /// Sets or clears the busy flag of a TSS descriptor in the GDT.
    private mutating func setBusy(_ selector: UInt16, _ isBusy: Bool) throws(Abort) {
        guard let (descriptor, address) = try readDescriptor(selector & 0xFFF8) else { return }
        let type = descriptor.access & 0xFF & ~SystemType.busy | (isBusy ? SystemType.busy : 0)
        try writeSlowly(wrapped(address &+ 5), UInt64(type), 1, .supervisor(.write))
    }

    // MARK: The new task

    private mutating func commit(
        _ task: NewTask, _ next: TaskState, _ external: UInt32
    ) throws(Abort) {
        hasCommittedTask = true
        leaveCodeWindow()
        state.tr = task.descriptor.segment(task.selector)
        state.tr.access |= SystemType.busy
        state.cr0 |= CR0Bit.ts.mask
        // Local breakpoints are the old task's.
        state.dr7 &= ~Self.localEnables
        needsAttention = true
        abandonDebugging()
        if task.is32Bit, state.isPaging { try writeCR3(next.pageTable) }
        state.rip = next.instructionPointer
        nextRIP = next.instructionPointer
        state.rflags = next.flags & Self.taskFlags
        for number in 0..<8 { state.registers[UInt8(number)] = next.registers[number] }
        // Whatever fails from here on fails in the new task, with its selectors.
        for name in SegmentRegister.allCases {
            state[name] = Segment.null(next.selectors[Int(name.rawValue)])
        }
        state.ldtr = Segment.null(next.localTable)
        state.cpl = UInt8(next.selectors[Int(SegmentRegister.cs.rawValue)] & 3)
        try loadTaskSegments(next, external)
        state.trapsAtTask = next.trapsAtEntry
        guard next.instructionPointer <= UInt64(state.cs.limit) else {
            throw fault(.generalProtection, external)
        }
    }

    /// L0 to L3, and LE.
    private static var localEnables: UInt64 { 0x155 }
    /// The flags that exist.
    private static var taskFlags: UInt64 { 0x3F_7FD5 }

    private mutating func loadTaskSegments(
        _ next: TaskState, _ external: UInt32
    ) throws(Abort) {
        func selector(_ name: SegmentRegister) -> UInt16 { next.selectors[Int(name.rawValue)] }
        try loadTaskLocalTable(next.localTable, external)
        if state.isVirtual8086 {
            state.cpl = 3
            for name in SegmentRegister.allCases {
                state[name] = Segment.virtual8086(selector(name))
            }
            return
        }
        try loadTaskCode(selector(.cs), external)
        state.ss = try taskStack(selector(.ss), external)
        for name in [SegmentRegister.es, .ds, .fs, .gs] {
            try loadTaskData(name, selector(name), external)
        }
    }

    private mutating func loadTaskLocalTable(
        _ selector: UInt16, _ external: UInt32
    ) throws(Abort) {
        guard selector & 0xFFFC != 0 else { return }
        let error = Self.selectorError(selector) | external
        guard selector & 4 == 0, let (descriptor, _) = try readDescriptor(selector),
            descriptor.access & 0x9F == 0x80 | SystemType.ldt
        else { throw fault(.invalidTSS, error) }
        state.ldtr = descriptor.segment(selector)
    }

    private mutating func loadTaskCode(_ selector: UInt16, _ external: UInt32) throws(Abort) {
        let error = Self.selectorError(selector) | external
        guard selector & 0xFFFC != 0, let (descriptor, address) = try readDescriptor(selector)
        else { throw fault(.invalidTSS, error) }
        let code = descriptor.segment(selector)
        let rpl = UInt8(selector & 3)
        guard code.isCode, code.isConforming ? code.dpl <= rpl : code.dpl == rpl else {
            throw fault(.invalidTSS, error)
        }
        guard code.isPresent else { throw fault(.segmentNotPresent, error) }
        state.cs = try accessed(descriptor, address, selector)
    }

    private mutating func taskStack(
        _ selector: UInt16, _ external: UInt32
    ) throws(Abort) -> Segment {
        let error = Self.selectorError(selector) | external
        guard selector & 0xFFFC != 0, let (descriptor, address) = try readDescriptor(selector)
        else { throw fault(.invalidTSS, error) }
        let stack = descriptor.segment(selector)
        guard stack.isWritable, stack.dpl == state.cpl, UInt8(selector & 3) == state.cpl else {
            throw fault(.invalidTSS, error)
        }
        guard stack.isPresent else { throw fault(.stackFault, error) }
        return try accessed(descriptor, address, selector)
    }

    private mutating func loadTaskData(
        _ name: SegmentRegister, _ selector: UInt16, _ external: UInt32
    ) throws(Abort) {
        guard selector & 0xFFFC != 0 else { return }
        let error = Self.selectorError(selector) | external
        guard let (descriptor, address) = try readDescriptor(selector) else {
            throw fault(.invalidTSS, error)
        }
        let data = descriptor.segment(selector)
        let level = max(state.cpl, UInt8(selector & 3))
        guard data.isCodeOrData, data.isReadable, data.isConforming || level <= data.dpl else {
            throw fault(.invalidTSS, error)
        }
        guard data.isPresent else { throw fault(.segmentNotPresent, error) }
        state[name] = try accessed(descriptor, address, selector)
    }
}
