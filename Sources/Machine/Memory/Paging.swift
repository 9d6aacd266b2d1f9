import Architecture

/// Translation of linear addresses: the guest's own walk, then EPT, with the TLB before both.
/// SDM 3A, chapter "Paging"; SDM 3C, 29.3 "The Extended Page Table Mechanism (EPT)".
extension Machine {
    /// What a walk found.
    struct Translation {
        var physical: UInt64
        /// User-mode accesses are allowed by every level.
        var isUser = true
        var isWritable = true
        var isExecutable = true
        var isGlobal = false
        /// The leaf's dirty flag is set (or there is none).
        var isDirty = true
        /// What EPT allows for the final page.
        var ept = ~UInt64(0)
        /// Bits of the page that are the offset.
        var pageShift: UInt64 = 12
    }

    /// Physical address for a linear one.
    mutating func translate(
        _ linear: UInt64, _ access: MemoryAccess
    ) throws(Abort) -> UInt64 {
        if let cached = tlb.find(linear), cached.pointee.allowed & access.bit != 0 {
            // Fetching has its own window.
            if access.kind != .execute { refreshHostPointers(cached.pointee, linear) }
            return cached.pointee.physical | (linear & 0xFFF)
        }
        if remembersWalks, let known = tlb.walks.find(walkKey(linear), in: memory),
            known.pointee.allowed & access.bit != 0
        {
            tlb.insert(known.pointee, at: linear)
            if access.kind != .execute { refreshHostPointers(known.pointee, linear) }
            return known.pointee.physical | (linear & 0xFFF)
        }
        let entry = try translateByWalk(linear, access)
        tlb.insert(entry, at: linear)
        if access.kind != .execute { refreshHostPointers(entry, linear) }
        return entry.physical | (linear & 0xFFF)
    }

    @inline(never)
    private mutating func translateByWalk(
        _ linear: UInt64, _ access: MemoryAccess
    ) throws(Abort) -> TranslationCache.Entry {
        var steps = WalkMemo.Steps()
        var found = try walk(linear, access, &steps)
        found.physical &= state.physicalMask
        var entry = TranslationCache.Entry()
        entry.page = linear >> 12
        entry.physical = found.physical & ~0xFFF
        entry.allowed = allowed(by: found)
        entry.isGlobal = found.isGlobal
        entry.pageShift = UInt8(truncatingIfNeeded: found.pageShift)
        if remembersWalks {
            tlb.walks.keep(entry, walkKey(linear), steps, in: memory)
        }
        return entry
    }

    /// Where EPT takes part, VPIDs do as a rule, and translations stay.
    @inline(__always)
    private var remembersWalks: Bool { state.isPaging && !usesEPT && !state.isA20Masked }

    @inline(__always)
    private func walkKey(_ linear: UInt64) -> WalkMemo.Key {
        let startsAtPDPTE = !state.isLongMode && state.cr4.has(CR4Bit.pae)
        return WalkMemo.Key(
            page: linear >> 12,
            root: startsAtPDPTE ? state.pdptes[Int((linear >> 30) & 3)] : state.cr3,
            cr0: state.cr0, cr4: state.cr4, efer: state.efer, apicPage: state.msrs.apicPage)
    }

