import InstructionSet
import Machine
import Testing

@testable import Hypervisor

/// Boot sectors that call services and end by HLT; what they leave is compared with what the
/// services' manuals promise.
@Suite("Firmware services")
struct FirmwareTests {
    /// Runs real-mode code as a boot sector with one more sector behind it, full of 5Ah.
    private func run(
        _ code: String, partition: Bool = false, memory: UInt64 = 64 << 20, keys: String = ""
    ) throws -> GuestRun {
        let source = """
            bits 16
            org 0x7c00
            \(code)
            cli
            hlt
            times 446 - ($ - $$) db 0
            \(partition ? "db 0x80, 0, 0, 0, 0x0c, 0, 0, 0\ndd 1, 2047" : "")
            times 510 - ($ - $$) db 0
            dw 0xaa55
            times 512 db 0x5a
            \(partition ? "times 1048576 - 1024 db 0" : "")
            """
        let image = try GuestLoader.assemble(Array(source.utf8), path: "test.asm")
        let run = GuestRun(
            RunConfiguration(
                boot: try DiskImage(image.bytes), name: "test",
                map: PCMemoryMap(memorySize: memory)))
        var waiting = Array(keys.utf8)
        run.keyboard = { _, _ in waiting.isEmpty ? .end : .byte(waiting.removeFirst()) }
        run.stepBudget = 2_000_000
        guard case .ended(let end) = run.run(), end.reason == .hlt else {
            throw GuestLoader.Failure("the run did not end by HLT: \(run.phase)")
        }
        return run
    }

    private func ax(_ run: GuestRun) -> UInt64 { run.machine.state.registers[.rax] & 0xFFFF }
    private func bx(_ run: GuestRun) -> UInt64 { run.machine.state.registers[.rbx] & 0xFFFF }
    private func cx(_ run: GuestRun) -> UInt64 { run.machine.state.registers[.rcx] & 0xFFFF }
    private func dx(_ run: GuestRun) -> UInt64 { run.machine.state.registers[.rdx] & 0xFFFF }
    private func carry(_ run: GuestRun) -> Bool { run.machine.state.rflags & 1 != 0 }

    // MARK: The start

    @Test("a boot sector starts at 0000:7C00 with its drive in DL", arguments: [false, true])
    func start(_ partition: Bool) throws {
        let run = try run("call $ + 3\npop ax", partition: partition)
        #expect(ax(run) == 0x7C03)
        #expect(dx(run) == (partition ? 0x80 : 0))
        #expect(run.machine.state.cs.base == 0)
    }

    @Test("every vector leads into the ROM, to code that comes back")
    func vectors() throws {
        let run = try run("mov cx, 0x11\nint 0x40\nint 0x77\nint 0x0f\nint 0x1c")
        for vector in UInt64(0)..<0x100 {
            #expect(run.machine.memory.read(vector * 4 + 2, size: 2) == 0xF000)
        }
        #expect(cx(run) == 0x11)
    }

    @Test("OUT B2h from elsewhere calls nothing")
    func otherOut() throws {
        let run = try run("mov ax, 0x0e41\nout 0xb2, al")
        #expect(ax(run) == 0x0E41)
        #expect(run.screen?.isBlank == true)
    }

    @Test("a program that takes a vector and goes on to the old one")
    func chained() throws {
        let run = try run(
            """
            mov ax, [0x12 * 4]
            mov [old], ax
            mov ax, [0x12 * 4 + 2]
            mov [old + 2], ax
            mov word [0x12 * 4], hook
            mov word [0x12 * 4 + 2], 0
            int 0x12
            jmp done
            hook: mov bx, 0x77
            jmp far [cs:old]
            old: dd 0
            done:
            """)
        #expect(ax(run) == 639)
        #expect(bx(run) == 0x77)
    }

    // MARK: Video

    @Test("teletype output goes to text memory and moves the cursor")
    func teletype() throws {
        let run = try run(
            """
            mov ax, 0x0e48
            int 0x10
            mov al, 'i'
            int 0x10
            mov al, 13
            int 0x10
            mov al, 10
            int 0x10
            mov al, '!'
            int 0x10
            mov ah, 3
            mov bh, 0
            int 0x10
            """)
        let rows = run.screen?.rows ?? []
        #expect(rows.count == 25 && rows.allSatisfy { $0.count == 80 })
        #expect(rows[0].prefix(3) == [0x48, 0x69, 0x20])
        #expect(rows[1][0] == 0x21)
        #expect(dx(run) == 0x0101)
    }

    @Test("the last line scrolls")
    func scrolling() throws {
        let run = try run(
            """
            mov cx, 26
            mov al, 'A'
            again: mov ah, 0x0e
            int 0x10
            inc al
            push ax
            mov ax, 0x0e0d
            int 0x10
            mov al, 10
            int 0x10
            pop ax
            loop again
            """)
        let rows = run.screen?.rows ?? []
        // 26 letters and a line each: two have left at the top, the last line is empty.
        #expect(rows.first?[0] == UInt8(ascii: "C"))
        #expect(rows[23][0] == UInt8(ascii: "Z"))
        #expect(rows[24].allSatisfy { $0 == 0x20 })
    }

    @Test("a string with attributes; character and attribute read back")
    func strings() throws {
        let run = try run(
            """
            mov ax, 0x1303
            mov bx, 0x0007
            mov cx, 2
            mov dx, 0x0102
            mov bp, text
            int 0x10
            mov ah, 2
            mov dx, 0x0103
            int 0x10
            mov ah, 8
            int 0x10
            jmp done
            text: db 'a', 0x1f, 'b', 0x2e
            done:
            """)
        #expect(ax(run) == 0x2E62)
    }

    @Test("mode 13h is graphics and shows no text; a dot is a byte at A0000h")
    func graphics() throws {
        let run = try run(
            "mov ax, 0x13\nint 0x10\nmov ax, 0x0c2a\nmov cx, 5\nmov dx, 3\nint 0x10")
        #expect(run.screen == nil)
        #expect(run.machine.memory.read(0xA0000 + 3 * 320 + 5, size: 1) == 0x2A)
    }

    @Test("the retrace comes and goes; the cursor's registers keep what is written")
    func videoPorts() throws {
        let run = try run(
            """
            mov dx, 0x3da
            on: in al, dx
            test al, 8
            jz on
            off: in al, dx
            test al, 8
            jnz off
            mov dx, 0x3d4
            mov ax, 0x340f
            out dx, ax
            inc dx
            mov al, 0
            in al, dx
            """)
        #expect(ax(run) & 0xFF == 0x34)
    }

    // MARK: Disks

    @Test("a read by cylinder, head and sector")
    func read() throws {
        let run = try run("mov ax, 0x0201\nmov bx, 0x9000\nmov cx, 2\nmov dh, 0\nint 0x13")
        #expect(!carry(run) && ax(run) == 1)
        #expect(run.machine.memory.read(0x9000, size: 8) == 0x5A5A_5A5A_5A5A_5A5A)
        #expect(run.machine.memory.read(0x91FF, size: 2) == 0x005A)
    }

    @Test("what is written is read back")
    func write() throws {
        let run = try run(
            """
            mov ax, 0x0301
            mov bx, 0x7c00
            mov cx, 0x0105
            int 0x13
            mov ax, 0x0201
            mov bx, 0x9000
            int 0x13
            """)
        #expect(
            run.machine.memory.bytes(0x9000, count: 510)
                == run.machine.memory.bytes(0x7C00, count: 510))
    }

    @Test(
        "what is not there fails with its status",
        arguments: [
            ("mov cx, 0x5001", 0x04), ("mov cx, 0x0013", 0x04), ("mov dl, 0x81", 0x80),
            ("mov ah, 0x77", 0x01),
            ("mov bx, 0xff00", 0x09),
            ("mov ah, 0x42", 0x01),
        ])
    func failures(_ change: String, _ status: UInt64) throws {
        let run = try run(
            "mov ax, 0x0201\nmov bx, 0x9000\nmov cx, 2\nmov dx, 0\n\(change)\nint 0x13")
        #expect(carry(run))
        #expect(ax(run) >> 8 == status)
    }

    @Test("drive parameters of a floppy")
    func floppyParameters() throws {
        let run = try run("mov ah, 8\nmov dl, 0\nint 0x13")
        #expect(!carry(run))
        #expect(cx(run) == 0x4F12 && dx(run) == 0x0101 && bx(run) & 0xFF == 4)
    }

    @Test("a hard disk reads by number")
    func extended() throws {
        let run = try run(
            """
            mov ah, 0x41
            mov bx, 0x55aa
            int 0x13
            push bx
            mov ah, 0x42
            mov si, packet
            int 0x13
            pop bx
            jmp done
            packet: db 16, 0
            dw 1, 0x9000, 0
            dq 1
            done:
            """, partition: true)
        #expect(bx(run) == 0xAA55)
        #expect(!carry(run))
        #expect(run.machine.memory.read(0x9000, size: 1) == 0x5A)
    }

    // MARK: System

    @Test("the memory map by E820 is the multiboot kernels' map")
    func memoryMap() throws {
        let map = PCMemoryMap(memorySize: 8 << 30)
        let run = try run(
            """
            xor ebx, ebx
            mov di, 0x9000
            again: mov eax, 0xe820
            mov ecx, 20
            mov edx, 0x534d4150
            int 0x15
            jc done
            add di, 20
            test ebx, ebx
            jnz again
            done: mov ax, di
            """, memory: 8 << 30)
        #expect(ax(run) == 0x9000 + UInt64(map.ranges.count) * 20)
        for (index, range) in map.ranges.enumerated() {
            let entry = 0x9000 + UInt64(index) * 20
            #expect(run.machine.memory.read(entry, size: 8) == range.base)
            #expect(run.machine.memory.read(entry + 8, size: 8) == range.size)
            #expect(run.machine.memory.read(entry + 16, size: 4) == UInt64(range.kind.rawValue))
        }
    }

    @Test("sizes by 88h and E801h")
    func sizes() throws {
        let old = try run("mov ah, 0x88\nint 0x15")
        #expect(ax(old) == 63 * 1024)
        let new = try run("mov ax, 0xe801\nint 0x15")
        #expect(ax(new) == 15 * 1024 && bx(new) == 48 * 16)
    }

    @Test("A20 closes and opens")
    func lineA20() throws {
        let closed = try run("mov ax, 0x2400\nint 0x15\nmov ax, 0x2402\nint 0x15")
        #expect(ax(closed) == 0)
        let open = try run(
            "mov ax, 0x2400\nint 0x15\nmov ax, 0x2401\nint 0x15\nmov ax, 0x2402\nint 0x15")
        #expect(ax(open) == 1)
    }

    @Test("a function that is not there says so: AH 86h, carry set")
    func unknown() throws {
        let run = try run("mov ax, 0x5300\nint 0x15")
        #expect(carry(run) && ax(run) >> 8 == 0x86)
    }

    @Test("serial output goes out of COM1")
    func serial() throws {
        let source =
            "mov dx, 0\nmov ax, 0x0158\nint 0x14\ncli\nhlt\ntimes 510-($-$$) db 0\ndw 0xaa55"
        let image = try GuestLoader.assemble(
            Array("bits 16\norg 0x7c00\n\(source)".utf8), path: "a")
        let run = GuestRun(
            RunConfiguration(
                boot: try DiskImage(image.bytes), name: "test",
                map: PCMemoryMap(memorySize: 1 << 20)))
        var output: [UInt8] = []
        run.outputObserver = { output.append($0.byte) }
        _ = run.run()
        #expect(output == [0x58])
    }

    // MARK: Keyboard

    @Test(
        "keys with their scan codes",
        arguments: [
            ("a", 0x1E61), ("A", 0x1E41), ("1", 0x0231), ("!", 0x0221), ("\n", 0x1C0D),
            ("\u{1B}[A", 0x4800), ("\u{1B}", 0x011B), ("\u{03}", 0x2E03), (" ", 0x3920),
            ("\u{7F}", 0x0E08),
        ])
    func keys(_ text: String, _ code: UInt64) throws {
        #expect(ax(try run("mov ah, 0\nint 0x16", keys: text)) == code)
    }

    @Test("a look at a key leaves it there")
    func lookThenRead() throws {
        let run = try run(
            "mov ah, 1\nint 0x16\nsetz bl\nmov ah, 0\nint 0x16\nmov cx, ax\nmov ah, 1\nint 0x16\nsetz bh",
            keys: "x")
        #expect(cx(run) == 0x2D78)
        #expect(bx(run) == 0x0100)
    }

    @Test("a wait for a key that cannot come ends the run")
    func noKey() throws {
        let run = try run("mov ah, 0\nint 0x16\nmov cx, 0x99")
        #expect(cx(run) != 0x99)
    }

    @Test("a wait that is interrupted begins again when the run goes on")
    func interruptedWait() throws {
        let source = """
            bits 16
            org 0x7c00
            mov ah, 0
            int 0x16
            cli
            hlt
            times 510 - ($ - $$) db 0
            dw 0xaa55
            """
        let image = try GuestLoader.assemble(Array(source.utf8), path: "test.asm")
        let run = GuestRun(
            RunConfiguration(
                boot: try DiskImage(image.bytes), name: "test",
                map: PCMemoryMap(memorySize: 1 << 20)))
        var answers = [KeyboardInput.interrupted, .byte(UInt8(ascii: "q"))]
        run.keyboard = { _, _ in answers.removeFirst() }
        #expect(run.run() == .interrupted)
        #expect(run.run() == .ended(EndOfRun(.hlt)))
        #expect(ax(run) == 0x1071)
    }

    // MARK: Clock

    @Test("ticks come by the timer's interrupt, and INT 1Ch with each")
    func ticks() throws {
        let run = try run(
            """
            mov word [0x1c * 4], tick
            mov word [0x1c * 4 + 2], 0
            wait_more: hlt
            cmp word [count], 3
            jb wait_more
            mov ah, 0
            int 0x1a
            jmp done
            tick: inc word [cs:count]
            iret
            count: dw 0
            done:
            """)
        #expect(dx(run) == 3)
    }
}
