; selfcheck-long.asm: a boot sector that examines protection, paging and long
; mode
;
;   stepvisor run --native --boot Guests/selfcheck-long.asm
;
; The idea: from real mode through protected mode, paging and ring 3 to 64-bit
; mode, each thing that the processor must refuse is tried, and the program
; looks at what it was told: vector, error code, address. It runs on any PC: the
; same image on the model, on an emulator or on a real machine must print the
; same lines on the serial port, except where an emulator is known to check
; less.
;
; A line is a name, the value found, and "ok", or "WRONG" with the value that
; was expected. Exceptions are values too: the vector in the upper 16 bits, the
; error code in the lower ones, 00EE0000 where none came.
;
; selfcheck-boot.inc has the boot sector, and how the run ends.

        bits    16
        org     0x7c00

%include "selfcheck-boot.inc"

NONE            equ     0x00ee0000  ; no exception
KERNEL_STACK    equ     0x7000      ; ring 0, by way of the TSS
USER_STACK      equ     0x7800
IST_STACK       equ     0x6800
DIRECTORY       equ     0x20000     ; 32-bit paging
TABLE           equ     0x21000
LONG_TABLES     equ     0x30000     ; PML4, then PDPT, directory, table
LONG_TABLE      equ     0x33000
APIC_DIRECTORY  equ     0x34000
FRAME           equ     0x25000     ; what the small pages map
OTHER_FRAME     equ     0x26000
SMALL_PAGES     equ     0x400000    ; linear addresses of them
PRESENT         equ     1
WRITABLE        equ     2
USER            equ     4
ACCESSED        equ     0x20
DIRTY           equ     0x40
LARGE           equ     0x80

CODE32          equ     0x08
DATA            equ     0x10
; with the data segment behind it, as SYSCALL wants
CODE64          equ     0x18
USER_CODE32     equ     0x2b        ; three in a row, as SYSRET wants
USER_DATA       equ     0x33
USER_CODE64     equ     0x3b
TASK32          equ     0x40
ABSENT          equ     0x48
SMALL           equ     0x50        ; 16 bytes
DOWNWARDS       equ     0x58        ; expand-down, from 1000h
READ_ONLY       equ     0x60
EXECUTE_ONLY    equ     0x68
GATE            equ     0x70        ; a call gate to ring 0 from ring 3
TASK64          equ     0x78

main:   cli
        lgdt    [gdt_pointer]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     CODE32:protected

; A line: the name and the value that EAX should have.
%macro check 2
        call    report
        dd      %2
        db      %1, 0
%endmacro
%macro check64 2
        call    report64
        dd      %2
        db      %1, 0
%endmacro

; Where to go on behind an exception; none has been seen.
%macro expect_at 1
        mov     dword [resume], %1
        mov     [resume_stack], esp
        mov     dword [seen], NONE
%endmacro

; The next instruction must not get through: it should raise this.
%macro refused 3+
        expect_at %%behind
        %3
%%behind:
        mov     eax, [seen]
        check   %1, %2
%endmacro
%macro refused64 3+
        expect_at %%behind
        %3
%%behind:
        mov     eax, [seen]
        check64 %1, %2
%endmacro

; Goes to ring 3 and comes back by whatever exception happens there.
%macro in_ring_3 2
        expect_at %%behind
        push    dword USER_DATA
        push    dword USER_STACK
        push    dword %2            ; flags
        push    dword USER_CODE32
        push    dword %1
        iret
%%behind:
        mov     eax, [seen]
%endmacro

; The report of a line, for both sizes of code: the dword and the name behind
; the call are its arguments. Registers and flags come back as they were.
; Arguments: name, size of a push, and the registers a, b, c, d, si, sp by their
; full names.
%macro reporter 8
%1:     pushf
        push    %3
        push    %4
        push    %5
        push    %6
        push    %7
        mov     %7, [%8 + 6 * %2]   ; the return address
        mov     ebx, [%7]
        add     %7, 4
        mov     ecx, eax
        call    %1_print
        mov     [%8 + 6 * %2], %7
        mov     al, ' '
        call    %1_put
        call    %1_hex
        mov     esi, ok_text
        cmp     ecx, ebx
        je      %%told
        inc     byte [wrong]
        mov     esi, wrong_text
        call    %1_print
        mov     ecx, ebx
        call    %1_hex
        mov     esi, end_text
