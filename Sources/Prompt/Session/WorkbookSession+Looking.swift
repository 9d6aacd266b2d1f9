import Architecture
import Hypervisor
import Machine
import Narration
import Workbook

/// The commands that look at the machine.
extension WorkbookSession {
    func showRegisters(_ names: [String]) throws(CommandError) {
        let debugger = try loadedGuest()
        guard !names.isEmpty else {
            return show(lines: StateTables(style: style).registers(GuestRegisters(debugger.run)))
        }
        let guestNames = GuestNames(debugger: debugger)
        for name in names {
            let place = try guestNames.place(name)
            let value = debugger.run.value(of: place.target)
            show("\(place.name) = \(ValueText.withBits(value, of: place.name))")
        }
    }

    func showVMCS(filter: String?) throws(CommandError) {
        let debugger = try guestWithVMCS()
        let wanted = filter?.replacing("-", with: "_")
        let lines = StateTables(style: style).vmcs(debugger.run.machine, filter: wanted)
        guard lines.isEmpty else { return show(lines: lines) }
        throw .unknown(
            "a part of a field's name", filter ?? "", among: VMCSField.allCases.map(\.name))
    }

    func showControls(filter: String?) throws(CommandError) {
        let debugger = try guestWithVMCS()
        let tables = StateTables(style: style)
        // The manual's names have spaces; as one word they have underscores.
        for wanted in [filter, filter?.replacing("_", with: " ")] {
            let lines = tables.controls(debugger.run.machine, filter: wanted)
            if !lines.isEmpty { return show(lines: lines) }
        }
        throw .unknown(
            "a part of a control's name", filter ?? "",
            among: ControlBit.all.map { GuestNames.typed($0.name) })
    }

    func guestWithVMCS() throws(CommandError) -> Debugger {
        let debugger = try loadedGuest()
        guard debugger.run.machine.state.vmx.currentVMCS != VMXState.noVMCS else {
            throw CommandError(
                "There is no current VMCS: the program runs outside VMX operation, or has not "
                    + "loaded one yet.")
        }
        return debugger
    }

    func showTranslations() throws(CommandError) {
        let translations = try loadedGuest().run.cachedTranslations()
        guard !translations.isEmpty else {
            return show("No translation: nothing was read with paging or EPT on, or an exit forgot it.")
        }
        show(lines: StateTables(style: style).translations(translations))
    }

    func showExits() throws(CommandError) {
        let debugger = try loadedGuest()
        guard let first = debugger.exits.first else { return show("No exit so far.") }
        if first.number > 1 {
            show("\(debugger.exitCount) exits; the last \(debugger.exits.count):")
        }
        let tables = StateTables(style: style)
        show(lines: debugger.exits.map { tables.exit($0.number, step: $0.step, $0.event) })
    }

    func showBreakpoints() throws(CommandError) {
        let debugger = try loadedGuest()
        if debugger.breakpoints.all.isEmpty { return show("No breakpoints.") }
        show(
            debugger.breakpoints.all.map { breakpoint in
                let place = describe(breakpoint.place)
                let times = breakpoint.hits == 1 ? "once" : "\(breakpoint.hits) times"
                return "\(breakpoint.number)  \(place)  hit \(times)"
            }.joined(separator: "\n"))
    }

    func describe(_ place: Breakpoints.Place) -> String {
        switch place {
        case .address(let address): describe(address: address)
        case .exit(let reason?): "exit \(reason.name)"
        case .exit(nil): "exit"
        }
    }

    // MARK: Memory

    func examine(at address: UInt64?, format: String?) throws(CommandError) {
        let debugger = try loadedGuest()
        memoryFormat = try memoryFormat.changed(by: format ?? "")
        let start = address ?? nextAddress ?? debugger.run.guestState.rip
        if memoryFormat.style == .instruction {
            nextAddress = try list(from: start, count: memoryFormat.count)
        } else if memoryFormat.style == .string {
            nextAddress = try showStrings(from: start, debugger)
        } else {
            nextAddress = try showValues(from: start, debugger)
        }
    }

