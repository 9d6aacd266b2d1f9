import Foundation
import Fuzzing
import Testing
import Workbook

/// A sample of what a release build is fed with for longer: `stepvisor fuzz`. A failure's input is
/// found again by `stepvisor fuzz TARGET --seed SEED --first NUMBER --count 1`.
@Suite("Any input is safe")
struct FuzzTests {
    static let variables = ProcessInfo.processInfo.environment
    /// STEPVISOR_SEED, else always the same.
    static let seed = variables["STEPVISOR_SEED"].flatMap { UInt64($0) } ?? 1
    /// STEPVISOR_FUZZ times as many inputs.
    static let factor = variables["STEPVISOR_FUZZ"].flatMap { UInt64($0) } ?? 1

    private static let root = Folder(
        path: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path)

    static func feed(_ target: FuzzTarget, _ count: UInt64) throws -> FuzzCampaign.Figures {
        let campaign = FuzzCampaign(seed: seed, count: count * factor)
        let figures = try target.run(campaign, root: root)
        for finding in figures.failures {
            Issue.record(
                """
                \(target.rawValue), seed \(seed), input \(finding.input): \(finding.message)
                \(finding.text)
                """)
        }
        return figures
    }

    @Test(
        "no input crashes or hangs what takes it, and its answer holds up",
        arguments: [
            (FuzzTarget.decoder, 30_000), (.assembler, 1_000), (.roundtrip, 3_000), (.elf, 200),
            (.image, 20), (.machine, 60), (.scenario, 200), (.answers, 200), (.lesson, 60),
        ] as [(FuzzTarget, UInt64)])
    func sample(_ target: FuzzTarget, _ count: UInt64) throws {
        let figures = try Self.feed(target, count)
        #expect(figures.inputs == count * Self.factor)
        // Inputs that are all refused at the door show nothing.
        #expect(figures.count(.accepted) > figures.inputs / 20)
    }

    @Test(
        "random programs come to NASM's bytes",
        .enabled(
            if: ChildProcess.path(of: "nasm") != nil,
            "SKIPPED: nasm is not installed (apt-get install nasm)"))
    func nasm() throws {
        let figures = try Self.feed(.nasm, 60)
        #expect(figures.count(.accepted) == 60 * Self.factor)
    }

    @Test("the round trip accepts no more kinds of other encodings than are listed")
    func equivalences() {
        #expect(RoundTripSubject.Equivalence.allCases.count <= 6)
    }

    @Test("the same seed feeds the same inputs, each found again by its number")
    func repeats() throws {
        let campaign = FuzzCampaign(seed: 7, count: 10)
        var decoder = DecoderSubject()
        let first = campaign.text(&decoder, input: 5)
        _ = campaign.run(&decoder)
        #expect(campaign.text(&decoder, input: 5) == first)
        #expect(campaign.text(&decoder, input: 6) != first)
        #expect(FuzzCampaign(seed: 8, count: 10).text(&decoder, input: 5) != first)
    }
}
