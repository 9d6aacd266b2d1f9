import Architecture
import KVM
import Machine

/// Decides, line by line, how the two sides stand to each other.
///
/// A line that is not alike is explained only by something that was looked at: another run of the
/// model that is closer to what KVM can be asked for and agrees there, or a condition that the
/// rows of ``KVMLimitation`` name. What nothing explains differs.
struct Judgement {
    /// Another run of the model, and what it means that KVM agrees with it.
    struct Reference {
        let observation: ModelObservation
        let reason: KVMLimitation
    }

    let model: ModelObservation
    let kvm: KVMObservation
    /// Nearest to the model's run first.
    var references: [Reference] = []
    var history = GuestHistory()
    /// The model's run with another clock.
    var otherClock: ModelObservation?

    init(model: ModelObservation, kvm: KVMObservation) {
        self.model = model
        self.kvm = kvm
    }

    typealias Verdict = (result: Agreement, because: ComparisonReason?)

    // MARK: Lines

    /// Words of memory with a line of their own, in each way of comparing.
    private static let mostWords = 64

    /// Whether other runs can explain anything: not where all is alike, and not for two runs that
    /// go on without end.
    var needsReferences: Bool {
        if isCutOff, model.shown.end.isCutOff == kvm.shown.end.isCutOff { return false }
        return items.contains { model.shown.value(of: $0) != kvm.shown.value(of: $0) }
    }

    /// Whether a line has no explanation.
    var hasDifference: Bool { items.contains { verdict($0).result == .differ } }

    func rows(_ configuration: RunConfiguration) -> [ComparisonRow] {
        let hidden = hiddenItems(configuration).map { (item, value, limitation) in
            ComparisonRow(
                item: item, model: value, kvm: nil, result: .notObservable,
                because: .limitation(limitation))
        }
        return observedItems.map(row) + memoryRows + hidden
    }

    private func row(_ item: ComparedItem) -> ComparisonRow {
        let verdict = verdict(item)
        return ComparisonRow(
            item: item, model: model.shown.value(of: item), kvm: kvm.shown.value(of: item),
            result: verdict.result, because: verdict.because)
    }

    private var observedItems: [ComparedItem] {
        let registers = model.shown.registers.map { ComparedItem.register($0.name) }
        let most = max(model.shown.ports.count, kvm.shown.ports.count)
        let ports = (0..<most).map { ComparedItem.port($0 + 1) }
        return [.end] + registers + ports
    }

    private var items: [ComparedItem] { observedItems + memoryItems }

    private var memoryItems: [ComparedItem] {
        model.shown.memory.wordsChanged(with: kvm.shown.memory).map { .memory($0) }
    }

    /// A line for each word, but for many alike only the first, and one for the rest.
    private var memoryRows: [ComparisonRow] {
        var shown: [ComparisonRow] = []
        var counts: [Agreement: Int] = [:]
        var firstReason: [Agreement: ComparisonReason] = [:]
        for item in memoryItems {
            let row = row(item)
            counts[row.result, default: 0] += 1
            if counts[row.result, default: 0] <= Self.mostWords {
                shown.append(row)
            } else if firstReason[row.result] == nil {
                firstReason[row.result] = row.because
            }
        }
        for result in Agreement.allCases {
            let more = counts[result, default: 0] - Self.mostWords
            guard more > 0 else { continue }
            shown.append(
                ComparisonRow(
                    item: .moreMemory(more), model: nil, kvm: nil, result: result,
                    because: firstReason[result]))
        }
        return shown
    }

    /// What only the model has.
    private func hiddenItems(
        _ configuration: RunConfiguration
    ) -> [(ComparedItem, ComparedValue?, KVMLimitation)] {
        var items: [(ComparedItem, ComparedValue?, KVMLimitation)] = []
        for item in [ComparedItem.steps, .entries, .exits] {
            items.append((item, model.shown.value(of: item), item == .steps ? .steps : .exits))
        }
        for setting in configuration.settings {
            guard case .field(let field) = setting.target else { continue }
            items.append((.field(field), .number(setting.value), .vmcs))
        }
        let reactions = configuration.policy.reactions.sorted { $0.key.rawValue < $1.key.rawValue }
        for (reason, reaction) in reactions {
            items.append((.reaction(reason), .reaction(reaction), .exits))
        }
        return items
    }

    // MARK: Verdicts

    private func verdict(_ item: ComparedItem) -> Verdict {
        if item == .end { return endVerdict }
        let isAlike = model.shown.value(of: item) == kvm.shown.value(of: item)
        // Port traffic up to a cut is a history that both sides share; registers there are not.
        if isAlike, !isCutOff || item.isHistory { return (.agree, nil) }
        if let limitation = limitation(item) {
            return (.notObservable, .limitation(limitation))
        }
        return (.differ, suspicion(item))
    }

