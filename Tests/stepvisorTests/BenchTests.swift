import Fuzzing
import Glibc
import Hypervisor
import Testing

@testable import stepvisor

/// Nothing here is timed: what is held is that each side of a benchmark does what is counted.
@Suite("The benchmarks' guests")
struct BenchTests {
    private static let folder =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/") + "/Guests/bench/"

    private func guest(_ name: String) throws -> GuestImage {
        try GuestLoader.load(Self.folder + name + ".asm")
    }

    /// The run of a load with this count in ESI, to its end.
    private func run(_ load: BenchLoad, _ count: UInt64) throws -> GuestRun {
        var configuration = RunConfiguration(image: try guest(load.guest))
        configuration.operation = .outside
        configuration.settings = [.init(.general(.rsi, bytes: 8), count)]
        let run = GuestRun(configuration)
        run.stepBudget = 10_000_000
        _ = run.run()
        return run
    }

    @Test("A guest ends with the value expected of it", arguments: BenchLoad.all)
    func ends(load: BenchLoad) throws {
        #expect(try guest(load.guest).mode == load.mode)
        guard case .ended(let end) = try run(load, load.least + 1).phase else {
            Issue.record("\(load.name) did not end")
            return
        }
        #expect(end.reason == .port)
        #expect(end.value == load.expected)
    }

    @Test(
        "Another count is as many instructions more as the table says",
        arguments: BenchLoad.all.filter { $0.unit == "instructions" })
    func counts(load: BenchLoad) throws {
        let one = try run(load, load.least + 1).machine.steps
        let two = try run(load, load.least + 2).machine.steps
        #expect(two - one == load.unitsPerCount)
    }

    @Test("A round trip is one exit more")
    func roundTrips() throws {
        let load = try #require(BenchLoad.all.first { $0.name == "round-trips" })
        let three = try run(load, 3).machine.exits
        #expect(three == 3)
    }

    @Test(
        "Bochs runs the same bytes to the same end",
        .enabled(
            if: ChildProcess.path(of: "bochs") != nil,
            "SKIPPED: bochs is not installed (apt-get install bochs bochs-term bochsbios vgabios)"),
        arguments: ["integers-32", "round-trips"])
    func bochs(name: String) throws {
        let load = try #require(BenchLoad.all.first { $0.name == name })
        let bochs = try #require(BochsPeer())
        defer { bochs.cleanUp() }
        let sector = try guest(load.mode == .long64 ? "boot-sector-64" : "boot-sector-32")
        #expect(try bochs.ends(load, load.least + 1, try guest(load.guest), sector))
    }
}
