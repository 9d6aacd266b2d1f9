// swift-tools-version: 6.2
// Stepvisor: a step-through hypervisor workbook.
// Copyright (C) 2026 the Stepvisor authors. GPL-3.0-or-later, see LICENSE.

import PackageDescription

// The house, in reading order: each module imports only those above it. A module that it imports
// stands in its dependencies by name, also where another brings it: only then is it compiled again
// when that module changes.
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
        .target(
            name: "Hypervisor",
            dependencies: ["Machine", "InstructionSet", "Architecture", "KVM"]),
        .target(
            name: "Narration",
            dependencies: ["Hypervisor", "KVM", "Machine", "InstructionSet", "Architecture"]),
        .target(
            name: "Conformance",
            dependencies: ["Narration", "Hypervisor", "Machine", "Architecture"]),
        .target(
            name: "Workbook",
            dependencies: [
                "Narration", "Hypervisor", "Machine", "InstructionSet", "Architecture",
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "Fuzzing",
            dependencies: [
                "Workbook", "Narration", "Hypervisor", "KVM", "Machine", "InstructionSet",
                "Architecture",
            ]
        ),
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        .target(
            name: "Prompt",
            dependencies: [
                "Workbook", "Narration", "Hypervisor", "Machine", "InstructionSet",
                "Architecture", "CReadline",
            ]
        ),
        .executableTarget(
            name: "stepvisor",
            dependencies: [
                "Prompt", "Conformance", "Fuzzing", "Workbook", "Narration", "Hypervisor", "KVM",
                "Machine", "InstructionSet", "Architecture",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(
            name: "ArchitectureTests", dependencies: ["Architecture"],
            resources: [.copy("Fixtures")]),
        .testTarget(
            name: "InstructionSetTests",
            dependencies: ["InstructionSet", "Architecture", "Machine"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "MachineTests",
            dependencies: ["Machine", "InstructionSet", "Architecture", "Conformance"],
            exclude: ["Fixtures"]),
        .testTarget(name: "KVMTests", dependencies: ["KVM", "CKVM", "Architecture"]),
        .testTarget(
            name: "HypervisorTests",
            dependencies: [
                "Hypervisor", "Conformance", "Narration", "KVM", "Machine", "Architecture",
            ]),
        .testTarget(
            name: "NarrationTests",
            dependencies: ["Narration", "Hypervisor", "Machine", "InstructionSet", "Architecture"]),
        .testTarget(name: "WorkbookTests", dependencies: ["Workbook", "Machine"]),
        .testTarget(
            name: "FuzzingTests",
            dependencies: ["Fuzzing", "Workbook", "Hypervisor", "KVM", "Machine", "InstructionSet"]),
        .testTarget(
            name: "PromptTests", dependencies: ["Prompt", "Workbook", "Narration", "stepvisor"]),
        .testTarget(
            name: "stepvisorTests", dependencies: ["stepvisor", "Fuzzing", "Hypervisor", "Machine"]),
    ],
    swiftLanguageModes: [.v6]
)
