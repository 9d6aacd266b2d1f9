import Hypervisor
import Narration

/// The outcome of one vector.
public struct VectorOutcome: Sendable {
    public let id: String
    /// nil: nothing was expected.
    public let pass: Bool?
    /// In the form of the vector's `expect`, where it ran.
    public let observed: JSON?
    /// What differs, or why it did not run.
    public let problems: [String]
    /// The vector's line, where it could not be replayed.
    public let badLine: Int?

    /// As `stepvisor conform --json` prints it.
    public var json: JSON {
        var members = [
            JSON.Member("id", .string(id)),
            JSON.Member("pass", pass.map { .bool($0) } ?? .null),
        ]
        if let badLine { members.append(JSON.Member("line", .count(badLine))) }
        if let observed {
            members.append(JSON.Member("observed", observed))
        } else {
            members.append(JSON.Member("error", .string(problems.first ?? "unknown")))
        }
        return .object(members)
    }

    /// As `stepvisor conform` prints it for people.
    public var text: String {
        let word = pass.map { $0 ? "pass" : "FAIL" } ?? "ran "
        let place = badLine.map { " (line \($0))" } ?? ""
        let reason = problems.first.map { ": \($0)" } ?? ""
        return EscapedText.line("\(word) \(id)\(place)\(reason)")
    }
}

/// Replays recorded vectors through the machine that `run` uses.
public enum Replay {
    /// Every vector of a file, in order; `each` is told one outcome at a time.
    public static func file(
        _ path: String, each: (VectorOutcome) -> Void
    ) throws(BoundedFile.Failure) {
        let bytes = try BoundedFile.read(path, limit: BoundedFile.vectorLimit)
        let folder = VectorFolder(of: path)
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard !line.allSatisfy(Self.isBlank) else { continue }
            each(outcome(line, number, folder))
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private static func outcome(
        _ line: ArraySlice<UInt8>, _ number: Int, _ folder: VectorFolder
    ) -> VectorOutcome {
        let vector: JSON
        do {
            vector = try JSON(parsing: line)
        } catch {
            return VectorOutcome(
                id: "line-\(number)", pass: false, observed: nil,
                problems: ["\(error.message) at byte \(error.column)"], badLine: number)
        }
        guard let id = vector["id"]?.stringValue else {
            return VectorOutcome(
                id: "line-\(number)", pass: false, observed: nil, problems: ["expected \"id\""],
                badLine: number)
        }
        do throws(VectorError) {
            return try replay(vector, id, folder)
        } catch {
            return VectorOutcome(
                id: id, pass: false, observed: nil, problems: [error.message],
                badLine: number)
        }
    }

    /// The kinds are told apart by their keys.
    private static func replay(
        _ vector: JSON, _ id: String, _ folder: VectorFolder
    ) throws(VectorError) -> VectorOutcome {
        if vector["vmcs"] != nil {
            let events = try VMXVector(vector, folder).observe()
            let expected = vector["expect"]?.listValue
            let ignored = Set((vector["ignore"]?.listValue ?? []).compactMap(\.stringValue))
            let problems = expected.map {
                VMXComparison.differences(events, $0, ignoring: ignored)
            }
            return VectorOutcome(
                id: id, pass: problems.map(\.isEmpty), observed: .list(events),
                problems: problems ?? [], badLine: nil)
        }
        if vector["state"] != nil {
            let system = SystemVector(vector, folder)
            let outcome = try system.observe()
            let problems = vector["expect"].map { outcome.differences(from: $0) }
            return VectorOutcome(
                id: id, pass: problems.map(\.isEmpty), observed: outcome.json,
                problems: problems ?? [], badLine: nil)
        }
        if vector["code"] != nil {
            let instructions = try InstructionVector(vector)
            let outcome = try instructions.replay(on: .skylake)
            let isJudged = instructions.expect != nil
            let problems = instructions.differences(outcome)
            return VectorOutcome(
                id: id, pass: isJudged ? problems.isEmpty : nil, observed: outcome.json,
                problems: problems, badLine: nil)
        }
        throw VectorError("expected a vector: \"vmcs\", \"state\" or \"code\"")
    }
}
