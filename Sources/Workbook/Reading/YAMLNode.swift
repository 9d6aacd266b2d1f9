/// A value of a YAML file, with the place where it stands.
///
/// The workbook reads a plain part of YAML: scalars, lists and maps with text keys. It keeps each
/// scalar as written, so that `0x30`, `no` and `1e3` mean what the place where they stand says.
struct YAMLNode: Sendable, Equatable {
    indirect enum Value: Sendable, Equatable {
        /// `quoted`: written in quotes or as a block, so that it is text even if empty.
        case scalar(String, quoted: Bool)
        case list([YAMLNode])
        case map([Entry])
    }

    struct Entry: Sendable, Equatable {
        var key: String
        var keyPosition: SourcePosition
        var value: YAMLNode
    }

    var value: Value
    var position: SourcePosition

    /// Whether nothing was written here.
    var isEmpty: Bool {
        if case .scalar(let text, quoted: false) = value {
            return text.isEmpty || text == "~" || text == "null"
        }
        return false
    }

    /// The scalar's text; nil for lists, maps and nothing.
    var text: String? {
        if case .scalar(let text, _) = value, !isEmpty { return text }
        return nil
    }

    /// What kind of value this is, for messages.
    var kind: String {
        switch value {
        case .scalar: isEmpty ? "nothing" : "a single value"
        case .list: "a list"
        case .map: "a map"
        }
    }
}
