import KVM
import Testing

@testable import Hypervisor

/// Everything here runs on the model and on this machine's KVM.
@Suite("The model and KVM", .enabled(if: RealKVM.isPresent, RealKVM.reason))
struct ComparisonTests {
    @Test(
        "The repository's guests do the same on both, or the reason is known",
        arguments: ["cr0", "ports", "real-mode", "root-nonroot", "clear-ne"])
    func guests(_ name: String) throws {
        let result = try Comparison.run(ComparedGuest.named(name))
        #expect(result.names(.differ) == [])
        #expect(result.isSuccess)
        #expect(result.count(.agree) > 20)
        for row in result.rows where row.result == .notObservable { #expect(row.because != nil) }
    }

    @Test("cr0.asm: what is read of CR0 after each kind of write is what the manual says")
    func controlRegister() throws {
        let result = try Comparison.run(ComparedGuest.named("cr0"))
        let start: UInt64 = 0x8000_0031
        let (mp, em, ts, wp, am): (UInt64, UInt64, UInt64, UInt64, UInt64) =
            (2, 4, 8, 0x10000, 0x40000)
        let expected: [(String, UInt64)] = [
            ("r8", start), ("r9", start | mp | ts), ("r10", start | mp), ("r11", start | mp | em),
            ("r12", start | mp | em), ("r13", start | ts), ("r14", start | mp | wp | am),
            ("r15", start),
        ]
        for (name, value) in expected {
            let row = try #require(result.row(name))
            #expect(row.model == .number(value), "\(name)")
            #expect(row.kvm == .number(value), "\(name)")
        }
        #expect(result.row("end")?.kvm == .end(.hlt))
        #expect(result.names(.notObservable) == ["rip", "cr4", "steps", "entries", "exits"])
    }

    @Test("ports.asm: the traffic comes datum by datum, in order")
    func ports() throws {
        let result = try Comparison.run(ComparedGuest.named("ports"))
        let traffic = result.rows.compactMap { row -> String? in
            guard case .port = row.item, case .port(let datum) = row.kvm else { return nil }
            return datum.text
        }
        let text = Array("ports\n".utf8).map { "outb 0xe9 0x\(String($0, radix: 16))" }
        #expect(
            traffic == [
                "inb 0x60 0xff", "outb 0x80 0xff", "outb 0x3f8 0x53", "outw 0x1ce 0x1234",
                "inw 0x1ce 0xffff", "outl 0xcf8 0x80000000", "inl 0xcfc 0xffffffff",
            ] + text)
    }

    @Test("Both sides have the same devices: inputs that were set, and the exit port")
    func devices() throws {
        var guest = try ComparedGuest.source(
            "in al, 0x60\nmov bl, al\nin al, 0x60\nout 0xf4, al\nhlt")
        guest.portInputs = [0x60: [0x1E, 0x9E]]
        let result = try Comparison.run(guest)
        #expect(result.names(.differ) == [])
        #expect(result.row("end")?.kvm == .end(.port))
        #expect(result.row("rbx")?.kvm == .number(0x1E))
        #expect(result.row("rip")?.result == .agree)
    }

    @Test("Memory that the guest wrote is compared word by word", arguments: [16, 32, 64])
    func memory(_ bits: Int) throws {
        let guest = try ComparedGuest.source("mov word [0x8100], 0x1234\npush ax\nhlt", bits: bits)
        let result = try Comparison.run(guest)
        #expect(result.row("memory 0x8100")?.kvm == .number(0x1234))
        #expect(result.row("memory 0x8100")?.result == .agree)
        #expect(result.names(.differ) == [])
    }

    @Test("Many words have a line for the first of them and one for the rest")
    func muchMemory() throws {
        let guest = try ComparedGuest.source(
            "mov edi, 0x20000\nmov ecx, 3000\nmov eax, 0x55\nrep stosd\nhlt", bits: 32)
        let result = try Comparison.run(guest)
        #expect(result.row("memory 0x20000")?.kvm == .number(0x55_0000_0055))
        #expect(result.row("memory, \(1500 - 64) more words")?.result == .agree)
    }

    // MARK: What only one side has

    @Test("VMCS fields are not KVM's, and what they change is explained by a run without them")
    func settings() throws {
        let guest = try ComparedGuest.named("cr0-write").setting("rsi", 0x8000_0033)
            .setting("CR0_MASK", 1).setting("CR0_SHADOW", 0x10)
        let result = try Comparison.run(guest)
        #expect(result.names(.differ) == [])
        let mask = try #require(result.rows.first { $0.item == .field(.cr0Mask) })
        #expect(mask.model == .number(1))
        #expect(mask.kvm == nil)
        #expect(mask.because == .limitation(.vmcs))
        // Bit 0 is host-owned and reads as 0 from the shadow.
        let before = try #require(result.row("rbx"))
        #expect(before.model == .number(0x8000_0030))
        #expect(before.kvm == .number(0x8000_0031))
        #expect(before.because == .limitation(.settings))
    }

