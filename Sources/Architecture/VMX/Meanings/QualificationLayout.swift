/// What the bits of the exit qualification say for a group of exit reasons.
///
/// Source: SDM 3C, "Basic VM-Exit Information", the tables of exit qualifications. The types in
/// `Qualification.swift` read the same bits; a test holds the two together.
public struct QualificationLayout: Sendable {
    /// Neighbouring bits and what they say.
    public struct Row: Sendable {
        public let bits: ClosedRange<Int>
        public let text: String

        init(_ bits: ClosedRange<Int>, _ text: String) {
            self.bits = bits
            self.text = text
        }

        init(_ bit: Int, _ text: String) { self.init(bit...bit, text) }
    }

    /// Lowest bits first; empty where the qualification is 0.
    public let rows: [Row]

    init(_ rows: [Row]) { self.rows = rows }

    /// The whole qualification is one thing.
    private init(_ text: String) { rows = [Row(0...63, text)] }

    static let none = QualificationLayout([])

    static let exception = QualificationLayout([
        Row(0...63, "page fault: the linear address"),
        Row(0...3, "debug exception: the breakpoint conditions met, B0 to B3"),
        Row(11, "debug exception: 0 if a bus lock was detected"),
        Row(13, "debug exception: BD, access to a debug register"),
        Row(14, "debug exception: BS, single step or taken branch"),
        Row(16, "debug exception: RTM, in an RTM region"),
    ])

    static let controlRegister = QualificationLayout([
        Row(0...3, "the control register's number; 0 for CLTS and LMSW"),
        Row(4...5, list(CRAccessQualification.Access.allCases.map(\.title))),
        Row(6, "LMSW: 0 a register, 1 memory"),
        Row(8...11, "the general register of a MOV"),
        Row(16...31, "LMSW: the source operand"),
    ])

    static let debugRegister = QualificationLayout([
        Row(0...2, "the debug register's number"), Row(4, "0 MOV to DR, 1 MOV from DR"),
        Row(8...11, "the general register"),
    ])

    static let port = QualificationLayout([
        Row(0...2, "the size: 0, 1 or 3 for 1, 2 or 4 bytes"), Row(3, "0 OUT, 1 IN"),
        Row(4, "1 for INS and OUTS"), Row(5, "1 with a REP prefix"),
        Row(6, "0 the port is in DX, 1 it is immediate"), Row(16...31, "the port"),
    ])

    static let taskSwitch = QualificationLayout([
        Row(0...15, "the selector of the new task's TSS"),
        Row(30...31, list(TaskSwitchQualification.Source.allCases.map(\.title))),
    ])

    static let apicAccess = QualificationLayout([
        Row(0...11, "the offset in the APIC page"),
        Row(
            12...15,
            APICAccessQualification.Access.allCases.map { "\($0.rawValue) \($0.title)" }
                .joined(separator: ", ")),
    ])

    static let eptViolation = QualificationLayout(
        EPTViolationBit.allCases.map { Row(Int($0.rawValue), $0.title) })

    static let entryFailure = QualificationLayout([
        Row(
            0...63,
            EntryFailureQualification.allCases.map { "\($0.rawValue) \($0.title)" }
                .joined(separator: ", "))
    ])

    static let startUpIPI = QualificationLayout([Row(0...7, "the SIPI vector")])
    static let linearAddress = QualificationLayout("the linear address of the operand")
    static let displacement = QualificationLayout("the displacement of the memory operand, else 0")
    static let msrEntry = QualificationLayout(
        "the number of the MSR-area entry that failed, from 1")
    static let mwait = QualificationLayout([Row(0, "1 if address-range monitoring was armed")])
    static let virtualizedEOI = QualificationLayout([Row(0...7, "the vector")])
    static let apicWrite = QualificationLayout([Row(0...11, "the offset written in the APIC page")])
    static let pageModificationLog = QualificationLayout([
        Row(12, "an IRET had removed blocking by NMI"),
        Row(16, "the access was asynchronous to the instruction"),
    ])
    static let subPagePermission = QualificationLayout([
        Row(11, "0 misconfiguration, 1 miss of a table entry"),
        Row(12, "an IRET had removed blocking by NMI"),
    ])
    static let instructionTimeout = QualificationLayout([
        Row(0, "the guest's context is invalid and must not be entered again"),
        Row(12, "an IRET had removed blocking by NMI"),
    ])

    /// "0 first, 1 second".
    private static func list(_ texts: [String]) -> String {
        texts.enumerated().map { "\($0) \($1)" }.joined(separator: ", ")
    }
}
