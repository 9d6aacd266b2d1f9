import Hypervisor
import Narration

/// A register or VMCS field with the value that it is to have at the start.
public struct Setting: Sendable, Hashable {
    /// A register by gdb's name, or a VMCS field by its name.
    public var name: Located<String>
    public var target: SettingTarget
    public var value: UInt64
    public var valuePosition: SourcePosition

    /// Reads a `set:` section: `NAME: value`, the value a number, a list of bits by name, or, where
    /// the name has no bits of its own, a map as `rsi: {CR0: [PE, NE]}` that says whose bits.
    static func settings(_ entries: [YAMLNode.Entry], collector: DiagnosticCollector) -> [Setting] {
        entries.compactMap { entry in
            let name = Located(entry.key, at: entry.keyPosition)
            guard let target = target(name, collector: collector),
                let value = value(entry.value, of: entry.key, collector: collector)
            else { return nil }
            let setting = Setting(
                name: name, target: target, value: value, valuePosition: entry.value.position)
            return setting.fits(collector) ? setting : nil
        }
    }

    /// The register or field that a name means; tells if it means none.
    static func target(_ name: Located<String>, collector: DiagnosticCollector) -> SettingTarget? {
        do throws(SettingTarget.Failure) {
            return try SettingTarget(name: name.value)
        } catch {
            let suggestion = Spelling.suggestion(for: name.value, among: SettingTarget.names)
            collector.report(
                name.position, "`\(name.value)` is no register or VMCS field\(suggestion)",
                expected: "a register as rax, or a field as CR0_MASK")
            return nil
        }
    }

    private func fits(_ collector: DiagnosticCollector) -> Bool {
        do throws(SettingTarget.Failure) {
            try target.check(value)
            return true
        } catch {
            collector.report(
                valuePosition, "\(name.value): \(value.hex) does not fit",
                expected: "at most \(target.width) bits")
            return false
        }
    }

    /// A value as written for `name`.
    static func value(_ node: YAMLNode, of name: String, collector: DiagnosticCollector) -> UInt64?
    {
        switch node.value {
        case .scalar:
            if let text = node.text, let number = NumberText.parse(text) { return number }
            if let text = node.text, BitNames.position(of: text, in: name) != nil {
                return bits([node], of: name, collector: collector)
            }
            let problem = node.text.map { "\($0) \(NumberText.problem($0) ?? "")" }
            collector.report(
                node.position, "\(name): \(problem ?? "nothing is written here")",
                expected: expectedValue(of: name))
            return nil
        case .list(let elements):
            return bits(elements, of: name, collector: collector)
        case .map(let entries):
            guard entries.count == 1, let entry = entries.first,
                BitNames.bits(of: entry.key) != nil
            else {
                collector.report(
                    node.position, "\(name): a map that names no register with bits",
                    expected: "a map as {CR0: [PE, NE]}")
                return nil
            }
            return value(entry.value, of: entry.key, collector: collector)
        }
    }

    private static func bits(
        _ elements: [YAMLNode], of name: String, collector: DiagnosticCollector
    ) -> UInt64? {
        guard let known = BitNames.bits(of: name) else {
            collector.report(
                elements.first?.position, "\(name) has no bits that are known by name here",
                expected: "a number, or a map as {CR0: [PE, NE]}")
            return nil
        }
        var value: UInt64 = 0
        var complete = true
        for element in elements {
            let text = element.text ?? element.kind
            guard let position = BitNames.position(of: text, in: name) else {
                let suggestion = Spelling.suggestion(for: text, among: known.map(\.name))
                collector.report(
                    element.position, "\(name) has no bit \(text)\(suggestion)",
                    expected: known.map(\.name).joined(separator: ", "))
                complete = false
                continue
            }
            value |= 1 &<< UInt64(position)
        }
        return complete ? value : nil
    }

    static func expectedValue(of name: String) -> String {
        BitNames.bits(of: name) == nil ? "a number" : "a number, or a list of bits as [PE, NE]"
    }
}
