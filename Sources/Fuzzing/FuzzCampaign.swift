import Glibc
import Workbook

/// Feeds a subject with many inputs. Input number N follows from the seed and N alone, so that any
/// of them can be fed again by itself.
public struct FuzzCampaign {
    public var seed: UInt64
    /// The number of the first input.
    public var first: UInt64 = 0
    public var count: UInt64
    /// An input that takes longer is reported; hundreds of times longer ends the process.
    public var slowMilliseconds = 250.0
    /// Failures after which the campaign ends.
    public var mostFailures = 10

    public init(seed: UInt64, count: UInt64) {
        self.seed = seed
        self.count = count
    }

    /// What a campaign showed.
    public struct Figures: Sendable {
        public internal(set) var inputs: UInt64 = 0
        public internal(set) var verdicts: [FuzzVerdict: UInt64] = [:]
        public internal(set) var failures: [Finding] = []
        /// Inputs that took long, the slowest first, a few of them.
        public internal(set) var slow: [(input: UInt64, milliseconds: Double)] = []
        public internal(set) var slowest = 0.0
        public internal(set) var seconds = 0.0
        /// What the subject has to say.
        public internal(set) var notes: [String] = []
        /// The most memory that the process has had, in bytes.
        public internal(set) var peakMemory = 0

        public func count(_ verdict: FuzzVerdict) -> UInt64 { verdicts[verdict] ?? 0 }
    }

    /// An input for which something did not hold.
    public struct Finding: Sendable {
        public let input: UInt64
        public let message: String
        public let text: String
    }

    /// Runs.
    ///
    /// - Parameters:
    ///   - willFeed: told each input's number before it is fed, for a report of a crash.
    ///   - progress: told the figures about every second.
    public func run<Subject: FuzzSubject>(
        _ subject: inout Subject, willFeed: (UInt64) -> Void = { _ in },
        progress: (Figures) -> Void = { _ in }
    ) -> Figures {
        let clock = ContinuousClock()
        let start = clock.now
        var figures = Figures()
        var reported = start
        var before = start
        for number in first..<(first &+ count) {
            willFeed(number)
            var generator = SplitMix64(seed: seed, name: "\(number)")
            let input = subject.draw(&generator)
            do throws(FuzzFailure) {
                figures.verdicts[try subject.feed(input), default: 0] += 1
            } catch {
                figures.failures.append(
                    Finding(
                        input: number, message: error.message, text: subject.text(of: input)))
                if figures.failures.count >= mostFailures { break }
            }
            figures.inputs += 1
            let now = clock.now
            figures.note(number, (now - before).milliseconds, slowFrom: slowMilliseconds)
            before = now
            guard now - reported >= .seconds(1) else { continue }
            reported = now
            figures.finish((now - start).milliseconds)
            progress(figures)
        }
        figures.finish((clock.now - start).milliseconds)
        figures.notes = subject.notes
        return figures
    }

    /// One input alone, as text.
    public func text<Subject: FuzzSubject>(_ subject: inout Subject, input: UInt64) -> String {
        var generator = SplitMix64(seed: seed, name: "\(input)")
        return subject.text(of: subject.draw(&generator))
    }
}

extension FuzzCampaign.Figures {
    private static let mostSlow = 5

    fileprivate mutating func note(_ input: UInt64, _ milliseconds: Double, slowFrom: Double) {
        slowest = max(slowest, milliseconds)
        guard milliseconds >= slowFrom else { return }
        slow.append((input, milliseconds))
        slow.sort { $0.milliseconds > $1.milliseconds }
        if slow.count > Self.mostSlow { slow.removeLast() }
    }

    fileprivate mutating func finish(_ milliseconds: Double) {
        seconds = milliseconds / 1000
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        // The kernel counts in KiB.
        peakMemory = usage.ru_maxrss << 10
    }

    /// A line of figures.
    public var text: String {
        let counts = FuzzVerdict.allCases.compactMap { verdict in
            count(verdict) > 0 ? "\(count(verdict)) \(verdict.rawValue)" : nil
        }
        let rate = seconds > 0 ? Int(Double(inputs) / seconds) : 0
        return "\(inputs) inputs (\(counts.joined(separator: ", "))), \(failures.count) failures, "
            + "\(Int(seconds)) s, \(rate)/s, slowest \(Int(slowest)) ms, "
            + "peak memory \(peakMemory >> 20) MiB"
    }
}

extension Duration {
    fileprivate var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
