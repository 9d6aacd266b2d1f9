/// The table of forms, arranged for the decoder: for each code size, opcode map, opcode, operand-size
/// attribute and ModRM.reg the few rows that can match, in the order in which they are tried.
///
/// Built once, at first use, and never freed; the decoder reads it through pointers.
struct DecodeTables: @unchecked Sendable {
    static let shared = DecodeTables()

    let layouts: UnsafePointer<FormLayout>
    let operations: UnsafePointer<Operation>
    /// Whether a ModRM byte follows: indexed as `cell` without operand size and ModRM.reg.
    private let hasModRM: UnsafePointer<Bool>
    /// Row numbers of each cell, from `starts[cell]` up to `starts[cell + 1]`.
    private let starts: UnsafePointer<UInt32>
    private let rows: UnsafePointer<UInt16>

    private static let opcodes = 3 * OpcodeMap.count * 256
    private static let cells = opcodes * 24

    @inline(__always)
    private static func opcodeIndex(_ mode: CodeSize, _ map: OpcodeMap, _ opcode: UInt8) -> Int {
        let modeIndex = mode == .bits16 ? 0 : mode == .bits32 ? 1 : 2
        return (modeIndex &* OpcodeMap.count &+ Int(map.rawValue)) &* 256 &+ Int(opcode)
    }

    @inline(__always)
    func hasModRM(_ mode: CodeSize, _ map: OpcodeMap, _ opcode: UInt8) -> Bool {
        hasModRM[Self.opcodeIndex(mode, map, opcode)]
    }

    /// The rows to try. `sizeIndex` is 0, 1, 2 for 16, 32, 64 bits, and 0 for every VEX and EVEX
    /// encoding; `reg` is ModRM.reg or 0.
    @inline(__always)
    func candidates(
        _ mode: CodeSize, _ map: OpcodeMap, _ opcode: UInt8, sizeIndex: Int, reg: UInt8
    ) -> UnsafeBufferPointer<UInt16> {
        let cell = Self.opcodeIndex(mode, map, opcode) &* 24 &+ sizeIndex &* 8 &+ Int(reg)
        let start = Int(starts[cell])
        return UnsafeBufferPointer(
            start: rows + start, count: Int(starts[cell &+ 1]) &- start)
    }

    private init() {
        let forms = InstructionTable.forms
        let layouts = UnsafeMutablePointer<FormLayout>.allocate(capacity: forms.count)
        let operations = UnsafeMutablePointer<Operation>.allocate(capacity: forms.count)
        for (index, form) in forms.enumerated() {
            (layouts + index).initialize(to: FormLayout(form))
            (operations + index).initialize(to: form.operation)
        }
        let hasModRM = UnsafeMutablePointer<Bool>.allocate(capacity: Self.opcodes)
        hasModRM.initialize(repeating: false, count: Self.opcodes)
        let starts = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.cells + 2)
        starts.initialize(repeating: 0, count: Self.cells + 2)

        // Rows with a mandatory prefix are tried before those that take any prefix.
        var order: [Int] = []
        for specific in [true, false] {
            order += forms.indices.filter { index in
                (layouts[index].prefixes != .any) == specific
                    && !forms[index].traits.contains(.assemblerOnly)
            }
        }
        for index in order {
            Self.forEachCell(layouts[index], forms[index].modes) { cell in
                starts[cell + 2] &+= 1
                hasModRM[cell / 24] = layouts[index].modRM != .absent
            }
        }
        for cell in 0..<Self.cells { starts[cell + 2] &+= starts[cell + 1] }
        // Filling moves starts[cell + 1] from the cell's start to its end.
        let total = Int(starts[Self.cells + 1])
        let rows = UnsafeMutablePointer<UInt16>.allocate(capacity: total + 1)
        rows.initialize(repeating: 0, count: total + 1)
        for index in order {
            Self.forEachCell(layouts[index], forms[index].modes) { cell in
                rows[Int(starts[cell + 1])] = UInt16(truncatingIfNeeded: index)
                starts[cell + 1] &+= 1
            }
        }
        self.layouts = UnsafePointer(layouts)
        self.operations = UnsafePointer(operations)
        self.hasModRM = UnsafePointer(hasModRM)
        self.starts = UnsafePointer(starts)
        self.rows = UnsafePointer(rows)
    }

    private static func forEachCell(
        _ layout: FormLayout, _ modes: CodeSizes, _ body: (Int) -> Void
    ) {
        let regs: Range<Int>
        switch layout.modRM {
        case .absent: regs = 0..<1
        case .register: regs = 0..<8
        case .digit: regs = Int(layout.digit)..<Int(layout.digit) + 1
        case .fixed: regs = Int(layout.digit >> 3 & 7)..<Int(layout.digit >> 3 & 7) + 1
        }
        for mode in CodeSize.allCases where modes.contains(mode) {
            let sizes = layout.selectingSizes(in: mode)
            for offset in 0..<layout.opcodeCount {
                let byte = layout.opcode &+ UInt8(truncatingIfNeeded: offset)
                let opcode = opcodeIndex(mode, layout.map, byte) * 24
                for size in 0..<3 where sizes >> UInt8(size) & 1 == 1 {
                    for reg in regs { body(opcode + size * 8 + reg) }
                }
            }
        }
    }
}
