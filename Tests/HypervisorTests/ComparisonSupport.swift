import KVM
import Testing

@testable import Hypervisor

/// Whether the comparisons with a real KVM can run here.
enum RealKVM {
    static let isPresent = System.unavailability == nil
    static let reason = Comment(
        rawValue: "no KVM here: \(System.unavailability?.description ?? "it opens")")
    static let interprets: Bool = (try? System().interpretsRing0()) ?? false
}

/// Guests for comparisons.
enum ComparedGuest {
    /// A guest of the repository's, by its file name.
    static func named(_ name: String) throws -> RunConfiguration {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return RunConfiguration(image: try GuestLoader.load("/\(root)/Guests/\(name).asm"))
    }

    /// A guest of a few lines.
    static func source(_ lines: String, bits: Int = 64) throws -> RunConfiguration {
        let text = "bits \(bits)\norg \(bits == 16 ? "0x1000" : "0x10000")\n\(lines)\n"
        return RunConfiguration(
            image: try GuestLoader.assemble(Array(text.utf8), path: "guest.asm"))
    }
}

extension RunConfiguration {
    /// The same with a setting, as `--set` makes it.
    func setting(_ name: String, _ value: UInt64) throws -> RunConfiguration {
        var configuration = self
        configuration.settings.append(Setting(try SettingTarget(name: name), value))
        return configuration
    }
}

extension ComparisonResult {
    func row(_ name: String) -> ComparisonRow? { rows.first { $0.item.name == name } }

    /// The names of the lines with a result, in order.
    func names(_ agreement: Agreement) -> [String] {
        rows.filter { $0.result == agreement }.map(\.item.name)
    }
}

extension Comparison {
    /// The lines of two observations, with nothing run again.
    static func lines(
        _ configuration: RunConfiguration, _ model: ModelObservation, _ kvm: KVMObservation,
        history: GuestHistory = GuestHistory()
    ) -> ComparisonResult {
        var judgement = Judgement(model: model, kvm: kvm)
        judgement.history = history
        return ComparisonResult(
            guest: configuration.image.name, processor: configuration.processor.name,
            operation: configuration.operation, rows: judgement.rows(configuration))
    }
}
