/// One 8259A interrupt controller: eight inputs, of which it tells the most urgent.
///
/// Source: Intel 8259A data sheet, "Programming the 8259A".
struct PICChip: Sendable, Equatable {
    /// Interrupt request, in-service and mask registers: a bit for each input.
    private(set) var requests: UInt8 = 0
    private(set) var inService: UInt8 = 0
    private(set) var mask: UInt8 = 0xFF
    /// The inputs as they stand.
    private(set) var lines: UInt8 = 0
    /// Inputs that request as long as they are high; the others request when they rise.
    /// The chipset's edge/level control register.
    private(set) var levels: UInt8 = 0
    /// Bits 7:3 of the vectors; the input's number makes the others.
    private(set) var vectorBase: UInt8
    /// Of the edge/level control register, the bits that may be 1.
    private let mayBeLevel: UInt8

    /// The input of lowest priority; the one behind it is the most urgent.
    private var lowest: UInt8 = 7
    private var endsAutomatically = false
    private var rotatesOnAutomaticEnd = false
    private var isSpecialMask = false
    private var isSpecialFullyNested = false
    private var readsInService = false
    private var polls = false

    /// Which initialization command word the data port takes next; 0: none, it takes the mask.
    private var nextCommandWord: UInt8 = 0
    private var isSingle = false
    private var needsFourthWord = false

    init(vectorBase: UInt8, mayBeLevel: UInt8) {
        self.vectorBase = vectorBase
        self.mayBeLevel = mayBeLevel
    }

    // MARK: Inputs

    mutating func set(_ input: UInt8, _ isHigh: Bool) {
        let bit: UInt8 = 1 << input
        if isHigh {
            if levels & bit != 0 || lines & bit == 0 { requests |= bit }
            lines |= bit
        } else {
            if levels & bit != 0 { requests &= ~bit }
            lines &= ~bit
        }
    }

    mutating func setLevels(_ value: UInt8) { levels = value & mayBeLevel }

    // MARK: Priorities

    /// 0 for the most urgent input of a set, 7 for the least; 8 for the empty set.
    private func priority(_ inputs: UInt8) -> UInt8 {
        for rank in UInt8(0)..<8 where inputs & (1 << ((lowest &+ 1 &+ rank) & 7)) != 0 {
            return rank
        }
        return 8
    }

    /// The input that the output is high for.
    private var winner: UInt8? {
        let request = priority(requests & ~mask)
        guard request < 8 else { return nil }
        // In special mask mode a level in service that is masked holds nothing back.
        let blocking = priority(isSpecialMask ? inService & ~mask : inService)
        let input = (lowest &+ 1 &+ request) & 7
        let isNested = isSpecialFullyNested && input == PIC.cascade && request == blocking
        return request < blocking || isNested ? input : nil
    }

    /// The output, which asks for an acknowledgement.
    var isRequesting: Bool { winner != nil }

    // MARK: Acknowledging

    /// Which input is served now; nil: the request is gone.
    mutating func acknowledge() -> UInt8? {
        guard let input = winner else { return nil }
        let bit: UInt8 = 1 << input
        if levels & bit == 0 { requests &= ~bit }
        if endsAutomatically {
            if rotatesOnAutomaticEnd { lowest = input }
        } else {
            inService |= bit
        }
        return input
    }

    // MARK: Ports

    /// The even port.
    mutating func readCommandPort() -> UInt8 {
        if polls { return poll() }
        return readsInService ? inService : requests
    }

    /// The odd port.
    mutating func readDataPort() -> UInt8 { polls ? poll() : mask }

    /// The read behind a poll command acknowledges and gives the input.
    private mutating func poll() -> UInt8 {
        polls = false
        return acknowledge().map { 0x80 | $0 } ?? 0
    }

    mutating func writeCommandPort(_ value: UInt8) {
        if value & 0x10 != 0 {
            initialize(value)
        } else if value & 8 != 0 {
            if value & 4 != 0 { polls = true }
            if value & 2 != 0 { readsInService = value & 1 != 0 }
            if value & 0x40 != 0 { isSpecialMask = value & 0x20 != 0 }
        } else {
            end(value)
        }
    }

    /// The first initialization command word.
    private mutating func initialize(_ value: UInt8) {
        requests = levels & lines
        (inService, mask, lowest) = (0, 0, 7)
        (isSpecialMask, readsInService, polls) = (false, false, false)
        (endsAutomatically, rotatesOnAutomaticEnd, isSpecialFullyNested) = (false, false, false)
        isSingle = value & 2 != 0
        needsFourthWord = value & 1 != 0
        nextCommandWord = 2
    }

    mutating func writeDataPort(_ value: UInt8) {
        switch nextCommandWord {
        case 2:
            vectorBase = value & 0xF8
            nextCommandWord = isSingle ? (needsFourthWord ? 4 : 0) : 3
        case 3:
            // Where the other chip is connected is wired and does not change.
            nextCommandWord = needsFourthWord ? 4 : 0
        case 4:
            isSpecialFullyNested = value & 0x10 != 0
            endsAutomatically = value & 2 != 0
            nextCommandWord = 0
        default: mask = value
        }
    }

    /// End-of-interrupt and rotation commands.
    private mutating func end(_ value: UInt8) {
        let named = value & 7
        switch value >> 5 {
        case 0: rotatesOnAutomaticEnd = false
        case 1: endMostUrgent(rotating: false)
        case 3: inService &= ~(1 << named)
        case 4: rotatesOnAutomaticEnd = true
        case 5: endMostUrgent(rotating: true)
        case 6: lowest = named
        case 7:
            inService &= ~(1 << named)
            lowest = named
        default: break
        }
    }

    /// "Non-specific": the most urgent of those in service, but for those that special mask mode
    /// leaves out.
    private mutating func endMostUrgent(rotating: Bool) {
        let rank = priority(isSpecialMask ? inService & ~mask : inService)
        guard rank < 8 else { return }
        let input = (lowest &+ 1 &+ rank) & 7
        inService &= ~(1 << input)
        if rotating { lowest = input }
    }
}
