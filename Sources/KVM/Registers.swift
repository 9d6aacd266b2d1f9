import Architecture
import CKVM

/// The general registers, the instruction pointer and the flags of a virtual CPU.
public struct KVMRegisters: Equatable, Sendable {
    /// By ``GeneralRegister/rawValue``; always sixteen.
    private var general = [UInt64](repeating: 0, count: GeneralRegister.allCases.count)
    public var rip: UInt64 = 0
    /// Bit 1 reads as 1 whatever is written.
    public var rflags: UInt64 = 2

    /// All zero but bit 1 of RFLAGS.
    public init() {}

    public subscript(_ register: GeneralRegister) -> UInt64 {
        get { general[Int(register.rawValue)] }
        set { general[Int(register.rawValue)] = newValue }
    }

    /// The order in which `struct kvm_regs` has the general registers, RIP and RFLAGS behind them.
    private static let order: [GeneralRegister] = [
        .rax, .rbx, .rcx, .rdx, .rsi, .rdi, .rsp, .rbp,
        .r8, .r9, .r10, .r11, .r12, .r13, .r14, .r15,
    ]

    init(_ structure: kvm_regs) {
        withUnsafeBytes(of: structure) { bytes in
            for (place, register) in Self.order.enumerated() {
                self[register] = bytes.load(fromByteOffset: place * 8, as: UInt64.self)
            }
        }
        rip = structure.rip
        rflags = structure.rflags
    }

    var structure: kvm_regs {
        var structure = kvm_regs()
        withUnsafeMutableBytes(of: &structure) { bytes in
            for (place, register) in Self.order.enumerated() {
                bytes.storeBytes(of: self[register], toByteOffset: place * 8, as: UInt64.self)
            }
        }
        structure.rip = rip
        structure.rflags = rflags
        return structure
    }
}

/// A segment register with its hidden part.
public struct KVMSegment: Equatable, Sendable {
    public var selector: UInt16
    public var base: UInt64
    /// The last valid offset, in bytes whatever the granularity.
    public var limit: UInt32
    /// The access rights, packed as the VMCS has them: bits 3:0 type, 4 S, 6:5 DPL, 7 P, 12 AVL,
    /// 13 L, 14 D/B, 15 G, 16 unusable. SDM 3C, "Guest Register State".
    public var access: UInt32

    public init(selector: UInt16, base: UInt64, limit: UInt32, access: UInt32) {
        self.selector = selector
        self.base = base
        self.limit = limit
        self.access = access
    }

    /// A segment register of real mode: writable data (or, for CS, readable code) of 64 KiB.
    public static func real16(selector: UInt16, isCode: Bool = false) -> KVMSegment {
        KVMSegment(
            selector: selector, base: UInt64(selector) << 4, limit: 0xFFFF,
            access: isCode ? 0x9B : 0x93)
    }

    init(_ structure: kvm_segment) {
        var access = UInt32(structure.type & 0xF)
        access |= UInt32(structure.s & 1) << 4
        access |= UInt32(structure.dpl & 3) << 5
        access |= UInt32(structure.present & 1) << 7
        access |= UInt32(structure.avl & 1) << 12
        access |= UInt32(structure.l & 1) << 13
        access |= UInt32(structure.db & 1) << 14
        access |= UInt32(structure.g & 1) << 15
        access |= UInt32(structure.unusable & 1) << 16
        self.init(
            selector: structure.selector, base: structure.base, limit: structure.limit,
            access: access)
    }

    var structure: kvm_segment {
        var structure = kvm_segment()
        structure.selector = selector
        structure.base = base
        structure.limit = limit
        structure.type = UInt8(access & 0xF)
        structure.s = UInt8(access >> 4 & 1)
        structure.dpl = UInt8(access >> 5 & 3)
        structure.present = UInt8(access >> 7 & 1)
        structure.avl = UInt8(access >> 12 & 1)
        structure.l = UInt8(access >> 13 & 1)
        structure.db = UInt8(access >> 14 & 1)
        structure.g = UInt8(access >> 15 & 1)
        structure.unusable = UInt8(access >> 16 & 1)
        return structure
    }
}

