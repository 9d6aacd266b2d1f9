import Foundation
import Machine
import Testing

@testable import Hypervisor

/// The self-checking guests: every line that they print is a promise of the manual's, and every
/// byte that they write to the serial port is the same on PCs that others wrote.
@Suite("Bare-metal programs")
struct BareMetalTests {
    /// What a peer is known to do otherwise, by the line's name.
    private static let known: [Peer: Set<String>] = [
        .bochs: [],
        // QEMU's translator checks no segment limits and types on data accesses, no alignment and
        // no reserved bits here, raises #GP for a non-canonical stack address, and lacks INT1, an
        // unknown MSR's #GP and #UD for LOCK before a register.
        .qemu: [
            "#UD by lock", "#GP by the limit", "#SS by the limit", "and cannot be used",
            "read-only", "one byte beyond it", "below an expand-down segment", "#DB by int1",
            "ring 3: alignment", "no such stack", "cr0 has 32 bits", "lstar is an address",
            "no such msr",
        ],
    ]

    /// A program and the title that it prints first.
    struct Program: Sendable, CustomTestStringConvertible {
        let file: String
        let title: String
        /// Lines of examinations that it prints, so that none is lost.
        let lines: Int
        var testDescription: String { file }
    }

    static let programs = [
        Program(file: "selfcheck-real.asm", title: "real mode", lines: 95),
        Program(file: "selfcheck-long.asm", title: "protected and long mode", lines: 116),
    ]

    private func image(_ program: Program) throws -> [UInt8] {
        let guests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Guests")
        return try GuestLoader.load(guests.appendingPathComponent(program.file).path).bytes
    }

    private func runOnModel(_ image: [UInt8]) throws -> (end: EndOfRun, output: [UInt8]) {
        let run = GuestRun(
            RunConfiguration(
                boot: try DiskImage(image), name: "selfcheck",
                map: PCMemoryMap(memorySize: 32 << 20)))
        var output: [UInt8] = []
        run.outputObserver = { output.append($0.byte) }
        run.stepBudget = 20_000_000
        guard case .ended(let end) = run.run() else { throw PeerFailure.timeLimit("model") }
        return (end, output)
    }

    /// The lines behind the title: before it, other firmware may have written something of its own.
    private func lines(_ output: [UInt8], _ program: Program) throws -> [Substring] {
        let text = String(decoding: output, as: UTF8.self)
        let title = try #require(text.range(of: "\n\(program.title)\n"), "no title in: \(text)")
        return text[title.upperBound...].split(separator: "\n")
    }

    /// "name 00000000 ok" or "name 00000000 WRONG, expected 00000000".
    private func name(_ line: Substring) -> String {
        var words = line.split(separator: " ", omittingEmptySubsequences: false)
        words.removeLast(line.contains("WRONG") ? 4 : 2)
        return words.joined(separator: " ")
    }

    @Test("the model does everything that they examine", arguments: programs)
    func model(_ program: Program) throws {
        let (end, output) = try runOnModel(try image(program))
        let lines = try lines(output, program)
        #expect(lines.filter { !$0.hasSuffix(" ok") } == [])
        #expect(lines.count == program.lines)
        #expect(end.reason == .port && end.value == 0)
    }

    @Test(
        "Bochs writes the same, byte for byte",
        .enabled(if: Peer.bochs.isInstalled, Comment(rawValue: Peer.bochs.reasonToSkip)),
        arguments: programs)
    func bochs(_ program: Program) throws { try compare(program, with: .bochs) }

    @Test(
        "QEMU writes the same, its known gaps aside",
        .enabled(if: Peer.qemu.isInstalled, Comment(rawValue: Peer.qemu.reasonToSkip)),
        arguments: programs)
    func qemu(_ program: Program) throws { try compare(program, with: .qemu) }

    private func compare(_ program: Program, with peer: Peer) throws {
        let image = try image(program)
        let ours = try lines(try runOnModel(image).output, program)
        let theirs = try lines(try peer.serialOutput(of: image), program)
        #expect(ours.map(name) == theirs.map(name))
        let different = Set(zip(ours, theirs).filter { $0 != $1 }.map { name($0.0) })
        #expect(different.subtracting(Self.known[peer] ?? []) == [])
    }

    @Test("the list of QEMU's gaps does not grow")
    func gaps() {
        #expect(Self.known[.qemu]?.count ?? 0 <= 13)
        #expect(Self.known[.bochs] == [])
    }
}
