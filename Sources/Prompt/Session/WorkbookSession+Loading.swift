import Glibc
import Hypervisor
import Narration
import Workbook

/// Guests that are loaded by name.
extension WorkbookSession {
    /// The endings of what can be loaded.
    private static let endings = [".asm", ".bin", ".yaml"]

    func loadGuest(_ words: [String]) throws(CommandError) {
        guard let name = words.first, words.count <= 3 else {
            throw CommandError(
                "A guest's file is missing.", advice: "It is typed: load FILE [MODE [ADDRESS]]")
        }
        let mode = try words.count > 1 ? Self.mode(words[1]) : nil
        let address = try words.count > 2 ? Self.address(words[2]) : nil
        let path = try find(name)
        if path.hasSuffix(".yaml") {
            let scenario = try told { () throws(WorkbookError) in
                try Scenario.read(path, root: root).configuration()
            }
            use(scenario)
            return showLoaded()
        }
        let image: GuestImage
        do {
            image = try GuestLoader.load(path, mode: mode, load: address)
        } catch { throw CommandError(error.message) }
        use(RunConfiguration(image: image))
        showLoaded()
    }

    /// Makes a guest the one that the machine's commands work on.
    func use(_ configuration: RunConfiguration) {
        var narrator = TextNarrator(
            style: style, level: .brief, program: configuration.image.program)
        // “info vmcs” shows them where they are wanted.
        narrator.listsSetUp = false
        let teller = RunTeller(narrator: narrator) { [weak self] line in self?.show(line: line) }
        self.teller = teller
        debugger = Debugger(
            configuration, budget: budget, isInterrupted: { Interruption.isRequested },
            teller: teller)
        nextAddress = nil
    }

    private func showLoaded() {
        guard let image = debugger?.configuration.image else { return }
        show(
            "\(EscapedText.line(image.name)): \(image.bytes.count) bytes, \(image.mode.rawValue), "
                + "at 0x\(String(image.loadAddress, radix: 16)).")
        showPlace()
    }

    private static func mode(_ word: String) throws(CommandError) -> GuestMode {
        guard let mode = GuestMode(rawValue: word.lowercased()) else {
            throw .unknown(
                "a mode", word, among: GuestMode.allCases.map(\.rawValue),
                fallback: "Modes: \(GuestMode.allCases.map(\.rawValue).joined(separator: " ")).")
        }
        return mode
    }

    private static func address(_ word: String) throws(CommandError) -> UInt64 {
        guard let address = NumberText.parse(word) else {
            throw CommandError("\(CommandError.quoted(word)) is not an address.")
        }
        return address
    }

    /// A path as typed, else a file of the workbook's guests.
    private func find(_ name: String) throws(CommandError) -> String {
        if access(name, F_OK) == 0 { return name }
        let guests = Folder(path: root.path + "/Guests")
        if let path = guests.file(name) ?? guests.file(name + ".asm") { return path }
        throw .unknown(
            "a file, here or among the workbook's guests", name, among: guests.names() ?? [])
    }

    /// The workbook's guests, and what lies in the current folder or the one that is typed.
    func fileCandidates(_ typed: Substring) -> [Completion.Candidate] {
        let slash = typed.lastIndex(of: "/")
        let folder = Folder(path: slash.map { String(typed[...$0]) } ?? ".")
        var names = folder.names() ?? []
        let folders = names.filter { Folder(path: folder.path + "/" + $0).exists }
        if slash == nil { names = (Folder(path: root.path + "/Guests").names() ?? []) + names }
        return names.filter { name in Self.endings.contains { name.hasSuffix($0) } }
            .map { Completion.Candidate($0) }
            + folders.map { Completion.Candidate($0 + "/", endsWord: false) }
    }
}
