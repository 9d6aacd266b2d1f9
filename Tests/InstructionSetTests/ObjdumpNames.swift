@testable import InstructionSet

/// Names that differ between objdump and NASM's syntax for the same instruction.
enum ObjdumpNames {
    private static let prefixes: Set<String> = [
        "data16", "data32", "addr16", "addr32", "rex.W", "rep", "repz", "repnz", "lock", "cs", "ds",
        "es", "ss", "fs", "gs", "bnd",
    ]

    static func agree(_ instruction: Instruction, _ name: String, _ text: String) -> Bool {
        let words = text.split(separator: " ").map(String.init)
        guard let theirs = words.first(where: { !prefixes.contains($0) }) else { return false }
        if theirs == name { return true }
        switch instruction.operation {
        // Element sizes are in its operands: `movs DWORD PTR`.
        case .movs, .cmps, .stos, .lods, .scas, .ins, .outs: return name.dropLast() == theirs
        // Without a suffix whatever the size.
        case .pusha, .popa, .pushf, .popf, .iret: return name.hasPrefix(theirs)
        // With a suffix where the size is not the code's own.
        case .push, .call, .jmp, .lgdt, .lidt, .sgdt, .sidt, .sysret, .sysexit:
            return theirs.dropLast() == name
        case .mov: return theirs == "movabs"
        case .xlat: return theirs == "xlat"
        // What MPX and PREFETCHWT1 take on processors that have them.
        case .nop: return ["xchg", "prefetchwt1"].contains(theirs) || theirs.hasPrefix("bnd")
        // Fences with another r/m, x87 aliases and SALC: the processor takes them.
        case .lfence, .mfence, .sfence, .salc, .fcom, .fxch, .fstp: return theirs == "(bad)"
        case .notModelled:
            return theirs == "(bad)" && name == "fstp" || isSpelled(name, theirs)
        default: return false
        }
    }

    /// objdump writes an immediate's meaning into some names, and the processor into others.
    private static func isSpelled(_ name: String, _ theirs: String) -> Bool {
        theirs.replacing("cmplt", with: "cmp") == name
            || theirs.replacing("mulhqlqdq", with: "mulqdq") == name
            || theirs.hasPrefix(name + "(")
            || ["vpinsrq", "vpextrq"].contains(name) && name.dropLast() == theirs.dropLast()
    }
}