    /// Lets accesses that the translation allows go straight to host memory, where plain RAM
    /// answers. Writes to a page with decoded code never do: the code must be decoded anew.
    private mutating func refreshHostPointers(
        _ found: TranslationCache.Entry, _ linear: UInt64
    ) {
        var entry = found
        let canWrite =
            entry.allowed & 0b010_010 != 0 && !decoded.holdsCode(physicalPage: entry.physical)
        let page = linear & ~0xFFF | tlb.tag
        var isComplete = true
        func open(_ way: TranslationCache.Way, _ kind: MemoryAccess.Kind, isUser: Bool) {
            let isOpen = entry.allowed & MemoryAccess(kind: kind, isUser: isUser).bit != 0
            let value = isOpen ? page : TranslationCache.Entry.none
            if entry.ways[way.index] != value { isComplete = false }
            entry.ways[way.index] = value
        }
        open(.read(user: 0), .read, isUser: false)
        open(.read(user: 1), .read, isUser: true)
        if canWrite {
            open(.write(user: 0), .write, isUser: false)
            open(.write(user: 1), .write, isUser: true)
        }
        // Device registers are no memory of the host's.
        let isDevice =
            isDevicePage(entry.physical) || isAPICAccessPage(entry.physical)
        guard !isComplete, !isDevice else { return }
        let host: UnsafeRawPointer?
        if canWrite {
            let before = memory.generation
            host = memory.pageForWriting(entry.physical).map { UnsafeRawPointer($0) }
            if memory.generation != before { tlb.dropHostPointers() }
        } else {
            host = memory.pageForReading(entry.physical)
        }
        guard let host else { return }
        entry.host = UInt(bitPattern: host) &- UInt(truncatingIfNeeded: linear & ~0xFFF)
        tlb.insert(entry, at: linear)
    }

    /// Every access that the rights allow at this moment. SDM 3A, "Determination of Access Rights".
    private func allowed(by found: Translation) -> UInt8 {
        @inline(always)
        func bit(_ kind: MemoryAccess.Kind, isUser: Bool) -> UInt8 {
            let access = MemoryAccess(kind: kind, isUser: isUser)
            return permits(found, access) && (kind != .write || found.isDirty) ? access.bit : 0
        }
        var mask = bit(.execute, isUser: false) | bit(.execute, isUser: true)
        mask |= bit(.read, isUser: true) | bit(.write, isUser: true)
        // With SMAP a supervisor's data access to a user page depends on RFLAGS.AC and on who makes
        // it: such an entry is asked anew each time.
        let asksAnew = state.isPaging && state.cr4.has(CR4Bit.smap) && found.isUser
        if !asksAnew { mask |= bit(.read, isUser: false) | bit(.write, isUser: false) }
        return mask
    }

    /// Whether the guest's paging allows the access; EPT was asked in the walk and is asked again
    /// for kinds that the entry does not carry.
    @inline(always)
    private func permits(_ found: Translation, _ access: MemoryAccess) -> Bool {
        switch access.kind {
        case .read: guard found.ept.has(EPTEntryBit.read) else { return false }
        case .write: guard found.ept.has(EPTEntryBit.write) else { return false }
        case .execute: guard found.ept.has(executeBit(found)) else { return false }
        }
        guard state.isPaging else { return true }
        if access.isUser {
            guard found.isUser else { return false }
            switch access.kind {
            case .read: return true
            case .write: return found.isWritable
            case .execute: return found.isExecutable
            }
        }
        let smapForbids =
            state.cr4.has(CR4Bit.smap) && found.isUser
            && (access.isImplicit || !state.rflags.has(FlagBit.ac))
        switch access.kind {
        case .read: return !smapForbids
        case .write: return !smapForbids && (found.isWritable || !state.cr0.has(CR0Bit.wp))
        case .execute:
            return found.isExecutable && !(state.cr4.has(CR4Bit.smep) && found.isUser)
        }
    }

    /// The EPT permission that a fetch needs: with mode-based execute control it depends on the
    /// linear address's mode.
    @inline(always)
    private func executeBit(_ found: Translation) -> EPTEntryBit {
        let tellsModes =
            usesEPT
            && state.vmx.controls.secondary.has(SecondaryControl.modeBasedExecuteControl)
        return tellsModes && found.isUser ? .userExecute : .execute
    }

    // MARK: The guest's walk

    private mutating func walk(
        _ linear: UInt64, _ access: MemoryAccess, _ steps: inout WalkMemo.Steps
    ) throws(Abort) -> Translation {
        var found = Translation(physical: linear)
        if state.isPaging { found = try walkTables(linear, access, &steps) }
        let gpa = found.physical
        if usesEPT {
            let rights = LinearRights(
                isUser: found.isUser, isWritable: found.isWritable,
                isExecutable: found.isExecutable)
            let nested = try walkEPT(gpa, access.kind, .final(linear: linear, rights))
            found.physical = nested.physical
            found.ept = nested.rights
        }
        return found
    }

