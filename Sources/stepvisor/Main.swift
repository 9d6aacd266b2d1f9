import ArgumentParser
import Glibc
import Prompt
import Workbook

/// What the program's exit status says. Scripts depend on it.
enum Status {
    /// What was asked ran, and failed.
    static let failed = ExitCode(1)
    /// The call or its input is wrong.
    static let usage = ExitCode(2)
    /// Not possible on this machine.
    static let unavailable = ExitCode(3)
    /// Interrupted from the keyboard.
    static let interrupted = ExitCode(130)
}

@main
struct Main {
    static func main() {
        Terminal.endQuietlyOnClosedPipe()
        do {
            var command = try Stepvisor.parseAsRoot()
            try command.run()
            StandardOutput.flush()
        } catch let code as ExitCode {
            StandardOutput.flush()
            exit(code.rawValue)
        } catch let failure as InputFailure {
            StandardOutput.flush()
            StandardError.write(failure.message)
            exit(Status.usage.rawValue)
        } catch {
            leave(error)
        }
    }

    /// Help and version go to standard output; a wrong call is told on standard error.
    private static func leave(_ error: any Error) -> Never {
        let text = Stepvisor.fullMessage(for: error)
        guard Stepvisor.exitCode(for: error) == .success else {
            StandardOutput.flush()
            StandardError.write(text)
            exit(Status.usage.rawValue)
        }
        StandardOutput.line(text)
        StandardOutput.flush()
        exit(0)
    }
}

struct Stepvisor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stepvisor",
        abstract: "A step-through workbook on how hypervisors work.",
        discussion: """
            Without a subcommand: the workbook, at a prompt. With input from a pipe or file: \
            prompt commands, one a line.
            """,
        version: "stepvisor 0.1.0",
        subcommands: [
            ListCommand.self, PresentCommand.self, RunCommand.self, CompareCommand.self,
            GradeCommand.self,
            LessonsCommand.self, ConformCommand.self, AssembleCommand.self,
            DisassembleCommand.self, ExplainCommand.self, BenchCommand.self, FuzzCommand.self,
            DoctorCommand.self,
        ])

    @OptionGroup var root: RootOption

    /// The workbook at its prompt.
    func run() throws {
        let folder = try root.folder()
        let status = try root.told { () throws(WorkbookError) in
            try PromptProgram.run(root: folder)
        }
        if status != 0 { throw ExitCode(status) }
    }
}

/// Input that is wrong: told with its place, status 2.
struct InputFailure: Error {
    let message: String
    init(_ message: String) { self.message = message }
}
