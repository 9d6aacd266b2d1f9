/// The devices of a PC around the processor, all but the local APIC. Times are in ticks of the machine.
public struct Chipset: Sendable, Equatable {
    public private(set) var pic = PIC()
    /// Its registers are in memory: ``Machine`` reads and writes them.
    var ioAPIC = IOAPIC()
    private var pit = PIT()
    private var clock: RealTimeClock
    public private(set) var serial = SerialPort()
    public private(set) var keyboard = KeyboardController()
    /// nil: no screen.
    public var video: VideoRegisters?
    /// nil: no kernel that asks for it.
    public var tester: TestDevice?
    private var firmware: FirmwareConfiguration
    /// The PCI configuration address register; no bus is behind it.
    private var pciAddress: UInt32 = 0
    private var resetControl: UInt8 = 0

    /// Inputs of the interrupt controller. The I/O APIC's have the same numbers, but for the timer's.
    private enum Input {
        static let ioTimer = 2
        static let timer: UInt8 = 0
        static let keyboard: UInt8 = 1
        static let serial: UInt8 = 4
        static let clock: UInt8 = 8
    }

    private enum Port {
        static let firmwareSelector: UInt16 = 0x510
        static let firmwareData: UInt16 = 0x511
        static let pciAddress: UInt16 = 0xCF8
        static let reset: UInt16 = 0xCF9
    }

    public init(memorySize: UInt64) {
        clock = RealTimeClock(memorySize: memorySize)
        firmware = FirmwareConfiguration(memorySize: memorySize)
    }

    // MARK: Lines

    /// Address line 20 is open; else it reads as 0 everywhere.
    var opensA20: Bool { keyboard.opensA20 }
    /// The guest has asked for a reset of the processor.
    var wantsReset: Bool { keyboard.wantsReset || resetControl & 4 != 0 }
    /// The interrupt controller's output.
    var isInterrupting: Bool { pic.isRequesting }

    /// The vector that ``acknowledge()`` would give now.
    var nextVector: UInt8 {
        var pic = pic
        return pic.acknowledge()
    }

    /// The vector of the interrupt that is served now.
    mutating func acknowledge() -> UInt8 { pic.acknowledge() }

    /// A scan code from the keyboard.
    public mutating func press(_ scanCode: UInt8) {
        keyboard.press(scanCode)
        connect()
    }

    /// A byte for the serial port.
    mutating func receive(_ byte: UInt8) {
        serial.receive(byte)
        connect()
    }

    private mutating func connect() {
        set(Input.keyboard, keyboard.isInterrupting)
        set(Input.serial, serial.isInterrupting)
    }

    private mutating func set(_ input: UInt8, _ isHigh: Bool) {
        pic.set(input, isHigh)
        ioAPIC.set(Int(input), isHigh)
    }

    /// The test device drives an input of both interrupt controllers.
    private mutating func drive(_ line: UInt16, _ isHigh: Bool) {
        let input = UInt8(truncatingIfNeeded: line)
        if input < 16 { pic.set(input, isHigh) }
        ioAPIC.set(input == Input.timer ? Input.ioTimer : Int(input), isHigh)
    }

    // MARK: Time

    /// When a device interrupts next by itself; nil: never, as things stand.
    var nextInterrupt: UInt64? {
        let timer = pit.nextInterrupt.map { $0 &* DeviceClock.ticksPerTimerTick }
        return DeviceClock.earlier(timer, clock.nextInterrupt)
    }

    /// Does what was due up to now.
    mutating func advance(to now: UInt64) {
        if pit.advance(to: now / DeviceClock.ticksPerTimerTick) {
            pic.pulse(Input.timer)
            ioAPIC.pulse(Input.ioTimer)
        }
        if clock.advance(to: now) {
            pic.pulse(Input.clock)
            ioAPIC.pulse(Int(Input.clock))
        }
    }

    // MARK: Ports

