import Architecture

/// Where a run is to stop, numbered as gdb numbers them: from 1, and no number twice.
struct Breakpoints {
    enum Place: Equatable {
        /// Before the instruction at this address, as RIP holds it.
        case address(UInt64)
        /// Behind VM exits for this reason; nil is any.
        case exit(ExitReason?)
    }

    struct Breakpoint: Equatable {
        let number: UInt64
        let place: Place
        var hits = 0
    }

    private(set) var all: [Breakpoint] = []
    private var nextNumber: UInt64 = 1

    /// The addresses to stop at.
    var addresses: Set<UInt64> {
        Set(
            all.compactMap { breakpoint in
                if case .address(let address) = breakpoint.place { address } else { nil }
            })
    }

    /// Whether exits are to be looked at.
    var watchExits: Bool {
        all.contains { if case .exit = $0.place { true } else { false } }
    }

    /// Adds a breakpoint, or finds the one that is there already.
    mutating func add(_ place: Place) -> (number: UInt64, isNew: Bool) {
        if let old = all.first(where: { $0.place == place }) { return (old.number, false) }
        defer { nextNumber += 1 }
        all.append(Breakpoint(number: nextNumber, place: place))
        return (nextNumber, true)
    }

    /// Removes one.
    ///
    /// - Returns: whether there was one of this number.
    mutating func remove(_ number: UInt64) -> Bool {
        guard let index = all.firstIndex(where: { $0.number == number }) else { return false }
        all.remove(at: index)
        return true
    }

    mutating func removeAll() { all = [] }

    /// The number of the breakpoint at an address.
    func number(address: UInt64) -> UInt64? {
        all.first { $0.place == .address(address) }?.number
    }

    /// The number of the first breakpoint that an exit for this reason meets.
    func number(exit reason: ExitReason?) -> UInt64? {
        all.first { $0.place.meets(exit: reason) }?.number
    }

    /// Counts a hit at an address.
    mutating func hit(address: UInt64) -> UInt64? {
        hit { $0 == .address(address) }
    }

    /// Counts a hit by an exit.
    mutating func hit(exit reason: ExitReason?) -> UInt64? {
        hit { $0.meets(exit: reason) }
    }

    /// The run begins anew.
    mutating func forgetHits() {
        for index in all.indices { all[index].hits = 0 }
    }

    /// Counts for all that match; the first one's number is told.
    private mutating func hit(where matches: (Place) -> Bool) -> UInt64? {
        var first: UInt64?
        for index in all.indices where matches(all[index].place) {
            all[index].hits += 1
            first = first ?? all[index].number
        }
        return first
    }
}

extension Breakpoints.Place {
    /// Whether an exit for this reason is one to stop behind.
    fileprivate func meets(exit reason: ExitReason?) -> Bool {
        guard case .exit(let wanted) = self else { return false }
        return wanted == nil || wanted == reason
    }
}
