import Architecture
import Testing

@testable import Hypervisor

@Suite("A hypervisor written in assembly")
struct OwnHypervisorTests {
    /// What guest and hypervisor of the image print, line by line, as its source has it.
    static let output = "guest\nok\nhypervisor: out of VMX operation\n"

    @Test("runs its guest to the end on every processor with VMX", arguments: Processor.all)
    func tinyHypervisor(processor: Processor) throws {
        var configuration = try ComparedGuest.named("tiny-hypervisor")
        configuration.operation = .outside
        configuration.processor = processor
        let run = GuestRun(configuration)
        var output: [UInt8] = []
        run.outputObserver = { output.append($0.byte) }
        run.stepBudget = 100_000
        guard case .ended(let end) = run.run() else {
            Issue.record("it does not end")
            return
        }
        #expect(end.reason == .port)
        #expect(end.value == 0)
        #expect(String(decoding: output, as: UTF8.self) == Self.output)
        // A byte each of "guest\n" and "ok\n", CPUID, MOV to CR0, HLT.
        #expect(run.machine.exits == 6 + 3 + 3)
        #expect(run.machine.entries == run.machine.exits)
        #expect(run.machine.state.vmx.mode == .outside)
    }

    @Test("tells that VMX cannot be used where firmware has locked it out")
    func lockedOut() throws {
        var configuration = try ComparedGuest.named("tiny-hypervisor")
        configuration.operation = .outside
        let run = GuestRun(configuration)
        run.machine.state.msrs.featureControl = FeatureControlBit.lock.mask
        run.stepBudget = 100_000
        guard case .ended(let end) = run.run() else {
            Issue.record("it does not end")
            return
        }
        #expect(end.value == 1)
    }

    @Test(
        "prints the same on Bochs",
        .enabled(if: Peer.bochs.isInstalled, Comment(rawValue: Peer.bochs.reasonToSkip)))
    func onBochs() throws {
        let image = try ComparedGuest.named("tiny-hypervisor").image
        let stop = try #require(image.program?.value(of: "stop"))
        let screen = try Peer.bochsScreen(
            of: LongModeFloppy.image(image.bytes), upTo: stop)
        for line in Self.output.split(separator: "\n") {
            #expect(screen.contains(line), "\(line)")
        }
        // EAX has what was written to port F4h, of which Bochs knows nothing.
        #expect(screen.contains("rax: 00000000_00000000"))
    }
}
