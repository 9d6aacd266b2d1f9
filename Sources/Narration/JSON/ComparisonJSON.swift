import Hypervisor

/// A comparison as JSON: a line for each row, and a last one with the counts.
public enum ComparisonJSON {
    public static func lines(_ result: ComparisonResult) -> [JSON] {
        var lines = result.rows.map { row in
            JSON.members(
                ("what", .string(row.item.name)),
                ("model", row.model?.json ?? .null),
                ("kvm", row.kvm?.json ?? .null),
                ("result", .string(row.result.rawValue)),
                ("because", row.because.map { .string($0.text) } ?? .null))
        }
        lines.append(
            .object(Agreement.allCases.map { .init($0.rawValue, .count(result.count($0))) }))
        return lines
    }
}

extension ComparedValue {
    fileprivate var json: JSON {
        switch self {
        case .count(let count): .count(count)
        default: .string(text)
        }
    }
}
