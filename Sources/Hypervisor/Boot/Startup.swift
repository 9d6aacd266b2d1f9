import Architecture
import InstructionSet
import Machine

/// What a run finds in memory besides the machine's own: how its program got there.
public enum Startup: Sendable {
    /// The image's bytes at its load address, in plain RAM.
    case flat
    /// A multiboot kernel, in a PC's memory, with the firmware's tables and services there: a kernel
    /// may go back to real mode and call them.
    case multiboot(MultibootStart)
    /// A boot sector, by firmware that answers its services.
    case disk(Firmware)
}

extension RunConfiguration {
    /// A multiboot kernel outside VMX operation.
    public init(multiboot start: MultibootStart, name: String) {
        self.init(
            image: GuestImage(
                name: name, bytes: [], mode: .protected32, loadAddress: start.kernel.program.entry))
        memorySize = start.map.low + start.map.high
        operation = .outside
        startup = .multiboot(start)
    }

    /// A disk's boot sector outside VMX operation.
    ///
    /// - Parameter program: what is known of the image's source, loaded from 7C00h on.
    public init(
        boot disk: DiskImage, name: String, map: PCMemoryMap, program: AssembledProgram? = nil
    ) {
        self.init(
            image: GuestImage(
                name: name, bytes: [], mode: .real16, loadAddress: Firmware.bootAddress,
                program: program))
        memorySize = map.low + map.high
        operation = .outside
        startup = .disk(Firmware(disk: disk, map: map))
    }

    /// Whether KVM alone suffices: it answers no firmware's calls, as a boot sector cannot do
    /// without, and its RAM has no gaps.
    public var canRunOnKVM: Bool {
        switch startup {
        case .flat: true
        case .multiboot(let start): start.map.high == 0
        case .disk: false
        }
    }

    /// The RAM that the run starts with, and what lies in it.
    var startMemory: PhysicalMemory {
        switch startup {
        case .flat:
            var memory = PhysicalMemory(size: memorySize)
            StartState.load(image, into: &memory)
            return memory
        case .multiboot(let start):
            var memory = start.map.memory
            Firmware(map: start.map).load(into: &memory, for: processor)
            StartState.load(image, into: &memory)
            start.load(into: &memory)
            return memory
        case .disk(let firmware):
            var memory = firmware.map.memory
            firmware.load(into: &memory, for: processor)
            memory.load(firmware.disk.sector(0) ?? [], at: Firmware.bootAddress)
            return memory
        }
    }

    /// The state in which the guest starts, as far as it is no VMCS's.
    var startState: ProcessorState {
        var state = StartState.processor(image)
        switch startup {
        case .flat: break
        case .multiboot(let start): start.setRegisters(&state)
        case .disk(let firmware):
            state.gdtr = DescriptorTableRegister(base: 0, limit: 0)
            Firmware.setStartState(&state, drive: firmware.disk.drive ?? 0)
        }
        for setting in settings { state.apply(setting) }
        return state
    }
}

extension MultibootStart {
    func load(into memory: inout PhysicalMemory) {
        for segment in kernel.program.segments {
            memory.load(kernel.bytes[segment.file], at: segment.address)
            clearLow(segment, &memory)
        }
        for piece in pieces { memory.load(piece.bytes, at: piece.address) }
    }

    /// Zeros behind a segment's bytes where something else may stand already: below 1 MiB. All
    /// other RAM is zeros before the kernel runs.
    private func clearLow(_ segment: LoadedProgram.Segment, _ memory: inout PhysicalMemory) {
        let start = segment.address + UInt64(segment.file.count)
        let end = min(segment.range.upperBound, PCMemoryMap.conventionalEnd)
        guard start < end else { return }
        memory.load([UInt8](repeating: 0, count: Int(end - start)), at: start)
    }

    /// Multiboot Specification 0.6.96, "Machine state": the rest is a flat 32-bit start's.
    func setRegisters(_ state: inout ProcessorState) {
        state.registers[.rax] = Self.registerMagic
        state.registers[.rbx] = information
    }
}
