import Fuzzing
import Glibc
import Hypervisor
import Workbook

/// Bochs, the emulator that the benchmarks are held against, on the same bytes.
struct BochsPeer {
    private let program: String
    private let folder: String

    /// nil where it is not installed.
    init?() {
        guard let program = ChildProcess.path(of: "bochs") else { return nil }
        var template = Array("/tmp/stepvisor-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        self.program = program
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the temporary folder.
    func cleanUp() {
        for name in Self.fileNames { unlink(path(name)) }
        rmdir(folder)
    }

    private static let image = "floppy.img"
    private static let settings = "settings"
    private static let commands = "commands"
    private static let log = "log"
    private static let fileNames = [image, settings, commands, log]

    private func path(_ name: String) -> String { folder + "/" + name }

    // MARK: Running

    /// Bochs's time for the load's difference to its least, in seconds beyond that; nil where a
    /// run did not end as the guest ends it.
    func measure(_ load: BenchLoad, guest: GuestImage, sector: GuestImage) throws -> BenchTiming? {
        let units = (load.peerCount - load.least) * load.unitsPerCount
        guard let total = try time(load, load.peerCount, guest, sector),
            let least = try time(load, load.least, guest, sector)
        else { return nil }
        return BenchTiming(units: units, seconds: max(total - least, 0))
    }

    /// Whether the guest comes to its end there.
    func ends(
        _ load: BenchLoad, _ count: UInt64, _ guest: GuestImage, _ sector: GuestImage
    ) throws -> Bool {
        try prepare(load, try floppy(guest, sector, count: count))
        return runOnce() != nil
    }

    private func time(
        _ load: BenchLoad, _ count: UInt64, _ guest: GuestImage, _ sector: GuestImage
    ) throws -> Double? {
        try prepare(load, try floppy(guest, sector, count: count))
        var best: Double?
        for _ in 0..<(load.isNarrated ? 1 : 3) {
            guard let seconds = runOnce() else { return nil }
            best = min(best ?? seconds, seconds)
        }
        return best
    }

    /// Seconds of the processor's time; nil where the guest did not come to its end.
    private func runOnce() -> Double? {
        let outcome = ChildProcess.run(
            program, ["-q", "-f", path(Self.settings), "-rc", path(Self.commands)])
        return hasShutDown() ? outcome?.cpuSeconds : nil
    }

    /// The guest's word at port 8900h ends Bochs, with a line in its log.
    private func hasShutDown() -> Bool {
        guard let log = try? BoundedFile.read(path(Self.log)) else { return false }
        return String(decoding: log, as: UTF8.self).contains("shutdown requested")
    }

    // MARK: Its files

    private static let floppySize = 1_474_560

    private func floppy(
        _ guest: GuestImage, _ sector: GuestImage, count: UInt64
    ) throws -> [UInt8] {
        guard let place = sector.program?.value(of: "count"), place >= sector.loadAddress,
            place - sector.loadAddress + 4 <= UInt64(sector.bytes.count)
        else { throw InputFailure("\(sector.name): expected a label `count`") }
        var bytes = sector.bytes
        for index in 0..<4 {
            bytes[Int(place - sector.loadAddress) + index] =
                UInt8(truncatingIfNeeded: count >> UInt64(8 * index))
        }
        bytes += guest.bytes
        bytes += [UInt8](repeating: 0, count: max(0, Self.floppySize - bytes.count))
        return bytes
    }

    private func prepare(_ load: BenchLoad, _ floppy: [UInt8]) throws {
        for name in Self.fileNames { unlink(path(name)) }
        try GuestFiles.write(floppy, to: path(Self.image))
        // Bochs's debugger stands at the first instruction: go on; to trace, from the guest's.
        let start = "0x" + String(Self.guestAddress, radix: 16)
        let commands = load.isNarrated ? "pb \(start)\nc\ntrace on\nc\n" : "c\n"
        try GuestFiles.write(Array(commands.utf8), to: path(Self.commands))
        try GuestFiles.write(Array(settings.utf8), to: path(Self.settings))
    }

    /// Where the boot sector loads the guest.
    private static let guestAddress: UInt64 = 0x10000

    /// The folders are those of Debian's packages bochsbios and vgabios.
    private var settings: String {
        """
        display_library: term
        romimage: file=/usr/share/bochs/BIOS-bochs-latest
        vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
        megs: 32
        cpu: model=corei7_skylake_x, count=1, ips=50000000
        clock: sync=none
        floppya: 1_44=\(path(Self.image)), status=inserted
        boot: a
        log: \(path(Self.log))
        sound: driver=dummy, waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
        panic: action=fatal
        error: action=ignore
        info: action=ignore
        debug: action=ignore

        """
    }
}
