import Architecture
import Testing

@testable import Machine

/// SDM 2, "MOV—Move to/from Control Registers", "MOV—Move to/from Debug Registers", "WRMSR—Write to
/// Model Specific Register"; SDM 3A, "Control Registers", "Extended Feature Enable Register".
@Suite("Reserved bits of control registers, debug registers and MSRs")
struct ControlRegisterTests {
    /// What a program meets first; nil: nothing.
    private func first(
        _ source: String, _ mode: HandledProgram.Mode, cpl: UInt8 = 0
    ) throws -> HandledProgram.Event? {
        var program = try HandledProgram(source, mode, cpl: cpl)
        return try program.next()
    }

    private func expect(
        _ fault: ExceptionVector?, _ source: String, _ mode: HandledProgram.Mode, cpl: UInt8 = 0
    ) throws {
        let event = try first(source, mode, cpl: cpl)
        #expect(event?.vector == fault?.rawValue, "\(source)")
        if fault == .generalProtection { #expect(event?.errorCode == 0, "\(source)") }
    }

    // MARK: CR0

    @Test(
        "CR0 refuses PG without PE, and NW without CD",
        arguments: [
            ("mov eax, 0x80000030", ExceptionVector.generalProtection),
            ("mov eax, 0x20000031", .generalProtection), ("mov eax, 0x60000031", nil),
            ("mov eax, 0x40000031", nil),
        ] as [(String, ExceptionVector?)])
    func cr0(source: String, fault: ExceptionVector?) throws {
        try expect(fault, source + "\nmov cr0, eax", .protected32)
    }

    @Test("CR0 keeps its other reserved bits clear, and ET set")
    func cr0Reserved() throws {
        var program = try HandledProgram("mov eax, 0x1ff8ffc1\nmov cr0, eax\nmov ebx, cr0")
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rbx] == 0x11)
    }

    @Test("bits 63:32 of CR0 are reserved: #GP(0)")
    func cr0High() throws {
        try expect(
            .generalProtection, "mov rax, cr0\nbts rax, 32\nmov cr0, rax", .long64)
    }

    @Test("paging cannot be left in 64-bit mode: #GP(0)")
    func leavePaging() throws {
        try expect(.generalProtection, "mov rax, cr0\nbtr rax, 31\nmov cr0, rax", .long64)
    }

    @Test("paging with IA32_EFER.LME takes CR4.PAE, and CS.L clear: else #GP(0)")
    func enterLongMode() throws {
        let setLME = "mov ecx, 0xc0000080\nrdmsr\nor eax, 0x100\nwrmsr\n"
        let page = "mov eax, 0x100000\nmov cr3, eax\nmov eax, cr0\nbts eax, 31\nmov cr0, eax"
        try expect(.generalProtection, setLME + page, .protected32)
        var program = try HandledProgram(
            setLME + "mov eax, cr4\nor eax, 0x20\nmov cr4, eax\n" + page)
        program.machine.state.cs.access |= 0x2000
        #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }

    // MARK: CR3, CR4, CR8

    @Test(
        "CR4 refuses its reserved bits, and in IA-32e mode the loss of PAE",
        arguments: [
            "mov rax, cr4\nbts rax, 15\nmov cr4, rax", "mov rax, cr4\nbts rax, 31\nmov cr4, rax",
            "mov rax, cr4\nbts rax, 32\nmov cr4, rax", "mov rax, cr4\nbts rax, 63\nmov cr4, rax",
            "mov rax, cr4\nbtr rax, 5\nmov cr4, rax",
        ])
    func cr4(source: String) throws { try expect(.generalProtection, source, .long64) }

    @Test("bits 63:MAXPHYADDR of CR3 are reserved: #GP(0)")
    func cr3() throws {
        for bit in [UInt8(52), 62, Processor.skylake.physicalAddressWidth] {
            try expect(
                .generalProtection, "mov rax, cr3\nbts rax, \(bit)\nmov cr3, rax", .long64)
        }
        try expect(nil, "mov rax, cr3\nor rax, 0xfe7\nmov cr3, rax", .long64)
    }

    @Test("bits 63:4 of CR8 are reserved: #GP(0)")
    func cr8() throws {
        try expect(.generalProtection, "mov eax, 0x10\nmov cr8, rax", .long64)
        try expect(.generalProtection, "mov eax, 1\nshl rax, 63\nmov cr8, rax", .long64)
        try expect(nil, "mov eax, 15\nmov cr8, rax", .long64)
    }

    @Test(
        "an attempt to access CR1, CR5, CR6 or CR7 is #UD",
        arguments: [1, 5, 6, 7] as [UInt8])
    func noSuchRegister(number: UInt8) throws {
        try expect(.invalidOpcode, "db 0x0f, 0x20, \(0xC0 | number << 3)", .protected32)
        try expect(.invalidOpcode, "db 0x0f, 0x22, \(0xC0 | number << 3)", .long64)
    }

    @Test(
        "above CPL 0 they are #GP(0)",
        arguments: [
            "mov rax, cr0", "mov cr0, rax", "mov rax, cr4", "mov cr8, rax", "mov rax, dr7",
            "mov dr7, rax", "rdmsr", "wrmsr", "clts", "lmsw ax", "hlt", "invlpg [rax]", "invd",
            "wbinvd", "swapgs", "lgdt [0x9000]", "lidt [0x9000]", "lldt ax", "ltr ax", "xsetbv",
            "sysexit", "sysret", "rdpmc",
        ])
    func privileged(source: String) throws {
        guard source != "xsetbv" else {
            var program = try HandledProgram(source, .long64, cpl: 3)
            program.machine.state.cr4 |= CR4Bit.osxsave.mask
            #expect(try program.next()?.vector == ExceptionVector.generalProtection.rawValue)
            return
        }
        try expect(.generalProtection, source, .long64, cpl: 3)
    }

    // MARK: Debug registers

    @Test("bits 63:32 of DR6 and DR7 are reserved: #GP(0); of DR0 to DR3 they are not")
    func debugRegisters() throws {
        for name in ["dr6", "dr7"] {
            try expect(.generalProtection, "mov eax, 1\nshl rax, 32\nmov \(name), rax", .long64)
        }
        try expect(nil, "mov eax, 1\nshl rax, 32\nmov dr0, rax", .long64)
    }

    @Test("DR4 and DR5 are DR6 and DR7 while CR4.DE is clear, and #UD while it is set")
    func debugAliases() throws {
        var program = try HandledProgram("mov eax, 0x400\nmov dr5, eax\nmov ebx, dr7\nmov ecx, dr4")
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rbx] == 0x400)
        #expect(program.machine.state.registers[.rcx] == program.machine.state.dr6)
        let set = "mov eax, cr4\nor eax, 8\nmov cr4, eax\n"
        try expect(.invalidOpcode, set + "mov eax, dr4", .protected32)
        try expect(.invalidOpcode, set + "mov dr5, eax", .protected32)
    }

    @Test("reserved bits of DR6 and DR7 read as the manual's figure has them")
    func debugReserved() throws {
        var program = try HandledProgram(
            "xor eax, eax\nmov dr6, eax\nmov dr7, eax\nmov ebx, dr6\nmov ecx, dr7")
        #expect(try program.next() == nil)
        #expect(program.machine.state.registers[.rbx] & 0xFFFE_0FF0 == 0xFFFE_0FF0)
        #expect(program.machine.state.registers[.rbx] & 0x1000 == 0)
        #expect(program.machine.state.registers[.rcx] == 0x400)
    }

    // MARK: MSRs

    private static let writes: [(sentence: String, number: UInt32, value: UInt64)] = [
        ("IA32_EFER: a reserved bit", 0xC000_0080, 0x502 | 0x500),
        ("IA32_EFER: LME while paging is on", 0xC000_0080, 0x400),
        ("IA32_FS_BASE: not canonical", 0xC000_0100, 0x8000_0000_0000),
        ("IA32_GS_BASE: not canonical", 0xC000_0101, 0x8000_0000_0000),
        ("IA32_KERNEL_GS_BASE: not canonical", 0xC000_0102, 0x8000_0000_0000),
        ("IA32_LSTAR: not canonical", 0xC000_0082, 0x8000_0000_0000),
        ("IA32_SYSENTER_EIP: not canonical", 0x176, 0x8000_0000_0000),
        ("IA32_SYSENTER_ESP: not canonical", 0x175, 0x8000_0000_0000),
        ("IA32_PAT: a memory type that is reserved", 0x277, 2),
        ("IA32_PAT: a reserved bit", 0x277, 0x0700_0000_0000_0008),
        ("IA32_APIC_BASE: a reserved bit", 0x1B, 0xFEE0_0801),
        ("IA32_TSC_AUX: bits 63:32", 0xC000_0103, 1 << 32),
        ("a register that is reserved or not implemented", 0x1234_5678, 0),
    ]

    @Test("WRMSR of what a register does not take is #GP(0)", arguments: writes.indices)
    func registers(index: Int) throws {
        let row = Self.writes[index]
        let event = try first(
            "mov ecx, \(row.number)\nmov eax, \(row.value & 0xFFFF_FFFF)\n"
                + "mov edx, \(row.value >> 32)\nwrmsr", .long64)
        #expect(event?.vector == ExceptionVector.generalProtection.rawValue, "\(row.sentence)")
        #expect(event?.errorCode == 0, "\(row.sentence)")
    }

    @Test("RDMSR of a register that is reserved or not implemented is #GP(0)")
    func readUnknown() throws {
        try expect(.generalProtection, "mov ecx, 0x12345678\nrdmsr", .long64)
    }
}
