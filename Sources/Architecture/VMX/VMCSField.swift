/// The fields of a VMCS; the raw value is the encoding that VMREAD and VMWRITE take.
///
/// Source: SDM 3D, "Field Encoding in VMCS", the processors of revision 078. Cases stand in the
/// order of their encodings, which is the order of the appendix's tables and of ``index``.
public enum VMCSField: UInt16, CaseIterable, Sendable, Hashable {
    // Appendix B: 16-bit control fields.
    case vpid = 0x0000
    case postedInterruptNotificationVector = 0x0002
    case eptpIndex = 0x0004
    case hlatPrefixSize = 0x0006
    case lastPIDPointerIndex = 0x0008

    // Appendix B: 16-bit guest-state fields.
    case guestESSelector = 0x0800
    case guestCSSelector = 0x0802
    case guestSSSelector = 0x0804
    case guestDSSelector = 0x0806
    case guestFSSelector = 0x0808
    case guestGSSelector = 0x080A
    case guestLDTRSelector = 0x080C
    case guestTRSelector = 0x080E
    case guestInterruptStatus = 0x0810
    case pmlIndex = 0x0812
    case guestUINV = 0x0814

    // Appendix B: 16-bit host-state fields.
    case hostESSelector = 0x0C00
    case hostCSSelector = 0x0C02
    case hostSSSelector = 0x0C04
    case hostDSSelector = 0x0C06
    case hostFSSelector = 0x0C08
    case hostGSSelector = 0x0C0A
    case hostTRSelector = 0x0C0C

    // Appendix B: 64-bit control fields.
    case ioBitmapA = 0x2000
    case ioBitmapB = 0x2002
    case msrBitmaps = 0x2004
    case exitMSRStoreAddress = 0x2006
    case exitMSRLoadAddress = 0x2008
    case entryMSRLoadAddress = 0x200A
    case executiveVMCSPointer = 0x200C
    case pmlAddress = 0x200E
    case tscOffset = 0x2010
    case virtualAPICAddress = 0x2012
    case apicAccessAddress = 0x2014
    case postedInterruptDescriptor = 0x2016
    case vmFunctionControls = 0x2018
    case eptPointer = 0x201A
    case eoiExitBitmap0 = 0x201C
    case eoiExitBitmap1 = 0x201E
    case eoiExitBitmap2 = 0x2020
    case eoiExitBitmap3 = 0x2022
    case eptpListAddress = 0x2024
    case vmreadBitmap = 0x2026
    case vmwriteBitmap = 0x2028
    case virtualizationExceptionInformationAddress = 0x202A
    case xssExitingBitmap = 0x202C
    case enclsExitingBitmap = 0x202E
    case subPagePermissionTablePointer = 0x2030
    case tscMultiplier = 0x2032
    case tertiaryProcControls = 0x2034
    case enclvExitingBitmap = 0x2036
    case lowPASIDDirectoryAddress = 0x2038
    case highPASIDDirectoryAddress = 0x203A
    case pconfigExitingBitmap = 0x203E
    case hlatPointer = 0x2040
    case pidPointerTableAddress = 0x2042

    // Appendix B: 64-bit read-only data field.
    case guestPhysicalAddress = 0x2400

    // Appendix B: 64-bit guest-state fields.
    case vmcsLinkPointer = 0x2800
    case guestDebugControl = 0x2802
    case guestPAT = 0x2804
    case guestEFER = 0x2806
    case guestPerfGlobalControl = 0x2808
    case guestPDPTE0 = 0x280A
    case guestPDPTE1 = 0x280C
    case guestPDPTE2 = 0x280E
    case guestPDPTE3 = 0x2810
    case guestBNDCFGS = 0x2812
    case guestRTITControl = 0x2814
    case guestLBRControl = 0x2816
    case guestPKRS = 0x2818

    // Appendix B: 64-bit host-state fields.
    case hostPAT = 0x2C00
    case hostEFER = 0x2C02
    case hostPerfGlobalControl = 0x2C04
    case hostPKRS = 0x2C06

