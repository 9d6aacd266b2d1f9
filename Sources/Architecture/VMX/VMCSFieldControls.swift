// The control fields of the VMCS.

extension VMCSField {
    static let control16Rows: [Row] = [
        .init(
            .vpid, "VPID", "Virtual-processor identifier (VPID)", .virtualProcessorIdentifier,
            exists: [.secondary(.enableVPID)]),
        .init(
            .postedInterruptNotificationVector, "POSTED_INTR_NV",
            "Posted-interrupt notification vector", .controlsForAPICVirtualization,
            exists: [.pin(.processPostedInterrupts)]),
        .init(
            .eptpIndex, "EPTP_INDEX", "EPTP index", .controlsForVirtualizationExceptions,
            exists: [.secondary(.eptViolationVE)]),
        .init(
            .hlatPrefixSize, "HLAT_PREFIX_SIZE", "HLAT prefix size", .fieldsRelatedToHLAT,
            exists: [.tertiary(.enableHLAT)]),
        .init(
            .lastPIDPointerIndex, "LAST_PID_PTR_INDEX", "Last PID-pointer index",
            .controlsForAPICVirtualization, exists: [.tertiary(.ipiVirtualization)]),
    ]

    static let control64Rows: [Row] = [
        .init(.ioBitmapA, "IO_BITMAP_A", "Address of I/O bitmap A", .ioBitmapAddresses),
        .init(.ioBitmapB, "IO_BITMAP_B", "Address of I/O bitmap B", .ioBitmapAddresses),
        .init(
            .msrBitmaps, "MSR_BITMAPS", "Address of MSR bitmaps", .msrBitmapAddress,
            exists: [.primary(.useMSRBitmaps)]),
        .init(
            .exitMSRStoreAddress, "EXIT_MSR_STORE_ADDR", "VM-exit MSR-store address",
            .vmExitControlsForMSRs),
        .init(
            .exitMSRLoadAddress, "EXIT_MSR_LOAD_ADDR", "VM-exit MSR-load address",
            .vmExitControlsForMSRs),
        .init(
            .entryMSRLoadAddress, "ENTRY_MSR_LOAD_ADDR", "VM-entry MSR-load address",
            .vmEntryControlsForMSRs),
        .init(
            .executiveVMCSPointer, "EXECUTIVE_VMCS_PTR", "Executive-VMCS pointer",
            .executiveVMCSPointer),
        .init(
            .pmlAddress, "PML_ADDR", "PML address", .controlFieldForPageModificationLogging,
            exists: [.secondary(.enablePML)]),
        .init(.tscOffset, "TSC_OFFSET", "TSC offset", .timeStampCounterOffsetAndMultiplier),
        .init(
            .virtualAPICAddress, "VIRTUAL_APIC_ADDR", "Virtual-APIC address",
            .controlsForAPICVirtualization, exists: [.primary(.useTPRShadow)]),
        .init(
            .apicAccessAddress, "APIC_ACCESS_ADDR", "APIC-access address",
            .controlsForAPICVirtualization, exists: [.secondary(.virtualizeAPICAccesses)]),
        .init(
            .postedInterruptDescriptor, "POSTED_INTR_DESC", "Posted-interrupt descriptor address",
            .controlsForAPICVirtualization, exists: [.pin(.processPostedInterrupts)]),
        .init(
            .vmFunctionControls, "VMFUNC_CTLS", "VM-function controls", .vmFunctionControls,
            exists: [.secondary(.enableVMFunctions)]),
        .init(
            .eptPointer, "EPTP", "EPT pointer", .extendedPageTablePointer,
            exists: [.secondary(.enableEPT)]),
        .init(
            .eoiExitBitmap0, "EOI_EXIT0", "EOI-exit bitmap 0", .controlsForAPICVirtualization,
            exists: [.secondary(.virtualInterruptDelivery)]),
        .init(
            .eoiExitBitmap1, "EOI_EXIT1", "EOI-exit bitmap 1", .controlsForAPICVirtualization,
            exists: [.secondary(.virtualInterruptDelivery)]),
        .init(
            .eoiExitBitmap2, "EOI_EXIT2", "EOI-exit bitmap 2", .controlsForAPICVirtualization,
            exists: [.secondary(.virtualInterruptDelivery)]),
        .init(
            .eoiExitBitmap3, "EOI_EXIT3", "EOI-exit bitmap 3", .controlsForAPICVirtualization,
            exists: [.secondary(.virtualInterruptDelivery)]),
        .init(
            .eptpListAddress, "EPTP_LIST_ADDR", "EPTP-list address", .vmFunctionControls,
            exists: [.function(.eptpSwitching)]),
        .init(
            .vmreadBitmap, "VMREAD_BITMAP", "VMREAD-bitmap address", .vmcsShadowingBitmapAddresses,
            exists: [.secondary(.vmcsShadowing)]),
        .init(
            .vmwriteBitmap, "VMWRITE_BITMAP", "VMWRITE-bitmap address",
            .vmcsShadowingBitmapAddresses, exists: [.secondary(.vmcsShadowing)]),
        .init(
            .virtualizationExceptionInformationAddress, "VE_INFO_ADDR",
            "Virtualization-exception information address", .controlsForVirtualizationExceptions,
            exists: [.secondary(.eptViolationVE)]),
        .init(
            .xssExitingBitmap, "XSS_EXITING_BITMAP", "XSS-exiting bitmap", .xssExitingBitmap,
            exists: [.secondary(.enableXSAVES)]),
        .init(
            .enclsExitingBitmap, "ENCLS_EXITING_BITMAP", "ENCLS-exiting bitmap",
            .enclsExitingBitmap, exists: [.secondary(.enclsExiting)]),
        .init(
            .subPagePermissionTablePointer, "SPP_TABLE_PTR", "Sub-page-permission-table pointer",
            .subPagePermissionTablePointer, exists: [.secondary(.subPageWritePermissions)]),
        .init(
            .tscMultiplier, "TSC_MULTIPLIER", "TSC multiplier",
            .timeStampCounterOffsetAndMultiplier, exists: [.secondary(.useTSCScaling)]),
        .init(
            .tertiaryProcControls, "PROC3_CTLS", "Tertiary processor-based VM-execution controls",
            .processorBasedVMExecutionControls, exists: [.primary(.activateTertiaryControls)]),
        .init(
            .enclvExitingBitmap, "ENCLV_EXITING_BITMAP", "ENCLV-exiting bitmap",
            .enclvExitingBitmap, exists: [.secondary(.enclvExiting)]),
        .init(
            .lowPASIDDirectoryAddress, "LOW_PASID_DIR_ADDR", "Low PASID directory address",
            .fieldsRelatedToPASIDTranslation, exists: [.secondary(.pasidTranslation)]),
        .init(
            .highPASIDDirectoryAddress, "HIGH_PASID_DIR_ADDR", "High PASID directory address",
            .fieldsRelatedToPASIDTranslation, exists: [.secondary(.pasidTranslation)]),
        .init(
            .pconfigExitingBitmap, "PCONFIG_EXITING_BITMAP", "PCONFIG-exiting bitmap",
            .pconfigExitingBitmap, exists: [.secondary(.enablePCONFIG)]),
        .init(
            .hlatPointer, "HLATP", "Hypervisor-managed linear-address translation pointer (HLATP)",
            .fieldsRelatedToHLAT, exists: [.tertiary(.enableHLAT)]),
        .init(
            .pidPointerTableAddress, "PID_PTR_TABLE_ADDR", "PID-pointer table address",
            .controlsForAPICVirtualization, exists: [.tertiary(.ipiVirtualization)]),
    ]

