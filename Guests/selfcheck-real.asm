; selfcheck-real.asm: a boot sector that examines its processor in real mode
;
;   stepvisor run --native --boot Guests/selfcheck-real.asm
;
; The idea: what the manual promises is written down beside each instruction,
; and the program itself compares. It runs on any PC: the same image on the
; model, on an emulator or on a real machine must print the same lines on the
; serial port.
;
; A line is a name, the value found, and "ok", or "WRONG" with the value that
; was expected. The number of wrong lines goes to port F4h, which ends the run.
;
; selfcheck-boot.inc has the boot sector, and how the run ends.
;
; Flags are compared in the bits that the manual defines for the instruction.

        bits    16
        org     0x7c00

ARITHMETIC      equ     0x8d5       ; OF SF ZF AF PF CF
LOGIC           equ     0x8c5       ; the same without AF, which is undefined

%include "selfcheck-boot.inc"

; A line: the name and the value that EAX should have.
%macro check 2
        call    report
        dd      %2
        db      %1, 0
%endmacro

; The same for flags, in the bits of a mask.
%macro check_flags 3
        pushf
        pop     ax
        and     eax, %2
        check   %1, %3
%endmacro

; Where to go on behind an exception; none has been seen.
%macro expect_at 1
        mov     word [resume], %1
        mov     byte [seen], 0xee
%endmacro

; ---------------------------------------------------------------- arithmetic
main:   mov     si, title
        call    print
        mov     al, 0x7f
        add     al, 1
        check_flags "add 7f+1 flags", ARITHMETIC, 0x890
        mov     ax, 0xffff
        add     ax, 1
        check_flags "add ffff+1 flags", ARITHMETIC, 0x55
        stc
        mov     eax, 0x7fffffff
        adc     eax, 0
        check   "adc", 0x80000000
        mov     eax, 0
        sub     eax, 1
        check_flags "sub 0-1 flags", ARITHMETIC, 0x95
        mov     al, 0x80
        sub     al, 1
        check_flags "sub 80-1 flags", ARITHMETIC, 0x810
        stc
        mov     ax, 0
        sbb     ax, 0xffff
        check_flags "sbb flags", ARITHMETIC, 0x55
        stc
        mov     al, 0xff
        inc     al
        check_flags "inc keeps carry", ARITHMETIC, 0x55
        clc
        mov     al, 0x80
        dec     al
        check_flags "dec overflows", ARITHMETIC, 0x810
        mov     eax, 0x80000000
        neg     eax
        check_flags "neg flags", ARITHMETIC, 0x885
        mov     ax, 0x1234
        cmp     ax, 0x1235
        check_flags "cmp flags", ARITHMETIC, 0x95
        xor     eax, eax
        check_flags "xor flags", LOGIC, 0x44
        mov     ax, 0x8001
        test    ax, 0x8000
        check_flags "test flags", LOGIC, 0x84
        mov     ax, 0x1234
        mov     bx, 0x0100
        mul     bx
        check_flags "mul carries", 0x801, 0x801
        movzx   eax, dx
        check   "mul high", 0x12
        mov     eax, -3
        imul    eax, eax, 5
        check   "imul", 0xfffffff1
        mov     dx, 0x0001
        mov     ax, 0x2345
        mov     bx, 0x100
        div     bx
        movzx   eax, ax
        check   "div quotient", 0x123
        movzx   eax, dx
        check   "div remainder", 0x45
        mov     ax, -7
        mov     bl, 2
        idiv    bl
        movzx   eax, ax
        check   "idiv to zero", 0xfffd

; --------------------------------------------------------- decimal adjustment
        xor     eax, eax
        mov     al, 0x79
        add     al, 0x35
        daa
        check   "daa", 0x14
        mov     al, 0x79
        add     al, 0x35
        daa
        check_flags "daa flags", 0xd5, 0x15
        xor     eax, eax
        mov     al, 0x35
        sub     al, 0x47
        das
        check   "das", 0x88
        mov     eax, 0x0a
        aaa
        check   "aaa", 0x100
        mov     eax, 0x2ff
        aas
        check   "aas", 0x109
        mov     eax, 63
        aam
        check   "aam", 0x603
        mov     eax, 0x603
        aad
        check   "aad", 63

