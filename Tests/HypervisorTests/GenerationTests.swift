import Architecture
import Machine
import Testing

@testable import Hypervisor

@Suite("Guests by processor")
struct GenerationTests {
    private static func end(
        of name: String, on processor: Processor
    ) throws -> (GuestRun, EndOfRun) {
        var configuration = try ComparedGuest.named(name)
        configuration.processor = processor
        let run = GuestRun(configuration)
        run.stepBudget = 100_000
        guard case .ended(let end) = run.run() else { throw NoEnd() }
        return (run, end)
    }

    private struct NoEnd: Error {}

    /// Paging is on: nothing in them needs EPT or unrestricted guest.
    @Test(
        "A guest with paging runs on every processor, with the same registers at its end",
        arguments: ["cr0", "ports"])
    func paged(name: String) throws {
        let (expected, _) = try Self.end(of: name, on: .skylake)
        for processor in Processor.all {
            let (run, end) = try Self.end(of: name, on: processor)
            #expect(end.reason == .hlt, "\(processor.name)")
            #expect(run.guestState.registers.values == expected.guestState.registers.values)
            #expect(run.machine.entries == expected.machine.entries, "\(processor.name)")
        }
    }

    /// SDM 3C, 24.8 "Restrictions on VMX Operation": without unrestricted guest PE and PG must be 1.
    @Test("A guest in real-address mode is refused without unrestricted guest, and runs with it")
    func realMode() throws {
        for processor in Processor.all {
            let vmx = try #require(processor.vmx)
            let isUnrestricted = vmx.allows(SecondaryControl.unrestrictedGuest)
            let (run, end) = try Self.end(of: "real-mode", on: processor)
            #expect((end.reason == .entryFailure) == !isUnrestricted, "\(processor.name)")
            #expect((run.machine.entries == 0) == !isUnrestricted, "\(processor.name)")
        }
    }

    /// SDM 3C, 27.2.1.1: a control that the capability MSR does not allow is invalid.
    @Test("A control that a processor has not is refused by it, or has no field to be written to")
    func controls() throws {
        for processor in Processor.all {
            let vmx = try #require(processor.vmx)
            for control in ControlBit.all where !vmx.allows(control) {
                var configuration = try ComparedGuest.named("cr0")
                configuration.processor = processor
                let plain = GuestRun(configuration).machine.currentVMCSField(control.field)
                configuration.settings.append(
                    .init(.field(control.field), plain | control.mask))
                let run = GuestRun(configuration)
                run.stepBudget = 100_000
                guard case .ended(let end) = run.run() else { throw NoEnd() }
                let name = "\(processor.name): \(control.field.name) \(control.name)"
                let exists = control.field.exists(on: vmx)
                let error: VMInstructionError =
                    exists ? .entryInvalidControls : .unsupportedComponent
                #expect(end.failure == .failValid(error), "\(name)")
            }
        }
    }
}