    // Appendix B: 32-bit control fields.
    case pinControls = 0x4000
    case primaryProcControls = 0x4002
    case exceptionBitmap = 0x4004
    case pageFaultErrorCodeMask = 0x4006
    case pageFaultErrorCodeMatch = 0x4008
    case cr3TargetCount = 0x400A
    case exitControls = 0x400C
    case exitMSRStoreCount = 0x400E
    case exitMSRLoadCount = 0x4010
    case entryControls = 0x4012
    case entryMSRLoadCount = 0x4014
    case entryInterruptionInformation = 0x4016
    case entryExceptionErrorCode = 0x4018
    case entryInstructionLength = 0x401A
    case tprThreshold = 0x401C
    case secondaryProcControls = 0x401E
    case pleGap = 0x4020
    case pleWindow = 0x4022
    case instructionTimeoutControl = 0x4024

    // Appendix B: 32-bit read-only data fields.
    case vmInstructionError = 0x4400
    case exitReason = 0x4402
    case exitInterruptionInformation = 0x4404
    case exitInterruptionErrorCode = 0x4406
    case idtVectoringInformation = 0x4408
    case idtVectoringErrorCode = 0x440A
    case exitInstructionLength = 0x440C
    case exitInstructionInformation = 0x440E

    // Appendix B: 32-bit guest-state fields.
    case guestESLimit = 0x4800
    case guestCSLimit = 0x4802
    case guestSSLimit = 0x4804
    case guestDSLimit = 0x4806
    case guestFSLimit = 0x4808
    case guestGSLimit = 0x480A
    case guestLDTRLimit = 0x480C
    case guestTRLimit = 0x480E
    case guestGDTRLimit = 0x4810
    case guestIDTRLimit = 0x4812
    case guestESAccessRights = 0x4814
    case guestCSAccessRights = 0x4816
    case guestSSAccessRights = 0x4818
    case guestDSAccessRights = 0x481A
    case guestFSAccessRights = 0x481C
    case guestGSAccessRights = 0x481E
    case guestLDTRAccessRights = 0x4820
    case guestTRAccessRights = 0x4822
    case guestInterruptibility = 0x4824
    case guestActivityState = 0x4826
    case guestSMBASE = 0x4828
    case guestSYSENTERCS = 0x482A
    case preemptionTimer = 0x482E

    // Appendix B: 32-bit host-state field.
    case hostSYSENTERCS = 0x4C00

    // Appendix B: natural-width control fields.
    case cr0Mask = 0x6000
    case cr4Mask = 0x6002
    case cr0ReadShadow = 0x6004
    case cr4ReadShadow = 0x6006
    case cr3Target0 = 0x6008
    case cr3Target1 = 0x600A
    case cr3Target2 = 0x600C
    case cr3Target3 = 0x600E

    // Appendix B: natural-width read-only data fields.
    case exitQualification = 0x6400
    case ioRCX = 0x6402
    case ioRSI = 0x6404
    case ioRDI = 0x6406
    case ioRIP = 0x6408
    case guestLinearAddress = 0x640A

    // Appendix B: natural-width guest-state fields.
    case guestCR0 = 0x6800
    case guestCR3 = 0x6802
    case guestCR4 = 0x6804
    case guestESBase = 0x6806
    case guestCSBase = 0x6808
    case guestSSBase = 0x680A
    case guestDSBase = 0x680C
    case guestFSBase = 0x680E
    case guestGSBase = 0x6810
    case guestLDTRBase = 0x6812
    case guestTRBase = 0x6814
    case guestGDTRBase = 0x6816
    case guestIDTRBase = 0x6818
    case guestDR7 = 0x681A
    case guestRSP = 0x681C
    case guestRIP = 0x681E
    case guestRFLAGS = 0x6820
    case guestPendingDebug = 0x6822
    case guestSYSENTERESP = 0x6824
    case guestSYSENTEREIP = 0x6826
    case guestSCET = 0x6828
    case guestSSP = 0x682A
    case guestInterruptSSPTable = 0x682C

    // Appendix B: natural-width host-state fields.
    case hostCR0 = 0x6C00
    case hostCR3 = 0x6C02
    case hostCR4 = 0x6C04
    case hostFSBase = 0x6C06
    case hostGSBase = 0x6C08
    case hostTRBase = 0x6C0A
    case hostGDTRBase = 0x6C0C
    case hostIDTRBase = 0x6C0E
    case hostSYSENTERESP = 0x6C10
    case hostSYSENTEREIP = 0x6C12
    case hostRSP = 0x6C14
    case hostRIP = 0x6C16
    case hostSCET = 0x6C18
    case hostSSP = 0x6C1A
    case hostInterruptSSPTable = 0x6C1C
}

