; cr0-write.asm: one write to CR0, with a read before and one after
;
; The idea: the value comes from outside. RSI is what is written; whoever starts
; the program sets it, and with it the mask and the shadow.
;
; Results: RBX = CR0 as read before the write, RCX = CR0 as read after it.

        bits    64
        org     0x10000

start:
read_before:
        mov     rbx, cr0
write:  mov     cr0, rsi
read_after:
        mov     rcx, cr0
stop:   hlt
