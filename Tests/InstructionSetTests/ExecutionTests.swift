import Architecture
import Machine
import Testing

@testable import InstructionSet

@Suite("Execution of the table")
struct ExecutionTests {
    private static let code: UInt64 = 0x1000

    /// Ring 0, flat, without paging where the mode allows that.
    private static func state(_ mode: CodeSize) -> ProcessorState {
        var state = ProcessorState()
        state.cr4 = 0x4_0200
        state.rip = code
        for register in GeneralRegister.allCases { state.registers[register] = 0x8000 }
        guard mode != .bits16 else { return state }
        state.cr0 = 0x31
        let isLong = mode == .bits64
        state.cs = Segment(
            selector: 8, base: 0, limit: 0xFFFF_FFFF, access: isLong ? 0xA09B : 0xC09B)
        let data = Segment(selector: 16, base: 0, limit: 0xFFFF_FFFF, access: 0xC093)
        for name in [SegmentRegister.ss, .ds, .es, .fs, .gs] { state[name] = data }
        if isLong {
            state.cr0 |= 0x8000_0000
            state.cr3 = 0x10_0000
            state.cr4 |= 0x20
            state.efer = 0x501
        }
        return state
    }

    @Test(
        "every form whose operation has a name is carried out, or faults: none ends the run",
        arguments: CodeSize.allCases)
    func forms(mode: CodeSize) {
        var machine = Machine(processor: .recent, memorySize: 4 << 20)
        // One page of 2 MiB maps itself.
        machine.memory.write(0x10_0000, 0x10_1007, size: 8)
        machine.memory.write(0x10_1000, 0x10_2007, size: 8)
        machine.memory.write(0x10_2000, 0x87, size: 8)
        var count = 0
        for form in InstructionTable.forms
        where form.modes.contains(mode) && form.operation != .notModelled {
            for code in FormSamples(form, mode: mode).codes() {
                machine.state = Self.state(mode)
                for (index, byte) in code.enumerated() {
                    machine.writePhysical(Self.code + UInt64(index), UInt64(byte), size: 1)
                }
                let stop = machine.run(Machine.Limits(steps: machine.steps + 1))
                if case .notModelled(let what) = stop {
                    Issue.record("\(form.opcode) \(form.mnemonic): \(what)")
                }
                count += 1
            }
        }
        #expect(count > 700)
    }
}
