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
            steps: UInt64 = 10_000_000, milliseconds: Int = 10_000, accesses: Int = 100_000
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
        let side = try KVMSide(limits: limits, isInterrupted: isInterrupted)
        let kvm = try side.observe(configuration)
        let model = ModelSide(limits: limits, isInterrupted: isInterrupted)
        return try compare(configuration, model, kvm)
    }

    /// Judges what KVM showed against runs of the model.
    static func compare(
        _ configuration: RunConfiguration, _ side: ModelSide, _ kvm: KVMObservation
    ) throws(Failure) -> ComparisonResult {
        let model = try side.observe(configuration)
        var judgement = Judgement(model: model, kvm: kvm, limits: side.limits)
        if !judgement.agreesThroughout {
            judgement.references = try references(configuration, side)
            if model.instructions.contains(.unsteady) {
                judgement.otherClock = try side.observe(configuration, .otherClock)
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
        var plain = configuration
        if configuration.hasVMCSSettings {
            plain = configuration.withoutVMCSSettings
            references.append(.init(observation: try side.observe(plain), reason: .settings))
        }
        guard configuration.operation != .outside else { return references }
        let hidden = try side.observe(plain, .hiding)
        references.append(.init(observation: hidden, reason: .vmxOperation))
        return references
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

    /// The state in which the guest starts, as far as it is no VMCS's.
    var startState: ProcessorState {
        var state = StartState.processor(image)
        for setting in settings { state.apply(setting) }
        return state
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