%%told: call    %1_print
        pop     %7
        pop     %6
        pop     %5
        pop     %4
        pop     %3
        popf
        ret

%1_print:
        lodsb
        test    al, al
        jz      %%end
        call    %1_put
        jmp     %1_print
%%end:  ret

%1_hex: push    %5                  ; ECX as eight digits
        mov     ah, 8
%%digit: rol    ecx, 4
        mov     al, cl
        and     al, 15
        add     al, '0'
        cmp     al, '9'
        jbe     %%put
        add     al, 'A' - '9' - 1
%%put:  call    %1_put
        dec     ah
        jnz     %%digit
        pop     %5
        ret

%1_put: push    %3                  ; AL, once the port is ready
        mov     edx, SERIAL + 5
%%wait: in      al, dx
        test    al, 0x20
        jz      %%wait
        pop     %3
        mov     edx, SERIAL
        out     dx, al
        ret
%endmacro

; ============================================================== protected mode
        bits    32
protected:
        mov     ax, DATA
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     esp, 0x7c00
        mov     esi, title
        call    report_print
        mov     edi, idt            ; gates to the stubs, eight bytes each
        mov     eax, stubs
        mov     ecx, STUBS
gates:  mov     [edi], ax
        mov     word [edi + 2], CODE32
        mov     word [edi + 4], 0x8e00
        mov     word [edi + 6], 0
        add     edi, 8
        add     eax, STUB_SIZE
        loop    gates
        mov     byte [idt + 0x30 * 8 + 5], 0xee     ; INT 30h is ring 3's too
        lidt    [idt_pointer]

; ----------------------------------------------------------------- segmentation
        mov     eax, 0x1f8
        refused "selector beyond the table", 0x000d01f8, mov fs, ax
        mov     eax, 0
        refused "null selector loads", NONE, mov fs, ax
        refused "and cannot be used", 0x000d0000, mov al, [fs:0]
        mov     eax, ABSENT
        refused "segment not present", 0x000b0048, mov fs, ax
        refused "stack not present", 0x000c0048, mov ss, ax
        mov     eax, EXECUTE_ONLY
        refused "execute-only code is no data", 0x000d0068, mov fs, ax
        mov     eax, CODE32
        refused "code is no stack", 0x000d0008, mov ss, ax
        mov     eax, USER_DATA
        refused "a stack of another ring", 0x000d0030, mov ss, ax
        mov     eax, TASK32
        refused "a task is no data", 0x000d0040, mov fs, ax
        mov     eax, READ_ONLY
        mov     fs, ax
        refused "read-only", 0x000d0000, mov [fs:0], al
        mov     eax, SMALL
        mov     fs, ax
        refused "the last bytes of a segment", NONE, mov ecx, [fs:12]
        refused "one byte beyond it", 0x000d0000, mov ecx, [fs:13]
        mov     eax, DOWNWARDS
        mov     fs, ax
        refused "below an expand-down segment", 0x000d0000, mov cl, [fs:0xfff]
        refused "its first byte", NONE, mov cl, [fs:0x1000]
        refused "far jump to data", 0x000d0010, jmp DATA:0
        refused "far call to nothing", 0x000d0000, call 0:0
        mov     ecx, DATA
        lar     eax, ecx
        and     eax, 0x00f0ff00     ; the limit's bits are undefined
        check   "lar", 0x00c09300
        lsl     eax, ecx
        check   "lsl", 0xffffffff
        mov     ecx, SMALL
        lsl     eax, ecx
        check   "lsl in bytes", 15
        mov     ecx, READ_ONLY
        xor     eax, eax
        verr    cx
        setz    al
        verw    cx
        setz    ah
        check   "verr verw", 1
        mov     ecx, 0x1f8
        mov     eax, 0x55
        lar     eax, ecx            ; no such descriptor: nothing changes
        check   "lar beyond the table", 0x55
        mov     eax, 0x1230
        mov     ecx, 3
        arpl    ax, cx
        check   "arpl", 0x1233

