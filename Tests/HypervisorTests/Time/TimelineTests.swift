import Machine
import Narration
import Testing

@testable import Hypervisor

/// Going back and forth in a run. What a run was the first time is the expectation for every other.
@Suite("Time travel")
struct TimelineTests {
    static let guests = [TimeGuests.everything, TimeGuests.slow]

    private static func step() -> GuestRun.Stops {
        var stops = GuestRun.Stops()
        stops.steps = 1
        stops.atExit = true
        stops.atEntry = true
        return stops
    }

    private static func finish(_ run: GuestRun, _ stops: GuestRun.Stops = .init()) {
        while true { if case .ended = run.run(until: stops) { return } }
    }

    @Test("The same run twice tells the same, bit for bit", arguments: guests)
    func twice(_ source: String) throws {
        func told() throws -> (text: [UInt8], digest: RunDigest) {
            var text: [UInt8] = []
            var narrator = JSONNarrator(level: .full) { text += $0 }
            let run = GuestRun(try TimeGuests.configuration(source)) { narrator.note($0) }
            Self.finish(run)
            narrator.end(run)
            return (text, RunDigest(run))
        }
        let (one, other) = (try told(), try told())
        #expect(one.text.count > 10_000)
        #expect(one.text == other.text)
        #expect(one.digest.differences(from: other.digest) == [])
    }

    @Test("Nobody's listening, no pause and no breakpoint makes a difference", arguments: guests)
    func manners(_ source: String) throws {
        let configuration = try TimeGuests.configuration(source)
        let silent = GuestRun(configuration)
        Self.finish(silent)
        let expected = RunDigest(silent)

        let told = GuestRun(configuration) { _ in }
        Self.finish(told)
        #expect(RunDigest(told).differences(from: expected) == [])

        let stepped = GuestRun(configuration)
        Self.finish(stepped, Self.step())
        #expect(RunDigest(stepped).differences(from: expected) == [])

        let sliced = GuestRun(configuration)
        var slice = GuestRun.Stops()
        slice.work = 37
        Self.finish(sliced, slice)
        #expect(RunDigest(sliced).differences(from: expected) == [])

        let stopped = GuestRun(configuration) { _ in }
        var stops = GuestRun.Stops()
        stops.breakpoints = Set(stopped.configuration.image.program?.labels.map(\.value) ?? [])
        #expect(stops.breakpoints.count > 2)
        Self.finish(stopped, stops)
        #expect(RunDigest(stopped).differences(from: expected) == [])
    }

