/// A lesson as its folder says it, for every seed.
public struct Lesson: Sendable {
    /// Stable, as cr0-mask-and-shadow.
    public let id: String
    /// From the folder's name: it only orders.
    public let number: Int
    public let title: String
    public let claims: [(claim: Claim, position: SourcePosition)]
    /// Ids of lessons that this one builds on.
    public let prerequisites: [Located<String>]
    public let folder: Folder
    /// The Markdown file's name, for messages.
    public let file: String
    public let exercises: [Exercise]
    let draws: Draws
    let sections: [Section]
    let files: LessonFiles

    public var stepCount: Int { sections.count }

    /// A step before its placeholders are filled.
    struct Section: Sendable {
        var title: String
        var position: SourcePosition
        var elements: [SectionElement]
    }

    enum SectionElement: Sendable {
        case text(TextElement, SourcePosition)
        case run(YAMLNode)
        case question(YAMLNode)
        case ladder(YAMLNode)
        case exercise(id: String)
    }

    /// The lesson with the numbers and names that a seed gives.
    public func variant(seed: UInt64) throws(WorkbookError) -> LessonVariant {
        let collector = DiagnosticCollector(file: file)
        var generator = SplitMix64(seed: seed, name: id)
        let bindings = draws.draw(&generator)
        var filler = LessonFiller(files: files, bindings: bindings, collector: collector)
        let steps = sections.map { filler.step($0) }
        try collector.throwIfAny()
        return LessonVariant(
            id: id, number: number, title: title, claims: claims.map(\.claim), seed: seed,
            file: file, steps: steps)
    }
}

/// A lesson as one student sees it.
public struct LessonVariant: Sendable {
    public let id: String
    public let number: Int
    public let title: String
    public let claims: [Claim]
    public let seed: UInt64
    public let file: String
    public let steps: [LessonStep]

    /// All questions, in order.
    public var questions: [Question] {
        steps.flatMap(\.blocks).compactMap { block in
            if case .question(let question) = block { return question }
            return nil
        }
    }

    /// All runs, in order.
    public var runs: [RunBlock] {
        steps.flatMap(\.blocks).compactMap { block in
            if case .run(let run) = block { return run }
            return nil
        }
    }
}

/// What stands under one heading.
public struct LessonStep: Sendable, Hashable {
    public var title: String
    public var blocks: [LessonBlock]
}

public enum LessonBlock: Sendable, Hashable {
    case text(TextElement)
    case run(RunBlock)
    case question(Question)
    case ladder(LadderBlock)
    /// An exercise of the lesson, by its id.
    case exercise(String)
}
