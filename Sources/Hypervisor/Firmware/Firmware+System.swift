import Machine

/// INT 14h, 15h and 1Ah: serial port, system, clock.
extension Firmware {
    private static let unsupported: UInt8 = 0x86
    private static let systemControlPort: UInt16 = 0x92
    private static let opensA20: UInt32 = 2

    // MARK: INT 14h

    /// One port, COM1, always ready to send; nothing is ever received.
    func serial(_ registers: inout FirmwareRegisters, _ machine: inout Machine) -> Bool {
        guard registers.dx == 0 else {
            registers.ah = 0x80
            return true
        }
        switch registers.ah {
        case 0x00, 0x03: registers.ax = 0x6000
        case 0x01:
            machine.writePort(PortBus.serialData, UInt32(registers.al), size: 1)
            registers.ah = 0x60
        // Time-out.
        case 0x02: registers.ah = 0xE0
        default: return false
        }
        return true
    }

    // MARK: INT 15h

    func system(_ registers: inout FirmwareRegisters, _ machine: inout Machine) -> Bool {
        registers.carry = false
        switch registers.ax {
        case 0x2400, 0x2401: setA20(registers.al == 1, &registers, &machine)
        case 0x2402:
            let control = machine.readPort(Self.systemControlPort, size: 1)
            registers.ax = control & Self.opensA20 != 0 ? 1 : 0
        case 0x2403:
            registers.ax = 0
            registers.bx = 3
        case 0xE801:
            let (middle, upper) = extendedSizes
            registers.ax = middle
            registers.cx = middle
            registers.bx = upper
            registers.dx = upper
        case 0xE820: return tellRange(&registers, &machine)
        default: return systemFunction(&registers, &machine)
        }
        return true
    }

    private func systemFunction(
        _ registers: inout FirmwareRegisters, _ machine: inout Machine
    ) -> Bool {
        switch registers.ah {
        // CX:DX microseconds: a wait is over at once, and the ticks count it.
        case 0x86: passTime(UInt64(registers.cx) << 16 | UInt64(registers.dx), &machine)
        case 0x87: moveBlock(&registers, &machine)
        case 0x88: registers.ax = UInt16(min(map.upperKiB, 0xFC00))
        case 0xC1: registers.es = PCMemoryMap.extendedBIOSData
        default:
            registers.fail(Self.unsupported)
            return false
        }
        return true
    }

    private func setA20(
        _ isOpen: Bool, _ registers: inout FirmwareRegisters, _ machine: inout Machine
    ) {
        let control = machine.readPort(Self.systemControlPort, size: 1) & 0xFE
        let value = isOpen ? control | Self.opensA20 : control & ~Self.opensA20
        machine.writePort(Self.systemControlPort, value, size: 1)
        registers.ah = 0
    }

    /// KiB from 1 to 16 MiB, and blocks of 64 KiB above.
    private var extendedSizes: (UInt16, UInt16) {
        let middle = min(map.upperKiB, 15 * 1024)
        return (UInt16(middle), UInt16(truncatingIfNeeded: (map.upperKiB - middle) / 64))
    }

    /// EBX: which range, 0 for the first; the next one's number is returned there.
    private func tellRange(
        _ registers: inout FirmwareRegisters, _ machine: inout Machine
    ) -> Bool {
        let signature: UInt32 = 0x534D_4150
        let index = Int(registers.ebx)
        guard registers.edx == signature, registers.ecx >= 20, index < map.ranges.count else {
            registers.fail(Self.unsupported)
            return true
        }
        let range = map.ranges[index]
        let buffer = registers.es &+ UInt64(registers.di)
        machine.writePhysical(buffer, range.base, size: 8)
        machine.writePhysical(buffer &+ 8, range.size, size: 8)
        machine.writePhysical(buffer &+ 16, UInt64(range.kind.rawValue), size: 4)
        registers.eax = signature
        registers.ecx = 20
        registers.ebx = index + 1 < map.ranges.count ? registers.ebx + 1 : 0
        return true
    }

    /// CX words between the segments that the table at ES:SI describes.
    private func moveBlock(_ registers: inout FirmwareRegisters, _ machine: inout Machine) {
        let table = registers.es &+ UInt64(registers.si)
        let source = base(table &+ 0x10, &machine)
        let target = base(table &+ 0x18, &machine)
        guard registers.cx <= 0x8000 else { return registers.fail(2) }
        for index in 0..<UInt64(registers.cx) {
            let word = machine.readPhysical(source &+ index &* 2, size: 2)
            machine.writePhysical(target &+ index &* 2, word, size: 2)
        }
        registers.ah = 0
    }

    private func base(_ descriptor: UInt64, _ machine: inout Machine) -> UInt64 {
        machine.readPhysical(descriptor &+ 2, size: 2)
            | machine.readPhysical(descriptor &+ 4, size: 1) << 16
            | machine.readPhysical(descriptor &+ 7, size: 1) << 24
    }

    private func passTime(_ microseconds: UInt64, _ machine: inout Machine) {
        let microsecondsPerTick: UInt64 = 54_925
        let ticks = BIOSData.read(BIOSData.ticks, size: 4, &machine)
        BIOSData.write(
            BIOSData.ticks, ticks &+ microseconds / microsecondsPerTick, size: 4, &machine)
    }

    // MARK: INT 1Ah

    func clock(_ registers: inout FirmwareRegisters, _ machine: inout Machine) -> Bool {
        switch registers.ah {
        case 0x00:
            let ticks = BIOSData.read(BIOSData.ticks, size: 4, &machine)
            registers.cx = UInt16(truncatingIfNeeded: ticks >> 16)
            registers.dx = UInt16(truncatingIfNeeded: ticks)
            let days = BIOSData.read(BIOSData.midnight, size: 1, &machine)
            registers.al = UInt8(truncatingIfNeeded: days)
            BIOSData.write(BIOSData.midnight, 0, size: 1, &machine)
        case 0x01:
            let ticks = UInt64(registers.cx) << 16 | UInt64(registers.dx)
            BIOSData.write(BIOSData.ticks, ticks, size: 4, &machine)
        case 0x02:
            registers.cx = clockPair(0x04, 0x02, &machine)
            registers.dx = clockPair(0x00, nil, &machine)
        case 0x04:
            registers.cx = clockPair(0x32, 0x09, &machine)
            registers.dx = clockPair(0x08, 0x07, &machine)
        default:
            registers.fail(0x81)
            return false
        }
        registers.carry = false
        return true
    }

    /// Two bytes of the CMOS clock, in its binary-coded decimals.
    private func clockPair(_ high: UInt32, _ low: UInt32?, _ machine: inout Machine) -> UInt16 {
        func byte(_ index: UInt32) -> UInt16 {
            machine.writePort(0x70, index, size: 1)
            return UInt16(truncatingIfNeeded: machine.readPort(0x71, size: 1))
        }
        return byte(high) << 8 | (low.map(byte) ?? 0)
    }
}
