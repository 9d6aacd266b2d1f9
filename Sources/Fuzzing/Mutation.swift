import Workbook

/// Changes to valid inputs that keep most of them alive.
enum Mutation {
    /// Changes bytes in one place. `words` are runs of bytes that mean something to the subject.
    static func change(
        _ bytes: inout [UInt8], words: [[UInt8]], others: [[UInt8]],
        _ generator: inout SplitMix64
    ) {
        guard !bytes.isEmpty else { return bytes = generator.pick(others) }
        let place = generator.index(bytes.count)
        let end = min(bytes.count, place + generator.index(24))
        switch generator.number(below: 9) {
        case 0: bytes[place] = generator.byte()
        case 1: bytes[place] ^= 1 << UInt8(generator.number(below: 8))
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 4:
            let other = generator.pick(others)
            let from = generator.index(other.count)
            bytes.insert(contentsOf: other[from..<min(other.count, from + 40)], at: place)
        case 5:
            // The end of one behind the beginning of another.
            let other = generator.pick(others)
            bytes = Array(bytes[..<place]) + other.suffix(generator.index(other.count + 1))
        default:
            guard !words.isEmpty else { return bytes[place] = generator.byte() }
            let word = generator.pick(words)
            if generator.chance(50) {
                bytes.insert(contentsOf: word, at: place)
            } else {
                let last = min(bytes.count, place + word.count)
                bytes.replaceSubrange(place..<last, with: word)
            }
        }
    }

    /// One of the corpus, changed in up to so many places; now and then left as it is.
    static func draw(
        from corpus: [[UInt8]], words: [[UInt8]], most: Int, _ generator: inout SplitMix64
    ) -> [UInt8] {
        var bytes = generator.pick(corpus)
        for _ in 0..<generator.index(most + 1) {
            change(&bytes, words: words, others: corpus, &generator)
        }
        return bytes
    }
}
