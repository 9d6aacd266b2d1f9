import Architecture

// Rules that ladders of several instructions share.
extension Rule where Subject == InstructionExit {
    static let outside = InstructionRule(
        "instruction.not-non-root", "not in VMX non-root operation: no exit is possible",
        [.nonRoot],
        .introductionToVMXOperation
    ) { $0.nonRoot == 0 ? .proceed : nil }

    // MARK: Faults before any exit

    static let privilege = InstructionRule(
        "instruction.privilege", "above ring 0: #GP(0) before any exit", [.cpl],
        .relativePriorityOfFaultsAndExits
    ) { $0.cpl > 0 ? .fault(.generalProtection) : nil }

    /// MONITOR and MWAIT.
    static let userOpcode = InstructionRule(
        "instruction.user-opcode", "above ring 0: #UD before any exit", [.cpl],
        .relativePriorityOfFaultsAndExits
    ) { $0.cpl > 0 ? .fault(.invalidOpcode) : nil }

    /// Instructions on selectors.
    static let protectedMode = InstructionRule(
        "instruction.protected-mode", "real-address or virtual-8086 mode: #UD before any exit",
        [.protected, .virtual8086], .relativePriorityOfFaultsAndExits
    ) { $0.protected == 0 || $0.virtual8086 == 1 ? .fault(.invalidOpcode) : nil }

    /// All VMX instructions but VMCALL and VMFUNC.
    static let vmxMode = InstructionRule(
        "vmx.mode", "real-address, virtual-8086 or compatibility mode: #UD before any exit",
        [.protected, .virtual8086, .longMode, .codeIsLong], .relativePriorityOfFaultsAndExits
    ) { subject in
        let isCompatibility = subject.longMode == 1 && subject.codeIsLong == 0
        let isInvalid = subject.protected == 0 || subject.virtual8086 == 1 || isCompatibility
        return isInvalid ? .fault(.invalidOpcode) : nil
    }

    static let userModeInstructionPrevention = InstructionRule(
        "instruction.umip", "above ring 0 with CR4.UMIP set: #GP(0) before any exit", [.cpl, .cr4],
        .relativePriorityOfFaultsAndExits, bits: { _ in CR4Bit.umip.mask }
    ) { $0.cpl > 0 && $0.cr4.has(CR4Bit.umip) ? .fault(.generalProtection) : nil }

    static let timeStampDisable = InstructionRule(
        "rdtsc.time-stamp-disable", "above ring 0 with CR4.TSD set: #GP(0) before any exit",
        [.cpl, .cr4], .relativePriorityOfFaultsAndExits, bits: { _ in CR4Bit.tsd.mask }
    ) { $0.cpl > 0 && $0.cr4.has(CR4Bit.tsd) ? .fault(.generalProtection) : nil }

    static let counterEnable = InstructionRule(
        "rdpmc.counter-enable", "above ring 0 with CR4.PCE clear: #GP(0) before any exit",
        [.cpl, .cr4], .relativePriorityOfFaultsAndExits, bits: { _ in CR4Bit.pce.mask }
    ) { $0.cpl > 0 && !$0.cr4.has(CR4Bit.pce) ? .fault(.generalProtection) : nil }

    static let extendedState = InstructionRule(
        "instruction.osxsave", "CR4.OSXSAVE is 0: #UD before any exit", [.cr4],
        .relativePriorityOfFaultsAndExits, bits: { _ in CR4Bit.osxsave.mask }
    ) { $0.cr4.has(CR4Bit.osxsave) ? nil : .fault(.invalidOpcode) }

    static let saferMode = InstructionRule(
        "getsec.smxe", "CR4.SMXE is 0: #UD before any exit", [.cr4],
        .relativePriorityOfFaultsAndExits, bits: { _ in CR4Bit.smxe.mask }
    ) { $0.cr4.has(CR4Bit.smxe) ? nil : .fault(.invalidOpcode) }

