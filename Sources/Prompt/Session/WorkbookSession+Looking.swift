import Architecture
import Hypervisor
import Machine
import Narration
import Workbook

/// The commands that look at the machine.
extension WorkbookSession {
    func showRegisters(_ names: [String]) throws(CommandError) {
        let debugger = try loadedGuest()
        let guestNames = GuestNames(debugger: debugger)
        var lines: [String] = []
        for name in names.isEmpty ? GuestNames.registers : names {
            let place = try guestNames.place(name)
            let value = debugger.run.value(of: place.target)
            lines.append(
                "\(place.name.padded(to: 7)) \(ValueText.withBits(value, of: place.name))")
        }
        show(lines.joined(separator: "\n"))
    }

    func showVMCS(filter: String?) throws(CommandError) {
        let debugger = try guestWithVMCS()
        let fields = VMCSField.allCases.filter { field in
            filter.map { GuestNames.plain(field.name).contains(GuestNames.plain($0)) } ?? true
        }
        guard !fields.isEmpty else {
            throw .unknown("part of a VMCS field's name", filter ?? "", among: fields.map(\.name))
        }
        show(
            fields.map { field in
                let value = debugger.run.value(of: .field(field))
                return "\(field.name.padded(to: 30)) \(ValueText.withBits(value, of: field.name))"
            }.joined(separator: "\n"))
    }

    func showControls(filter: String?) throws(CommandError) {
        let debugger = try guestWithVMCS()
        let wanted = filter.map(GuestNames.plain)
        let bits = ControlBit.all.filter { bit in
            wanted.map {
                GuestNames.plain(bit.name).contains($0)
                    || GuestNames.plain(bit.field.name).contains($0)
            } ?? true
        }
        guard !bits.isEmpty else {
            throw .unknown("part of a control's name", filter ?? "", among: [])
        }
        show(
            bits.map { bit in
                let value = debugger.run.value(of: .field(bit.field))
                let isSet = value & bit.mask != 0
                return "\(isSet ? 1 : 0)  \(bit.field.name).\(GuestNames.typed(bit.name))"
            }.joined(separator: "\n"))
    }

    private func guestWithVMCS() throws(CommandError) -> Debugger {
        let debugger = try loadedGuest()
        guard debugger.run.machine.state.vmx.currentVMCS != VMXState.noVMCS else {
            throw CommandError("There is no current VMCS.")
        }
        return debugger
    }

    func showExits() throws(CommandError) {
        let debugger = try loadedGuest()
        let count = debugger.exitCount
        if count == 0 { return show("No exit so far.") }
        if let first = debugger.exits.first, first.number > 1 {
            show("\(count) exits; the last \(debugger.exits.count):")
        }
        show(
            debugger.exits.map { record in
                let reason = record.event.reason
                let rip = ValueText.hexadecimal(record.event.rip)
                return "\(record.number)  step \(record.step)  \(rip)  "
                    + "\(reason?.name ?? "?"), \(reason?.title ?? "")"
            }.joined(separator: "\n"))
    }

    func showBreakpoints() throws(CommandError) {
        let debugger = try loadedGuest()
        if debugger.breakpoints.all.isEmpty { return show("No breakpoints.") }
        show(
            debugger.breakpoints.all.map { breakpoint in
                let place =
                    switch breakpoint.place {
                    case .address(let address): describe(address: address)
                    case .exit(let reason?): "exit \(reason.name)"
                    case .exit(nil): "exit"
                    }
                return "\(breakpoint.number)  \(place)  hit \(breakpoint.hits) times"
            }.joined(separator: "\n"))
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
        let perLine = max(1, 16 / size)
        var lines: [String] = []
        for first in stride(from: 0, to: bytes.count / size, by: perLine) {
            let values = (first..<min(first + perLine, bytes.count / size)).map { index in
                let part = bytes[(index * size)..<((index + 1) * size)]
                let value = part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                return ValueText.formatted(value, as: memoryFormat.style, bytes: size)
            }
            let place = describe(address: start &+ UInt64(first * size))
            lines.append("\(place):  \(values.joined(separator: "  "))")
        }
        show(lines.joined(separator: "\n"))
        guard bytes.count == wanted else {
            throw CommandError(
                "No memory is mapped at \(ValueText.hexadecimal(start &+ UInt64(bytes.count))).")
        }
        return start &+ UInt64(wanted)
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
            let shown = text.map { EscapedText.line(String(Unicode.Scalar($0 & 0x7F))) }
            show("\(describe(address: address)):  \"\(shown.joined())\"")
            address &+= UInt64(text.count) + (text.count < bytes.count ? 1 : 0)
        }
        return address
    }

    func printValue(_ value: UInt64, of text: String, format: String?) throws(CommandError) {
        let name = EscapedText.line(text)
        if let format, !format.isEmpty {
            let format = try MemoryFormat(size: .giant).changed(by: format)
            let shown = ValueText.formatted(value, as: format.style, bytes: format.size.bytes)
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
        let decision = try lastDecision()
        show(decision.question)
        for step in decision.steps {
            show("  \(step.decides ? ">" : " ") \(step.text)")
        }
    }

    func explainOtherDecision() throws(CommandError) {
        let decision = try lastDecision()
        show(decision.question)
        for other in decision.alternatives {
            show("  \(other.title), bit \(other.bit) = \(other.becomes ? 1 : 0)")
        }
    }

    private func lastDecision() throws(CommandError) -> Decision {
        let debugger = try loadedGuest()
        guard let subject = debugger.lastDecision else {
            throw CommandError(
                "Nothing has been decided yet.", advice: "“si” executes the next instruction.")
        }
        return debugger.run.machine.ladders.explain(subject)
    }
}
