/// One line of a source, or of what a macro made of it.
struct SourceLine {
    var bytes: [UInt8]
    var file: Int
    /// Counted from 1; for a macro's lines that of the call.
    var number: Int
}

/// A line that is ready to be assembled: macros written out, words split.
struct LogicalLine {
    var tokens: [Token]
    var source: SourceLine
}

/// Splits a file into lines. A backslash at the end joins a line with the next.
func sourceLines(
    of bytes: [UInt8], file: Int, name: String, limits: AssemblyLimits
) throws(AssemblyError) -> [SourceLine] {
    func fault(_ message: String, line: Int) -> AssemblyError {
        AssemblyError(file: name, line: line, column: 1, message: message, offending: "")
    }
    guard bytes.count <= limits.sourceBytes else {
        throw fault("the file is larger than \(limits.sourceBytes) bytes", line: 0)
    }
    var lines: [SourceLine] = []
    var joined: [UInt8] = []
    var first = 1
    var number = 1
    var start = 0
    while start < bytes.count {
        let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
        var line = bytes[start..<end]
        if line.last == 0x0D { line.removeLast() }
        guard joined.count + line.count <= limits.lineBytes else {
            throw fault("a line longer than \(limits.lineBytes) bytes", line: number)
        }
        start = end + 1
        number += 1
        if line.last == UInt8(ascii: "\\"), start < bytes.count {
            joined += line.dropLast()
            continue
        }
        lines.append(SourceLine(bytes: joined + line, file: file, number: first))
        joined = []
        first = number
    }
    if !joined.isEmpty { lines.append(SourceLine(bytes: joined, file: file, number: first)) }
    return lines
}

extension SourceFault {
    /// The same mistake with the place in the sources that it is at.
    func located(in line: SourceLine, files: [String]) -> AssemblyError {
        let start = min(max(column - 1, 0), line.bytes.count)
        let end = min(start + max(length, 0), line.bytes.count)
        let text = String(decoding: line.bytes[start..<end].prefix(64), as: UTF8.self)
        return AssemblyError(
            file: line.file < files.count ? files[line.file] : "", line: line.number,
            column: max(column, 1), message: message.withoutControls,
            offending: text.withoutControls)
    }
}

extension String {
    /// Control characters as `\x1b`, so that a source cannot send escape codes to a terminal.
    fileprivate var withoutControls: String {
        var result = ""
        for scalar in unicodeScalars {
            if scalar.value < 0x20 || scalar.value >= 0x7F && scalar.value < 0xA0 {
                result += scalar.value < 16 ? "\\x0" : "\\x"
                result += String(scalar.value, radix: 16)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
