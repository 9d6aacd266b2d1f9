import Testing

/// Programs that NASM and this assembler must make the same bytes of.
enum ProgramCorpus {
    struct Program: Sendable, CustomTestStringConvertible {
        var name: String
        var source: String
        var files: [String: String] = [:]
        var testDescription: String { name }
    }

    static let all: [Program] = programs + short

    /// Lines that are programs of their own, for what one statement shows.
    private static let short: [Program] = lines.enumerated().map { index, line in
        Program(name: "line \(index): \(line.prefix(40))", source: line)
    }

    private static let programs: [Program] = [
        Program(
            name: "boot sector",
            source: """
                bits 16
                org 0x7c00
                start:
                    cli
                    xor ax, ax
                    mov ds, ax
                    mov es, ax
                    mov ss, ax
                    mov sp, 0x7c00
                    sti
                    mov si, message
                .next:
                    lodsb
                    test al, al
                    jz .done
                    mov ah, 0x0e
                    mov bx, 7
                    int 0x10
                    jmp .next
                .done:
                    hlt
                    jmp short .done
                message: db "Hello from the boot sector", 13, 10, 0
                times 510 - ($ - $$) db 0
                dw 0xaa55
                """),
        Program(
            name: "into long mode",
            source: """
                bits 16
                org 0x8000
                CR0_PE equ 1 << 0
                CR0_PG equ 1 << 31
                CR4_PAE equ 1 << 5
                EFER equ 0xc0000080
                start:
                    lgdt [gdt.pointer]
                    mov eax, cr4
                    or eax, CR4_PAE
                    mov cr4, eax
                    mov eax, 0x1000
                    mov cr3, eax
                    mov ecx, EFER
                    rdmsr
                    or eax, 1 << 8
                    wrmsr
                    mov eax, cr0
                    or eax, CR0_PE | CR0_PG
                    mov cr0, eax
                    jmp 8:long_mode
                align 8
                gdt:
                    dq 0
                    dq 0x00209a0000000000
                    dq 0x0000920000000000
                .pointer:
                    dw $ - gdt - 1
                    dd gdt
                bits 64
                long_mode:
                    mov ax, 0x10
                    mov ds, ax
                    mov ss, ax
                    mov rsp, 0x9000
                    lea rsi, [rel text]
                    mov rdi, 0xb8000
                    mov ecx, text.end - text
                .copy:
                    lodsb
                    mov ah, 0x0f
                    stosw
                    loop .copy
                    hlt
                    jmp $
                text: db `long\\tmode\\n`
                .end:
                """),
        Program(
            name: "CR0 in long mode",
            source: """
                bits 64
                org 0x10000
                %define CR0_TS (1 << 3)
                %define CR0_EM (1 << 2)
                main:
                    mov rax, cr0
                    mov rbx, rax
                    or eax, CR0_TS
                    mov cr0, rax
                    smsw cx
                    lmsw cx
                    clts
                    mov rdx, cr0
                    and rdx, ~(CR0_TS | CR0_EM)
                    mov cr0, rdx
                    mov cr0, rbx
                    mov dx, 0xf4
                    mov al, 0x2a
                    out dx, al
                    hlt
                """),
        Program(
            name: "ports",
            source: """
                bits 64
                org 0x10000
                DEBUG equ 0xe9
                    mov al, 'x'
                    out DEBUG, al
                    mov dx, 0x3f8
                    in al, dx
                    in ax, dx
                    in eax, dx
                    in al, 0x60
                    in ax, 0x60
                    in eax, 0x60
                    out dx, ax
                    out dx, eax
                    mov rsi, string
                    mov ecx, string.end - string
                    cld
                    rep outsb
                    hlt
                string: db "hello", 10
                .end:
                """),
        Program(
            name: "a hypervisor's first steps",
            source: """
                bits 64
                default rel
                VMXE equ 13
                    mov rax, cr4
                    bts rax, VMXE
                    mov cr4, rax
                    vmxon [region]
                    jbe fail
                    vmclear [vmcs]
                    vmptrld [vmcs]
                    mov rdx, 0x681e
                    mov rax, guest
                    vmwrite rdx, rax
                    vmread [result], rdx
                    vmread rcx, rdx
                    vmlaunch
                    jc fail
                    vmresume
                    vmptrst [result]
                    mov eax, 1
                    invept rax, [descriptor]
                    invvpid rax, [descriptor]
                    vmxoff
                    hlt
                fail: ud2
                guest: vmcall
                    cpuid
                    xor eax, eax
                    vmfunc
                    hlt
                align 16
                descriptor: dq 0, 0
                region: dq 0x1000
                vmcs: dq 0x2000
                result: dq 0
                """),
        Program(
            name: "interrupt handlers from a macro",
            source: """
                bits 32
                org 0x100000
                %macro handler 1
                handler_%1:
                    pushad
                    mov eax, %1
                    call shared
                    popad
                    iretd
                %endmacro
                %assign vector 0
                %rep 32
                handler vector
                %assign vector vector + 1
                %endrep
                shared:
                    out 0xe9, al
                    ret
                table:
                %assign vector 0
                %rep 4
                    dw handler_0 - $$ + 0
                    dw 8
                    db 0, 0x8e
                    dw 0x10
                %assign vector vector + 1
                %endrep
                """),
        Program(
            name: "macros with parameters",
            source: """
                bits 32
                %macro multipush 1-*
                %rep %0
                    push %1
                %rotate 1
                %endrep
                %endmacro
                %macro writes 2+
                    jmp %%over
                %%text: db %2
                %%over:
                    mov esi, %%text
                    mov ecx, %%over - %%text
                    mov dx, %1
                    rep outsb
                %endmacro
                %define field(base, number) dword [base + number * 4]
                %idefine Port 0x3F8
                    multipush eax, ebx, dword [esi], 5
                    writes port, "a, b; c", 10, 0
                    mov eax, field(ebx, 3)
                    add field(ebx, ecx), 7
                %ifdef port
                    nop
                %elifdef other
                    hlt
                %else
                    int3
                %endif
                %ifidn x, x
                    cld
                %endif
                %if 3 * 4 > 11 && !0
                    std
                %endif
                """),
        Program(
            name: "an included file",
            source: """
                bits 16
                %include "ports.inc"
                    mov al, 1
                    out PORT, al
                    hello
                """,
            files: [
                "ports.inc": """
                PORT equ 0xf4
                %macro hello 0
                    mov al, 'h'
                    out 0xe9, al
                %endmacro
                """
            ]),
        Program(
            name: "sections",
            source: """
                bits 32
                org 0x100000
                section .data
                first: dd 1, second
                section .text
                start:
                    mov eax, [first]
                    mov [counter], eax
                    mov esi, second
                    jmp start
                section .data
                second: db "two"
                section .bss
                counter: resd 1
                buffer: resb 64
                """),
        Program(
            name: "jumps at the edge of a byte",
            source: (120...132).map { distance in
                """
                a\(distance): times \(distance) nop
                    jmp a\(distance)
                    jnz b\(distance)
                    times \(distance) nop
                b\(distance): jmp c\(distance)
                    times \(distance) nop
                c\(distance):

                """
            }.joined()),
        Program(
            name: "jumps that push each other out of reach",
            source: """
                bits 32
                one: jmp three
                two: jz four
                    times 118 nop
                    jmp one
                three: jc two
                    times 120 nop
                four: call one
                    jmp two
                """),
        Program(
            name: "strings with REP in every size",
            source: """
                bits 64
                    rep movsb
                    rep movsw
                    rep movsd
                    rep movsq
                    repe cmpsb
                    repne scasw
                    rep stosd
                    a32 rep lodsb
                    rep insb
                    rep outsw
                    fs lodsq
                """),
        Program(
            name: "system instructions",
            source: """
                bits 32
                    lidt [esi]
                    sgdt [edi + 4]
                    lldt ax
                    ltr [bx + 2]
                    str dx
                    sldt word [eax]
                    lar eax, ecx
                    lsl ebx, word [esi]
                    verr ax
                    verw [edi]
                    arpl [ebx], cx
                    invlpg [eax]
                    wbinvd
                    invd
                    mov dr7, eax
                    mov eax, dr6
                    rdmsr
                    wrmsr
                    rdtsc
                    rdpmc
                    monitor
                    mwait
                    sysenter
                    sysexit
                    xgetbv
                    xsetbv
                    clac
                    stac
                    fninit
                    fxsave [ebp - 0x200]
                    bound eax, [ebx]
                    into
                    int1
                    ud2
                """),
    ]

