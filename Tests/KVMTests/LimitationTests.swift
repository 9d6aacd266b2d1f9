import Testing

@testable import KVM

/// The rows of ``KVMLimitation`` that speak of an interpreting KVM, held against one.
@Suite(
    "What an interpreting KVM does otherwise",
    .enabled(if: KVMHere.interprets, "this machine has no KVM that interprets ring-0 code"))
struct LimitationTests {
    @Test(
        "An instruction that it does not know is an internal error with the instruction's bytes",
        arguments: [Listings.noOperationOfX87, Listings.breakpoint])
    func emulation(_ listing: Listing) throws {
        let run = try KVMGuest.starting(.long64, listing.bytes).run(on: System())
        guard case .internalError(let error) = run.end else {
            Issue.record("it ended with \(run.end)")
            return
        }
        #expect(error.name == "KVM_INTERNAL_ERROR_EMULATION")
        #expect(error.instructionBytes?.starts(with: listing.bytes) == true)
        #expect(run.registers.rip == Mode.long64.load)
    }

    @Test("Paging outside long mode is refused at the MOV to CR0")
    func legacyPaging() throws {
        // One identity page of 4 MiB: present, writable, PS.
        let directory = MemoryBlock(address: 0x2000, bytes: UInt64(0x83).bytes)
        let guest = KVMGuest.starting(
            .protected32, Listings.legacyPaging.bytes, more: [directory])
        let run = try guest.run(on: System())
        #expect(run.end == .shutdown)
        #expect(run.registers.rip == Mode.protected32.load + 0x18)
        #expect(run.specialRegisters.cr0 == 0x31)
    }

    @Test("VMCALL never comes back, and is ended by the time limit")
    func hypercall() throws {
        let guest = KVMGuest.starting(
            .long64, Listings.hypercall.bytes, limits: KVMLimits(milliseconds: 60))
        let run = try guest.run(on: System())
        #expect(run.end == .timeout)
        #expect(run.registers.rip == Mode.long64.load)
    }

    @Test("Bits 63:32 of a value moved to CR0 are dropped")
    func controlRegisterHigh() throws {
        let guest = KVMGuest.starting(.long64, Listings.controlRegisterHigh.bytes)
        let run = try guest.run(on: System())
        #expect(run.end == .hlt)
        #expect(run.specialRegisters.cr0 == 0x8000_0031)
    }
}
