// What the exit-information fields and the host-state area are for. Source: SDM 3C, "VM-Exit
// Information Fields" and "Host-State Area".

extension VMCSField {
    static let exitInformationMeanings: [Meaning] = [
        (
            .vmInstructionError,
            "The number of the error with which the last VMX instruction failed by VMfailValid."
        ),
        (
            .exitReason,
            """
            Why the VM exit happened: the basic reason in bits 15:0, and in bit 31 whether it was \
            a VM entry that failed.
            """
        ),
        (
            .exitQualification,
            "What more there is to say of the VM exit; its layout depends on the exit reason."
        ),
        (
            .exitInterruptionInformation,
            """
            The event that directly caused the VM exit, as an exception, an NMI or an acknowledged \
            external interrupt: vector, type, whether it has an error code. Bit 31 says if it is valid.
            """
        ),
        (
            .exitInterruptionErrorCode,
            "The error code of the exception that directly caused the VM exit."
        ),
        (
            .idtVectoringInformation,
            """
            The event that was being delivered when something else caused the VM exit, in the \
            layout of the other interruption-information fields. Bit 31 says if there was one.
            """
        ),
        (
            .idtVectoringErrorCode,
            "The error code of the event that was being delivered when the VM exit came."
        ),
        (
            .exitInstructionLength,
            """
            The length in bytes of the instruction that caused the VM exit. Added to the guest's \
            RIP it skips the instruction.
            """
        ),
        (
            .exitInstructionInformation,
            """
            The operands of some instructions that cause VM exits: registers, address size, \
            segment, index and base. Its layout depends on the instruction.
            """
        ),
        (
            .guestPhysicalAddress,
            "The guest-physical address whose access caused an EPT violation or misconfiguration."
        ),
        (
            .guestLinearAddress,
            """
            The linear address of the access that caused the VM exit, for EPT violations, string \
            I/O and some others.
            """
        ),
        (.ioRCX, "RCX at an SMI right after an I/O instruction; only SMM VM exits write it."),
        (.ioRSI, "RSI at an SMI right after an I/O instruction; only SMM VM exits write it."),
        (.ioRDI, "RDI at an SMI right after an I/O instruction; only SMM VM exits write it."),
        (.ioRIP, "RIP at an SMI right after an I/O instruction; only SMM VM exits write it."),
    ]

    static let hostMeanings: [Meaning] =
        hostSelectorMeanings + hostBaseMeanings + hostRegisterMeanings

    private static let hostSelectorMeanings: [Meaning] = {
        let rows: [(VMCSField, String)] = [
            (.hostESSelector, "ES"), (.hostCSSelector, "CS"), (.hostSSSelector, "SS"),
            (.hostDSSelector, "DS"), (.hostFSSelector, "FS"), (.hostGSSelector, "GS"),
            (.hostTRSelector, "TR"),
        ]
        return rows.map { field, name in
            (
                field,
                """
                The selector that every VM exit loads into \(name). The rest of \(name) does not \
                come from a descriptor but is fixed, or has a field of its own.
                """
            )
        }
    }()

    private static let hostBaseMeanings: [Meaning] = [
        (.hostFSBase, "The base address that every VM exit loads into FS."),
        (.hostGSBase, "The base address that every VM exit loads into GS."),
        (.hostTRBase, "The base address that every VM exit loads into TR, with limit 67H."),
        (.hostGDTRBase, "The base address that every VM exit loads into GDTR, with limit FFFFH."),
        (.hostIDTRBase, "The base address that every VM exit loads into IDTR, with limit FFFFH."),
    ]

    private static let hostRegisterMeanings: [Meaning] = [
        (.hostCR0, "What every VM exit loads into CR0, but for bits that VM exits do not change."),
        (.hostCR3, "What every VM exit loads into CR3."),
        (
            .hostCR4,
            "What every VM exit loads into CR4; \"host address-space size\" being 1 sets PAE."
        ),
        (.hostRSP, "What every VM exit loads into RSP."),
        (.hostRIP, "Where root software goes on after every VM exit."),
        (.hostSYSENTERCS, "What every VM exit loads into IA32_SYSENTER_CS."),
        (.hostSYSENTERESP, "What every VM exit loads into IA32_SYSENTER_ESP."),
        (.hostSYSENTEREIP, "What every VM exit loads into IA32_SYSENTER_EIP."),
        (.hostPAT, "What a VM exit loads into IA32_PAT if the control \"load IA32_PAT\" is 1."),
        (.hostEFER, "What a VM exit loads into IA32_EFER if the control \"load IA32_EFER\" is 1."),
        (
            .hostPerfGlobalControl,
            """
            What a VM exit loads into IA32_PERF_GLOBAL_CTRL if the control "load \
            IA32_PERF_GLOBAL_CTRL" is 1.
            """
        ),
        (.hostPKRS, "What a VM exit loads into IA32_PKRS if the control \"load PKRS\" is 1."),
        (.hostSCET, "What a VM exit loads into IA32_S_CET if the control \"load CET state\" is 1."),
        (.hostSSP, "What a VM exit loads into SSP if the control \"load CET state\" is 1."),
        (
            .hostInterruptSSPTable,
            """
            What a VM exit loads into IA32_INTERRUPT_SSP_TABLE_ADDR if the control "load CET \
            state" is 1.
            """
        ),
    ]
}
