import Machine

/// INT 13h: disks.
extension Firmware {
    /// What AH says of how a function ended.
    enum DiskStatus {
        static let ok: UInt8 = 0
        static let badCommand: UInt8 = 0x01
        static let sectorNotFound: UInt8 = 0x04
        static let dmaBoundary: UInt8 = 0x09
        static let notReady: UInt8 = 0x80
    }

    /// False: there is no such function here, and AH says so.
    mutating func disk(_ registers: inout FirmwareRegisters, _ machine: inout Machine) -> Bool {
        if registers.ah == 0x01 {
            registers.ah = diskStatus
            registers.carry = diskStatus != DiskStatus.ok
            return true
        }
        guard registers.dl == disk.drive else {
            diskStatus = registers.ah == 0x08 ? DiskStatus.badCommand : DiskStatus.notReady
            registers.fail(diskStatus)
            return true
        }
        guard let status = diskFunction(&registers, &machine) else {
            diskStatus = DiskStatus.badCommand
            registers.fail(diskStatus)
            return false
        }
        diskStatus = status
        if status == DiskStatus.ok {
            registers.carry = false
        } else {
            registers.fail(status)
        }
        return true
    }

    /// How it ended; nil: there is no such function.
    private mutating func diskFunction(
        _ registers: inout FirmwareRegisters, _ machine: inout Machine
    ) -> UInt8? {
        let isFloppy = disk.floppyType != nil
        switch registers.ah {
        case 0x00, 0x0D, 0x11:
            registers.ah = 0
            return DiskStatus.ok
        case 0x02, 0x03, 0x04: return transferByCylinder(&registers, &machine)
        case 0x08: return tellGeometry(&registers)
        case 0x15:
            registers.ah = isFloppy ? 1 : 3
            if !isFloppy {
                registers.cx = UInt16(truncatingIfNeeded: disk.sectorCount >> 16)
                registers.dx = UInt16(truncatingIfNeeded: disk.sectorCount)
            }
            return DiskStatus.ok
        // Extensions are a hard disk's.
        case 0x41 where !isFloppy && registers.bx == 0x55AA:
            registers.bx = 0xAA55
            registers.ah = 0x21
            registers.cx = 1
            return DiskStatus.ok
        case 0x42 where !isFloppy, 0x43 where !isFloppy, 0x44 where !isFloppy:
            return transferByNumber(&registers, &machine)
        case 0x47 where !isFloppy:
            registers.ah = 0
            return DiskStatus.ok
        case 0x48 where !isFloppy: return tellParameters(&registers, &machine)
        default: return nil
        }
    }

    // MARK: Transfers

    /// What is to be moved between disk and memory.
    private struct Transfer {
        enum Kind { case read, write, verify }
        let kind: Kind
        let first: UInt64
        let count: UInt64
        let address: UInt64
    }

    /// Sectors that were moved: fewer than asked for at the disk's end.
    private mutating func move(_ transfer: Transfer, _ machine: inout Machine) -> UInt64 {
        for index in 0..<transfer.count {
            let number = transfer.first &+ index
            let address = transfer.address &+ index &* UInt64(DiskImage.sectorSize)
            guard let sector = disk.sector(number) else { return index }
            switch transfer.kind {
            case .verify: continue
            case .read:
                for (offset, byte) in sector.enumerated() {
                    machine.writePhysical(address &+ UInt64(offset), UInt64(byte), size: 1)
                }
            case .write:
                let bytes = (0..<UInt64(DiskImage.sectorSize)).map {
                    UInt8(truncatingIfNeeded: machine.readPhysical(address &+ $0, size: 1))
                }
                guard disk.write(number, bytes) else { return index }
            }
        }
        return transfer.count
    }

