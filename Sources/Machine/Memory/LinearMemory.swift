import Architecture

/// Memory as code sees it: linear addresses, after segmentation.
extension Machine {
    /// The current code's explicit access.
    @inline(always) func access(_ kind: MemoryAccess.Kind) -> MemoryAccess {
        MemoryAccess(kind: kind, isUser: state.cpl == 3)
    }

    @inline(always)
    mutating func read(linear: UInt64, size: Int) throws(Abort) -> UInt64 {
        if let host = tlb.host(linear, size: size, .read(user: state.userBit)) {
            return UnsafeRawPointer(host).loadLittleEndian(0, size: size)
        }
        return try readSlowly(linear, size, access(.read))
    }

    @inline(always)
    mutating func write(linear: UInt64, _ value: UInt64, size: Int) throws(Abort) {
        if let host = tlb.host(linear, size: size, .write(user: state.userBit)) {
            host.storeLittleEndian(0, value, size: size)
            return
        }
        try writeSlowly(linear, value, size, access(.write))
    }

    /// Any access, any size from 1 to 8; the parts of one that crosses a page are translated one by
    /// one, the first page first.
    @inline(never)
    mutating func readSlowly(
        _ linear: UInt64, _ size: Int, _ access: MemoryAccess
    ) throws(Abort) -> UInt64 {
        if tlb.isClosed { try watch(linear, size, access) }
        let inFirst = 4096 - Int(linear & 0xFFF)
        let first = try translate(linear, access)
        if size <= inFirst { return try readTranslated(first, size) }
        let second = try translate(wrapped(linear &+ UInt64(inFirst)), access)
        return try readTranslated(first, inFirst)
            | readTranslated(second, size - inFirst) << UInt64(8 * inFirst)
    }

    /// What lies behind a translation: memory, or the APIC-access page.
    private mutating func readTranslated(_ physical: UInt64, _ size: Int) throws(Abort) -> UInt64 {
        guard isAPICAccessPage(physical) else { return readPhysical(physical, size: size) }
        return try readAPICAccessPage(physical, size: size)
    }

    /// Nothing is written before every page of the access has been translated.
    @inline(never)
    mutating func writeSlowly(
        _ linear: UInt64, _ value: UInt64, _ size: Int, _ access: MemoryAccess
    ) throws(Abort) {
        if tlb.isClosed { try watch(linear, size, access) }
        let inFirst = 4096 - Int(linear & 0xFFF)
        let first = try translate(linear, access)
        if size <= inFirst { return try writeTranslated(first, value, size) }
        let second = try translate(wrapped(linear &+ UInt64(inFirst)), access)
        if isAPICAccessPage(second) { try probeAPICAccessPage(second, size: size - inFirst) }
        try writeTranslated(first, value, inFirst)
        try writeTranslated(second, value >> UInt64(8 * inFirst), size - inFirst)
    }

    private mutating func writeTranslated(
        _ physical: UInt64, _ value: UInt64, _ size: Int
    ) throws(Abort) {
        guard isAPICAccessPage(physical) else {
            return writePhysical(physical, value, size: size)
        }
        try writeAPICAccessPage(physical, value, size: size)
    }

    /// While data breakpoints are armed or alignment is checked, every access comes this way.
    private mutating func watch(
        _ linear: UInt64, _ size: Int, _ access: MemoryAccess
    ) throws(Abort) {
        guard !access.isImplicit else { return }
        if access.isUser, access.checksAlignment { try checkAlignment(linear, size) }
        if debugging.armed.watchesData { noteDataBreakpoints(linear, size, access.kind) }
    }

    /// Words, doublewords and quadwords at CPL 3 lie at multiples of their size, or #AC(0) follows,
    /// where CR0.AM and RFLAGS.AC ask for it. SDM 3A, "Interrupt 17: Alignment Check Exception
    /// (#AC)".
    mutating func checkAlignment(_ linear: UInt64, _ size: Int) throws(Abort) {
        guard checksAlignment, size == 2 || size == 4 || size == 8,
            linear & UInt64(size - 1) != 0
        else { return }
        throw fault(.alignmentCheck, 0)
    }

    private var checksAlignment: Bool {
        state.cpl == 3 && state.cr0.has(CR0Bit.am) && state.flags.control & FlagBit.ac.mask != 0
    }

    /// Whether accesses may go straight to host memory; asked whenever the code window was left.
    mutating func chooseWays() {
        tlb.isClosed = debugging.armed.watchesData || checksAlignment
    }

    /// Checks that a write would succeed, for instructions that read first and write later.
    mutating func probeWrite(_ linear: UInt64, size: Int) throws(Abort) {
        if tlb.isClosed { try checkAlignment(linear, size) }
        let physical = try translate(linear, access(.write))
        if isAPICAccessPage(physical) { try probeAPICAccessPage(physical, size: size) }
        // A fault of the second page is at its first byte, as for any access.
        let second = wrapped(linear &+ UInt64(size - 1)) & ~0xFFF
        if second != linear & ~0xFFF { _ = try translate(second, access(.write)) }
    }

    /// What an instruction reads that will write to the same place. The write is checked as well;
    /// on the APIC-access page the read comes first.
    @inline(never)
    mutating func readForUpdateSlowly(_ linear: UInt64, size: Int) throws(Abort) -> UInt64 {
        if tlb.isClosed { try checkAlignment(linear, size) }
        let physical = try translate(linear, access(.write))
        guard isAPICAccessPage(physical) else {
            try probeWrite(linear, size: size)
            return try read(linear: linear, size: size)
        }
        let value = try readAPICAccessPage(physical, size: size)
        try probeAPICAccessPage(physical, size: size)
        return value
    }

    /// Linear addresses have 32 bits outside 64-bit mode.
    @inline(always) func wrapped(_ linear: UInt64) -> UInt64 {
        state.isLongMode ? linear : linear & 0xFFFF_FFFF
    }

    // MARK: Physical memory

    /// Whether a page's registers answer instead of memory: the local APIC's, which comes first
    /// where both stand, and the I/O APIC's.
    @inline(always) func isDevicePage(_ page: UInt64) -> Bool {
        page == state.msrs.apicPage || page == IOAPIC.page
    }

    public mutating func readPhysical(_ address: UInt64, size: Int) -> UInt64 {
        let place = address & state.physicalMask
        if isDevicePage(place & ~0xFFF) {
            return place & ~0xFFF == state.msrs.apicPage
                ? readAPICPage(place, size: size) : readIOAPIC(place, size: size)
        }
        return memory.read(place, size: size)
    }

    public mutating func writePhysical(_ address: UInt64, _ value: UInt64, size: Int) {
        let place = address & state.physicalMask
        if isDevicePage(place & ~0xFFF) {
            return place & ~0xFFF == state.msrs.apicPage
                ? writeAPICPage(place, value, size: size) : writeIOAPIC(place, value, size: size)
        }
        // The run of instructions that executes may be what changes.
        if decoded.forget(place, size: size) { needsAttention = true }
        let before = memory.generation
        memory.write(place, value, size: size)
        if memory.generation != before { tlb.dropHostPointers() }
    }
}