; ------------------------------------------------------------------- exceptions
        xor     ecx, ecx
        refused "#DE", 0, div ecx
        refused "#DB by int1", 0x00010000, db 0xf1
        refused "#BP", 0x00030000, int3
        refused "#UD", 0x00060000, ud2
        refused "int to nothing", 0x000d03fa, int 0x7f
        refused "int", 0x00310000, int 0x31
        mov     eax, cr0
        or      al, 8               ; TS
        mov     cr0, eax
        refused "#NM", 0x00070000, fnstsw ax
        clts
        mov     eax, cr0
        and     eax, 8
        check   "clts", 0
        ; #GP has no gate, so #NP, so #DF
        mov     byte [idt + 13 * 8 + 5], 0x0e
        mov     eax, 0x1f8
        refused "#DF", 0x00080000, mov fs, ax
        mov     byte [idt + 13 * 8 + 5], 0x8e
        mov     eax, watched
        mov     dr0, eax
        mov     eax, 0xd0001        ; DR0: four bytes, written
        mov     dr7, eax
        xor     eax, eax
        mov     dr6, eax
        refused "data breakpoint", 0x00010000, mov dword [watched], 1
        mov     eax, dr6
        and     eax, 0xf
        check   "dr6", 1
        xor     eax, eax
        mov     dr7, eax

; ----------------------------------------------------------------------- ring 3
        mov     eax, TASK32
        ltr     ax
        mov     al, [gdt + TASK32 + 5]
        movzx   eax, al
        check   "ltr makes it busy", 0x8b
        mov     eax, TASK32
        refused "a busy task", 0x000d0040, ltr ax
        in_ring_3 user_cli, 2
        check   "ring 3: cli", 0x000d0000
        mov     eax, [seen_cs]
        check   "it was in ring 3", USER_CODE32
        in_ring_3 user_hlt, 2
        check   "ring 3: hlt", 0x000d0000
        in_ring_3 user_mov_cr, 2
        check   "ring 3: mov to cr0", 0x000d0000
        in_ring_3 user_int30, 2
        check   "ring 3: an open gate", 0x00300000
        in_ring_3 user_int31, 2
        check   "ring 3: a closed gate", 0x000d018a
        in_ring_3 user_port, 2
        check   "ring 3: a port", 0x000d0000
        in_ring_3 user_open_port, 2
        check   "ring 3: a port that the bitmap opens", 0x00300000
        in_ring_3 user_port, 0x3002
        check   "ring 3: a port by IOPL 3", 0x00300000
        in_ring_3 user_popf, 2
        mov     eax, [seen_flags]
        and     eax, 0x3200
        check   "ring 3: popf keeps IOPL and IF", 0
        in_ring_3 user_gate, 2
        check   "ring 3: a call gate", 0x00310000
        mov     eax, [seen_cs]
        check   "it leads to ring 0", CODE32
        in_ring_3 user_data, 2
        check   "ring 3: ring 0's data", 0x000d0010
        mov     eax, cr0
        or      eax, 0x40000        ; AM
        mov     cr0, eax
        in_ring_3 user_unaligned, 0x40002
        check   "ring 3: alignment", 0x00110000
        mov     eax, cr0
        and     eax, ~0x40000
        mov     cr0, eax

; ----------------------------------------------------------------------- paging
        mov     edi, DIRECTORY
        xor     eax, eax
        mov     ecx, 0x800
        rep stosd
        mov     dword [DIRECTORY], PRESENT | WRITABLE | USER | LARGE
        mov     dword [DIRECTORY + 4], TABLE | PRESENT | WRITABLE | USER
        mov     dword [TABLE], FRAME | PRESENT | WRITABLE | USER
        mov     dword [TABLE + 8], FRAME | PRESENT | USER
        mov     dword [TABLE + 12], FRAME | PRESENT | WRITABLE
        mov     dword [FRAME], 0x11111111
        mov     dword [OTHER_FRAME], 0x22222222
        mov     eax, cr4
        or      al, 0x10            ; PSE
        mov     cr4, eax
        mov     eax, DIRECTORY
        mov     cr3, eax
        mov     eax, cr0
        or      eax, 0x80000000
        mov     cr0, eax
        jmp     .paged
