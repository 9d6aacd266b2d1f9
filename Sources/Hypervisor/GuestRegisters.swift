import Architecture
import Machine

/// The registers of a run's guest, wherever they are: those that a VM exit saves are in the VMCS
/// while root software runs, the others stay in the processor.
public struct GuestRegisters: Sendable, Equatable {
    /// RAX to R15, in the order of ``GeneralRegister``.
    public let general: [UInt64]
    public let rip: UInt64
    public let rflags: UInt64
    /// Selectors, in the order of ``SegmentRegister``.
    public let selectors: [UInt64]
    public let cr0: UInt64
    public let cr2: UInt64
    public let cr3: UInt64
    public let cr4: UInt64
    public let efer: UInt64

    /// Those of a run's guest, wherever the run is.
    public init(_ run: GuestRun) { self.init(run.guestState) }

    public init(_ state: ProcessorState) {
        general = state.registers.values
        rip = state.rip
        rflags = state.rflags
        selectors = SegmentRegister.allCases.map { UInt64(state[$0].selector) }
        cr0 = state.cr0
        cr2 = state.cr2
        cr3 = state.cr3
        cr4 = state.cr4
        efer = state.efer
    }

    /// All by gdb's names, in the order in which they are shown.
    public var named: [(name: String, value: UInt64)] {
        var rows: [(name: String, value: UInt64)] = []
        for (register, value) in zip(GeneralRegister.allCases, general) {
            rows.append((register.name, value))
        }
        rows.append(("rip", rip))
        rows.append(("rflags", rflags))
        let order: [SegmentRegister] = [.cs, .ss, .ds, .es, .fs, .gs]
        for segment in order { rows.append((segment.name, selectors[Int(segment.rawValue)])) }
        rows.append(("cr0", cr0))
        rows.append(("cr2", cr2))
        rows.append(("cr3", cr3))
        rows.append(("cr4", cr4))
        rows.append(("efer", efer))
        return rows
    }
}
