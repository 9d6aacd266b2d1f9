import Architecture

// SDM 3C, 27.2.1.1 "VM-Execution Control Fields": VPID, EPT and what needs EPT.

extension EntryChecks {
    private static let section = Citation.checksOnVMExecutionControlFields
    private static let processorControls: [VMCSField] = [
        .secondaryProcControls, .primaryProcControls,
    ]

    static let memoryChecks: [EntryCheck] =
        vpidChecks + eptPointerChecks + eptDependents
        + structureAddress(.pmlAddress, "controls.pml-address", by: processorControls, section) {
            $0.has(SecondaryControl.enablePML)
        }
        + structureAddress(
            .subPagePermissionTablePointer, "controls.spp-table-pointer", by: processorControls,
            section
        ) { $0.has(SecondaryControl.subPageWritePermissions) }

    private static let vpidChecks: [EntryCheck] = [
        .init(
            "controls.vpid.not-zero", "the VPID is not 0 if \"enable VPID\" is 1",
            [.vpid] + processorControls, section
        ) { !$0.has(SecondaryControl.enableVPID) || $0[.vpid] != 0 }
    ]

    private static let eptPointerChecks: [EntryCheck] = [
        eptPointer(
            "memory-type", "the EPT memory type (bits 2:0) is one that the processor supports"
        ) { pointer, facts in
            switch pointer.rawValue & 7 {
            case 0: facts.vmx.eptVPID.has(EPTVPIDBit.uncacheable)
            case 6: facts.vmx.eptVPID.has(EPTVPIDBit.writeBack)
            default: false
            }
        },
        eptPointer(
            "walk-length",
            "bits 5:3 of the EPT pointer give a page-walk length that the processor supports"
        ) { pointer, facts in
            switch pointer.walkLength {
            case 4: facts.vmx.eptVPID.has(EPTVPIDBit.pageWalk4)
            case 5: facts.vmx.eptVPID.has(EPTVPIDBit.pageWalk5)
            default: false
            }
        },
        eptPointer(
            "accessed-dirty",
            "bit 6 of the EPT pointer is 0 on a processor without accessed and dirty flags for EPT"
        ) { pointer, facts in
            !pointer.accessedAndDirty || facts.vmx.eptVPID.has(EPTVPIDBit.accessedAndDirty)
        },
        eptPointer(
            "shadow-stack",
            "bit 7 of the EPT pointer is 0 on a processor without supervisor shadow-stack control"
        ) { pointer, facts in
            !pointer.supervisorShadowStack
                || facts.vmx.eptVPID.has(EPTVPIDBit.supervisorShadowStack)
        },
        eptPointer("reserved", "the reserved bits 11:8 of the EPT pointer are 0") { pointer, _ in
            pointer.reserved == 0
        },
        eptPointer("width", "the EPT pointer has no bit beyond the physical-address width") {
            $1.fitsPhysicalAddress($0.rawValue)
        },
    ]

    private static let eptDependents: [EntryCheck] = [
        needsEPT(.enablePML, "pml"), needsEPT(.unrestrictedGuest, "unrestricted-guest"),
        needsEPT(.modeBasedExecuteControl, "mode-based-execute"),
        needsEPT(.subPageWritePermissions, "spp"),
        needsEPT(.ptUsesGuestPhysicalAddresses, "pt-guest-physical"),
        .init(
            "controls.pt-guest-physical-needs-load-rtit",
            """
            "Intel PT uses guest physical addresses" is 1 only if the VM-entry control "load \
            IA32_RTIT_CTL" is 1
            """, processorControls + [.entryControls], section
        ) {
            !$0.has(SecondaryControl.ptUsesGuestPhysicalAddresses)
                || $0.has(EntryControl.loadRTITControl)
        },
        .init(
            "controls.pt-guest-physical-needs-clear-rtit",
            """
            "Intel PT uses guest physical addresses" is 1 only if the VM-exit control "clear \
            IA32_RTIT_CTL" is 1
            """, processorControls + [.exitControls], section
        ) {
            !$0.has(SecondaryControl.ptUsesGuestPhysicalAddresses)
                || $0.has(ExitControl.clearRTITControl)
        },
        .init(
            "controls.tsc-multiplier.not-zero",
            "the TSC multiplier is not 0 if \"use TSC scaling\" is 1",
            [.tscMultiplier] + processorControls, section
        ) { !$0.has(SecondaryControl.useTSCScaling) || $0[.tscMultiplier] != 0 },
    ]

    private static func eptPointer(
        _ id: String, _ text: String,
        holds: @escaping @Sendable (EPTPointer, borrowing EntryFacts) -> Bool
    ) -> EntryCheck {
        .init("controls.eptp.\(id)", text, [.eptPointer] + processorControls, section) { facts in
            !facts.has(SecondaryControl.enableEPT)
                || holds(EPTPointer(rawValue: facts[.eptPointer]), facts)
        }
    }

    private static func needsEPT(_ control: SecondaryControl, _ id: String) -> EntryCheck {
        .init(
            "controls.\(id)-needs-ept",
            "\"\(control.name)\" is 1 only if \"enable EPT\" is 1", processorControls, section
        ) { !$0.has(control) || $0.has(SecondaryControl.enableEPT) }
    }
}
