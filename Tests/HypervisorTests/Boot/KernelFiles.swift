@testable import Hypervisor

/// ELF files and multiboot headers, made field by field as the specifications say.
struct KernelFile {
    struct Segment {
        var type: UInt32 = 1
        var offset: UInt32
        var virtual: UInt32
        var physical: UInt32
        var fileSize: UInt32
        var memorySize: UInt32
    }

    /// Multiboot's magic number and flags; the checksum follows from them.
    var magic: UInt32 = 0x1BAD_B002
    var flags: UInt32 = 0
    var checksumError: UInt32 = 0
    var fileClass: UInt8 = 1
    var machine: UInt16 = 3
    var type: UInt16 = 2
    var entry: UInt32 = 0x10_0010
    var segments = [
        Segment(
            offset: 0x1000, virtual: 0x10_0000, physical: 0x10_0000, fileSize: 0x20,
            memorySize: 0x40)
    ]
    /// Of the program headers.
    var headerOffset: UInt32 = 52
    var headerSize: UInt16 = 32
    var headerCount: UInt16?
    /// Bytes of the whole file.
    var size = 0x1100

    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        func put(_ offset: Int, _ values: UInt32..., width: Int = 4) {
            for (index, value) in values.enumerated() {
                for byte in 0..<width where offset + index * width + byte < bytes.count {
                    bytes[offset + index * width + byte] = UInt8(
                        truncatingIfNeeded: value >> UInt32(8 * byte))
                }
            }
        }
        put(0, 0x464C_457F)
        put(4, UInt32(fileClass), 1, 1, width: 1)
        put(16, UInt32(type), UInt32(machine), width: 2)
        put(20, 1, entry, headerOffset)
        put(40, 52, UInt32(headerSize), UInt32(headerCount ?? UInt16(segments.count)), width: 2)
        for (index, segment) in segments.enumerated() {
            put(
                Int(headerOffset) + index * 32, segment.type, segment.offset, segment.virtual,
                segment.physical, segment.fileSize, segment.memorySize, 7, 0x1000)
        }
        put(0x1000, magic, flags, 0 &- magic &- flags &+ checksumError)
        return bytes
    }

    func with(_ change: (inout KernelFile) -> Void) -> KernelFile {
        var file = self
        change(&file)
        return file
    }
}

/// What a loader says of bytes that it refuses; nil when it takes them.
func refusal<T>(_ load: () throws(GuestLoader.Failure) -> T) -> String? {
    do {
        _ = try load()
        return nil
    } catch { return error.message }
}
