/// The guests of these tests.
enum Listings {
    static let all: [Listing] =
        [controlRegister16, controlRegister32, ports16, ports32, strings16, strings32, strings64]
        + [cpuid, steps, absentMemory, triggerUndefined, forever, outputForever]
        + [noOperationOfX87, breakpoint, legacyPaging, hypercall, controlRegisterHigh]

    /// Changes each bit of CR0 that this test is about and stores CR0 after each change.
    static let controlRegister32 = Listing(
        bits: 32,
        """
        FC                ; cld
        BF 00 80 00 00    ; mov edi, 8000h
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        0C 02             ; or al, 2
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        0C 08             ; or al, 8
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        0F 06             ; clts
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        0C 04             ; or al, 4
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        24 DF             ; and al, 0DFh
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        0D 20 00 05 00    ; or eax, 50020h
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        24 EF             ; and al, 0EFh
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        31 C0             ; xor eax, eax
        0F 01 F0          ; lmsw ax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        B0 0E             ; mov al, 0Eh
        0F 01 F0          ; lmsw ax
        0F 20 C0          ; mov eax, cr0
        AB                ; stosd
        0F 01 27          ; smsw [edi]
        F4                ; hlt
        """)

    /// The same for 16-bit code.
    static let controlRegister16 = Listing(
        bits: 16,
        """
        FC                ; cld
        BF 00 80          ; mov di, 8000h
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        0C 02             ; or al, 2
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        0C 08             ; or al, 8
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        0F 06             ; clts
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        0C 04             ; or al, 4
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        24 DF             ; and al, 0DFh
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        66 0D 20 00 05 00 ; or eax, 50020h
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        24 EF             ; and al, 0EFh
        0F 22 C0          ; mov cr0, eax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        66 31 C0          ; xor eax, eax
        0F 01 F0          ; lmsw ax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        B0 0E             ; mov al, 0Eh
        0F 01 F0          ; lmsw ax
        0F 20 C0          ; mov eax, cr0
        66 AB             ; stosd
        0F 01 25          ; smsw [di]
        F4                ; hlt
        """)

    /// IN and OUT: immediate port and DX, three widths.
    static let ports32 = Listing(
        bits: 32,
        """
        B0 41             ; mov al, 41h
        E6 80             ; out 80h, al
        B8 41 42 43 44    ; mov eax, 44434241h
        66 E7 80          ; out 80h, ax
        E7 80             ; out 80h, eax
        66 BA F8 03       ; mov dx, 3F8h
        EE                ; out dx, al
        66 EF             ; out dx, ax
        EF                ; out dx, eax
        E4 60             ; in al, 60h
        66 E5 60          ; in ax, 60h
        E5 60             ; in eax, 60h
        EC                ; in al, dx
        66 ED             ; in ax, dx
        ED                ; in eax, dx
        F4                ; hlt
        """)

    static let ports16 = Listing(
        bits: 16,
        """
        B0 41             ; mov al, 41h
        E6 80             ; out 80h, al
        66 B8 41 42 43 44 ; mov eax, 44434241h
        E7 80             ; out 80h, ax
        66 E7 80          ; out 80h, eax
        BA F8 03          ; mov dx, 3F8h
        EE                ; out dx, al
        EF                ; out dx, ax
        66 EF             ; out dx, eax
        E4 60             ; in al, 60h
        E5 60             ; in ax, 60h
        66 E5 60          ; in eax, 60h
        EC                ; in al, dx
        ED                ; in ax, dx
        66 ED             ; in eax, dx
        F4                ; hlt
        """)

    /// INS and OUTS from 8100h and to 8000h, plain and repeated.
    static let strings32 = Listing(
        bits: 32,
        """
        FC                ; cld
        BE 00 81 00 00    ; mov esi, 8100h
        BF 00 80 00 00    ; mov edi, 8000h
        66 BA F8 03       ; mov dx, 3F8h
        6E                ; outsb
        B9 02 00 00 00    ; mov ecx, 2
        F3 66 6F          ; rep outsw
        B9 02 00 00 00    ; mov ecx, 2
        F3 6F             ; rep outsd
        6C                ; insb
        B9 03 00 00 00    ; mov ecx, 3
        F3 66 6D          ; rep insw
        B9 02 00 00 00    ; mov ecx, 2
        F3 6D             ; rep insd
        F4                ; hlt
        """)

    /// The same bytes are the same instructions in 64-bit code.
    static let strings64 = Listing(bits: 64, strings32.text)

    static let strings16 = Listing(
        bits: 16,
        """
        FC                ; cld
        BE 00 81          ; mov si, 8100h
        BF 00 80          ; mov di, 8000h
        BA F8 03          ; mov dx, 3F8h
        6E                ; outsb
        B9 02 00          ; mov cx, 2
        F3 6F             ; rep outsw
        B9 02 00          ; mov cx, 2
        F3 66 6F          ; rep outsd
        6C                ; insb
        B9 03 00          ; mov cx, 3
        F3 6D             ; rep insw
        B9 02 00          ; mov cx, 2
        F3 66 6D          ; rep insd
        F4                ; hlt
        """)

    static let cpuid = Listing(
        bits: 64,
        """
        B8 05 00 00 40    ; mov eax, 40000005h
        0F A2             ; cpuid
        F4                ; hlt
        """)

    static let steps = Listing(
        bits: 64,
        """
        B8 01 00 00 00    ; mov eax, 1
        FF C0             ; inc eax
        90                ; nop
        F4                ; hlt
        """)

    /// Reads and writes where there is no memory, then reads the local APIC's page.
    static let absentMemory = Listing(
        bits: 32,
        """
        A1 00 00 00 08    ; mov eax, [8000000h]
        C7 05 00 00 00 08 78 56 34 12 ; mov dword [8000000h], 12345678h
        0F B7 1D 02 00 00 08 ; movzx ebx, word [8000002h]
        8B 0D 20 00 E0 FE ; mov ecx, [0FEE00020h]
        F4                ; hlt
        """)

    /// Without an interrupt descriptor table an exception is a triple fault.
    static let triggerUndefined = Listing(
        bits: 64,
        """
        90                ; nop
        0F 0B             ; ud2
        """)

    static let forever = Listing(
        bits: 32,
        """
        EB FE             ; jmp $
        """)

    static let outputForever = Listing(
        bits: 32,
        """
        E6 80             ; out 80h, al
        EB FC             ; jmp $-2
        """)

    static let noOperationOfX87 = Listing(
        bits: 64,
        """
        D9 D0             ; fnop
        F4                ; hlt
        """)

    static let breakpoint = Listing(
        bits: 64,
        """
        CC                ; int3
        F4                ; hlt
        """)

    /// Turns on 32-bit paging; a page directory at 2000h is expected.
    static let legacyPaging = Listing(
        bits: 32,
        """
        0F 20 E0          ; mov eax, cr4
        0C 10             ; or al, 10h
        0F 22 E0          ; mov cr4, eax
        B8 00 20 00 00    ; mov eax, 2000h
        0F 22 D8          ; mov cr3, eax
        0F 20 C0          ; mov eax, cr0
        0D 00 00 00 80    ; or eax, 80000000h
        0F 22 C0          ; mov cr0, eax
        F4                ; hlt
        """)

    static let hypercall = Listing(
        bits: 64,
        """
        0F 01 C1          ; vmcall
        F4                ; hlt
        """)

    static let controlRegisterHigh = Listing(
        bits: 64,
        """
        48 B8 31 00 00 80 01 00 00 00 ; mov rax, 180000031h
        0F 22 C0          ; mov cr0, rax
        F4                ; hlt
        """)
}
