; tiny-hypervisor.asm: a whole hypervisor, and the guest that it runs
;
; The idea: a hypervisor is a program. This one brings the processor into VMX
; operation, describes a guest in a VMCS, enters it, and is come back to at
; each VM exit. Guest and hypervisor lie in the same image and share memory and
; page tables, so that nothing is left but what VMX itself asks for:
;
;   1  may VMX be used?            CPUID, IA32_FEATURE_CONTROL
;   2  CR0 and CR4 as VMX wants    the FIXED0 capability MSRs
;   3  VMXON                       from here on: root operation
;   4  VMCLEAR, VMPTRLD            a VMCS, and it is the current one
;   5  VMWRITE                     controls, guest state, host state
;   6  VMLAUNCH                    into the guest
;   7  handling exits              reason, act, step over, VMRESUME
;   8  VMXOFF                      at the guest's HLT
;
; Run it on its own, as no other hypervisor is needed:
;
;       stepvisor run --native Guests/tiny-hypervisor.asm --narrate full
;
; What guest and hypervisor print at port E9h is shown. The write to port F4h
; that ends the run tells how it went: 0 well, 1 VMX cannot be used, 2 a VMX
; instruction failed, 3 an exit that nobody expected.

        bits    64
        org     0x10000

DEBUG_PORT              equ     0xe9
END_PORT                equ     0xf4

; One page each, aligned. VMXON and VMPTRLD take physical addresses: here they
; are the same as the linear ones, as paging maps each page to itself.
VMXON_REGION            equ     0x90000
VMCS_REGION             equ     0x91000
HOST_STACK              equ     0x9000
GUEST_STACK             equ     0x8000

; Model-specific registers.
IA32_FEATURE_CONTROL    equ     0x3a
IA32_VMX_BASIC          equ     0x480
IA32_VMX_PINBASED_CTLS  equ     0x481
IA32_VMX_PROCBASED_CTLS equ     0x482
IA32_VMX_EXIT_CTLS      equ     0x483
IA32_VMX_ENTRY_CTLS     equ     0x484
IA32_VMX_CR0_FIXED0     equ     0x486
IA32_VMX_CR4_FIXED0     equ     0x488

; Fields of the VMCS, by their encodings, that the code names.
PIN_CONTROLS            equ     0x4000
PRIMARY_CONTROLS        equ     0x4002
EXIT_CONTROLS           equ     0x400c
ENTRY_CONTROLS          equ     0x4012
EXIT_REASON             equ     0x4402
INSTRUCTION_LENGTH      equ     0x440c
QUALIFICATION           equ     0x6400
CR0_SHADOW              equ     0x6004
GUEST_CR0               equ     0x6800
GUEST_CR3               equ     0x6802
GUEST_CR4               equ     0x6804
GUEST_RIP               equ     0x681e
HOST_CR0                equ     0x6c00
HOST_CR3                equ     0x6c02
HOST_CR4                equ     0x6c04

; Controls that this hypervisor wants.
HLT_EXITING             equ     1 << 7
UNCONDITIONAL_IO        equ     1 << 24
HOST_IS_64_BIT          equ     1 << 9          ; host address-space size
GUEST_IS_64_BIT         equ     1 << 9          ; IA-32e mode guest

; Exit reasons that it handles.
EXIT_CPUID              equ     10
EXIT_HLT                equ     12
EXIT_CR_ACCESS          equ     28
EXIT_IO                 equ     30

CR0_TS                  equ     1 << 3

; ---------------------------------------------------------------------------
; 1  May VMX be used?

start:  mov     esp, HOST_STACK
        mov     r15d, 1                 ; how it went, if it ends here
        mov     eax, 1
        cpuid
        bt      ecx, 5                  ; CPUID leaf 1, ECX bit 5: VMX
        jnc     finish

        ; Firmware locks this register, with VMX allowed or not. One that is
        ; not locked yet is ours to set: bit 0 locks, bit 2 allows VMXON.
        mov     ecx, IA32_FEATURE_CONTROL
        rdmsr
        test    al, 1
        jnz     locked
        or      eax, 5
        wrmsr
locked: test    al, 4
        jz      finish

; 2  CR0 and CR4: VMXON raises #GP unless the bits that the FIXED0 MSRs hold
;    are 1. CR4.VMXE is one of them, CR0.NE another.

        mov     ecx, IA32_VMX_CR0_FIXED0
        rdmsr                           ; EDX is 0: CR0 has 32 bits to tell of
        mov     rbx, cr0
        or      rbx, rax
        mov     cr0, rbx
        mov     ecx, IA32_VMX_CR4_FIXED0
        rdmsr
        mov     rbx, cr4
        or      rbx, rax
        mov     cr4, rbx

; 3  VMXON. Its region and the VMCS begin with the revision identifier that
;    this processor uses. Every VMX instruction tells by CF and ZF whether it
;    failed: JBE jumps if either is set.

        mov     r15d, 2
        mov     ecx, IA32_VMX_BASIC
        rdmsr
        and     eax, 0x7fffffff
        mov     [VMXON_REGION], eax
        mov     [VMCS_REGION], eax
        vmxon   [vmxon_pointer]
        jbe     failed