.paged: mov     eax, [SMALL_PAGES]
        check   "a page", 0x11111111
        mov     eax, [TABLE]
        and     eax, ACCESSED | DIRTY
        check   "it is accessed", ACCESSED
        mov     [SMALL_PAGES + 4], eax
        mov     eax, [TABLE]
        and     eax, ACCESSED | DIRTY
        check   "it is dirty", ACCESSED | DIRTY
        mov     eax, [DIRECTORY + 4]
        and     eax, ACCESSED
        check   "the directory is accessed", ACCESSED
        refused "#PF: not present", 0x000e0000, mov eax, [SMALL_PAGES + 0x1234]
        mov     eax, cr2
        check   "cr2", SMALL_PAGES + 0x1234
        refused "#PF: write", 0x000e0002, mov [SMALL_PAGES + 0x1000], eax
        refused "no WP: ring 0 writes", \
                NONE, mov dword [SMALL_PAGES + 0x2004], 5
        mov     eax, cr0
        or      eax, 0x10000        ; WP
        mov     cr0, eax
        refused "#PF: WP", 0x000e0003, mov dword [SMALL_PAGES + 0x2004], 5
        refused "#PF: across pages", 0x000e0000, mov eax, [SMALL_PAGES + 0xffe]
        mov     eax, cr2
        check   "cr2 of the second page", SMALL_PAGES + 0x1000
        in_ring_3 user_supervisor_page, 2
        check   "#PF: ring 3, supervisor page", 0x000e0005
        in_ring_3 user_read_only_page, 2
        check   "#PF: ring 3, read-only page", 0x000e0007
        mov     dword [TABLE], OTHER_FRAME | PRESENT | WRITABLE | USER
        invlpg  [SMALL_PAGES]
        mov     eax, [SMALL_PAGES]
        check   "invlpg", 0x22222222

; ==================================================================== long mode
        mov     eax, cr0
        and     eax, 0x7fffffff
        mov     cr0, eax
        mov     edi, LONG_TABLES
        xor     eax, eax
        mov     ecx, 0x5000 / 4
        rep stosd
        mov dword [LONG_TABLES], \
                LONG_TABLES + 0x1000 + (PRESENT | WRITABLE | USER)
        mov dword [LONG_TABLES + 0x1000], \
                LONG_TABLES + 0x2000 + (PRESENT | WRITABLE | USER)
        mov dword [LONG_TABLES + 0x1018], APIC_DIRECTORY | PRESENT | WRITABLE
        mov     dword [LONG_TABLES + 0x2000], PRESENT | WRITABLE | USER | LARGE
        mov dword [LONG_TABLES + 0x2010], LONG_TABLE | PRESENT | WRITABLE | USER
        mov     dword [LONG_TABLE], FRAME | PRESENT | WRITABLE | USER
        mov     dword [LONG_TABLE + 16], FRAME | PRESENT | WRITABLE
        mov     dword [LONG_TABLE + 20], 0x80000000         ; XD
        mov dword [APIC_DIRECTORY + 0x1f7 * 8], \
                0xfee00000 | PRESENT | WRITABLE | LARGE
        mov     eax, cr4
        and     al, 0xef
        or      al, 0x20            ; PAE
        mov     cr4, eax
        mov     eax, LONG_TABLES
        mov     cr3, eax
        mov     ecx, 0xc0000080
        rdmsr
        or      eax, 0x901          ; NXE, LME, SCE
        wrmsr
        mov     eax, cr0
        or      eax, 0x80000000
        mov     cr0, eax
        rdmsr
        and     eax, 0x400          ; LMA
        check   "long mode is active", 0x400
        mov     edi, idt            ; now of sixteen bytes each
        mov     ebx, stubs64
        mov     ecx, STUBS