; ---------------------------------------------------------- shifts and rotates
        mov     ax, 0x8001
        shl     ax, 1
        check_flags "shl by 1 flags", 0x8c5, 0x801
        mov     eax, 0x80000000
        sar     eax, 31
        check   "sar", 0xffffffff
        mov     al, 0x81
        shr     al, 1
        check_flags "shr by 1 flags", 0x8c5, 0x801
        stc
        mov     eax, 0x01
        rcr     al, 1
        check   "rcr", 0x80
        stc
        mov     eax, 0
        mov     cl, 9
        rcl     al, cl              ; all nine bits: as it was
        check   "rcl by 9", 0
        mov     eax, 0x12345678
        rol     ax, 4
        check   "rol word", 0x12346785
        mov     eax, 1
        mov     cl, 33              ; the count has five bits
        shl     eax, cl
        check   "shl by 33", 2
        mov     eax, 0x12345678
        mov     ebx, 0xabcdef01
        shld    eax, ebx, 8
        check   "shld", 0x345678ab
        mov     eax, 0x12345678
        shrd    eax, ebx, 12
        check   "shrd", 0xf0112345
        stc
        mov     cl, 0
        shl     eax, cl             ; no shift, no flags
        check_flags "shl by 0 flags", 1, 1

; -------------------------------------------------------------- bits and bytes
        mov     ebx, 0x00080100
        bsf     eax, ebx
        check   "bsf", 8
        bsr     eax, ebx
        check   "bsr", 19
        mov     eax, 0x1000
        bts     eax, 4
        check   "bts", 0x1010
        btc     eax, 12
        check   "btc", 0x10
        mov     dword [scratch], 0
        mov     dword [scratch + 4], 0
        mov     eax, 37
        bts     [scratch], eax      ; the bit string goes on in memory
        mov     eax, [scratch + 4]
        check   "bts in memory", 0x20
        mov     eax, 0x12345678
        bswap   eax
        check   "bswap", 0x78563412
        mov     eax, 0x80
        movsx   eax, al
        check   "movsx", 0xffffff80
        mov     eax, 0x11
        mov     ebx, 0x22
        xadd    ebx, eax
        check   "xadd", 0x22
        mov     eax, 5
        mov     dword [scratch], 5
        mov     ebx, 9
        cmpxchg [scratch], ebx
        mov     eax, [scratch]
        check   "cmpxchg", 9
        mov     eax, 0
        stc
        setc    al
        check   "setc", 1
        mov     bx, table
        mov     eax, 2
        xlatb
        check   "xlat", 0x33
        xor     eax, eax
        mov     ah, 0xd5
        sahf
        lahf
        check   "sahf lahf", 0xd700

; --------------------------------------------------------------------- strings
        cld
        mov     si, table
        mov     di, scratch
        mov     cx, 4
        rep movsb
        mov     eax, [scratch]
        check   "rep movsb", 0x44332211
        movzx   eax, cx
        check   "rep counts to 0", 0
        std
        mov     si, table + 3
        mov     di, scratch + 3
        mov     cx, 3
        rep movsb
        cld
        mov     ax, di
        sub     ax, scratch
        movzx   eax, ax
        check   "movsb downwards", 0
        mov     di, scratch
        mov     cx, 4
        mov     al, 0x5a
        rep stosb
        mov     eax, [scratch]
        check   "rep stosb", 0x5a5a5a5a
        mov     di, table
        mov     cx, 8
        mov     al, 0x33
        repne scasb
        movzx   eax, cx
        check   "repne scasb", 5
        mov     si, table
        mov     di, other_table
        mov     cx, 8
        repe cmpsb
        movzx   eax, cx
        check   "repe cmpsb", 4
        mov     eax, 0x12340000
        mov     cx, 0
        mov     si, table
        rep lodsb                   ; no element, nothing happens
        check   "rep by 0", 0x12340000
        mov     ax, 0x1000
        mov     fs, ax
        mov     byte [fs:0xffff], 0x77
        mov     byte [fs:0], 0x88
        mov     si, 0xffff
        fs lodsb
        fs lodsb                    ; SI has wrapped within the segment
        movzx   eax, al
        check   "si wraps", 0x88

