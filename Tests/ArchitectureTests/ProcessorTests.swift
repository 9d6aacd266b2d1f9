import Testing

@testable import Architecture

@Suite("Processors")
struct ProcessorTests {
    @Test("A recorded processor's MSRs and CPUID come back as recorded")
    func recorded() throws {
        let recording = try Recorded.processor()
        let processor = Processor(
            name: "recorded", vmxMSRs: recording.msrs, cpuid: recording.cpuid)
        let vmx = try #require(processor.vmx)
        for (number, value) in recording.msrs {
            let msr = try #require(MSR(rawValue: number))
            #expect(vmx.value(of: msr) == value, "\(msr.name)")
        }
        for (leaf, words) in recording.cpuid {
            let result = processor.cpuid(leaf: leaf, subleaf: 0)
            #expect([result.eax, result.ebx, result.ecx, result.edx] == words)
        }
        #expect(processor.physicalAddressWidth == 40)
        #expect(processor.linearAddressWidth == 48)
        #expect(processor.cpuid(leaf: 4, subleaf: 0) == CPUIDResult())
        #expect(processor.cpuid(leaf: 7, subleaf: 1) == CPUIDResult())
    }

    @Test("The recorded processor allows in CR4 what its CPUID announces")
    func recordedCR4() throws {
        let recording = try Recorded.processor()
        let processor = Processor(
            name: "recorded", vmxMSRs: recording.msrs, cpuid: recording.cpuid)
        #expect(processor.supportedCR4 == recording.msrs[MSR.vmxCR4Fixed1.rawValue])
    }

    @Test(
        "The Skylake-like one differs from the recording by monitor trap flag and posted interrupts"
    )
    func skylake() throws {
        let recording = try Recorded.processor()
        let vmx = try #require(Processor.skylake.vmx)
        let trap = PrimaryControl.monitorTrapFlag.mask << 32
        let posted = PinControl.processPostedInterrupts.mask << 32
        let added: [MSR: UInt64] = [
            .vmxPinControls: posted, .vmxTruePinControls: posted,
            .vmxPrimaryControls: trap, .vmxTruePrimaryControls: trap,
        ]
        for (number, value) in recording.msrs.sorted(by: { $0.key < $1.key }) {
            let msr = try #require(MSR(rawValue: number))
            // Virtual-8086 mode extensions are not announced; the recorder's highest index is 1
            // above that of any field.
            if msr == .vmxCR4Fixed1 || msr == .vmxVMCSEnum { continue }
            #expect(vmx.value(of: msr) == value | (added[msr] ?? 0), "\(msr.name)")
        }
        #expect(vmx.value(of: .vmxCR4Fixed1) == 0x37_27fc)
        #expect(vmx.value(of: .vmxVMCSEnum) == 0x32)
    }

    @Test("The first VT-x has neither secondary controls nor the MSRs that came later")
    func firstVTx() throws {
        let vmx = try #require(Processor.firstVTx.vmx)
        #expect(!vmx.hasTrueControls)
        #expect(!vmx.allows(PrimaryControl.activateSecondaryControls))
        let absent: [MSR] = [
            .vmxSecondaryControls, .vmxEPTVPIDCapabilities, .vmxTruePinControls,
            .vmxTrueEntryControls, .vmxVMFunctions, .vmxTertiaryControls,
        ]
        for msr in absent { #expect(vmx.value(of: msr) == nil, "\(msr.name)") }
        #expect(
            vmx.settings(of: .primaryProcControls)?.requires(PrimaryControl.cr3LoadExiting) == true)
        #expect(!vmx.misc.has(VMXMiscBit.storesLMA))
    }

    @Test(
        "Each generation can do what it is named for",
        arguments: [
            ("first-vtx", [false, false, false, false, false]),
            ("nehalem", [true, false, false, false, false]),
            ("westmere", [true, true, false, false, false]),
            ("haswell", [true, true, true, false, false]),
            ("skylake", [true, true, true, true, false]),
            ("recent", [true, true, true, true, true]),
        ])
    func generations(name: String, expected: [Bool]) throws {
        let vmx = try #require(Processor(named: name)?.vmx)
        let controls: [SecondaryControl] = [
            .enableEPT, .unrestrictedGuest, .vmcsShadowing, .useTSCScaling,
            .modeBasedExecuteControl,
        ]
        #expect(controls.map { vmx.allows($0) } == expected)
    }