    @Test("Back and forth over any step, the state is what it was", arguments: guests)
    func backAndForth(_ source: String) throws {
        let run = GuestRun(try TimeGuests.configuration(source))
        var timeline = Timeline(run, (), interval: 7)
        var seen: [(moment: Moment, digest: RunDigest?)] = [(run.moment, RunDigest(run))]
        var ended = false
        while !ended {
            if case .ended = timeline.run(run, until: Self.step()) { ended = true }
            timeline.note(run, ())
            seen.append((run.moment, seen.count % 8 == 0 || ended ? RunDigest(run) : nil))
        }
        #expect(timeline.checkpoints.count <= 64)
        for (one, other) in zip(seen, seen.dropFirst()) { #expect(one.moment < other.moment) }
        var random = Seeded(state: 42)
        for _ in 0..<60 {
            let place = seen[Int(random.next() % UInt64(seen.count)) / 8 * 8]
            timeline.restore(run, notAfter: place.moment)
            timeline.advance(run, to: place.moment)
            #expect(run.moment == place.moment)
            guard let digest = place.digest else { continue }
            #expect(RunDigest(run).differences(from: digest) == [])
        }
        // By the debugger's count of steps, the end but one: there the run has a step more to go.
        for tick in [0, 1, 17, 24, seen.count - 3] {
            #expect(timeline.go(run, toTick: UInt64(tick)) == seen[tick].moment)
            guard let digest = seen[tick].digest else { continue }
            #expect(RunDigest(run).differences(from: digest) == [])
        }
    }

    @Test("What was changed by hand is part of the past; a change in the past is a new future")
    func changes() throws {
        let run = GuestRun(try TimeGuests.configuration(TimeGuests.everything))
        var timeline = Timeline(run, (), interval: 50)
        func goOn(_ steps: UInt64) {
            var stops = GuestRun.Stops()
            stops.steps = steps
            _ = timeline.run(run, until: stops)
            timeline.note(run, ())
        }
        for _ in 0..<10 { goOn(20) }
        let before = run.moment
        try timeline.change(run, .setting(.init(.general(.r14, bytes: 8), 0x1234)))
        try timeline.change(run, .memory(0x610000, [1, 2, 3]))
        #expect(run.guestState.registers.values[14] == 0x1234)
        for _ in 0..<10 { goOn(20) }
        let (after, digest) = (run.moment, RunDigest(run))

        // Back to before the change, and over it in one stride.
        let start = timeline.go(run, toSteps: 150)
        #expect(start < before)
        timeline.advance(run, to: after)
        #expect(RunDigest(run).differences(from: digest) == [])
        // And step by step.
        _ = timeline.go(run, toSteps: 190)
        while run.moment < after { _ = timeline.run(run, until: Self.step()) }
        #expect(RunDigest(run).differences(from: digest) == [])

        _ = timeline.go(run, toSteps: 100)
        #expect(try timeline.change(run, .setting(.init(.general(.r14, bytes: 8), 1))) == 2)
        timeline.advance(run, to: after)
        #expect(RunDigest(run) != digest)
        // Not by what was changed in the other future.
        let fresh = GuestRun(try TimeGuests.configuration(TimeGuests.everything))
        var again = Timeline(fresh, ())
        _ = again.go(fresh, toSteps: 100)
        try again.change(fresh, .setting(.init(.general(.r14, bytes: 8), 1)))
        again.advance(fresh, to: after)
        #expect(RunDigest(fresh).differences(from: RunDigest(run)) == [])
    }

    @Test("The last pause before a moment is one at which a run forward paused")
    func lastPause() throws {
        let run = GuestRun(try TimeGuests.configuration(TimeGuests.everything))
        var timeline = Timeline(run, (), interval: 40)
        let label = try #require(
            run.configuration.image.program?.labels.first { $0.name == "patch" }?.value)
        var stops = GuestRun.Stops()
        stops.breakpoints = [label]
        stops.atExit = true
        var pauses: [Moment] = []
        while true {
            let pause = timeline.run(run, until: stops)
            timeline.note(run, ())
            if case .ended = pause { break }
            pauses.append(run.moment)
        }
        // Each of 24 rounds has a CPUID and a breakpoint, and HLT exits.
        #expect(pauses.count == 49)
        var end = run.moment
        var found: [Moment] = []
        while let last = timeline.lastPause(
            run, before: end, at: stops, isWanted: { _ in true }, goesOn: { true })
        {
            found.append(last)
            end = last
        }
        #expect(found.reversed() == pauses)
    }

    @Test("Checkpoints stay few, and the memory that they keep stays bounded")
    func bounded() throws {
        // Writes to 2,048 pages again and again.
        let source = """
            bits 64
            org 0x10000
            again:  mov rdi, 0x800000
                    mov ecx, 2048
            page:   inc qword [rdi]
                    add rdi, 4096
                    dec ecx
                    jnz page
                    jmp again
            """
        let run = GuestRun(try TimeGuests.configuration(source))
        var timeline = Timeline(run, (), interval: 1000)
        for _ in 0..<100 {
            var stops = GuestRun.Stops()
            stops.steps = 2000
            _ = timeline.run(run, until: stops)
            timeline.note(run, ())
        }
        #expect(timeline.checkpoints.count <= 64)
        #expect(timeline.checkpoints.reduce(0) { $0 + $1.pages } <= 65536)
        let digest = RunDigest(run)
        let end = run.moment
        _ = timeline.go(run, toSteps: 100_001)
        #expect(run.machine.steps == 100_001)
        timeline.advance(run, to: end)
        #expect(RunDigest(run).differences(from: digest) == [])
    }
}

/// Random numbers that are the same each time.
private struct Seeded {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
