import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Error Code", "Exception- and Interrupt-Handler Procedures"; SDM 2, "INT n/INTO/INT3/INT1—
/// Call to Interrupt Procedure".
@Suite("Error codes of a delivery that fails: EXT, IDT, TI")
struct ErrorCodeTests {
    private static let gate = HandledProgram.Place.idt
    private static let ext: UInt64 = 1
    private static let idt: UInt64 = 2

    /// What the delivery of a vector runs into, and the error code without EXT.
    enum Obstacle: String, CaseIterable, Sendable {
        case absentGate = "a gate that is not present is #NP, with the vector and IDT set"
        case wrongGate = "an entry that is no gate is #GP, with the vector and IDT set"
        case beyondTable = "a vector beyond the table's limit is #GP, with the vector and IDT set"
        case nullSelector = "a gate with a null selector is #GP(0)"
        case beyondDescriptors = "a gate's selector beyond the GDT is #GP(selector)"
        case dataSegment = "a gate's selector of a data segment is #GP(selector)"
        case absentCode = "a gate's code segment that is not present is #NP(selector)"

        func prepare(_ program: inout HandledProgram, vector: UInt64) {
            let place = ErrorCodeTests.gate + vector * 8
            switch self {
            case .absentGate: program.write(place + 5, 0x6E, size: 1)
            case .wrongGate: program.write(place + 5, 0xE2, size: 1)
            // #GP and #NP keep their gates.
            case .beyondTable: program.machine.state.idtr.limit = 14 * 8
            case .nullSelector: program.write(place + 2, 0, size: 2)
            case .beyondDescriptors: program.write(place + 2, 0x1000, size: 2)
            case .dataSegment:
                program.write(place + 2, UInt64(HandledProgram.Selector.data), size: 2)
            case .absentCode:
                program.setDescriptor(HandledProgram.Selector.free, 0x00CF_1B00_0000_FFFF)
                program.write(place + 2, UInt64(HandledProgram.Selector.free), size: 2)
            }
        }

        func fault(vector: UInt64) -> (ExceptionVector, UInt64) {
            switch self {
            case .absentGate: (.segmentNotPresent, vector * 8 | ErrorCodeTests.idt)
            case .wrongGate, .beyondTable: (.generalProtection, vector * 8 | ErrorCodeTests.idt)
            case .nullSelector: (.generalProtection, 0)
            case .beyondDescriptors: (.generalProtection, 0x1000)
            case .dataSegment: (.generalProtection, UInt64(HandledProgram.Selector.data))
            case .absentCode: (.segmentNotPresent, UInt64(HandledProgram.Selector.free))
            }
        }
    }

    private func check(
        _ source: String, vector: UInt64, _ obstacle: Obstacle, isExternal: Bool
    ) throws {
        var program = try HandledProgram(source)
        obstacle.prepare(&program, vector: vector)
        let event = try program.next()
        let (fault, code) = obstacle.fault(vector: vector)
        #expect(event?.vector == fault.rawValue, "\(obstacle.rawValue)")
        #expect(event?.errorCode == code | (isExternal ? Self.ext : 0), "\(obstacle.rawValue)")
    }

    @Test("INT n, INT3 and INTO are the program's: EXT is clear", arguments: Obstacle.allCases)
    func software(obstacle: Obstacle) throws {
        try check("int 0x40", vector: 0x40, obstacle, isExternal: false)
        guard obstacle != .beyondTable else { return }
        try check("int3", vector: 3, obstacle, isExternal: false)
        try check("mov al, 0x7f\ninc al\ninto", vector: 4, obstacle, isExternal: false)
    }

    @Test("an exception is not: EXT is set", arguments: Obstacle.allCases)
    func exceptions(obstacle: Obstacle) throws {
        guard obstacle != .beyondTable else { return }
        try check("ud2", vector: 6, obstacle, isExternal: true)
        try check("int1", vector: 1, obstacle, isExternal: true)
    }

    @Test("INT n to a gate whose DPL is below CPL is #GP with the vector, IDT set, EXT clear")
    func gatePrivilege() throws {
        var program = try HandledProgram("int 0x40", cpl: 3)
        program.write(Self.gate + 0x40 * 8 + 5, 0x8E, size: 1)
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.generalProtection.rawValue)
        #expect(event?.address == 0)
        #expect(event?.errorCode == 0x40 * 8 | Self.idt)
    }

    @Test("an exception does not ask the gate's DPL")
    func exceptionPrivilege() throws {
        var program = try HandledProgram("ud2", cpl: 3)
        program.write(Self.gate + 6 * 8 + 5, 0x8E, size: 1)
        #expect(try program.next()?.vector == 6)
    }

    @Test(
        "an inner stack that is no good is #TS with its selector, or #SS where it is not present",
        arguments: [
            (UInt64(0), ExceptionVector.invalidTSS, UInt64(0)), (0x08, .invalidTSS, 0x08),
            (0x13, .invalidTSS, 0x10), (0x1000, .invalidTSS, 0x1000), (0x50, .stackFault, 0x50),
        ])
    func innerStack(selector: UInt64, fault: ExceptionVector, code: UInt64) throws {
        for (source, external) in [("int 0x40", UInt64(0)), ("ud2", Self.ext)] {
            var program = try HandledProgram(source, cpl: 3)
            program.setDescriptor(HandledProgram.Selector.free, 0x00CF_1300_0000_FFFF)
            program.write(HandledProgram.Place.tss + 8, selector, size: 2)
            // The handlers of what follows run at the user's level.
            for vector in [UInt64(10), 12] {
                let user = UInt64(HandledProgram.Selector.userCode)
                program.write(Self.gate + vector * 8 + 2, user, size: 2)
                program.machine.memory.load(
                    [0xEB, 0xFE], at: HandledProgram.Place.handlers + vector * 16)
            }
            _ = program.machine.run(Machine.Limits(steps: program.machine.steps + 20))
            var state = program.machine.state
            #expect(state.rip == HandledProgram.Place.handlers + UInt64(fault.rawValue) * 16)
            #expect(program.read(state.registers[.rsp], size: 4) == code | external, "\(source)")
        }
    }
}
