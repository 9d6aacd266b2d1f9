import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Limit Checking", "Type Checking", "Segment Selectors", "Privilege Level Checking When
/// Accessing Data Segments"; SDM 2, "MOV—Move", its exceptions.
@Suite("Segments: limits, types, privileges")
struct SegmentAccessTests {
    /// Descriptors of byte-granular segments at 0 that end at 0FFFh, by what they are.
    enum Kind: UInt64 {
        case readWrite = 0x0040_9300_0000_0FFF
        case readOnly = 0x0040_9100_0000_0FFF
        case expandDown = 0x0040_9700_0000_0FFF
        case expandDown16 = 0x0000_9700_0000_0FFF
        case executeOnly = 0x0040_9900_0000_0FFF
        case executeRead = 0x0040_9B00_0000_0FFF
        case conforming = 0x0040_9F00_0000_0FFF
        case absent = 0x0040_1300_0000_0FFF
        case absentCode = 0x0040_1B00_0000_0FFF
        case userData = 0x0040_F300_0000_0FFF
        case system = 0x0000_8200_0000_0FFF
    }

    /// One access: what is loaded into DS (or SS), the instruction, and the fault; nil: none.
    struct Row: Sendable, CustomTestStringConvertible {
        let sentence: String
        let kind: Kind
        let source: String
        let fault: ExceptionVector?
        let code: UInt64

        init(
            _ sentence: String, _ kind: Kind, _ source: String, _ fault: ExceptionVector? = nil,
            _ code: UInt64 = 0
        ) {
            self.sentence = sentence
            self.kind = kind
            self.source = source
            self.fault = fault
            self.code = code
        }

        var testDescription: String { "\(sentence): \(source)" }
    }

