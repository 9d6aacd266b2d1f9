/// A manual that the model follows, in the revision that every section number refers to.
public enum Manual: String, CaseIterable, Sendable {
    /// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1: basic architecture.
    case sdm1 = "SDM 1"
    /// Volume 2: instructions.
    case sdm2 = "SDM 2"
    /// Volume 3A: protection, paging, interrupts, tasks.
    case sdm3A = "SDM 3A"
    /// Volume 3B: debugging, performance monitoring, compatibility.
    case sdm3B = "SDM 3B"
    /// Volume 3C: VMX.
    case sdm3C = "SDM 3C"
    /// Volume 3D: the appendices on VMX.
    case sdm3D = "SDM 3D"
    /// Volume 4: model-specific registers.
    case sdm4 = "SDM 4"
    /// AMD64 Architecture Programmer's Manual, volume 2: system programming.
    case apm2 = "APM 2"

    /// The pinned revision.
    public var revision: String {
        switch self {
        case .sdm1, .sdm2, .sdm3A, .sdm3B, .sdm3C, .sdm3D, .sdm4: "revision 078, December 2022"
        case .apm2: "revision 3.40"
        }
    }
}

/// Where a manual says something: always by title, by number only where it was looked up.
///
/// All citations are the static members in `Citations/`; no other module makes one.
public struct Citation: Sendable, Hashable {
    public let manual: Manual
    /// The section's number in the pinned revision, or nil where only the title is certain.
    public let section: String?
    public let title: String

    init(_ manual: Manual, _ section: String?, _ title: String) {
        self.manual = manual
        self.section = section
        self.title = title
    }

    /// Every citation, by manual, then in the order of the manual's sections; those without a
    /// number follow by title.
    public static let all: [Citation] = {
        var citations: [Citation] = []
        citations += vmxOverviewSections + nonRootSections + entriesSections + exitsSections
        citations += memorySections + vmxInstructionsSections + appendicesSections
        citations += basicsSections + systemSections + system3BSections + registersSections
        citations += instructionsSections + apmSections
        return citations.sorted { $0.precedes($1) }
    }()

    private func precedes(_ other: Citation) -> Bool {
        if manual != other.manual { return manual.rawValue < other.manual.rawValue }
        switch (section, other.section) {
        case (let mine?, let others?) where mine != others:
            return Self.parts(of: mine).lexicographicallyPrecedes(Self.parts(of: others))
        case (_?, nil): return true
        case (nil, _?): return false
        default: return title < other.title
        }
    }

    /// The numbers of "27.3.1.1", appendix letters as 1 and up.
    private static func parts(of section: String) -> [Int] {
        section.split(separator: ".").map { part in
            Int(part) ?? part.utf8.first.map { Int($0) - 64 } ?? 0
        }
    }
}
