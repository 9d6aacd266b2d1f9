/// Assembly text to bytes, in NASM's syntax and with NASM's choice of encodings.
///
/// The subset that guests and exercises use: every instruction that the model executes; labels and
/// local labels; `org`, `bits`, `section`, `align`, `times`, `equ`, `db` to `dq`, `resb` to `resq`;
/// `%define`, `%assign`, `%macro`, `%rep`, `%if` and `%include`; NASM's operators. What is not in it
/// is an error with its place, never a guess.
public enum Assembler {
    /// Assembles a program.
    ///
    /// - Parameters:
    ///   - source: the text; any bytes are safe.
    ///   - file: its name, for errors and lines.
    ///   - bits: the code size before the first `bits`.
    ///   - limits: bounds on what an input may cost.
    ///   - include: the contents of a file beside the source, for `%include`. It is only asked for
    ///     relative paths without `..`; nil where there is no such file.
    public static func assemble(
        _ source: [UInt8], file: String, bits: CodeSize = .bits16,
        limits: AssemblyLimits = AssemblyLimits(), include: (String) -> [UInt8]? = { _ in nil }
    ) throws(AssemblyError) -> AssembledProgram {
        let result = withoutActuallyEscaping(include) { include in
            Result { () throws(AssemblyError) in
                var preprocessor = try Preprocessor(
                    source: source, file: file, limits: limits, include: include)
                var parser = StatementParser(bits: bits)
                var statements: [Statement] = []
                while let line = try preprocessor.next() {
                    do throws(SourceFault) {
                        statements.append(try parser.parse(line))
                    } catch {
                        throw error.located(in: line.source, files: preprocessor.fileNames)
                    }
                }
                var layout = ProgramLayout(
                    statements: statements, parser: parser, files: preprocessor.fileNames,
                    limits: limits)
                return try layout.assemble(warnings: preprocessor.warnings)
            }
        }
        return try result.get()
    }

    /// Assembles a program given as a string.
    public static func assemble(
        _ source: String, file: String, bits: CodeSize = .bits16,
        include: (String) -> [UInt8]? = { _ in nil }
    ) throws(AssemblyError) -> AssembledProgram {
        try assemble(Array(source.utf8), file: file, bits: bits, include: include)
    }
}
