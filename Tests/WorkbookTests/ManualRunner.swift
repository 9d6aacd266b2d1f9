import Machine

@testable import Workbook

/// Says what the guests of the two lessons do, worked out by hand from the manual: the rules of
/// SDM 3C 25.6.6 and 26.1.3 for CR0, 27.3.1.2 for the rings, and nothing else. It stands in for
/// the machine where a test is about the workbook.
struct ManualRunner: ScenarioRunner {
    func run(_ scenario: Scenario) throws(WorkbookError) -> ObservedRun {
        var values: [String: UInt64] = [:]
        for setting in scenario.file.settings { values[setting.name.value] = setting.value }
        return switch scenario.guestPath.split(separator: "/").last {
        case "cr0-write.asm": CR0Guest(values).write(values["rsi"] ?? 0)
        case "cr0-toggle.asm": CR0Guest(values).toggle(values["rdi"] ?? 0)
        case "cr0.asm": ManualRunner.tour
        case "cr0-refused.asm": CR0Guest(values).write(values["rsi"] ?? 0)
        case "clear-ne.asm": ManualRunner.clearNE(scenario.file.operation)
        default: RingGuest(values, scenario.file.operation).run
        }
    }

    /// Lesson 15's tour, with PE and TS host-owned and TS 0 in the shadow.
    private static let tour: ObservedRun = {
        let exit = Outcome.exit(.init(reason: "CR_ACCESS", qualification: 0))
        return ObservedRun(
            steps: [
                .init(
                    labels: ["set_ts"], operation: .nonRoot, outcome: exit, decidingBits: ["TS"]),
                .init(labels: ["clear_ts"], operation: .nonRoot, outcome: .noExit),
                .init(
                    labels: ["write_lmsw"], operation: .nonRoot, outcome: exit,
                    decidingBits: ["TS"]),
            ], end: "hlt")
    }()

    private static func clearNE(_ operation: VMXMode) -> ObservedRun {
        let outcome = operation == .outside ? Outcome.noExit : .fault(vector: 13)
        return ObservedRun(
            steps: [.init(labels: ["write"], operation: operation, outcome: outcome)],
            end: operation == .outside ? "hlt" : "shutdown")
    }
}

private struct CR0Guest {
    let mask: UInt64
    let shadow: UInt64
    let real: UInt64

    init(_ values: [String: UInt64]) {
        mask = values["CR0_MASK"] ?? 0
        shadow = values["CR0_SHADOW"] ?? 0
        real = values["GUEST_CR0"] ?? 0x8000_0031
    }

    func read(_ real: UInt64) -> UInt64 { (shadow & mask) | (real & ~mask) }

    func toggle(_ bits: UInt64) -> ObservedRun { write(read(real) ^ bits) }

    func write(_ value: UInt64) -> ObservedRun {
        let before = read(real)
        let differing = (value ^ shadow) & mask
        let illegal = (value ^ 0x8000_0021) & 0x8000_0021 & ~mask
        var steps: [ObservedStep] = []
        var after = real
        let outcome: Outcome
        if differing != 0 {
            outcome = .exit(.init(reason: "CR_ACCESS", qualification: 0))
        } else if illegal != 0 {
            outcome = .fault(vector: 13)
        } else {
            outcome = .noExit
            after = (real & mask) | (value & ~mask)
        }
        // Highest first, as CR0 is drawn.
        let names = (BitNames.bits(of: "CR0") ?? []).reversed()
        steps.append(
            .init(
                labels: ["write"], operation: .nonRoot, outcome: outcome,
                decidingBits: names.filter { differing & (1 << $0.position) != 0 }.map(\.name),
                registers: ["rbx": before]))
        if case .fault = outcome { return ObservedRun(steps: steps, end: "shutdown") }
        steps.append(
            .init(
                labels: ["stop"], operation: .nonRoot,
                outcome: .exit(.init(reason: "HLT", qualification: 0)),
                registers: ["rbx": before, "rcx": read(after)]))
        return ObservedRun(steps: steps, end: "hlt")
    }
}

private struct RingGuest {
    let values: [String: UInt64]
    let operation: VMXMode

    init(_ values: [String: UInt64], _ operation: VMXMode) {
        self.values = values
        self.operation = operation
    }

    var run: ObservedRun {
        let code = ((values["GUEST_CS_AR"] ?? 0xA09B) >> 5) & 3
        let stack = ((values["GUEST_SS_AR"] ?? 0xC093) >> 5) & 3
        guard code == stack else {
            return ObservedRun(end: "entry-failure")
        }
        // The page tables have no page for ring 3.
        if stack == 3 {
            let fetch = ObservedStep(
                labels: ["start"], operation: operation, outcome: .fault(vector: 14))
            return ObservedRun(steps: [fetch], end: "shutdown")
        }
        let privileged: Outcome = stack == 0 ? .noExit : .fault(vector: 13)
        var steps: [ObservedStep] = [
            .init(labels: ["start"], operation: operation, outcome: .noExit),
            .init(labels: ["read_cr0"], operation: operation, outcome: privileged),
        ]
        guard stack == 0 else { return ObservedRun(steps: steps, end: "shutdown") }
        let registers: [String: UInt64] = [
            "rdi": values["GUEST_CS_SEL"] ?? 8, "rsi": 0x8000_0031,
        ]
        let isGuest = operation == .nonRoot
        let exits = ["CPUID", "HLT"].map { Outcome.Exit(reason: $0, qualification: 0) }
        steps += [
            .init(labels: ["read_ring"], operation: operation, outcome: .noExit),
            .init(
                labels: ["identify"], operation: operation,
                outcome: isGuest ? .exit(exits[0]) : .noExit, registers: registers),
            .init(
                labels: ["after_cpuid"], operation: operation, outcome: .noExit,
                registers: registers),
            .init(
                labels: ["stop"], operation: operation,
                outcome: isGuest ? .exit(exits[1]) : .noExit, registers: registers),
        ]
        return ObservedRun(
            steps: steps, exits: isGuest ? exits : [], entries: isGuest ? 2 : 0, end: "hlt")
    }
}
