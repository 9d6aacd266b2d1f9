import ArgumentParser
import Glibc
import Hypervisor
import Narration

/// Reading and writing for the commands, with failures as status 2.
enum GuestFiles {
    static func read(_ path: String, limit: Int = BoundedFile.guestLimit) throws -> [UInt8] {
        do {
            return try BoundedFile.read(path, limit: limit)
        } catch { throw InputFailure("\(error.path): \(error.message)") }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func load(_ path: String, mode: GuestMode? = nil, load: UInt64? = nil) throws
        -> GuestImage
    {
        do {
            return try GuestLoader.load(path, mode: mode, load: load)
        } catch { throw InputFailure(error.message) }
    }

    /// Writes a whole file or none: to a neighbour first, then renamed.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else {
                let problem = failure(path)
                close(descriptor)
                unlink(temporary)
                throw problem
            }
            start += count
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else {
            let problem = failure(path)
            unlink(temporary)
            throw problem
        }
    }

    private static func failure(_ path: String) -> InputFailure {
        InputFailure("\(path): \(String(cString: strerror(errno)))")
    }
}

/// Values of options.
enum Parsing {
    /// Decimal or 0x hexadecimal.
    @Sendable static func number(_ text: String) throws -> UInt64 {
        guard let value = NumberText.parse(text) else {
            throw ValidationError("\"\(text)\": expected a decimal or 0x hexadecimal number")
        }
        return value
    }
}

extension GuestMode: ExpressibleByArgument {}
