import Architecture
import Hypervisor
import InstructionSet
import Machine
import Narration
import Workbook

/// Whole machines with random programs and settings. Silent and narrated they must come to the same
/// end, in the same state.
public struct MachineSubject: FuzzSubject {
    /// Fields that a run can be given before it starts.
    private static let fields = VMCSField.allCases
    private static let targets: [SettingTarget] =
        GeneralRegister.allCases.map { .general($0, bytes: 8) } + [.rflags, .efer]
        + [0, 2, 3, 4].map { .controlRegister($0) }
    private static let mostSteps: UInt64 = 1500

    private let samplers: [InstructionSampler]
    /// Memory sizes beside which programs lie, or over whose end they run.
    private static let sizes: [UInt64] = [1 << 20, 0x11000, 2 << 20, 0x123456, 16 << 20, 64 << 20]

    public init() {
        samplers = CodeSize.allCases.map { size in
            InstructionSampler(mode: size) { $0.operation != .notModelled }
        }
    }

    public mutating func draw(_ generator: inout SplitMix64) -> RunConfiguration {
        let place = generator.index(samplers.count)
        let mode = GuestMode(CodeSize.allCases[place])
        let image = GuestImage(
            name: "fuzz", bytes: program(samplers[place], &generator), mode: mode,
            loadAddress: mode.defaultLoadAddress)
        var configuration = RunConfiguration(image: image)
        configuration.memorySize = generator.pick(Self.sizes)
        configuration.processor = generator.pick(Processor.all)
        configuration.operation = generator.pick([.nonRoot, .nonRoot, .outside, .root])
        for _ in 0..<generator.index(6) {
            configuration.settings.append(
                .init(generator.pick(Self.targets), pointer(&generator)))
        }
        if configuration.operation == .nonRoot { addFields(&configuration, &generator) }
        for reason in ExitReason.allCases where generator.chance(5) {
            configuration.policy.reactions[reason] =
                generator.pick(ExitPolicy.Reaction.allCases)
        }
        return configuration
    }

    /// Random bytes, or instructions of the table, or both.
    private func program(
        _ sampler: InstructionSampler, _ generator: inout SplitMix64
    ) -> [UInt8] {
        var code: [UInt8] = []
        let length = 1 + generator.index(120)
        let noise = generator.pick([0, 0, 5, 100] as [UInt64])
        while code.count < length {
            if generator.chance(noise) {
                code += generator.bytes(1 + generator.index(8))
            } else {
                code += sampler.code(using: &generator) ?? []
            }
        }
        return code
    }

    private func pointer(_ generator: inout SplitMix64) -> UInt64 {
        generator.chance(50) ? generator.number(below: 0x20000) : generator.telling()
    }

    /// Whole fields at random fail the first check of VM entry: single bits get further.
    private func addFields(
        _ configuration: inout RunConfiguration, _ generator: inout SplitMix64
    ) {
        let masks: [VMCSField] = [
            .exceptionBitmap, .cr0Mask, .cr4Mask, .cr0ReadShadow, .cr4ReadShadow,
            .pageFaultErrorCodeMask, .pageFaultErrorCodeMatch, .tscOffset,
        ]
        for _ in 0..<generator.index(3) {
            configuration.settings.append(.init(.field(generator.pick(masks)), generator.telling()))
        }
        let controls: [VMCSField] = [
            .pinControls, .primaryProcControls, .secondaryProcControls, .exitControls,
            .entryControls,
        ]
        for field in controls where generator.chance(30) {
            guard let settings = configuration.processor.vmx?.settings(of: field) else { continue }
            let wanted = UInt32(truncatingIfNeeded: generator.next() & generator.next())
            configuration.settings.append(
                .init(.field(field), UInt64(settings.adjusted(wanted))))
        }
        if generator.chance(20) {
            let field = generator.pick(Self.fields)
            let target = SettingTarget.field(field)
            let value = pointer(&generator)
            if (try? target.check(value)) != nil {
                configuration.settings.append(.init(target, value))
            }
        }
    }

    public mutating func feed(_ input: RunConfiguration) throws(FuzzFailure) -> FuzzVerdict {
        let silent = GuestRun(input)
        let narrated = GuestRun(input)
        // All of the narrator's work, on every machine.
        var bytes = 0
        var json = JSONNarrator(level: .full) { bytes += $0.count }
        var text = TextNarrator(level: .full)
        var told = 0
        narrated.observer = { event in
            json.note(event)
            told += 1
            // Text is dear: a part of it shows as much.
            if told < 200 { bytes += text.lines(for: event).count }
        }
        silent.stepBudget = Self.mostSteps
        narrated.stepBudget = Self.mostSteps
        let ends = (silent.run(), narrated.run())
        json.end(narrated)
        guard ends.0 == ends.1 else {
            throw FuzzFailure("silent ends \(ends.0), narrated \(ends.1)")
        }
        let found = Self.differences(silent, narrated, memorySize: input.memorySize)
        guard found.isEmpty else { throw FuzzFailure(found.joined(separator: "\n")) }
        guard case .ended(let end) = ends.0 else { throw FuzzFailure("no end: \(ends.0)") }
        return end.reason == .notModelled || end.reason == .vmFail ? .refused : .accepted
    }

    /// What differs between two runs of the same guest, a line each.
    static func differences(
        _ first: GuestRun, _ second: GuestRun, memorySize: UInt64
    ) -> [String] {
        var found: [String] = []
        let (one, two) = (first.machine.state, second.machine.state)
        if one.registers != two.registers { found.append("general registers") }
        let pairs: [(String, UInt64, UInt64)] = [
            ("rip", one.rip, two.rip), ("rflags", one.rflags, two.rflags),
            ("cr0", one.cr0, two.cr0), ("cr2", one.cr2, two.cr2), ("cr3", one.cr3, two.cr3),
            ("cr4", one.cr4, two.cr4), ("efer", one.efer, two.efer), ("dr6", one.dr6, two.dr6),
            ("dr7", one.dr7, two.dr7), ("tsc", one.tsc, two.tsc),
            ("steps", first.machine.steps, second.machine.steps),
            ("work", first.machine.work, second.machine.work),
            ("exits", UInt64(first.machine.exits), UInt64(second.machine.exits)),
            ("entries", UInt64(first.machine.entries), UInt64(second.machine.entries)),
        ]
        for (name, left, right) in pairs where left != right {
            found.append("\(name): silent \(left.hexText), narrated \(right.hexText)")
        }
        for name in SegmentRegister.allCases where one[name] != two[name] {
            found.append("\(name.name): silent \(one[name]), narrated \(two[name])")
        }
        let empty = PhysicalMemory(size: memorySize)
        let pages = first.machine.memory.pagesWritten(since: empty)
        if pages != second.machine.memory.pagesWritten(since: empty) {
            found.append("pages that were written to")
        }
        for page in pages
        where first.machine.memory.page(at: page)
            != second.machine.memory.page(at: page)
        {
            found.append("memory in the page at \(page.hexText)")
        }
        return found
    }

    public func text(of input: RunConfiguration) -> String {
        let settings = input.settings.map { "\($0.target)=\($0.value.hexText)" }
        let bytes = input.image.bytes.hexText
        return "\(input.image.mode.rawValue), \(input.operation), \(input.processor.name), "
            + "\(input.memorySize) bytes of memory\n\(settings.joined(separator: "\n"))\n"
            + "reactions \(input.policy.reactions.map { "\($0.key): \($0.value)" }.sorted())\n"
            + bytes
    }
}
