import Testing

@testable import Architecture

@Suite("The fields of the VMCS")
struct VMCSFieldTests {
    @Test("Every recorded field is there under its name, with its encoding")
    func recordedFields() throws {
        for (name, encoding) in try Recorded.numbers("fields.json").sorted(by: { $0.key < $1.key })
        {
            let field = try #require(VMCSField(name: name), "\(name) is missing")
            #expect(UInt64(field.rawValue) == encoding, "\(name)")
            #expect(field.name == name)
        }
    }

    @Test("Rows stand in the order of the cases, one each, and the index is the position")
    func rowsMatchCases() {
        #expect(VMCSField.rows.map(\.field) == VMCSField.allCases)
        #expect(VMCSField.allCases.map(\.index) == Array(0..<VMCSField.count))
        for field in VMCSField.allCases { #expect(VMCSField(index: field.index) == field) }
        #expect(VMCSField(index: VMCSField.count) == nil)
        #expect(VMCSField(index: -1) == nil)
    }

    @Test("Encodings ascend, and names and titles are unique")
    func uniqueness() {
        let encodings = VMCSField.allCases.map(\.rawValue)
        #expect(encodings == encodings.sorted())
        #expect(Set(VMCSField.allCases.map(\.name)).count == VMCSField.count)
        #expect(Set(VMCSField.allCases.map(\.title)).count == VMCSField.count)
    }

    /// SDM 3C, "VMREAD, VMWRITE, and Encodings of VMCS Fields": bits 14:13 width, 11:10 type.
    @Test(
        "The encoding tells width and area",
        arguments: [
            (VMCSField.vpid, VMCSFieldEncoding.Width.bits16, VMCSFieldEncoding.Kind.control, 0),
            (.hostTRSelector, .bits16, .hostState, 6), (.eptPointer, .bits64, .control, 13),
            (.guestPhysicalAddress, .bits64, .exitInformation, 0),
            (.exitReason, .bits32, .exitInformation, 1),
            (.preemptionTimer, .bits32, .guestState, 23),
            (.cr0ReadShadow, .natural, .control, 2),
            (.exitQualification, .natural, .exitInformation, 0),
            (.guestRIP, .natural, .guestState, 15), (.hostRIP, .natural, .hostState, 11),
        ])
    func widthAndKind(
        field: VMCSField, width: VMCSFieldEncoding.Width, kind: VMCSFieldEncoding.Kind, index: Int
    ) {
        #expect(field.width == width)
        #expect(field.kind == kind)
        #expect(field.encoding.index == index)
        #expect(!field.encoding.isHigh)
        #expect(field.access == (kind == .exitInformation ? .readOnly : .readWrite))
    }

    @Test("Each encoding of 16 bits names a field exactly if it is one's or its high half's")
    func allEncodings() {
        let byRaw = Dictionary(uniqueKeysWithValues: VMCSField.allCases.map { ($0.rawValue, $0) })
        for raw in UInt16.min...UInt16.max {
            let full = byRaw[raw & ~1]
            let expected = raw & 1 == 0 || full?.width == .bits64 ? full : nil
            let found = VMCSFieldEncoding(rawValue: raw).flatMap(VMCSField.init(encoding:))
            #expect(found == expected, "\(raw)")
        }
    }

    @Test(
        "An operand with a reserved bit names no field",
        arguments: [0x1000, 0x8000, 0x1_6800, 0x8000_0000_0000_6800, UInt64.max])
    func reservedBits(operand: UInt64) {
        #expect(VMCSFieldEncoding(operand: operand) == nil)
    }

    @Test("The high half of a 64-bit field is told from the whole")
    func highHalf() throws {
        let encoding = try #require(VMCSFieldEncoding(operand: 0x201b))
        #expect(encoding.isHigh)
        #expect(VMCSField(encoding: encoding) == .eptPointer)
    }

    @Test("The first VT-x lacks what EPT, VPID and later controls brought")
    func existence() throws {
        let first = try #require(Processor.firstVTx.vmx)
        let lacking: [VMCSField] = [
            .vpid, .eptPointer, .guestPhysicalAddress, .guestPDPTE0, .secondaryProcControls,
            .preemptionTimer, .guestEFER, .hostPAT, .virtualizationExceptionInformationAddress,
            .tscMultiplier, .vmreadBitmap, .guestPKRS,
        ]
        for field in lacking { #expect(!field.exists(on: first), "\(field)") }
        let having: [VMCSField] = [.guestCR0, .ioBitmapA, .msrBitmaps, .hostRIP, .cr3Target3]
        for field in having { #expect(field.exists(on: first), "\(field)") }
        let skylake = try #require(Processor.skylake.vmx)
        for field in lacking.dropLast() { #expect(field.exists(on: skylake), "\(field)") }
    }
}
