import Hypervisor
import Machine
import Narration

/// The commands that look something up, and the one that checks a VM entry.
extension WorkbookSession {
    func explain(_ name: String?) throws(CommandError) {
        let text = ReferenceText(style: style)
        let book = ReferenceBook.standard
        guard let name else { return show(lines: text.kinds(book)) }
        switch book.find(name) {
        case .entry(let entry, let others): show(lines: text.lines(entry, others: others))
        case .kind(let kind, let entries): show(lines: text.list(kind, entries))
        case .ambiguous(let entries):
            throw .ambiguous(name, candidates: entries.map(\.name))
        case .unknown(let suggestions):
            throw .unknown(
                "known here", name, among: suggestions, fallback: "“explain” lists what is.")
        }
    }

    func checkEntry() throws(CommandError) -> CommandOutcome {
        let machine = try guestWithVMCS().run
        guard let findings = machine.machine.entryFindings() else {
            throw CommandError("The current VMCS does not lie in memory.")
        }
        show(
            lines: EntryCheckText(style: style).lines(findings, of: machine.machine.entryChecks))
        return findings.isEmpty ? .done : .failed
    }
}