    /// An instruction that non-root operation has only by a control.
    static func disabled(without control: SecondaryControl) -> InstructionRule {
        InstructionRule(
            "\(control.name.idPart).disabled",
            "in non-root operation with \(control.name) 0: #UD before anything else",
            [.nonRoot, .secondary], .changesToInstructionBehavior, bits: { _ in control.mask }
        ) { $0.nonRoot == 1 && !$0.secondary.has(control) ? .fault(.invalidOpcode) : nil }
    }

    // MARK: Exits

    static func always(_ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).always", "exits whatever the VMCS says", [],
            .instructionsThatCauseExitsUnconditionally
        ) { _ in .exit(reason) }
    }

    static func exiting(_ control: PrimaryControl, _ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).control", "\(control.name) is 1", [.primary],
            .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { $0.primary.has(control) ? .exit(reason) : nil }
    }

    static func exiting(_ control: SecondaryControl, _ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).control", "\(control.name) is 1", [.secondary],
            .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { $0.secondary.has(control) ? .exit(reason) : nil }
    }

    // MARK: No exit

    static func enabled(by control: SecondaryControl) -> InstructionRule {
        InstructionRule(
            "\(control.name.idPart).enabled", "\(control.name) is 1: the instruction is there",
            [.secondary], .changesToInstructionBehavior, bits: { _ in control.mask }
        ) { _ in .proceed }
    }

    static func notExiting(_ control: PrimaryControl) -> InstructionRule {
        InstructionRule(
            "\(control.name.idPart).clear", "\(control.name) is 0", [.primary],
            .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { _ in .proceed }
    }

    static func notExiting(_ control: SecondaryControl) -> InstructionRule {
        InstructionRule(
            "\(control.name.idPart).clear", "\(control.name) is 0", [.secondary],
            .instructionsThatCauseExitsConditionally, bits: { _ in control.mask }
        ) { _ in .proceed }
    }
}

extension String {
    /// A name as part of a stable id.
    var idPart: String {
        String(lowercased().map { $0 == " " || $0 == "/" ? "-" : $0 })
    }
}

// Rules of one instruction.
extension Rule where Subject == InstructionExit {
    // MARK: PAUSE

    static let pauseAboveRing0 = InstructionRule(
        "pause.above-ring-0", "above ring 0: PAUSE-loop exiting does not count", [.cpl],
        .instructionsThatCauseExitsConditionally
    ) { $0.cpl > 0 ? .proceed : nil }

    static let pauseLoopClear = InstructionRule(
        "pause-loop-exiting.clear", "PAUSE exiting and PAUSE-loop exiting are 0", [.secondary],
        .instructionsThatCauseExitsConditionally,
        bits: { _ in SecondaryControl.pauseLoopExiting.mask }
    ) { $0.secondary.has(SecondaryControl.pauseLoopExiting) ? nil : .proceed }

    static let pauseStartsLoop = InstructionRule(
        "pause.starts-loop",
        "the first PAUSE since VM entry, or more than PLE_Gap since the last: a loop starts here",
        [.isFirstPause, .sinceLastPause, .pleGap], .instructionsThatCauseExitsConditionally
    ) { $0.isFirstPause == 1 || $0.sinceLastPause > $0.pleGap ? .proceed : nil }

    static let pauseLoopTooLong = InstructionRule(
        "pause.loop-too-long", "more than PLE_Window since the first PAUSE of the loop",
        [.sinceFirstPause, .pleWindow], .instructionsThatCauseExitsConditionally
    ) { $0.sinceFirstPause > $0.pleWindow ? .exit(.pause) : nil }

    static let pauseLoopShort = InstructionRule(
        "pause.loop-short", "no more than PLE_Window since the first PAUSE of the loop",
        [.sinceFirstPause, .pleWindow], .instructionsThatCauseExitsConditionally
    ) { _ in .proceed }

    // MARK: XSAVES and XRSTORS

