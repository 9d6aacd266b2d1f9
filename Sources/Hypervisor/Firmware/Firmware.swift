import Architecture
import Machine

/// One call of a firmware service, as it is told.
public struct FirmwareCall: Sendable, Equatable {
    /// The interrupt, as 13h.
    public let vector: UInt8
    /// AH at the call: the function.
    public let function: UInt8
    /// This firmware has no such function, and answers so.
    public internal(set) var isProvided = true
    /// The carry flag that it returns, where it returns one: set for failure.
    public internal(set) var carry: Bool?
    /// It waits for a key, and there is none to come.
    public internal(set) var waitsForever = false
    /// It waited for a key when the run was interrupted: it is called again when that goes on.
    var isInterrupted = false
}

/// A key from outside, when the guest asks for one.
public enum KeyboardInput: Sendable, Equatable {
    /// A byte as a terminal sends it.
    case byte(UInt8)
    case none
    /// None is to come any more.
    case end
    /// The wait for one was interrupted.
    case interrupted
}

/// Where keys come from.
///
/// - Parameters:
///   - waits: the guest can do nothing else before there is one.
///   - screen: what stands on its screen, where it waits.
public typealias KeyboardSource = (_ waits: Bool, _ screen: ScreenContents?) -> KeyboardInput

/// A PC's firmware, as far as boot sectors use it: its tables in memory, and its services, carried
/// out here when the code in ``FirmwareROM`` hands over.
///
/// Numbers and layouts are those of the IBM PC/AT Technical Reference, of the ACPI Specification
/// for the memory map, and of the BIOS Enhanced Disk Drive Specification.
public struct Firmware: Sendable {
    /// What follows a call.
    enum Outcome {
        case goesOn
        /// The processor waits for what does not come.
        case ends
        case interrupted
    }

    var disk: DiskImage
    let map: PCMemoryMap
    /// Bytes of an escape sequence that has begun.
    var keySequence: [UInt8] = []
    /// What function 01h of the disk service returns: how the last one ended.
    var diskStatus: UInt8 = 0
    var screen = TextScreen()

    public init(disk: DiskImage, map: PCMemoryMap) {
        self.disk = disk
        self.map = map
    }

    /// Without a disk: a boot loader has come and gone.
    init(map: PCMemoryMap) { self.init(disk: .absent, map: map) }

    /// Carries out the service whose OUT has just been executed; nil: it was not the ROM's.
    mutating func serve(
        _ machine: inout Machine, keyboard: KeyboardSource
    ) -> (call: FirmwareCall, outcome: Outcome)? {
        guard machine.state.cs.base == FirmwareROM.base,
            let vector = FirmwareROM.shared?.service(returningTo: machine.state.rip)
        else { return nil }
        var registers = FirmwareRegisters(&machine)
        var call = FirmwareCall(vector: vector, function: registers.ah)
        switch vector {
        case 0x10: call.isProvided = video(&registers, &machine)
        case 0x11: registers.ax = equipment
        case 0x12: registers.ax = UInt16(map.lowerKiB)
        case 0x13: call.isProvided = disk(&registers, &machine)
        case 0x14: call.isProvided = serial(&registers, &machine)
        case 0x15: call.isProvided = system(&registers, &machine)
        case 0x16: call.isProvided = self.keyboard(&registers, &machine, &call, keyboard)
        case 0x18: screen.write("No bootable disk.\r\n", &machine)
        case 0x19:
            guard !boot(&machine) else { return (call, .goesOn) }
            screen.write("No bootable disk.\r\n", &machine)
            return (call, .ends)
        case 0x1A: call.isProvided = clock(&registers, &machine)
        default:
            // A printer that never answers.
            registers.ah = 1
        }
        if call.isInterrupted {
            // Back to the OUT that handed over.
            machine.state.rip &-= FirmwareROM.handOverLength
            return (call, .interrupted)
        }
        call.carry = registers.carry
        registers.store(in: &machine)
        return (call, call.waitsForever ? .ends : .goesOn)
    }

    // MARK: The start

    /// The boot sector at 0000:7C00, and the state in which firmware jumps there. False: there is
    /// no disk.
    func boot(_ machine: inout Machine) -> Bool {
        guard let drive = disk.drive, let sector = disk.sector(0) else { return false }
        for (index, byte) in sector.enumerated() {
            machine.writePhysical(Self.bootAddress + UInt64(index), UInt64(byte), size: 1)
        }
        Self.setStartState(&machine.state, drive: drive)
        return true
    }

    public static let bootAddress: UInt64 = 0x7C00

    /// Interrupts are on, the stack lies below the boot sector, the drive is in DL.
    static func setStartState(_ state: inout ProcessorState, drive: UInt8) {
        state.rip = bootAddress
        for name in SegmentRegister.allCases { state[name] = .realMode(0, code: name == .cs) }
        state.idtr = DescriptorTableRegister(base: 0, limit: 0x3FF)
        state.registers[.rsp] = bootAddress
        state.registers[.rdx] = UInt64(drive)
        state.rflags = 0x202
    }

