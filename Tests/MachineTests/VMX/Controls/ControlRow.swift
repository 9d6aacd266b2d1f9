import Architecture
import Testing

@testable import Machine

/// A control bit, a guest in which it alone decides, and what the manual says comes of the guest
/// with the bit 0 and with the bit 1, everything else being equal.
struct ControlRow: Sendable, CustomTestStringConvertible {
    typealias Place = VMXGuest.Place
    typealias SetUp = @Sendable (inout VMXGuest) throws -> Void
    typealias Observation = @Sendable (inout VMXGuest) throws -> String

    let control: ControlBit
    let source: String
    let mode: VMXGuest.Mode
    let processor: Processor
    let setUp: SetUp
    let observe: Observation
    let clear: String
    let set: String

    init(
        _ control: ControlBit, _ source: String, _ mode: VMXGuest.Mode = .protected32,
        on processor: Processor = .skylake, given setUp: @escaping SetUp = { _ in },
        clear: String = "VMCALL", set: String, observe: @escaping Observation = Self.outcome
    ) {
        self.control = control
        self.source = source
        self.mode = mode
        self.processor = processor
        self.setUp = setUp
        self.observe = observe
        self.clear = clear
        self.set = set
    }

    var testDescription: String { "\(control.field.name) \(control.name): \(source)" }

    /// The guest's next exit by its name; of an exception its mnemonic.
    @Sendable
    static func outcome(_ guest: inout VMXGuest) throws -> String {
        let reason = try guest.run()
        guard reason == .exceptionOrNMI else { return reason.name }
        let information = InterruptionInformation(
            rawValue: UInt32(guest[.exitInterruptionInformation]))
        return ExceptionVector(rawValue: information.vector)?.mnemonic ?? reason.name
    }

    /// What is observed with the bit at this value.
    func outcome(_ isSet: Bool) throws -> String {
        var guest = try VMXGuest(source, mode, processor: processor)
        try setUp(&guest)
        guest[control.field] &= ~control.mask
        if isSet { guest[control.field] |= control.mask }
        return try observe(&guest)
    }

    static let all: [ControlRow] =
        pinRows + instructionRows + eventRows + addressRows + secondaryInstructionRows
        + secondaryMemoryRows + apicRows + exitRows + entryRows
}

@Suite("Control bits")
struct ControlTests {
    @Test(
        "One bit alone decides", arguments: ControlRow.all.filter { $0.control.isModelled })
    func decidesAlone(row: ControlRow) throws {
        #expect(try row.outcome(false) == row.clear)
        #expect(try row.outcome(true) == row.set)
        #expect(row.clear != row.set)
    }

    @Test("Every control that is carried out has a row in which it alone decides")
    func complete() {
        let tested = Set(ControlRow.all.map(\.control))
        let missing = ControlBit.all.filter { $0.isModelled && !tested.contains($0) }
        #expect(missing.map { "\($0.field.name) \($0.name)" } == [])
    }

    @Test(
        "A control that is not carried out ends the run by its name",
        arguments: ControlBit.all.filter { !$0.isModelled })
    func notModelled(control: ControlBit) throws {
        guard let processor = Processor.all.last(where: { $0.vmx?.allows(control) == true }) else {
            return
        }
        var guest = try VMXGuest("nop", processor: processor)
        guest[control.field] |= control.mask
        let result = guest.result()
        // Checks of VM entry may come first: a control can need another.
        if case .failValid = result { return }
        #expect(result == .notModelled(.control(control.field, bit: Int(control.position))))
    }
}
