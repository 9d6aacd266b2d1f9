import Foundation
import Testing

/// PCs that others wrote, as Debian packages them. A test without its peer is skipped, and says so.
enum Peer: String, CaseIterable, CustomTestStringConvertible {
    case bochs, qemu

    var testDescription: String { rawValue }

    private var program: String { self == .bochs ? "bochs" : "qemu-system-x86_64" }

    private static let firmware = [
        "/usr/share/bochs/BIOS-bochs-latest", "/usr/share/bochs/VGABIOS-lgpl-latest",
    ]

    private static func path(of program: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
            .split(separator: ":")
        return folders.map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    var isInstalled: Bool {
        guard Self.path(of: program) != nil else { return false }
        guard self == .bochs else { return true }
        return Self.path(of: "script") != nil
            && Self.firmware.allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    var reasonToSkip: String {
        switch self {
        case .bochs:
            "SKIPPED: bochs is not installed (apt-get install bochs bochs-term bochsbios vgabios)"
        case .qemu: "SKIPPED: QEMU is not installed (apt-get install qemu-system-x86)"
        }
    }

    /// A folder of its own with a floppy in it.
    private func withFloppy<T>(_ image: [UInt8], _ body: (URL) throws -> T) throws -> T {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("stepvisor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let floppy = image + [UInt8](repeating: 0, count: max(0, 1440 * 1024 - image.count))
        try Data(floppy).write(to: folder.appendingPathComponent("floppy.img"))
        return try body(folder)
    }

    /// Boots a floppy on Bochs up to an address: all that its terminal shows, what the guest wrote
    /// to port E9h and at last the registers among it.
    ///
    /// - Throws: when Bochs does not come there within a minute.
    static func bochsScreen(of image: [UInt8], upTo address: UInt64) throws -> String {
        try Peer.bochs.withFloppy(image) { folder in
            let commands = "pb 0x\(String(address, radix: 16))\nc\nr\nq\n"
            try Data(bochsConfiguration.utf8)
                .write(to: folder.appendingPathComponent("bochsrc"))
            try Data(commands.utf8).write(to: folder.appendingPathComponent("commands"))
            try Peer.bochs.run(
                "script", ["-qec", "bochs -q -f bochsrc -rc commands", "screen"], in: folder)
            let screen = try Data(contentsOf: folder.appendingPathComponent("screen"))
            return String(decoding: screen, as: UTF8.self)
        }
    }

    /// Boots a floppy and waits for its end: every byte that the guest wrote to COM1.
    ///
    /// - Throws: when the peer does not end within a minute.
    func serialOutput(of image: [UInt8]) throws -> [UInt8] {
        try withFloppy(image) { try serialOutput(in: $0) }
    }

    private func serialOutput(in folder: URL) throws -> [UInt8] {
        switch self {
        case .qemu:
            try run(
                program,
                [
                    "-accel", "tcg", "-cpu", "max", "-m", "32", "-boot", "a", "-no-reboot",
                    "-drive", "file=floppy.img,format=raw,if=floppy", "-display", "none",
                    "-monitor", "none", "-net", "none", "-serial", "file:serial",
                    "-device", "isa-debug-exit,iobase=0xf4",
                ], in: folder)
        case .bochs:
            try Data(Self.bochsConfiguration.utf8)
                .write(to: folder.appendingPathComponent("bochsrc"))
            // Debian's Bochs waits at its debugger's prompt.
            try Data("c\n".utf8).write(to: folder.appendingPathComponent("commands"))
            // Its display needs a terminal.
            try run(
                "script", ["-qec", "bochs -q -f bochsrc -rc commands", "/dev/null"], in: folder)
        }
        return Array(try Data(contentsOf: folder.appendingPathComponent("serial")))
    }

    private static let bochsConfiguration = """
        display_library: term
        romimage: file=\(firmware[0])
        vgaromimage: file=\(firmware[1])
        megs: 32
        cpu: model=corei7_skylake_x, count=1, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=0
        clock: sync=none
        port_e9_hack: enabled=1
        floppya: 1_44=floppy.img, status=inserted
        boot: a
        com1: enabled=1, mode=file, dev=serial
        log: log
        sound: driver=dummy, waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
        panic: action=fatal
        error: action=ignore
        info: action=ignore
        debug: action=ignore

        """

    /// A peer that does not end is ended.
    private func run(_ name: String, _ arguments: [String], in folder: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path(of: "timeout") ?? "/usr/bin/timeout")
        process.arguments = ["--kill-after=5", "60", name] + arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment
            .merging(["TERM": "vt100"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus != 124, process.terminationStatus != 137 else {
            throw PeerFailure.timeLimit(name)
        }
    }
}

enum PeerFailure: Error {
    case timeLimit(String)
}
