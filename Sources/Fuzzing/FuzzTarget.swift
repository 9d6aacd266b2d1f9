import Hypervisor
import Workbook

/// Why a subject cannot be fed on this machine.
public struct FuzzUnavailable: Error {
    public let message: String
}

/// What can be fed.
public enum FuzzTarget: String, CaseIterable, Sendable {
    case decoder, assembler, roundtrip, nasm, elf, image, lesson, scenario, answers, machine, kvm

    /// Feeds it.
    ///
    /// - Parameters:
    ///   - root: the folder with guests and lessons, whose files are inputs to begin from.
    public func run(
        _ campaign: FuzzCampaign, root: Folder?, willFeed: (UInt64) -> Void = { _ in },
        progress: (FuzzCampaign.Figures) -> Void = { _ in }
    ) throws(FuzzUnavailable) -> FuzzCampaign.Figures {
        var subject = try subject(root)
        return campaign.run(&subject, willFeed: willFeed, progress: progress)
    }

    /// One input as text.
    public func text(
        _ campaign: FuzzCampaign, input: UInt64, root: Folder?
    ) throws(FuzzUnavailable) -> String {
        var subject = try subject(root)
        return campaign.text(&subject, input: input)
    }

    private func subject(_ root: Folder?) throws(FuzzUnavailable) -> any FuzzSubject {
        switch self {
        case .decoder: DecoderSubject()
        case .assembler:
            AssemblerSubject(sources: FuzzCorpus.files(in: root, "Guests", ending: ".asm"))
        case .roundtrip: RoundTripSubject()
        case .nasm: try NASMSubject()
        case .elf: BootSubject(.kernel)
        case .image: BootSubject(.disk)
        case .scenario:
            TextSubject(.scenario, files: FuzzCorpus.lessonFiles(in: root, ending: ".yaml"))
        case .lesson: try LessonSubject(root: root)
        case .answers: TextSubject(.answers, root: root)
        case .machine: MachineSubject()
        case .kvm: try DifferentialSubject()
        }
    }
}

/// Valid inputs to begin from.
enum FuzzCorpus {
    /// The files of a folder below the root whose names end so; none without a root.
    static func files(in root: Folder?, _ name: String, ending: String) -> [[UInt8]] {
        guard let root else { return [] }
        let folder = Folder(path: root.path + "/" + name)
        return (folder.names() ?? []).filter { $0.hasSuffix(ending) }.compactMap { name in
            folder.file(name).flatMap { try? BoundedFile.read($0) }
        }
    }

    /// The same of each lesson's folder.
    static func lessonFiles(in root: Folder?, ending: String) -> [[UInt8]] {
        guard let root else { return [] }
        let lessons = Folder(path: root.path + "/Lessons").names() ?? []
        return lessons.flatMap { files(in: root, "Lessons/" + $0, ending: ending) }
    }
}