    private static let lines: [String] = [
        "x: dw x, $, $$, $ - $$", "a equ b\nb equ 5\nmov ax, a", "mov ax, [label + bx]\nlabel:",
        "org 0x7c00\njmp 0x7c00", "add ax, c - b\nb: times 127 nop\nc:",
        "add ax, c - b\nb: times 128 nop\nc:", "push c - b\nb: times 127 nop\nc:",
        "mov bx, [bx + a - b]\na: times 127 nop\nb:", "dw (label - $$) * 2\nlabel:",
        "times 4 - ($ - $$) nop", "times 3 jmp $", "times 3 dw $ - $$", "times 5 dw 1, 2",
        "db 1, 2,\\\n3", "db 'a', \"b\", `c\\n\\x41\\101\\u263a\\e`",
        "dw 'a' + 1, 'ab', 'abc', 'x' << 8",
        "dd 'abcd', 'abcde', \"\"", "dq 'abcdefgh', -1, 0x123456789abcdef0",
        "db 0x10, 10h, 0ah, $0f, 11b, 0b11, 17q, 0o17, 10d, 0d10, 1_0, 0y11, 0h10, 10t",
        "dw 1 << 2, 5 % 3, -5 // 2, -5 %% 3, !0, !5, ~0, 1 == 1, 3 > 2, 2 <> 2, 1 <= 0",
        "dw 2 || 0, 1 && 0, 1 ^^ 1, 6 & 3, 6 | 3, 6 ^ 3, 256 >> 4, -16 >>> 2",
        "dw 2 + 3 * 4 - 10 / 3, (2 + 3) * 4, -(-5), - - 5, 7 & 3 + 1",
        "dw 1 ? 2 : 3, 0 ? 2 : 1 ? 5 : 6", "dw 3 dup (1, 2), 5", "db 2 dup (3 dup (1), 0)",
        "resb 3\nresw 2\nnop", "align 8\nnop\nalign 8\nnop", "nop\nalign 16, db 0xcc",
        "nop\nalignb 4",
        "a:\n.l: jmp .l\nb:\n.l: jmp a.l", "..@special: jmp ..@special", "rep\nmovsb", "es\nlodsb",
        "Label: JMP LABEL\nLABEL: MOV AX, Bx", "%define X 5\nmov ax, X",
        "%define A B\n%define B A\nA: db 1",
        "%define cat(a, b) a %+ b\nmov cat(a, x), 5", "%xdefine Y 5\n%define Z Y\ndb Z",
        "%assign i 1\n%rep 5\ndb i\n%assign i i * 2\n%endrep",
        "%rep 9\nnop\n%exitrep\n%endrep\nhlt", "%macro j 1\nj%1 $\n%endmacro\nj e\nj nz",
        "%macro d 1+\ndb %1\n%endmacro\nd 1, 2, 3",
        "%macro two 2\ndb %2, %1\n%endmacro\ntwo {1, 2}, 3",
        "%macro push 1-*\n%rep %0\npush %1\n%rotate 1\n%endrep\n%endmacro\npush ax, bx, cx",
        "[bits 32]\nmov eax, 1\n[BITS 16]\nmov ax, 1\nuse32\npush eax",
        "bits 64\ndefault rel\nx: mov rax, [x]\nmov rax, [abs x]\nmov rax, [fs:x]\nlea rax, [x + rbx]",
        "bits 64\nmov rax, 5\nmov rax, -1\nmov rax, 0xffffffff\nmov rax, 0x123456789\nx: mov rax, x",
        "bits 64\nadd rax, 0x7f\nadd rax, 0x80\nsub rsp, -128\nimul rax, rbx, 5\nand eax, 0xfffffff0",
        "bits 64\nmov rax, [qword 0x1122334455667788]\nmov [qword 5], al\nmov eax, [5]",
        "mov al, [dword 5]\nmov [es:5], ax\nmov ax, es:[di]\nmov eax, [es:ebp + esi]",
        "jmp 0x10:0x20\njmp dword 0x10:0x20\ncall word 8:4\njmp far [bx]\ncall far dword [bx]",
        "mov word [bx], 5\nmov [bx], word 5\nadd byte [bx], -1\nadd word [bx], 0xffff\ncmp [bx], byte 5",
        "push 5\npush word 5\npush dword 5\npush strict word 5\npush byte 5\npush 0x1234\npush cs",
        "lock inc byte [bx]\nlock xchg [bx], ax\nxacquire lock add [bx], ax\nrep ret\no32 ret\na32 nop",
        "xchg ax, bx\nxchg bx, cx\nxchg [bx], cx\nxchg cx, [bx]\ntest bx, cx\ntest cx, [bx]",
        "bits 64\nxchg eax, eax\nxchg rax, rax\nxchg eax, r8d\nxchg ax, ax\nnop\npause",
        "bits 32\nmov eax, [eax * 2]\nmov eax, [eax * 3]\nmov eax, [ebx * 8]\nmov eax, [esp + eax]",
        "bits 32\nmov eax, [eax + esp]\nmov eax, [ebx * 1 + ecx]\nmov eax, [ebp + eax]\nmov eax, [ebp]",
        "bits 32\nmov eax, [byte ebx + 5]\nmov eax, [dword ebx + 5]\nmov ax, [word 5]\nmov eax, [bx + si]",
    ]
}
