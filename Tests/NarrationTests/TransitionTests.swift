import Architecture
import Hypervisor
import Machine
import Narration
import Testing

@Suite("VMfail, VMX aborts and what exits save, told")
struct TransitionTests {
    /// Root software of its own: each VMX instruction here fails.
    private static let failing = """
        bits 64
        org 0x10000
            mov rax, cr4
            or eax, 0x2000
            mov cr4, rax
            mov rax, cr0
            or eax, 0x20
            mov cr0, rax
            mov ecx, 0x3a
            mov eax, 5
            xor edx, edx
            wrmsr
            mov ecx, 0x480
            rdmsr
            mov [0x90000], eax
            mov [0x91000], eax
            vmxon [odd]
            vmxon [region]
            vmread rax, rbx
            vmptrld [vmcs]
            vmcall
            vmclear [region]
            vmresume
            mov al, 0
            out 0xf4, al
        align 8
        odd:    dq 0x90001
        region: dq 0x90000
        vmcs:   dq 0x91000
        """

    @Test(
        "A VMfail in root operation is told by the rule of the instruction's ladder",
        arguments: [
            ("VMXON", "VMfailInvalid: the operand is no 4-KiB-aligned address"),
            ("VMREAD", "VMfailInvalid: there is no current VMCS"),
            ("VMCALL", "VMfailValid(1): in VMX root operation"),
            ("VMCLEAR", "VMfailValid(3): the operand is the VMXON pointer"),
            ("VMRESUME", "VMfailValid(5): the VMCS is not launched"),
        ])
    func failures(instruction: String, cause: String) throws {
        var configuration = try Guests.configuration(Self.failing)
        configuration.operation = .outside
        let text = Self.flowed(Guests.text(configuration, .brief))
        #expect(text.contains("\(instruction) fails, \(cause)"))
        let rules = Self.flowed(Guests.text(configuration, .full))
        #expect(rules.contains("Does this \(instruction) succeed?"))
    }

    @Test("A VMX abort names the entry of the MSR area that caused it")
    func abort() throws {
        // Bits 63:32 of the entry are not 0: it is read from where the area's address leads.
        let settings: [(VMCSField, UInt64)] = [(.exitMSRLoadCount, 513)]
        let configuration = try Guests.configuration(Guests.controlRegister, settings)
        let text = Self.flowed(Guests.text(configuration, .brief))
        #expect(text.contains("VMX abort 4, shutdown"))
        #expect(text.contains("MSR "))
        #expect(text.contains("End: VMX abort 4, shutdown."))
    }

    @Test("Why, after a VMX abort, has the rules of the MSR area")
    func whyAbort() throws {
        let settings: [(VMCSField, UInt64)] = [(.exitMSRLoadCount, 513)]
        let configuration = try Guests.configuration(Guests.controlRegister, settings)
        var narrator = TextNarrator(level: .brief)
        let run = GuestRun(configuration) { _ = narrator.lines(for: $0) }
        run.stepBudget = 100
        _ = run.run()
        let explanation = try #require(narrator.lastExplanation)
        let why = Self.flowed(WhyText().why(explanation, ladders: Ladders()))
        #expect(why.contains("Does the VM exit load this MSR?"))
        #expect(why.contains("VMX abort 4"))
    }

    /// Lines as one, whatever they were broken at.
    private static func flowed(_ lines: [String]) -> String {
        lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
    }
}