    private func showValues(
        from start: UInt64, _ debugger: Debugger
    ) throws(CommandError) -> UInt64 {
        let size = memoryFormat.size.bytes
        let wanted = memoryFormat.count * size
        let bytes = debugger.run.guestBytes(at: start, count: wanted)
        let values = (0..<bytes.count / size).map { index in
            let part = bytes[(index * size)..<((index + 1) * size)]
            let value = part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return ValueText.formatted(value, as: memoryFormat.style, bytes: size, isPadded: true)
        }
        show(lines: rows(of: values, size: size, from: start))
        guard bytes.count == wanted else {
            throw CommandError(
                "No memory is mapped at \(ValueText.hexadecimal(start &+ UInt64(bytes.count))).")
        }
        return start &+ UInt64(wanted)
    }

    /// Values as gdb lays them out, 16 bytes a line but at most 8 values, or as many as fit.
    private func rows(of values: [String], size: Int, from start: UInt64) -> [String] {
        let places = values.indices.map { describe(address: start &+ UInt64($0 * size)) + ":" }
        let widest = (places.map(\.count).max() ?? 0) + 2
        let column = (values.map(\.count).max() ?? 0) + 2
        var perLine = min(8, 16 / size)
        while perLine > 1, widest + perLine * column - 2 > style.width { perLine /= 2 }
        return stride(from: 0, to: values.count, by: perLine).map { first in
            let row = values[first..<min(first + perLine, values.count)]
            return "\(places[first])  \(row.joined(separator: "  "))"
        }
    }

    /// Strings that end in a zero byte, as far as they are mapped and at most 200 bytes each.
    private func showStrings(
        from start: UInt64, _ debugger: Debugger
    ) throws(CommandError) -> UInt64 {
        let longest = 200
        var address = start
        for _ in 0..<memoryFormat.count {
            let bytes = debugger.run.guestBytes(at: address, count: longest)
            guard !bytes.isEmpty else {
                throw CommandError("No memory is mapped at \(ValueText.hexadecimal(address)).")
            }
            let text = bytes.prefix { $0 != 0 }
            let shown = text.map(ValueText.character).joined()
            show("\(describe(address: address)):  \"\(shown)\"")
            address &+= UInt64(text.count) + (text.count < bytes.count ? 1 : 0)
        }
        return address
    }

    func printValue(_ value: UInt64, of text: String, format: String?) throws(CommandError) {
        let name = EscapedText.line(text)
        if let format, !format.isEmpty {
            let format = try MemoryFormat(size: .giant).changed(by: format)
            let shown = ValueText.formatted(
                value, as: format.style, bytes: format.size.bytes, isPadded: false)
            return show("\(name) = \(shown)")
        }
        let place = try? GuestNames(debugger: try loadedGuest()).place(text)
        let bits = place.map { $0.bit == nil ? $0.name : "" } ?? ""
        let decimal = value > 9 && value < 1 << 32 ? "  (\(value))" : ""
        show("\(name) = \(ValueText.withBits(value, of: bits))\(decimal)")
    }

    // MARK: Code

    func disassemble(from address: UInt64?, count: UInt64?) throws(CommandError) {
        let debugger = try loadedGuest()
        let start = address ?? debugger.run.guestState.rip
        _ = try list(from: start, count: Int(min(count ?? 10, 1000)))
    }

    /// Lists instructions with their labels.
    ///
    /// - Returns: the address behind them.
    private func list(from start: UInt64, count: Int) throws(CommandError) -> UInt64 {
        let listing = InstructionListing(debugger: try loadedGuest())
        var address = start
        for _ in 0..<count {
            guard let line = listing.line(at: address) else {
                throw CommandError("No memory is mapped at \(ValueText.hexadecimal(address)).")
            }
            show((listing.labels(at: address) + [line.text]).joined(separator: "\n"))
            address = line.next
        }
        return address
    }

    // MARK: Decisions

    func explainDecision() throws(CommandError) {
        let ladders = try loadedGuest().run.machine.ladders
        show(lines: WhyText(style: style).why(try lastExplanation(), ladders: ladders))
    }

    func explainOtherDecision() throws(CommandError) {
        let ladders = try loadedGuest().run.machine.ladders
        show(lines: WhyText(style: style).whyNot(try lastExplanation(), ladders: ladders))
    }

    private func lastExplanation() throws(CommandError) -> Explanation {
        if let explanation = teller?.lastExplanation { return explanation }
        throw CommandError(
            "Nothing has been decided yet.", advice: "“si” executes the next instruction.")
    }
}
