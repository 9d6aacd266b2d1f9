import Testing

@testable import Machine

/// National Semiconductor PC16550D data sheet; the chipset's other ports.
@Suite("Devices with ports")
struct PortDeviceTests {
    private func machine() -> Machine { Machine(processor: .skylake, memorySize: 4 << 20) }

    // MARK: Serial port

    @Test("what is written to the data register is sent, but for the divisor and the loop")
    func output() {
        var machine = machine()
        #expect(machine.writePort(0x3F8, 0x41, size: 1)?.byte == 0x41)
        machine.writePort(0x3FB, 0x83, size: 1)
        #expect(machine.writePort(0x3F8, 0x0C, size: 1) == nil)
        #expect(machine.readPort(0x3F8, size: 1) == 0x0C)
        machine.writePort(0x3FB, 0x03, size: 1)
        machine.writePort(0x3FC, 0x10, size: 1)
        #expect(machine.writePort(0x3F8, 0x5A, size: 1) == nil)
        #expect(machine.readPort(0x3FD, size: 1) == 0x61)
        #expect(machine.readPort(0x3F8, size: 1) == 0x5A)
        #expect(machine.readPort(0x3FD, size: 1) == 0x60)
        #expect(machine.ports.takeOutput() == [PortBus.Output(port: 0x3F8, byte: 0x41)])
    }

    @Test("the scratch register keeps what is written, the status registers do not")
    func scratch() {
        var machine = machine()
        for port in [UInt16(0x3FF), 0x3FD, 0x3FE] { machine.writePort(port, 0xA5, size: 1) }
        #expect(machine.readPort(0x3FF, size: 1) == 0xA5)
        #expect(machine.readPort(0x3FD, size: 1) == 0x60)
        #expect(machine.readPort(0x3FE, size: 1) == 0xB0)
    }

    @Test("in the loop the modem's lines are the modem control register's")
    func loop() {
        var port = SerialPort()
        // RTS, DTR, OUT1, OUT2 come back as CTS, DSR, RI, DCD.
        for (control, status) in [(0x11, 0x20), (0x12, 0x10), (0x14, 0x40), (0x18, 0x80)] {
            _ = port.write(4, UInt8(control))
            #expect(port.read(6) & 0xF0 == UInt8(status))
        }
    }

    @Test("interrupts are identified by urgency, and reach the controller by OUT2")
    func identification() {
        var port = SerialPort()
        #expect(port.read(2) == 1)
        _ = port.write(1, 3)
        #expect(!port.isInterrupting)
        _ = port.write(4, 8)
        #expect(port.isInterrupting)
        port.receive(0x41)
        #expect(port.read(2) == 4)
        #expect(port.read(0) == 0x41)
        #expect(port.read(2) == 2)
        #expect(port.read(2) == 1)
        #expect(!port.isInterrupting)
        _ = port.write(2, 1)
        #expect(port.read(2) == 0xC1)
    }

    @Test("bytes for the data register arrive there, and the line status tells of them")
    func input() {
        var machine = machine()
        machine.ports.inputs[0x3F8] = [0x68, 0x69]
        #expect(machine.readPort(0x3FD, size: 1) == 0x61)
        #expect(machine.readPort(0x3F8, size: 1) == 0x68)
        #expect(machine.readPort(0x3F8, size: 1) == 0x69)
        #expect(machine.readPort(0x3FD, size: 1) == 0x60)
    }

    // MARK: Who has a port

    @Test("a device answers at its ports and at no other")
    func ownPorts() {
        var machine = machine()
        machine.ports.devices.video = VideoRegisters()
        var (pic, pit, keyboard) = (PIC(), PIT(), KeyboardController())
        var clock = RealTimeClock(memorySize: 4 << 20)
        let video = VideoRegisters()
        for port in UInt16.min...UInt16.max {
            #expect((pic.read(port) != nil) == PIC.ports.contains { $0.contains(port) })
            #expect((pit.read(port, 0) != nil) == PIT.ports.contains { $0.contains(port) })
            let isKeyboard = KeyboardController.ports.contains { $0.contains(port) }
            #expect((keyboard.read(port) != nil) == isKeyboard)
            let isClock = RealTimeClock.ports.contains { $0.contains(port) }
            #expect((clock.read(port, 0) != nil) == isClock)
            let isVideo = VideoRegisters.ports.contains { $0.contains(port) }
            #expect((video.read(port, 0) != nil) == isVideo)
        }
    }

    @Test(
        "an access of several bytes reaches a device behind a port that nobody has",
        arguments: [(UInt16(0x1F), UInt8(2)), (0x1E, 4), (0x3F5, 4)])
    func severalBytes(port: UInt16, size: UInt8) {
        #expect(machine().ports.devices.hasPorts(from: port, count: size))
        #expect(!machine().ports.devices.hasPorts(from: port, count: 1))
    }

    // MARK: Others

    @Test("unclaimed ports read all ones, the debug port its own number")
    func unclaimed() {
        var machine = machine()
        #expect(machine.readPort(0x1234, size: 4) == 0xFFFF_FFFF)
        #expect(machine.readPort(0xE9, size: 1) == 0xE9)
    }

    @Test("there is a PCI configuration mechanism with nothing behind it")
    func pci() {
        var machine = machine()
        machine.writePort(0xCF8, 0x8000_0000, size: 4)
        #expect(machine.readPort(0xCF8, size: 4) == 0x8000_0000)
        #expect(machine.readPort(0xCFC, size: 4) == 0xFFFF_FFFF)
    }

    @Test("the keyboard controller passes its self-test and has its buffers empty")
    func keyboard() {
        var machine = machine()
        #expect(machine.readPort(0x64, size: 1) & 3 == 0)
        machine.writePort(0x64, 0xAA, size: 1)
        #expect(machine.readPort(0x64, size: 1) & 1 == 1)
        #expect(machine.readPort(0x60, size: 1) == 0x55)
        #expect(machine.readPort(0x64, size: 1) & 1 == 0)
    }

    @Test("address line 20 is held low by port 92h and by the keyboard controller's output port")
    func addressLine20() {
        var machine = machine()
        machine.writePhysical(0x10_0010, 0xAB, size: 1)
        machine.writePort(0x92, 0, size: 1)
        #expect(machine.readPhysical(0x10_0010, size: 1) == 0)
        #expect(machine.readPort(0x92, size: 1) & 2 == 0)
        machine.writePort(0x64, 0xD1, size: 1)
        machine.writePort(0x60, 0xDF, size: 1)
        #expect(machine.readPhysical(0x10_0010, size: 1) == 0xAB)
    }

    @Test(
        "a reset ends the run",
        arguments: [
            ("mov al, 0xfe\nout 0x64, al"), ("mov al, 3\nout 0x92, al"),
            ("mov dx, 0xcf9\nmov al, 6\nout dx, al"),
        ])
    func reset(source: String) throws {
        var program = try HandledProgram(source)
        #expect(program.stop() == .shutdown)
    }
}
