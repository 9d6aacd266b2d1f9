import Architecture

/// INIT outside VMX operation: the processor begins anew where a reset begins, and keeps what a
/// reset would take from it. SDM 3A, "Initialization Overview", the table "IA-32 and Intel 64
/// Processor States Following Power-up, Reset, or INIT".
extension Machine {
    /// The first instruction's address: 16 bytes below 4 GiB, in the firmware's ROM.
    private static var resetSegment: Segment {
        Segment(selector: 0xF000, base: 0xFFFF_0000, limit: 0xFFFF, access: 0x9B)
    }
    private static var resetRIP: UInt64 { 0xFFF0 }

    mutating func initialize() {
        var fresh = ProcessorState()
        fresh.cs = Self.resetSegment
        fresh.rip = Self.resetRIP
        fresh.registers[.rdx] = UInt64(processor.cpuid(leaf: 1, subleaf: 0).eax)
        fresh.cr0 = CR0Bit.et.mask | state.cr0 & (CR0Bit.cd.mask | CR0Bit.nw.mask)
        // The local APIC keeps its ID alone; where it is, and in which mode, stands in an MSR.
        fresh.apic = LocalAPIC()
        fresh.msrs = state.msrs
        fresh.efer = 0
        fresh.tsc = state.tsc
        fresh.vmx = state.vmx
        fresh.xcr0 = state.xcr0
        fresh.floating = state.floating
        fresh.physicalMask = state.physicalMask
        fresh.randomState = state.randomState
        state = fresh
        tlb = TranslationCache()
        selectTranslations()
        leaveCodeWindow()
        devicesDueAt = 0
        needsAttention = true
    }
}
