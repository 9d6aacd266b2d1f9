/// An instruction as bytes, but for the fields that need final addresses.
struct EncodedInstruction {
    /// A number to be put into the bytes.
    struct Field {
        enum Kind {
            /// The value itself.
            case absolute
            /// Its distance from the end of the instruction.
            case relative
        }
        var kind: Kind
        var position: Int
        var size: UInt8
        var value: Value
        /// The width at which the processor takes it, for the check that it fits.
        var isSignExtendedTo: UInt8 = 0
        var column: Int
        var length: Int
    }

    var bytes: [UInt8] = []
    var fields: [Field] = []

    mutating func appendField(_ field: Field) {
        var field = field
        field.position = bytes.count
        fields.append(field)
        for _ in 0..<field.size { bytes.append(0) }
    }

    /// Whether the bytes differ from place to place.
    var dependsOnPlace: Bool { fields.contains { $0.kind == .relative } }
}