    private var endVerdict: Verdict {
        let (ours, theirs) = (model.shown.end, kvm.shown.end)
        if ours == theirs { return (.agree, nil) }
        if theirs == .internalError, let error = kvm.internalError {
            return (.notObservable, .emulation(error))
        }
        if let limitation = limitation(.end) { return (.notObservable, .limitation(limitation)) }
        if let what = model.notModelled { return (.differ, .notModelled(what)) }
        if theirs == .timeLimit, let counts = model.shown.counts {
            return (.differ, .timeLimit(steps: counts.steps))
        }
        return (.differ, .otherEnd)
    }

    /// Whether one side was stopped where the other was not.
    private var isCutOff: Bool { model.shown.end.isCutOff || kvm.shown.end.isCutOff }

    /// What explains a line that is not alike: runs first, then conditions.
    private func limitation(_ item: ComparedItem) -> KVMLimitation? {
        if isBehindHalt(item, model) { return .haltRIP }
        if kvm.shown.end == .startRefused { return .startState }
        for reference in references where agrees(item, reference.observation) {
            return reference.reason
        }
        if item == .end { return limitationOfEnd }
        if isCutOff { return .cutOff }
        // An end that has its reason explains the state behind it.
        if model.shown.end != kvm.shown.end, let reason = limitationOfEnd { return reason }
        if let otherClock, otherClock.shown.value(of: item) != model.shown.value(of: item) {
            return .unsteady
        }
        if history.instructions.contains(.hypercall) { return .hypercall }
        if kvm.shown.end == .shutdown, model.shown.end == .shutdown, item.isRegister {
            return .shutdownState
        }
        return isPagingFlags(item) ? .pagingFlags : nil
    }

    private var limitationOfEnd: KVMLimitation? {
        let (ours, theirs) = (model.shown.end, kvm.shown.end)
        if history.instructions.contains(.hypercall) { return .hypercall }
        if turnedOnLegacyPaging { return .legacyPaging }
        if ours == .shutdown, kvm.interprets, let value = history.refusedCR0, value >> 32 != 0 {
            return .cr0High
        }
        if ours == .stepBudget { return theirs.isCutOff ? .steps : .cutOff }
        return nil
    }

    /// KVM shut down where the model went on with paging outside long mode.
    private var turnedOnLegacyPaging: Bool {
        guard kvm.interprets, kvm.shown.end == .shutdown, model.shown.end != .shutdown,
            let ours = model.shown.register("cr0"), let efer = model.shown.register("efer"),
            let theirs = kvm.shown.register("cr0")
        else { return false }
        return ours.has(CR0Bit.pg) && !efer.has(EFERBit.lma) && !theirs.has(CR0Bit.pg)
    }

    private func agrees(_ item: ComparedItem, _ other: ModelObservation) -> Bool {
        // Two runs that were cut off agree about nothing but their traffic.
        if item != .end, !item.isHistory, other.shown.end.isCutOff || isCutOff { return false }
        return other.shown.value(of: item) == kvm.shown.value(of: item) || isBehindHalt(item, other)
    }

    /// Whether KVM's RIP is the model's moved over HLT.
    private func isBehindHalt(_ item: ComparedItem, _ other: ModelObservation) -> Bool {
        guard item == .register("rip"), other.shown.end == .hlt, kvm.shown.end == .hlt,
            other.haltLength > 0, let ours = other.shown.register("rip"),
            let theirs = kvm.shown.register("rip")
        else { return false }
        return ours &+ other.haltLength == theirs
    }

    /// Whether the two differ in accessed and dirty flags of the tables that the guest starts with.
    private func isPagingFlags(_ item: ComparedItem) -> Bool {
        guard case .memory(let address) = item, StartState.pageTableRange.contains(address),
            model.shown.register("efer")?.has(EFERBit.lma) == true
        else { return false }
        let difference = model.shown.memory.word(at: address) ^ kvm.shown.memory.word(at: address)
        let flags = PageEntryBit.accessed.mask | PageEntryBit.dirty.mask
        return difference & ~flags == 0
    }

    /// What may lie behind a difference.
    private func suspicion(_ item: ComparedItem) -> ComparisonReason {
        if model.shown.end != kvm.shown.end { return .otherEnd }
        if item == .register("rflags"), let ours = model.shown.register("rflags"),
            let theirs = kvm.shown.register("rflags")
        {
            let status: [FlagBit] = [.cf, .pf, .af, .zf, .sf, .of]
            let mask = status.reduce(0) { $0 | $1.mask }
            if (ours ^ theirs) & ~mask == 0 { return .statusFlags }
        }
        return .unknown
    }
}

extension ComparedItem {
    /// Whether it is about what happened on the way and not about the end.
    fileprivate var isHistory: Bool {
        if case .port = self { true } else { false }
    }

    fileprivate var isRegister: Bool {
        if case .register = self { true } else { false }
    }
}
