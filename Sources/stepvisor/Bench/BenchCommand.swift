import ArgumentParser
import Glibc
import Hypervisor
import Narration
import Prompt
import Workbook

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast this machine runs guests, beside Bochs where it is installed.",
        discussion: """
            Each benchmark is a guest of Guests/bench. Times are of the processor, the best of \
            three, and on Bochs beyond its own start-up; both run the same bytes. Figures of one \
            call can be compared with each other, and with nothing else.
            """)

    @Argument(help: "Which ones; none: all of \(Self.names.joined(separator: ", ")).")
    var only: [String] = []

    @OptionGroup var root: RootOption

    @Flag(help: "One JSON object a line.")
    var json = false

    private static let start = "start"
    private static let memory = "memory"
    private static let names = BenchLoad.all.map(\.name) + [start, memory]

    func run() throws {
        for name in only where !Self.names.contains(name) {
            throw InputFailure(
                "bench \(name): expected one of \(Self.names.joined(separator: ", "))")
        }
        #if DEBUG
            StandardError.write("A debug build: for figures that mean something, -c release.")
        #endif
        Interruption.catchInterrupts()
        let peer = BochsPeer()
        defer { peer?.cleanUp() }
        if peer == nil { StandardError.write("Bochs is not installed: figures without ratios.") }
        for load in BenchLoad.all where isWanted(load.name) { try measure(load, peer) }
        if isWanted(Self.start) { try measureStart() }
        if isWanted(Self.memory) { try measureMemory() }
    }

    private func isWanted(_ name: String) -> Bool { only.isEmpty || only.contains(name) }

    private func file(_ name: String) throws -> String {
        let name = "Guests/bench/\(name).asm"
        guard let path = try root.folder().file(name) else {
            throw InputFailure("\(name): no such file")
        }
        return path
    }

    private func progress(_ text: String) {
        StandardError.write(text)
        StandardOutput.flush()
    }

    // MARK: Loads

    private func measure(_ load: BenchLoad, _ peer: BochsPeer?) throws {
        let guest = try GuestFiles.load(file(load.guest))
        progress("\(load.name): on the model …")
        let own = try ModelBench.measure(load, guest: guest)
        var other: BenchTiming?
        if let peer {
            progress("\(load.name): on Bochs …")
            let bits = load.mode == .long64 ? 64 : 32
            let sector = try GuestFiles.load(file("boot-sector-\(bits)"))
            other = try peer.measure(load, guest: guest, sector: sector)
            if Interruption.isRequested { throw Status.interrupted }
            if other == nil { StandardError.write("\(load.name): Bochs did not end as it should.") }
        }
        StandardOutput.line(json ? object(load, own, other) : text(load, own, other))
        StandardOutput.flush()
    }

    private func object(_ load: BenchLoad, _ own: BenchTiming, _ other: BenchTiming?) -> String {
        JSON.members(
            ("name", .string(load.name)), ("unit", .string(load.unit)), ("model", object(own)),
            ("bochs", other.map(object) ?? .null),
            ("ratio", ratio(own, other).map { .other(decimal($0, digits: 2)) } ?? .null)
        ).text
    }

    private func object(_ timing: BenchTiming) -> JSON {
        JSON.members(
            ("count", .count(timing.units)),
            ("seconds", .other(decimal(timing.seconds, digits: 3))),
            ("perSecond", .count(Int(timing.perSecond))))
    }

    private func text(_ load: BenchLoad, _ own: BenchTiming, _ other: BenchTiming?) -> String {
        let head = "\(load.name.padded(to: 12)) \(load.title)"
        let rate = "    \(millions(own)) \(load.unit) a second"
        guard let other, let ratio = ratio(own, other) else { return "\(head)\n\(rate)" }
        return "\(head)\n\(rate); Bochs \(millions(other)): \(decimal(ratio, digits: 2)) times"
    }

    private func ratio(_ own: BenchTiming, _ other: BenchTiming?) -> Double? {
        guard let other, other.perSecond > 0 else { return nil }
        return own.perSecond / other.perSecond
    }

    private func millions(_ timing: BenchTiming) -> String {
        decimal(timing.perSecond / 1e6, digits: 2) + " million"
    }

    /// With a fixed number of digits behind the point.
    private func decimal(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((max(0, min(value, 1e12)) * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(scaled / scale).\(zeros)\(fraction)"
    }

    // MARK: Start and memory

    private func measureStart() throws {
        let milliseconds = try ModelBench.measureStart(guest: file("first-instruction"))
        let text = decimal(milliseconds, digits: 1)
        StandardOutput.line(
            json
                ? JSON.members(("name", .string(Self.start)), ("milliseconds", .other(text))).text
                : "\(Self.start.padded(to: 12)) from start to end of a run of one instruction\n"
                    + "    \(text) ms")
    }

    private func measureMemory() throws {
        guard let load = BenchLoad.all.first(where: \.isNarrated) else { return }
        let guest = try GuestFiles.load(file(load.guest))
        progress("\(Self.memory): 200 million narrated instructions …")
        let found = try ModelBench.measureMemory(load, guest: guest) {
            progress("\(Self.memory): \($0) %")
        }
        StandardOutput.line(
            json
                ? JSON.members(
                    ("name", .string(Self.memory)), ("instructions", .count(found.instructions)),
                    ("earlyKiB", .count(found.early)), ("mostKiB", .count(found.most))
                ).text
                : "\(Self.memory.padded(to: 12)) over \(found.instructions) narrated instructions\n"
                    + "    \(found.early) KiB after a tenth of them, \(found.most) KiB at most")
    }
}
