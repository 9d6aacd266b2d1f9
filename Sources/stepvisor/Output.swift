import Glibc
import Narration

/// Standard output, buffered: results and nothing else.
enum StandardOutput {
    private static let capacity = 1 << 16
    nonisolated(unsafe) private static var buffer: [UInt8] = []

    static func line(_ text: String) {
        write(text)
        write("\n")
    }

    static func write(_ text: String) { write(bytes: text.utf8) }

    static func write(bytes: some Sequence<UInt8>) {
        // One thread writes: the commands run one after the other.
        buffer.append(contentsOf: bytes)
        if buffer.count >= capacity { flush() }
    }

    /// Hands everything to the kernel. A closed pipe ends the program by its signal; where results
    /// cannot be written for another reason, a full disk, the program says so and fails.
    static func flush() {
        var start = 0
        while start < buffer.count {
            let count = buffer[start...].withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                let problem = String(cString: strerror(errno))
                buffer.removeAll()
                StandardError.write("standard output: \(problem)")
                exit(Status.failed.rawValue)
            }
            start += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Standard error: diagnostics, a line each, never with a control character of the input's.
enum StandardError {
    static func write(_ text: String) {
        StandardOutput.flush()
        var bytes = Array(EscapedText.lines(text).utf8)
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