    private mutating func transferByCylinder(
        _ registers: inout FirmwareRegisters, _ machine: inout Machine
    ) -> UInt8 {
        let cylinder = Int(registers.ch) | Int(registers.cl & 0xC0) << 2
        let count = UInt64(registers.al)
        registers.al = 0
        guard count > 0,
            let first = disk.number(
                cylinder: cylinder, head: Int(registers.dh), sector: Int(registers.cl & 0x3F))
        else { return count > 0 ? DiskStatus.sectorNotFound : DiskStatus.badCommand }
        let address = registers.es &+ UInt64(registers.bx)
        let length = count * UInt64(DiskImage.sectorSize)
        let kinds: [Transfer.Kind] = [.read, .write, .verify]
        let kind = kinds[Int(registers.ah - 2)]
        // A floppy's data come by a DMA channel, whose address counter has 16 bits.
        if disk.floppyType != nil, kind != .verify, address & 0xFFFF + length > 0x10000 {
            return DiskStatus.dmaBoundary
        }
        let moved = move(
            Transfer(kind: kind, first: first, count: count, address: address), &machine)
        registers.al = UInt8(truncatingIfNeeded: moved)
        guard moved == count else { return DiskStatus.sectorNotFound }
        registers.ah = 0
        return DiskStatus.ok
    }

    /// By the packet at DS:SI: its size, 0, sectors, buffer, first sector.
    private mutating func transferByNumber(
        _ registers: inout FirmwareRegisters, _ machine: inout Machine
    ) -> UInt8 {
        let packet = registers.ds &+ UInt64(registers.si)
        guard machine.readPhysical(packet, size: 1) >= 16 else { return DiskStatus.badCommand }
        let count = machine.readPhysical(packet &+ 2, size: 2)
        let offset = machine.readPhysical(packet &+ 4, size: 2)
        let segment = machine.readPhysical(packet &+ 6, size: 2)
        let first = machine.readPhysical(packet &+ 8, size: 8)
        guard count <= 0x7F else { return DiskStatus.badCommand }
        let kinds: [Transfer.Kind] = [.read, .write, .verify]
        let moved = move(
            Transfer(
                kind: kinds[Int(registers.ah - 0x42)], first: first, count: count,
                address: segment << 4 &+ offset), &machine)
        machine.writePhysical(packet &+ 2, moved, size: 2)
        guard moved == count else { return DiskStatus.sectorNotFound }
        registers.ah = 0
        return DiskStatus.ok
    }

    // MARK: What disk it is

    private func tellGeometry(_ registers: inout FirmwareRegisters) -> UInt8 {
        let geometry = disk.geometry
        let last = geometry.cylinders - 1
        registers.ax = 0
        registers.cx =
            UInt16(truncatingIfNeeded: (last & 0xFF) << 8)
            | UInt16(truncatingIfNeeded: last >> 2 & 0xC0 | geometry.sectors)
        registers.dx = UInt16(truncatingIfNeeded: (geometry.heads - 1) << 8 | 1)
        if let type = disk.floppyType {
            registers.bl = type
            registers.es = FirmwareROM.base
            let table = FirmwareROM.shared?.floppyTable ?? 0
            registers.edi = registers.edi & 0xFFFF_0000 | UInt32(table)
        }
        return DiskStatus.ok
    }

    /// Into the buffer at DS:SI, whose size is its first word.
    private func tellParameters(
        _ registers: inout FirmwareRegisters, _ machine: inout Machine
    ) -> UInt8 {
        let buffer = registers.ds &+ UInt64(registers.si)
        guard machine.readPhysical(buffer, size: 2) >= 26 else { return DiskStatus.badCommand }
        let fields: [(offset: UInt64, value: UInt64, size: Int)] = [
            (0, 26, 2), (2, 2, 2), (4, UInt64(disk.geometry.cylinders), 4),
            (8, UInt64(disk.geometry.heads), 4), (12, UInt64(disk.geometry.sectors), 4),
            (16, disk.sectorCount, 8), (24, UInt64(DiskImage.sectorSize), 2),
        ]
        for field in fields {
            machine.writePhysical(buffer &+ field.offset, field.value, size: field.size)
        }
        registers.ah = 0
        return DiskStatus.ok
    }
}
