; clear-ne.asm: write CR0 with NE clear
;
; The idea: outside VMX operation CR0.NE is a bit like any other. In VMX
; operation, root and non-root, it is fixed to 1: a write that would clear it
; faults, and as this program has no handlers, the fault ends it.
;
; Results: RBX = CR0 before, RCX = CR0 after (only where the write is allowed).

        bits    64
        org     0x10000

NE      equ     1 << 5              ; numeric error

start:  mov     rbx, cr0
        mov     rax, rbx
        and     eax, ~NE            ; bits 63:32 of CR0 are 0 anyway
write:  mov     cr0, rax
read_back:
        mov     rcx, cr0
stop:   hlt
