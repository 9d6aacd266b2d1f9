import Architecture

extension ControlBit {
    /// Whether the model carries the control out; a VMCS that asks for another ends the run by the
    /// control's name.
    public var isModelled: Bool {
        switch self {
        case .pin(let bit): ModelledControls.pin.contains(bit)
        case .primary(let bit): ModelledControls.primary.contains(bit)
        case .secondary(let bit): ModelledControls.secondary.contains(bit)
        case .exit(let bit): ModelledControls.exit.contains(bit)
        case .entry(let bit): ModelledControls.entry.contains(bit)
        // Tertiary controls need a primary one that is not modelled.
        case .tertiary: false
        case .function(let bit): bit == .eptpSwitching
        }
    }
}
