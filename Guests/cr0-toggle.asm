; cr0-toggle.asm: read CR0, change some bits, write it back
;
; The idea: this is what a kernel does. It cannot know which bits it reads are
; real and which come from the read shadow: it changes what it means to change
; and writes the rest back as it read it.
;
; RDI, set by whoever starts the program, has the bits to change. Results:
; RBX = CR0 as read before the write, RCX = CR0 as read after it.

        bits    64
        org     0x10000

start:
read_before:
        mov     rbx, cr0
        mov     rax, rbx
        xor     rax, rdi
write:  mov     cr0, rax
read_after:
        mov     rcx, cr0
stop:   hlt