    /// SDM 3D, "Miscellaneous Data", "VPID and EPT Capabilities", "Basic VMX Information".
    @Test("Capabilities agree with each other as the manual demands", arguments: Processor.all)
    func consistency(processor: Processor) throws {
        let vmx = try #require(processor.vmx)
        #expect(vmx.misc.has(VMXMiscBit.storesLMA) == vmx.allows(.unrestrictedGuest))
        #expect(vmx.regionSize > 0 && vmx.regionSize <= 4096)
        #expect(vmx.memoryType == MemoryType.writeBack.rawValue)
        #expect(vmx.revision >> 31 == 0)
        #expect(vmx.eptVPID.has(EPTVPIDBit.pageWalk4) == vmx.allows(.enableEPT))
        #expect(vmx.eptVPID.has(EPTVPIDBit.invvpid) == vmx.allows(.enableVPID))
        #expect(!vmx.allows(.unrestrictedGuest) || vmx.allows(.enableEPT))
        #expect((vmx.vmFunctions != 0) == vmx.allows(.enableVMFunctions))
        #expect(vmx.cr4Fixed1 == processor.supportedCR4)
        #expect(vmx.allows(.enableRDTSCP) == processor.has(.rdtscp) || !vmx.allows(.enableRDTSCP))
        #expect(!vmx.allows(.enableINVPCID) || processor.has(.invpcid))
        #expect(!vmx.allows(.rdrandExiting) || processor.has(.rdrand))
        #expect(!vmx.allows(.rdseedExiting) || processor.has(.rdseed))
        #expect(!vmx.allows(.enableXSAVES) || processor.has(.xsaves))
        #expect(!vmx.allows(.enableUserWaitAndPause) || processor.has(.waitpkg))
        for field in [VMCSField.pinControls, .primaryProcControls, .exitControls, .entryControls] {
            let settings = try #require(vmx.settings(of: field))
            #expect(settings.allowed0 & ~settings.allowed1 == 0, "\(field.name)")
            #expect(settings.accepts(settings.adjusted(0)))
            #expect(settings.accepts(settings.adjusted(.max)))
        }
    }

    @Test(
        "CPUID announces exactly the features of the generation, and nothing that is not modelled",
        arguments: Processor.all)
    func features(processor: Processor) {
        let absent: [CPUFeature] = [
            .avx, .avx2, .avx512F, .fma, .aes, .sse3, .ssse3, .sse41, .sha, .sgx, .smx, .la57,
            .osxsave, .hypervisor, .mpx, .vme,
        ]
        for feature in absent { #expect(!processor.has(feature), "\(feature.name)") }
        #expect(processor.has(.longMode) && processor.has(.vmx) && processor.has(.fxsr))
        let names = processor.features.features.map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// SDM 2, "CPUID—CPU Identification".
    @Test("A leaf out of range returns the highest basic leaf")
    func outOfRange() {
        let skylake = Processor.skylake
        let highest = skylake.cpuid(leaf: 0x16, subleaf: 0)
        #expect(skylake.cpuid(leaf: 0x17, subleaf: 0) == highest)
        #expect(skylake.cpuid(leaf: 0x4000_0000, subleaf: 0) == highest)
        #expect(skylake.cpuid(leaf: 0x8000_0009, subleaf: 0) == highest)
        #expect(skylake.cpuid(leaf: 0xffff_ffff, subleaf: 0xffff_ffff) == highest)
        #expect(skylake.cpuid(leaf: 0xd, subleaf: 0).ebx == 0x240)
        #expect(skylake.cpuid(leaf: 0, subleaf: 7).ebx == 0x756e_6547)
    }

    @Test("Rows of the feature table stand in the order of the cases, each bit once")
    func featureRows() {
        #expect(CPUFeature.rows.map(\.feature) == CPUFeature.allCases)
        #expect(Set(CPUFeature.allCases.map(\.location)).count == CPUFeature.allCases.count)
        #expect(CPUFeature.allCases.count <= 128)
    }
}
