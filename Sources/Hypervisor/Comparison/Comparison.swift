import Architecture
import KVM
import Machine

/// Runs one guest on the model and on KVM from the same start state, and lays both outcomes side
/// by side.
///
/// The model's side is what `stepvisor run` shows, in non-root operation with all that was set in
/// the VMCS. KVM takes the same registers, memory, devices and CPUID leaves, but has a hypervisor
/// of its own: a VMCS of ours means nothing to it. Where the two sides part, the model runs again
/// without what KVM cannot take, and a line that agrees then is explained instead of blamed. See
/// ``Judgement``.
public enum Comparison {
    /// How far each side may go.
    public struct Limits: Equatable, Sendable {
        /// Guest instructions on the model.
        public var steps: UInt64
        /// Wall-clock time on KVM.
        public var milliseconds: Int
        /// Data to and from ports, and accesses to absent memory, on either side.
        public var accesses: Int

        public init(
            steps: UInt64 = 10_000_000, milliseconds: Int = 30_000, accesses: Int = 100_000
        ) {
            self.steps = steps
            self.milliseconds = milliseconds
            self.accesses = accesses
        }
    }

    /// Why there is nothing to compare.
    public enum Failure: Error, Equatable {
        /// No KVM here: what is missing, and what to do, is in it.
        case unavailable(KVMUnavailability)
        /// KVM is here and a request to it failed.
        case kvm(KVMError)
        case interrupted
    }

    /// Compares.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked now and then on both sides; true ends the comparison.
    /// - Throws: however the guest ends on either side, that is in the result; only a machine
    ///   without KVM, a request that KVM refuses, and an interruption are thrown.
    public static func run(
        _ configuration: RunConfiguration, limits: Limits = Limits(),
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) throws(Failure) -> ComparisonResult {
        let kvmSide = try KVMSide(limits: limits, isInterrupted: isInterrupted)
        let modelSide = ModelSide(limits: limits, isInterrupted: isInterrupted)
        let model = try modelSide.observe(configuration)
        let kvm = try kvmSide.observe(
            configuration, milliseconds: limits.milliseconds(for: model.shown))
        return try judge(configuration, model, kvm, modelSide, kvmSide)
    }

    /// Lays two observations side by side, and runs the guest again where they part.
    static func judge(
        _ configuration: RunConfiguration, _ model: ModelObservation, _ kvm: KVMObservation,
        _ modelSide: ModelSide, _ kvmSide: KVMSide
    ) throws(Failure) -> ComparisonResult {
        var judgement = Judgement(model: model, kvm: kvm)
        if judgement.needsReferences {
            judgement.references = try references(configuration, modelSide)
        }
        if judgement.hasDifference {
            judgement.history = try modelSide.history(of: configuration)
            if judgement.history.instructions.contains(.unsteady) {
                judgement.otherClock = try modelSide.observe(configuration, .otherClock)
            }
            if judgement.history.instructions.contains(.cpuid) {
                var announcing = configuration.withoutVMCSSettings
                announcing.announce(try kvmSide.cpuid(seenBy: configuration))
                judgement.references.append(
                    .init(
                        observation: try modelSide.observe(announcing, .hiding), reason: .cpuid))
            }
        }
        return ComparisonResult(
            guest: configuration.image.name, processor: configuration.processor.name,
            operation: configuration.operation, rows: judgement.rows(configuration))
    }

    /// Runs of the model that are closer to what KVM can be asked for.
    private static func references(
        _ configuration: RunConfiguration, _ side: ModelSide
    ) throws(Failure) -> [Judgement.Reference] {
        var references: [Judgement.Reference] = []
        let plain = configuration.withoutVMCSSettings
        if configuration.hasVMCSSettings {
            references.append(.init(observation: try side.observe(plain), reason: .settings))
        }
        if configuration.operation != .outside {
            let hidden = try side.observe(plain, .hiding)
            references.append(.init(observation: hidden, reason: .vmxOperation))
        }
        return references
    }
}

extension Comparison.Limits {
    /// The time that a guest gets on KVM that ended so on the model: enough for a KVM that
    /// interprets it, a thousand times slower than a processor, and no more.
    func milliseconds(for observation: Observation) -> Int {
        // A guest that has no end on the model has none here either: see that it goes on.
        guard !observation.end.isCutOff, let steps = observation.counts?.steps else {
            return min(milliseconds, 1_000)
        }
        let work = steps / 500 + UInt64(observation.ports.count) / 10
        return min(milliseconds, 1_000 + Int(clamping: work))
    }
}

extension RunConfiguration {
    var hasVMCSSettings: Bool { self.settings.contains(where: \.isField) || policy != ExitPolicy() }

    /// The same guest under a hypervisor that was told nothing.
    var withoutVMCSSettings: RunConfiguration {
        var plain = self
        plain.settings.removeAll(where: \.isField)
        plain.policy = ExitPolicy()
        return plain
    }

    /// Gives the processor other CPUID leaves, and keeps its VMX: whether the guest is told of that
    /// is the hypervisor's to say.
    mutating func announce(_ rows: [Processor.CPUIDRow]) {
        let place = CPUFeature.vmx.location
        processor = processor.announcing(
            rows.map { row in
                guard operation == .nonRoot, row.leaf == place.leaf else { return row }
                var result = row.result
                result.ecx |= place.mask
                return .init(leaf: row.leaf, subleaf: row.subleaf, result)
            })
    }

    /// The same guest so that it sees nothing of VMX operation: CR0.NE and CR4.VMXE, which that
    /// fixes to 1, are host-owned, and their shadows have what the guest would hold outside. A
    /// guest in root operation has nobody above it to do that, and goes outside.
    /// SDM 3C, "Guest/Host Masks and Read Shadows for CR0 and CR4".
    var hidingVMXOperation: RunConfiguration {
        var hiding = self
        guard operation == .nonRoot else {
            hiding.operation = .outside
            return hiding
        }
        let start = startState
        let fields: [(VMCSField, UInt64)] = [
            (.guestCR0, start.cr0 | CR0Bit.ne.mask), (.cr0ReadShadow, start.cr0),
            (.cr0Mask, CR0Bit.ne.mask), (.cr4ReadShadow, start.cr4), (.cr4Mask, CR4Bit.vmxe.mask),
        ]
        hiding.settings += fields.map { Setting(.field($0), $1) }
        return hiding
    }
}

extension RunConfiguration.Setting {
    var isField: Bool {
        if case .field = target { true } else { false }
    }
}
