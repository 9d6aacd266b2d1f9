import Testing

@testable import Narration

@Suite("JSON")
struct JSONTests {
    @Test(
        "numbers are written as the contract has them",
        arguments: [
            (UInt64(0), "0", "0x0"), (9, "9", "0x9"), (10, "10", "0xa"), (255, "255", "0xff"),
            (4096, "4096", "0x1000"), (.max, "18446744073709551615", "0xffffffffffffffff"),
        ])
    func numbers(value: UInt64, decimal: String, hexadecimal: String) {
        var buffer = JSONBuffer()
        buffer.append(decimal: value)
        buffer.append(" ")
        buffer.append(hex: value)
        #expect(String(decoding: buffer.bytes, as: UTF8.self) == "\(decimal) \"\(hexadecimal)\"")
    }

    @Test(
        "any text comes back as it was",
        arguments: ["", "plain", "\"\\/", "\u{0}\u{1F}\u{7F}\n\t", "é€𝄞", "\u{2028}"])
    func texts(text: String) throws {
        var buffer = JSONBuffer()
        buffer.append(quoted: text)
        #expect(try JSON(parsing: buffer.bytes) == .string(text))
        #expect(!buffer.bytes.contains { $0 < 0x20 })
    }
}
