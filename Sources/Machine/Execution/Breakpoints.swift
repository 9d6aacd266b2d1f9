import Architecture

/// The breakpoints that DR7 enables, in the form in which each access is compared with them.
/// SDM 3B, "Debug Registers", "Breakpoint Field Recognition".
struct ArmedBreakpoints {
    /// What was put here: DR0 to DR3, DR7 and CR4.DE.
    private var addresses = InlineArray<4, UInt64>(repeating: 0)
    private(set) var dr7 = DR7Bit.fixed1
    private var hasIOBreakpoints = false

    private(set) var watchesCode = false
    private(set) var watchesData = false
    private(set) var watchesPorts = false

    /// The local and global enables of all four. SDM 3B, "Debug Control Register (DR7)".
    static let enables: UInt64 = 0xFF

    /// Takes over the debug registers; answers whether anything has changed.
    mutating func update(
        _ registers: InlineArray<4, UInt64>, dr7: UInt64, debuggingExtensions: Bool
    ) -> Bool {
        var isSame = dr7 == self.dr7 && debuggingExtensions == hasIOBreakpoints
        for number in 0..<4 where registers[number] != addresses[number] { isSame = false }
        guard !isSame else { return false }
        addresses = registers
        self.dr7 = dr7
        hasIOBreakpoints = debuggingExtensions
        watchesCode = isAny { $0 == .execution }
        watchesData = isAny { $0 == .dataWrite || $0 == .dataAccess }
        watchesPorts = hasIOBreakpoints && isAny { $0 == .ioAccess }
        return true
    }

    private func isEnabled(_ number: Int) -> Bool { dr7 >> UInt64(number * 2) & 3 != 0 }

    private func isAny(_ matches: (BreakpointCondition) -> Bool) -> Bool {
        (0..<4).contains { isEnabled($0) && matches(DR7Bit.condition(ofBreakpoint: $0, in: dr7)) }
    }

    /// A bit for each enabled breakpoint of these conditions whose bytes the access touches, in the
    /// places of B0 to B3. A breakpoint covers as many bytes as its length, aligned to it.
    private func hits(
        _ address: UInt64, _ size: UInt64, _ matches: (BreakpointCondition) -> Bool
    ) -> UInt64 {
        var bits: UInt64 = 0
        for number in 0..<4 where isEnabled(number) {
            guard matches(DR7Bit.condition(ofBreakpoint: number, in: dr7)) else { continue }
            let length = DR7Bit.length(ofBreakpoint: number, in: dr7)
            let first = addresses[number] & ~(length &- 1)
            // Either begins within the other.
            if address &- first < length || first &- address < size { bits |= 1 << UInt64(number) }
        }
        return bits
    }

    /// An instruction breakpoint is met by the first byte of an instruction alone.
    func codeHits(_ linear: UInt64) -> UInt64 { hits(linear, 1) { $0 == .execution } }

    func dataHits(_ linear: UInt64, size: Int, isWrite: Bool) -> UInt64 {
        hits(linear, UInt64(size)) { $0 == .dataAccess || isWrite && $0 == .dataWrite }
    }

    func portHits(_ port: UInt16, size: UInt8) -> UInt64 {
        hits(UInt64(port), UInt64(size)) { $0 == .ioAccess }
    }
}

/// What the instruction that executes has to do with debugging.
struct DebugWatch {
    var armed = ArmedBreakpoints()
    /// Bits of DR6 for the trap behind the instruction.
    var hits: UInt64 = 0
    /// TF was set when the instruction began.
    var isStepping = false
    /// With IA32_DEBUGCTL.BTF: RIP behind the instruction if it is not a branch that is taken.
    var sequentialRIP: UInt64?
    /// RF was set when the instruction began: it is cleared behind it.
    var isResuming = false
    /// A repeated string instruction was left in the middle, to go on later.
    var isBetweenRepeats = false
}
