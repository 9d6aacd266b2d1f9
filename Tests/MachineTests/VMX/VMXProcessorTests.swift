import Architecture
import Testing

@testable import Machine

@Suite("VMX by processor")
struct VMXProcessorTests {
    @Test(
        "a control that a processor announces is carried out", arguments: Processor.all)
    func announced(processor: Processor) throws {
        let vmx = try #require(processor.vmx)
        // An entry that asks for these is refused outside system-management mode.
        let refused = EntryControl.entryToSMM.mask | EntryControl.deactivateDualMonitor.mask
        for (field, missing) in ModelledControls.missing {
            let allowed = UInt64(vmx.settings(of: field)?.allowed1 ?? 0)
            let others = field == .entryControls ? missing & ~refused : missing
            #expect(allowed & others == 0, "\(field.name)")
        }
        #expect(!vmx.allows(PrimaryControl.activateTertiaryControls))
    }

    /// SDM 3D, "VMX Capability Reporting Facility", a sentence of it each.
    @Test("the capability MSRs fit together", arguments: Processor.all)
    func consistent(processor: Processor) throws {
        let vmx = try #require(processor.vmx)
        #expect(vmx.basic >> 31 & 1 == 0)
        #expect((1...4096).contains(vmx.regionSize))
        #expect(vmx.memoryType == 0 || vmx.memoryType == 6)
        // Unrestricted guest comes with the store of IA32_EFER.LMA at exits.
        let storesLMA = vmx.misc.has(VMXMiscBit.storesLMA)
        #expect(!vmx.allows(SecondaryControl.unrestrictedGuest) || storesLMA)
        #expect(vmx.cr3TargetCount <= 256)
        let pairs: [(ControlSettings, ControlSettings, UInt32)] = [
            (vmx.pin, vmx.truePin, 0x16), (vmx.primary, vmx.truePrimary, 0x0401_E172),
            (vmx.exit, vmx.trueExit, 0x0003_6DFF), (vmx.entry, vmx.trueEntry, 0x0000_11FF),
        ]
        for (settings, trueSettings, default1) in pairs {
            #expect(settings.allowed0 & default1 == default1)
            #expect(settings.allowed0 & ~settings.allowed1 == 0)
            guard vmx.hasTrueControls else { continue }
            #expect(settings.allowed1 == trueSettings.allowed1)
            #expect(settings.allowed0 == trueSettings.allowed0 | default1)
        }
        #expect(vmx.cr0Fixed0 & ~vmx.cr0Fixed1 == 0)
        #expect(vmx.cr4Fixed0 & ~vmx.cr4Fixed1 == 0)
        #expect(vmx.vmcsEnum & ~0x3FE == 0)
    }

    /// SDM 3C, 25.6.2 "Processor-Based VM-Execution Controls": a control that enables an
    /// instruction is there where the instruction is, and nowhere else.
    @Test("the controls fit what CPUID announces", arguments: Processor.all)
    func features(processor: Processor) throws {
        let vmx = try #require(processor.vmx)
        let pairs: [(SecondaryControl, CPUFeature)] = [
            (.enableRDTSCP, .rdtscp), (.enableINVPCID, .invpcid), (.rdrandExiting, .rdrand),
            (.rdseedExiting, .rdseed), (.enableXSAVES, .xsaves),
            (.enableUserWaitAndPause, .waitpkg), (.virtualizeX2APICMode, .x2apic),
            (.enclsExiting, .sgx),
        ]
        for (control, feature) in pairs {
            #expect(vmx.allows(control) == processor.has(feature), "\(control)")
        }
        #expect(!vmx.allows(ExitControl.clearBNDCFGS) || processor.has(.mpx))
        #expect(!vmx.allows(ExitControl.loadCETState) || processor.has(.cetShadowStack))
        #expect(!vmx.allows(ExitControl.loadPKRS) || processor.has(.pks))
        // Every processor with EPT has a wide physical address: 40 bits and more.
        #expect(!vmx.allows(SecondaryControl.enableEPT) || processor.physicalAddressWidth >= 40)
    }

    /// SDM 3C, 31.3, "VMCALL": no dual-monitor treatment.
    @Test("no processor offers the dual-monitor treatment", arguments: Processor.all)
    func dualMonitor(processor: Processor) throws {
        let vmx = try #require(processor.vmx)
        #expect(!vmx.basic.has(VMXBasicBit.dualMonitor))
    }
}
