import Fuzzing
import Glibc
import Hypervisor
import Machine
import Narration
import Prompt

/// The same loads on this machine.
enum ModelBench {
    static func measure(_ load: BenchLoad, guest: GuestImage) throws -> BenchTiming {
        let seconds = try BenchClock.best { () throws -> Double in
            let run = prepare(guest, count: load.count)
            let start = BenchClock.ownTime()
            let end = load.isNarrated ? narrated(run) : finish(run)
            let time = BenchClock.ownTime() - start
            try check(end, load)
            return time
        }
        return BenchTiming(units: load.count * load.unitsPerCount, seconds: seconds)
    }

    private static func prepare(_ guest: GuestImage, count: UInt64) -> GuestRun {
        var configuration = RunConfiguration(image: guest)
        configuration.operation = .outside
        configuration.settings = [.init(.general(.rsi, bytes: 8), count)]
        let run = GuestRun(configuration)
        run.isInterrupted = { Interruption.isRequested }
        return run
    }

    /// Every instruction as JSON, thrown away; `told` hears of each. Inside it the run must not be
    /// looked at: it is running.
    private static func narrated(_ run: GuestRun, told: @escaping () -> Void = {}) -> EndOfRun {
        var narrator = JSONNarrator(level: .full) { _ in }
        run.observer = { event in
            narrator.note(event)
            if case .machine(.instruction) = event { told() }
        }
        let end = finish(run)
        narrator.end(run)
        return end
    }

    private static func finish(_ run: GuestRun) -> EndOfRun {
        while true {
            switch run.run() {
            case .ended(let end): return end
            case .interrupted: run.abandon(.interrupted)
            default: continue
            }
        }
    }

    private static func check(_ end: EndOfRun, _ load: BenchLoad) throws {
        if end.reason == .interrupted { throw Status.interrupted }
        guard end.reason == .port, end.value == load.expected else {
            StandardError.write(
                "\(load.name): the guest ended by \(end.reason.rawValue) with "
                    + "\(end.value.map(\.hex) ?? "no value"), expected port \(load.expected.hex)")
            throw Status.failed
        }
    }

    // MARK: Memory

    /// What the process took, in KiB: early in a narrated run, and at most after that.
    struct Memory {
        let instructions: UInt64
        let early: Int
        let most: Int
    }

    /// Narrates about 200 million instructions.
    static func measureMemory(
        _ load: BenchLoad, guest: GuestImage, progress: @escaping (Int) -> Void
    ) throws -> Memory {
        let rounds = 200_000_000 / load.unitsPerCount + 1
        let run = prepare(guest, count: rounds)
        let watch = MemoryWatch(total: rounds * load.unitsPerCount)
        let end = narrated(run) { watch.countInstruction(progress) }
        try check(end, load)
        return Memory(instructions: run.machine.steps, early: watch.early, most: watch.most)
    }

    private final class MemoryWatch {
        let total: UInt64
        var early = 0
        var most = 0
        private var step: UInt64 = 0
        private var next: UInt64 = 0

        init(total: UInt64) { self.total = total }

        /// Looks ten times in a run.
        func countInstruction(_ progress: (Int) -> Void) {
            step += 1
            guard step > next else { return }
            let now = Self.residentSize()
            // The first tenth warms up caches of bounded size.
            if next > 0, early == 0 { early = now }
            most = max(most, now)
            if next > 0 { progress(Int(step * 100 / total)) }
            next += total / 10
        }

        /// In KiB, from /proc: the largest size ever would hide what earlier benchmarks took.
        private static func residentSize() -> Int {
            guard let file = fopen("/proc/self/statm", "r") else { return 0 }
            defer { fclose(file) }
            var text = [CChar](repeating: 0, count: 128)
            guard fgets(&text, Int32(text.count), file) != nil else { return 0 }
            let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
            return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
        }
    }

    // MARK: Start

    /// Milliseconds from the start of the program to the end of a run of one instruction, at best.
    static func measureStart(guest: String) throws -> Double {
        let seconds = try BenchClock.best { () throws -> Double in
            let outcome = ChildProcess.run(
                RootOption.executable, ["run", guest, "--native", "--narrate", "off"])
            guard let outcome, outcome.status == 0 else { throw Status.failed }
            return outcome.wallSeconds
        }
        return seconds * 1000
    }
}
