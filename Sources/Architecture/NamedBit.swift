/// A bit of a register or field that a manual names: one row of a table, `rawValue` its position.
public protocol NamedBit: RawRepresentable, CaseIterable, Sendable, Hashable
where RawValue == UInt8 {
    /// The manual's short name, as "PE" or "HLT exiting".
    var name: String { get }
    /// What it means, in a few words.
    var title: String { get }
}

extension NamedBit {
    /// The value with only this bit set.
    @inlinable public var mask: UInt64 { 1 &<< UInt64(rawValue) }
}

extension UInt64 {
    /// Whether the bit of this name is set.
    @inlinable public func has<Bit: NamedBit>(_ bit: Bit) -> Bool { self & bit.mask != 0 }
}