; ----------------------------------------------------------------------- stack
        mov     ax, sp
        push    sp
        pop     bx
        sub     ax, bx
        movzx   eax, ax
        check   "push sp pushes it as it was", 0
        mov     bp, sp
        enter   6, 0
        mov     ax, bp
        sub     ax, sp
        leave
        movzx   eax, ax
        check   "enter", 6
        push    word 0x1234
        push    word 0x5678
        pop     eax                 ; two words are a dword
        check   "pop dword", 0x12345678
        push    byte -1
        pop     ax
        movzx   eax, ax
        check   "push byte extends", 0xffff
        mov     cx, 0x1111
        mov     bx, 0x2222
        pusha
        mov     bp, sp
        mov     eax, [bp + 8]       ; BX, then DX
        movzx   eax, ax
        add     sp, 16
        check   "pusha", 0x2222
        pushf
        pop     ax
        and     eax, 0xf02a         ; reserved bits, IOPL, NT
        check   "flags at rest", 2

; ------------------------------------------------------ calls, far and by table
        mov     eax, 0
        push    cs
        call    far_target
        check   "near call, far return", 0x1234
        call    0:far_target
        check   "far call", 0x1234
        call    far [far_pointer]
        check   "far call by memory", 0x1234
        push    word 0x55
        push    word 0x66
        mov     bx, sp
        call    with_arguments
        sub     bx, sp
        movzx   eax, bx
        check   "ret with count", 0xfffc
        mov     ecx, 0x10001
        mov     eax, 0
.again: inc     ax
        loop    .again              ; CX counts, not ECX
        check   "loop", 1
        mov     cx, 0
        mov     eax, 1
        jcxz    .zero
        mov     eax, 2
.zero:  check   "jcxz", 1

; ---------------------------------------------------- interrupts and exceptions
        call    take_vectors

        expect_at .divided
        xor     bx, bx
.divide: div    bx
.divided: mov   ax, [seen_ip]
        sub     ax, .divide
        movzx   eax, ax
        check   "#DE points at the instruction", 0
        movzx   eax, byte [seen]
        check   "#DE", 0

        expect_at .quotient_told
        mov     ax, 0x1000
        mov     bl, 1
        div     bl                  ; the quotient does not fit
.quotient_told: movzx eax, byte [seen]
        check   "#DE by a large quotient", 0

        expect_at .broken
.break: int3
.broken: mov    ax, [seen_ip]
        sub     ax, .break
        movzx   eax, ax
        shl     eax, 8
        mov     al, [seen]
        check   "int3 points behind", 0x103

        expect_at .overflowed
        mov     al, 0x7f
        add     al, 1
.into:  into
.overflowed: mov ax, [seen_ip]
        sub     ax, .into
        movzx   eax, ax
        shl     eax, 8
        mov     al, [seen]
        check   "into points behind", 0x104

        expect_at .in_bounds
        mov     word [scratch], 1
        mov     word [scratch + 2], 5
        mov     ax, 5
        bound   ax, [scratch]
.in_bounds: movzx eax, byte [seen]
        check   "bound within", 0xee
        expect_at .out_of_bounds
        mov     ax, 6
.bound: bound   ax, [scratch]
.out_of_bounds: mov ax, [seen_ip]
        sub     ax, .bound
        movzx   eax, ax
        shl     eax, 8
        mov     al, [seen]
        check   "#BR", 5

        expect_at .undefined
.ud:    ud2
.undefined: mov ax, [seen_ip]
        sub     ax, .ud
        movzx   eax, ax
        shl     eax, 8
        mov     al, [seen]
        check   "#UD", 6

        expect_at .locked
        db      0xf0                ; LOCK
        mov     ax, bx
