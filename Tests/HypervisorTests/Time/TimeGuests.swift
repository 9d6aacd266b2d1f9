import Hypervisor

/// Guests whose runs would show it if a pause, a listener or a replay made a difference.
enum TimeGuests {
    /// Exits, output, the clock, random numbers, REP, code that changes itself, and translations that
    /// are stale: the page at 400000h is mapped elsewhere each round, and only every fourth round is
    /// the translation invalidated. Its place in the TLB is that of the page with the code.
    static let everything = """
        bits 64
        org 0x10000
        start:  mov r15, 24
                mov rdi, 0x410000
        round:  mov rax, [rdi]
                mov rbx, [0x3010]
                xor rbx, 0x200000
                mov [0x3010], rbx
                mov [rdi], r15
                add r14, [rdi]
                add r14, [0x610000]
                test r15, 3
                jnz keep
                invlpg [rdi]
        keep:   mov eax, 1
                cpuid
                add r14, rbx
                mov al, r15b
                add al, 'A'
                out 0xe9, al
                rdtsc
                add r14, rax
                rdrand rax
                add r14, rax
                push rdi
                mov rsi, start
                mov rdi, 0x800000
                mov rcx, 300
                rep movsb
                pop rdi
                inc byte [patch + 3]
        patch:  add r14, 1
                dec r15
                jnz round
        stop:   hlt
        """

    /// Port reads that are answered one byte after the other, a mask on CR0, a REP that is longer
    /// than the run loop stays with it, and a fault at the end.
    static let slow = """
        bits 64
        org 0x10000
        start:  mov rbp, 3
        again:  in al, 0x60
                add rbx, rax
                mov rcx, cr0
                xor rcx, 8
                mov cr0, rcx
                mov rcx, 200000
                mov rdi, 0x100000
                rep stosb
                dec rbp
                jnz again
        last:   ud2
        """

    static func configuration(_ source: String) throws -> RunConfiguration {
        let image = try GuestLoader.assemble(Array(source.utf8), path: "time.asm")
        var configuration = RunConfiguration(image: image)
        configuration.portInputs = [0x60: [1, 2, 3, 4]]
        configuration.settings = [.init(.field(.cr0Mask), 8)]
        configuration.policy.reactions[.ioInstruction] = .emulate
        return configuration
    }
}
