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

    public init(_ run: GuestRun) {
        let isSaved =
            run.configuration.operation == .nonRoot && run.machine.state.vmx.mode == .root
            && run.machine.state.vmx.currentVMCS != VMXState.noVMCS
        self.init(run.machine, fromVMCS: isSaved)
    }

    /// - Parameter fromVMCS: whether the current VMCS has what an exit saves.
    public init(_ machine: borrowing Machine, fromVMCS: Bool) {
        let state = machine.state
        func field(_ field: VMCSField, _ register: UInt64) -> UInt64 {
            fromVMCS ? machine.currentVMCSField(field) : register
        }
        var general = state.registers.values
        let stackPointer = Int(GeneralRegister.rsp.rawValue)
        general[stackPointer] = field(.guestRSP, general[stackPointer])
        self.general = general
        rip = field(.guestRIP, state.rip)
        rflags = field(.guestRFLAGS, state.rflags)
        let fields: [VMCSField] = [
            .guestESSelector, .guestCSSelector, .guestSSSelector, .guestDSSelector,
            .guestFSSelector, .guestGSSelector,
        ]
        selectors = zip(SegmentRegister.allCases, fields).map {
            field($1, UInt64(state[$0].selector))
        }
        cr0 = field(.guestCR0, state.cr0)
        cr2 = state.cr2
        cr3 = field(.guestCR3, state.cr3)
        cr4 = field(.guestCR4, state.cr4)
        efer = fromVMCS ? Self.savedEFER(machine) : state.efer
    }

    /// The VMCS has EFER if entry or exit moves it; else the guest's differs from the processor's
    /// in LME and LMA alone, which "IA-32e mode guest" says.
    private static func savedEFER(_ machine: borrowing Machine) -> UInt64 {
        let entry = machine.currentVMCSField(.entryControls)
        let isMoved =
            entry.has(EntryControl.loadEFER)
            || machine.currentVMCSField(.exitControls).has(ExitControl.saveEFER)
        if isMoved { return machine.currentVMCSField(.guestEFER) }
        let both = EFERBit.lme.mask | EFERBit.lma.mask
        let isLong = entry.has(EntryControl.ia32eModeGuest)
        return isLong ? machine.state.efer | both : machine.state.efer & ~both
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
