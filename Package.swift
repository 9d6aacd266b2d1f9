// swift-tools-version: 6.2
// Stepvisor: a step-through hypervisor workbook.
// Copyright (C) 2026 the Stepvisor authors. GPL-3.0-or-later, see LICENSE.

import PackageDescription

// The house, in reading order: each module imports only those above it.
let package = Package(
    name: "stepvisor",
    products: [
        .executable(name: "stepvisor", targets: ["stepvisor"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "Architecture"),
        .target(name: "InstructionSet", dependencies: ["Architecture"]),
        .target(name: "Machine", dependencies: ["Architecture", "InstructionSet"]),
        .target(name: "CKVM"),
        .target(name: "KVM", dependencies: ["CKVM", "Architecture"]),
        .target(name: "Hypervisor", dependencies: ["Machine", "KVM"]),
        .target(name: "Conformance", dependencies: ["Narration"]),
        .target(name: "Narration", dependencies: ["Hypervisor"]),
        .target(
            name: "Workbook",
            dependencies: ["Narration", .product(name: "Yams", package: "Yams")]
        ),
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        .target(name: "Prompt", dependencies: ["Workbook", "CReadline"]),
        .executableTarget(
            name: "stepvisor",
            dependencies: [
                "Prompt", "Conformance", "Workbook", "Narration", "Hypervisor", "KVM",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(
            name: "ArchitectureTests", dependencies: ["Architecture"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "InstructionSetTests", dependencies: ["InstructionSet"], exclude: ["Fixtures"]),
        .testTarget(
            name: "MachineTests", dependencies: ["Machine", "Conformance"], exclude: ["Fixtures"]),
        .testTarget(name: "KVMTests", dependencies: ["KVM"]),
        .testTarget(
            name: "HypervisorTests",
            dependencies: ["Hypervisor", "Conformance", "Narration", "KVM"]),
        .testTarget(name: "NarrationTests", dependencies: ["Narration"]),
        .testTarget(name: "WorkbookTests", dependencies: ["Workbook"]),
        .testTarget(name: "PromptTests", dependencies: ["Prompt", "stepvisor"]),
        .testTarget(name: "stepvisorTests", dependencies: ["stepvisor"]),
    ],
    swiftLanguageModes: [.v6]
)