gates64: mov    [edi], bx
        mov     word [edi + 2], CODE64
        mov     word [edi + 4], 0x8e00
        mov     word [edi + 6], 0
        mov     dword [edi + 8], 0
        mov     dword [edi + 12], 0
        add     edi, 16
        add     ebx, STUB_SIZE
        loop    gates64
        mov     byte [idt + 3 * 16 + 4], 1          ; #BP has a stack of its own
        mov     byte [idt + 0x30 * 16 + 5], 0xee
        lidt    [idt64_pointer]
        jmp     CODE64:in_long_mode

        reporter report, 4, eax, ebx, ecx, edx, esi, esp

; ---------------------------------------------------- what ring 3 tries, 32-bit
user_cli: cli
        int     0x30
user_hlt: hlt
        int     0x30
user_mov_cr: mov cr0, eax
        int     0x30
user_int30: int 0x30
user_int31: int 0x31
        int     0x30
user_port: in   al, 0x71
        int     0x30
user_open_port: out 0x80, al
        int     0x30
user_popf: push dword 0x3202
        popf
        int     0x30
user_gate: call GATE | 3:0
        int     0x30
gate_target: int 0x31
user_data: mov  eax, DATA
        mov     ds, ax
        int     0x30
user_unaligned: mov eax, USER_DATA
        mov     ds, ax
        mov     eax, [FRAME + 1]
        int     0x30
user_supervisor_page: mov eax, USER_DATA
        mov     ds, ax
        mov     eax, [SMALL_PAGES + 0x3000]
        int     0x30
user_read_only_page: mov eax, USER_DATA
        mov     ds, ax
        mov     eax, [SMALL_PAGES + 0x2000]
        mov     [SMALL_PAGES + 0x2000], eax
        int     0x30

; ------------------------------------------------- stubs of the vectors, 32-bit
STUB_SIZE       equ     12
STUBS           equ     0x38

; Vectors with an error code: 8, 10 to 14, 17.
%macro stub 2
%%stub:
  %if %1 != 8 && (%1 < 10 || %1 > 14) && %1 != 17
        push    dword 0
  %endif
        push    dword %1
        jmp     %2
        times   STUB_SIZE - ($ - %%stub) db 0x90
%endmacro

stubs:
%assign vector 0
%rep STUBS
        stub    vector, caught
%assign vector vector + 1
%endrep

caught: mov     ax, DATA
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        pop     eax                 ; the vector
        pop     ebx                 ; the error code
        shl     eax, 16
        mov     ax, bx
        mov     [seen], eax
        mov     eax, [esp + 4]
        mov     [seen_cs], eax
        mov     eax, [esp + 8]
        mov     [seen_flags], eax
        mov     ax, DATA
        mov     ss, ax
        mov     esp, [resume_stack]
        jmp     [resume]

; ================================================================== 64-bit code
        bits    64
in_long_mode:
        mov     ax, DATA
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     fs, ax
        mov     gs, ax
        mov     esp, 0x7c00
        mov     ax, TASK64
        ltr     ax

