import Architecture
import InstructionSet

/// An instruction that exits always, or by one control.
public struct InstructionExit: DecisionSubject, Equatable {
    public var operation: Operation
    public var cpl: UInt64 = 0
    public var nonRoot: UInt64 = 0
    public var primary: UInt64 = 0
    public var secondary: UInt64 = 0

    public init(_ operation: Operation) { self.operation = operation }

    public var question: String { "Does this \("\(operation)".uppercased()) exit?" }
}

typealias InstructionInput = Input<InstructionExit>
typealias InstructionRule = Rule<InstructionExit>

extension Input where Subject == InstructionExit {
    static let cpl = InstructionInput("cpl", "current privilege level", width: 2, .processor, \.cpl)
    static let nonRoot = InstructionInput(
        "non-root", "VMX non-root operation", width: 1, .processor, \.nonRoot)
    static let primary = InstructionInput(
        "primary-controls", "primary processor-based controls", width: 32,
        .field(.primaryProcControls), \.primary)
    static let secondary = InstructionInput(
        "secondary-controls", "secondary processor-based controls", width: 32,
        .field(.secondaryProcControls), \.secondary)
}

extension Rule where Subject == InstructionExit {
    static let privilege = InstructionRule(
        "instruction.privilege", "above ring 0: #GP(0) before any exit", [.cpl],
        .relativePriorityOfFaultsAndExits
    ) { $0.cpl > 0 ? .fault(.generalProtection) : nil }

    static let outside = InstructionRule(
        "instruction.not-non-root", "not in VMX non-root operation: no exit is possible", [.nonRoot],
        .introductionToVMXOperation
    ) { $0.nonRoot == 0 ? .proceed : nil }

    static func always(_ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).always", "exits whatever the VMCS says", [],
            .instructionsThatCauseExitsUnconditionally
        ) { _ in .exit(reason) }
    }

    static func primary(_ control: PrimaryControl, _ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).control", "\(control.name) is 1", [.primary],
            .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { $0.primary.has(control) ? .exit(reason) : nil }
    }

    static func secondary(_ control: SecondaryControl, _ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).control", "\(control.name) is 1", [.secondary],
            .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { $0.secondary.has(control) ? .exit(reason) : nil }
    }

    static func notExiting(_ control: PrimaryControl) -> InstructionRule {
        InstructionRule(
            "\(control.name.lowercased().replacingSpaces).clear", "\(control.name) is 0", [.primary],
            .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { _ in .proceed }
    }

    static func notExiting(_ control: SecondaryControl) -> InstructionRule {
        InstructionRule(
            "\(control.name.lowercased().replacingSpaces).clear", "\(control.name) is 0",
            [.secondary], .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { _ in .proceed }
    }
}

extension String {
    /// A name as part of a stable id.
    fileprivate var replacingSpaces: String { String(map { $0 == " " || $0 == "/" ? "-" : $0 }) }
}

/// The ladders for instructions that exit always or by one control; nil: it never exits.
public struct InstructionLadders: Sendable {
    public var ladders: [Operation: Ladder<InstructionExit>] = Self.table

    public init() {}

    public subscript(_ operation: Operation) -> Ladder<InstructionExit>? {
        get { ladders[operation] }
        set { ladders[operation] = newValue }
    }

    private static func privileged(
        _ control: PrimaryControl, _ reason: ExitReason
    ) -> Ladder<InstructionExit> {
        Ladder([.privilege, .outside, .primary(control, reason), .notExiting(control)])
    }

    private static func vmx(_ reason: ExitReason) -> Ladder<InstructionExit> {
        Ladder([.privilege, .outside, .always(reason)])
    }

    private static let table: [Operation: Ladder<InstructionExit>] = [
        .cpuid: Ladder([.outside, .always(.cpuid)]),
        .invd: Ladder([.privilege, .outside, .always(.invd)]),
        .xsetbv: Ladder([.outside, .always(.xsetbv)]),
        .vmcall: Ladder([.outside, .always(.vmcall)]),
        .vmclear: vmx(.vmclear),
        .vmlaunch: vmx(.vmlaunch),
        .vmptrld: vmx(.vmptrld),
        .vmptrst: vmx(.vmptrst),
        .vmread: vmx(.vmread),
        .vmresume: vmx(.vmresume),
        .vmwrite: vmx(.vmwrite),
        .vmxoff: vmx(.vmxoff),
        .vmxon: vmx(.vmxon),
        .invept: vmx(.invept),
        .invvpid: vmx(.invvpid),
        .hlt: privileged(.hltExiting, .hlt),
        .invlpg: privileged(.invlpgExiting, .invlpg),
        .wbinvd: Ladder([
            .privilege, .outside, .secondary(.wbinvdExiting, .wbinvd), .notExiting(.wbinvdExiting),
        ]),
        .rdtsc: Ladder([.outside, .primary(.rdtscExiting, .rdtsc), .notExiting(.rdtscExiting)]),
        .rdtscp: Ladder([.outside, .primary(.rdtscExiting, .rdtscp), .notExiting(.rdtscExiting)]),
        .rdpmc: Ladder([.outside, .primary(.rdpmcExiting, .rdpmc), .notExiting(.rdpmcExiting)]),
    ]
}
