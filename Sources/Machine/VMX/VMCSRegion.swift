import Architecture

/// The VMCS as a region of memory. What lies where in it is the processor's own business: here the
/// revision identifier and the VMX-abort indicator, as the manual has them, then the launch state
/// and one quadword for each field. SDM 3C, 25.2 "Format of the VMCS Region".
enum VMCSRegion {
    /// Bit 31 of the first four bytes: a shadow VMCS. Bits 30:0 are the revision identifier.
    static let shadowIndicator: UInt64 = 1 << 31
    static let abortIndicator: UInt64 = 4
    /// 0: clear, 1: launched.
    static let launchState: UInt64 = 8
    static let fields: UInt64 = 16

    static func offset(_ field: VMCSField) -> UInt64 { fields + UInt64(field.index) * 8 }
}

extension Machine {
    /// A field of the current VMCS, as the processor itself reads it.
    func vmcs(_ field: VMCSField) -> UInt64 {
        memory.read(state.vmx.currentVMCS &+ VMCSRegion.offset(field), size: 8)
    }

    /// A field of the current VMCS for whoever looks on: not a VMREAD, and nobody is told.
    public func currentVMCSField(_ field: VMCSField) -> UInt64 {
        hasCurrentVMCS ? vmcs(field) : 0
    }

    /// Writes a field as the processor itself does, read-only ones too, cut to the field's width.
    mutating func setVMCS(_ field: VMCSField, _ value: UInt64) {
        let mask = field.width.mask
        writePhysical(
            state.vmx.currentVMCS &+ VMCSRegion.offset(field), value & mask, size: 8)
    }
}
