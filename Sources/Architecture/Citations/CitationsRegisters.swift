// Volume 4: model-specific registers.

extension Citation {
    public static let architecturalMSRs = Citation(
        .sdm4, "2.1", "Architectural MSRs")

    static let registersSections: [Citation] = [
        .architecturalMSRs
    ]
}
