; real-mode.asm: 16-bit code without protection and without paging
;
; The idea: a segment is a number times 16, CR0.PE is 0, and the program can
; reach all of the first mebibyte. The first processors with VT-x refused to
; enter a guest in this state; "unrestricted guest" allows it.
;
; Results: BX = the word written through DS, read back through ES; ECX = CR0;
; AX = the machine status word; DX = the sum of the bytes of `text`.

        bits    16
        org     0x1000

start:
        ; Two segments, one linear address: 2000h:0010h and 2001h:0000h.
        mov     ax, 0x2000
        mov     ds, ax
        mov     ax, 0x2001
        mov     es, ax
        mov     word [0x10], 0xbeef
        mov     bx, [es:0]

        xor     ax, ax
        mov     ds, ax
read_cr0:
        mov     ecx, cr0            ; PE (bit 0) and PG (bit 31) are 0
        push    cx
        call    sum
        pop     cx
read_msw:
        smsw    ax                  ; the low half of CR0
stop:   hlt

; DX = the sum of the bytes of `text`.
sum:    xor     dx, dx
        mov     si, text
        mov     cx, text_end - text
.next:  lodsb
        xor     ah, ah
        add     dx, ax
        loop    .next
        ret

text:   db      "real mode"
text_end:
