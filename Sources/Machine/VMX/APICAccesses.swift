import Architecture

/// Accesses to the APIC-access page. SDM 3C, 30.4 "Virtualizing Memory-Mapped APIC Accesses".
extension Machine {
    /// Whether the page of a physical address is the APIC-access page, in non-root operation with
    /// "virtualize APIC accesses".
    @inline(always) func isAPICAccessPage(_ physical: UInt64) -> Bool {
        physical & ~0xFFF == state.vmx.controls.apicAccessPage
    }

    /// A data read: from the virtual-APIC page, or an exit.
    mutating func readAPICAccessPage(_ physical: UInt64, size: Int) throws(Abort) -> UInt64 {
        let access = apicPageAccess(physical, size)
        try decide(access, .linearRead)
        return readPhysical(state.vmx.controls.virtualAPICAddress &+ access.offset, size: size)
    }

    /// Checks that a write would not exit: it is asked before anything is written.
    mutating func probeAPICAccessPage(_ physical: UInt64, size: Int) throws(Abort) {
        var access = apicPageAccess(physical, size)
        access.isWrite = 1
        try decide(access, .linearWrite)
    }

    /// A data write: to the virtual-APIC page, or an exit. What follows from it waits until the
    /// operation has completed.
    mutating func writeAPICAccessPage(
        _ physical: UInt64, _ value: UInt64, size: Int
    ) throws(Abort) {
        try probeAPICAccessPage(physical, size: size)
        let offset = physical & 0xFFF
        writePhysical(state.vmx.controls.virtualAPICAddress &+ offset, value, size: size)
        state.vmx.virtualAPIC.write = VirtualAPICWrite(
            offset: UInt16(truncatingIfNeeded: offset), size: UInt8(truncatingIfNeeded: size))
        needsAttention = true
    }

    /// Behind an operation that completed: what its write to the page brings about.
    mutating func completeAPICWrite() {
        guard let write = state.vmx.virtualAPIC.write else { return }
        state.vmx.virtualAPIC.write = nil
        if let register = APICRegister(offset: write.offset) { emulateAPICWrite(register) }
    }

    mutating func fetchFromAPICAccessPage(_ physical: UInt64) throws(Abort) {
        var access = apicPageAccess(physical, 1)
        access.isFetch = 1
        try decide(access, .linearFetch)
    }

    /// A paging structure of the guest's lies in the page, by its guest-physical address.
    mutating func walkThroughAPICAccessPage(_ physical: UInt64) throws(Abort) {
        var access = apicPageAccess(physical, 8)
        access.isLinear = 0
        try decide(access, .guestPhysical)
    }

    private func apicPageAccess(_ physical: UInt64, _ size: Int) -> APICPageAccess {
        var access = APICPageAccess(offset: physical & 0xFFF, size: UInt64(size))
        access.primary = state.vmx.controls.primary
        access.secondary = state.vmx.controls.secondary
        if let earlier = state.vmx.virtualAPIC.write {
            access.earlierSize = UInt64(earlier.size)
            access.earlierOffset = UInt64(earlier.offset)
        }
        return access
    }

    private mutating func decide(
        _ access: APICPageAccess, _ kind: APICAccessQualification.Access
    ) throws(Abort) {
        let verdict = ladders.apicPage.access.evaluate(access)
        tell(.decision(.apicPage(access)))
        guard case .exit(let reason) = verdict else { return }
        var exit = ExitInformation(reason)
        exit.qualification = qualification(access, kind).rawValue
        // The manual leaves the length undefined here. Processors give the instruction's, and
        // hypervisors skip what they have emulated by it.
        if delivering == nil, kind == .linearRead || kind == .linearWrite {
            exit.instructionLength = instructionLength
        }
        pendingExit = exit
        throw .exit
    }

    /// SDM 3C, 28.2.1, the table "Exit Qualification for APIC-Access VM Exits from Linear Accesses
    /// and Guest-Physical Accesses".
    private func qualification(
        _ access: APICPageAccess, _ kind: APICAccessQualification.Access
    ) -> APICAccessQualification {
        let isLinear = access.isLinear == 1
        var kind = kind
        if delivering != nil {
            kind = isLinear ? .linearDuringEventDelivery : .guestPhysicalDuringEventDelivery
        }
        // The offset is told of linear accesses alone.
        let offset = isLinear ? UInt16(truncatingIfNeeded: access.offset) : 0
        return APICAccessQualification(offset: offset, access: kind)
    }
}