; ------------------------------------------------------------------- arithmetic
        mov     rax, -1
        mov     eax, eax            ; the upper half becomes zeros
        shr     rax, 32
        check64 "32 bits clear the rest", 0
        mov     rax, -1
        mov     ax, 0
        shr     rax, 32
        check64 "16 bits keep it", 0xffffffff
        mov     rax, 0x123456789abcdef0
        mov     rcx, 0x1000000000
        mul     rcx
        mov     rax, rdx
        check64 "mul", 0x23456789
        mov     edx, 1
        xor     eax, eax
        mov     rcx, 0x100000000
        div     rcx                 ; 2^64 / 2^32
        shr     rax, 32
        check64 "div", 1
        mov     eax, 0x80000000
        cdqe
        shr     rax, 32
        check64 "cdqe", 0xffffffff
        mov     ecx, 0x80000000
        movsxd  rax, ecx
        shr     rax, 32
        check64 "movsxd", 0xffffffff
        mov     rax, 0x0123456789abcdef
        bswap   rax
        check64 "bswap", 0x67452301
        mov     rcx, 0x100000000000
        bsf     rax, rcx
        check64 "bsf", 44
        mov     eax, 1
        mov     cl, 65              ; six bits of the count
        shl     rax, cl
        check64 "shl by 65", 2
        push    -2
        pop     rax
        shr     rax, 32
        check64 "push extends the sign", 0xffffffff
        mov     rax, 0x1122334455667788
        mov     rdx, 0x99
        mov     [watched], rax
        mov     [watched + 8], rdx
        mov     ebx, 7
        xor     ecx, ecx
        cmpxchg16b [watched]
        mov     eax, [watched]
        check64 "cmpxchg16b", 7
        mov     eax, [rel rip_value]
        check64 "by rip", 0x5eed5eed
        lea     esi, [title]
        mov     edi, FRAME
        mov     ecx, 2
        rep movsq
        mov     rax, rdi
        sub     eax, FRAME
        check64 "rep movsq", 16
        mov     rdi, FRAME
        mov     rcx, 0x100000003
        mov     al, 0
        a32 rep stosb               ; ECX counts, EDI points
        mov     rax, rcx
        check64 "rep by ecx", 0

; ------------------------------------------------------------------- exceptions
        refused64 "no push es", 0x00060000, db 0x06
        refused64 "no aaa", 0x00060000, db 0x37
        refused64 "no into", 0x00060000, db 0xce
        mov     rcx, 0x800000000000
        refused64 "no such address", 0x000d0000, mov al, [rcx]
        mov     rbp, rcx
        refused64 "no such stack", 0x000c0000, mov al, [rbp]
        refused64 "no such jump", 0x000d0000, jmp rcx
        refused64 "#PF", 0x000e0000, mov al, [dword SMALL_PAGES + 0x1010]
        mov     rax, cr2
        check64 "cr2, 64-bit", SMALL_PAGES + 0x1010
        mov     ecx, SMALL_PAGES + 0x2000
        refused64 "#PF: execute-disable", 0x000e0011, jmp rcx
        mov     eax, [LONG_TABLE]
        and     eax, ACCESSED | DIRTY
        check64 "not yet accessed", 0
        mov     byte [dword SMALL_PAGES], 1
        mov     eax, [LONG_TABLE]
        and     eax, ACCESSED | DIRTY
        check64 "accessed and dirty", ACCESSED | DIRTY
        mov     rax, cr0
        bts     rax, 32
        refused64 "cr0 has 32 bits", 0x000d0000, mov cr0, rax
        mov     ecx, 0xc0000082
        mov     edx, 0x8000
        refused64 "lstar is an address", 0x000d0000, wrmsr
        mov     ecx, 0x00004321
        refused64 "no such msr", 0x000d0000, rdmsr
        refused64 "breakpoint", 0x00030000, int3
        mov     rax, [seen_stack]
        check64 "its own stack, aligned", IST_STACK - 40
        mov     ecx, esp
        lea     rsp, [rcx - 3]
        refused64 "int", 0x00310000, int 0x31
        mov     rax, [seen_stack]
        and     eax, 15
        mov     esp, ecx
        check64 "the frame is aligned", 8

; --------------------------------------------------------------- MSRs and bases
        mov     ecx, 0xc0000100     ; FS base
        mov     eax, watched
        xor     edx, edx
        wrmsr
        mov     eax, [fs:0]
        check64 "by the base of fs", 7
        mov     ecx, 0xc0000102     ; KERNEL_GS_BASE
        mov     eax, rip_value
        wrmsr
        swapgs
        mov     eax, [gs:0]
        swapgs
        check64 "swapgs", 0x5eed5eed
        mov     eax, 5
        mov     cr8, rax
        xor     eax, eax
        mov     rax, cr8
        check64 "cr8", 5
        xor     eax, eax
        mov     cr8, rax

