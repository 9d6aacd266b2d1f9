import Architecture
import Machine

/// What a run finds in memory besides the machine's own: how its program got there.
public enum Startup: Sendable {
    /// The image's bytes at its load address, in plain RAM.
    case flat
    /// A multiboot kernel, in a PC's memory.
    case multiboot(MultibootStart)
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

    /// The RAM that the run starts with, and what lies in it.
    var startMemory: PhysicalMemory {
        switch startup {
        case .flat:
            var memory = PhysicalMemory(size: memorySize)
            StartState.load(image, into: &memory)
            return memory
        case .multiboot(let start):
            var memory = start.map.memory
            StartState.load(image, into: &memory)
            start.load(into: &memory)
            return memory
        }
    }

    /// The state in which the guest starts, as far as it is no VMCS's.
    var startState: ProcessorState {
        var state = StartState.processor(image)
        if case .multiboot(let start) = startup { start.setRegisters(&state) }
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