    /// One format of paging structures: how many levels, and how wide an entry is.
    private struct Format {
        let entrySize: Int
        let topLevel: Int
        let indexBits: UInt64
        static let legacy = Format(entrySize: 4, topLevel: 2, indexBits: 10)
        static let pae = Format(entrySize: 8, topLevel: 2, indexBits: 9)
        static let fourLevel = Format(entrySize: 8, topLevel: 4, indexBits: 9)
    }

    private mutating func walkTables(
        _ linear: UInt64, _ access: MemoryAccess, _ steps: inout WalkMemo.Steps
    ) throws(Abort) -> Translation {
        let format: Format
        var table: UInt64
        if state.isLongMode {
            format = .fourLevel
            table = state.cr3 & addressMask
        } else if state.cr4.has(CR4Bit.pae) {
            format = .pae
            let pdpte = state.pdptes[Int((linear >> 30) & 3)]
            guard pdpte & 1 == 1 else { return try pageFault(linear, access, present: false) }
            table = pdpte & addressMask
        } else {
            format = .legacy
            table = state.cr3 & 0xFFFF_F000
        }
        var found = Translation(physical: 0)
        var level = format.topLevel
        while true {
            let shift = 12 + UInt64(level - 1) * format.indexBits
            let index = (linear >> shift) & ((1 << format.indexBits) - 1)
            let address = table + index * UInt64(format.entrySize)
            let host = try tableAddress(address, linear)
            var entry = readPhysical(host, size: format.entrySize)
            guard entry & 1 == 1 else { return try pageFault(linear, access, present: false) }
            let isLeaf = level == 1 || (entry & 0x80 != 0 && mayBeLarge(level, format.entrySize))
            if entry & reservedBits(level, format.entrySize, isLeaf: isLeaf, entry) != 0 {
                return try pageFault(linear, access, present: true, reserved: true)
            }
            found.isWritable = found.isWritable && entry & 2 != 0
            found.isUser = found.isUser && entry & 4 != 0
            found.isExecutable =
                found.isExecutable
                && !(format.entrySize == 8 && entry >> 63 == 1 && state.efer.has(EFERBit.nxe))
            if !isLeaf {
                if entry & 0x20 == 0 {
                    try setFlags(0x20, in: &entry, at: address, linear, format.entrySize)
                }
                steps.append(address)
                table = entry & (format.entrySize == 8 ? addressMask : 0xFFFF_F000)
                level -= 1
                continue
            }
            found.pageShift = shift
            found.isGlobal = entry & 0x100 != 0 && state.cr4.has(CR4Bit.pge)
            found.physical = leafAddress(entry, shift, format.entrySize, linear)
            guard permits(found, access) else {
                return try pageFault(linear, access, present: true)
            }
            let wanted: UInt64 = access.kind == .write ? 0x60 : 0x20
            if entry & wanted != wanted {
                try setFlags(wanted, in: &entry, at: address, linear, format.entrySize)
            }
            steps.append(address)
            found.isDirty = entry & 0x40 != 0
            return found
        }
    }

    /// Whether PS (bit 7) makes an entry of this level map a page.
    private func mayBeLarge(_ level: Int, _ entrySize: Int) -> Bool {
        if entrySize == 4 { return level == 2 && state.cr4.has(CR4Bit.pse) }
        return level == 2 || (level == 3 && processor.has(.pages1GiB))
    }

    private func leafAddress(
        _ entry: UInt64, _ shift: UInt64, _ entrySize: Int, _ linear: UInt64
    ) -> UInt64 {
        let offset = linear & ((1 << shift) - 1)
        if entrySize == 4, shift == 22 {
            // PSE-36: bits 20:13 are address bits 39:32.
            return (entry & 0xFFC0_0000) | ((entry >> 13) & 0xFF) << 32 | offset
        }
        let mask = entrySize == 8 ? addressMask : 0xFFFF_F000
        return (entry & mask & ~((1 << shift) - 1)) | offset
    }

