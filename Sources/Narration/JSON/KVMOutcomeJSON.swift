import Hypervisor

/// A run on KVM as JSON: its output and its end. What KVM does not count is null.
public enum KVMOutcomeJSON {
    public static func lines(_ run: KVMOutcome) -> [JSON] {
        var lines = run.output.map { output in
            JSON.members(
                ("kind", .string("output")), ("port", .hex(UInt64(output.port))),
                ("hex", .string(hexadecimal(output.byte))))
        }
        lines.append(
            .members(
                ("kind", .string("end")), ("reason", .string(run.end.rawValue)),
                ("value", run.exitValue.map { .unsigned(UInt64($0)) } ?? .null),
                ("steps", .null), ("entries", .null), ("exits", .null),
                ("backend", .string("kvm")),
                ("registers", .object(run.registers.map { .init($0.name, .hex($0.value)) }))))
        return lines
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
