/// Every instruction form that the model knows, one row each. The order of rows matters in two
/// ways: among equally long encodings an assembler takes the earlier one, and where two rows decode
/// the same bytes (NOP and XCHG, a particular digit and `/r`) the earlier one has them.
public enum InstructionTable {
    /// All rows. ``Instruction/form`` is an index into this.
    public static let forms: [InstructionForm] = {
        var all: [InstructionForm] = []
        all.reserveCapacity(2048)
        for topic in topics { all += topic }
        return all
    }()

    /// The row that an instruction was decoded by.
    public static func form(of instruction: Instruction) -> InstructionForm {
        forms[min(Int(instruction.form), forms.count - 1)]
    }

    /// Every mnemonic that the assembler knows, in alphabetical order.
    public static var mnemonics: [String] { MnemonicTable.shared.names }

    static let topics: [[InstructionForm]] = [
        moveForms, extendForms, exchangeForms, stackForms, conditionalForms,
        addForms, orForms, adcForms, sbbForms, andForms, subForms, xorForms, cmpForms,
        unaryForms, multiplyForms, testForms, exchangeArithmeticForms, decimalForms,
        rotateForms, shiftForms, doubleShiftForms, bitTestForms, bitScanForms, bitFieldForms,
        stringForms, portForms, branchForms, sizedReturnForms, interruptForms, flagForms,
        systemForms, processorForms, memoryHintForms, hintForms, vmxForms, floatingStateForms,
        floatingMemoryForms, floatingMemoryForms2, floatingRegisterForms, floatingWrittenForms,
        floatingFixedForms,
        mmxForms1, mmxForms2, mmxForms3, sseForms1, sseForms2, sseForms3, sseForms4, sseForms5,
        sseForms6, vexForms1, vexForms2, vexForms3, vexForms4, vexForms5, vexForms6,
        vex38Forms1, vex38Forms2, vex38Forms3, vex38Forms4, vex3AForms1, vex3AForms2, evexForms,
    ]
}