/// GDTR or IDTR.
public struct KVMDescriptorTable: Equatable, Sendable {
    public var base: UInt64
    /// The last valid offset.
    public var limit: UInt16

    public init(base: UInt64, limit: UInt16) {
        self.base = base
        self.limit = limit
    }
}

/// The segment, control and descriptor-table registers, IA32_EFER and the APIC base.
public struct KVMSpecialRegisters: Equatable, Sendable {
    /// By ``SegmentRegister/rawValue``; always six.
    private var segments: [KVMSegment]
    public var tr: KVMSegment
    public var ldtr: KVMSegment
    public var gdtr: KVMDescriptorTable
    public var idtr: KVMDescriptorTable
    public var cr0: UInt64
    public var cr2: UInt64
    public var cr3: UInt64
    public var cr4: UInt64
    /// The task priority, 0 to 15.
    public var cr8: UInt64
    public var efer: UInt64
    public var apicBase: UInt64

    public subscript(_ register: SegmentRegister) -> KVMSegment {
        get { segments[Int(register.rawValue)] }
        set { segments[Int(register.rawValue)] = newValue }
    }

    /// Real-address mode with every selector and base 0, empty descriptor tables, no paging, and
    /// CR0 with ET and NE alone.
    public init() {
        segments = SegmentRegister.allCases.map { .real16(selector: 0, isCode: $0 == .cs) }
        tr = KVMSegment(selector: 0, base: 0, limit: 0xFFFF, access: 0x8B)
        ldtr = KVMSegment(selector: 0, base: 0, limit: 0xFFFF, access: 0x82)
        gdtr = KVMDescriptorTable(base: 0, limit: 0)
        idtr = KVMDescriptorTable(base: 0, limit: 0)
        (cr0, cr2, cr3, cr4, cr8, efer) = (CR0Bit.et.mask | CR0Bit.ne.mask, 0, 0, 0, 0, 0)
        // Where the local APIC is after a reset, enabled, in the boot processor.
        apicBase = 0xFEE0_0900
    }

    init(_ structure: kvm_sregs) {
        segments = Self.segmentOrder.map { KVMSegment(structure[keyPath: $0]) }
        tr = KVMSegment(structure.tr)
        ldtr = KVMSegment(structure.ldt)
        gdtr = KVMDescriptorTable(base: structure.gdt.base, limit: structure.gdt.limit)
        idtr = KVMDescriptorTable(base: structure.idt.base, limit: structure.idt.limit)
        (cr0, cr2, cr3) = (structure.cr0, structure.cr2, structure.cr3)
        (cr4, cr8, efer) = (structure.cr4, structure.cr8, structure.efer)
        apicBase = structure.apic_base
    }

    var structure: kvm_sregs {
        var structure = kvm_sregs()
        for (path, segment) in zip(Self.segmentOrder, segments) {
            structure[keyPath: path] = segment.structure
        }
        structure.tr = tr.structure
        structure.ldt = ldtr.structure
        (structure.gdt.base, structure.gdt.limit) = (gdtr.base, gdtr.limit)
        (structure.idt.base, structure.idt.limit) = (idtr.base, idtr.limit)
        (structure.cr0, structure.cr2, structure.cr3) = (cr0, cr2, cr3)
        (structure.cr4, structure.cr8, structure.efer) = (cr4, cr8, efer)
        structure.apic_base = apicBase
        return structure
    }

    /// Where `struct kvm_sregs` has the segment registers, in the order of their numbers.
    private static var segmentOrder: [WritableKeyPath<kvm_sregs, kvm_segment>] {
        [\.es, \.cs, \.ss, \.ds, \.fs, \.gs]
    }
}