; 4  VMCLEAR makes the region a VMCS in the state "clear", VMPTRLD makes it the
;    one that VMREAD, VMWRITE and VMLAUNCH mean.

        vmclear [vmcs_pointer]
        jbe     failed
        vmptrld [vmcs_pointer]
        jbe     failed

; 5  The controls: what we want, plus the bits that must be 1, without those
;    that must be 0. A capability MSR has both in one: EAX and EDX.

        mov     esi, controls
next_control:
        mov     ecx, [rsi]              ; the capability MSR
        rdmsr
        or      eax, [rsi + 4]          ; what we want
        and     eax, edx
        mov     ebx, [rsi + 8]          ; the field
        vmwrite rbx, rax
        jbe     failed
        add     esi, 12
        cmp     esi, controls_end
        jb      next_control

;    Fields with a value known beforehand. One that is not written keeps what
;    the region held: here 0, as nobody used the page before.

        mov     esi, fields
next_field:
        mov     rbx, [rsi]
        mov     rax, [rsi + 8]
        vmwrite rbx, rax
        jbe     failed
        add     esi, 16
        cmp     esi, fields_end
        jb      next_field

;    Paging, the same for both.

        mov     rax, cr0
        mov     ebx, GUEST_CR0
        vmwrite rbx, rax
        mov     ebx, HOST_CR0
        vmwrite rbx, rax
        mov     ebx, CR0_SHADOW         ; at first the guest sees what is so
        vmwrite rbx, rax
        mov     rax, cr3
        mov     ebx, GUEST_CR3
        vmwrite rbx, rax
        mov     ebx, HOST_CR3
        vmwrite rbx, rax
        mov     rax, cr4
        mov     ebx, GUEST_CR4
        vmwrite rbx, rax
        mov     ebx, HOST_CR4
        vmwrite rbx, rax

; 6  Into the guest. When VMLAUNCH works, what is behind it is not executed:
;    the next instruction of the hypervisor is at vm_exit.

        vmlaunch
        jmp     failed

; ---------------------------------------------------------------------------
; 7  Each VM exit comes here, with RSP and RIP from the host-state area. The
;    guest's RSP, RIP and RFLAGS are in the VMCS; its other registers are where
;    they were, so they are put away before they are lost: in the order of the
;    numbers by which the exit qualification names registers.

vm_exit:
        mov     [registers + 0 * 8], rax
        mov     [registers + 1 * 8], rcx
        mov     [registers + 2 * 8], rdx
        mov     [registers + 3 * 8], rbx
        mov     [registers + 6 * 8], rsi
        mov     ebx, EXIT_REASON
        vmread  rax, rbx
        cmp     eax, EXIT_CPUID
        je      on_cpuid
        cmp     eax, EXIT_IO
        je      on_io
        cmp     eax, EXIT_CR_ACCESS
        je      on_cr_access
        cmp     eax, EXIT_HLT
        je      on_hlt
        mov     r15d, 3
        jmp     leave_vmx

; CPUID exits always. The guest gets the processor's own answer, but for VMX,
; which this hypervisor does not offer.

on_cpuid:
        mov     eax, [registers + 0 * 8]
        mov     ecx, [registers + 1 * 8]
        mov     esi, eax
        cpuid
        cmp     esi, 1
        jne     answered
        btr     ecx, 5
answered:
        mov     [registers + 0 * 8], rax
        mov     [registers + 1 * 8], rcx
        mov     [registers + 2 * 8], rdx
        mov     [registers + 3 * 8], rbx
        jmp     step_over

; A port. The qualification has the port in bits 31:16, and bit 3 is 1 for IN.
; What the guest writes to the debug port is passed on; all else is dropped.

on_io:  mov     ebx, QUALIFICATION
        vmread  rax, rbx
        bt      eax, 3
        jc      step_over
        shr     eax, 16
        cmp     eax, DEBUG_PORT
        jne     step_over
        mov     al, [registers + 0 * 8]
        out     DEBUG_PORT, al
        jmp     step_over

; CR0.TS is ours (CR0_MASK below). The guest that changes it changes the read
; shadow alone: it reads what it wrote, and the real bit stays as it was.
; Qualification: bits 3:0 the control register, 5:4 the access (0: MOV to it),
; 11:8 the general register.

on_cr_access:
        mov     ebx, QUALIFICATION
        vmread  rax, rbx
        mov     ecx, eax
        test    al, 0x3f                ; MOV to CR0, nothing else
        mov     r15d, 3
        jnz     leave_vmx
        shr     ecx, 8
        and     ecx, 15
        mov     rax, [registers + rcx * 8]
        mov     ebx, CR0_SHADOW
        vmwrite rbx, rax

; An exit like those above comes before its instruction: RIP points at it. As
; it has been carried out here, the guest goes on behind it.