    static let control32Rows: [Row] = [
        .init(
            .pinControls, "PIN_CTLS", "Pin-based VM-execution controls",
            .pinBasedVMExecutionControls),
        .init(
            .primaryProcControls, "PROC_CTLS", "Primary processor-based VM-execution controls",
            .processorBasedVMExecutionControls),
        .init(.exceptionBitmap, "EXCEPTION_BITMAP", "Exception bitmap", .exceptionBitmap),
        .init(
            .pageFaultErrorCodeMask, "PF_ERROR_MASK", "Page-fault error-code mask", .exceptionBitmap
        ),
        .init(
            .pageFaultErrorCodeMatch, "PF_ERROR_MATCH", "Page-fault error-code match",
            .exceptionBitmap),
        .init(.cr3TargetCount, "CR3_TARGET_COUNT", "CR3-target count", .cr3TargetControls),
        .init(.exitControls, "EXIT_CTLS", "VM-exit controls", .vmExitControls),
        .init(
            .exitMSRStoreCount, "EXIT_MSR_STORE_COUNT", "VM-exit MSR-store count",
            .vmExitControlsForMSRs),
        .init(
            .exitMSRLoadCount, "EXIT_MSR_LOAD_COUNT", "VM-exit MSR-load count",
            .vmExitControlsForMSRs),
        .init(.entryControls, "ENTRY_CTLS", "VM-entry controls", .vmEntryControls),
        .init(
            .entryMSRLoadCount, "ENTRY_MSR_LOAD_COUNT", "VM-entry MSR-load count",
            .vmEntryControlsForMSRs),
        .init(
            .entryInterruptionInformation, "ENTRY_INTR_INFO",
            "VM-entry interruption-information field", .vmEntryControlsForEventInjection),
        .init(
            .entryExceptionErrorCode, "ENTRY_EXC_ERROR_CODE", "VM-entry exception error code",
            .vmEntryControlsForEventInjection),
        .init(
            .entryInstructionLength, "ENTRY_INSTR_LEN", "VM-entry instruction length",
            .vmEntryControlsForEventInjection),
        .init(
            .tprThreshold, "TPR_THRESHOLD", "TPR threshold", .controlsForAPICVirtualization,
            exists: [.primary(.useTPRShadow)]),
        .init(
            .secondaryProcControls, "PROC2_CTLS", "Secondary processor-based VM-execution controls",
            .processorBasedVMExecutionControls, exists: [.primary(.activateSecondaryControls)]),
        .init(
            .pleGap, "PLE_GAP", "PLE_Gap", .controlsForPAUSELoopExiting,
            exists: [.secondary(.pauseLoopExiting)]),
        .init(
            .pleWindow, "PLE_WINDOW", "PLE_Window", .controlsForPAUSELoopExiting,
            exists: [.secondary(.pauseLoopExiting)]),
        .init(
            .instructionTimeoutControl, "INSTR_TIMEOUT_CTL", "Instruction-timeout control",
            .instructionTimeoutControl, exists: [.secondary(.instructionTimeout)]),
    ]

    static let controlNaturalRows: [Row] = [
        .init(.cr0Mask, "CR0_MASK", "CR0 guest/host mask", .guestHostMasksAndReadShadows),
        .init(.cr4Mask, "CR4_MASK", "CR4 guest/host mask", .guestHostMasksAndReadShadows),
        .init(.cr0ReadShadow, "CR0_SHADOW", "CR0 read shadow", .guestHostMasksAndReadShadows),
        .init(.cr4ReadShadow, "CR4_SHADOW", "CR4 read shadow", .guestHostMasksAndReadShadows),
        .init(.cr3Target0, "CR3_TARGET0", "CR3-target value 0", .cr3TargetControls),
        .init(.cr3Target1, "CR3_TARGET1", "CR3-target value 1", .cr3TargetControls),
        .init(.cr3Target2, "CR3_TARGET2", "CR3-target value 2", .cr3TargetControls),
        .init(.cr3Target3, "CR3_TARGET3", "CR3-target value 3", .cr3TargetControls),
    ]
}
