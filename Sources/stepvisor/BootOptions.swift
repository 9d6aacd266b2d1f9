import ArgumentParser
import Hypervisor

/// What `run` starts besides guests that are loaded as they are: kernels, which a loader of their
/// own kind expects, outside VMX operation.
struct BootOptions: ParsableArguments {
    @Flag(help: "Run it outside VMX operation, without a hypervisor.")
    var native = false

    @Flag(help: "With --native: boot the input, a boot sector (also its .asm) or a disk image.")
    var boot = false

    @Option(
        help: ArgumentHelp(
            "With --native: the text behind the path in a multiboot kernel's command line.",
            valueName: "text"))
    var append: String?

    @Option(
        name: .customLong("module"),
        help: ArgumentHelp(
            """
            With --native: a file that a multiboot kernel finds in memory, and its string; text \
            behind a space belongs to the string. May be repeated.
            """, valueName: "file"))
    var modules: [String] = []

    /// The largest kernel, and the largest module.
    static let fileLimit = 256 << 20

    /// What is to be booted; nil for a guest that is loaded as it is.
    ///
    /// - Parameter memory: bytes of RAM.
    func configuration(_ guest: GuestOptions, memory: UInt64) throws -> RunConfiguration? {
        if boot { return try disk(guest, memory) }
        guard native, try isKernel(guest) else {
            try refuseKernelOptions()
            return nil
        }
        return try multiboot(guest, memory)
    }

    /// A flat binary that is run in a mode is one whatever its bytes say.
    private func isKernel(_ guest: GuestOptions) throws -> Bool {
        switch GuestLoader.Kind(path: guest.input) {
        case .scenario, .assembly: return false
        case .flatBinary:
            guard guest.mode == nil else { return false }
            let bytes = try GuestFiles.read(guest.input, limit: Self.fileLimit)
            return MultibootHeader(in: bytes) != nil || ELFReader.isELF(bytes)
        case nil: return true
        }
    }

    private func disk(_ guest: GuestOptions, _ memory: UInt64) throws -> RunConfiguration {
        guard native else { throw InputFailure("--boot: expected --native with it") }
        try refuseKernelOptions()
        try guest.refuseModeAndLoad("a boot sector starts in real mode at 0x7c00")
        let kind = GuestLoader.Kind(path: guest.input)
        guard kind != .scenario else {
            throw InputFailure("\(guest.input): expected a boot sector or a disk image")
        }
        let source = try kind == .assembly ? bootSource(guest.input) : nil
        let bytes = try source?.bytes ?? GuestFiles.read(guest.input, limit: DiskImage.limit)
        do {
            return RunConfiguration(
                boot: try DiskImage(bytes), name: GuestLoader.name(of: guest.input),
                map: PCMemoryMap(memorySize: memory), program: source?.program)
        } catch {
            throw InputFailure("\(guest.input): \(error.message)")
        }
    }

    /// An image from its source.
    private func bootSource(_ path: String) throws -> GuestImage {
        let image = try GuestFiles.load(path)
        guard image.mode == .real16, image.loadAddress == Firmware.bootAddress else {
            throw InputFailure("\(path): expected `bits 16` and `org 0x7c00` for a boot sector")
        }
        return image
    }

    private func multiboot(
        _ guest: GuestOptions, _ memory: UInt64
    ) throws -> RunConfiguration {
        let bytes = try GuestFiles.read(guest.input, limit: Self.fileLimit)
        try guest.refuseModeAndLoad("a multiboot kernel starts in 32-bit mode at its entry point")
        var commandLine = guest.input
        if let append { commandLine += " " + append }
        do {
            let start = try MultibootStart(
                kernel: try MultibootKernel(bytes), commandLine: commandLine,
                modules: try modules.map(Self.module), map: PCMemoryMap(memorySize: memory))
            return RunConfiguration(multiboot: start, name: GuestLoader.name(of: guest.input))
        } catch let failure as GuestLoader.Failure {
            throw InputFailure("\(guest.input): \(failure.message)")
        }
    }

    /// A file that has the whole text for its name, else the one named before the first space.
    private static func module(_ text: String) throws -> MultibootStart.Module {
        var path = Substring(text)
        if !GuestFiles.exists(text), let space = text.firstIndex(of: " ") { path = text[..<space] }
        let bytes = try GuestFiles.read(String(path), limit: fileLimit)
        return MultibootStart.Module(bytes: bytes, string: text)
    }

    private func refuseKernelOptions() throws {
        let option = append != nil ? "--append" : modules.isEmpty ? nil : "--module"
        guard let option else { return }
        throw InputFailure("\(option): expected a multiboot kernel (run --native KERNEL)")
    }
}