    /// Address bits of a paging-structure entry on this processor, 12 up to MAXPHYADDR.
    var addressMask: UInt64 {
        ((1 << UInt64(processor.physicalAddressWidth)) - 1) & ~0xFFF
    }

    /// Bits that must be 0 in a present entry. SDM 3A, "Page-Fault Exceptions".
    private func reservedBits(
        _ level: Int, _ entrySize: Int, isLeaf: Bool, _ entry: UInt64
    ) -> UInt64 {
        if entrySize == 4 { return isLeaf && level == 2 ? reservedBitsOf4MByteEntry : 0 }
        var reserved = ~addressMask & 0x000F_FFFF_FFFF_F000
        // PAE paging has no ignored high bits below XD.
        if !state.isLongMode { reserved |= 0x7FF0_0000_0000_0000 }
        if !state.efer.has(EFERBit.nxe) { reserved |= 1 << 63 }
        if isLeaf, level > 1 {
            reserved |= ((1 << (12 + UInt64(level - 1) * 9)) - 1) & ~0x1FFF
        }
        if !isLeaf, level >= 3 { reserved |= 0x80 }
        return reserved
    }

    /// Bits 21:(M - 19), with M the width of a 4-MByte page's physical address: at most 40 bits by
    /// PSE-36, 32 without it. SDM 3A, "32-Bit Paging".
    private var reservedBitsOf4MByteEntry: UInt64 {
        let width = processor.has(.pse36) ? min(40, processor.physicalAddressWidth) : 32
        return 1 << 22 - 1 << UInt64(width - 19)
    }

    private mutating func setFlags(
        _ flags: UInt64, in entry: inout UInt64, at address: UInt64, _ linear: UInt64, _ size: Int
    ) throws(Abort) {
        entry |= flags
        var host = address
        if usesEPT { host = try walkEPT(address, .write, .table(linear: linear)).physical }
        writePhysical(host, entry, size: size)
    }

    /// Where a paging-structure entry is in host-physical memory.
    private mutating func tableAddress(_ address: UInt64, _ linear: UInt64) throws(Abort) -> UInt64
    {
        guard usesEPT else { return address }
        let host = try walkEPT(address, .read, .table(linear: linear)).physical
        if isAPICAccessPage(host) { try walkThroughAPICAccessPage(host) }
        return host
    }

    /// SDM 3A, "Page-Fault Exceptions": the error code, and the address for CR2.
    private mutating func pageFault<T>(
        _ linear: UInt64, _ access: MemoryAccess, present: Bool, reserved: Bool = false
    ) throws(Abort) -> T {
        var code: UInt32 = present ? 1 : 0
        if access.kind == .write { code |= 2 }
        if access.isUser { code |= 4 }
        if reserved { code |= 8 }
        let tellsFetch =
            state.cr4.has(CR4Bit.smep)
            || (state.cr4.has(CR4Bit.pae) && state.efer.has(EFERBit.nxe))
        if access.kind == .execute, tellsFetch { code |= 16 }
        pendingException = PendingException(
            vector: ExceptionVector.pageFault.rawValue, errorCode: code)
        pendingException.detail = linear
        throw .exception
    }

    /// Loads the four PDPTEs that PAE paging keeps in registers; #GP where a reserved bit is set.
    /// SDM 3A, "PDPTE Registers".
    mutating func loadPDPTEs(_ cr3: UInt64) throws(Abort) {
        let base = cr3 & 0xFFFF_FFE0
        var loaded = InlineArray<4, UInt64>(repeating: 0)
        for index in 0..<4 {
            var address = base + UInt64(index) * 8
            if usesEPT { address = try walkEPT(address, .read, .pdpte).physical }
            loaded[index] = readPhysical(address, size: 8)
            if reservedBits(inPDPTE: loaded[index]) != 0 { throw fault(.generalProtection, 0) }
        }
        state.pdptes = loaded
    }

    /// The bits of a PDPTE that are 1 and reserved: none where it is not present.
    func reservedBits(inPDPTE entry: UInt64) -> UInt64 {
        entry & 1 == 1 ? entry & (~addressMask & 0xFFFF_FFFF_FFFF_F000 | 0x1E6) : 0
    }
}
