import Architecture

/// A task switch, with all that decides whether it faults, exits or is made.
public struct TaskSwitchAccess: DecisionSubject, Equatable {
    public var source: TaskSwitchQualification.Source
    /// 1 where an IRET goes back to the previous task.
    public var isReturn: UInt64
    public var nonRoot: UInt64 = 0
    /// The new task's.
    public var selector: UInt64 = 0
    /// 1 where the selector names a descriptor of the GDT within its limit.
    public var isInGDT: UInt64 = 0
    /// S and type of the descriptor, bits 4:0 of its access byte.
    public var type: UInt64 = 0
    /// Its P bit.
    public var present: UInt64 = 0
    /// Its limit, and the least that the TSS's format needs.
    public var limit: UInt64 = 0
    public var lowestLimit: UInt64 = 0

    public init(_ source: TaskSwitchQualification.Source) {
        self.source = source
        isReturn = source == .iret ? 1 : 0
    }

    public var question: String { "Does this task switch exit?" }
    public static var proceeding: String { "switches" }

    /// What is wrong with the selector or the descriptor's type.
    var wrong: ExceptionVector { isReturn == 1 ? .invalidTSS : .generalProtection }

    /// A task that is left by IRET is busy, one that is entered otherwise is not.
    var hasTypeOfTSS: Bool {
        let busy = isReturn == 1 ? UInt64(Machine.SystemType.busy) : 0
        return type == UInt64(Machine.SystemType.tss) | busy
            || type == UInt64(Machine.SystemType.tss16) | busy
    }
}

typealias TaskSwitchInput = Input<TaskSwitchAccess>
typealias TaskSwitchRule = Rule<TaskSwitchAccess>

extension Input where Subject == TaskSwitchAccess {
    static let isReturn = TaskSwitchInput(
        "iret", "an IRET to the previous task", width: 1, .guest, \.isReturn, free: { _ in 0 })
    static let nonRoot = TaskSwitchInput(
        "non-root", "VMX non-root operation", width: 1, .processor, \.nonRoot)
    static let selector = TaskSwitchInput(
        "selector", "the new task's selector", width: 16, .guest, \.selector, free: { _ in 0 })
    static let isInGDT = TaskSwitchInput(
        "in-gdt", "the selector names an entry of the GDT", width: 1, .guest, \.isInGDT)
    static let type = TaskSwitchInput(
        "descriptor-type", "S and type of the descriptor", width: 5, .guest, \.type)
    static let present = TaskSwitchInput(
        "present", "the descriptor's P bit", width: 1, .guest, \.present)
    static let limit = TaskSwitchInput(
        "tss-limit", "limit of the TSS", width: 32, .guest, \.limit)
    static let lowestLimit = TaskSwitchInput(
        "lowest-limit", "least limit of a TSS of its format", width: 8, .processor, \.lowestLimit,
        free: { _ in 0 })
}

/// The ladder for task switches: the faults that come before the exit, and the exit.
/// SDM 3A, "Task Switching"; SDM 3C, 26.4.2 "Treatment of Task Switches".
public struct TaskSwitchLadders: Sendable {
    public var taskSwitch = Ladder<TaskSwitchAccess>([
        TaskSwitchRule(
            "task-switch.selector",
            "the selector is null, or names nothing in the GDT: #GP, or #TS for IRET",
            [.selector, .isInGDT, .isReturn], .taskSwitching
        ) { $0.selector & 0xFFFC == 0 || $0.isInGDT == 0 ? .fault($0.wrong) : nil },
        TaskSwitchRule(
            "task-switch.type",
            "the descriptor is no TSS that is available, or for IRET busy: #GP, or #TS for IRET",
            [.type, .isReturn], .taskSwitching
        ) { $0.hasTypeOfTSS ? nil : .fault($0.wrong) },
        TaskSwitchRule(
            "task-switch.not-present", "the TSS is not present: #NP", [.present], .taskSwitching
        ) { $0.present == 0 ? .fault(.segmentNotPresent) : nil },
        TaskSwitchRule(
            "task-switch.limit", "the TSS's limit is too small for its format: #TS",
            [.limit, .lowestLimit], .taskSwitching
        ) { $0.limit < $0.lowestLimit ? .fault(.invalidTSS) : nil },
        TaskSwitchRule(
            "task-switch.non-root", "in VMX non-root operation: exits whatever the VMCS says",
            [.nonRoot], .treatmentOfTaskSwitches
        ) { $0.nonRoot == 1 ? .exit(.taskSwitch) : nil },
        TaskSwitchRule(
            "task-switch.made", "not in VMX non-root operation: the switch is made", [.nonRoot],
            .taskSwitching
        ) { _ in .proceed },
    ])

    public init() {}
}
