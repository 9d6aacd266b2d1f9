import Architecture

/// What a guest-physical access is for: bits 7 and 8 of an EPT violation's qualification tell.
enum EPTPurpose {
    /// The translation of a linear address ends here.
    case final(linear: UInt64, LinearRights)
    /// A paging-structure entry on the way.
    case table(linear: UInt64)
    /// MOV to CR that loads PDPTEs: no linear address.
    case pdpte
}

/// What the guest's own tables say of a linear address. Without paging everything is allowed.
struct LinearRights {
    var isUser = true
    var isWritable = true
    var isExecutable = true
}

/// Translation of guest-physical addresses. SDM 3C, 29.3 "The Extended Page Table Mechanism (EPT)".
extension Machine {
    var usesEPT: Bool {
        state.vmx.mode == .nonRoot && state.vmx.controls.secondary.has(SecondaryControl.enableEPT)
    }

    /// Where a walk ended.
    private struct EPTWalk {
        /// Addresses of the entries, by level.
        var visited = InlineArray<5, UInt64>(repeating: 0)
        var level = 4
        var entry: UInt64 = 0
        var rights: UInt64 = 0
        var isLeaf = false
    }

    /// Guest-physical to host-physical, with what EPT allows: bits as in an entry. Sets up the exit
    /// or the exception and throws where EPT does not allow the access.
    mutating func walkEPT(
        _ gpa: UInt64, _ kind: MemoryAccess.Kind, _ purpose: EPTPurpose
    ) throws(Abort) -> (physical: UInt64, rights: UInt64) {
        let pointer = EPTPointer(rawValue: state.vmx.controls.eptPointer)
        var access = EPTAccess()
        access.wanted = wantedRights(kind, purpose, pointer)
        access.secondary = state.vmx.controls.secondary
        access.capabilities = processor.vmx?.eptVPID ?? 0
        access.beyondWidth = ~addressMask & 0x000F_FFFF_FFFF_F000
        let walk = walkEPTEntries(gpa, pointer, &access)
        let isAllowed = walk.isLeaf && access.wanted & ~walk.rights == 0
        var flags: (accessed: Bool, dirty: Bool) = (false, false)
        if pointer.accessedAndDirty, isAllowed {
            flags = missingFlags(walk, isWrite: access.wanted.has(EPTEntryBit.write))
            access.setsFlags = flags.accessed || flags.dirty ? 1 : 0
            if access.setsFlags == 1, access.secondary.has(SecondaryControl.enablePML) {
                access.pmlIndex = vmcs(.pmlIndex)
            }
        }
        if !isAllowed { fillViolation(&access) }
        let verdict = ladders.ept.access.evaluate(access)
        if verdict != .proceed { try endAccess(verdict, access, gpa, purpose) }
        if flags.accessed || flags.dirty { setFlags(walk, flags.dirty) }
        if flags.dirty, access.secondary.has(SecondaryControl.enablePML) {
            logModification(gpa, access.pmlIndex)
        }
        return finishWalk(walk, gpa, pointer, access)
    }

    /// With accessed and dirty flags, accesses to the guest's paging structures count as writes
    /// too, but for loads of the PDPTE registers. SDM 3C, 29.3.5. Without, setting a flag of the
    /// guest's own is one access that reads and writes.
    private func wantedRights(
        _ kind: MemoryAccess.Kind, _ purpose: EPTPurpose, _ pointer: EPTPointer
    ) -> UInt64 {
        let readWrite = EPTEntryBit.read.mask | EPTEntryBit.write.mask
        switch kind {
        case .write:
            if case .table = purpose { return readWrite }
            return EPTEntryBit.write.mask
        case .execute:
            let tellsModes = state.vmx.controls.secondary.has(
                SecondaryControl.modeBasedExecuteControl)
            if case .final(_, let linear) = purpose, tellsModes, linear.isUser {
                return EPTEntryBit.userExecute.mask
            }
            return EPTEntryBit.execute.mask
        case .read:
            if case .table = purpose, pointer.accessedAndDirty { return readWrite }
            return EPTEntryBit.read.mask
        }
    }

