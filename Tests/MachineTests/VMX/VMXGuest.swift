import Architecture
import InstructionSet
import Testing

@testable import Machine

/// A guest of a few instructions in non-root operation, and the VMCS that controls it: by default
/// EPT with an identity map, unrestricted guest, every exception exits, and no optional exit.
struct VMXGuest: ~Copyable {
    enum Mode { case real16, protected32, long64 }

    /// Where things lie in the machine's 16 MiB.
    enum Place {
        static let idt: UInt64 = 0x3000
        static let code: UInt64 = 0x8000
        static let stack: UInt64 = 0x7000
        static let data: UInt64 = 0x9000
        /// PML4, PDPT, page directory of the guest.
        static let guestTables: UInt64 = 0x2_0000
        static let vmxon: UInt64 = 0x10_0000
        static let vmcs: UInt64 = 0x10_1000
        static let msrBitmaps: UInt64 = 0x10_2000
        static let shadow: UInt64 = 0x10_3000
        static let bitmaps: UInt64 = 0x10_4000
        static let lists: UInt64 = 0x10_6000
        static let hostTables: UInt64 = 0x10_8000
        /// EPT PML4, PDPT, page directory.
        static let ept: UInt64 = 0x11_0000
        static let otherEPT: UInt64 = 0x12_0000
        /// A guest-physical page that the tests remap.
        static let page: UInt64 = 0x40_0000
        /// Free for tests.
        static let free: UInt64 = 0x60_0000
    }

    var machine: Machine
    private var hasLaunched = false

    init(
        _ source: String, _ mode: Mode = .protected32, cpl: UInt8 = 0,
        processor: Processor = .skylake
    ) throws {
        let vmx = try #require(processor.vmx)
        let bytes = try Self.assemble(source, mode)
        machine = Machine(processor: processor, memorySize: 16 << 20)
        machine.state = Self.rootState(vmx)
        for address in [Place.vmxon, Place.vmcs] {
            machine.writePhysical(address, UInt64(vmx.revision), size: 4)
        }
        #expect(machine.vmxon(Place.vmxon) == .succeed)
        #expect(machine.vmclear(Place.vmcs) == .succeed)
        #expect(machine.vmptrld(Place.vmcs) == .succeed)
        setControls(vmx, mode)
        setHost()
        setGuest(mode, cpl)
        buildTables()
        machine.memory.load(bytes, at: Place.code)
    }

    // MARK: What tests do

    /// A field of the current VMCS, by VMREAD and VMWRITE.
    subscript(field: VMCSField) -> UInt64 {
        mutating get { machine.vmread(UInt64(field.rawValue)).1 }
        set {
            let result = machine.vmwrite(UInt64(field.rawValue), newValue)
            #expect(result == .succeed, "\(field.name)")
        }
    }

    mutating func set(_ control: some ControlBits) { self[type(of: control).field] |= control.mask }
    mutating func clear(_ control: some ControlBits) {
        self[type(of: control).field] &= ~control.mask
    }

    /// Enters the guest, and runs it to its next exit.
    mutating func run() throws -> ExitReason {
        let result = hasLaunched ? machine.vmresume() : machine.vmlaunch()
        if result == .entered {
            hasLaunched = true
            let stop = machine.run(Machine.Limits(steps: machine.steps + 10_000))
            #expect(stop == .exited)
        } else {
            #expect(result == .entryFailed)
        }
        let field = ExitReasonField(rawValue: UInt32(self[.exitReason]))
        return try #require(field.basic)
    }

    /// Behind the instruction that exited.
    mutating func skip() { self[.guestRIP] += self[.exitInstructionLength] }

    /// Enters and expects the machine to refuse to go on, for what it has not.
    mutating func result() -> VMXResult { machine.vmlaunch() }

    mutating func write(_ address: UInt64, _ value: UInt64, size: Int = 8) {
        machine.writePhysical(address, value, size: size)
    }

    mutating func read(_ address: UInt64, size: Int = 8) -> UInt64 {
        machine.readPhysical(address, size: size)
    }

    /// The vector of the exception that exited; nil where something else did.
    mutating func exception() throws -> ExceptionVector? {
        let reason = try run()
        guard reason == .exceptionOrNMI else { return nil }
        let information = InterruptionInformation(
            rawValue: UInt32(self[.exitInterruptionInformation]))
        return ExceptionVector(rawValue: information.vector)
    }

    // MARK: Set-up

    private static func rootState(_ vmx: VMXCapabilities) -> ProcessorState {
        var state = ProcessorState()
        state.cr0 = 0x8000_0031 | vmx.cr0Fixed0
        state.cr4 = 0x20 | vmx.cr4Fixed0
        state.cr3 = Place.hostTables
        state.efer = 0x500
        state.cs = Segment(selector: 8, base: 0, limit: 0xFFFF_FFFF, access: 0xA09B)
        state.ss = Segment(selector: 16, base: 0, limit: 0xFFFF_FFFF, access: 0xC093)
        state.msrs.featureControl = 5
        return state
    }

