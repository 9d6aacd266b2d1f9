import Testing

@testable import Hypervisor

@Suite("ELF files")
struct ELFReaderTests {
    @Test("a program's segments go to their physical addresses, zeros behind their bytes")
    func segments() throws {
        let program = try ELFReader.read(KernelFile().bytes)
        #expect(
            program.segments == [.init(address: 0x10_0000, file: 0x1000..<0x1020, size: 0x40)])
        #expect(program.entry == 0x10_0010)
    }

    @Test("the entry point is a virtual address: it moves with its segment")
    func translatedEntry() throws {
        let file = KernelFile().with {
            $0.segments[0].virtual = 0xC010_0000
            $0.entry = 0xC010_0010
        }
        #expect(try ELFReader.read(file.bytes).entry == 0x10_0010)
    }

    @Test("program headers of other types, and empty ones, are not loaded")
    func others() throws {
        let file = KernelFile().with {
            $0.segments.append($0.segments[0])
            $0.segments[1].type = 0x6474_E551
            $0.segments.append($0.segments[0])
            $0.segments[2].fileSize = 0
            $0.segments[2].memorySize = 0
        }
        #expect(try ELFReader.read(file.bytes).segments.count == 1)
    }

    /// One thing that is wrong, and a word of what is said about it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let what: String
        let says: String
        let change: @Sendable (inout KernelFile) -> Void
        var testDescription: String { what }
    }

    static let mistakes = [
        Mistake(what: "64-bit", says: "elf32-i386") { $0.fileClass = 2 },
        Mistake(what: "no class", says: "80386") { $0.fileClass = 0 },
        Mistake(what: "another machine", says: "80386") { $0.machine = 62 },
        Mistake(what: "relocatable", says: "type 2") { $0.type = 1 },
        Mistake(what: "cut within the header", says: "ELF header") { $0.size = 40 },
        Mistake(what: "no program headers", says: "no program headers") { $0.headerCount = 0 },
        Mistake(what: "short program headers", says: "at least 32") { $0.headerSize = 31 },
        Mistake(what: "program headers behind the end", says: "within the file") {
            $0.headerOffset = 0xFFFF_FFF0
        },
        Mistake(what: "many program headers", says: "within the file") {
            $0.headerCount = 0xFFFF
        },
        Mistake(what: "a segment behind the end", says: "within the file") {
            $0.segments[0].offset = 0xFFFF_FFFF
        },
        Mistake(what: "a long segment", says: "within the file") {
            $0.segments[0].fileSize = 0xFFFF_FFFF
            $0.segments[0].memorySize = 0xFFFF_FFFF
        },
        Mistake(what: "more in the file than in memory", says: "no more in the file") {
            $0.segments[0].memorySize = 0x1F
        },
        Mistake(what: "beyond 4 GiB", says: "below 4 GiB") {
            $0.segments[0].physical = 0xFFFF_FFE0
        },
        Mistake(what: "overlapping", says: "overlap") {
            $0.segments.append($0.segments[0])
            $0.segments[1].physical += 0x3F
        },
        Mistake(what: "nothing to load", says: "nothing to load") { $0.segments[0].type = 4 },
        Mistake(what: "an entry point elsewhere", says: "entry point") { $0.entry = 0x10_0040 },
    ]

    @Test("what is wrong is refused by name", arguments: mistakes)
    func refused(_ mistake: Mistake) throws {
        let bytes = KernelFile().with(mistake.change).bytes
        let message = try #require(
            refusal { () throws(GuestLoader.Failure) in try ELFReader.read(bytes) })
        #expect(message.contains(mistake.says), "\(message)")
    }

    @Test("segments that touch do not overlap")
    func adjacent() throws {
        let file = KernelFile().with {
            $0.segments.append($0.segments[0])
            $0.segments[1].physical += 0x40
        }
        #expect(try ELFReader.read(file.bytes).segments.count == 2)
    }

    @Test("a file cut anywhere is read or refused")
    func everyLength() {
        let bytes = KernelFile().bytes
        for count in 0..<bytes.count {
            _ = refusal { () throws(GuestLoader.Failure) in
                try MultibootKernel(Array(bytes.prefix(count)))
            }
        }
    }
}
