/// The VM-exit instruction-information field: the operands of the instruction that caused the exit.
///
/// Source: SDM 3C, "Information for VM Exits Due to Instruction Execution", one table for each
/// group of instructions. A part that a group does not have is undefined there; the model writes 0.
public struct InstructionInformation: RawRepresentable, Sendable, Hashable {
    public var rawValue: UInt32

    @inlinable public init(rawValue: UInt32 = 0) { self.rawValue = rawValue }

    /// Bits 1:0: the scaling of the index register: 0 to 3 for 1, 2, 4, 8.
    @inlinable public var scaling: UInt8 {
        get { part(0, 3) }
        set { set(0, 3, newValue) }
    }

    /// Bits 6:3: the register operand of VMREAD, VMWRITE, SLDT, STR, RDRAND, RDSEED, TPAUSE,
    /// UMWAIT, where it is the first or only operand.
    @inlinable public var register1: UInt8 {
        get { part(3, 15) }
        set { set(3, 15, newValue) }
    }

    /// Bits 9:7: the address size.
    @inlinable public var addressSize: Size? {
        get { Size(rawValue: part(7, 7)) }
        set { set(7, 7, newValue?.rawValue ?? 0) }
    }

    /// Bit 10: the operand is register ``register1``, not in memory.
    @inlinable public var isRegister: Bool {
        get { part(10, 1) != 0 }
        set { set(10, 1, newValue ? 1 : 0) }
    }

    /// Bits 12:11: the operand size of LGDT, LIDT (bit 11: 0 is 16 bits), RDRAND, RDSEED, SLDT,
    /// STR and of RDRAND's kin (0, 1, 2 for 16, 32, 64 bits).
    @inlinable public var operandSize: Size? {
        get { Size(rawValue: part(11, 3)) }
        set { set(11, 3, newValue?.rawValue ?? 0) }
    }

    /// Bits 17:15: the segment register, numbered as instructions number it.
    @inlinable public var segment: SegmentRegister? {
        get { SegmentRegister(rawValue: part(15, 7)) }
        set { set(15, 7, newValue?.rawValue ?? 0) }
    }

    /// Bits 21:18 and bit 22, 1 if there is none: the index register.
    @inlinable public var index: GeneralRegister? {
        get { optionalRegister(18) }
        set { setOptionalRegister(18, newValue) }
    }

    /// Bits 26:23 and bit 27, 1 if there is none: the base register.
    @inlinable public var base: GeneralRegister? {
        get { optionalRegister(23) }
        set { setOptionalRegister(23, newValue) }
    }

    /// Bits 29:28: which descriptor-table instruction it was.
    @inlinable public var identity: UInt8 {
        get { part(28, 3) }
        set { set(28, 3, newValue) }
    }

    /// Bits 31:28: the second register operand: VMREAD's and VMWRITE's encoding, the type of
    /// INVEPT, INVVPID and INVPCID.
    @inlinable public var register2: UInt8 {
        get { part(28, 15) }
        set { set(28, 15, newValue) }
    }

    /// 16, 32 or 64 bits, as the field numbers them.
    public enum Size: UInt8, CaseIterable, Sendable { case bits16, bits32, bits64 }

    /// ``identity`` of LGDT, LIDT, SGDT and SIDT.
    public enum TableInstruction: UInt8, CaseIterable, Sendable { case sgdt, sidt, lgdt, lidt }

    /// ``identity`` of LLDT, LTR, SLDT and STR.
    public enum SelectorInstruction: UInt8, CaseIterable, Sendable { case sldt, str, lldt, ltr }

    @inlinable func part(_ shift: UInt32, _ mask: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: (rawValue &>> shift) & mask)
    }

    @inlinable mutating func set(_ shift: UInt32, _ mask: UInt32, _ value: UInt8) {
        rawValue = rawValue & ~(mask &<< shift) | (UInt32(value) & mask) &<< shift
    }

    @inlinable func optionalRegister(_ shift: UInt32) -> GeneralRegister? {
        part(shift &+ 4, 1) != 0 ? nil : GeneralRegister(rawValue: part(shift, 15))
    }

    @inlinable mutating func setOptionalRegister(_ shift: UInt32, _ register: GeneralRegister?) {
        set(shift, 15, register?.rawValue ?? 0)
        set(shift &+ 4, 1, register == nil ? 1 : 0)
    }
}

/// INS and OUTS use part of the field in their own way: the address size in bits 9:7, the segment
/// of OUTS in bits 17:15, which are ``InstructionInformation/addressSize`` and
/// ``InstructionInformation/segment``.
extension InstructionInformation {
    /// The field for INS, whose segment is always ES and is not recorded, or for OUTS.
    @inlinable public init(stringIO addressSize: Size, segment: SegmentRegister?) {
        self.init()
        self.addressSize = addressSize
        if let segment { self.segment = segment }
    }
}
