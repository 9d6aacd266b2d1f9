import Architecture
import Testing

@testable import Machine

/// SDM 4, "Architectural MSRs"; SDM 3A, "Memory Type Range Registers (MTRRs)".
@Suite("Model-specific registers")
struct MSRTests {
    /// Writes, reads back; nil: #GP(0).
    private func written(
        _ msr: MSR, _ value: UInt64, _ processor: Processor = .skylake
    ) throws -> UInt64? {
        var program = try HandledProgram("wrmsr\nrdmsr", processor: processor)
        program.machine.state.registers[.rcx] = UInt64(msr.rawValue)
        program.machine.state.registers[.rax] = value & 0xFFFF_FFFF
        program.machine.state.registers[.rdx] = value >> 32
        if let event = try program.next() {
            #expect(event.vector == ExceptionVector.generalProtection.rawValue)
            #expect(event.errorCode == 0)
            return nil
        }
        let low = program.machine.state.registers[.rax]
        return program.machine.state.registers[.rdx] << 32 | low
    }

    private func read(_ msr: MSR, _ processor: Processor = .skylake) throws -> UInt64? {
        var program = try HandledProgram("rdmsr", processor: processor)
        program.machine.state.registers[.rcx] = UInt64(msr.rawValue)
        guard try program.next() == nil else { return nil }
        let low = program.machine.state.registers[.rax]
        return program.machine.state.registers[.rdx] << 32 | low
    }

    @Test("a variable range has a memory type and an address of the processor's width")
    func variableRanges() throws {
        #expect(try written(.mtrrPhysBase0, 0x12_3456_7006) == 0x12_3456_7006)
        #expect(try written(.mtrrPhysMask7, 0xFF_FFFF_F800) == 0xFF_FFFF_F800)
        // Types 2 and 3, bits 11:8 of the base, 10:0 of the mask, addresses beyond 40 bits.
        for value in [UInt64(2), 3, 7, 0x100, 1 << 40] {
            #expect(try written(.mtrrPhysBase0, value) == nil)
        }
        for value in [UInt64(1), 0x400, 1 << 40] {
            #expect(try written(.mtrrPhysMask0, value) == nil)
        }
    }

    @Test("a fixed range has eight memory types, the default a type, FE and E")
    func fixedRanges() throws {
        #expect(try written(.mtrrFix4KF8000, 0x0605_0401_0006_0504) == 0x0605_0401_0006_0504)
        #expect(try written(.mtrrFix64K00000, 0x0200_0000_0000_0000) == nil)
        #expect(try written(.mtrrDefaultType, 0xC06) == 0xC06)
        #expect(try written(.mtrrDefaultType, 0x806 | 0x100) == nil)
    }

    @Test("what only tells cannot be written", arguments: [MSR.mtrrCapabilities, .mcgCapabilities])
    func readOnly(msr: MSR) throws {
        #expect(try read(msr) != nil)
        #expect(try written(msr, 0) == nil)
    }

    @Test(
        "a register whose feature CPUID does not announce is #GP(0)",
        arguments: [
            MSR.specCtrl, .predCmd, .archCapabilities, .umwaitControl, .bndcfgs, .pkrs, .userCET,
            .rtitControl, .dsArea, .perfGlobalStatus, .perfCapabilities, .clockModulation, .smbase,
        ])
    func absent(msr: MSR) throws {
        #expect(try read(msr) == nil)
        #expect(try written(msr, 0) == nil)
    }

    @Test("IA32_FEATURE_CONTROL takes no reserved bit, and nothing once it is locked")
    func featureControl() throws {
        #expect(try written(.featureControl, 5) == 5)
        #expect(try written(.featureControl, 0x10_0000) == nil)
        var program = try HandledProgram("wrmsr\nwrmsr")
        program.machine.state.registers[.rcx] = UInt64(MSR.featureControl.rawValue)
        program.machine.state.registers[.rax] = 1
        #expect(try program.next()?.address == 2)
    }

    /// SDM 3C, 27.2.1.2: the VM-exit control that loads it can be 1.
    @Test("IA32_PERF_GLOBAL_CTRL is there where VM exits load it; no counter, no bit")
    func performanceControl() throws {
        #expect(try written(.perfGlobalControl, 0) == 0)
        #expect(try written(.perfGlobalControl, 1) == nil)
        #expect(try written(.perfGlobalControl, 1 << 32) == nil)
    }

    @Test("IA32_DEBUGCTL keeps LBR and BTF, and refuses its reserved bits")
    func debugControl() throws {
        #expect(try written(.debugControl, 3) == 3)
        #expect(try written(.debugControl, 1 << 13) == nil)
        #expect(try written(.debugControl, 1 << 15) == nil)
    }

    @Test("there is a place for every register that keeps its value")
    func places() {
        #expect(MSRStorage.rows.count <= ModelSpecificRegisters().stored.count)
    }

    @Test("a record of a branch ends the run by the register's number")
    func branchRecords() throws {
        var program = try HandledProgram("rdmsr")
        program.machine.state.registers[.rcx] = 0x1C9
        #expect(program.stop() == .notModelled(.msr(0x1C9)))
    }

    @Test("the older processors lack what came later")
    func generations() throws {
        #expect(try read(.tscAux, .firstVTx) == nil)
        #expect(try read(.xss, .haswell) == nil)
        #expect(try read(.xss, .skylake) == 0)
    }

    /// SDM 3D, appendix A: each is there if the control or the bit is that announces it.
    @Test("a capability MSR that the processor has not got is no register")
    func capabilities() throws {
        #expect(try read(.vmxTertiaryControls, .skylake) == nil)
        #expect(try read(.vmxSecondaryControls, .firstVTx) == nil)
        #expect(try read(.vmxEPTVPIDCapabilities, .firstVTx) == nil)
        #expect(try read(.vmxVMFunctions, .nehalem) == nil)
        #expect(try read(.vmxVMFunctions, .skylake) == 1)
    }
}
