/// The mnemonic column of the table, read: several names, and `cc` for the conditions.
enum MnemonicNames {
    /// The first name.
    static func primary(_ mnemonic: String) -> String {
        guard let slash = mnemonic.utf8.firstIndex(of: UInt8(ascii: "/")) else { return mnemonic }
        return String(mnemonic[..<slash])
    }

    /// Every name that the column stands for, with the condition number where it has one.
    static func all(_ mnemonic: String) -> [(name: String, condition: UInt8)] {
        mnemonic.split(separator: "/").flatMap { part -> [(name: String, condition: UInt8)] in
            guard part.hasSuffix("cc") else { return [(String(part), 0)] }
            return Condition.allCases.flatMap { condition in
                condition.names.map { (part.dropLast(2) + $0, condition.rawValue) }
            }
        }
    }
}