; ----------------------------------------------------------- ring 3 and SYSCALL
        mov     ecx, 0xc0000081     ; STAR: SYSRET's and SYSCALL's selectors
        xor     eax, eax
        mov     edx, (USER_CODE32 << 16) | CODE64
        wrmsr
        mov     ecx, 0xc0000082     ; LSTAR
        mov     eax, system_call
        xor     edx, edx
        wrmsr
        mov     ecx, 0xc0000084     ; FMASK: IF and DF
        mov     eax, 0x600
        wrmsr
        expect_at .from_user
        push    USER_DATA
        push    USER_STACK
        push    0x402               ; DF
        push    USER_CODE64
        push    user64
        iretq
.from_user: cld
        mov     eax, [seen]
        check64 "sysret returns to ring 3", 0x00300000
        mov     eax, [seen_cs]
        check64 "in 64-bit code", USER_CODE64
        mov     eax, [system_flags]
        and     eax, 0x400
        check64 "fmask", 0
        mov     eax, [system_r11]
        and     eax, 0x400
        check64 "r11 has the flags", 0x400
        mov     eax, [system_rcx]
        check64 "rcx has the address", behind_syscall
        mov     eax, [system_cs]
        check64 "syscall's cs", CODE64
        mov     eax, [system_ss]
        check64 "syscall's ss", CODE64 + 8
        expect_at .user_cli
        push    USER_DATA
        push    USER_STACK
        push    2
        push    USER_CODE64
        push    user64_cli
        iretq
.user_cli: mov  eax, [seen]
        check64 "ring 3: cli, 64-bit", 0x000d0000
        mov     eax, [seen_stack]
        check64 "the stack of the TSS", KERNEL_STACK - 40

; ----------------------------------------------------------- compatibility mode
        push    CODE32
        push    compatible
        o64 retf
from_compatibility:
        check64 "a push of 4 bytes", 4
        mov     eax, ebx
        check64 "43h is inc", 8

; ------------------------------------------------------ interrupts from outside
        mov     al, 0x11            ; both controllers, from vector 20h on
        out     0x20, al
        out     0xa0, al
        mov     al, 0x20
        out     0x21, al
        mov     al, 0x28
        out     0xa1, al
        mov     al, 4
        out     0x21, al
        mov     al, 2
        out     0xa1, al
        mov     al, 1
        out     0x21, al
        out     0xa1, al
        mov     al, 0xfe            ; the timer alone
        out     0x21, al
        mov     al, 0xff
        out     0xa1, al
        ; counter 0, mode 2: about a thousand a second
        mov     al, 0x34
        out     0x43, al
        mov     al, 0xa9
        out     0x40, al
        mov     al, 0x04
        out     0x40, al
        expect_at .timer
        sti
.wait:  hlt
        jmp     .wait
.timer: mov     eax, [seen]
        check64 "the timer", 0x00200000
        mov     al, 0x0b            ; the register of what is served
        out     0x20, al
        in      al, 0x20
        movzx   eax, al
        check64 "it is being served", 1
        mov     al, 0x20            ; end of interrupt
        out     0x20, al
        in      al, 0x20
        movzx   eax, al
        check64 "end of interrupt", 0
        mov     al, 0xff
        out     0x21, al

        ; The local APIC: an interrupt to itself.
        mov     rdi, 0xfee00000
        mov     eax, [rdi + 0xf0]
        or      eax, 0x1ff
        mov     [rdi + 0xf0], eax
        expect_at .sent
        mov     dword [rdi + 0x310], 0
        mov     dword [rdi + 0x300], 0x44032        ; itself, fixed, vector 32h
        sti
        mov     ecx, 100000
.pause: pause
        loop    .pause
        cli
.sent:  mov     rdi, 0xfee00000
        mov     eax, [seen]
        check64 "an interrupt to itself", 0x00320000
        mov     eax, [rdi + 0x110]  ; vectors 20h to 3Fh that are served
        check64 "is served", 0x40000
        mov     dword [rdi + 0xb0], 0
        mov     eax, [rdi + 0x110]
        check64 "until its end", 0

; ---------------------------------------------------------------------- the end
        mov     al, [wrong]
        mov     bl, al
        mov     dx, SERIAL + 5
.sent_all: in   al, dx
        test    al, 0x40
        jz      .sent_all
        mov     al, bl
        out     FINISH, al
        mov     esi, shutdown_text
        mov     edx, SHUTDOWN
