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

/// The page of a VMCS's region in the host's memory: how the processor itself gets at the fields,
/// many at a time. Where no RAM answers, fields read all ones and writes are ignored.
///
/// Good until the machine's memory is copied.
struct VMCSPage {
    let bytes: UnsafeMutableRawPointer?

    init(_ bytes: UnsafeMutableRawPointer?) { self.bytes = bytes }

    /// A value that is set must fit the field's width.
    @inline(__always)
    subscript(_ field: VMCSField) -> UInt64 {
        get { self[at: field.index] }
        nonmutating set { self[at: field.index] = newValue }
    }

    var isShadow: Bool { self[offset: 0] & VMCSRegion.shadowIndicator != 0 }

    var launchState: UInt64 {
        @inline(__always) get { self[offset: Int(VMCSRegion.launchState)] }
        @inline(__always) nonmutating set { self[offset: Int(VMCSRegion.launchState)] = newValue }
    }

    /// By ``VMCSField/index``: fields of one kind, as those of the segment registers, are neighbours.
    @inline(__always)
    subscript(at index: Int) -> UInt64 {
        get { self[offset: Int(VMCSRegion.fields) &+ index &* 8] }
        nonmutating set { self[offset: Int(VMCSRegion.fields) &+ index &* 8] = newValue }
    }

    @inline(__always)
    private subscript(offset offset: Int) -> UInt64 {
        get {
            guard let bytes else { return ~0 }
            return UnsafeRawPointer(bytes).loadLittleEndian(offset, size: 8)
        }
        nonmutating set { bytes?.storeLittleEndian(offset, newValue, size: 8) }
    }
}

/// The fields that a processor's VMREAD and VMWRITE reach, by encoding: worked out once.
final class VMCSComponents: Sendable {
    /// By half the encoding, as bit 0 tells the halves of a 64-bit field.
    private let fields: [VMCSField?]
    /// VMWRITE reaches the exit-information fields too.
    let writesAnyField: Bool

    init(_ processor: Processor) {
        let all = VMCSField.allCases
        let highest = all.map(\.rawValue).max() ?? 0
        var fields = [VMCSField?](repeating: nil, count: Int(highest >> 1) + 1)
        if let vmx = processor.vmx {
            for field in all where field.exists(on: vmx) {
                fields[Int(field.rawValue >> 1)] = field
            }
        }
        self.fields = fields
        writesAnyField = processor.vmx?.writesAnyField ?? false
    }

    /// The field that an operand names, by its low or its high half.
    @inline(__always)
    subscript(operand: UInt64) -> VMCSField? {
        let place = operand >> 1
        return place < UInt64(fields.count) ? fields[Int(place)] : nil
    }
}

/// The current VMCS's page, found before, as long as no page has moved.
struct KnownVMCSPage {
    var address = VMXState.noVMCS
    var generation: UInt64 = 0
    var page = VMCSPage(nil)
}

extension Machine {
    /// The current VMCS, to read and to write.
    @inline(__always)
    mutating func currentVMCSPage() -> VMCSPage {
        if knownVMCS.address == state.vmx.currentVMCS, knownVMCS.generation == memory.generation {
            return knownVMCS.page
        }
        return findVMCSPage()
    }

    @inline(never)
    private mutating func findVMCSPage() -> VMCSPage {
        let address = state.vmx.currentVMCS
        // The run of instructions that executes may be what changes.
        if decoded.forget(address, size: PhysicalMemory.pageSize) { needsAttention = true }
        let before = memory.generation
        let page = VMCSPage(memory.pageForWriting(address))
        if memory.generation != before { tlb.dropHostPointers() }
        knownVMCS = KnownVMCSPage(address: address, generation: memory.generation, page: page)
        return page
    }

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
        currentVMCSPage()[field] = value & field.width.mask
    }
}
