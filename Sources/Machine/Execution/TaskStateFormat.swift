import Architecture

/// Where a task's state lies in its TSS. SDM 3A, "Task-State Segment (TSS)", "16-Bit Task-State
/// Segment (TSS)".
struct TaskStateFormat: Equatable {
    /// Bytes of a general register.
    let width: Int
    /// The smallest limit of a TSS.
    let lowestLimit: UInt32
    let instructionPointer: UInt64
    let flags: UInt64
    /// Of AX; the other general registers follow in the order of their numbers.
    let registers: UInt64
    /// The segment registers that it holds, in its order, from `segments` on.
    let segmentOrder: [SegmentRegister]
    let segments: UInt64
    let localTable: UInt64

    /// Bytes from one selector to the next.
    var selectorStep: UInt64 { UInt64(width) }

    static let bits16 = TaskStateFormat(
        width: 2, lowestLimit: 0x2B, instructionPointer: 14, flags: 16, registers: 18,
        segmentOrder: [.es, .cs, .ss, .ds], segments: 34, localTable: 42)
    static let bits32 = TaskStateFormat(
        width: 4, lowestLimit: 0x67, instructionPointer: 32, flags: 36, registers: 40,
        segmentOrder: [.es, .cs, .ss, .ds, .fs, .gs], segments: 72, localTable: 96)

    /// The previous task's selector, in both.
    static let link: UInt64 = 0
    /// CR3, in the 32-bit format alone.
    static let pageTable: UInt64 = 28
    /// The word whose bit 0 is the T flag, in the 32-bit format alone.
    static let debugTrap: UInt64 = 100
}

/// What a TSS holds of a task.
struct TaskState {
    var instructionPointer: UInt64 = 0
    var flags: UInt64 = 0
    var registers = InlineArray<8, UInt64>(repeating: 0)
    /// Selectors by the segment register's number.
    var selectors = InlineArray<6, UInt16>(repeating: 0)
    var localTable: UInt16 = 0
    var pageTable: UInt64 = 0
    var trapsAtEntry = false
}
