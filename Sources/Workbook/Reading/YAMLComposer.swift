import Yams

/// Reads YAML text into ``YAMLNode``s, within bounds.
enum YAMLComposer {
    /// Parses one document.
    ///
    /// - Parameter firstLine: the line of the file at which the text begins.
    /// - Returns: nil for a document with nothing in it.
    static func compose(_ text: String, file: String, firstLine: Int = 1)
        throws(WorkbookError) -> YAMLNode?
    {
        let source = Source(file: file, lineOffset: firstLine - 1)
        try YAMLBounds(file: file, lineOffset: firstLine - 1).check(text)
        var count = 0
        guard let root = try source.composeWithYams(text) else { return nil }
        return try source.convert(root, depth: 0, count: &count)
    }

    private struct Source {
        let file: String
        let lineOffset: Int

        func error(_ mark: Mark?, _ message: String, expected: String? = nil) -> WorkbookError {
            let position = mark.map {
                SourcePosition(line: $0.line + lineOffset, column: $0.column)
            }
            return WorkbookError(file: file, position: position, message, expected: expected)
        }

        func composeWithYams(_ text: String) throws(WorkbookError) -> Node? {
            do {
                return try Parser(yaml: text, encoding: .utf8).singleRoot()
            } catch let problem as YamlError {
                throw describe(problem)
            } catch {
                throw self.error(nil, "is not YAML")
            }
        }

        private func describe(_ problem: YamlError) -> WorkbookError {
            switch problem {
            case .scanner(let context, let problem, let mark, _),
                .parser(let context, let problem, let mark, _):
                let place = context.map {
                    " (\($0.text), which began in line \($0.mark.line + lineOffset))"
                }
                return error(mark, "\(problem)\(place ?? "")", expected: "YAML")
            case .composer(_, let problem, let mark, _):
                return error(mark, problem, expected: "one YAML document")
            case .duplicatedKeysInMapping(let keys, let context):
                let names = keys.joined(separator: ", ")
                return error(context.mark, "given twice: \(names)", expected: "each key once")
            default:
                return error(nil, "is not YAML")
            }
        }

        func convert(_ node: Node, depth: Int, count: inout Int) throws(WorkbookError) -> YAMLNode {
            count += 1
            let position = position(of: node)
            guard depth <= Limits.nesting else {
                throw YAMLBounds(file: file, lineOffset: lineOffset).tooDeep(position)
            }
            guard count <= Limits.nodes else {
                throw error(
                    node.mark, "too many values", expected: "at most \(Limits.nodes) in a file")
            }
            switch node {
            case .scalar(let scalar):
                let quoted = scalar.style != .plain
                return YAMLNode(value: .scalar(scalar.string, quoted: quoted), position: position)
            case .sequence(let sequence):
                var list: [YAMLNode] = []
                for element in sequence {
                    list.append(try convert(element, depth: depth + 1, count: &count))
                }
                return YAMLNode(value: .list(list), position: position)
            case .mapping(let mapping):
                var entries: [YAMLNode.Entry] = []
                for (key, value) in mapping {
                    guard case .scalar(let scalar) = key else {
                        throw error(key.mark, "a list or map as a key", expected: "a name")
                    }
                    entries.append(
                        YAMLNode.Entry(
                            key: scalar.string, keyPosition: self.position(of: key),
                            value: try convert(value, depth: depth + 1, count: &count)))
                }
                return YAMLNode(value: .map(entries), position: position)
            case .alias:
                throw error(node.mark, "anchors and aliases are not read here")
            }
        }

        private func position(of node: Node) -> SourcePosition {
            SourcePosition(
                line: (node.mark?.line ?? 1) + lineOffset, column: node.mark?.column ?? 1)
        }
    }
}