extension VMCSField {
    /// How many fields there are; ``index`` is below it.
    public static let count = allCases.count

    /// The field's dense position, from 0, for storage. Fields of higher encoding come later.
    ///
    /// An enumeration without payloads is represented by its cases' positions, which makes this
    /// free; a test holds it against `allCases`.
    @inlinable public var index: Int { Int(unsafeBitCast(self, to: UInt8.self)) }

    /// The field at a position; nil at `count` and beyond.
    public init?(index: Int) {
        guard Self.inOrder.indices.contains(index) else { return nil }
        self = Self.inOrder[index]
    }

    /// What the encoding says.
    @inlinable public var encoding: VMCSFieldEncoding { VMCSFieldEncoding(field: self) }

    /// How wide the field is; part of the encoding.
    @inlinable public var width: VMCSFieldEncoding.Width { encoding.width }

    /// Which area of the VMCS the field belongs to; part of the encoding.
    @inlinable public var kind: VMCSFieldEncoding.Kind { encoding.kind }

    /// Read-only for exit information, which VMWRITE reaches only on processors that say so
    /// (``VMXCapabilities/writesAnyField``). SDM 3C, "VMCS Field Encodings".
    @inlinable public var access: Access { kind == .exitInformation ? .readOnly : .readWrite }

    /// Whether VMWRITE may be refused for the field.
    public enum Access: Sendable { case readOnly, readWrite }

    /// The field that an encoding names: nil where no processor of revision 078 has one, and for
    /// the high half of a field that is not 64 bits wide.
    public init?(encoding: VMCSFieldEncoding) {
        guard let field = Self.byPosition[encoding.tablePosition],
            !encoding.isHigh || encoding.width == .bits64
        else { return nil }
        self = field
    }

    /// The field of this name, as "GUEST_CR0", in exactly this spelling.
    public init?(name: String) {
        guard let row = Self.rows.first(where: { $0.name == name }) else { return nil }
        self = row.field
    }

    /// The short name by which scenarios, the prompt and recorded vectors call the field.
    public var name: String { Self.rows[index].name }

    /// The manual's name of the field.
    public var title: String { Self.rows[index].title }

    /// Where the manual describes what the field does. Its encoding is in
    /// ``Citation/fieldEncodingInVMCS``.
    public var citation: Citation { Self.rows[index].citation }

    /// Whether a processor with these capabilities has the field. Many fields exist "only on
    /// processors that support the 1-setting" of a control.
    public func exists(on processor: VMXCapabilities) -> Bool {
        let needs = Self.rows[index].existence
        return needs.isEmpty || needs.contains { processor.allows($0) }
    }

    /// The controls any one of which makes the field exist; empty where every processor has it.
    public var existence: [ControlBit] { Self.rows[index].existence }

    /// One row of the tables in the files beside this one.
    struct Row: Sendable {
        let field: VMCSField
        let name: String
        let title: String
        let citation: Citation
        let existence: [ControlBit]

        init(
            _ field: VMCSField, _ name: String, _ title: String, _ citation: Citation,
            exists existence: [ControlBit] = []
        ) {
            self.field = field
            self.name = name
            self.title = title
            self.citation = citation
            self.existence = existence
        }
    }

    /// All rows, in the order of ``index``.
    static let rows: [Row] = {
        var rows: [Row] = []
        rows += control16Rows + guest16Rows + host16Rows
        rows += control64Rows + readOnly64Rows + guest64Rows + host64Rows
        rows += control32Rows + readOnly32Rows + guest32Rows + host32Rows
        rows += controlNaturalRows + readOnlyNaturalRows + guestNaturalRows + hostNaturalRows
        return rows
    }()

    /// `allCases`, made once.
    private static let inOrder: [VMCSField] = allCases

    /// The field at each ``VMCSFieldEncoding/tablePosition``.
    private static let byPosition: [VMCSField?] = {
        var table = [VMCSField?](repeating: nil, count: VMCSFieldEncoding.tableSize)
        for field in inOrder { table[field.encoding.tablePosition] = field }
        return table
    }()
}
