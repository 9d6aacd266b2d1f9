import Architecture

/// What EPT allows. SDM 3C, 29.3.2 "EPT Translation Mechanism".
struct EPTRights: OptionSet, Sendable {
    let rawValue: UInt8
    static let read = EPTRights(rawValue: 1)
    static let write = EPTRights(rawValue: 2)
    static let execute = EPTRights(rawValue: 4)
    static let all: EPTRights = [.read, .write, .execute]
}

/// What a guest-physical access is for: bits 7 and 8 of an EPT violation's qualification tell.
enum EPTPurpose {
    /// The translation of a linear address ends here.
    case final(linear: UInt64)
    /// A paging-structure entry on the way.
    case table(linear: UInt64)
    /// MOV to CR3 that loads PDPTEs: no linear address.
    case pdpte
}

extension Machine {
    var usesEPT: Bool {
        state.vmx.mode == .nonRoot && state.vmx.controls.secondary.has(SecondaryControl.enableEPT)
    }

    /// Guest-physical to host-physical. Sets up the exit and throws where EPT does not allow it.
    mutating func walkEPT(
        _ gpa: UInt64, _ kind: MemoryAccess.Kind, _ purpose: EPTPurpose
    ) throws(Abort) -> (physical: UInt64, rights: EPTRights) {
        var table = state.vmx.controls.eptPointer & addressMask
        let usesFlags = state.vmx.controls.eptPointer & 0x40 != 0
        // With accessed and dirty flags, the guest's own table accesses count as writes.
        var wanted: EPTRights = [[.read], [.write], [.execute]][Int(kind.rawValue)]
        if usesFlags, case .table = purpose { wanted.insert(.write) }
        guard gpa >> 48 == 0 else { throw eptViolation(gpa, wanted, [], purpose) }
        var rights = EPTRights.all
        var visited = InlineArray<5, UInt64>(repeating: 0)
        var level = 4
        while true {
            let shift = 12 + UInt64(level - 1) * 9
            let address = table + ((gpa >> shift) & 511) * 8
            let entry = readPhysical(address, size: 8)
            guard entry & 7 != 0 else { throw eptViolation(gpa, wanted, [], purpose) }
            let isLeaf = level == 1 || (entry & 0x80 != 0 && level <= 3)
            if isMisconfigured(entry, level: level, isLeaf: isLeaf) {
                throw eptMisconfiguration(gpa)
            }
            rights.formIntersection(EPTRights(rawValue: UInt8(entry & 7)))
            visited[level] = address
            guard isLeaf else {
                table = entry & addressMask
                level -= 1
                continue
            }
            guard rights.isSuperset(of: wanted) else {
                throw eptViolation(gpa, wanted, rights, purpose)
            }
            if usesFlags {
                setEPTFlags(visited, leaf: level, dirty: wanted.contains(.write))
                // A later write has to come back here to set the dirty flag.
                if !wanted.contains(.write), entry & 0x200 == 0 { rights.remove(.write) }
            }
            let offset = (UInt64(1) << shift) - 1
            return ((entry & addressMask & ~offset) | (gpa & offset), rights)
        }
    }

    /// SDM 3C, 29.3.5 "Accessed and Dirty Flags for EPT".
    private mutating func setEPTFlags(
        _ visited: InlineArray<5, UInt64>, leaf: Int, dirty: Bool
    ) {
        for level in leaf...4 {
            let entry = readPhysical(visited[level], size: 8)
            let flags: UInt64 = level == leaf && dirty ? 0x300 : 0x100
            if entry & flags != flags { writePhysical(visited[level], entry | flags, size: 8) }
        }
    }

    /// SDM 3C, 29.3.3.1 "EPT Misconfigurations".
    private func isMisconfigured(_ entry: UInt64, level: Int, isLeaf: Bool) -> Bool {
        let permissions = entry & 7
        if permissions & 3 == 2 { return true }
        if permissions == 4, !eptHas(.executeOnly) { return true }
        let high = ~addressMask & 0x000F_FFFF_FFFF_F000
        if entry & high != 0 { return true }
        if !isLeaf {
            // Bits 7:3 are reserved in an entry that refers to a table; in a PML4E bit 7 too.
            return entry & 0xF8 != 0
        }
        if level == 3, !eptHas(.pages1GiB) { return true }
        if level > 1 {
            let offset = (UInt64(1) << (12 + UInt64(level - 1) * 9)) - 1
            if entry & offset & ~0xFFF != 0 { return true }
        }
        let memoryType = (entry >> 3) & 7
        return memoryType == 2 || memoryType == 3 || memoryType == 7
    }

    private func eptHas(_ capability: EPTVPIDBit) -> Bool {
        processor.vmx?.eptVPID.has(capability) ?? false
    }

    private mutating func eptViolation(
        _ gpa: UInt64, _ wanted: EPTRights, _ rights: EPTRights, _ purpose: EPTPurpose
    ) -> Abort {
        var exit = ExitInformation(.eptViolation)
        var qualification = UInt64(wanted.rawValue) | UInt64(rights.rawValue) << 3
        switch purpose {
        case .final(let linear):
            qualification |= 0x180
            exit.guestLinear = linear
        case .table(let linear):
            qualification |= 0x80
            exit.guestLinear = linear
        case .pdpte: break
        }
        exit.qualification = qualification
        exit.guestPhysical = gpa
        pendingExit = exit
        return .exit
    }

    private mutating func eptMisconfiguration(_ gpa: UInt64) -> Abort {
        var exit = ExitInformation(.eptMisconfiguration)
        exit.guestPhysical = gpa
        pendingExit = exit
        return .exit
    }
}
