import Foundation
import Testing

@Suite("The listings of these tests")
struct ListingTests {
    static let nasm = "/usr/bin/nasm"

    @Test(
        "NASM assembles each listing's source to its bytes",
        .enabled(if: FileManager.default.isExecutableFile(atPath: nasm), "no nasm here"),
        arguments: Listings.all)
    func bytesMatchSource(_ listing: Listing) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("listing.asm")
        let output = folder.appendingPathComponent("listing.bin")
        try "bits \(listing.bits)\n\(listing.source)\n"
            .write(to: source, atomically: true, encoding: .utf8)

        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.nasm)
        process.arguments = ["-f", "bin", "-w-number-overflow", "-o", output.path, source.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try [UInt8](Data(contentsOf: output)) == listing.bytes)
    }
}
