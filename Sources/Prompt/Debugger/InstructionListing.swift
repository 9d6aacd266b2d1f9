import Architecture
import Hypervisor
import InstructionSet
import Narration

/// Instructions of the guest as they lie in its memory, with their labels and source lines.
struct InstructionListing {
    let debugger: Debugger

    /// One instruction.
    struct Line {
        let text: String
        /// Where the one behind it is.
        let next: UInt64
    }

    /// The instruction at an address as RIP holds it; nil where no memory is mapped.
    func line(at address: UInt64) -> Line? {
        let run = debugger.run
        let state = run.guestState
        let size = state.codeSize
        let linear = size == .bits64 ? address : state.cs.base &+ address
        let bytes = run.guestBytes(at: linear, count: InstructionDecoder.maximumLength)
        guard let first = bytes.first else { return nil }
        var text = "db 0x\(String(first, radix: 16))"
        var length = 1
        if let instruction = try? InstructionDecoder.decode(bytes, size: size) {
            text = Disassembler.text(of: instruction, at: address, size: size)
            length = Int(instruction.length)
        }
        let mark = address == state.rip ? "=> " : "   "
        let place = "0x" + String(address, radix: 16)
        let code = bytes.prefix(length).map {
            ValueText.digits(UInt64($0), radix: 16, count: 2).uppercased()
        }
        var line = "\(mark)\(place)  \(code.joined(separator: " ").padded(to: 20))  \(text)"
        if let source = debugger.configuration.image.program?.line(at: linear) {
            let file = source.file.split(separator: "/").last.map(String.init) ?? ""
            line = line.padded(to: 60) + "  \(EscapedText.line(file)):\(source.number)"
        }
        return Line(text: line, next: address &+ UInt64(length))
    }

    /// The labels of an address, each on a line.
    func labels(at address: UInt64) -> [String] {
        debugger.labels.filter { $0.address == address }.map { EscapedText.line($0.name) + ":" }
    }
}
