import Architecture

/// The controls that the model carries out. A VMCS that asks for another ends the run by the
/// control's name: nothing is ignored.
enum ModelledControls {
    static let pin: [PinControl] = [
        .externalInterruptExiting, .nmiExiting, .virtualNMIs, .activatePreemptionTimer,
        .processPostedInterrupts,
    ]
    static let primary: [PrimaryControl] = [
        .interruptWindowExiting, .useTSCOffsetting, .hltExiting, .invlpgExiting, .mwaitExiting,
        .rdpmcExiting, .rdtscExiting, .cr3LoadExiting, .cr3StoreExiting, .cr8LoadExiting,
        .cr8StoreExiting, .useTPRShadow, .nmiWindowExiting, .movDRExiting, .unconditionalIOExiting,
        .useIOBitmaps, .monitorTrapFlag, .useMSRBitmaps, .monitorExiting, .pauseExiting,
        .activateSecondaryControls,
    ]
    static let secondary: [SecondaryControl] = [
        .virtualizeAPICAccesses, .enableEPT, .descriptorTableExiting, .enableRDTSCP,
        .virtualizeX2APICMode, .enableVPID, .wbinvdExiting,
        .unrestrictedGuest, .apicRegisterVirtualization, .virtualInterruptDelivery,
        .pauseLoopExiting, .rdrandExiting, .enableINVPCID, .enableVMFunctions,
        .vmcsShadowing, .rdseedExiting, .enablePML, .eptViolationVE, .enableXSAVES,
        .modeBasedExecuteControl, .useTSCScaling, .enableUserWaitAndPause,
    ]
    static let exit: [ExitControl] = [
        .saveDebugControls, .hostAddressSpaceSize, .acknowledgeInterruptOnExit,
        .loadPerfGlobalControl, .savePAT, .loadPAT,
        .saveEFER, .loadEFER, .savePreemptionTimer,
    ]
    static let entry: [EntryControl] = [
        .loadDebugControls, .ia32eModeGuest, .loadPerfGlobalControl, .loadPAT, .loadEFER,
    ]

    /// For each field of controls, the bits that are named and not modelled.
    static let missing: [(field: VMCSField, bits: UInt64)] = [
        (.pinControls, missing(pin)), (.primaryProcControls, missing(primary)),
        (.secondaryProcControls, missing(secondary)), (.exitControls, missing(exit)),
        (.entryControls, missing(entry)),
    ]

    private static func missing<Bit: NamedBit>(_ modelled: [Bit]) -> UInt64 {
        let named = Bit.allCases.reduce(UInt64(0)) { $0 | $1.mask }
        return modelled.reduce(named) { $0 & ~$1.mask }
    }
}

/// The bits of ``ModelledControls/missing`` where the machine has them at hand for each entry.
struct UnmodelledControls {
    private let pin = Self.bits(.pinControls)
    private let primary = Self.bits(.primaryProcControls)
    private let secondary = Self.bits(.secondaryProcControls)
    private let exit = Self.bits(.exitControls)
    private let entry = Self.bits(.entryControls)

    private static func bits(_ field: VMCSField) -> UInt64 {
        ModelledControls.missing.first { $0.field == field }?.bits ?? 0
    }

    /// Whether the VMCS has one of them set; secondary controls count where they are activated.
    @inline(__always)
    func areIn(_ page: VMCSPage) -> Bool {
        let hasSecondary =
            page[.primaryProcControls].has(PrimaryControl.activateSecondaryControls)
        let found =
            page[.pinControls] & pin | page[.primaryProcControls] & primary
            | (hasSecondary ? page[.secondaryProcControls] & secondary : 0)
            | page[.exitControls] & exit | page[.entryControls] & entry
        return found != 0
    }
}

extension Machine {
    /// The first control in the VMCS that the model has not.
    @inline(__always)
    func unmodelledControl(_ page: VMCSPage) -> NotModelled? {
        unmodelledControls.areIn(page) ? nameUnmodelledControl(page) : nil
    }

    private func nameUnmodelledControl(_ page: VMCSPage) -> NotModelled? {
        let hasSecondary =
            page[.primaryProcControls].has(PrimaryControl.activateSecondaryControls)
        for (field, bits) in ModelledControls.missing {
            let missing = page[field] & bits
            guard missing != 0, field != .secondaryProcControls || hasSecondary else { continue }
            return .control(field, bit: missing.trailingZeroBitCount)
        }
        return nil
    }
}
