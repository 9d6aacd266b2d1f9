import Fuzzing
import KVM
import Testing

@Suite("Random sequences on the model and on KVM")
struct DifferentialTests {
    @Test(
        "come to the same registers, flags and memory",
        .enabled(
            if: System.unavailability == nil,
            "SKIPPED: \(System.unavailability?.description ?? "")"))
    func sequences() throws {
        let figures = try FuzzTests.feed(.kvm, 1_500)
        #expect(figures.count(.accepted) > figures.inputs * 3 / 4)
    }

    @Test("KVM's own gaps are no more than are listed")
    func gaps() {
        #expect(KVMGap.kvm.count <= 10)
        #expect(KVMGap.unknown.count <= 45)
        #expect(KVMGap.kvm.reduce(0) { $0 + $1.operations.count } <= 65)
        #expect(KVMCondition.allCases.count <= 14)
        for gap in KVMGap.kvm { #expect(!gap.because.isEmpty, "\(gap.name)") }
    }
}
