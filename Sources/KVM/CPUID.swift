import CKVM

/// What CPUID returns for one leaf, or one subleaf of it.
public struct CPUIDEntry: Equatable, Sendable {
    /// EAX before the instruction.
    public var leaf: UInt32
    /// ECX before the instruction, or nil where the leaf does not look at it.
    public var subleaf: UInt32?
    public var eax: UInt32
    public var ebx: UInt32
    public var ecx: UInt32
    public var edx: UInt32

    public init(
        leaf: UInt32, subleaf: UInt32? = nil,
        eax: UInt32, ebx: UInt32, ecx: UInt32, edx: UInt32
    ) {
        self.leaf = leaf
        self.subleaf = subleaf
        self.eax = eax
        self.ebx = ebx
        self.ecx = ecx
        self.edx = edx
    }

    init(_ entry: kvm_cpuid_entry2) {
        let significant = entry.flags & Self.significantIndex != 0
        self.init(
            leaf: entry.function, subleaf: significant ? entry.index : nil,
            eax: entry.eax, ebx: entry.ebx, ecx: entry.ecx, edx: entry.edx)
    }

    var structure: kvm_cpuid_entry2 {
        var entry = kvm_cpuid_entry2()
        entry.function = leaf
        entry.index = subleaf ?? 0
        entry.flags = subleaf == nil ? 0 : Self.significantIndex
        (entry.eax, entry.ebx, entry.ecx, entry.edx) = (eax, ebx, ecx, edx)
        return entry
    }

    /// KVM_CPUID_FLAG_SIGNIFCANT_INDEX (the kernel's spelling): bit 0.
    private static let significantIndex: UInt32 = 1
}

extension ckvm_cpuid {
    /// The kernel's form of a table of entries, or nil if there are too many.
    init?(_ values: [CPUIDEntry]) {
        self.init()
        guard values.count <= VirtualCPU.mostCPUIDEntries else { return nil }
        nent = UInt32(values.count)
        withUnsafeMutableBytes(of: &entries) { bytes in
            let slots = bytes.assumingMemoryBound(to: kvm_cpuid_entry2.self)
            for (index, value) in values.enumerated() {
                slots[index] = value.structure
            }
        }
    }

    /// The entries that the header counts.
    var values: [CPUIDEntry] {
        let count = min(Int(nent), VirtualCPU.mostCPUIDEntries)
        return withUnsafeBytes(of: entries) { bytes in
            bytes.assumingMemoryBound(to: kvm_cpuid_entry2.self).prefix(count).map(CPUIDEntry.init)
        }
    }
}
