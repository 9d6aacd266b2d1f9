import InstructionSet

/// The page that code runs in, with all that fetching from it asks: worked out once, and good until
/// something happens that could change it. See ``Machine/leaveCodeWindow()``.
struct CodeWindow {
    /// RIP of the page's first byte. Where CS begins inside of the page this lies below 0, and wraps.
    var firstRIP: UInt64 = 0
    /// Bytes of the page, from its first on, that lie within the limit of CS; none once the window
    /// was left.
    var span: UInt64 = 0
    /// The same for who goes by offsets in the page alone: none where RIPs wrap in it.
    var plainSpan: UInt64 = 0
    /// Bits of RIP.
    var ripMask: UInt64 = ~0
    /// The page's key in the decode cache.
    var key: UInt64 = 0

    /// RIP of a byte in the page, or of the first behind it.
    @inline(always) func rip(_ offset: UInt64) -> UInt64 { (firstRIP &+ offset) & ripMask }

    /// What it rests on besides translations: if it is the same when the machine goes on as when it
    /// came to a stand, nobody has changed anything in between.
    struct Grounds: Sendable, Equatable {
        let cs: Segment
        let cpl: UInt8
        let cr0: UInt64
        let cr3: UInt64
        let cr4: UInt64
        let efer: UInt64
        /// IOPL, AC and VM among them.
        let flags: UInt64
        let dr7: UInt64
        let vmx: VMXMode
        let eptPointer: UInt64
    }
}

extension Machine {
    /// The next instruction is fetched with every check.
    ///
    /// Called by all that can change CS, CPL, the mode or a translation: whatever is not a plain
    /// instruction, deliveries, and the start of a run.
    @inline(always)
    mutating func leaveCodeWindow() {
        window.span = 0
        window.plainSpan = 0
    }

    private var windowGroundsNow: CodeWindow.Grounds {
        CodeWindow.Grounds(
            cs: state.cs, cpl: state.cpl, cr0: state.cr0, cr3: state.cr3, cr4: state.cr4,
            efer: state.efer, flags: state.flags.control, dr7: state.dr7, vmx: state.vmx.mode,
            eptPointer: state.vmx.controls.eptPointer)
    }

    /// At the start of a run. The window stays if nothing was changed meanwhile: else a run with
    /// pauses would ask for translations that a run without them does not ask for, and a guest that
    /// leaves stale ones would notice.
    mutating func returnToCodeWindow() {
        if windowGrounds != windowGroundsNow { selectTranslations() }
    }

    /// At the end of a run.
    mutating func noteWindowGrounds() { windowGrounds = windowGroundsNow }

    /// The instruction at CS:RIP, decoded before or now; others may follow it in the cache.
    @inline(always)
    mutating func fetch() throws(Abort) -> DecodedInstruction {
        let offset = state.rip &- window.firstRIP
        if offset < window.span, let found = decoded.find(window.key | offset),
            found.lastOfRun < window.span
        {
            return found
        }
        return try fetchSlowly()
    }

    /// The instruction at CS:RIP, where the given one has jumped to.
    @inline(always)
    mutating func fetch(
        targetOf jump: DecodedInstruction
    ) throws(Abort) -> DecodedInstruction {
        let offset = state.rip &- window.firstRIP
        if offset < window.span, let found = decoded.find(window.key | offset, from: jump),
            found.lastOfRun < window.span
        {
            return found
        }
        return try fetchSlowly()
    }

    @inline(never)
    private mutating func fetchSlowly() throws(Abort) -> DecodedInstruction {
        if !breakpoints.isEmpty { try stopAtBreakpoint() }
        if let known = physicalInWindow() { return try decode(known.linear, known.physical) }
        leaveCodeWindow()
        chooseWays()
        let size = state.codeSize
        let linear = linearRIP
        if size == .bits64, !isCanonical(linear) { throw fault(.generalProtection, 0) }
        let physical = try translateCode(linear, offset: 0)
        openCodeWindow(linear, physical, size)
        if !breakpoints.isEmpty {
            decoded.forget(page: physical, unlessSeenFrom: state.rip &- physical)
        }
        if let found = decoded.find(window.key | linear & 0xFFF), found.lastOfRun < window.span {
            return found
        }
        return try decode(linear, physical)
    }

    /// CS:RIP is within the limit, and this is where it lies.
    private mutating func openCodeWindow(_ linear: UInt64, _ physical: UInt64, _ size: CodeSize) {
        window.key = DecodeCache.key(physical & ~0xFFF, size)
        window.ripMask = size == .bits64 ? ~0 : 0xFFFF_FFFF
        window.firstRIP = state.rip &- (linear & 0xFFF)
        let inside = UInt64(state.cs.limit) &- window.firstRIP &+ 1
        window.span = size == .bits64 ? 4096 : min(inside, 4096)
        window.plainSpan = window.firstRIP <= state.rip ? window.span : 0
    }

