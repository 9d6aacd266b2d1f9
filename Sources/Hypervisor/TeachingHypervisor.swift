import Architecture
import Machine

/// The hypervisor in root mode. It reaches the VMCS through VMX instructions alone, the machine's
/// own, on regions in its memory; its code is Swift instead of guest memory, and that is the only
/// difference to a hypervisor written in assembly.
struct TeachingHypervisor {
    /// What it remembers from one exit to the next.
    struct Memory: Sendable {
        var region: HypervisorRegion
        var map: IdentityMap?
        var hasLaunched = false
        /// Instructions that it has done for the guest.
        var emulatedSteps: UInt64 = 0
    }

    var memory: Memory
    let policy: ExitPolicy
    /// Told what it does, in order with what the machine tells; nil: silent.
    var report: ((RunEvent) -> Void)?

    /// What follows an exit.
    enum Outcome: Equatable {
        case resume
        case end(EndOfRun)
    }

    init(processor: Processor, policy: ExitPolicy) {
        memory = Memory(region: HypervisorRegion(processor: processor))
        self.policy = policy
    }

    // MARK: Set-up

    /// Enters root operation and prepares a VMCS for the guest state given.
    mutating func setUp(
        _ machine: inout Machine, guest: ProcessorState, settings: [RunConfiguration.Setting]
    ) -> VMXResult {
        machine.memory.addBank(base: memory.region.base, size: HypervisorRegion.size)
        guard let vmx = machine.processor.vmx, let vmxon = memory.region.allocate(),
            let vmcs = memory.region.allocate(), let msrBitmaps = memory.region.allocate(),
            let stack = memory.region.allocate()
        else { return .fault(.invalidOpcode) }
        machine.state = hostState(vmx, stack: stack + 0x1000, from: guest)
        for address in [vmxon, vmcs] {
            machine.writePhysical(address, UInt64(vmx.revision), size: 4)
        }
        let operations: [(inout Machine) -> VMXResult] = [
            { $0.vmxon(vmxon) }, { $0.vmclear(vmcs) }, { $0.vmptrld(vmcs) },
        ]
        for operation in operations {
            let result = operation(&machine)
            guard result == .succeed else { return result }
        }
        var values = controls(
            &machine, vmx, msrBitmaps: msrBitmaps, guestIsLongMode: guest.isLongMode)
        values += hostFields(machine.state)
        values += guestFields(guest)
        // An early processor has no field for IA32_EFER: its entries and exits make the register
        // fit the mode by themselves. What a setting asks for is written, and refused.
        values.removeAll { !$0.0.exists(on: vmx) }
        for setting in settings {
            if case .field(let field) = setting.target { values.append((field, setting.value)) }
        }
        for (field, value) in values {
            let result = machine.vmwrite(UInt64(field.rawValue), value)
            guard result == .succeed else { return result }
        }
        return .succeed
    }

    /// 64-bit root software, ring 0, with what VMX operation fixes.
    private func hostState(
        _ vmx: VMXCapabilities, stack: UInt64, from guest: ProcessorState
    ) -> ProcessorState {
        var host = ProcessorState()
        host.registers = guest.registers
        host.cr2 = guest.cr2
        host.cr0 = 0x8000_0031 | vmx.cr0Fixed0
        host.cr4 = CR4Bit.pae.mask | CR4Bit.vmxe.mask | vmx.cr4Fixed0
        host.cr3 = memory.region.base
        host.efer = EFERBit.lme.mask | EFERBit.lma.mask
        host.cs = Segment(selector: 8, base: 0, limit: 0xFFFF_FFFF, access: 0xA09B)
        let data = Segment(selector: 16, base: 0, limit: 0xFFFF_FFFF, access: 0xC093)
        for name in [SegmentRegister.es, .ss, .ds, .fs, .gs] { host[name] = data }
        host.tr = Segment(selector: 24, base: memory.region.base, limit: 0x67, access: 0x8B)
        host.ldtr = .unusable
        host.registers[.rsp] = stack
        // Locked, with VMXON allowed outside SMX: what firmware leaves behind.
        host.msrs.featureControl = 5
        return host
    }

