import Architecture

/// Memory as a debugger looks at it: nothing that the guest could notice changes, no accessed flag
/// and no translation that is remembered, and nobody is told.
extension Machine {
    /// Where the bytes at a linear address are in physical memory, by the tables as they stand, for
    /// code with the registers given: one address for each byte, up to the first that no page maps.
    public mutating func physicalAddresses(
        linear: UInt64, count: Int, seenBy viewer: ProcessorState
    ) -> [UInt64] {
        inspect(seenBy: viewer) { machine in
            // With AC set SMAP lets supervisor code read what is the user's.
            machine.state.rflags |= FlagBit.ac.mask
            let access = MemoryAccess(kind: .read, isUser: false)
            var found: [UInt64] = []
            for offset in 0..<max(0, count) {
                let address = machine.wrapped(linear &+ UInt64(offset))
                guard let physical = try? machine.translate(address, access) else { break }
                found.append(physical)
            }
            return found
        }
    }

    /// Does something with the registers given and without any translation that is remembered, and
    /// puts everything back.
    mutating func inspect<Found>(
        seenBy viewer: ProcessorState, _ body: (inout Machine) -> Found
    ) -> Found {
        let ownState = state
        let ownMemory = memory
        let wasListening = isListening
        var ownTranslations = TranslationCache()
        swap(&tlb, &ownTranslations)
        defer {
            state = ownState
            memory = ownMemory
            isListening = wasListening
            knownVMCS = KnownVMCSPage()
            swap(&tlb, &ownTranslations)
        }
        isListening = false
        state = viewer
        return body(&self)
    }
}
