import InstructionSet
import Machine

/// An instruction on a line of its own, and the line of the source that it comes from.
struct InstructionLine {
    let style: TextStyle
    let program: AssembledProgram?

    static func text(_ event: InstructionEvent) -> String {
        Disassembler.text(of: event.instruction, at: event.rip, size: event.size)
    }

    /// "step 12 · non-root, ring 0 · 00007C10  0F 22 C0  mov cr0, eax", and the source where it
    /// says more.
    func full(_ event: InstructionEvent, mode: String) -> [String] {
        var page = TextPage(style)
        let place = "step \(event.step) · \(mode), ring \(event.cpl) · "
        let address = HexText.register(event.rip)
        let text = Self.text(event)
        let line = "\(place)\(address)  \(HexText.bytes(event.encoded))  \(text)"
        if DisplayWidth.of(style.spelled(line)) <= style.width {
            page.add(line: line, as: .heading)
        } else {
            page.add(line: "\(place)\(address)  \(HexText.bytes(event.encoded))", as: .heading)
            page.add(line: "  " + text, as: .heading)
        }
        if let source = source(event), Self.says(source.text, moreThan: text) {
            let file = source.file.split(separator: "/").last.map(String.init) ?? source.file
            let text = String(source.text.drop(while: \.isWhitespace))
            page.add(
                line: EscapedText.line("\(file):\(source.number)") + "  " + EscapedText.lines(text))
        }
        return page.lines
    }

    /// The source line, if the program's bytes are still those that execute.
    func source(_ event: InstructionEvent) -> AssembledProgram.Line? {
        guard let program, let line = program.line(at: event.linear) else { return nil }
        let offset = event.linear &- program.origin
        let bytes = event.encoded
        guard offset < UInt64(program.bytes.count),
            program.bytes.dropFirst(Int(offset)).starts(with: bytes)
        else { return nil }
        return line
    }

    /// Whether a source line differs from the disassembly by more than spaces and case.
    private static func says(_ source: String, moreThan text: String) -> Bool {
        func folded(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace } }
        return folded(source) != folded(text)
    }
}
