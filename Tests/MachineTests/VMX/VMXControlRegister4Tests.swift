import Architecture
import Testing

@testable import Machine

// SDM 3D, A.8 "VMX-Fixed Bits in CR4"; SDM 3C, 24.8 "Restrictions on VMX Operation", 27.2.2, 27.3.1.1.

/// A bit of CR4 on a processor that has it or not.
struct CR4Case: Sendable, CustomTestStringConvertible {
    let processor: Processor
    let bit: CR4Bit

    var testDescription: String { "\(processor.name) \(bit.name)" }

    static let all = Processor.all.flatMap { processor in
        CR4Bit.allCases.map { CR4Case(processor: processor, bit: $0) }
    }

    var isSupported: Bool { processor.vmx.map { $0.cr4Fixed1.has(bit) } ?? false }
}

@Suite("CR4 by processor")
struct VMXControlRegister4Tests {
    /// Guest and host states in which nothing but the processor could refuse the bit.
    private static func guest(_ processor: Processor, _ source: String) throws -> VMXGuest {
        var guest = try VMXGuest(source, .long64, processor: processor)
        guest[.guestCR0] |= CR0Bit.wp.mask
        guest[.hostCR0] |= CR0Bit.wp.mask
        return guest
    }

    @Test(
        "VM entry refuses a guest or host with a bit that the processor has not, and no other",
        arguments: CR4Case.all.filter { $0.processor.name != "first-vtx" })
    func entry(row: CR4Case) throws {
        for field in [VMCSField.guestCR4, .hostCR4] {
            var guest = try Self.guest(row.processor, "vmcall")
            guest[field] |= row.bit.mask
            let result = guest.result()
            if row.isSupported {
                #expect(result == .entered, "\(field.name)")
            } else {
                let isHost = field == .hostCR4
                #expect(
                    result == (isHost ? .failValid(.entryInvalidHostState) : .entryFailed),
                    "\(field.name)")
            }
        }
    }

    @Test(
        "MOV to CR4 of a bit that the processor has not is #GP, of another it is not",
        arguments: CR4Case.all.filter { $0.processor.name != "first-vtx" })
    func move(row: CR4Case) throws {
        let source = "mov rax, cr4\nmov ecx, \(row.bit.mask)\nor rax, rcx\nmov cr4, rax"
        var guest = try Self.guest(row.processor, source)
        // With SMEP the guest's own page, open to user mode, is #PF behind it.
        #expect(try (ControlRow.outcome(&guest) == "#GP") == !row.isSupported)
    }

    @Test(
        "A bit that a processor has and the model does not carry out ends the run by its name",
        arguments: [
            (CR4Bit.la57, NotModelled.Feature.la57), (.cet, .controlFlowEnforcement),
            (.pke, .protectionKeys), (.pks, .protectionKeys), (.kl, .keyLocker),
        ])
    func notModelled(bit: CR4Bit, feature: NotModelled.Feature) throws {
        let processor = try Self.recorded(allowing: bit)
        for field in [VMCSField.guestCR4, .hostCR4] {
            var guest = try Self.guest(processor, "vmcall")
            guest[field] |= bit.mask
            #expect(guest.result() == .notModelled(.feature(feature)), "\(field.name)")
        }
    }

    /// The Skylake-like processor as a recording that allows one bit more in CR4.
    private static func recorded(allowing bit: CR4Bit) throws -> Processor {
        let vmx = try #require(Processor.skylake.vmx)
        var msrs: [UInt32: UInt64] = [:]
        for msr in MSR.allCases { msrs[msr.rawValue] = vmx.value(of: msr) }
        msrs[MSR.vmxCR4Fixed1.rawValue, default: 0] |= bit.mask
        var leaves: [UInt32: [UInt32]] = [:]
        for row in Processor.skylake.cpuid where row.subleaf == 0 {
            let result = row.result
            leaves[row.leaf] = [result.eax, result.ebx, result.ecx, result.edx]
        }
        return Processor(name: "one bit more", vmxMSRs: msrs, cpuid: leaves)
    }
}
