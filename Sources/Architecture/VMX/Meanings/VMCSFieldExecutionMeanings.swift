// What the fields of controls, masks and counts are for. Source: SDM 3C, "VM-Execution Control
// Fields", "VM-Exit Control Fields" and "VM-Entry Control Fields".

extension VMCSField {
    static let executionControlMeanings: [Meaning] = [
        (
            .pinControls,
            """
            Bits that say what asynchronous events do in the guest: external interrupts, NMIs, \
            the VMX-preemption timer, posted interrupts.
            """
        ),
        (
            .primaryProcControls,
            """
            Bits that say what instructions and some events do in the guest, and whether the \
            secondary and tertiary controls are used.
            """
        ),
        (
            .secondaryProcControls,
            """
            Further bits that say what instructions and memory accesses do in the guest. They \
            count as 0 while "activate secondary controls" is 0.
            """
        ),
        (
            .tertiaryProcControls,
            """
            Further bits, 64 of them, that say what instructions and memory accesses do in the \
            guest. They count as 0 while "activate tertiary controls" is 0.
            """
        ),
        (
            .vmFunctionControls,
            "One bit for each VM function that VMFUNC may call by its number in EAX."
        ),
        (
            .exceptionBitmap,
            """
            One bit for each exception vector: an exception whose bit is 1 causes a VM exit, else \
            it goes to the guest. For page faults the error code can turn bit 14's meaning around.
            """
        ),
        (
            .pageFaultErrorCodeMask,
            """
            The bits of a page fault's error code that are compared with the match. If they are \
            equal, bit 14 of the exception bitmap decides as it stands, otherwise reversed.
            """
        ),
        (
            .pageFaultErrorCodeMatch,
            """
            What a page fault's error code, taken with the mask, is compared with. If they are \
            equal, bit 14 of the exception bitmap decides as it stands, otherwise reversed.
            """
        ),
        (
            .cr3TargetCount,
            """
            How many CR3-target values are in use, from value 0 up. MOV to CR3 of one of them \
            causes no VM exit.
            """
        ),
        (
            .cr3Target0,
            "A value that MOV to CR3 may write without a VM exit, if the count is above 0."
        ),
        (
            .cr3Target1,
            "A value that MOV to CR3 may write without a VM exit, if the count is above 1."
        ),
        (
            .cr3Target2,
            "A value that MOV to CR3 may write without a VM exit, if the count is above 2."
        ),
        (
            .cr3Target3,
            "A value that MOV to CR3 may write without a VM exit, if the count is above 3."
        ),
        (
            .cr0Mask,
            """
            A bit that is 1 makes the bit of CR0 host-owned: the guest reads it from the read \
            shadow, and a write that would give it another value than the shadow's causes a VM exit.
            """
        ),
        (
            .cr4Mask,
            """
            A bit that is 1 makes the bit of CR4 host-owned: the guest reads it from the read \
            shadow, and a write that would give it another value than the shadow's causes a VM exit.
            """
        ),
        (.cr0ReadShadow, "What the guest reads in the host-owned bits of CR0."),
        (.cr4ReadShadow, "What the guest reads in the host-owned bits of CR4."),
        (
            .tprThreshold,
            """
            Bits 3:0: a VM exit comes when the class of the guest's task priority falls below it. \
            With virtual-interrupt delivery it is not used.
            """
        ),
        (
            .pleGap,
            """
            The greatest time, in ticks of the time-stamp counter, between two PAUSEs of one loop. \
            After a longer one the processor takes the PAUSE for the first of a new loop.
            """
        ),
        (
            .pleWindow,
            """
            The time, in ticks of the time-stamp counter, that a guest may spend in a PAUSE loop \
            before a PAUSE causes a VM exit.
            """
        ),
        (
            .instructionTimeoutControl,
            """
            How long, in ticks of the crystal clock, the guest may go without a point at which \
            events could be taken before a VM exit comes.
            """
        ),
    ]

    static let transitionControlMeanings: [Meaning] = [
        (
            .exitControls,
            "Bits that say what a VM exit saves and loads, and in which mode the host runs."
        ),
        (
            .exitMSRStoreAddress,
            """
            The physical address of the list of MSRs that every VM exit stores: 16 bytes each, \
            the number in bits 31:0 and the value in bits 127:64.
            """
        ),
        (
            .exitMSRLoadAddress,
            """
            The physical address of the list of MSRs that every VM exit loads, 16 bytes each, \
            after the host-state area.
            """
        ),
        (
            .entryMSRLoadAddress,
            """
            The physical address of the list of MSRs that every VM entry loads, 16 bytes each, \
            after the guest-state area.
            """
        ),
        (.exitMSRStoreCount, "How many MSRs every VM exit stores."),
        (.exitMSRLoadCount, "How many MSRs every VM exit loads."),
        (.entryControls, "Bits that say what a VM entry loads, and in which mode the guest runs."),
        (.entryMSRLoadCount, "How many MSRs every VM entry loads."),
        (
            .entryInterruptionInformation,
            """
            The event that a VM entry injects: its vector (bits 7:0), its type (10:8), whether it \
            has an error code (bit 11), and in bit 31 whether there is one. A VM exit clears bit 31.
            """
        ),
        (
            .entryExceptionErrorCode,
            "The error code of an injected exception, if bit 11 of the interruption information is 1."
        ),
        (
            .entryInstructionLength,
            """
            The length of the instruction for which a software interrupt or exception is injected: \
            the return address is that much behind the guest's RIP.
            """
        ),
    ]
}
