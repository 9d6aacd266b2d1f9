import ArgumentParser

@main
struct Stepvisor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stepvisor",
        abstract: "A workbook for learning how hypervisors work.",
        version: "0.1.0",
        subcommands: []
    )
}
