// Volume 1: what every program sees.

extension Citation {
    public static let eflagsRegister = Citation(
        .sdm1, nil, "EFLAGS Register")
    public static let memoryOrganization = Citation(
        .sdm1, nil, "Memory Organization")
    public static let operandAddressing = Citation(
        .sdm1, nil, "Operand Addressing")
    public static let canonicalAddressing = Citation(
        .sdm1, nil, "Canonical Addressing")
    public static let inputOutput = Citation(
        .sdm1, nil, "Input/Output")

    static let basicsSections: [Citation] = [
        .eflagsRegister, .memoryOrganization, .operandAddressing, .canonicalAddressing,
        .inputOutput,
    ]
}
