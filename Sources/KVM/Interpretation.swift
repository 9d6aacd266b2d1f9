import Architecture

extension System {
    /// Whether this KVM interprets ring-0 code instead of having the processor run it: every
    /// processor executes FNOP, and the kernel's interpreter does not know it.
    public func interpretsRing0() throws(KVMError) -> Bool {
        let load: UInt64 = 0x1000
        let noOperationThenHalt: [UInt8] = [0xD9, 0xD0, 0xF4]
        var special = KVMSpecialRegisters()
        special.cr0 |= CR0Bit.pe.mask
        for register in SegmentRegister.allCases {
            special[register] = KVMSegment(selector: 0x10, base: 0, limit: .max, access: 0xC093)
        }
        special[.cs] = KVMSegment(selector: 8, base: 0, limit: .max, access: 0xC09B)
        var registers = KVMRegisters()
        registers.rip = load
        let guest = KVMGuest(
            memorySize: 2 * load,
            contents: [MemoryBlock(address: load, bytes: noOperationThenHalt)],
            registers: registers, specialRegisters: special)
        if case .internalError = try guest.run(on: self).end { return true }
        return false
    }
}
