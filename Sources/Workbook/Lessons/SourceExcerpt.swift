/// A part of a guest's source that a lesson shows, taken from the guest itself.
///
///     guest: cr0-write.asm
///     from: start                 # a label; left out: from the first line
///     to: stop                    # up to and with the instruction there; left out: to the end
struct SourceExcerpt {
    let lines: [String]

    /// nil, and told, if there is no such guest or label.
    init?(_ node: YAMLNode, files: LessonFiles, collector: DiagnosticCollector) {
        guard var map = MapReader(node, what: "source", collector: collector) else { return nil }
        let guest = map.requiredText("guest", expected: "a guest's file name, as cr0.asm")
        let from = map.text("from", expected: "a label of the guest")
        let to = map.text("to", expected: "a label of the guest")
        map.finish()
        guard let guest else { return nil }
        guard let path = files.folder.file(guest.value) ?? files.guests.file(guest.value) else {
            collector.report(
                guest.position, "there is no guest \(guest.value)",
                expected: "a file of the lesson's folder, or in Guests")
            return nil
        }
        let source: TextFile
        do throws(WorkbookError) {
            source = try TextFile.read(path, limit: Limits.guestBytes)
        } catch {
            collector.report(error)
            return nil
        }
        let all = source.text.split(separator: "\n", omittingEmptySubsequences: false)
        var first = 0
        var last = all.count - 1
        for (label, isFirst) in [(from, true), (to, false)] {
            guard let label else { continue }
            guard let line = all.firstIndex(where: { $0.hasPrefix(label.value + ":") }) else {
                collector.report(
                    label.position, "\(guest.value) has no label \(label.value)",
                    expected: "a label at the begin of a line")
                return nil
            }
            if isFirst { first = line } else { last = Self.instruction(at: line, in: all) }
        }
        guard first <= last else {
            collector.report(node.position, "`to` stands before `from`")
            return nil
        }
        lines = Self.trimmed(all[first...last].map(String.init))
        for line in lines where line.count > Self.width {
            collector.report(
                node.position, "too long to be shown: \(line)",
                expected: "at most \(Self.width) columns")
        }
    }

    /// Columns: a lesson's code is shown indented by four.
    private static let width = 76

    /// The line of the instruction that a label names: its own, or the next that has one.
    private static func instruction(at line: Int, in all: [Substring]) -> Int {
        let isAlone = all[line].split(separator: ":", maxSplits: 1).last?.allSatisfy(\.isWhitespace)
        guard isAlone ?? true || all[line].hasSuffix(":") else { return line }
        return min(line + 1, all.count - 1)
    }

    private static func trimmed(_ lines: [String]) -> [String] {
        var lines = lines
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        return lines
    }
}