.locked: movzx  eax, byte [seen]
        check   "#UD by lock", 6

        expect_at .general
        mov     ax, [0xffff]        ; the word crosses the segment's limit
.general: movzx eax, byte [seen]
        check   "#GP by the limit", 13

        expect_at .stack
        mov     bp, 0xffff
        mov     ax, [bp]            ; the same in the stack segment
.stack: movzx   eax, byte [seen]
        check   "#SS by the limit", 12

        expect_at .protected
        mov     ax, 8
        lldt    ax                  ; no such instruction in real mode
.protected: movzx eax, byte [seen]
        check   "#UD by lldt", 6

        ; INT n clears IF and TF in the handler and not in the saved flags.
        expect_at .software
        sti
        int     0x60
.software: mov  ax, [flags_inside]
        and     eax, 0x300
        check   "int clears IF", 0
        mov     ax, [seen_flags]
        and     eax, 0x300
        check   "the saved IF", 0x200

        ; Single steps: TF set by POPF counts from the instruction behind it.
        mov     word [steps], 0
        mov     word [4], count_step
        pushf
        pop     ax
        or      ax, 0x100
        push    ax
        and     ax, 0xfeff
        mov     bx, ax
        popf
        nop
        nop
        push    bx
        ; ends with TF clear: its own step is still told
        popf
        movzx   eax, word [steps]
        check   "single steps", 4
        mov     word [4], on_1

        ; MOV SS holds back the step behind itself.
        mov     word [steps], 0
        mov     word [4], count_step
        mov     cx, ss
        pushf
        pop     ax
        or      ax, 0x100
        push    ax
        popf
        mov     ss, cx
        nop
        push    bx
        popf
        movzx   eax, word [steps]
        check   "mov ss holds one back", 3
        mov     word [4], on_1

; ------------------------------------------------ protected mode and back again
        cli
        lgdt    [gdt_pointer]
        smsw    ax
        and     eax, 1
        check   "smsw before", 0
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     8:.inside
.inside: mov    ax, 16
        mov     gs, ax              ; 4 GiB: the limit stays behind in real mode
        mov     eax, cr0
        and     al, 0xfe
        mov     cr0, eax
        jmp     0:.outside
.outside: mov   ebx, 0x123450
        mov     dword [gs:ebx], 0xcafef00d
        mov     eax, [gs:ebx]
        check   "beyond 64 KiB", 0xcafef00d
        mov     ax, 0x1000
        mov     gs, ax              ; a new base, the old limit
        mov     eax, [gs:dword 0x113450]
        check   "the base alone changes", 0xcafef00d
        sti

; ----------------------------------------------------------------- the firmware
        int     0x12
        cmp     ax, 512
        setae   al
        movzx   eax, al
        check   "int 12h knows memory", 1
        mov     eax, 0xe820
        xor     ebx, ebx
        mov     ecx, 20
        mov     edx, 0x534d4150
        mov     di, scratch
        int     0x15
        check   "int 15h, e820", 0x534d4150
        mov     eax, [scratch + 16]
        check   "its first range is RAM", 1
        mov     ah, 8
        mov     dl, [drive]
        xor     di, di
        int     0x13
        movzx   eax, cl
        and     al, 0x3f
        check   "int 13h, sectors", 18
        push    ds
        pop     es
        mov     ah, 0x0f
        int     0x10
        movzx   eax, al
        check   "int 10h, mode", 3
        mov     ax, 0x0600          ; blank the screen, then type on it
        mov     bh, 7
        mov     cx, 0
        mov     dx, 0x184f
        int     0x10
        mov     ah, 2
        mov     bh, 0
        mov     dx, 0x0305
        int     0x10
        mov     ax, 0x0e41
        mov     bx, 7
        int     0x10
        mov     ah, 3
        mov     bh, 0
        int     0x10
        movzx   eax, dx
        check   "int 10h, the cursor moves", 0x306
        mov     ax, 0xb800
        mov     fs, ax
        movzx   eax, word [fs:(3 * 80 + 5) * 2]
        check   "int 10h, the cell", 0x741
        mov     ah, 1
        int     0x16
        mov     eax, 0
        setz    al
        check   "int 16h, no key", 1

        ; A program that takes the timer's vector: the ticks come by interrupt.
        mov     ah, 0
        int     0x1a
        mov     bx, dx