    /// Down to the entry that maps the page, or to one that ends the walk.
    private mutating func walkEPTEntries(
        _ gpa: UInt64, _ pointer: EPTPointer, _ access: inout EPTAccess
    ) -> EPTWalk {
        var walk = EPTWalk()
        let permitting = EPTAccess.readWriteExecute | EPTEntryBit.userExecute.mask
        // Four levels translate 48 bits; what is above has no entry.
        guard gpa >> 48 == 0 else { return walk }
        var table = pointer.address & addressMask
        var rights = permitting
        while true {
            let shift = UInt64(12 + (walk.level - 1) * 9)
            let address = table &+ (gpa >> shift & 511) * 8
            let entry = readPhysical(address, size: 8)
            walk.visited[walk.level] = address
            walk.entry = entry
            access.entry = entry
            access.level = UInt64(walk.level)
            rights &= entry
            let isPresent = access.permissions != 0
            walk.isLeaf = isPresent && access.isLeaf
            guard isPresent, !walk.isLeaf, access.reservedBits == 0,
                entry.has(EPTEntryBit.read) || !entry.has(EPTEntryBit.write)
            else { break }
            table = entry & addressMask
            walk.level -= 1
        }
        walk.rights = access.permissions == 0 ? 0 : rights
        access.rights = walk.rights
        return walk
    }

    private mutating func finishWalk(
        _ walk: EPTWalk, _ gpa: UInt64, _ pointer: EPTPointer, _ access: EPTAccess
    ) -> (physical: UInt64, rights: UInt64) {
        let offset = (UInt64(1) << UInt64(12 + (walk.level - 1) * 9)) - 1
        var rights = walk.rights
        // A later write has to come back here to set the dirty flag.
        let isDirty =
            walk.entry.has(EPTEntryBit.dirty) || access.wanted.has(EPTEntryBit.write)
        if pointer.accessedAndDirty, !isDirty { rights &= ~EPTEntryBit.write.mask }
        return (walk.entry & addressMask & ~offset | gpa & offset, rights)
    }

    // MARK: Accessed and dirty flags

    /// SDM 3C, 29.3.5 "Accessed and Dirty Flags for EPT".
    private mutating func missingFlags(
        _ walk: EPTWalk, isWrite: Bool
    ) -> (accessed: Bool, dirty: Bool) {
        var accessed = false
        for level in walk.level...4 {
            let entry = readPhysical(walk.visited[level], size: 8)
            if !entry.has(EPTEntryBit.accessed) { accessed = true }
        }
        return (accessed, isWrite && !walk.entry.has(EPTEntryBit.dirty))
    }

    private mutating func setFlags(_ walk: EPTWalk, _ dirty: Bool) {
        for level in walk.level...4 {
            let entry = readPhysical(walk.visited[level], size: 8)
            var flags = EPTEntryBit.accessed.mask
            if level == walk.level, dirty { flags |= EPTEntryBit.dirty.mask }
            if entry & flags != flags { writePhysical(walk.visited[level], entry | flags, size: 8) }
        }
    }

    /// SDM 3C, 29.3.6 "Page-Modification Logging".
    private mutating func logModification(_ gpa: UInt64, _ index: UInt64) {
        writePhysical(vmcs(.pmlAddress) &+ index &* 8, gpa & ~0xFFF, size: 8)
        setVMCS(.pmlIndex, index &- 1)
    }

    // MARK: Exits and virtualization exceptions

    /// The facts that only a violation asks for.
    private mutating func fillViolation(_ access: inout EPTAccess) {
        guard access.secondary.has(SecondaryControl.eptViolationVE) else { return }
        access.protected = state.isProtected ? 1 : 0
        access.delivering = delivering == nil ? 0 : 1
        let area = vmcs(.virtualizationExceptionInformationAddress)
        access.busy = readPhysical(area &+ VirtualizationExceptionArea.busy, size: 4)
    }

