import Testing

@testable import Machine

/// Intel 8259A data sheet.
@Suite("Interrupt controllers")
struct InterruptControllerTests {
    /// Initialized as firmware does it: vectors 20h and 28h, everything unmasked.
    private func initialized(fourthWord: UInt8 = 1) -> PIC {
        var pic = PIC()
        for (port, value) in [
            (0x20, 0x11), (0x21, 0x20), (0x21, 4), (0x21, Int(fourthWord)), (0xA0, 0x11),
            (0xA1, 0x28), (0xA1, 2), (0xA1, 1),
        ] {
            #expect(pic.write(UInt16(port), UInt8(value)) == true)
        }
        return pic
    }

    private func write(_ pic: inout PIC, _ port: UInt16, _ value: UInt8) {
        #expect(pic.write(port, value) == true)
    }

    @Test("the lowest input is served first, and holds back those behind it until its end")
    func priorities() {
        var pic = initialized()
        pic.pulse(3)
        pic.pulse(1)
        #expect(pic.acknowledge() == 0x21)
        #expect(!pic.isRequesting)
        write(&pic, 0x20, 0x20)
        #expect(pic.acknowledge() == 0x23)
    }

    @Test("the second controller answers for inputs 8 to 15, and both take an end of interrupt")
    func cascade() {
        var pic = initialized()
        pic.pulse(12)
        #expect(pic.acknowledge() == 0x2C)
        write(&pic, 0x20, 0x0B)
        write(&pic, 0xA0, 0x0B)
        #expect(pic.read(0x20) == 0x04)
        #expect(pic.read(0xA0) == 0x10)
        write(&pic, 0xA0, 0x20)
        write(&pic, 0x20, 0x20)
        #expect(pic.read(0x20) == 0)
        #expect(pic.read(0xA0) == 0)
    }

    @Test("a masked input requests nothing, and is remembered")
    func mask() {
        var pic = initialized()
        write(&pic, 0x21, 0x02)
        pic.pulse(1)
        #expect(!pic.isRequesting)
        write(&pic, 0x20, 0x0A)
        #expect(pic.read(0x20) == 0x02)
        #expect(pic.read(0x21) == 0x02)
        write(&pic, 0x21, 0)
        #expect(pic.acknowledge() == 0x21)
    }

    @Test("without a request input 7 answers, and nothing is in service")
    func spurious() {
        var pic = initialized()
        #expect(pic.acknowledge() == 0x27)
        write(&pic, 0x20, 0x0B)
        #expect(pic.read(0x20) == 0)
    }

    @Test("a specific end of interrupt ends the input that it names")
    func specificEnd() {
        var pic = initialized()
        pic.pulse(5)
        _ = pic.acknowledge()
        pic.pulse(2 + 1)
        _ = pic.acknowledge()
        write(&pic, 0x20, 0x65)
        write(&pic, 0x20, 0x0B)
        #expect(pic.read(0x20) == 0x08)
    }

    @Test("in special mask mode a masked input in service holds nothing back")
    func specialMask() {
        var pic = initialized()
        pic.pulse(1)
        _ = pic.acknowledge()
        pic.pulse(4)
        write(&pic, 0x21, 0x02)
        #expect(!pic.isRequesting)
        write(&pic, 0x20, 0x68)
        #expect(pic.acknowledge() == 0x24)
    }

    @Test("with automatic end of interrupt nothing is in service after the acknowledgement")
    func automaticEnd() {
        var pic = initialized(fourthWord: 3)
        pic.pulse(1)
        #expect(pic.acknowledge() == 0x21)
        pic.pulse(3)
        #expect(pic.acknowledge() == 0x23)
    }

    @Test("rotation makes the input that has ended the last one")
    func rotation() {
        var pic = initialized()
        pic.pulse(1)
        _ = pic.acknowledge()
        write(&pic, 0x20, 0xA0)
        pic.pulse(1)
        pic.pulse(3)
        #expect(pic.acknowledge() == 0x23)
    }

    @Test("a poll acknowledges and tells the input")
    func poll() {
        var pic = initialized()
        pic.pulse(6)
        write(&pic, 0x20, 0x0C)
        #expect(pic.read(0x20) == 0x86)
        write(&pic, 0x20, 0x0C)
        #expect(pic.read(0x20) == 0)
    }

    @Test("the edge/level register makes inputs level-triggered, but for 0, 1, 2, 8 and 13")
    func levels() {
        var pic = initialized()
        write(&pic, 0x4D0, 0xFF)
        write(&pic, 0x4D1, 0xFF)
        #expect(pic.read(0x4D0) == 0xF8)
        #expect(pic.read(0x4D1) == 0xDE)
        pic.set(5, true)
        #expect(pic.acknowledge() == 0x25)
        write(&pic, 0x20, 0x20)
        #expect(pic.isRequesting)
        pic.set(5, false)
        #expect(!pic.isRequesting)
    }
}
