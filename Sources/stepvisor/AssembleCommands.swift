import ArgumentParser
import Hypervisor
import InstructionSet
import Narration

struct AssembleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assemble",
        abstract: "Assemble a guest's source, in NASM's syntax, to a flat binary.")

    @Argument(help: "The source.", completion: .file(extensions: ["asm"]))
    var file: String

    @Option(name: .shortAndLong, help: "The binary to write; without it, bytes are only counted.")
    var output: String?

    @Flag(help: "Print address, bytes and source of each line.")
    var listing = false

    func run() throws {
        guard file.hasSuffix(".asm") else {
            throw InputFailure("\(file): expected the name of a source to end in .asm")
        }
        let image = try GuestFiles.load(file)
        if let output { try GuestFiles.write(image.bytes, to: output) }
        if listing {
            for line in image.program?.lines ?? [] { StandardOutput.line(text(line, image)) }
        }
        let count = image.bytes.count
        StandardError.write("\(image.name): \(count) byte\(count == 1 ? "" : "s")")
    }

    /// As NASM's listing: address, up to eight bytes a row, the source.
    private func text(_ line: AssembledProgram.Line, _ image: GuestImage) -> String {
        let start = Int(clamping: line.address &- image.loadAddress)
        let end = min(start + line.length, image.bytes.count)
        let bytes = start < end ? image.bytes[start..<end] : []
        let shown = bytes.prefix(8).map(hexadecimal).joined(separator: " ")
        let dots = bytes.count > 8 ? " .." : ""
        let number = String(line.number).leftPadded(to: 5)
        let address = String(line.address, radix: 16, uppercase: true).leftPadded(to: 8)
        return "\(number)  \(address.replacing(" ", with: "0"))  "
            + "\((shown + dots).padded(to: 27)) \(EscapedText.line(line.text))"
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}

struct DisassembleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disassemble", abstract: "Disassemble a flat binary, from its first byte on.")

    @Argument(help: "The binary.", completion: .file())
    var file: String

    @Option(help: "What the code is decoded as: real16, protected32 or long64.")
    var mode: GuestMode

    @Option(help: "Address of the first byte.", transform: Parsing.number)
    var load: UInt64?

    func run() throws {
        let bytes = try GuestFiles.read(file)
        let origin = load ?? mode.defaultLoadAddress
        let size = mode.codeSize
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[offset...])
                let address = origin &+ UInt64(offset)
                let decoded = try? InstructionDecoder.decode(rest, size: size)
                let length = max(1, decoded.map { Int($0.length) } ?? 1)
                let code = rest.prefix(length).map { byte in
                    (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
                let text =
                    decoded.map { Disassembler.text(of: $0, at: address, size: size) }
                    ?? "db 0x\(code.joined().lowercased())"
                StandardOutput.line(
                    "\(address.hex.padded(to: 12)) \(code.joined().padded(to: 30)) \(text)")
                offset += length
            }
        }
    }
}
