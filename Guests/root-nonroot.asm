; root-nonroot.asm: a few instructions, the same in every situation
;
; The idea: nothing in this program says whether the processor runs it outside
; VMX operation, in VMX root operation or in VMX non-root operation. It has one
; instruction that exits from non-root operation whatever the VMCS says (CPUID),
; one that exits if the VMCS asks for it (HLT), one that is privileged and yet
; does not exit by itself (MOV from CR0), and plain arithmetic between them.
;
; Results: EBX = 42 at the end; RSI = CR0 as the program reads it; EDI = the CS
; selector, whose bits 1:0 are the ring; R8D = ECX of CPUID leaf 1 (bit 5: VMX
; is there to be used; bit 31: a hypervisor says that it is present).

        bits    64
        org     0x10000

start:  mov     ebx, 38         ; arithmetic
        add     ebx, 2

read_cr0:
        mov     rsi, cr0        ; privileged: ring 0 only
read_ring:
        mov     edi, cs         ; bits 1:0 of CS are the ring

        mov     eax, 1          ; leaf 1: features
        xor     ecx, ecx
        push    rbx             ; CPUID overwrites EBX
identify:
        cpuid
after_cpuid:
        pop     rbx
        mov     r8d, ecx

        add     ebx, 2          ; arithmetic again
stop:   hlt
