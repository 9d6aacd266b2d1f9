import InstructionSet
import Machine

/// Instructions as JSON lines. What is the same each time an instruction executes (address, bytes,
/// text) is kept from the last time, by address.
struct InstructionTextCache {
    private struct Entry {
        var rip: UInt64 = 0
        var linear: UInt64 = 0
        /// The bytes that count, the others 0.
        var low: UInt64 = 0
        var high: UInt64 = 0
        var size: CodeSize = .bits16
        var text = ""
        /// From `"rip"` to the text's closing quote; empty: no entry.
        var tail: [UInt8] = []
    }

    private static let count = 4096
    private var entries = [Entry](repeating: Entry(), count: Self.count)

    mutating func append(
        _ event: InstructionEvent, reads: ControlRegisterAccess?, to line: inout JSONBuffer
    ) {
        let index = find(event)
        line.append("{\"kind\":\"instruction\",\"step\":")
        line.append(decimal: event.step)
        line.bytes.append(contentsOf: entries[index].tail)
        if let reads, reads.mask != 0 { Self.append(reads, to: &line) }
        line.append("}\n")
    }

    mutating func text(of event: InstructionEvent) -> String { entries[find(event)].text }

    private static func append(_ access: ControlRegisterAccess, to line: inout JSONBuffer) {
        line.append(",\"reads\":{\"register\":")
        line.append(quoted: "cr\(access.number)")
        line.append(",\"real\":")
        line.append(hex: access.real)
        line.append(",\"mask\":")
        line.append(hex: access.mask)
        line.append(",\"shadow\":")
        line.append(hex: access.shadow)
        line.append(",\"readsAs\":")
        line.append(hex: access.readsAs)
        line.append("}")
    }

    /// The place of an instruction's entry, made if it is not there.
    @inline(__always)
    private mutating func find(_ event: InstructionEvent) -> Int {
        let index = Int(truncatingIfNeeded: event.rip ^ event.rip >> 12) & (Self.count - 1)
        let (low, high) = Self.words(event)
        let isKept =
            entries[index].rip == event.rip && entries[index].low == low
            && entries[index].high == high && entries[index].size == event.size
            && !entries[index].tail.isEmpty
        if !isKept { fill(index, event, low, high) }
        return index
    }

    /// The bytes as two numbers: those behind the instruction's length are 0 in the event.
    @inline(__always)
    private static func words(_ event: InstructionEvent) -> (UInt64, UInt64) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for index in (0..<8).reversed() {
            low = low << 8 | UInt64(event.bytes[index])
            high = high << 8 | UInt64(event.bytes[index + 8])
        }
        return (low, high)
    }

    @inline(never)
    private mutating func fill(
        _ index: Int, _ event: InstructionEvent, _ low: UInt64, _ high: UInt64
    ) {
        let text = Disassembler.text(of: event.instruction, at: event.rip, size: event.size)
        var tail = JSONBuffer()
        tail.append(",\"rip\":")
        tail.append(hex: event.rip)
        tail.append(",\"bytes\":")
        tail.append(hexBytes: event.encoded)
        tail.append(",\"text\":")
        tail.append(quoted: text)
        entries[index] = Entry(
            rip: event.rip, linear: event.linear, low: low, high: high, size: event.size,
            text: text, tail: tail.bytes)
    }
}
