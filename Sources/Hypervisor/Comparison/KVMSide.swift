import Architecture
import Glibc
import KVM
import Machine

/// What KVM showed, with what helps to explain a difference.
struct KVMObservation: Sendable {
    var shown: Observation
    var internalError: KVMInternalError?
    /// Whether the guest had the CPUID leaves of the model's processor.
    var hasModelsCPUID = true
    /// Whether this KVM interprets the ring-0 code of its guests.
    var interprets = false
}

/// Runs guests on KVM, from the model's start state and with the model's devices.
struct KVMSide {
    let limits: Comparison.Limits
    let isInterrupted: () -> Bool

    /// - Throws: ``Comparison/Failure/unavailable(_:)`` where there is no KVM.
    init(
        limits: Comparison.Limits, isInterrupted: @escaping () -> Bool = { false }
    ) throws(Comparison.Failure) {
        if let unavailability = System.unavailability { throw .unavailable(unavailability) }
        self.limits = limits
        self.isInterrupted = isInterrupted
    }

    func observe(
        _ configuration: RunConfiguration
    ) throws(Comparison.Failure) -> KVMObservation {
        let observation: KVMObservation?
        do throws(KVMError) {
            observation = try observe(configuration, on: System())
        } catch {
            if case .unavailable(let unavailability) = error { throw .unavailable(unavailability) }
            throw .kvm(error)
        }
        guard let observation else { throw .interrupted }
        return observation
    }

    /// Nil where it was interrupted.
    private func observe(
        _ configuration: RunConfiguration, on system: borrowing System
    ) throws(KVMError) -> KVMObservation? {
        var memory = PhysicalMemory(size: configuration.memorySize)
        StartState.load(configuration.image, into: &memory)
        var guest = KVMGuest(configuration, memory: memory)
        guest.limits = KVMLimits(
            milliseconds: limits.milliseconds, accesses: limits.accesses)
        let unstarted = Observation(end: .startRefused, memory: WrittenMemory(start: memory))
        var observation = KVMObservation(shown: unstarted)
        observation.interprets = try system.interpretsRing0()
        do throws(KVMError) {
            return try run(guest, configuration, on: system, observation)
        } catch {
            switch error {
            case .requestFailed(.setSpecialRegisters, errno: EINVAL): return observation
            case .requestFailed(.setCPUID, _):
                guest.cpuid = nil
                observation.hasModelsCPUID = false
                return try run(guest, configuration, on: system, observation)
            default: throw error
            }
        }
    }

    private func run(
        _ guest: KVMGuest, _ configuration: RunConfiguration, on system: borrowing System,
        _ unstarted: KVMObservation
    ) throws(KVMError) -> KVMObservation? {
        var observation = unstarted
        // The devices are the model's: what they answer is no difference of the processors.
        var bus = PortBus()
        bus.inputs = configuration.portInputs
        var ports: [PortDatum] = []
        let run = try guest.run(
            on: system, mostWrittenPages: WrittenMemory.mostPages,
            port: { access in
                let answer = bus.access(
                    access.port, access.value, size: UInt8(access.size),
                    isInput: access.direction == .input)
                if ports.count < limits.accesses { ports.append(answer) }
                _ = bus.takeOutput()
                return bus.exitValue == nil ? .value(answer.value) : .stop
            }, isCancelled: isInterrupted)
        if run.end == .cancelled { return nil }
        observation.shown.end = ComparedEnd(run.end)
        if case .internalError(let error) = run.end { observation.internalError = error }
        observation.shown.registers = GuestRegisters(run).named
        observation.shown.ports = ports
        for page in run.writtenPages { observation.shown.memory.add(page.bytes, at: page.address) }
        if !run.isEachWrittenPageGiven, let last = run.writtenPages.last {
            observation.shown.memory.cut(at: last.address + UInt64(last.bytes.count))
        }
        return observation
    }
}

extension PortBus {
    /// Carries one access out and tells its datum.
    fileprivate mutating func access(
        _ port: UInt16, _ value: UInt32, size: UInt8, isInput: Bool
    ) -> PortDatum {
        var datum = value
        if isInput {
            datum = read(port, size: size)
        } else {
            write(port, value, size: size)
        }
        return PortDatum(isInput: isInput, port: port, size: size, value: datum)
    }
}

extension ComparedEnd {
    init(_ end: KVMRun.End) {
        self =
            switch end {
            case .hlt: .hlt
            // The device behind port F4h is the only one that stops a run.
            case .stopped: .port
            case .shutdown: .shutdown
            case .timeout, .cancelled: .timeLimit
            case .accessLimit: .accessLimit
            case .failEntry: .failEntry
            case .internalError: .internalError
            case .unexpectedExit: .unexpectedExit
            }
    }
}

// MARK: State to and from KVM

extension KVMGuest {
    /// The guest that a configuration describes, with the memory that it starts with.
    init(_ configuration: RunConfiguration, memory: PhysicalMemory) {
        let empty = PhysicalMemory(size: configuration.memorySize)
        let contents = memory.pagesWritten(since: empty).map { address in
            MemoryBlock(address: address, bytes: memory.page(at: address))
        }
        var state = configuration.startState
        var registers = KVMRegisters()
        for register in GeneralRegister.allCases { registers[register] = state.registers[register] }
        registers.rip = state.rip
        registers.rflags = state.rflags
        self.init(
            memorySize: configuration.memorySize, contents: contents, registers: registers,
            specialRegisters: KVMSpecialRegisters(state), cpuid: Self.cpuid(configuration))
    }

    /// The leaves that a guest of the model sees. OSXSAVE, which mirrors CR4, is KVM's to keep.
    private static func cpuid(_ configuration: RunConfiguration) -> [CPUIDEntry] {
        let processor = configuration.processor
        return processor.cpuid.map { row in
            let found =
                configuration.operation == .nonRoot
                ? TeachingHypervisor.cpuid(processor, leaf: row.leaf, subleaf: row.subleaf)
                : row.result
            let hasSubleaves = Processor.leavesWithSubleaves.contains(row.leaf)
            return CPUIDEntry(
                leaf: row.leaf, subleaf: hasSubleaves ? row.subleaf : nil,
                eax: found.eax, ebx: found.ebx, ecx: found.ecx, edx: found.edx)
        }
    }
}

extension KVMSpecialRegisters {
    init(_ state: ProcessorState) {
        self.init()
        for register in SegmentRegister.allCases { self[register] = KVMSegment(state[register]) }
        tr = KVMSegment(state.tr)
        ldtr = KVMSegment(state.ldtr)
        gdtr = KVMDescriptorTable(base: state.gdtr.base, limit: state.gdtr.limit)
        idtr = KVMDescriptorTable(base: state.idtr.base, limit: state.idtr.limit)
        (cr0, cr2, cr3) = (state.cr0, state.cr2, state.cr3)
        (cr4, cr8, efer) = (state.cr4, state.cr8, state.efer)
    }
}

extension KVMSegment {
    init(_ segment: Segment) {
        self.init(
            selector: segment.selector, base: segment.base, limit: segment.limit,
            access: segment.access)
    }
}

extension GuestRegisters {
    init(_ run: KVMRun) {
        let special = run.specialRegisters
        general = GeneralRegister.allCases.map { run.registers[$0] }
        (rip, rflags) = (run.registers.rip, run.registers.rflags)
        selectors = SegmentRegister.allCases.map { UInt64(special[$0].selector) }
        (cr0, cr2, cr3) = (special.cr0, special.cr2, special.cr3)
        (cr4, efer) = (special.cr4, special.efer)
    }
}
