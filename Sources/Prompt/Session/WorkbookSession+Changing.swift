import Architecture
import Hypervisor
import Machine
import Narration

/// The commands that change the machine.
extension WorkbookSession {
    func set(_ name: String, to value: UInt64) throws(CommandError) {
        let debugger = try loadedGuest()
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
