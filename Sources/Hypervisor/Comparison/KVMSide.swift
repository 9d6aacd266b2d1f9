import Architecture
import Glibc
import KVM
import Machine

/// What KVM showed, with what helps to explain a difference.
struct KVMObservation: Sendable {
    var shown: Observation
    var internalError: KVMInternalError?
    /// The time that the guest could take, in milliseconds.
    var milliseconds: Int
    /// Whether this KVM interprets the ring-0 code of its guests.
    var interprets: Bool
}

/// Runs guests on KVM, from the model's start state and with the model's devices.
struct KVMSide {
    let limits: Comparison.Limits
    let isInterrupted: () -> Bool
    private let interprets: Bool

    /// - Throws: ``Comparison/Failure/unavailable(_:)`` where there is no KVM.
    init(
        limits: Comparison.Limits, isInterrupted: @escaping () -> Bool = { false }
    ) throws(Comparison.Failure) {
        self.limits = limits
        self.isInterrupted = isInterrupted
        interprets = try Self.asking { () throws(KVMError) in try System().interpretsRing0() }
    }

    /// - Parameter milliseconds: the time that the guest may take; no more than the limit.
    func observe(
        _ configuration: RunConfiguration, milliseconds: Int
    ) throws(Comparison.Failure) -> KVMObservation {
        let observation = try Self.asking { () throws(KVMError) in
            try observe(configuration, milliseconds, on: System())
        }
        guard let observation else { throw .interrupted }
        return observation
    }

    /// What CPUID really returns to such a guest, which need not be the leaves that KVM was given:
    /// a guest of two instructions is asked for each.
    func cpuid(
        seenBy configuration: RunConfiguration
    ) throws(Comparison.Failure) -> [Processor.CPUIDRow] {
        let code: [UInt8] = [0x0F, 0xA2, 0xF4]
        var asker = RunConfiguration(
            image: GuestImage(
                name: "cpuid", bytes: code, mode: .real16,
                loadAddress: GuestMode.real16.defaultLoadAddress))
        asker.processor = configuration.processor
        asker.operation = configuration.operation
        asker.memorySize = 0x10000
        var rows: [Processor.CPUIDRow] = []
        for row in configuration.processor.cpuid {
            asker.settings = [
                .init(.general(.rax, bytes: 4), UInt64(row.leaf)),
                .init(.general(.rcx, bytes: 4), UInt64(row.subleaf)),
            ]
            let shown = try observe(asker, milliseconds: limits.milliseconds).shown
            func word(_ name: String) -> UInt32 {
                UInt32(truncatingIfNeeded: shown.register(name) ?? 0)
            }
            let result = CPUIDResult(
                eax: word("rax"), ebx: word("rbx"), ecx: word("rcx"), edx: word("rdx"))
            rows.append(.init(leaf: row.leaf, subleaf: row.subleaf, result))
        }
        return rows
    }

    /// Does work that may fail in KVM's way.
    private static func asking<T>(_ work: () throws(KVMError) -> T) throws(Comparison.Failure) -> T
    {
        do throws(KVMError) {
            return try work()
        } catch {
            if case .unavailable(let unavailability) = error { throw .unavailable(unavailability) }
            throw .kvm(error)
        }
    }

    /// Nil where it was interrupted.
    private func observe(
        _ configuration: RunConfiguration, _ milliseconds: Int, on system: borrowing System
    ) throws(KVMError) -> KVMObservation? {
        let memory = configuration.startMemory
        var guest = KVMGuest(configuration, memory: memory)
        guest.limits = KVMLimits(
            milliseconds: min(milliseconds, limits.milliseconds), accesses: limits.accesses)
        let observation = KVMObservation(
            shown: Observation(end: .startRefused, memory: WrittenMemory(start: memory)),
            milliseconds: guest.limits.milliseconds, interprets: interprets)
        do throws(KVMError) {
            return try run(guest, configuration, on: system, observation)
        } catch {
            switch error {
            case .requestFailed(.setSpecialRegisters, errno: EINVAL): return observation
            case .requestFailed(.setCPUID, _):
                guest.cpuid = nil
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
        var bus = PortBus(memorySize: configuration.memorySize)
        bus.inputs = configuration.portInputs
        bus.logLimit = limits.accesses
        bus.log = []
        let run = try guest.run(
            on: system, mostWrittenPages: WrittenMemory.mostPages,
            port: { access in
                var answer = access.value
                if access.direction == .input {
                    answer = bus.read(access.port, size: UInt8(access.size))
                } else {
                    bus.write(access.port, access.value, size: UInt8(access.size))
                    _ = bus.takeOutput()
                }
                return bus.exitValue == nil ? .value(answer) : .stop
            }, isCancelled: isInterrupted)
        if run.end == .cancelled { return nil }
        observation.shown.end = ComparedEnd(run.end)
        if case .internalError(let error) = run.end { observation.internalError = error }
        observation.shown.registers = GuestRegisters(run).named
        observation.shown.ports = (bus.log ?? []).map(PortDatum.init)
        for page in run.writtenPages { observation.shown.memory.add(page.bytes, at: page.address) }
        if !run.isEachWrittenPageGiven, let last = run.writtenPages.last {
            observation.shown.memory.cut(at: last.address + UInt64(last.bytes.count))
        }
        return observation
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
        // The ROM at the end of 4 GiB, where a reset begins, is left out.
        let pages = memory.pagesWritten(since: empty).filter { $0 < configuration.memorySize }
        let contents = pages.map { address in
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
    /// The same state as the model has.
    public init(_ state: ProcessorState) {
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
