import Architecture
import Narration

/// Compares observed exits with recorded ones. A key that is absent means 0; of exit information
/// only what the recording has is compared.
enum VMXComparison {
    /// What differs, in words; empty: nothing.
    static func differences(
        _ observed: [JSON], _ expected: [JSON], ignoring: Set<String>
    ) -> [String] {
        var found: [String] = []
        for index in 0..<max(observed.count, expected.count) {
            guard index < observed.count else {
                found.append("event \(index): missing, expected \(title(expected[index]))")
                break
            }
            guard index < expected.count else {
                found.append("event \(index): \(title(observed[index])) is not expected")
                break
            }
            found += compare(observed[index], expected[index], ignoring).map {
                "event \(index) (\(title(expected[index]))): \($0)"
            }
        }
        return found
    }

    private static func title(_ event: JSON) -> String {
        event["reason"]?.stringValue ?? event["type"]?.stringValue ?? "an event"
    }

    private static func compare(
        _ observed: JSON, _ expected: JSON, _ ignoring: Set<String>
    ) -> [String] {
        let left = flat(observed)
        let right = flat(expected)
        var found: [String] = []
        for key in Set(left.keys).union(right.keys).sorted() {
            if ExitRecorder.informationKeys.contains(key), right[key] == nil { continue }
            if ignoring.contains(key) { continue }
            var one = left[key] ?? "0x0"
            var other = right[key] ?? "0x0"
            if let mask = unusableMask(key, one, other) {
                one = mask.0
                other = mask.1
            }
            if one != other { found.append("\(key) is \(one), expected \(other)") }
        }
        return found
    }

    /// Of an unusable segment only bit 16 of its access rights is defined.
    private static func unusableMask(
        _ key: String, _ one: String, _ other: String
    ) -> (String, String)? {
        guard key.hasSuffix("_ar") || key.hasSuffix("_AR"),
            let left = JSON.string(one).number, let right = JSON.string(other).number,
            left & right & 0x10000 != 0
        else { return nil }
        return ("unusable", "unusable")
    }

    /// Nested keys become "gprs.rax"; numbers become one form; 32 zero bytes of stack are 0.
    private static func flat(_ event: JSON) -> [String: String] {
        var values: [String: String] = [:]
        for member in event.memberList ?? [] {
            if let inner = member.value.memberList {
                for entry in inner { values["\(member.key).\(entry.key)"] = text(entry.value) }
            } else {
                values[member.key] = text(member.value)
            }
        }
        if values["stack32"]?.allSatisfy({ $0 == "0" }) == true { values["stack32"] = nil }
        return values
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .string(let text):
            text.hasPrefix("0x") ? (value.number?.hex ?? text) : text
        case .unsigned(let number): number.hex
        default: value.text
        }
    }
}
