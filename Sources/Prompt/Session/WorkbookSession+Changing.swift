import Architecture
import Hypervisor
import Machine
import Narration

/// The commands that change the machine.
extension WorkbookSession {
    func set(_ name: String, to value: UInt64) throws(CommandError) {
        let debugger = try loadedGuest()
        try change(debugger, try change(name, to: value, in: debugger.run), name: name)
    }

    /// What setting a register, field, bit or memory by its name does to a run.
    func change(
        _ name: String, to value: UInt64, in run: GuestRun
    ) throws(CommandError) -> GuestRun.Change {
        if name.hasPrefix("{") { return try memoryChange(name, to: value) }
        let place = try GuestNames(debugger: try loadedGuest()).place(name)
        var whole = value
        if let bit = place.bit {
            guard value <= 1 else {
                throw CommandError("A bit is 0 or 1, not 0x\(String(value, radix: 16)).")
            }
            let mask = UInt64(1) << UInt64(bit)
            whole = run.value(of: place.target) & ~mask | value << UInt64(bit)
        }
        do {
            try place.target.check(whole)
        } catch {
            throw CommandError(
                "0x\(String(value, radix: 16)) does not fit \(place.name): "
                    + "it has \(place.target.width) bits.")
        }
        return .setting(.init(place.target, whole))
    }

    /// Makes a change, which belongs to the run's past from then on.
    private func change(
        _ debugger: Debugger, _ change: GuestRun.Change, name: String
    ) throws(CommandError) {
        let forgotten: Int
        do {
            forgotten = try debugger.change(change)
        } catch { throw Self.error(error, name: name) }
        if forgotten > 0 {
            show("What was changed further on is forgotten: from here the run is another.")
        }
    }

    /// The C types by which gdb says how many bytes are meant.
    private static let memoryTypes: [(name: String, bytes: Int)] = [
        ("char", 1), ("short", 2), ("int", 4), ("long", 8),
    ]

    /// `{TYPE}ADDRESS`, as gdb writes memory that has no name.
    private func memoryChange(
        _ place: String, to value: UInt64
    ) throws(CommandError) -> GuestRun.Change {
        let parts = place.dropFirst().split(separator: "}", maxSplits: 1)
        let names = Self.memoryTypes.map(\.name)
        guard parts.count == 2, let type = Self.memoryTypes.first(where: { $0.name == parts[0] })
        else {
            throw CommandError(
                "\(CommandError.quoted(place)) is no place in memory.",
                advice: "It is typed: {TYPE}ADDRESS, TYPE \(Suggestions.alternatives(names)).")
        }
        guard type.bytes == 8 || value >> UInt64(type.bytes * 8) == 0 else {
            throw CommandError(
                "\(ValueText.hexadecimal(value)) does not fit into \(type.bytes) bytes.")
        }
        let address = try Expression.evaluate(String(parts[1]), names: self.value)
        let bytes = (0..<type.bytes).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
        return .memory(address, bytes)
    }

    func readField(_ name: String) throws(CommandError) {
        let debugger = try loadedGuest()
        let field = try GuestNames.field(name)
        do {
            let value = try debugger.run.read(field)
            show("\(field.name) = \(ValueText.withBits(value, of: field.name))")
        } catch { throw Self.error(error, name: "VMREAD") }
    }

    func writeField(_ name: String, _ value: UInt64) throws(CommandError) {
        let debugger = try loadedGuest()
        let field = try GuestNames.field(name)
        try change(debugger, .setting(.init(.field(field), value)), name: "VMWRITE")
        let stored = debugger.run.value(of: .field(field))
        show("\(field.name) = \(ValueText.withBits(stored, of: field.name))")
    }

    static func error(_ failure: GuestRun.ChangeFailure, name: String) -> CommandError {
        switch failure {
        case .inGuest:
            CommandError(
                "The guest is running: VMREAD and VMWRITE there would themselves exit.",
                advice: "“next-exit” goes to where root software has the processor again, "
                    + "“restart” to before the first entry.")
        case .noVMCS:
            CommandError("There is no current VMCS: the processor is outside VMX operation.")
        case .selector:
            CommandError(
                "In protected mode a selector stands for a descriptor, which only the guest loads.")
        case .notMapped: CommandError("No memory is mapped at \(CommandError.quoted(name)).")
        case .refused(.failValid(let error)):
            CommandError("\(name): VMfailValid, error \(error.rawValue): \(error.title).")
        case .refused: CommandError("\(name): VMfailInvalid: there is no current VMCS.")
        }
    }
}
