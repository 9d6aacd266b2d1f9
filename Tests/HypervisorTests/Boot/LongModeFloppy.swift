import Testing

@testable import Hypervisor

/// A floppy whose boot sector brings a program of at most 4 KiB to 10000h and starts it there as
/// `run --native` does: 64-bit mode, flat, the first 2 MiB mapped to themselves.
enum LongModeFloppy {
    static func image(_ program: [UInt8]) throws -> [UInt8] {
        let sector = try GuestLoader.assemble(Array(source.utf8), path: "boot.asm").bytes
        try #require(sector.count == 512 && program.count <= 8 * 512)
        return sector + program + [UInt8](repeating: 0, count: 8 * 512 - program.count)
    }

    private static let source = """
                bits    16
                org     0x7c00
                jmp     0:start
        start:  cli
                xor     ax, ax
                mov     ds, ax
                mov     ss, ax
                mov     sp, 0x7c00
                mov     ax, 0x1000
                mov     es, ax
                xor     bx, bx
                mov     ax, 0x0208          ; read 8 sectors
                mov     cx, 2               ; from the second of the track
                mov     dh, 0
                int     0x13
                jc      start
                cli
                lgdt    [gdt_register]
                mov     ax, 0x8000          ; page tables at 80000h
                mov     es, ax
                xor     di, di
                xor     ax, ax
                mov     cx, 0x1800
                rep stosw
                mov     dword [es:0], 0x81003
                mov     dword [es:0x1000], 0x82003
                mov     dword [es:0x2000], 0x83
                mov     eax, 0x80000
                mov     cr3, eax
                mov     eax, cr4
                or      eax, 0x20           ; PAE
                mov     cr4, eax
                mov     ecx, 0xc0000080     ; IA32_EFER
                rdmsr
                or      eax, 0x100          ; LME
                wrmsr
                mov     eax, cr0
                or      eax, 0x80000001     ; PG, PE
                mov     cr0, eax
                jmp     8:long_mode
                bits    64
        long_mode:
                mov     ax, 16
                mov     ds, ax
                mov     es, ax
                mov     ss, ax
                mov     eax, 0x10000
                jmp     rax
                align   8, db 0
        gdt:    dq      0, 0x00209a0000000000, 0x00cf92000000ffff
        gdt_register:
                dw      23
                dd      gdt
                times   510 - ($ - $$) db 0
                dw      0xaa55

        """
}
