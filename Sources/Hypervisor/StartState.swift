import Architecture
import Machine

/// The state that a guest starts in, and the tables that it finds in memory.
public enum StartState {
    static let gdt: UInt64 = 0x500
    static let pageTables: UInt64 = 0x1000
    /// The tables of long64: one PML4, one PDPT, four page directories.
    static let pageTableRange = pageTables..<pageTables + 6 * 0x1000
    static let taskStateSegment: UInt64 = 0x600
    static let stackPointer: UInt64 = 0x9000
    public static let codeSelector: UInt16 = 0x08
    public static let dataSelector: UInt16 = 0x10
    public static let taskSelector: UInt16 = 0x18

    /// Registers for a start outside VMX operation.
    public static func processor(_ image: GuestImage) -> ProcessorState {
        var state = ProcessorState()
        state.rip = image.loadAddress
        state.registers[.rsp] = stackPointer
        state.idtr = DescriptorTableRegister(base: 0, limit: 0)
        state.gdtr = DescriptorTableRegister(base: gdt, limit: 0x27)
        switch image.mode {
        case .real16: state.cr0 = 0x30
        case .protected32:
            state.cr0 = 0x31
            setFlatSegments(&state, codeAccess: 0xC09B)
        case .long64:
            state.cr0 = 0x8000_0031
            state.cr3 = pageTables
            state.cr4 = CR4Bit.pae.mask
            state.efer = EFERBit.lme.mask | EFERBit.lma.mask
            setFlatSegments(&state, codeAccess: 0xA09B)
        }
        return state
    }

    private static func setFlatSegments(_ state: inout ProcessorState, codeAccess: UInt32) {
        state.cs = Segment(
            selector: codeSelector, base: 0, limit: 0xFFFF_FFFF, access: codeAccess)
        let data = Segment(selector: dataSelector, base: 0, limit: 0xFFFF_FFFF, access: 0xC093)
        for name in [SegmentRegister.es, .ss, .ds, .fs, .gs] { state[name] = data }
        state.tr = Segment(
            selector: taskSelector, base: taskStateSegment, limit: 0x67, access: 0x8B)
        state.ldtr = .unusable
    }

    /// Descriptors, page tables and the guest's bytes.
    public static func load(_ image: GuestImage, into memory: inout PhysicalMemory) {
        let code: UInt64 = image.mode == .long64 ? 0x00AF_9B00_0000_FFFF : 0x00CF_9B00_0000_FFFF
        let tss: UInt64 = 0x67 | taskStateSegment << 16 | 0x8B << 40
        let descriptors: [UInt64] = [0, code, 0x00CF_9300_0000_FFFF, tss, 0]
        for (index, descriptor) in descriptors.enumerated() {
            memory.write(gdt + UInt64(index) * 8, descriptor, size: 8)
        }
        if image.mode == .long64 { buildPageTables(&memory) }
        memory.load(image.bytes, at: image.loadAddress)
    }

    /// Identity map of 4 GiB in 2 MiB pages: PML4 at 1000h, PDPT at 2000h, four page directories
    /// from 3000h.
    private static func buildPageTables(_ memory: inout PhysicalMemory) {
        memory.write(pageTables, pageTables + 0x1000 | 3, size: 8)
        for directory in UInt64(0)..<4 {
            let address = pageTables + 0x2000 + directory * 0x1000
            memory.write(pageTables + 0x1000 + directory * 8, address | 3, size: 8)
            for entry in UInt64(0)..<512 {
                let page = (directory << 30) | (entry << 21)
                memory.write(address + entry * 8, page | 0x83, size: 8)
            }
        }
    }
}