    /// Tells the decision, and throws what it comes to.
    private mutating func endAccess(
        _ verdict: Verdict, _ access: EPTAccess, _ gpa: UInt64, _ purpose: EPTPurpose
    ) throws(Abort) {
        var access = access
        access.guestPhysical = gpa
        tell(.decision(.ept(access)))
        switch verdict {
        case .exit(let reason):
            var exit = ExitInformation(reason)
            if reason == .eptViolation {
                exit.qualification = violationQualification(access, purpose)
                exit.guestLinear = linearAddress(purpose)
                if recordsNMIUnblocking() {
                    exit.qualification |= EPTViolationBit.nmiUnblocking.mask
                }
                if case .final(let linear, _) = purpose { forgetTranslation(linear) }
            }
            if reason == .pmlFull {
                // The one bit that is told, by the same number.
                exit.qualification = recordsNMIUnblocking() ? EPTViolationBit.nmiUnblocking.mask : 0
            } else {
                exit.guestPhysical = gpa
            }
            pendingExit = exit
            throw .exit
        case .fault(let vector):
            writeVirtualizationException(access, gpa, purpose)
            throw fault(vector)
        case .proceed, .ignored, .virtualized, .interrupt, .fail, .abort: return
        }
    }

    private func linearAddress(_ purpose: EPTPurpose) -> UInt64? {
        switch purpose {
        case .final(let linear, _), .table(let linear): linear
        case .pdpte: nil
        }
    }

    /// SDM 3C, 28.2.1, the table "Exit Qualification for EPT Violations".
    private func violationQualification(_ access: EPTAccess, _ purpose: EPTPurpose) -> UInt64 {
        let fetches = EPTEntryBit.execute.mask | EPTEntryBit.userExecute.mask
        var bits = access.wanted & (EPTEntryBit.read.mask | EPTEntryBit.write.mask)
        if access.wanted & fetches != 0 { bits |= EPTViolationBit.fetch.mask }
        bits |= (access.rights & EPTAccess.readWriteExecute) << 3
        if access.controlsUserExecution, access.rights.has(EPTEntryBit.userExecute) {
            bits |= EPTViolationBit.userExecutable.mask
        }
        switch purpose {
        case .pdpte: return bits
        case .table: return bits | EPTViolationBit.linearAddressValid.mask
        case .final(_, let linear):
            bits |= EPTViolationBit.linearAddressValid.mask
            bits |= EPTViolationBit.translationOfLinearAddress.mask
            guard access.capabilities.has(EPTVPIDBit.advancedExitInformation) else { return bits }
            if linear.isUser { bits |= EPTViolationBit.userModeLinearAddress.mask }
            if linear.isWritable { bits |= EPTViolationBit.writableLinearAddress.mask }
            if !linear.isExecutable { bits |= EPTViolationBit.executeDisabledLinearAddress.mask }
            return bits
        }
    }

    /// SDM 3C, 26.5.7.2 "Virtualization-Exception Information".
    private mutating func writeVirtualizationException(
        _ access: EPTAccess, _ gpa: UInt64, _ purpose: EPTPurpose
    ) {
        typealias Area = VirtualizationExceptionArea
        let area = vmcs(.virtualizationExceptionInformationAddress)
        writePhysical(area &+ Area.reason, UInt64(ExitReason.eptViolation.rawValue), size: 4)
        writePhysical(area &+ Area.busy, 0xFFFF_FFFF, size: 4)
        writePhysical(
            area &+ Area.qualification, violationQualification(access, purpose), size: 8)
        writePhysical(area &+ Area.guestLinear, linearAddress(purpose) ?? 0, size: 8)
        writePhysical(area &+ Area.guestPhysical, gpa, size: 8)
        writePhysical(area &+ Area.eptpIndex, vmcs(.eptpIndex), size: 2)
    }
}

/// Offsets in the virtualization-exception information area.
/// SDM 3C, 26.5.7.2 "Virtualization-Exception Information".
private enum VirtualizationExceptionArea {
    static let reason: UInt64 = 0
    /// Not 0: no further virtualization exception.
    static let busy: UInt64 = 4
    static let qualification: UInt64 = 8
    static let guestLinear: UInt64 = 16
    static let guestPhysical: UInt64 = 24
    static let eptpIndex: UInt64 = 32
}
