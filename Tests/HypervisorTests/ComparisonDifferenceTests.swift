import Architecture
import KVM
import Testing

@testable import Hypervisor

/// A difference is found where there is one. The model's own observation stands in for KVM's, with
/// one thing changed, so that this runs everywhere.
@Suite("Differences between two runs")
struct ComparisonDifferenceTests {
    private let side = ModelSide(limits: Comparison.Limits())

    /// What KVM would have shown if it were the model, outside VMX operation.
    private func twin(_ configuration: RunConfiguration) throws -> KVMObservation {
        var outside = configuration
        outside.operation = .outside
        return KVMObservation(
            shown: try side.observe(outside).shown, milliseconds: 1, interprets: false)
    }

    private func guest(_ source: String = "out 0x80, al\nmov [0x8000], rax\nhlt") throws
        -> RunConfiguration
    {
        var guest = try ComparedGuest.source(source)
        guest.operation = .outside
        return guest
    }

    @Test("Two runs that are alike agree in every line that both sides show")
    func alike() throws {
        let guest = try guest()
        let result = Comparison.lines(guest, try side.observe(guest), try twin(guest))
        #expect(result.names(.differ) == [])
        #expect(result.names(.notObservable) == ["steps", "entries", "exits"])
    }

    @Test("Each register that differs is a line that differs, and no other is")
    func registers() throws {
        let guest = try guest()
        let model = try side.observe(guest)
        for (index, register) in model.shown.registers.enumerated() {
            var kvm = try twin(guest)
            kvm.shown.registers[index].value ^= 0x100
            let result = Comparison.lines(guest, model, kvm)
            #expect(result.names(.differ) == [register.name])
            #expect(result.row(register.name)?.because == .unknown)
            #expect(!result.isSuccess)
        }
    }

    @Test("A datum that differs, is missing, or is one too many", arguments: [0, 1, 2])
    func ports(_ change: Int) throws {
        let guest = try guest()
        var kvm = try twin(guest)
        let other = PortDatum(isInput: false, port: 0x80, size: 1, value: 0x41)
        switch change {
        case 0: kvm.shown.ports = [other]
        case 1: kvm.shown.ports = []
        default: kvm.shown.ports.append(other)
        }
        let result = Comparison.lines(guest, try side.observe(guest), kvm)
        #expect(result.names(.differ) == [change == 2 ? "port access 2" : "port access 1"])
        #expect(result.row("port access 1")?.kvm == (change == 1 ? nil : result.rows.port(1)))
    }

    @Test("A byte of memory that only one side wrote", arguments: [0x8000, 0x20_0007, 0x1008])
    func memory(_ address: UInt64) throws {
        let guest = try guest()
        var kvm = try twin(guest)
        var page = kvm.shown.memory.page(at: address & ~0xFFF)
        page[Int(address & 0xFFF)] ^= 0x80
        kvm.shown.memory.add(page, at: address & ~0xFFF)
        let result = Comparison.lines(guest, try side.observe(guest), kvm)
        #expect(result.names(.differ) == ["memory 0x\(String(address & ~7, radix: 16))"])
    }

    @Test("Accessed and dirty flags of the page tables may come early; nothing else there may")
    func pagingFlags() throws {
        let guest = try guest()
        for (bits, isExplained) in [(UInt8(0x20), true), (0x60, true), (0x61, false)] {
            var kvm = try twin(guest)
            var page = kvm.shown.memory.page(at: 0x3000)
            page[8] ^= bits
            kvm.shown.memory.add(page, at: 0x3000)
            let row = Comparison.lines(guest, try side.observe(guest), kvm).row("memory 0x3008")
            #expect(row?.result == (isExplained ? .notObservable : .differ))
        }
    }

    @Test("Another end differs, and with it whatever else is not alike")
    func end() throws {
        let guest = try guest("mov ebx, 1\nhlt")
        let other = try self.guest("mov ebx, 2\nud2")
        let result = Comparison.lines(guest, try side.observe(guest), try twin(other))
        #expect(result.row("end")?.result == .differ)
        #expect(result.row("end")?.because == .otherEnd)
        #expect(result.row("rbx")?.because == .otherEnd)
        #expect(result.row("rax")?.result == .agree)
    }

    @Test("KVM that finds no end where the model does differs")
    func timeLimit() throws {
        let guest = try guest("hlt")
        var kvm = try twin(guest)
        kvm.shown.end = .timeLimit
        let result = Comparison.lines(guest, try side.observe(guest), kvm)
        #expect(result.row("end")?.because == .timeLimit(steps: 1))
        #expect(result.row("rax")?.because == .limitation(.cutOff))
    }

    @Test("What the model lacks is the model's and no difference of the processors")
    func notModelled() throws {
        let guest = try guest("hlt")
        var model = try side.observe(guest)
        model.shown.end = .notModelled
        model.notModelled = .feature(.la57)
        let result = Comparison.lines(guest, model, try twin(guest))
        #expect(result.row("end")?.result == .differ)
        #expect(result.row("end")?.because == .notModelled(.feature(.la57)))
        #expect(result.row("rax")?.because == .limitation(.cutOff))
    }

    @Test(
        "RIP behind HLT is expected of KVM; one byte further differs",
        arguments: [("hlt", 1), ("db 0x66, 0xf4", 2)])
    func haltRIP(_ source: String, _ length: UInt64) throws {
        let guest = try ComparedGuest.source(source)
        let model = try side.observe(guest)
        for (moved, because) in [
            (length, ComparisonReason.limitation(.haltRIP)), (length + 1, .unknown),
        ] {
            var kvm = try twin(guest)
            for index in kvm.shown.registers.indices where kvm.shown.registers[index].name == "rip"
            {
                kvm.shown.registers[index].value = 0x10000 + moved
            }
            #expect(Comparison.lines(guest, model, kvm).row("rip")?.because == because)
        }
    }

    @Test("Flags that the manual may leave undefined are told apart from the others")
    func statusFlags() throws {
        let guest = try guest()
        for (bit, because) in [
            (FlagBit.af, ComparisonReason.statusFlags), (.of, .statusFlags), (.if, .unknown),
        ] {
            var kvm = try twin(guest)
            for index in kvm.shown.registers.indices
            where kvm.shown.registers[index].name == "rflags" {
                kvm.shown.registers[index].value ^= bit.mask
            }
            let row = Comparison.lines(guest, try side.observe(guest), kvm).row("rflags")
            #expect(row?.result == .differ)
            #expect(row?.because == because)
        }
    }

    @Test(
        "A guest that starts otherwise on real KVM is found",
        .enabled(if: RealKVM.isPresent, RealKVM.reason))
    func otherStart() throws {
        let guest = try ComparedGuest.source("mov [0x8000], bl\nmov eax, ebx\nout dx, al\nhlt")
        let kvmSide = try KVMSide(limits: Comparison.Limits())
        let kvm = try kvmSide.observe(guest.setting("rbx", 0x42), milliseconds: 1_000)
        let model = try side.observe(guest.setting("rbx", 0x41))
        let result = try Comparison.judge(guest.setting("rbx", 0x41), model, kvm, side, kvmSide)
        #expect(result.names(.differ) == ["rax", "rbx", "port access 1", "memory 0x8000"])
        #expect(result.row("rbx")?.kvm == .number(0x42))
    }
}

extension [ComparisonRow] {
    /// KVM's datum with this number.
    fileprivate func port(_ number: Int) -> ComparedValue? {
        first { $0.item == .port(number) }?.kvm
    }
}
