import Glibc

/// Lines from a pipe or a file: no editing, no prompt, and a bound on what one line may take.
public final class LineReader: LineSource {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0
    private var hasEnded = false

    public init(descriptor: Int32 = STDIN_FILENO) {
        self.descriptor = descriptor
    }

    public func readLine(prompt: String = "") -> LineEvent {
        var line: [UInt8] = []
        var isTooLong = false
        while true {
            if position == buffer.count {
                if !hasEnded && SignalPipe.wait(for: descriptor) != .input { return .interrupted }
                fill()
            }
            if hasEnded {
                return line.isEmpty && !isTooLong ? .endOfInput : event(line, isTooLong)
            }
            let rest = buffer[position...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = rest[..<(end ?? rest.endIndex)]
            // One byte more than a line may have is kept for a CR that does not count.
            isTooLong = isTooLong || line.count + part.count > LineEvent.longestLine + 1
            if !isTooLong { line += part }
            position = end.map { $0 + 1 } ?? buffer.count
            if end != nil { return event(line, isTooLong) }
        }
    }

    private func event(_ line: [UInt8], _ isTooLong: Bool) -> LineEvent {
        let hasReturn = line.last == UInt8(ascii: "\r")
        return LineEvent(bytes: hasReturn ? line.dropLast() : line[...], isTooLong: isTooLong)
    }

    private func fill() {
        guard !hasEnded else { return }
        position = 0
        buffer = [UInt8](unsafeUninitializedCapacity: 4096) { bytes, count in
            count = max(0, read(descriptor, bytes.baseAddress, bytes.count))
        }
        hasEnded = buffer.isEmpty
    }
}
