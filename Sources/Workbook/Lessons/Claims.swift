/// How a claim of the workbook's text source stands to what the processor does.
public enum Verdict: String, CaseIterable, Sendable, Hashable {
    /// It is so.
    case holds
    /// True in spirit; the lesson gives the exact rule.
    case imprecise
    /// True of early processors; the lesson shows when it changed.
    case historical
}

/// A claim of the manual page "Details About Hardware Virtualization", in our own words.
public struct Claim: Sendable, Hashable {
    /// C01 to C24.
    public let id: String
    public let verdict: Verdict
    public let text: String

    private init(_ id: String, _ verdict: Verdict, _ text: String) {
        self.id = id
        self.verdict = verdict
        self.text = text
    }

    /// All claims, in order. Each is taught by at least one lesson.
    public static let all: [Claim] = firstHalf + secondHalf

    public static func named(_ id: String) -> Claim? {
        all.first { $0.id == id }
    }

    private static let firstHalf: [Claim] = [
        .init("C01", .imprecise, "With VT-x the processor has two modes, root and non-root."),
        .init("C02", .imprecise, "Root mode behaves like a processor without VT-x."),
        .init("C03", .imprecise, "Root mode is what a host without virtualization uses."),
        .init(
            "C04", .holds,
            "Non-root mode keeps the four rings and the instructions; the VMCS decides how some "
                + "of these behave."),
        .init("C05", .holds, "Root to non-root is a VM entry, the way back a VM exit."),
        .init(
            "C06", .imprecise,
            "The VMCS has a guest and a host state area, saved and restored at entry and exit."),
        .init("C07", .imprecise, "The VMCS controls which guest operations cause VM exits."),
        .init(
            "C08", .holds,
            "A guest can be let write some bits of a shadowed control register and not others."),
        .init(
            "C09", .holds,
            "So guests may write harmless control bits without an exit, while the hypervisor "
                + "keeps the bits that matter."),
        .init("C10", .holds, "The VMCS also controls interrupt delivery and exceptions."),
        .init(
            "C11", .holds, "At an exit the VMCS holds the exit reason, often with detail."),
        .init(
            "C12", .imprecise,
            "For a write to CR0 the offending instruction is recorded, with its source and "
                + "destination."),
    ]

    private static let secondHalf: [Claim] = [
        .init(
            "C13", .holds,
            "So the hypervisor can handle the condition without scanning and patching code."),
        .init(
            "C14", .imprecise,
            "The guest has its own address space, so guest and hypervisor cannot clash."),
        .init(
            "C15", .holds,
            "Guest kernel code runs at ring 0, which ends the problems of running it at another."),
        .init("C16", .holds, "SYSENTER can go to ring 0 without problems."),
        .init(
            "C17", .imprecise,
            "Even at ring 0 any I/O access causes an exit, which allows device emulation."),
        .init(
            "C18", .historical,
            "VT-x requires paging in non-root mode, so it cannot run real-mode code."),
        .init("C19", .holds, "That is mostly firmware and loaders, and a complication."),
        .init("C20", .holds, "AMD-V does not have this restriction."),
        .init(
            "C21", .imprecise,
            "An exit costs much more than what software virtualization pays for the same."),
        .init("C22", .holds, "A VGA in 16-colour mode is the bad case: everything is trapped."),
        .init(
            "C23", .historical,
            "Software virtualization runs guest ring 0 in ring 1, and scans and patches code."),
        .init(
            "C24", .historical, "AMD-V provides a more complete virtualization environment."),
    ]
}
