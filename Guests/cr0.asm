; cr0.asm: every way to read and write CR0 in long mode
;
; The idea: four instructions reach CR0 (MOV, LMSW, SMSW, CLTS), and each has
; its own reach. With a guest/host mask of 0 the program runs through without an
; exit before the HLT. Set the mask and the read shadow, and the same program
; shows which write exits and what each read returns.
;
; No write asks for something that is illegal in long mode: PE and PG stay 1,
; and NE, fixed to 1 in VMX operation, is only ever written as 1.
;
; Results: each read goes to a register of its own, R8 to R15, in order.

        bits    64
        org     0x10000

PE      equ     1 << 0              ; protection enable
MP      equ     1 << 1              ; monitor coprocessor
EM      equ     1 << 2              ; emulation
TS      equ     1 << 3              ; task switched
NE      equ     1 << 5              ; numeric error
WP      equ     1 << 16             ; write protect
AM      equ     1 << 18             ; alignment mask

start:
read_first:
        mov     r8, cr0             ; what the guest sees at the start

        ; MOV reaches every bit.
        mov     rax, r8
        or      eax, MP | NE        ; NE is 1 already: the write keeps it so
set_mp: mov     cr0, rax
        or      eax, TS
set_ts: mov     cr0, rax
read_ts:
        mov     r9, cr0

        ; CLTS clears TS and touches nothing else.
clear_ts:
        clts
read_after_clts:
        mov     r10, cr0

        mov     rax, r10
        or      eax, EM
set_em: mov     cr0, rax
read_em:
        mov     r11, cr0

        ; SMSW reads; at this width the processor copies CR0's low 32 bits.
read_smsw:
        smsw    r12d

        ; LMSW writes PE, MP, EM and TS only. It can set PE, not clear it.
        mov     eax, TS             ; PE is clear in the source
write_lmsw:
        lmsw    ax
read_after_lmsw:
        mov     r13, cr0

        mov     eax, MP | PE
restore_lmsw:
        lmsw    ax

        ; WP and AM lie outside LMSW's reach.
        mov     rax, cr0
        xor     eax, WP
flip_wp:
        mov     cr0, rax
        xor     eax, AM
flip_am:
        mov     cr0, rax
read_wp_am:
        mov     r14, cr0

        ; Back to what was read first.
write_back:
        mov     cr0, r8
read_last:
        mov     r15, cr0
stop:   hlt
