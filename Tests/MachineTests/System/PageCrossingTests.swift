import Architecture
import Testing

@testable import Machine

/// SDM 3A, "Page-Fault Exceptions": CR2 is the linear address that the access could not use.
@Suite("Accesses across pages")
struct PageCrossingTests {
    /// The first page behind those that are mapped.
    private static let unmapped: UInt64 = 4 << 21

    @Test(
        "a fault of the second page is at its first byte, whether it is read, written or both",
        arguments: [
            "mov rax, [rbx]", "mov [rbx], rax", "add [rbx], rax", "inc qword [rbx]",
            "lock xadd [rbx], rax", "sar qword [rbx], 128", "xchg [rbx], rax", "pop qword [rbx]",
        ])
    func secondPage(source: String) throws {
        var program = try HandledProgram(source, .long64)
        program.machine.state.registers[.rbx] = Self.unmapped - 3
        let event = try program.next()
        #expect(event?.vector == ExceptionVector.pageFault.rawValue)
        #expect(program.machine.state.cr2 == Self.unmapped)
    }
}