    static func watchedState(_ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).bitmap",
            "EDX:EAX, IA32_XSS and the XSS-exiting bitmap have a bit in common",
            [.requestedComponents, .supervisorComponents, .xssBitmap],
            .instructionsThatCauseExitsConditionally, bits: \.watchedComponents
        ) { $0.watchedComponents != 0 ? .exit(reason) : nil }
    }

    static let unwatchedState = InstructionRule(
        "xss-exiting-bitmap.clear",
        "EDX:EAX, IA32_XSS and the XSS-exiting bitmap have no bit in common",
        [.requestedComponents, .supervisorComponents, .xssBitmap],
        .instructionsThatCauseExitsConditionally
    ) { _ in .proceed }

    // MARK: VMREAD and VMWRITE

    static func notShadowing(_ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).no-shadowing", "VMCS shadowing is 0", [.secondary],
            .instructionsThatCauseExitsConditionally,
            bits: { _ in SecondaryControl.vmcsShadowing.mask }
        ) { $0.secondary.has(SecondaryControl.vmcsShadowing) ? nil : .exit(reason) }
    }

    static func beyondBitmap(_ reason: ExitReason) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).beyond-bitmap",
            "the operand that names the field sets a bit above bit 14", [.encoding],
            .instructionsThatCauseExitsConditionally,
            bits: { $0.encoding & ~(InstructionExit.bitmapEncodings - 1) }
        ) { $0.encoding >= InstructionExit.bitmapEncodings ? .exit(reason) : nil }
    }

    static func inBitmap(_ reason: ExitReason, _ bit: InstructionInput) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).bitmap", "the field's bit in the bitmap is 1", [bit],
            .vmcsShadowingBitmapAddresses
        ) { $0.bitmapBit == 1 ? .exit(reason) : nil }
    }

    static func notInBitmap(_ reason: ExitReason, _ bit: InstructionInput) -> InstructionRule {
        InstructionRule(
            "\(reason.name.lowercased()).shadowed",
            "the field's bit in the bitmap is 0: the shadow VMCS is accessed", [bit],
            .vmcsShadowingBitmapAddresses
        ) { _ in .proceed }
    }

    // MARK: VMFUNC

    static let functionOutside = InstructionRule(
        "vmfunc.not-non-root", "not in VMX non-root operation: #UD", [.nonRoot],
        .generalOperationOfVMFUNC
    ) { $0.nonRoot == 0 ? .fault(.invalidOpcode) : nil }

    static let functionNumber = InstructionRule(
        "vmfunc.number", "EAX is above 63: #UD before any exit", [.function],
        .generalOperationOfVMFUNC
    ) { $0.function >= InstructionExit.vmFunctions ? .fault(.invalidOpcode) : nil }

    static let functionDisabled = InstructionRule(
        "vmfunc.not-enabled", "the function's bit in the VM-function controls is 0",
        [.function, .functionControls], .generalOperationOfVMFUNC,
        bits: { 1 &<< ($0.function & 63) }
    ) { $0.functionControls >> ($0.function & 63) & 1 == 0 ? .exit(.vmfunc) : nil }

    static let eptpIndexBeyond = InstructionRule(
        "vmfunc.eptp-index", "ECX is above 511: the EPTP list has no such entry", [.eptpIndex],
        .eptpSwitching
    ) { $0.eptpIndex >= InstructionExit.eptpListEntries ? .exit(.vmfunc) : nil }

    static let eptpInvalid = InstructionRule(
        "vmfunc.eptp-invalid", "VM entry would not accept the EPTP of the list", [.isEPTPValid],
        .eptpSwitching
    ) { $0.isEPTPValid == 0 ? .exit(.vmfunc) : nil }

    static let eptpSwitched = InstructionRule(
        "vmfunc.switches", "VM entry would accept the EPTP of the list: it is used from now on",
        [.isEPTPValid], .eptpSwitching
    ) { _ in .proceed }
}
