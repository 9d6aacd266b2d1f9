import Architecture
import Testing

@testable import KVM

@Suite("Guests on KVM", .enabled(if: KVMHere.isPresent, KVMHere.reason))
struct GuestTests {
    @Test(
        "MOV to CR0, CLTS, LMSW and SMSW change and show the bits that the manual says",
        arguments: Mode.allCases)
    func controlRegister(_ mode: Mode) throws {
        let listing =
            mode == .real16 ? Listings.controlRegister16 : Listings.controlRegister32
        let guest = KVMGuest.starting(mode, listing.bytes)
        let run = try guest.run(on: System(), capture: [0x8000..<0x802C])

        // SDM 3A, "Control Registers"; SDM 2, LMSW: PE cannot be cleared by it; ET is always 1.
        let start = UInt32(truncatingIfNeeded: guest.specialRegisters.cr0)
        let (mp, em, ts, ne): (UInt32, UInt32, UInt32, UInt32) = (2, 4, 8, 0x20)
        let more: UInt32 = 0x50000
        let expected = [
            start, start | mp, start | mp | ts, start | mp, start | mp | em,
            (start | mp | em) & ~ne, start | mp | em | more, start | mp | em | more,
            start | more, start | mp | em | ts | more, (start | mp | em | ts) & 0xFFFF,
        ]
        #expect(run.end == .hlt)
        #expect(run.memory.first?.bytes.words == expected)
        #expect(run.specialRegisters.cr0 == UInt64(start | mp | em | ts | more))
        #expect(run.registers.rip == mode.load + UInt64(listing.bytes.count))
    }

    @Test("IN and OUT come with port, width, direction and data", arguments: Mode.allCases)
    func ports(_ mode: Mode) throws {
        let listing = mode == .real16 ? Listings.ports16 : Listings.ports32
        let guest = KVMGuest.starting(mode, listing.bytes)
        // Device 60h counts up; every other port gives what nobody claims.
        var next: UInt32 = 0x8899_AA00
        let run = try guest.run(on: System()) { access in
            guard access.port == 0x60 else { return .allOnes }
            next += 1
            return .value(next)
        }

        let written: [(Int, UInt32)] = [(1, 0x41), (2, 0x4241), (4, 0x4443_4241)]
        let outputs = [0x80, 0x3F8].flatMap { port in
            written.map { (size, value) in
                PortAccess(port: port, direction: .output, size: size, value: value)
            }
        }
        let read: [(UInt16, Int, UInt32)] = [
            (0x60, 1, 0x01), (0x60, 2, 0xAA02), (0x60, 4, 0x8899_AA03),
            (0x3F8, 1, 0xFF), (0x3F8, 2, 0xFFFF), (0x3F8, 4, 0xFFFF_FFFF),
        ]
        let inputs = read.map { (port, size, value) in
            PortAccess(port: port, direction: .input, size: size, value: value)
        }
        #expect(run.portAccesses == outputs + inputs)
        #expect(run.end == .hlt)
        #expect(run.registers[.rax] == 0xFFFF_FFFF)
    }

    @Test("INS and OUTS come as their data, however KVM batches them", arguments: Mode.allCases)
    func strings(_ mode: Mode) throws {
        let listing: Listing =
            switch mode {
            case .real16: Listings.strings16
            case .protected32: Listings.strings32
            case .long64: Listings.strings64
            }
        let text = MemoryBlock(address: 0x8100, bytes: Array("0123456789ABC".utf8))
        let guest = KVMGuest.starting(mode, listing.bytes, more: [text])
        var next: UInt32 = 0x0403_0201
        let run = try guest.run(on: System(), capture: [0x8000..<0x800F]) { access in
            guard access.direction == .input else { return .allOnes }
            defer { next += 0x1010_1010 }
            return .value(next)
        }

        let outputs = run.portAccesses.filter { $0.direction == .output }
        #expect(outputs.map(\.size) == [1, 2, 2, 4, 4])
        #expect(outputs.map(\.value) == [0x30, 0x3231, 0x3433, 0x3837_3635, 0x4342_4139])
        let inputs = run.portAccesses.filter { $0.direction == .input }
        #expect(inputs.map(\.size) == [1, 2, 2, 2, 4, 4])
        let stored: [UInt8] =
            [0x01, 0x11, 0x12, 0x21, 0x22, 0x31, 0x32]
            + [0x41, 0x42, 0x43, 0x44, 0x51, 0x52, 0x53, 0x54]
        #expect(run.memory.first?.bytes == stored)
        #expect(run.end == .hlt)
    }
}