    private func check(_ row: Row, cpl: UInt8 = 0) throws {
        // HLT is no end for a user.
        let end: UInt8? = cpl == 3 ? 0x40 : nil
        var program = try HandledProgram(row.source + (cpl == 3 ? "\nint 0x40" : ""), cpl: cpl)
        program.setDescriptor(HandledProgram.Selector.free, row.kind.rawValue)
        let event = try program.next()
        #expect(event?.vector == row.fault?.rawValue ?? end, "\(row.sentence)")
        if row.fault != nil { #expect(event?.errorCode == row.code, "\(row.sentence)") }
    }

    private static let load = "mov eax, 0x50\nmov ds, eax\n"
    private static let loadStack = "mov eax, 0x50\nmov ss, eax\nmov esp, 0x800\n"

    // MARK: Limits

    private static let limitRows: [Row] = [
        Row(
            "the limit is the last byte that can be accessed", .readWrite, load + "mov al, [0xfff]"),
        Row(
            "a byte beyond the limit is #GP", .readWrite, load + "mov al, [0x1000]",
            .generalProtection),
        Row(
            "a doubleword whose last byte is the limit is accessed", .readWrite,
            load + "mov eax, [0xffc]"),
        Row(
            "a word at an offset greater than the limit minus 1 is #GP", .readWrite,
            load + "mov ax, [0xfff]", .generalProtection),
        Row(
            "a doubleword at an offset greater than the limit minus 3 is #GP", .readWrite,
            load + "mov [0xffd], eax", .generalProtection),
        Row(
            "a quadword at an offset greater than the limit minus 7 is #GP", .readWrite,
            load + "cmpxchg8b [0xff9]", .generalProtection),
        Row(
            "an offset at the top of the address space does not wrap into the segment", .readWrite,
            load + "mov eax, [0xfffffffe]", .generalProtection),
        Row(
            "a string instruction checks each element", .readWrite,
            load + "mov esi, 0xff8\nmov edi, 0x9000\nmov ecx, 3\nrep movsd", .generalProtection),
        Row(
            "a far pointer is read whole within the limit", .readWrite,
            load + "les ecx, [0xffb]", .generalProtection),
        Row(
            "through SS the fault is #SS", .readWrite, load + loadStack + "mov al, [ss:0x1000]",
            .stackFault),
        Row(
            "EBP as a base means SS", .readWrite,
            loadStack + "mov ebp, 0x1000\nmov al, [ebp]", .stackFault),
        Row(
            "POP beyond the limit is #SS", .readWrite,
            loadStack + "mov esp, 0xffd\npop eax", .stackFault),
        Row(
            "POP of the last doubleword is no fault", .readWrite,
            loadStack + "mov esp, 0xffc\npop eax"),
        Row(
            "a jump beyond the limit of the code segment is #GP at the jump", .executeRead,
            "jmp 0x50:0x1000", .generalProtection),
    ]

    @Test("a data access is within the limit: #GP(0), or #SS(0) through SS", arguments: limitRows)
    func limits(_ row: Row) throws { try check(row) }

    private static let expandDownRows: [Row] = [
        Row(
            "of an expand-down segment the limit is the last byte that cannot be accessed",
            .expandDown, load + "mov al, [0xfff]", .generalProtection),
        Row("the byte above it can", .expandDown, load + "mov al, [0x1000]"),
        Row("with B set it reaches up to FFFFFFFFh", .expandDown, load + "mov al, [0x80000]"),
        Row("with B clear it reaches up to FFFFh", .expandDown16, load + "mov ax, [0xfffe]"),
        Row("and no further", .expandDown16, load + "mov al, [0x10000]", .generalProtection),
        Row("nor by a part", .expandDown16, load + "mov ax, [0xffff]", .generalProtection),
        Row(
            "an access that begins below the limit is #GP", .expandDown,
            load + "mov eax, [0xffe]", .generalProtection),
    ]

    @Test("of an expand-down segment the limit is where it ends below", arguments: expandDownRows)
    func expandDown(_ row: Row) throws { try check(row) }

    // MARK: Types

    private static let typeRows: [Row] = [
        Row("a read-only data segment is read", .readOnly, load + "mov al, [0x10]"),
        Row(
            "no instruction may write into a data segment if it is not writable", .readOnly,
            load + "mov [0x10], al", .generalProtection),
        Row("nor read and write", .readOnly, load + "inc byte [0x10]", .generalProtection),
        Row(
            "no instruction may write into a code segment", .executeRead,
            load + "mov [0x10], al", .generalProtection),
        Row(
            "a code segment that can be read is read through DS", .executeRead,
            load + "mov al, [0x10]"),
        Row("a conforming code segment, too", .conforming, load + "mov al, [0x10]"),
        Row(
            "no instruction may read an execute-only segment", .executeOnly,
            "mov eax, cs\njmp 0x50:there\nthere: mov al, [cs:0x10]", .generalProtection),
        Row(
            "a data segment register cannot be loaded for an execute-only segment", .executeOnly,
            load, .generalProtection, 0x50),
        Row("nor for a system segment", .system, load, .generalProtection, 0x50),
        Row(
            "SS takes a writable data segment alone: not one that is read-only", .readOnly,
            loadStack, .generalProtection, 0x50),
        Row("nor code", .executeRead, loadStack, .generalProtection, 0x50),
        Row("CS takes a code segment alone", .readWrite, "jmp 0x50:0", .generalProtection, 0x50),
        Row("a segment that is not present is #NP for DS", .absent, load, .segmentNotPresent, 0x50),
        Row("and #SS for SS", .absent, loadStack, .stackFault, 0x50),
        Row("and #NP for CS", .absentCode, "jmp 0x50:0", .segmentNotPresent, 0x50),
    ]

    @Test("a segment is used as its type allows", arguments: typeRows)
    func types(_ row: Row) throws {
        // What is executed in an execute-only segment lies in it, at 8000h.
        guard row.kind == .executeOnly, row.source.contains("jmp") else { return try check(row) }
        var program = try HandledProgram(row.source)
        program.setDescriptor(HandledProgram.Selector.free, 0x00CF_9900_0000_FFFF)
        #expect(try program.next()?.vector == row.fault?.rawValue)
    }

    // MARK: Selectors and privilege

    private static let selectorRows: [Row] = [
        Row("DS takes a null selector", .readWrite, "xor eax, eax\nmov ds, eax\nmov es, eax"),
        Row(
            "an access through it is #GP(0)", .readWrite,
            "xor eax, eax\nmov es, eax\nmov al, [es:0x10]", .generalProtection),
        Row("SS takes none", .readWrite, "xor eax, eax\nmov ss, eax", .generalProtection),
        Row("CS takes none", .readWrite, "jmp 0:0", .generalProtection),
        Row(
            "a selector beyond the table's limit is #GP(selector)", .readWrite,
            "mov eax, 0x1000\nmov ds, eax", .generalProtection, 0x1000),
        Row(
            "a selector of the LDT, where there is none, is #GP(selector), TI in the code",
            .readWrite, "mov eax, 0x54\nmov ds, eax", .generalProtection, 0x54),
        Row(
            "the error code has no RPL", .system, "mov eax, 0x53\nmov ds, eax",
            .generalProtection, 0x50),
        Row(
            "RPL above the DPL is #GP(selector) for a data segment", .readWrite,
            "mov eax, 0x53\nmov ds, eax", .generalProtection, 0x50),
        Row("but not for a conforming code segment", .conforming, "mov eax, 0x53\nmov ds, eax"),
        Row(
            "SS's RPL is CPL, whatever the DPL", .userData, "mov eax, 0x53\nmov ss, eax",
            .generalProtection, 0x50),
        Row(
            "and its DPL is CPL", .userData, "mov eax, 0x50\nmov ss, eax", .generalProtection, 0x50),
    ]

    @Test("a selector is checked before the register is loaded", arguments: selectorRows)
    func selectors(_ row: Row) throws { try check(row) }

    private static let loadUserStack = "mov eax, 0x53\nmov ss, eax\n"

    private static let userRows: [Row] = [
        Row(
            "PUSH beyond the limit is #SS", .userData,
            loadUserStack + "mov esp, 0x1004\npush eax", .stackFault),
        Row(
            "PUSH at the bottom of the segment wraps to its other end: #SS", .userData,
            loadUserStack + "mov esp, 0\npush eax", .stackFault),
        Row(
            "PUSH that ends at the limit is no fault", .userData,
            loadUserStack + "mov esp, 0x1000\npush eax"),
        Row(
            "CPL above the DPL is #GP(selector) for a data segment", .readWrite, load,
            .generalProtection, 0x50),
        Row("a user's segment is loaded with any RPL", .userData, load + "mov al, [0x10]"),
        Row("a conforming code segment is read at any CPL", .conforming, load + "mov al, [0x10]"),
        Row(
            "nonconforming code of another privilege cannot be jumped to", .executeRead,
            "jmp 0x50:0", .generalProtection, 0x50),
    ]

    @Test("the DPL of a data segment is no smaller than CPL and RPL", arguments: userRows)
    func privileges(_ row: Row) throws { try check(row, cpl: 3) }

    // MARK: 64-bit mode

    @Test("in 64-bit mode limits and types of DS, ES and SS are not checked, FS and GS have a base")
    func long() throws {
        var program = try HandledProgram(
            """
            mov eax, 0x50
            mov ds, eax
            mov es, eax
            mov fs, eax
            mov [0x9000], al
            mov bl, [es:0x100000]
            mov [fs:0x9010], al
            xor eax, eax
            mov ds, eax
            mov ss, eax
            mov cl, [0x9000]
            """, .long64)
        program.setDescriptor(HandledProgram.Selector.free, 0x0040_9100_1000_0FFF)
        #expect(try program.next() == nil)
        #expect(program.read(0xA010, size: 1) == 0x50)
        #expect(program.machine.state.registers[.rcx] & 0xFF == 0x50)
    }

    @Test("in 64-bit mode SS takes a null selector at CPL 0 to 2 with RPL equal to CPL, not at 3")
    func nullStack() throws {
        var supervisor = try HandledProgram("xor eax, eax\nmov ss, eax", .long64)
        #expect(try supervisor.next() == nil)
        var wrong = try HandledProgram("mov eax, 1\nmov ss, eax", .long64)
        #expect(try wrong.next()?.errorCode == 0)
        var user = try HandledProgram("mov eax, 3\nmov ss, eax", .long64, cpl: 3)
        #expect(try user.next()?.vector == ExceptionVector.generalProtection.rawValue)
    }

    @Test("an address that is not canonical is #GP(0), through RSP and RBP #SS(0)")
    func canonical() throws {
        let rows: [(String, ExceptionVector)] = [
            ("mov rax, [rbx]", .generalProtection), ("mov rax, [rbp]", .stackFault),
            ("mov rax, [rsp]", .stackFault), ("push rax", .stackFault),
            ("mov rax, [ds:rbp]", .stackFault), ("mov rax, [fs:rbp]", .generalProtection),
            ("call rbx", .generalProtection), ("jmp rbx", .generalProtection),
        ]
        for (source, vector) in rows {
            let stack = source == "call rbx" ? "" : "mov rsp, rbx\n"
            var program = try HandledProgram(
                "mov rbx, 0x800000001000\nmov rbp, rbx\n\(stack)\(source)", .long64)
            // The handler's stack is another one.
            program.write(HandledProgram.Place.tss + 0x24, HandledProgram.Place.innerStack)
            for gate in [12, 13] {
                let place = HandledProgram.Place.idt + UInt64(gate * 16)
                program.write(place + 4, program.read(place + 4, size: 1) | 1, size: 1)
            }
            let event = try program.next()
            #expect(event?.vector == vector.rawValue, "\(source)")
            #expect(event?.errorCode == 0, "\(source)")
        }
    }
}
