import Architecture
import InstructionSet
import Machine
import Workbook

/// The modes in which random sequences run on the model and on KVM, and the world that they run in:
/// 2 MiB of memory, a handler for each vector that is a HLT, so that RIP tells the vector.
public enum DifferentialMode: String, CaseIterable, Sendable {
    case real16, protected32, long64
    /// 64-bit code at CPL 3: this is what a KVM that interprets the rest has the processor run.
    case user64

    enum Place {
        static let memorySize: UInt64 = 2 << 20
        /// Where small numbers do not lead: what is written there says nothing.
        static let system: UInt64 = 0x1F_0000
        static let gdt = system + 0x500
        static let tss = system + 0x600
        static let tables = system + 0x1000
        static let idt = system + 0x4000
        static let handlers: UInt64 = 0x8000
        static let handlerStack: UInt64 = 0x9800
        /// What the delivery of an exception pushes there.
        static let handlerFrame = handlerStack - 48..<handlerStack
        static let code: UInt64 = 0xA000
        static let stack: UInt64 = 0x18000
        static let data: UInt64 = 0x20000
        static let dataSize = 0x10000
    }

    enum Selector {
        static let code: UInt16 = 0x08
        static let data: UInt16 = 0x10
        static let task: UInt16 = 0x18
        static let userCode: UInt16 = 0x2B
        static let userData: UInt16 = 0x33
    }

    var codeSize: CodeSize {
        switch self {
        case .real16: .bits16
        case .protected32: .bits32
        case .long64, .user64: .bits64
        }
    }

    var isLong: Bool { codeSize == .bits64 }
    var isUser: Bool { self == .user64 }
    /// Bytes of a general register that instructions of this mode can reach.
    var registerMask: UInt64 { isLong ? ~0 : 0xFFFF_FFFF }

    /// The state at the first instruction, general registers and flags apart.
    var startState: ProcessorState {
        var state = ProcessorState()
        state.rip = Place.code
        state.dr6 = 0xFFFF_0FF0
        if self == .real16 {
            state.cr0 = 0x30
            state.idtr = DescriptorTableRegister(base: 0, limit: 0x3FF)
            for name in [SegmentRegister.ds, .es, .fs, .gs] { state[name] = .realMode(0x2000) }
            state.ss = .realMode(0x1000)
            return state
        }
        state.gdtr = DescriptorTableRegister(base: Place.gdt, limit: 0x3F)
        state.idtr = DescriptorTableRegister(
            base: Place.idt, limit: isLong ? 0xFFF : 0x7FF)
        state.cr0 = 0x31
        if isLong {
            state.cr0 = 0x8000_0031
            state.cr3 = Place.tables
            state.cr4 = 0x20
            state.efer = 0x500
        }
        setSegments(&state)
        return state
    }

    private func setSegments(_ state: inout ProcessorState) {
        let level: UInt32 = isUser ? 0x60 : 0
        let code = (isLong ? 0xA09B : 0xC09B) | level
        // Without paging nothing else keeps a sequence within memory.
        let limit: UInt32 = isLong ? .max : UInt32(Place.memorySize - 1)
        state.cs = Segment(
            selector: isUser ? Selector.userCode : Selector.code, base: 0, limit: limit,
            access: code)
        let data = Segment(
            selector: isUser ? Selector.userData : Selector.data, base: 0, limit: limit,
            access: 0xC093 | level)
        for name in [SegmentRegister.es, .ss, .ds, .fs, .gs] { state[name] = data }
        state.tr = Segment(
            selector: Selector.task, base: Place.tss, limit: 0x67, access: 0x8B)
        state.ldtr = .unusable
        state.cpl = isUser ? 3 : 0
    }

    /// Memory before the sequence is put into it.
    var startMemory: PhysicalMemory {
        var memory = PhysicalMemory(size: Place.memorySize)
        var generator = SplitMix64(seed: 0x5EED)
        // HLT wherever a sequence may run to.
        memory.load(Array(repeating: 0xF4, count: Int(Place.system)), at: 0)
        memory.load(generator.bytes(Place.dataSize), at: Place.data)
        for vector in UInt64(0)..<256 { writeGate(vector, &memory) }
        guard self != .real16 else { return memory }
        let descriptors: [UInt64] = [
            0, isLong ? 0x00AF_9B00_0000_FFFF : 0x00C0_9B00_0000_01FF,
            isLong ? 0x00CF_9300_0000_FFFF : 0x00C0_9300_0000_01FF,
            0x67 | (Place.tss & 0xFF_FFFF) << 16 | 0x8B << 40, 0, 0x00AF_FB00_0000_FFFF,
            0x00CF_F300_0000_FFFF, 0,
        ]
        for (index, descriptor) in descriptors.enumerated() {
            memory.write(Place.gdt + UInt64(index) * 8, descriptor, size: 8)
        }
        memory.write(Place.tss + 4, Place.handlerStack, size: isLong ? 8 : 4)
        if !isLong { memory.write(Place.tss + 8, UInt64(Selector.data), size: 2) }
        // No I/O permission bitmap.
        memory.write(Place.tss + 0x66, 0x68, size: 2)
        if isLong {
            // Accessed and dirty from the start: what sets them when is not compared.
            memory.write(Place.tables, Place.tables + 0x1000 | 0x27, size: 8)
            memory.write(Place.tables + 0x1000, Place.tables + 0x2000 | 0x27, size: 8)
            memory.write(Place.tables + 0x2000, 0xE7, size: 8)
        }
        return memory
    }

    private func writeGate(_ vector: UInt64, _ memory: inout PhysicalMemory) {
        let handler = Place.handlers + vector
        let gate = handler & 0xFFFF | UInt64(Selector.code) << 16 | 0x8E << 40
        switch self {
        case .real16: memory.write(vector * 4, handler, size: 4)
        case .protected32: memory.write(Place.idt + vector * 8, gate, size: 8)
        case .long64, .user64: memory.write(Place.idt + vector * 16, gate, size: 8)
        }
    }
}
