import Architecture
import Hypervisor
import Machine
import Narration

/// The commands that change the machine.
extension WorkbookSession {
    func set(_ name: String, to value: UInt64) throws(CommandError) {
        let debugger = try loadedGuest()
        if name.hasPrefix("{") { return try setMemory(name, to: value, debugger) }
        let place = try GuestNames(debugger: debugger).place(name)
        var whole = value
        if let bit = place.bit {
            guard value <= 1 else {
                throw CommandError("A bit is 0 or 1, not 0x\(String(value, radix: 16)).")
            }
            let mask = UInt64(1) << UInt64(bit)
            whole = debugger.run.value(of: place.target) & ~mask | value << UInt64(bit)
        }
        do {
            try place.target.check(whole)
        } catch {
            throw CommandError(
                "0x\(String(value, radix: 16)) does not fit \(place.name): "
                    + "it has \(place.target.width) bits.")
        }
        do {
            try debugger.run.change(.init(place.target, whole))
        } catch { throw Self.error(error, name: place.name) }
    }

    /// The C types by which gdb says how many bytes are meant.
    private static let memoryTypes: [(name: String, bytes: Int)] = [
        ("char", 1), ("short", 2), ("int", 4), ("long", 8),
    ]

    /// `{TYPE}ADDRESS`, as gdb writes memory that has no name.
    private func setMemory(
        _ place: String, to value: UInt64, _ debugger: Debugger
    ) throws(CommandError) {
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
        guard debugger.run.writeGuestBytes(bytes, at: address) else {
            throw CommandError("No memory is mapped at \(ValueText.hexadecimal(address)).")
        }
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
        do {
            try debugger.run.write(field, value)
            let stored = debugger.run.value(of: .field(field))
            show("\(field.name) = \(ValueText.withBits(stored, of: field.name))")
        } catch { throw Self.error(error, name: "VMWRITE") }
    }

    private static func error(_ failure: GuestRun.ChangeFailure, name: String) -> CommandError {
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
        case .refused(.failValid(let error)):
            CommandError("\(name): VMfailValid, error \(error.rawValue): \(error.title).")
        case .refused: CommandError("\(name): VMfailInvalid: there is no current VMCS.")
        }
    }
}
