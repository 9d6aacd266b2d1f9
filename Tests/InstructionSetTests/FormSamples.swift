@testable import InstructionSet

/// Encodings of a form, built from its notation alone: not by the assembler.
struct FormSamples {
    let form: InstructionForm
    let layout: FormLayout
    let mode: CodeSize

    init(_ form: InstructionForm, mode: CodeSize) {
        self.form = form
        self.mode = mode
        layout = FormLayout(form)
    }

    /// One encoding with a register and one with memory, as far as the form has both.
    func codes() -> [[UInt8]] {
        guard layout.map.rawValue < OpcodeMap.evex0F.rawValue, let head = head() else { return [] }
        // Register 3, as register 0 of XCHG is NOP.
        let opcode = layout.opcode + (layout.opcodeCount == 8 ? 3 : 0)
        guard layout.modRM != .absent else { return [pad(head + [opcode])] }
        if layout.modRM == .fixed { return [pad(head + [opcode, layout.digit])] }
        let reg = layout.modRM == .digit ? layout.digit : defaultReg
        var codes: [[UInt8]] = []
        if layout.mod != .memoryOnly { codes.append(pad(head + [opcode, 0xC1 | reg << 3])) }
        if layout.mod != .registerOnly, layout.hasPlace(.rm) || layout.usesMemory {
            // [bx+di+d8] in 16-bit code, [eax+ecx*1+d8] elsewhere.
            let memory: [UInt8] = mode == .bits16 ? [0x41 | reg << 3, 8] : [0x44 | reg << 3, 8, 8]
            codes.append(pad(head + [opcode] + memory))
        }
        return codes
    }

    /// A register number that every kind of register has.
    private var defaultReg: UInt8 { layout.hasPlace(.control) ? 3 : 2 }

    private func head() -> [UInt8]? {
        if layout.map.isVEX { return vexHead() }
        var bytes: [UInt8] = []
        let sizes = layout.selectingSizes(in: mode)
        let natural: UInt8 = mode == .bits16 ? 1 : 2
        var rex: UInt8 = layout.wide ? 0x48 : 0
        if sizes & natural == 0, !layout.wide, sizes & 3 != 0 { bytes.append(0x66) }
        if sizes & natural == 0, sizes & 3 == 0 { rex = 0x48 }
        if rex != 0, mode != .bits64 { return nil }
        let address = layout.addressSizes
        let naturalAddress: UInt8 = mode == .bits16 ? 1 : mode == .bits32 ? 2 : 4
        if address & naturalAddress == 0 { bytes.append(0x67) }
        if layout.mandatoryPrefix != 0, !bytes.contains(layout.mandatoryPrefix) {
            bytes.append(layout.mandatoryPrefix)
        }
        if rex != 0 { bytes.append(rex) }
        switch layout.map {
        case .twoByte: bytes.append(0x0F)
        case .map38: bytes += [0x0F, 0x38]
        case .map3A: bytes += [0x0F, 0x3A]
        default: break
        }
        return bytes
    }

    private func vexHead() -> [UInt8] {
        let map: UInt8 = layout.map == .vex0F ? 1 : layout.map == .vex38 ? 2 : 3
        let prefix: UInt8 =
            switch layout.mandatoryPrefix {
            case 0x66: 1
            case 0xF3: 2
            case 0xF2: 3
            default: 0
            }
        let vvvv: UInt8 = layout.usesVVVV ? 0x70 : 0x78
        let length: UInt8 = layout.vexL == 1 ? 4 : 0
        return [0xC4, 0xE0 | map, (layout.wide ? 0x80 : 0) | vvvv | length | prefix]
    }

    private func pad(_ code: [UInt8]) -> [UInt8] {
        code + Array(repeating: 1, count: 15 - code.count)
    }
}