    /// Vectors, data areas, ROM and an empty screen.
    func load(into memory: inout PhysicalMemory, for processor: Processor) {
        guard let rom = FirmwareROM.shared else { return }
        for base in [FirmwareROM.base, PCMemoryMap.resetROM.lowerBound] {
            memory.load(rom.program.bytes, at: base + rom.program.origin)
        }
        memory.load(
            MultiprocessorTable(processor: processor).bytes, at: MultiprocessorTable.address)
        memory.load(ACPITables.bytes, at: ACPITables.address)
        for (vector, offset) in rom.handlers.enumerated() {
            Self.point(vector, to: offset, &memory)
        }
        Self.point(0x1E, to: rom.floppyTable, &memory)
        for (field, value, size) in dataArea {
            memory.write(BIOSData.base + field, value, size: size)
        }
        memory.write(PCMemoryMap.extendedBIOSData, 1, size: 1)
        TextScreen.clear(&memory)
    }

    /// An interrupt vector of the ROM's.
    private static func point(_ vector: Int, to offset: UInt16, _ memory: inout PhysicalMemory) {
        let pointer = UInt64(offset) | UInt64(FirmwareROM.segment) << 16
        memory.write(UInt64(vector) * 4, pointer, size: 4)
    }

    /// The equipment word: an x87 coprocessor, 80-column colour text, one serial port, and a floppy.
    var equipment: UInt16 { disk.floppyType == nil ? 0x0222 : 0x0223 }

    private var dataArea: [(field: UInt64, value: UInt64, size: Int)] {
        [
            (BIOSData.serialPorts, 0x3F8, 2),
            (BIOSData.extendedArea, PCMemoryMap.extendedBIOSData >> 4, 2),
            (BIOSData.equipment, UInt64(equipment), 2),
            (BIOSData.memoryKiB, UInt64(map.lowerKiB), 2),
            (BIOSData.keyHead, BIOSData.keyBuffer, 2), (BIOSData.keyTail, BIOSData.keyBuffer, 2),
            (BIOSData.keyBufferStart, BIOSData.keyBuffer, 2),
            (BIOSData.keyBufferEnd, BIOSData.keyBuffer + BIOSData.keyBufferSize, 2),
            (BIOSData.videoMode, 3, 1), (BIOSData.columns, 80, 2), (BIOSData.pageSize, 0x1000, 2),
            (BIOSData.cursorShape, 0x0607, 2), (BIOSData.videoPorts, 0x3D4, 2),
            (BIOSData.lastRow, 24, 1), (BIOSData.characterHeight, 16, 2),
            (BIOSData.hardDisks, disk.isHardDisk ? 1 : 0, 1),
        ]
    }

    /// Interrupt controllers and timer as firmware leaves them: vectors 08h and 70h, and the timer
    /// at its slowest, 18.2 ticks a second.
    static func setDevices(_ machine: inout Machine) {
        let writes: [(port: UInt16, value: UInt32)] = [
            (0x20, 0x11), (0x21, 0x08), (0x21, 0x04), (0x21, 0x01),
            (0xA0, 0x11), (0xA1, 0x70), (0xA1, 0x02), (0xA1, 0x01),
            (0x21, 0xF8), (0xA1, 0xFF), (0x43, 0x36), (0x40, 0x00), (0x40, 0x00),
        ]
        for write in writes { machine.writePort(write.port, write.value, size: 1) }
        machine.writePhysical(IOAPIC.page, 0, size: 4)
        machine.writePhysical(
            IOAPIC.page + 0x10, UInt64(MultiprocessorTable.ioAPICID) << 24, size: 4)
    }
}

/// The BIOS data area at 0040:0000: offsets of its fields.
enum BIOSData {
    static let base: UInt64 = 0x400
    static let serialPorts: UInt64 = 0x00
    static let extendedArea: UInt64 = 0x0E
    static let equipment: UInt64 = 0x10
    static let memoryKiB: UInt64 = 0x13
    static let keyHead: UInt64 = 0x1A
    static let keyTail: UInt64 = 0x1C
    static let keyBuffer: UInt64 = 0x1E
    static let keyBufferSize: UInt64 = 32
    static let videoMode: UInt64 = 0x49
    static let columns: UInt64 = 0x4A
    static let pageSize: UInt64 = 0x4C
    static let pageStart: UInt64 = 0x4E
    /// Eight words, a page each: row in the high byte, column in the low.
    static let cursors: UInt64 = 0x50
    static let cursorShape: UInt64 = 0x60
    static let page: UInt64 = 0x62
    static let videoPorts: UInt64 = 0x63
    static let ticks: UInt64 = 0x6C
    static let midnight: UInt64 = 0x70
    static let hardDisks: UInt64 = 0x75
    static let keyBufferStart: UInt64 = 0x80
    static let keyBufferEnd: UInt64 = 0x82
    static let lastRow: UInt64 = 0x84
    static let characterHeight: UInt64 = 0x85

    static func read(_ field: UInt64, size: Int, _ machine: inout Machine) -> UInt64 {
        machine.readPhysical(base + field, size: size)
    }

    static func write(_ field: UInt64, _ value: UInt64, size: Int, _ machine: inout Machine) {
        machine.writePhysical(base + field, value, size: size)
    }
}
