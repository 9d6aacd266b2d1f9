import Architecture
import Hypervisor
import InstructionSet
import Machine
import Narration

/// Small guests, and what is told of them.
enum Guests {
    /// A MOV to CR0 that exits, one that does not, a read of the mixed value, CPUID, a port.
    static let controlRegister = """
        bits 16
        org 0x1000
            mov eax, cr0
            or eax, 0x0c            ; set TS and EM
            mov cr0, eax
            clts
            cpuid
            mov al, 0x41
            out 0xe9, al
            hlt
        """

    /// An access beyond the map, and a fault that the hypervisor has to reflect.
    static let memory = """
        bits 64
        org 0x10000
            mov rax, 0x100000083
            mov [0x2020], rax           ; entry 4 of the PDPT: 1 GiB at 4 GiB
            mov rax, 0x100000000
            mov rbx, [rax]
            mov rax, 0x8000000000
            mov rbx, [rax]
            hlt
        """

    /// A string output that asks the same question again and again.
    static let string = """
        bits 16
        org 0x1000
            mov dx, 0xe9
            mov si, 0x1000
            mov cx, 9
            rep outsb
            hlt
        """

    static func configuration(
        _ source: String, _ settings: [(VMCSField, UInt64)] = []
    ) throws -> RunConfiguration {
        let program = try Assembler.assemble(source, file: "guest.asm")
        let image = GuestImage(
            name: "guest.asm", bytes: program.bytes, mode: GuestMode(program.bits),
            loadAddress: program.origin, program: program)
        var configuration = RunConfiguration(image: image)
        configuration.settings = settings.map { .init(.field($0.0), $0.1) }
        return configuration
    }

    /// The lines of JSON, parsed, and the run when it has ended.
    static func json(
        _ configuration: RunConfiguration, _ level: NarrationLevel
    ) throws -> (lines: [JSON], run: GuestRun) {
        var bytes: [UInt8] = []
        var narrator = JSONNarrator(level: level) { bytes += $0 }
        let run = GuestRun(configuration) { narrator.note($0) }
        run.stepBudget = 1000
        _ = run.run()
        narrator.end(run)
        let lines = try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
        return (lines, run)
    }

    static func text(
        _ configuration: RunConfiguration, _ level: NarrationLevel, _ style: TextStyle = .plain
    ) -> [String] {
        var lines: [String] = []
        var narrator = TextNarrator(
            style: style, level: level, program: configuration.image.program)
        let run = GuestRun(configuration) { lines += narrator.lines(for: $0) }
        run.stepBudget = 1000
        _ = run.run()
        return lines + narrator.end(run)
    }

    /// One for each kind of thing that can be told.
    static func all() throws -> [RunConfiguration] {
        let masked: [(VMCSField, UInt64)] = [(.cr0Mask, 0x8000_0025), (.cr0ReadShadow, 0x30)]
        let pageFaults: [(VMCSField, UInt64)] = [(.exceptionBitmap, 1 << 14)]
        return [
            try configuration(controlRegister, masked),
            // HLT exiting 0: the guest halts without an exit.
            try configuration(controlRegister, [(.primaryProcControls, 0x9400_6172)]),
            try configuration(memory, pageFaults), try configuration(memory),
            try configuration(string),
            // Invalid controls, invalid host state, invalid guest state.
            try configuration(string, [(.pinControls, 0)]),
            try configuration(string, [(.hostCR3, ~0)]),
            try configuration(string, [(.guestCR0, 0x8000_0030)]),
        ]
    }
}
