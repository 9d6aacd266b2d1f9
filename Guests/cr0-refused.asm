; cr0-refused.asm: one write to CR0, and a handler for #GP
;
; The idea: a write that does not exit can still be refused. The processor then
; raises #GP, the guest's own handler gets it, and the hypervisor hears nothing.
;
; RSI is what is written. Results: RBX = CR0 as read before the write; RDI = 13
; if the handler ran, else 0.

        bits    64
BASE    equ     0x10000
        org     BASE

GP      equ     13              ; the vector of #GP
CODE    equ     0x08            ; selector of the code segment
GATE    equ     0x8e            ; present, ring 0, interrupt gate

start:  lidt    [idt_register]
        xor     edi, edi
        mov     rbx, cr0
write:  mov     cr0, rsi
stop:   hlt

handler:
        mov     edi, GP
handled:
        hlt

        ; One gate of the interrupt-descriptor table, that of #GP. The table's
        ; begin lies before it, where no vector but 13 leads.
        align   16
gate:   dw      (handler - $$ + BASE) & 0xffff
        dw      CODE
        db      0, GATE
        dw      (handler - $$ + BASE) >> 16
        dd      0, 0

idt_register:
        dw      GP * 16 + 15    ; limit: up to the end of the gate
        dq      gate - GP * 16