    /// Who answers at a port. Each access asks this first, so it is a table: most of what guests
    /// write to goes nowhere, as port 80h, and has to cost no more than looking that up.
    private enum Owner: UInt8 {
        case nobody, pic, pit, clock, keyboard, video, serial, tester, powerTimer, chipset
    }

    private static let owners: [Owner] = {
        var owners = [Owner](repeating: .nobody, count: 0x10000)
        func give(_ ports: [ClosedRange<UInt16>], to owner: Owner) {
            for port in ports.joined() { owners[Int(port)] = owner }
        }
        give(PIC.ports, to: .pic)
        give(PIT.ports, to: .pit)
        give(RealTimeClock.ports, to: .clock)
        give(KeyboardController.ports, to: .keyboard)
        give(VideoRegisters.ports, to: .video)
        give([SerialPort.ports], to: .serial)
        give([TestDevice.dataPorts, TestDevice.linePorts], to: .tester)
        give([PowerManagementTimer.ports], to: .powerTimer)
        give([Port.firmwareSelector...Port.firmwareData], to: .chipset)
        give([Port.pciAddress...Port.reset], to: .chipset)
        return owners
    }()

    /// Whether a device has one of the ports.
    func hasPorts(from port: UInt16, count: UInt8) -> Bool {
        if count == 1 { return Self.owners[Int(port)] != .nobody }
        return (0..<UInt16(count)).contains { Self.owners[Int(port &+ $0)] != .nobody }
    }

    /// nil: no device answers.
    mutating func read(_ port: UInt16, _ now: UInt64) -> UInt8? {
        let owner = Self.owners[Int(port)]
        guard owner != .nobody else { return nil }
        advance(to: now)
        defer { connect() }
        switch (owner, port) {
        case (.pic, _): return pic.read(port)
        case (.pit, _): return pit.read(port, now / DeviceClock.ticksPerTimerTick)
        case (.clock, _): return clock.read(port, now)
        case (.keyboard, _): return keyboard.read(port)
        case (.video, _): return video?.read(port, now)
        case (.serial, _): return serial.read(port - SerialPort.ports.lowerBound)
        case (.tester, _): return tester?.read(port)
        case (.powerTimer, _): return PowerManagementTimer.read(port, now)
        case (.chipset, Port.reset): return resetControl
        case (.chipset, Port.firmwareData): return firmware.readByte()
        case (.chipset, _), (.nobody, _): return nil
        }
    }

    /// What leaves the serial port, where a byte does.
    mutating func write(_ port: UInt16, _ value: UInt8, _ now: UInt64) -> UInt8? {
        let owner = Self.owners[Int(port)]
        guard owner != .nobody else { return nil }
        advance(to: now)
        defer { connect() }
        switch owner {
        case .pic: pic.write(port, value)
        case .pit: pit.write(port, value, now / DeviceClock.ticksPerTimerTick)
        case .clock: clock.write(port, value, now)
        case .keyboard: keyboard.write(port, value)
        case .video: video?.write(port, value)
        case .serial: return serial.write(port - SerialPort.ports.lowerBound, value)
        case .tester: tester?.write(port, value)
        case .chipset: if port == Port.reset { resetControl = value }
        case .powerTimer, .nobody: break
        }
        return nil
    }

    /// Accesses that are not made byte by byte; nil: this is none.
    func readWhole(_ port: UInt16, size: UInt8) -> UInt32? {
        port == Port.pciAddress && size == 4 ? pciAddress : nil
    }

    /// False: this is no access of that kind.
    mutating func writeWhole(_ port: UInt16, _ value: UInt32, size: UInt8) -> Bool {
        switch (port, size) {
        case (Port.pciAddress, 4): pciAddress = value & 0x80FF_FFFC
        case (TestDevice.linePorts, _) where tester != nil:
            drive(port - TestDevice.linePorts.lowerBound, value != 0)
        case (Port.firmwareSelector, 2): firmware.select(UInt16(truncatingIfNeeded: value))
        default: return false
        }
        return true
    }
}
