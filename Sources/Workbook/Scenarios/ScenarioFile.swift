import Architecture
import Hypervisor
import Machine
import Narration

/// A scenario as its file says it: a guest and the circumstances in which it runs.
///
///     guest: cr0-write.asm            # beside this file, or in Guests
///     operation: non-root             # or outside, root
///     set:                            # registers and VMCS fields at the start
///       CR0_MASK: [PE, NE, PG]
///       rsi: {CR0: [PE, ET, NE, TS, PG]}
///     on:                             # what the hypervisor does at optional exits
///       CR_ACCESS: skip
///     ports:                          # bytes that reads of a port give, then all ones
///       0x60: [0x1e, 0x9e]
public struct ScenarioFile: Sendable, Hashable {
    /// The file's name, for messages.
    public var file: String
    /// The guest's file name.
    public var guest: Located<String>
    public var operation: VMXMode
    /// nil: from the source's `bits`. A flat binary needs it.
    public var mode: GuestMode?
    /// nil: from the source's `org`, else the mode's default.
    public var load: Located<UInt64>?
    public var processor: Located<String>?
    /// Bytes of memory.
    public var memory: UInt64?
    /// Guest steps; 0 for no bound.
    public var maxSteps: UInt64?
    public var settings: [Setting]
    public var policies: [Policy]
    public var ports: [Port]

    /// What happens at one kind of exit.
    public struct Policy: Sendable, Hashable {
        public var reason: ExitReason
        public var action: ExitPolicy.Reaction
    }

    /// A port with the bytes that reading it gives, one after the other, before all ones.
    public struct Port: Sendable, Hashable {
        public var number: UInt16
        public var values: [UInt8]
    }

    /// Later settings of a register or field replace earlier ones.
    public mutating func apply(_ more: [Setting]) {
        for setting in more {
            settings.removeAll { $0.target == setting.target }
            settings.append(setting)
        }
    }
}

extension ScenarioFile {
    /// Reads and checks a scenario file.
    /// - Throws: every mistake in it, with line and column.
    public static func read(_ path: String, name: String? = nil) throws(WorkbookError)
        -> ScenarioFile
    {
        let file = try TextFile.read(path, name: name, limit: Limits.dataBytes)
        return try parse(file.text, file: file.name)
    }

    /// Checks a scenario's text.
    public static func parse(_ text: String, file: String) throws(WorkbookError) -> ScenarioFile {
        let collector = DiagnosticCollector(file: file)
        let node = try YAMLComposer.compose(text, file: file)
        let scenario = ScenarioFile(node, collector: collector)
        try collector.throwIfAny()
        guard let scenario else { throw WorkbookError(file: file, "is no scenario") }
        return scenario
    }

    init?(_ node: YAMLNode?, collector: DiagnosticCollector) {
        guard var map = MapReader(node, what: "scenario", collector: collector) else { return nil }
        let guest = map.requiredText("guest", expected: "a guest's file name, as cr0.asm")
        if let guest, !Folder.isInside(guest.value) {
            collector.report(
                guest.position, "`guest`: \(guest.value) leads out of the folder",
                expected: "a file beside the scenario, or in Guests")
        }
        file = collector.file
        operation =
            map.word(
                "operation", among: VMXMode.allCases.map { ($0.name, $0) })?.value ?? .nonRoot
        mode = map.word("mode", GuestMode.self)?.value
        load = map.number("load", in: 0...0xFFFF_FFFF)
        processor = Self.processor(&map, collector: collector)
        memory = map.number("memory", in: 0x10_0000...(1 << 32))?.value
        maxSteps = map.number("max-steps", in: 0...UInt64.max)?.value
        settings = Setting.settings(
            map.map("set", expected: "a map of register or field names to values"),
            collector: collector)
        policies = Self.policies(
            map.map("on", expected: "a map of exit reasons to \(Self.actions)"),
            collector: collector)
        ports = Self.ports(
            map.map("ports", expected: "a map of port numbers to lists of values"),
            collector: collector)
        map.finish()
        guard let guest else { return nil }
        self.guest = guest
    }

    private static func processor(_ map: inout MapReader, collector: DiagnosticCollector)
        -> Located<String>?
    {
        let names = Processor.all.map(\.name)
        let expected = names.joined(separator: ", ")
        guard let name = map.text("processor", expected: expected) else { return nil }
        if !names.contains(name.value) {
            let suggestion = Spelling.suggestion(for: name.value, among: names)
            collector.report(
                name.position, "there is no processor \(name.value)\(suggestion)",
                expected: expected)
        }
        return name
    }

    private static let actions = ExitPolicy.Reaction.allCases.map(\.rawValue).joined(
        separator: ", ")

    private static func policies(
        _ entries: [YAMLNode.Entry], collector: DiagnosticCollector
    ) -> [Policy] {
        entries.compactMap { entry in
            guard let reason = ExitReason(name: entry.key) else {
                let names = ExitReason.allCases.map(\.name)
                let suggestion = Spelling.suggestion(for: entry.key, among: names)
                collector.report(
                    entry.keyPosition, "there is no exit reason \(entry.key)\(suggestion)",
                    expected: "an exit reason's name, as CR_ACCESS")
                return nil
            }
            guard let text = entry.value.text, let action = ExitPolicy.Reaction(rawValue: text)
            else {
                collector.report(
                    entry.value.position,
                    "\(entry.key): \(entry.value.text ?? entry.value.kind) is no action",
                    expected: actions)
                return nil
            }
            return Policy(reason: reason, action: action)
        }
    }

    private static func ports(
        _ entries: [YAMLNode.Entry], collector: DiagnosticCollector
    ) -> [Port] {
        entries.compactMap { entry in
            guard let parsed = NumberText.parse(entry.key), let number = UInt16(exactly: parsed)
            else {
                collector.report(
                    entry.keyPosition, "\(entry.key) is no port",
                    expected: "a number from 0 to 0xffff")
                return nil
            }
            var values: [UInt8] = []
            let elements: [YAMLNode]
            if case .list(let list) = entry.value.value {
                elements = list
            } else {
                elements = [entry.value]
            }
            for element in elements {
                guard let text = element.text, let number = NumberText.parse(text),
                    let value = UInt8(exactly: number)
                else {
                    collector.report(
                        element.position, "port \(entry.key): \(element.text ?? element.kind)",
                        expected: "numbers from 0 to 0xff")
                    continue
                }
                values.append(value)
            }
            return Port(number: number, values: values)
        }
    }
}