    /// The controls wanted, adjusted to what the processor allows. SDM 3D, A.2 to A.5.
    private mutating func controls(
        _ machine: inout Machine, _ vmx: VMXCapabilities, msrBitmaps: UInt64, guestIsLongMode: Bool
    ) -> [(VMCSField, UInt64)] {
        let primary: UInt64 =
            PrimaryControl.hltExiting.mask | PrimaryControl.useMSRBitmaps.mask
            | PrimaryControl.activateSecondaryControls.mask
        let secondary: UInt64 =
            SecondaryControl.enableEPT.mask | SecondaryControl.unrestrictedGuest.mask
        let exit: UInt64 =
            ExitControl.hostAddressSpaceSize.mask | ExitControl.saveEFER.mask
            | ExitControl.loadEFER.mask
        var entry: UInt64 = EntryControl.loadEFER.mask
        entry |= guestIsLongMode ? EntryControl.ia32eModeGuest.mask : 0
        let primaryAllowed = adjusted(.primaryProcControls, primary, vmx)
        var values: [(VMCSField, UInt64)] = [
            (.pinControls, adjusted(.pinControls, 0, vmx)),
            (.primaryProcControls, primaryAllowed),
            (.exitControls, adjusted(.exitControls, exit, vmx)),
            (.entryControls, adjusted(.entryControls, entry, vmx)),
            (.msrBitmaps, msrBitmaps),
            (.vmcsLinkPointer, ~0),
        ]
        guard primaryAllowed.has(PrimaryControl.activateSecondaryControls) else { return values }
        let secondaryAllowed = adjusted(.secondaryProcControls, secondary, vmx)
        values.append((.secondaryProcControls, secondaryAllowed))
        if secondaryAllowed.has(SecondaryControl.enableEPT),
            let built = IdentityMap(&memory.region, &machine)
        {
            memory.map = built
            values.append((.eptPointer, built.pointer))
        }
        return values
    }

    private func adjusted(
        _ field: VMCSField, _ wanted: UInt64, _ vmx: VMXCapabilities
    ) -> UInt64 {
        let value = UInt32(truncatingIfNeeded: wanted)
        return UInt64(vmx.settings(of: field)?.adjusted(value) ?? value)
    }

    private func hostFields(_ host: ProcessorState) -> [(VMCSField, UInt64)] {
        var host = host
        return [
            (.hostCR0, host.cr0), (.hostCR3, host.cr3), (.hostCR4, host.cr4),
            (.hostESSelector, 16), (.hostCSSelector, 8), (.hostSSSelector, 16),
            (.hostDSSelector, 16), (.hostFSSelector, 16), (.hostGSSelector, 16),
            (.hostTRSelector, 24), (.hostTRBase, memory.region.base),
            (.hostGDTRBase, memory.region.base),
            (.hostIDTRBase, memory.region.base), (.hostRSP, host.registers[.rsp]),
            (.hostRIP, memory.region.base), (.hostEFER, host.efer),
        ]
    }

    private func guestFields(_ guest: ProcessorState) -> [(VMCSField, UInt64)] {
        var guest = guest
        var values: [(VMCSField, UInt64)] = [
            (.guestCR0, guest.cr0), (.guestCR3, guest.cr3),
            (.guestCR4, guest.cr4 | CR4Bit.vmxe.mask), (.guestEFER, guest.efer),
            (.guestRIP, guest.rip), (.guestRSP, guest.registers[.rsp]),
            (.guestRFLAGS, guest.rflags), (.guestDR7, guest.dr7),
            (.guestGDTRBase, guest.gdtr.base), (.guestGDTRLimit, UInt64(guest.gdtr.limit)),
            (.guestIDTRBase, guest.idtr.base), (.guestIDTRLimit, UInt64(guest.idtr.limit)),
        ]
        for row in GuestSegmentRow.all {
            let segment = guest[keyPath: row.register]
            values.append((row.selector, UInt64(segment.selector)))
            values.append((row.base, segment.base))
            values.append((row.limit, UInt64(segment.limit)))
            values.append((row.access, UInt64(segment.access)))
        }
        return values
    }

    // MARK: Entry and exit

    /// VMLAUNCH the first time, VMRESUME after.
    mutating func enter(_ machine: inout Machine) -> VMXResult {
        let result = memory.hasLaunched ? machine.vmresume() : machine.vmlaunch()
        if result == .entered { memory.hasLaunched = true }
        return result
    }

    /// Tells an action behind the machine's events that led to it.
    func tell(_ action: HypervisorAction, _ machine: inout Machine) {
        guard let report else { return }
        for event in machine.takeEvents() { report(.machine(event)) }
        report(.action(action))
    }
}
