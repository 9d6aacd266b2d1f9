// Volume 3B: debugging, 8086 emulation.

extension Citation {
    public static let debugRegisters = Citation(
        .sdm3B, "18.2", "Debug Registers")
    public static let debugExceptions = Citation(
        .sdm3B, "18.3", "Debug Exceptions")
    public static let timeStampCounter = Citation(
        .sdm3B, "18.17", "Time-Stamp Counter")
    public static let realAddressMode = Citation(
        .sdm3B, "21.1", "Real-Address Mode")
    public static let virtual8086Mode = Citation(
        .sdm3B, "21.2", "Virtual-8086 Mode")
    public static let interruptsInVirtual8086Mode = Citation(
        .sdm3B, "21.3", "Interrupt and Exception Handling in Virtual-8086 Mode")

    static let system3BSections: [Citation] = [
        .debugRegisters, .debugExceptions, .timeStampCounter, .realAddressMode,
        .virtual8086Mode, .interruptsInVirtual8086Mode,
    ]
}
