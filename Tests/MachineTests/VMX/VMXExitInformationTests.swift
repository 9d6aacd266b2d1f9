import Architecture
import InstructionSet
import Testing

@testable import Machine

/// SDM 3C, 28.2.5 "Information for VM Exits Due to Instruction Execution", and the exit
/// qualifications of 28.2.1. The numbers are put together by hand from the manual's tables.
@Suite("Exit information of instructions")
struct VMXExitInformationTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let source: String
        var mode = VMXGuest.Mode.protected32
        /// Of the instruction-information field.
        let information: UInt64
        var qualification: UInt64 = 0

        var testDescription: String { source }
    }

    private static let noIndex: UInt64 = 1 << 22
    private static let noBase: UInt64 = 1 << 27
    private static let ds: UInt64 = 3 << 15
    private static let bits32: UInt64 = 1 << 7
    private static let bits64: UInt64 = 2 << 7
    private static let register: UInt64 = 1 << 10

    /// Undefined by 28.2.5; processors tell it, and hypervisors go on behind the instruction by it.
    @Test("an APIC-access exit by an instruction has the instruction's length")
    func lengthOfAPICAccess() throws {
        var guest = try VMXGuest("mov dword [0x4000b0], 0\nvmcall")
        guest.set(SecondaryControl.virtualizeAPICAccesses)
        guest[.apicAccessAddress] = VMXGuest.Place.page
        #expect(try guest.run() == .apicAccess)
        #expect(guest[.exitInstructionLength] == 10)
        guest.skip()
        #expect(try guest.run() == .vmcall)
    }

    static let rows: [Row] = memory + tables + registers

    private static let memory: [Row] = [
        Row(
            source: "vmclear [0x1234]", information: ds | bits32 | noIndex | noBase,
            qualification: 0x1234),
        Row(
            source: "vmptrld [ebx]", information: ds | bits32 | noIndex | 3 << 23,
            qualification: 0),
        Row(
            source: "vmptrst [ebx+esi*4-8]",
            information: ds | bits32 | 2 | 6 << 18 | 3 << 23,
            qualification: 0xFFFF_FFFF_FFFF_FFF8),
        Row(
            source: "vmxon [fs:0x10]", information: 4 << 15 | bits32 | noIndex | noBase,
            qualification: 0x10),
        Row(
            source: "vmclear [r12+r13*8+0x100]", mode: .long64,
            information: ds | bits64 | 3 | 13 << 18 | 12 << 23, qualification: 0x100),
        // RIP-relative: the qualification is the sum of the displacement and the next RIP.
        Row(
            source: "vmclear [rel 0x9000]", mode: .long64,
            information: ds | bits64 | noIndex | noBase, qualification: 0x9000),
        Row(
            source: "invept edx, [0x9000]",
            information: ds | bits32 | noIndex | noBase | 2 << 28, qualification: 0x9000),
        Row(
            source: "invvpid r9, [rax]", mode: .long64,
            information: ds | bits64 | noIndex | 9 << 28, qualification: 0),
        Row(
            source: "vmread [0x9000], ecx",
            information: ds | bits32 | noIndex | noBase | 1 << 28, qualification: 0x9000),
        Row(
            source: "vmwrite edx, [0x9000]",
            information: ds | bits32 | noIndex | noBase | 2 << 28, qualification: 0x9000),
    ]

    private static let tables: [Row] = [
        Row(
            source: "sgdt [0x9000]",
            information: ds | bits32 | noIndex | noBase | 1 << 11, qualification: 0x9000),
        Row(
            source: "sidt [0x9000]",
            information: ds | bits32 | noIndex | noBase | 1 << 11 | 1 << 28,
            qualification: 0x9000),
        Row(
            source: "lgdt [0x9000]",
            information: ds | bits32 | noIndex | noBase | 1 << 11 | 2 << 28,
            qualification: 0x9000),
        Row(
            source: "o16 lidt [0x9000]",
            information: ds | bits32 | noIndex | noBase | 3 << 28, qualification: 0x9000),
        Row(
            source: "lidt [rel 0x9000]", mode: .long64,
            information: ds | bits64 | noIndex | noBase | 3 << 28, qualification: 0x9000),
        Row(
            source: "lldt [0x9000]",
            information: ds | bits32 | noIndex | noBase | 2 << 28, qualification: 0x9000),
    ]

    private static let registers: [Row] = [
        Row(source: "sldt ebx", information: register | 3 << 3),
        Row(source: "str si", information: register | 6 << 3 | 1 << 28),
        Row(source: "lldt dx", information: register | 2 << 3 | 2 << 28),
        Row(source: "ltr cx", information: register | 1 << 3 | 3 << 28),
        Row(source: "vmread eax, ecx", information: register | 1 << 28),
        Row(source: "vmwrite edi, esi", information: register | 6 << 3 | 7 << 28),
        Row(source: "rdrand bx", information: 3 << 3),
        Row(source: "rdrand ecx", information: 1 << 3 | 1 << 11),
        Row(source: "rdseed r10", mode: .long64, information: 10 << 3 | 2 << 11),
    ]

    @Test("names the operands as the tables have it", arguments: rows)
    func information(row: Row) throws {
        var guest = try VMXGuest(row.source, row.mode)
        let controls: [SecondaryControl] = [
            .descriptorTableExiting, .rdrandExiting, .rdseedExiting,
        ]
        for control in controls { guest.set(control) }
        _ = try guest.run()
        #expect(guest[.exitInstructionInformation] == row.information)
        #expect(guest[.exitQualification] == row.qualification)
    }

    @Test("INVPCID names its type's register where it exits")
    func invpcid() throws {
        var guest = try VMXGuest("invpcid ecx, [0x9000]")
        guest.set(SecondaryControl.enableINVPCID)
        guest.set(PrimaryControl.invlpgExiting)
        #expect(try guest.run() == .invpcid)
        let expected = Self.ds | Self.bits32 | Self.noIndex | Self.noBase | 1 << 28
        #expect(guest[.exitInstructionInformation] == expected)
    }

    @Test("INVLPG: the linear address of its operand, no limit checked")
    func invlpg() throws {
        var guest = try VMXGuest("mov ebx, 0x100\ninvlpg [ebx+ebx*4+0x234]")
        guest.set(PrimaryControl.invlpgExiting)
        guest[.guestDSBase] = 0x1000_0000
        guest[.guestDSLimit] = 0xFF
        guest[.guestDSAccessRights] = 0x4093
        #expect(try guest.run() == .invlpg)
        #expect(guest[.exitQualification] == 0x1000_0734)
    }

    @Test(
        "MOV DR: register, direction, general register",
        arguments: [
            ("mov ecx, dr7", UInt64(0x117)), ("mov dr2, ebx", 0x302), ("mov esi, dr5", 0x615),
        ])
    func movDR(source: String, qualification: UInt64) throws {
        var guest = try VMXGuest(source)
        guest.set(PrimaryControl.movDRExiting)
        #expect(try guest.run() == .drAccess)
        #expect(guest[.exitQualification] == qualification)
    }

    @Test("MWAIT: 1 where MONITOR has armed address-range monitoring")
    func mwait() throws {
        let armed = "mov eax, 0x9000\nxor ecx, ecx\nxor edx, edx\nmonitor\nmwait"
        for (source, qualification) in [("xor ecx, ecx\nmwait", UInt64(0)), (armed, 1)] {
            var guest = try VMXGuest(source)
            guest.set(PrimaryControl.mwaitExiting)
            #expect(try guest.run() == .mwait)
            #expect(guest[.exitQualification] == qualification)
        }
    }

    @Test("VM entry ends address-range monitoring")
    func monitorEndsAtEntry() throws {
        let source = "mov eax, 0x9000\nxor ecx, ecx\nxor edx, edx\nmonitor\ncpuid\nmwait"
        var guest = try VMXGuest(source)
        guest.set(PrimaryControl.mwaitExiting)
        #expect(try guest.run() == .cpuid)
        guest.skip()
        #expect(try guest.run() == .mwait)
        #expect(guest[.exitQualification] == 0)
    }

    /// 28.2.5: only on processors that report it by bit 54 of IA32_VMX_BASIC.
    @Test("OUTS: address size and segment; INS: address size")
    func stringIO() throws {
        for (source, information) in [
            ("fs outsb", Self.bits32 | 4 << 15), ("a16 insb", 0),
        ] {
            var guest = try VMXGuest(source)
            guest.set(PrimaryControl.unconditionalIOExiting)
            #expect(try guest.run() == .ioInstruction)
            // The segment of INS is undefined.
            let segment: UInt64 = source.contains("ins") ? ~(7 << 15) : ~0
            #expect(guest[.exitInstructionInformation] & segment == information)
        }
        var guest = try VMXGuest("outsb", processor: Self.withoutStringInformation)
        guest.set(PrimaryControl.unconditionalIOExiting)
        #expect(try guest.run() == .ioInstruction)
        #expect(guest[.exitInstructionInformation] == 0)
    }

    /// The Skylake-like one, but for that bit.
    private static let withoutStringInformation = Recorded.changed {
        $0[MSR.vmxBasic.rawValue]? &= ~VMXBasicBit.insOutsInformation.mask
    }
}
