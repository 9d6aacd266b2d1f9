import Workbook

/// What came of one input.
public enum FuzzVerdict: String, CaseIterable, Sendable {
    /// It was a valid input.
    case accepted
    /// It was refused, with an error that says why.
    case refused
    /// It says nothing: what it would show is listed as known, or undefined by the manual.
    case skipped
}

/// Something that must hold for every input and did not.
public struct FuzzFailure: Error, Sendable {
    public let message: String

    public init(_ message: String) { self.message = message }
}

/// A part of the program that must take any input: neither crash nor hang nor take much memory,
/// and give an answer that holds up.
public protocol FuzzSubject {
    associatedtype Input

    /// An input that follows from the generator alone.
    mutating func draw(_ generator: inout SplitMix64) -> Input

    /// Feeds an input, and checks what must hold.
    mutating func feed(_ input: Input) throws(FuzzFailure) -> FuzzVerdict

    /// An input as text, to look at.
    func text(of input: Input) -> String

    /// What is to be said behind the figures, a line each.
    var notes: [String] { get }
}

extension FuzzSubject {
    public var notes: [String] { [] }
}

extension SplitMix64 {
    /// True for so many of a hundred.
    mutating func chance(_ percent: UInt64) -> Bool { number(below: 100) < percent }

    /// An index below `count`, which is not 0.
    mutating func index(_ count: Int) -> Int { Int(number(below: UInt64(max(1, count)))) }

    /// One of these, which are not empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[index(elements.count)]
    }

    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    /// A number of which small ones, large ones, single bits and runs of bits are all likely.
    mutating func telling() -> UInt64 {
        let random = next()
        switch number(below: 8) {
        case 0: return number(below: 16)
        case 1: return 0 &- number(below: 16)
        case 2: return 1 &<< number(below: 64)
        case 3: return ~(1 &<< number(below: 64))
        case 4: return random & 0xFFFF
        case 5: return random & 0xFFFF_FFFF
        case 6: return UInt64(bitPattern: Int64(bitPattern: random) >> Int64(number(below: 64)))
        default: return random
        }
    }
}

extension Sequence where Element == UInt8 {
    /// Two digits each, for a failure's text.
    var hexText: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