    private mutating func setControls(_ vmx: VMXCapabilities, _ mode: Mode) {
        var primary = PrimaryControl.useMSRBitmaps.mask
        primary |= PrimaryControl.activateSecondaryControls.mask
        let secondary = SecondaryControl.enableEPT.mask | SecondaryControl.unrestrictedGuest.mask
        var exit = ExitControl.hostAddressSpaceSize.mask | ExitControl.saveEFER.mask
        exit |= ExitControl.loadEFER.mask
        var entry = EntryControl.loadEFER.mask
        if mode == .long64 { entry |= EntryControl.ia32eModeGuest.mask }
        let wanted: [(VMCSField, UInt64)] = [
            (.pinControls, 0), (.primaryProcControls, primary),
            (.secondaryProcControls, secondary), (.exitControls, exit), (.entryControls, entry),
        ]
        for (field, value) in wanted {
            let settings = vmx.settings(of: field)
            self[field] = UInt64(settings?.adjusted(UInt32(value)) ?? 0)
        }
        self[.msrBitmaps] = Place.msrBitmaps
        self[.vmcsLinkPointer] = ~0
        self[.exceptionBitmap] = 0xFFFF_FFFF
        self[.eptPointer] = EPTPointer(address: Place.ept).rawValue
    }

    private mutating func setHost() {
        let values: [(VMCSField, UInt64)] = [
            (.hostCR0, machine.state.cr0), (.hostCR3, machine.state.cr3),
            (.hostCR4, machine.state.cr4), (.hostEFER, 0x500), (.hostCSSelector, 8),
            (.hostSSSelector, 16), (.hostDSSelector, 16), (.hostESSelector, 16),
            (.hostFSSelector, 16), (.hostGSSelector, 16), (.hostTRSelector, 24),
        ]
        for (field, value) in values { self[field] = value }
    }

    private mutating func setGuest(_ mode: Mode, _ cpl: UInt8) {
        let level = UInt64(cpl)
        let isReal = mode == .real16
        let code: UInt64 = mode == .long64 ? 0xA09B : isReal ? 0x9B : 0xC09B
        let data: UInt64 = isReal ? 0x93 : 0xC093
        let limit: UInt64 = isReal ? 0xFFFF : 0xFFFF_FFFF
        for row in GuestSegmentRow.all.prefix(6) {
            let isCode = row.selector == .guestCSSelector
            self[row.selector] = isReal ? 0 : (isCode ? 8 : 16) | level
            self[row.limit] = limit
            self[row.access] = (isCode ? code : data) | level << 5
        }
        self[.guestTRSelector] = 24
        self[.guestTRLimit] = 0x67
        self[.guestTRAccessRights] = 0x8B
        self[.guestLDTRAccessRights] = 0x10000
        let cr0: UInt64 = mode == .long64 ? 0x8000_0031 : isReal ? 0x30 : 0x31
        let values: [(VMCSField, UInt64)] = [
            (.guestCR0, cr0), (.guestCR3, Place.guestTables),
            (.guestCR4, mode == .long64 ? 0x2020 : 0x2000),
            (.guestEFER, mode == .long64 ? 0x500 : 0), (.guestDR7, 0x400),
            (.guestRIP, Place.code), (.guestRSP, Place.stack), (.guestRFLAGS, 2),
            (.guestIDTRBase, Place.idt), (.guestIDTRLimit, 0xFFF), (.guestGDTRLimit, 0x7F),
        ]
        for (field, value) in values { self[field] = value }
    }

    /// Identity maps of 1 GiB in 2 MiB pages: the guest's, open to user mode, and two by EPT.
    private mutating func buildTables() {
        write(Place.guestTables, (Place.guestTables + 0x1000) | 7)
        write(Place.guestTables + 0x1000, (Place.guestTables + 0x2000) | 7)
        for index in UInt64(0)..<512 {
            write(Place.guestTables + 0x2000 + index * 8, index << 21 | 0x87)
        }
        for root in [Place.ept, Place.otherEPT] {
            write(root, (root + 0x1000) | 7)
            write(root + 0x1000, (root + 0x2000) | 7)
            for index in UInt64(0)..<512 {
                write(root + 0x2000 + index * 8, index << 21 | 0xB7)
            }
        }
    }

    private static func assemble(_ source: String, _ mode: Mode) throws -> [UInt8] {
        let bits = mode == .long64 ? 64 : mode == .real16 ? 16 : 32
        return try Assembler.assemble(
            "bits \(bits)\norg \(Place.code)\n\(source)\nvmcall\n", file: "test.asm"
        ).bytes
    }
}