    @Test("CR0.NE and CR4.VMXE are explained by a run that hides VMX operation")
    func vmxOperation() throws {
        let result = try Comparison.run(ComparedGuest.named("clear-ne"))
        let end = try #require(result.row("end"))
        #expect(end.model == .end(.shutdown))
        #expect(end.kvm == .end(.hlt))
        #expect(end.because == .limitation(.vmxOperation))
        #expect(result.row("cr4")?.because == .limitation(.vmxOperation))
    }

    @Test("A program outside VMX operation compares without either")
    func outside() throws {
        var guest = try ComparedGuest.named("clear-ne")
        guest.operation = .outside
        let result = try Comparison.run(guest)
        #expect(result.names(.notObservable) == ["steps", "entries", "exits"])
        #expect(result.isSuccess)
    }

    @Test("What follows the clock is KVM's own")
    func clock() throws {
        let result = try Comparison.run(ComparedGuest.source("rdtsc\nmov ebx, 7\nhlt"))
        #expect(result.row("rax")?.because == .limitation(.unsteady))
        #expect(result.row("rbx")?.result == .agree)
        #expect(result.isSuccess)
    }

    @Test("Every leaf of CPUID is the model's, or the one that a guest of KVM really sees")
    func cpuid() throws {
        for leaf in [0, 1, 7, 0xD, 0x8000_0001, 0x8000_0008] as [UInt64] {
            let guest = try ComparedGuest.source("cpuid\nhlt").setting("rax", leaf)
            #expect(try Comparison.run(guest).names(.differ) == [], "leaf \(leaf)")
        }
    }

    @Test("A start that no processor can have is refused there")
    func refusedStart() throws {
        // PG without PE.
        let guest = try ComparedGuest.source("hlt").setting("cr0", 0x8000_0030)
        let result = try Comparison.run(guest)
        let end = try #require(result.row("end"))
        #expect(end.kvm == .end(.startRefused))
        #expect(end.because == .limitation(.startState))
        #expect(result.row("rax")?.kvm == nil)
    }

    // MARK: Bounds

    @Test("A guest without an end is stopped on both sides")
    func endless() throws {
        let limits = Comparison.Limits(steps: 5_000, milliseconds: 100)
        let result = try Comparison.run(ComparedGuest.source("start: jmp start"), limits: limits)
        let end = try #require(result.row("end"))
        #expect(end.model == .end(.stepBudget))
        #expect(end.kvm == .end(.timeLimit))
        #expect(end.because == .limitation(.steps))
        #expect(result.row("rax")?.because == .limitation(.cutOff))
        #expect(result.isSuccess)
    }

    @Test("Traffic without an end agrees as far as both sides have it")
    func endlessTraffic() throws {
        let limits = Comparison.Limits(steps: 1_000, milliseconds: 5_000, accesses: 20)
        let guest = try ComparedGuest.source("start: inc al\nout 0x80, al\njmp start")
        let result = try Comparison.run(guest, limits: limits)
        let ports = result.rows.filter { if case .port = $0.item { true } else { false } }
        #expect(ports.count == 20)
        #expect(ports.allSatisfy { $0.result == .agree })
    }

    @Test("A comparison can be interrupted", arguments: ["start: jmp start", "hlt"])
    func interrupted(_ source: String) throws {
        let guest = try ComparedGuest.source(source)
        #expect(throws: Comparison.Failure.interrupted) {
            _ = try Comparison.run(
                guest, limits: .init(steps: .max), isInterrupted: { true })
        }
    }
}

@Suite(
    "What an interpreting KVM does otherwise is told as such",
    .enabled(if: RealKVM.interprets, "this machine has no KVM that interprets ring-0 code"))
struct InterpretingKVMTests {
    @Test("Paging outside long mode")
    func legacyPaging() throws {
        let guest = try ComparedGuest.source(
            """
            mov dword [0x2000], 0x83
            mov eax, 0x2000
            mov cr3, eax
            mov eax, cr4
            or  eax, 0x10
            mov cr4, eax
            mov eax, cr0
            or  eax, 0x80000000
            mov cr0, eax
            hlt
            """, bits: 32)
        let end = try #require(try Comparison.run(guest).row("end"))
        #expect(end.kvm == .end(.shutdown))
        #expect(end.because == .limitation(.legacyPaging))
    }

    @Test("VMCALL")
    func hypercall() throws {
        let result = try Comparison.run(ComparedGuest.source("vmcall\nhlt"))
        #expect(result.row("end")?.because == .limitation(.hypercall))
    }

    @Test("Bits 63:32 of a value moved to CR0")
    func controlRegisterHigh() throws {
        let guest = try ComparedGuest.source("mov cr0, rbx\nhlt").setting("rbx", 0x1_8000_0031)
        let end = try #require(try Comparison.run(guest).row("end"))
        #expect(end.model == .end(.shutdown))
        #expect(end.because == .limitation(.cr0High))
    }

    @Test("An instruction that it does not know, by its bytes")
    func emulation() throws {
        let result = try Comparison.run(ComparedGuest.source("db 0xd9, 0xd0\nhlt"))
        let end = try #require(result.row("end"))
        #expect(end.kvm == .end(.internalError))
        guard case .emulation(let error) = end.because else {
            Issue.record("\(String(describing: end.because))")
            return
        }
        #expect(error.instructionBytes?.starts(with: [0xD9, 0xD0, 0xF4]) == true)
    }
}
