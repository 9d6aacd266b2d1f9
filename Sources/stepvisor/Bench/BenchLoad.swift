import Fuzzing
import Hypervisor

/// A guest of `Guests/bench` and what is measured with it.
struct BenchLoad: Sendable {
    /// As on the command line and in JSON.
    let name: String
    /// For people.
    let title: String
    /// File in `Guests/bench`, without `.asm`.
    let guest: String
    let mode: GuestMode
    /// What is counted, in the plural.
    let unit: String
    /// Units for each one of the count in ESI.
    let unitsPerCount: UInt64
    /// What the guest writes to port F4h when it went well.
    let expected: UInt64
    /// Every instruction is told: here as JSON, by Bochs as its trace.
    var isNarrated = false
    /// Counts in ESI: here, and on Bochs, which is given less to do.
    let count: UInt64
    let peerCount: UInt64
    /// The least that the guest can be given: what is measured is the difference to it.
    let least: UInt64

    /// Bits 7:0 of the CRC-32 (the polynomial of zlib) of the sieve's first 4 KiB.
    private static let crc: UInt64 = 0xFE

    static let all: [BenchLoad] = [
        BenchLoad(
            name: "integers-64", title: "silent, 64-bit", guest: "rounds-64", mode: .long64,
            unit: "instructions", unitsPerCount: 763_624, expected: crc, count: 300,
            peerCount: 100, least: 0),
        BenchLoad(
            name: "integers-32", title: "silent, 32-bit", guest: "rounds-32", mode: .protected32,
            unit: "instructions", unitsPerCount: 763_624, expected: crc, count: 300,
            peerCount: 100, least: 0),
        BenchLoad(
            name: "round-trips", title: "VMCALL exit, RIP moved on, VMRESUME",
            guest: "round-trips", mode: .long64, unit: "round trips", unitsPerCount: 1,
            expected: 0, count: 1_000_000, peerCount: 200_000, least: 1),
        BenchLoad(
            name: "port-output", title: "OUT to a port", guest: "port-output", mode: .long64,
            unit: "instructions", unitsPerCount: 3, expected: 0, count: 5_000_000,
            peerCount: 2_000_000, least: 1),
        BenchLoad(
            name: "json", title: "every instruction told", guest: "rounds-64", mode: .long64,
            unit: "instructions", unitsPerCount: 763_624, expected: crc, isNarrated: true,
            count: 8, peerCount: 1, least: 0),
    ]
}

/// What was found: an amount of work and the time that it took.
struct BenchTiming: Sendable {
    /// Of the load's unit.
    let units: UInt64
    /// Of the process's own time.
    let seconds: Double

    var perSecond: Double { seconds > 0 ? Double(units) / seconds : 0 }
}

/// Times of this process and of others.
enum BenchClock {
    /// User and system time of this process, in seconds.
    static func ownTime() -> Double { ChildProcess.seconds(of: ChildProcess.ownUsage()) }

    /// The least of three measurements: what disturbs them only ever adds.
    static func best<Failure: Error>(
        _ measure: () throws(Failure) -> Double
    ) throws(Failure) -> Double {
        var least = try measure()
        for _ in 1..<3 { least = min(least, try measure()) }
        return least
    }
}