.next:  lodsb
        out     dx, al
        test    al, al
        jnz     .next
        cli
        hlt

        reporter report64, 8, rax, rbx, rcx, rdx, rsi, rsp

user64: syscall
behind_syscall: int 0x30
user64_cli: cli
        int     0x30

system_call: mov [system_rcx], ecx
        mov     [system_r11], r11d
        mov     eax, cs
        mov     [system_cs], eax
        mov     eax, ss
        mov     [system_ss], eax
        mov     esp, KERNEL_STACK
        pushfq
        pop     rax
        mov     [system_flags], eax
        mov     esp, USER_STACK
        o64 sysret

        bits    32
compatible:
        mov     eax, esp
        push    eax
        sub     eax, esp
        pop     ecx
        mov     ebx, 7
        db      0x43                ; INC EBX; a REX prefix in 64-bit code
        nop
        jmp     CODE64:from_compatibility
        bits    64

stubs64:
%assign vector 0
%rep STUBS
        stub    vector, caught64
%assign vector vector + 1
%endrep

caught64:
        pop     rax                 ; the vector
        pop     rbx                 ; the error code
        mov     [seen_stack], rsp
        shl     eax, 16
        mov     ax, bx
        mov     [seen], eax
        mov     eax, [rsp + 8]
        mov     [seen_cs], eax
        mov     eax, [rsp + 16]
        mov     [seen_flags], eax
        mov     ax, DATA
        mov     ss, ax
        mov     esp, [resume_stack]
        jmp     [resume]

; ----------------------------------------------------------------------- tables
        align   16, db 0
gdt:    dq      0
        dq      0x00cf9b000000ffff  ; 08 code, 32-bit
        dq      0x00cf93000000ffff  ; 10 data
        dq      0x00af9b000000ffff  ; 18 code, 64-bit
        dq      0x00cf93000000ffff  ; 20 data
        dq      0x00cffb000000ffff  ; 28 ring 3: code, 32-bit
        dq      0x00cff3000000ffff  ; 30 ring 3: data
        dq      0x00affb000000ffff  ; 38 ring 3: code, 64-bit
        dw      0x88, task32, 0x8900, 0             ; 40 TSS with its bitmap
        dq      0x00cf13000000ffff  ; 48 not present
        dq      0x004093000000000f  ; 50 data, 16 bytes
        dq      0x0040970000000fff  ; 58 data, expand-down
        dq      0x00cf91000000ffff  ; 60 read-only
        dq      0x00cf99000000ffff  ; 68 execute-only
        dw      gate_target, CODE32, 0xec00, 0      ; 70 call gate
        dw      0x67, task64, 0x8900, 0             ; 78 TSS
        dq      0
gdt_pointer: dw $ - gdt - 1
        dd      gdt

idt_pointer: dw STUBS * 8 - 1
        dd      idt
idt64_pointer: dw STUBS * 16 - 1
        dd      idt

task32: dd      0, KERNEL_STACK, DATA
        times   0x66 - 12 db 0
        dw      0x68
        times   0x10 db 0xff        ; ports 0 to 7Fh are closed
        times   0x11 db 0xfe        ; 80h is open
task64: dd      0
        dq      KERNEL_STACK, 0, 0, 0, IST_STACK, 0, 0, 0, 0, 0, 0
        times   0x68 - ($ - task64) db 0

        align   16, db 0
watched: dq     0, 0
rip_value: dd   0x5eed5eed
seen:   dd      0
seen_cs: dd     0
seen_flags: dd  0
seen_stack: dq  0
resume: dq      0
resume_stack: dq 0
system_rcx: dd  0
system_r11: dd  0
system_cs: dd   0
system_ss: dd   0
system_flags: dd 0
wrong:  db      0
title:  db      10, "protected and long mode", 10, 0
ok_text: db     " ok", 10, 0
wrong_text: db  " WRONG, expected ", 0
end_text: db    10, 0
        times   (512 - ($ - $$) % 512) % 512 db 0
image_end:
idt     equ     0x1000              ; in free memory
