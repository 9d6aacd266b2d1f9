import InstructionSet

/// Guest files to guest images: assembly by its `bits` and `org`, flat binaries as they are told.
public enum GuestLoader {
    public struct Failure: Error, Sendable, Equatable {
        /// With file, line and column where there are any, and what was expected.
        public let message: String
        public init(_ message: String) { self.message = message }
    }

    /// What a file is by its name.
    public enum Kind: String, Sendable {
        case scenario = ".yaml"
        case assembly = ".asm"
        case flatBinary = ".bin"

        public init?(path: String) {
            let name = GuestLoader.name(of: path)
            guard let dot = name.lastIndex(of: ".") else { return nil }
            self.init(rawValue: String(name[dot...]))
        }
    }

    /// Loads a guest.
    ///
    /// - Parameters:
    ///   - path: `.asm` or `.bin`.
    ///   - mode: needed for a flat binary; for assembly it must not contradict `bits`.
    ///   - load: the load address; for assembly it must not contradict `org`.
    public static func load(
        _ path: String, mode: GuestMode? = nil, load: UInt64? = nil
    ) throws(Failure) -> GuestImage {
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.read(path)
        } catch { throw Failure("\(error.path): \(error.message)") }
        let kind = Kind(path: path)
        if kind == .assembly { return try assemble(bytes, path: path, mode: mode, load: load) }
        guard kind == .flatBinary else {
            if MultibootHeader(in: bytes) != nil {
                throw Failure("\(path): expected --native, as this is a multiboot kernel")
            }
            throw Failure("\(path): expected a guest's name to end in .asm, .bin or .yaml")
        }
        guard let mode else {
            throw Failure(
                "\(path): a flat binary needs --mode "
                    + GuestMode.allCases.map(\.rawValue).joined(separator: "|"))
        }
        guard !bytes.isEmpty else { throw Failure("\(path): expected at least one byte") }
        return try placed(
            GuestImage(
                name: name(of: path), bytes: bytes, mode: mode,
                loadAddress: load ?? mode.defaultLoadAddress))
    }

    /// Assembles a guest's source; `path` is where `%include` looks.
    public static func assemble(
        _ source: [UInt8], path: String, mode: GuestMode? = nil, load: UInt64? = nil
    ) throws(Failure) -> GuestImage {
        let program: AssembledProgram
        do {
            program = try Assembler.assemble(source, file: path) { included in
                try? BoundedFile.read(folder(of: path) + included)
            }
        } catch { throw Failure(error.description) }
        guard !program.bytes.isEmpty else {
            throw Failure("\(path): expected at least one instruction")
        }
        let own = GuestMode(program.bits)
        if let mode, mode != own {
            throw Failure(
                "\(path): its `bits` make it \(own.rawValue): --mode \(mode.rawValue) does not fit")
        }
        let hasOrigin = program.origin != 0
        if let load, hasOrigin, load != program.origin {
            throw Failure(
                "\(path): its `org` is 0x\(String(program.origin, radix: 16)): another --load does "
                    + "not fit")
        }
        let address = hasOrigin ? program.origin : load ?? own.defaultLoadAddress
        return try placed(
            GuestImage(
                name: name(of: path), bytes: program.bytes, mode: own, loadAddress: address,
                program: program))
    }

    /// A real-mode guest starts with CS 0: its address has 16 bits.
    private static func placed(_ image: GuestImage) throws(Failure) -> GuestImage {
        let limit: UInt64 = image.mode == .real16 ? 0x1_0000 : 0x1_0000_0000
        guard image.loadAddress < limit else {
            throw Failure(
                "\(image.name): load address 0x\(String(image.loadAddress, radix: 16)): expected "
                    + "below 0x\(String(limit, radix: 16))")
        }
        return image
    }

    /// The last part of a path.
    public static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }
}
