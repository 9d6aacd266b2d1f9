import Architecture

/// The controls that the model carries out. A VMCS that asks for another ends the run by the
/// control's name: nothing is ignored.
enum ModelledControls {
    static let pin: [PinControl] = [.externalInterruptExiting, .nmiExiting]
    static let primary: [PrimaryControl] = [
        .useTSCOffsetting, .hltExiting, .invlpgExiting, .mwaitExiting, .rdpmcExiting,
        .rdtscExiting, .cr3LoadExiting, .cr3StoreExiting, .cr8LoadExiting, .cr8StoreExiting,
        .movDRExiting, .unconditionalIOExiting, .useIOBitmaps, .useMSRBitmaps, .monitorExiting,
        .pauseExiting, .activateSecondaryControls,
    ]
    static let secondary: [SecondaryControl] = [
        .enableEPT, .descriptorTableExiting, .enableRDTSCP, .wbinvdExiting, .unrestrictedGuest,
        .pauseLoopExiting, .rdrandExiting, .enableINVPCID, .enableVMFunctions, .vmcsShadowing,
        .rdseedExiting, .enableXSAVES, .useTSCScaling,
    ]
    static let exit: [ExitControl] = [
        .saveDebugControls, .hostAddressSpaceSize, .loadPerfGlobalControl, .savePAT, .loadPAT,
        .saveEFER, .loadEFER,
    ]
    static let entry: [EntryControl] = [
        .loadDebugControls, .ia32eModeGuest, .loadPerfGlobalControl, .loadPAT, .loadEFER,
    ]
}

extension Machine {
    /// The first thing in the VMCS that the model has not.
    func unmodelledControl() -> NotModelled? {
        var controls: [(VMCSField, named: UInt64, modelled: UInt64)] = [
            (.pinControls, Self.mask(PinControl.self), Self.mask(of: ModelledControls.pin)),
            (
                .primaryProcControls, Self.mask(PrimaryControl.self),
                Self.mask(of: ModelledControls.primary)
            ),
            (.exitControls, Self.mask(ExitControl.self), Self.mask(of: ModelledControls.exit)),
            (.entryControls, Self.mask(EntryControl.self), Self.mask(of: ModelledControls.entry)),
        ]
        if vmcs(.primaryProcControls).has(PrimaryControl.activateSecondaryControls) {
            controls.append(
                (
                    .secondaryProcControls, Self.mask(SecondaryControl.self),
                    Self.mask(of: ModelledControls.secondary)
                ))
        }
        for control in controls {
            let missing = vmcs(control.0) & control.named & ~control.modelled
            if missing != 0 { return .control(control.0, bit: missing.trailingZeroBitCount) }
        }
        for field in ModelledControls.zeroFields where vmcs(field) != 0 {
            return .control(field, bit: vmcs(field).trailingZeroBitCount)
        }
        return nil
    }

    private static func mask<Bit: NamedBit>(_ type: Bit.Type) -> UInt64 {
        Bit.allCases.reduce(0) { $0 | $1.mask }
    }

    private static func mask<Bit: NamedBit>(of bits: [Bit]) -> UInt64 {
        bits.reduce(0) { $0 | $1.mask }
    }
}
