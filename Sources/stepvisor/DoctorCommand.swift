import ArgumentParser
import Glibc
import KVM
import Narration
import Prompt
import Workbook

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell what of Stepvisor works on this machine, and what to do about the rest.")

    @OptionGroup var root: RootOption

    @Flag(help: "One JSON object a line.")
    var json = false

    /// One thing looked at.
    fileprivate struct Finding {
        enum State: String { case ok, limited, missing }
        let what: String
        let state: State
        let detail: String
        var remedy: String?
    }

    func run() throws {
        let findings = [lessons(), progress(), answers(), terminal(), kvm(), peers()]
        for finding in findings {
            StandardOutput.line(json ? object(finding) : text(finding))
        }
        if findings.contains(where: { $0.state == .missing }) { throw Status.failed }
    }

    private func object(_ finding: Finding) -> String {
        JSON.members(
            ("what", .string(finding.what)), ("state", .string(finding.state.rawValue)),
            ("detail", .string(finding.detail)),
            ("remedy", finding.remedy.map { .string($0) } ?? .null)
        ).text
    }

    private func text(_ finding: Finding) -> String {
        let head = "\(finding.state.rawValue.padded(to: 8)) \(finding.what.padded(to: 9)) "
        let body = EscapedText.line(finding.detail)
        let remedy = finding.remedy.map { "\n" + String(repeating: " ", count: 19) + $0 } ?? ""
        return head + body + remedy
    }

    private func lessons() -> Finding {
        do throws(WorkbookError) {
            let folder = try root.folder()
            let library = try Library(root: folder)
            guard library.diagnostics.isEmpty else {
                return Finding(
                    what: "lessons", state: .limited,
                    detail: "\(library.diagnostics.count) mistakes in \(folder.path)",
                    remedy: "stepvisor lessons check")
            }
            return Finding(
                what: "lessons", state: .ok,
                detail: "\(library.lessons.count) in \(folder.path)")
        } catch {
            return Finding(
                what: "lessons", state: .missing, detail: error.description,
                remedy: "give --root, or set STEPVISOR_ROOT to the folder with Lessons")
        }
    }

    private func progress() -> Finding {
        guard let folder = Environment.process.stateFolder else {
            return Finding(
                what: "progress", state: .limited,
                detail: "no home folder: progress is forgotten at the end",
                remedy: "set HOME or XDG_STATE_HOME")
        }
        return writable("progress", folder)
    }

    private func answers() -> Finding {
        guard let folder = AnswerFolder.standard(environment: ProcessVariables.all)?.path else {
            return Finding(
                what: "answers", state: .limited, detail: "no home folder",
                remedy: "set STEPVISOR_ANSWERS")
        }
        return writable("answers", folder)
    }

    /// A folder, or the nearest one above it that exists.
    private func writable(_ what: String, _ folder: String) -> Finding {
        var existing = folder
        while access(existing, F_OK) != 0, let slash = existing.lastIndex(of: "/"), existing != "/"
        {
            existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
        }
        guard access(existing, W_OK) == 0 else {
            return Finding(
                what: what, state: .limited, detail: "\(folder) cannot be written",
                remedy: "make \(existing) writable")
        }
        return Finding(what: what, state: .ok, detail: folder)
    }

    private func terminal() -> Finding {
        let terminal = Terminal()
        guard terminal.isInteractive else {
            return Finding(what: "terminal", state: .limited, detail: "output is no terminal")
        }
        let style = terminal.style
        return Finding(
            what: "terminal", state: .ok,
            detail: "\(style.width) columns, \(style.hasColor ? "colour" : "no colour")")
    }

    private func kvm() -> Finding {
        guard let unavailability = System.unavailability else {
            return Finding(what: "kvm", state: .ok, detail: "guests run on it: stepvisor compare")
        }
        return Finding(
            what: "kvm", state: .limited, detail: unavailability.description,
            remedy: unavailability.remedy)
    }
}

extension DoctorCommand {
    /// What `swift test` holds Stepvisor against, by program and Debian's packages.
    private static let peerPackages = [
        ("nasm", "nasm"), ("objdump", "binutils"),
        ("bochs", "bochs bochs-term bochsbios vgabios"), ("qemu-system-x86_64", "qemu-system-x86"),
    ]

    private func peers() -> Finding {
        let folders = (Environment.process["PATH"] ?? "").split(separator: ":")
        let missing = Self.peerPackages.filter { program, _ in
            !folders.contains { access("\($0)/\(program)", X_OK) == 0 }
        }
        guard !missing.isEmpty else {
            return Finding(
                what: "peers", state: .ok,
                detail: Self.peerPackages.map(\.0).joined(separator: ", ") + ", for the tests")
        }
        return Finding(
            what: "peers", state: .limited,
            detail: "tests without \(missing.map(\.0).joined(separator: ", ")) are skipped",
            remedy: "apt-get install -y " + missing.map(\.1).joined(separator: " "))
    }
}

/// Where lessons and guests are.
struct RootOption: ParsableArguments {
    @Option(
        help: "The folder with Lessons and Guests; else STEPVISOR_ROOT, else upwards from here.")
    var root: String?

    func folder() throws(WorkbookError) -> Folder {
        try WorkbookRoot.find(
            option: root, environment: ProcessVariables.all, executable: Self.executable)
    }

    static var executable: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return String(decoding: path, as: UTF8.self)
    }
}