    /// RIP as a linear address.
    var linearRIP: UInt64 { wrapped(state.is64Bit ? state.rip : state.cs.base &+ state.rip) }

    /// Where the instruction at CS:RIP is, if that is in the window. What has been decoded and what
    /// not is nothing that a guest may notice, so translations are not asked again.
    func physicalInWindow() -> (linear: UInt64, physical: UInt64)? {
        let offset = state.rip &- window.firstRIP
        guard offset < window.span else { return nil }
        return (linearRIP, DecodeCache.physicalPage(window.key) | offset)
    }

    private mutating func stopAtBreakpoint() throws(Abort) {
        guard breakpoints.stops(at: state.rip, steps: steps) else { return }
        pendingStop = .breakpoint
        throw .stop
    }

    /// Decodes the instruction at RIP, and those behind it as far as they make a run.
    private mutating func decode(
        _ linear: UInt64, _ physical: UInt64
    ) throws(Abort) -> DecodedInstruction {
        let size = state.codeSize
        var run: [Instruction] = []
        var offset = 0
        let inPage = 4096 - Int(linear & 0xFFF)
        while run.count < DecodeCache.longestRun, offset < inPage {
            let isBreakpoint = breakpoints.contains(state.rip &+ UInt64(offset))
            if isBreakpoint, offset > 0 { break }
            var bytes = InlineArray<16, UInt8>(repeating: 0)
            var count = 0
            while count < 15, offset + count < inPage, isInsideCode(offset: offset + count) {
                let address = physical &+ UInt64(offset + count)
                bytes[count] = UInt8(truncatingIfNeeded: readPhysical(address, size: 1))
                count += 1
            }
            guard case .success(let instruction) = decodeBytes(bytes, count, size) else { break }
            // What is not kept is asked for each time.
            if isBreakpoint { return decoded.keepOnce(instruction, at: linear, size) }
            run.append(instruction)
            offset += Int(instruction.length)
            if instruction.operation.endsRun { break }
        }
        guard !run.isEmpty else { return try decodeAlone(linear, physical, size) }
        if !decoded.holdsCode(physicalPage: physical) {
            tlb.dropWritePointers(physicalPage: physical & ~0xFFF)
        }
        return decoded.insert(run, at: physical, size, distance: state.rip &- physical)
    }

    /// An instruction that goes on in the next page, or is none.
    private mutating func decodeAlone(
        _ linear: UInt64, _ physical: UInt64, _ size: CodeSize
    ) throws(Abort) -> DecodedInstruction {
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        var count = 0
        var page = physical & ~0xFFF
        while count < 15, isInsideCode(offset: count) {
            let address = linear &+ UInt64(count)
            if count > 0, address & 0xFFF == 0 {
                // Only an instruction that needs the next page may fault for it.
                guard case .failure(.truncated) = decodeBytes(bytes, count, size) else { break }
                page = try translateCode(linear, offset: count)
            }
            bytes[count] = UInt8(
                truncatingIfNeeded: readPhysical(page | address & 0xFFF, size: 1))
            count += 1
        }
        switch decodeBytes(bytes, count, size) {
        case .success(let instruction): return decoded.keepOnce(instruction, at: linear, size)
        case .failure(.invalidOpcode): throw fault(.invalidOpcode)
        case .failure: throw fault(.generalProtection, 0)
        }
    }

    private func isInsideCode(offset: Int) -> Bool {
        state.is64Bit || state.rip &+ UInt64(offset) <= UInt64(state.cs.limit)
    }

    private mutating func translateCode(_ linear: UInt64, offset: Int) throws(Abort) -> UInt64 {
        guard isInsideCode(offset: offset) else { throw fault(.generalProtection, 0) }
        let physical = try translate(wrapped(linear &+ UInt64(offset)), access(.execute))
        if isAPICAccessPage(physical) { try fetchFromAPICAccessPage(physical) }
        return physical
    }

    private func decodeBytes(
        _ bytes: InlineArray<16, UInt8>, _ count: Int, _ size: CodeSize
    ) -> Result<Instruction, DecodeError> {
        var bytes = bytes
        return withUnsafeBytes(of: &bytes) { buffer in
            do throws(DecodeError) {
                let code = UnsafeRawBufferPointer(rebasing: buffer[0..<count])
                guard let known = known(try InstructionDecoder.decode(code, size: size)) else {
                    return .failure(.invalidOpcode)
                }
                return .success(known)
            } catch { return .failure(error) }
        }
    }
}