.tick:  sti
        hlt
        mov     ah, 0
        int     0x1a
        cmp     dx, bx
        je      .tick
        mov     eax, 1
        check   "the clock ticks", 1
        mov     al, [wrong]
        jmp     finish

far_target: mov eax, 0x1234
        retf

with_arguments: ret 4

; The report of a line. The dword and the name behind the call are its
; arguments; all registers and the flags come back as they were.
report: pushf
        pushad
        mov     bp, sp
        mov     si, [bp + 34]       ; behind FLAGS: the return address
        mov     ebx, [cs:si]
        add     si, 4
        call    print
        mov     [bp + 34], si       ; return behind the name
        mov     al, ' '
        call    put
        mov     edx, [bp + 28]      ; EAX as it was
        call    hex
        mov     si, ok_text
        cmp     edx, ebx
        je      .told
        mov     si, wrong_text
        call    print
        mov     edx, ebx
        call    hex
        inc     byte [cs:wrong]
        mov     si, end_text
.told:  call    print
        popad
        popf
        ret

print:  cs lodsb                    ; the text at SI up to its 0
        test    al, al
        jz      .end
        call    put
        jmp     print
.end:   ret

hex:    mov     cx, 8               ; EDX as eight digits
.digit: rol     edx, 4
        mov     al, dl
        and     al, 15
        cmp     al, 10
        sbb     al, 0x69            ; digits and letters in one: the old trick
        das
        call    put
        loop    .digit
        ret

wrong:  db      0
title:  db      10, "real mode", 10, 0
ok_text: db     " ok", 10, 0
wrong_text: db  " WRONG, expected ", 0
end_text: db    10, 0

; The handlers note the vector, the address and the flags that were saved, and
; go on where the examination wants it.
%macro handler 1
on_%1:  push    word %1
        jmp     caught
%endmacro

        handler 0
        handler 1
        handler 3
        handler 4
        handler 5
        handler 6
        handler 12
        handler 13
        handler 96

caught: push    bp
        mov     bp, sp
        push    ax
        mov     ax, [bp + 2]
        mov     [cs:seen], al
        mov     ax, [bp + 4]
        mov     [cs:seen_ip], ax
        mov     ax, [bp + 8]
        mov     [cs:seen_flags], ax
        pushf
        pop     ax
        mov     [cs:flags_inside], ax
        mov     ax, [cs:resume]
        mov     [bp + 4], ax
        pop     ax
        pop     bp
        add     sp, 2
        iret

count_step: inc word [cs:steps]
        iret

take_vectors:
        mov     si, vectors
.next:  lodsw
        cmp     ax, 0xffff
        je      .end
        mov     di, ax
        shl     di, 2
        lodsw
        mov     [di], ax
        mov     word [di + 2], 0
        jmp     .next
.end:   ret

vectors: dw     0, on_0, 1, on_1, 3, on_3, 4, on_4, 5, on_5, 6, on_6
        dw      12, on_12, 13, on_13, 0x60, on_96, 0xffff

        align   8, db 0
gdt:    dq      0
        dq      0x00009b000000ffff  ; code, 64 KiB
        dq      0x00cf93000000ffff  ; data, 4 GiB
gdt_pointer: dw $ - gdt - 1
        dd      gdt

far_pointer: dw far_target, 0
resume: dw      0
seen:   db      0
seen_ip: dw     0
seen_flags: dw  0
flags_inside: dw 0
steps:  dw      0
table:  db      0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88
other_table: db 0x11, 0x22, 0x33, 0x00, 0x55, 0x66, 0x77, 0x88
scratch: times  32 db 0
        times   (512 - ($ - $$) % 512) % 512 db 0
image_end:
