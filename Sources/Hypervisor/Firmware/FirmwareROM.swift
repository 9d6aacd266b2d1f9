import InstructionSet

/// The firmware's code in the machine: what the interrupt vectors point at.
///
/// Each service is real guest code that hands over to the host by one OUT to
/// ``PortBus/firmware``, as a PC's firmware enters system management mode, and returns by IRET when the host has done it. So a guest may
/// hook, chain and trace the vectors as on a PC.
struct FirmwareROM: Sendable {
    /// Bytes of the OUT.
    static let handOverLength: UInt64 = 2
    static let segment: UInt16 = 0xF000
    static let base = UInt64(segment) << 4

    /// By its vector; nil: the bytes of the ROM are wrong.
    static let shared = FirmwareROM()

    let program: AssembledProgram
    /// Vectors by the offset behind their OUT.
    private let services: [UInt64: UInt8]
    /// Where each interrupt vector points.
    let handlers: [UInt16]
    /// Where the parameters of a floppy drive stand.
    let floppyTable: UInt16

    private init?() {
        guard let program = try? Assembler.assemble(Array(Self.source.utf8), file: "rom.asm") else {
            return nil
        }
        self.program = program
        var services: [UInt64: UInt8] = [:]
        for label in program.labels where label.name.hasPrefix(Self.servicePrefix) {
            guard let vector = UInt8(label.name.dropFirst(Self.servicePrefix.count), radix: 16)
            else { continue }
            services[label.value + Self.handOverLength] = vector
        }
        self.services = services
        handlers = (UInt8(0)...0xFF).map { Self.handler(of: $0, in: program) }
        floppyTable = UInt16(truncatingIfNeeded: program.value(of: "floppy_table") ?? 0)
    }

    private static let servicePrefix = "service_"

    /// The vector whose service has handed over, by the offset behind the OUT.
    func service(returningTo offset: UInt64) -> UInt8? { services[offset] }

    private static func handler(of vector: UInt8, in program: AssembledProgram) -> UInt16 {
        let digits = String(vector, radix: 16)
        let suffix = digits.count == 1 ? "0" + digits : digits
        let named =
            program.value(of: servicePrefix + suffix) ?? program.value(of: "irq_" + suffix)
        let fallback = (0x70...0x77).contains(vector) ? "irq_upper" : irqs(vector)
        return UInt16(truncatingIfNeeded: named ?? program.value(of: fallback) ?? 0)
    }

    private static func irqs(_ vector: UInt8) -> String {
        (0x08...0x0F).contains(vector) ? "irq_lower" : "nothing"
    }

    /// The services stand first, then interrupts from the timer and other devices, then tables.
    private static let source = """
                bits 16
                org 0xe000

        service_10: out 0xb2, al        ; video
                iret
        service_11: out 0xb2, al        ; equipment
                iret
        service_12: out 0xb2, al        ; conventional memory
                iret
        service_13: out 0xb2, al        ; disks
                iret
        service_14: out 0xb2, al        ; serial ports
                iret
        service_15: out 0xb2, al        ; system
                iret
        service_16: out 0xb2, al        ; keyboard
                iret
        service_17: out 0xb2, al        ; printers
                iret
        service_18: out 0xb2, al        ; nothing to boot from
                cli
                hlt
        service_19: out 0xb2, al        ; boot again
                iret
        service_1a: out 0xb2, al        ; clock
        nothing: iret

        irq_08: push ds                 ; the timer: count its ticks, of which a day has 1800B0h
                push ax
                xor ax, ax
                mov ds, ax
                inc dword [0x46c]
                cmp dword [0x46c], 0x1800b0
                jb .told
                mov dword [0x46c], 0
                inc byte [0x470]
        .told:  int 0x1c
                mov al, 0x20
                out 0x20, al
                pop ax
                pop ds
                iret
        irq_09: push ax                 ; the keyboard: its keys come by interrupt 16h
                in al, 0x60
                mov al, 0x20
                out 0x20, al
                pop ax
                iret
        irq_upper: push ax              ; others: end of interrupt and no more
                mov al, 0x20
                out 0xa0, al
                out 0x20, al
                pop ax
                iret
        irq_lower: push ax
                mov al, 0x20
                out 0x20, al
                pop ax
                iret

        reset:  mov al, 0x8f            ; what the software before it left in the clock's memory
                out 0x70, al
                in al, 0x71
                mov ah, al
                mov al, 0x8f
                out 0x70, al
                mov al, 0
                out 0x71, al
                cmp ah, 0x0a            ; "go where 40:67 points"
                jne .boot
                xor ax, ax
                mov ds, ax
                jmp far [0x467]
        .boot:  jmp service_19

        floppy_table: db 0xaf, 2, 0x25, 2, 18, 0x1b, 0xff, 0x6c, 0xf6, 15, 8
                times 0x1ff0 - ($ - $$) db 0
                jmp 0xf000:reset        ; a reset begins here, at F000:FFF0
                db "11/24/26"
                db 0, 0xfc, 0           ; model: AT
        """
}
