import Machine

/// A run on KVM alone: what KVM shows of it, and nothing that it does not say.
public struct KVMOutcome: Sendable {
    public let end: ComparedEnd
    /// By gdb's names, in the order of ``GuestRegisters``; empty where the guest never started.
    public let registers: [(name: String, value: UInt64)]
    /// Port traffic, datum by datum.
    public let ports: [PortDatum]

    /// What the guest printed, in order.
    public var output: [PortBus.Output] {
        var bus = PortBus()
        return ports.compactMap { datum in
            datum.isInput ? nil : bus.write(datum.port, datum.value, size: datum.size)
        }
    }

    /// The value written to port F4h that ended the run.
    public var exitValue: UInt32? {
        end == .port
            ? ports.last { !$0.isInput && $0.port == PortBus.debugExit }?.value : nil
    }

    /// Runs a guest from the start state of the model, with the model's devices.
    ///
    /// - Parameter milliseconds: the time that the guest may take.
    /// - Throws: ``Comparison/Failure``: no KVM here, a request that KVM refuses, an interruption.
    public init(
        _ configuration: RunConfiguration, milliseconds: Int = 30_000,
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) throws(Comparison.Failure) {
        let limits = Comparison.Limits(milliseconds: milliseconds)
        let side = try KVMSide(limits: limits, isInterrupted: isInterrupted)
        let shown = try side.observe(configuration, milliseconds: milliseconds).shown
        end = shown.end
        registers = shown.registers
        ports = shown.ports
    }
}