step_over:
        mov     ebx, INSTRUCTION_LENGTH
        vmread  rcx, rbx
        mov     ebx, GUEST_RIP
        vmread  rax, rbx
        add     rax, rcx
        vmwrite rbx, rax
        mov     rax, [registers + 0 * 8]
        mov     rcx, [registers + 1 * 8]
        mov     rdx, [registers + 2 * 8]
        mov     rbx, [registers + 3 * 8]
        mov     rsi, [registers + 6 * 8]
        vmresume
        jmp     failed

; ---------------------------------------------------------------------------
; 8  The end.

on_hlt: xor     r15d, r15d
leave_vmx:
        vmxoff
        mov     esi, bye
        call    print
        jmp     finish

failed: mov     esi, failure
        call    print
finish: mov     eax, r15d
        out     END_PORT, al
stop:   hlt
        jmp     stop

; The bytes from RSI up to a 0.
print:  mov     al, [rsi]
        test    al, al
        jz      printed
        out     DEBUG_PORT, al
        inc     rsi
        jmp     print
printed:
        ret

; ---------------------------------------------------------------------------
; The guest: 64-bit code in ring 0 that knows nothing of all this.

guest:  mov     esi, hello
        call    print                   ; an exit for each byte

        mov     eax, 1
        cpuid                           ; exits always
        bt      ecx, 5
        jc      tell_trouble            ; VMX is to be hidden

        mov     rax, cr0
        or      rax, CR0_TS
set_ts: mov     cr0, rax                ; exits: TS is host-owned
        mov     rbx, cr0                ; does not exit: the shadow's TS
        test    rbx, CR0_TS
        jz      tell_trouble

        mov     esi, content
        call    print
        hlt                             ; exits: the hypervisor ends it
tell_trouble:
        vmcall                          ; exits always; nobody expects it

; ---------------------------------------------------------------------------
; Data.

hello:  db      "guest", 10, 0
content:
        db      "ok", 10, 0
bye:    db      "hypervisor: out of VMX operation", 10, 0
failure:
        db      "hypervisor: VMX cannot be used", 10, 0

        align   8, db 0
vmxon_pointer:
        dq      VMXON_REGION
vmcs_pointer:
        dq      VMCS_REGION

; The guest's RAX, RCX, RDX, RBX, RSP (unused), RBP (unused) and RSI. The
; hypervisor leaves all others alone.
registers:
        times 16 dq 0

; Capability MSR, what we want, field.
controls:
        dd      IA32_VMX_PINBASED_CTLS, 0, PIN_CONTROLS
        dd      IA32_VMX_PROCBASED_CTLS
        dd      HLT_EXITING | UNCONDITIONAL_IO, PRIMARY_CONTROLS
        dd      IA32_VMX_EXIT_CTLS, HOST_IS_64_BIT, EXIT_CONTROLS
        dd      IA32_VMX_ENTRY_CTLS, GUEST_IS_64_BIT, ENTRY_CONTROLS
controls_end:

        align   8, db 0
fields:
        dq      0x2800, -1              ; VMCS link pointer: none
        dq      0x6000, CR0_TS          ; CR0 guest/host mask: TS is host-owned

        ; Guest segments: selector, limit, access rights. Bases are 0.
        dq      0x0800, 0x10            ; ES
        dq      0x0802, 0x08            ; CS
        dq      0x0804, 0x10            ; SS
        dq      0x0806, 0x10            ; DS
        dq      0x0808, 0x10            ; FS
        dq      0x080a, 0x10            ; GS
        dq      0x080c, 0               ; LDTR
        dq      0x080e, 0x18            ; TR
        dq      0x4800, 0xffffffff
        dq      0x4802, 0xffffffff
        dq      0x4804, 0xffffffff
        dq      0x4806, 0xffffffff
        dq      0x4808, 0xffffffff
        dq      0x480a, 0xffffffff
        dq      0x480e, 0x67            ; TR: the smallest 32-bit or 64-bit TSS
        dq      0x4814, 0xc093          ; writable data, accessed, present
        dq      0x4816, 0xa09b          ; code, accessed, present, L = 1: 64-bit
        dq      0x4818, 0xc093
        dq      0x481a, 0xc093
        dq      0x481c, 0xc093
        dq      0x481e, 0xc093
        dq      0x4820, 0x10000         ; LDTR: unusable
        dq      0x4822, 0x8b            ; TR: busy TSS, present

        ; The rest of the guest.
        dq      0x681a, 0x400           ; DR7 after reset
        dq      0x681c, GUEST_STACK     ; RSP
        dq      GUEST_RIP, guest
        dq      0x6820, 2               ; RFLAGS: bit 1 is always 1

        ; The host, as each exit loads it.
        dq      0x0c00, 0x10            ; ES
        dq      0x0c02, 0x08            ; CS
        dq      0x0c04, 0x10            ; SS
        dq      0x0c06, 0x10            ; DS
        dq      0x0c0c, 0x18            ; TR: must not be 0
        dq      0x6c14, HOST_STACK      ; RSP
        dq      0x6c16, vm_exit         ; RIP
fields_end:
