; ports.asm: IN and OUT in each form
;
; The idea: a port access is an instruction like any other until the VMCS says
; otherwise. Port numbers come from the instruction (0 to FFh) or from DX (0 to
; FFFFh); the width comes from AL, AX or EAX; the string form takes its bytes
; from memory and repeats.
;
; Results: BL = the byte from port 60h, R8D and R9W = the words from the other
; reads; a port that no device claims reads all ones.

        bits    64
        org     0x10000

KEYBOARD        equ     0x60        ; keyboard data
POST            equ     0x80        ; power-on self-test code, ignored by all
DISPLAY_INDEX   equ     0x1ce       ; a 16-bit port
PCI_ADDRESS     equ     0xcf8       ; a 32-bit port
PCI_DATA        equ     0xcfc
SERIAL          equ     0x3f8       ; serial data: shown on standard output
DEBUG           equ     0xe9        ; debug port: shown on standard output

start:
        ; Immediate port number, one byte.
in_keyboard:
        in      al, KEYBOARD
        mov     bl, al
out_post:
        out     POST, al

        ; Port number in DX, one byte.
        mov     edx, SERIAL
        mov     al, 'S'
out_serial:
        out     dx, al

        ; Two bytes: the access covers ports 1CEh and 1CFh.
        mov     edx, DISPLAY_INDEX
        mov     eax, 0x1234
out_word:
        out     dx, ax
in_word:
        in      ax, dx
        mov     r9w, ax

        ; Four bytes: ports CF8h to CFBh, then CFCh to CFFh.
        mov     edx, PCI_ADDRESS
        mov     eax, 0x80000000
out_dword:
        out     dx, eax
        mov     edx, PCI_DATA
in_dword:
        in      eax, dx
        mov     r8d, eax

        ; The string form: RCX bytes from [RSI], upwards.
        mov     esi, text
        mov     ecx, text_end - text
        mov     edx, DEBUG
        cld
out_string:
        rep outsb

stop:   hlt

text:   db      "ports", 10
text_end:
