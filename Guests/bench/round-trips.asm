; round-trips.asm: the price of a VM exit and back
;
; A hypervisor with nothing to do: its guest executes VMCALL again and again.
; Each time it reads the exit reason, steps the guest over the instruction and
; resumes it. ESI: how many times. Host and guest share memory and page tables;
; there is neither EPT nor VPID.
;
; The write to port F4h that ends the run tells how it went: 0 well, FFh a VMX
; instruction failed, else the reason of an exit that nobody expected.

        bits    64
        org     0x10000

VMXON_REGION    equ     0x90000
VMCS_REGION     equ     0x91000
POINTERS        equ     0x92000         ; the regions' addresses, for VMXON

FEATURE_CONTROL equ     0x3a
VMX_BASIC       equ     0x480
EXIT_REASON     equ     0x4402
GUEST_RIP       equ     0x681e
EXIT_VMCALL     equ     18
VMCALL_LENGTH   equ     3

        mov     r15d, esi
        mov     ecx, FEATURE_CONTROL
        rdmsr
        test    al, 1
        jnz     .locked
        or      al, 5                   ; VMXON outside SMX, and locked
        wrmsr
.locked:
        mov     rax, cr4
        or      eax, 1 << 13            ; CR4.VMXE
        mov     cr4, rax
        mov     rax, cr0
        or      eax, 1 << 5             ; CR0.NE
        mov     cr0, rax

        mov     ecx, VMX_BASIC          ; the revision identifier
        rdmsr
        and     eax, 0x7fffffff
        mov     [VMXON_REGION], eax
        mov     [VMCS_REGION], eax
        mov     qword [POINTERS], VMXON_REGION
        mov     qword [POINTERS + 8], VMCS_REGION
        vmxon   [POINTERS]
        jbe     failed
        vmclear [POINTERS + 8]
        jbe     failed
        vmptrld [POINTERS + 8]
        jbe     failed

; Controls: what must be 1, and what is asked for as far as it may be.
        mov     r8, controls
.control:
        movzx   ecx, word [r8]
        rdmsr
        or      eax, [r8 + 4]
        and     eax, edx
        movzx   ebx, word [r8 + 2]
        vmwrite rbx, rax
        jbe     failed
        add     r8, 8
        cmp     r8, controls.end
        jb      .control

        mov     r8, fields
.field: movzx   ebx, word [r8]
        movsxd  rax, dword [r8 + 2]
        vmwrite rbx, rax
        jbe     failed
        add     r8, 6
        cmp     r8, fields.end
        jb      .field

; Control registers: the same for both.
        mov     rax, cr0
        mov     ebx, 0x6800             ; guest CR0
        vmwrite rbx, rax
        mov     ebx, 0x6c00             ; host CR0
        vmwrite rbx, rax
        mov     rax, cr3
        mov     ebx, 0x6802             ; guest CR3
        vmwrite rbx, rax
        mov     ebx, 0x6c02             ; host CR3
        vmwrite rbx, rax
        mov     rax, cr4
        mov     ebx, 0x6804             ; guest CR4
        vmwrite rbx, rax
        mov     ebx, 0x6c04             ; host CR4
        vmwrite rbx, rax
        vmlaunch

failed: mov     al, 0xff
        jmp     finish

guest:  vmcall
        jmp     guest

exit:   mov     ebx, EXIT_REASON
        vmread  rax, rbx
        cmp     al, EXIT_VMCALL
        jne     finish
        dec     r15
        jz      .enough
        mov     ebx, GUEST_RIP
        vmread  rax, rbx
        add     rax, VMCALL_LENGTH
        vmwrite rbx, rax
        vmresume
        jmp     failed
.enough:
        xor     eax, eax
finish:
        %include "end.inc"

; A capability MSR, the field that it is about, and what is asked for.
%macro CONTROL 3
        dw      %1, %2
        dd      %3
%endmacro

        align   8
controls:
        CONTROL 0x481, 0x4000, 0        ; pin-based
        CONTROL 0x482, 0x4002, 0        ; primary processor-based
        CONTROL 0x483, 0x400c, 1 << 9   ; VM-exit: host address-space size
        CONTROL 0x484, 0x4012, 1 << 9   ; VM-entry: IA-32e mode guest
.end:

; A field's encoding, and its value sign-extended.
%macro FIELD 2
        dw      %1
        dd      %2
%endmacro

fields: FIELD   0x2800, -1              ; VMCS link pointer: none
        FIELD   0x0800, 0x10            ; guest selectors, ES to TR
        FIELD   0x0802, 0x08
        FIELD   0x0804, 0x10
        FIELD   0x0806, 0x10
        FIELD   0x0808, 0x10
        FIELD   0x080a, 0x10
        FIELD   0x080c, 0
        FIELD   0x080e, 0x18
        FIELD   0x4800, -1              ; guest limits
        FIELD   0x4802, -1
        FIELD   0x4804, -1
        FIELD   0x4806, -1
        FIELD   0x4808, -1
        FIELD   0x480a, -1
        FIELD   0x480c, 0
        FIELD   0x480e, 0x67
        FIELD   0x4810, 0x17            ; GDTR, IDTR
        FIELD   0x4812, 0
        FIELD   0x4814, 0xc093          ; guest access rights
        FIELD   0x4816, 0xa09b
        FIELD   0x4818, 0xc093
        FIELD   0x481a, 0xc093
        FIELD   0x481c, 0xc093
        FIELD   0x481e, 0xc093
        FIELD   0x4820, 0x10000         ; LDTR: unusable
        FIELD   0x4822, 0x8b
        FIELD   0x6816, 0x7c00          ; GDTR base
        FIELD   0x681a, 0x400           ; DR7
        FIELD   0x681c, 0x8000          ; RSP
        FIELD   GUEST_RIP, guest
        FIELD   0x6820, 2               ; RFLAGS
        FIELD   0x0c00, 0x10            ; host selectors, ES to TR
        FIELD   0x0c02, 0x08
        FIELD   0x0c04, 0x10
        FIELD   0x0c06, 0x10
        FIELD   0x0c08, 0
        FIELD   0x0c0a, 0
        FIELD   0x0c0c, 0x18
        FIELD   0x6c0c, 0x7c00          ; GDTR base
        FIELD   0x6c14, 0x9000          ; RSP
        FIELD   0x6c16, exit            ; RIP
.end:
