import Architecture

// SDM 3C, 27.2.1.1 "VM-Execution Control Fields": VM functions, VMCS shadowing, #VE.

extension EntryChecks {
    private static let section = Citation.checksOnVMExecutionControlFields
    private static let processorControls: [VMCSField] = [
        .secondaryProcControls, .primaryProcControls,
    ]
    private static let functionControls: [VMCSField] = [.vmFunctionControls] + processorControls

    static let functionChecks: [EntryCheck] =
        vmFunctionChecks
        + structureAddress(
            .eptpListAddress, "controls.eptp-list-address", by: functionControls, section
        ) { switchesEPTP($0) }
        + structureAddress(
            .vmreadBitmap, "controls.vmread-bitmap", by: processorControls, section
        ) { $0.has(SecondaryControl.vmcsShadowing) }
        + structureAddress(
            .vmwriteBitmap, "controls.vmwrite-bitmap", by: processorControls, section
        ) { $0.has(SecondaryControl.vmcsShadowing) }
        + structureAddress(
            .virtualizationExceptionInformationAddress, "controls.ve-information-address",
            by: processorControls, section
        ) { $0.has(SecondaryControl.eptViolationVE) }

    private static let vmFunctionChecks: [EntryCheck] = [
        .init(
            "controls.vm-functions.unsupported-bits",
            """
            the VM-function controls have no bit of a function that the processor has not, if \
            "enable VM functions" is 1
            """, functionControls, section
        ) {
            !$0.has(SecondaryControl.enableVMFunctions)
                || $0[.vmFunctionControls] & ~$0.vmx.vmFunctions == 0
        },
        .init(
            "controls.eptp-switching-needs-ept",
            "\"EPTP switching\" is 1 only if \"enable EPT\" is 1", functionControls, section
        ) { !switchesEPTP($0) || $0.has(SecondaryControl.enableEPT) },
    ]

    private static func switchesEPTP(_ facts: borrowing EntryFacts) -> Bool {
        facts.has(SecondaryControl.enableVMFunctions)
            && facts[.vmFunctionControls].has(VMFunctionControl.eptpSwitching)
    }
}
