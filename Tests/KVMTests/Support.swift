import Architecture
import Testing

@testable import KVM

/// Whether the tests that run a guest can run here.
enum KVMHere {
    static let isPresent = System.unavailability == nil
    static let reason = Comment(
        rawValue: "no KVM here: \(System.unavailability?.description ?? "it opens")")

    /// Whether this KVM interprets ring-0 code.
    static let interprets: Bool = (try? System().interpretsRing0()) ?? false
}

/// The modes in which a guest starts.
enum Mode: String, CaseIterable, Sendable {
    case real16, protected32, long64

    var bits: Int {
        switch self {
        case .real16: 16
        case .protected32: 32
        case .long64: 64
        }
    }

    /// Where the code is, and RIP at the start.
    var load: UInt64 { self == .real16 ? 0x1000 : 0x10000 }
}

/// Machine code with its source: a line has the bytes, a semicolon and the instruction in NASM's
/// syntax. A test assembles the second to see that it gives the first.
struct Listing: Sendable, CustomTestStringConvertible {
    let bits: Int
    let text: String

    init(bits: Int, _ text: String) {
        self.bits = bits
        self.text = text
    }

    var testDescription: String {
        "\(bits)-bit code of \(bytes.count) bytes"
    }

    var bytes: [UInt8] {
        columns(0).flatMap { $0.split(separator: " ").compactMap { UInt8($0, radix: 16) } }
    }

    var source: String {
        columns(1).joined(separator: "\n")
    }

    private func columns(_ index: Int) -> [Substring] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ";", maxSplits: 1)
            return index < parts.count ? parts[index] : nil
        }
    }
}

extension KVMGuest {
    /// The start state of the same mode in `stepvisor run`: flat segments, and in long64 identity
    /// page tables of 2 MiB pages over 4 GiB at 1000h to 6FFFh.
    static func starting(
        _ mode: Mode, _ code: [UInt8], more: [MemoryBlock] = [],
        limits: KVMLimits = KVMLimits(milliseconds: 5_000)
    ) -> KVMGuest {
        var registers = KVMRegisters()
        registers.rip = mode.load
        registers[.rsp] = 0x9000
        var contents = [MemoryBlock(address: mode.load, bytes: code)]
        if mode != .real16 {
            contents.append(MemoryBlock(address: 0x500, bytes: descriptors(mode).flatMap(\.bytes)))
        }
        if mode == .long64 {
            contents.append(MemoryBlock(address: 0x1000, bytes: identityTables.flatMap(\.bytes)))
        }
        return KVMGuest(
            memorySize: 16 << 20, contents: contents + more,
            registers: registers, specialRegisters: special(mode), limits: limits)
    }

    private static func special(_ mode: Mode) -> KVMSpecialRegisters {
        var special = KVMSpecialRegisters()
        guard mode != .real16 else { return special }
        special.cr0 |= CR0Bit.pe.mask
        special.gdtr = KVMDescriptorTable(base: 0x500, limit: 39)
        for register in SegmentRegister.allCases {
            special[register] = KVMSegment(
                selector: 0x10, base: 0, limit: .max, access: 0xC093)
        }
        special[.cs] = KVMSegment(
            selector: 8, base: 0, limit: .max, access: mode == .long64 ? 0xA09B : 0xC09B)
        special.tr = KVMSegment(selector: 0x18, base: 0, limit: 0x67, access: 0x8B)
        if mode == .long64 {
            special.cr0 |= CR0Bit.pg.mask
            special.cr3 = 0x1000
            special.cr4 = CR4Bit.pae.mask
            special.efer = EFERBit.lme.mask | EFERBit.lma.mask
        }
        return special
    }

    /// Null, code, data, and a busy TSS of two slots.
    private static func descriptors(_ mode: Mode) -> [UInt64] {
        [
            0, mode == .long64 ? 0x00AF_9B00_0000_FFFF : 0x00CF_9B00_0000_FFFF,
            0x00CF_9300_0000_FFFF, 0x0000_8B00_0000_0067, 0,
        ]
    }

    /// A PML4, a page-directory-pointer table with four entries, four page directories.
    private static var identityTables: [UInt64] {
        let empty = [UInt64](repeating: 0, count: 512)
        var pml4 = empty
        pml4[0] = 0x2003
        var pointers = empty
        for index in 0..<4 { pointers[index] = UInt64(0x3003 + index * 0x1000) }
        return pml4 + pointers + (0..<2048).map { UInt64($0) << 21 | 0x83 }
    }
}

extension UInt64 {
    /// Lowest byte first.
    var bytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}

extension [UInt8] {
    /// The 32-bit numbers that these bytes are, lowest byte first.
    var words: [UInt32] {
        stride(from: 0, to: count - 3, by: 4).map { start in
            self[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
