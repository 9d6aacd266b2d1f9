import Architecture
import Testing

@testable import Machine

/// SDM 3A, "32-Bit Paging", the format of an entry that maps a 4-MByte page.
@Suite("4-MByte pages")
struct LargePageTests {
    @Test(
        "bits 21:(M-19) are reserved, where M is the width of physical addresses, at most 40",
        arguments: [
            // Processor, bit of the entry, whether it is reserved.
            (Processor.skylake, UInt64(13), false), (.skylake, 20, false), (.skylake, 21, true),
            (.firstVTx, 13, false), (.firstVTx, 16, false), (.firstVTx, 17, true),
            (.firstVTx, 20, true), (.firstVTx, 21, true), (.recent, 20, false), (.recent, 21, true),
        ])
    func reservedBits(processor: Processor, bit: UInt64, isReserved: Bool) throws {
        var program = try HandledProgram("mov eax, [0x400000]", processor: processor)
        let tables = HandledProgram.Place.tables
        program.write(tables, 0x83, size: 4)
        program.write(tables + 4, 0x83 | 1 << bit, size: 4)
        program.machine.state.cr3 = tables
        program.machine.state.cr4 |= CR4Bit.pse.mask
        program.machine.state.cr0 |= CR0Bit.pg.mask
        let event = try program.next()
        guard isReserved else {
            #expect(event == nil)
            return
        }
        #expect(event?.vector == ExceptionVector.pageFault.rawValue)
        // P and RSVD.
        #expect(event?.errorCode == 9)
    }
}
