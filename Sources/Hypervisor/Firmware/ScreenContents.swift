import Machine

/// What stands on a PC's text screen.
public struct ScreenContents: Sendable, Equatable {
    /// Characters of code page 437, row by row, all rows equally long.
    public let rows: [[UInt8]]

    /// nil: a run without a PC's screen, or one in a graphics mode.
    init?(_ startup: Startup, _ memory: PhysicalMemory) {
        switch startup {
        case .flat: return nil
        case .multiboot: self.init(memory: memory, start: 0, columns: TextScreen.columns)
        case .disk: self.init(firmware: memory)
        }
    }

    /// As the firmware's data area says; nil: in a graphics mode.
    init?(firmware memory: PhysicalMemory) {
        let mode = memory.read(BIOSData.base + BIOSData.videoMode, size: 1)
        guard mode <= 3 || mode == 7 else { return nil }
        self.init(
            memory: memory, start: memory.read(BIOSData.base + BIOSData.pageStart, size: 2),
            columns: mode <= 1 ? TextScreen.columns / 2 : TextScreen.columns)
    }

    private init(memory: PhysicalMemory, start: UInt64, columns: UInt64) {
        rows = (0..<TextScreen.rows).map { row in
            (0..<columns).map { column in
                let offset = (start + (row * columns + column) * 2) % TextScreen.size
                let byte = memory.read(TextScreen.memory + offset, size: 1)
                return UInt8(truncatingIfNeeded: byte)
            }
        }
    }

    /// Nothing but blanks stands there.
    public var isBlank: Bool { rows.allSatisfy { $0.allSatisfy { $0 == 0 || $0 == 0x20 } } }
}

extension GuestRun {
    /// What stands on the guest's text screen; nil where it has none.
    public var screen: ScreenContents? { ScreenContents(configuration.startup, machine.memory) }
}
