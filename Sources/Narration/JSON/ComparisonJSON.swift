import Hypervisor

extension ComparisonResult {
    /// One object a line of the comparison, then one with the counts.
    public var json: [JSON] {
        let counts = Agreement.allCases.map { agreement in
            JSON.Member(agreement.rawValue, .count(count(agreement)))
        }
        return rows.map(\.json) + [.object([JSON.Member("kind", .string("summary"))] + counts)]
    }
}

extension ComparisonRow {
    /// `model` and `kvm` are null where that side showed nothing, `because` where the line agrees.
    var json: JSON {
        .members(
            ("what", .string(item.name)), ("model", model?.json ?? .null),
            ("kvm", kvm?.json ?? .null), ("result", .string(result.rawValue)),
            ("because", because.map { .string($0.text) } ?? .null))
    }
}

extension ComparedValue {
    var json: JSON {
        if case .count(let value) = self { return .count(value) }
        return .string(text)
    }
}
