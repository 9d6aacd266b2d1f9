/// A manual that the model follows, in the revision that every section number refers to.
public enum Manual: String, CaseIterable, Sendable {
    /// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: instructions.
    case sdm2 = "SDM 2"
    /// Volume 3A: protection, paging, interrupts, tasks.
    case sdm3A = "SDM 3A"
    /// Volume 3B: debugging, performance monitoring, compatibility.
    case sdm3B = "SDM 3B"
    /// Volume 3C: VMX.
    case sdm3C = "SDM 3C"
    /// Volume 3D: the appendices on VMX.
    case sdm3D = "SDM 3D"
    /// AMD64 Architecture Programmer's Manual, volume 2: system programming.
    case apm2 = "APM 2"

    /// The pinned revision.
    public var revision: String {
        switch self {
        case .sdm2, .sdm3A, .sdm3B, .sdm3C, .sdm3D: "revision 078, December 2022"
        case .apm2: "revision 3.40"
        }
    }
}

/// Where a manual says something: always by title, by number only where it was looked up.
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
}
