import Architecture
import InstructionSet
import Machine

// MARK: MSRs, exceptions, bits of registers

extension ReferenceBook {
    static var msrs: [ReferenceEntry] {
        MSR.allCases.map { msr in
            ReferenceEntry(
                .msr, msr.name, title: msr.title, meaning: meaning(of: msr), also: ["\(msr)"],
                numbers: [UInt64(msr.rawValue)],
                msr.capabilityCitation ?? .architecturalMSRs
            ) { facts(of: msr) }
        }
    }

    private static func meaning(of msr: MSR) -> String {
        msr.capabilityMeaning.map { $0 + " Software only reads it." }
            ?? "MSR \(HexText.prose(UInt64(msr.rawValue))): \(msr.title)."
    }

    private static func facts(of msr: MSR) -> [ReferenceEntry.Fact] {
        typealias Fact = ReferenceEntry.Fact
        let number = UInt64(msr.rawValue)
        let range =
            if MSR.lowBitmapRange.contains(msr.rawValue) {
                "low range, bit \(number) (\(number.hex))"
            } else if MSR.highBitmapRange.contains(msr.rawValue) {
                "high range, bit \(number - UInt64(MSR.highBitmapRange.lowerBound))"
            } else {
                "in neither range: RDMSR and WRMSR always exit"
            }
        let values = Processor.all.compactMap { processor in
            processor.vmx?.value(of: msr).map { "\(processor.name): \($0.hex)" }
        }
        let fields = VMCSField.allCases.filter { $0.title.hasSuffix(msr.name) }
        return [
            Fact("number", number.hex), Fact("MSR bitmaps", range),
            Fact("VMCS fields", links: fields.map { .init(.field, $0.name) }),
            Fact("processors", values),
        ]
    }

    static var exceptions: [ReferenceEntry] {
        ExceptionVector.allCases.map { vector in
            ReferenceEntry(
                .exception, vector.mnemonic, title: vector.title,
                meaning: """
                    Vector \(vector.rawValue), \(vector.title). Delivery pushes \
                    \(vector.hasErrorCode ? "an error code" : "no error code").
                    """, also: ["\(vector)", "vector \(vector.rawValue)"],
                numbers: [UInt64(vector.rawValue)], .exceptionAndInterruptReference
            ) {
                [
                    ReferenceEntry.Fact("vector", "\(vector.rawValue)"),
                    ReferenceEntry.Fact("error code", vector.hasErrorCode ? "yes" : "no"),
                    ReferenceEntry.Fact("double faults", vector.faultClass.title),
                    ReferenceEntry.Fact(
                        "causes an exit", "bit \(vector.rawValue) of EXCEPTION_BITMAP"),
                ]
            }
        }
    }

    static var registerBits: [ReferenceEntry] {
        bits(CR0Bit.self, of: "CR0", .controlRegisters)
            + bits(CR4Bit.self, of: "CR4", .controlRegisters)
            + bits(EFERBit.self, of: "EFER", .extendedFeatureEnableRegister)
            + bits(FlagBit.self, of: "RFLAGS", .systemFlagsAndFieldsInEFLAGS)
            + bits(InterruptibilityBit.self, of: "GUEST_INTERRUPTIBILITY", .guestNonRegisterState)
            + bits(PendingDebugBit.self, of: "GUEST_PENDING_DBG", .guestNonRegisterState)
    }

    private static func bits<Bit: NamedBit>(
        _: Bit.Type, of register: String, _ citation: Citation
    ) -> [ReferenceEntry] {
        Bit.allCases.map { bit in
            ReferenceEntry(
                .bit, "\(register).\(bit.name)", title: bit.title,
                meaning: "Bit \(bit.rawValue) of \(register): \(bit.title).",
                also: [bit.name, "\(register).\(bit.rawValue)"], citation
            ) {
                let feature = (bit as? CR4Bit)?.feature
                return [
                    ReferenceEntry.Fact("bit", "\(bit.rawValue)"),
                    ReferenceEntry.Fact("mask", bit.mask.hex),
                    ReferenceEntry.Fact(
                        "needs", links: feature.map { [.init(.feature, $0.name)] } ?? []),
                ]
            }
        }
    }
}

extension ExceptionVector.FaultClass {
    /// The manual's word for it.
    var title: String {
        switch self {
        case .benign: "benign"
        case .contributory: "contributory"
        case .pageFault: "page fault"
        case .doubleFault: "double fault"
        }
    }
}

// MARK: Features, processors, instructions

extension ReferenceBook {
    static var features: [ReferenceEntry] {
        CPUFeature.allCases.map { feature in
            let place = feature.location
            let leaf = HexText.prose(UInt64(place.leaf))
            let subleaf = place.subleaf == 0 ? "" : ", subleaf \(place.subleaf)"
            let bit = "\("\(place.register)".uppercased()) bit \(place.bit)"
            return ReferenceEntry(
                .feature, feature.name, title: feature.title,
                meaning: "CPUID leaf \(leaf) announces it: \(feature.title).",
                also: ["\(feature)", "CPUID.\(feature.name)"], .cpuidInstruction
            ) {
                let processors = Processor.all.filter { $0.has(feature) }
                return [
                    ReferenceEntry.Fact("bit", "leaf \(leaf)\(subleaf), \(bit)"),
                    ReferenceEntry.Fact(
                        "processors", links: processors.map { .init(.processor, $0.name) }),
                ]
            }
        }
    }

    static var processors: [ReferenceEntry] {
        Processor.all.map { processor in
            ReferenceEntry(
                .processor, processor.name, title: processor.title,
                meaning: "Chosen by --processor \(processor.name): \(processor.title).",
                .discoveringSupportForVMX
            ) {
                let controls = ControlBit.all.filter { processor.vmx?.allows($0) == true }
                return [
                    ReferenceEntry.Fact(
                        "addresses",
                        "\(processor.physicalAddressWidth) bits physical, "
                            + "\(processor.linearAddressWidth) linear"),
                    ReferenceEntry.Fact(
                        "features",
                        links: processor.features.features.map { .init(.feature, $0.name) }),
                    ReferenceEntry.Fact(
                        "controls", "\(controls.count) of \(ControlBit.all.count) may be 1"),
                ]
            }
        }
    }

    static var instructions: [ReferenceEntry] {
        var order: [String] = []
        var forms: [String: [InstructionForm]] = [:]
        for form in InstructionTable.forms {
            if forms[form.name] == nil { order.append(form.name) }
            forms[form.name, default: []].append(form)
        }
        return order.sorted().map { name in
            instruction(name, forms[name] ?? [])
        }
    }

    private static func instruction(_ name: String, _ forms: [InstructionForm]) -> ReferenceEntry {
        let title = forms.first?.title ?? name.uppercased()
        let parts = title.split(separator: "—", maxSplits: 1)
        let isModelled = forms.contains { $0.operation != .notModelled }
        let purpose = parts.count == 2 ? "\(parts[1])" : title
        return ReferenceEntry(
            .instruction, name.uppercased(), title: title,
            meaning: isModelled
                ? "\(purpose)." : "The processor may have it; the model ends the run by its name.",
            also: name.hasSuffix("cc") ? [String(name.dropLast(2))] : [],
            isModelled ? .entry(titled: title) : .instructionFormat
        ) {
            let exits = forms.compactMap(\.mayExit).first
            let ladders = ReferenceTables.ladders.filter { $0.name == name }
            var features: [String] = []
            for form in forms where form.feature != .base {
                let word = "\(form.feature)"
                if !features.contains(word) { features.append(word) }
            }
            return [
                ReferenceEntry.Fact("encodings", forms.map(\.encodingText)),
                ReferenceEntry.Fact("needs", features),
                ReferenceEntry.Fact("exits", exits.map { [$0.text] } ?? ["never by itself"]),
                ReferenceEntry.Fact("decision", links: ladders.map { .init(.decision, $0.name) }),
            ]
        }
    }
}

extension InstructionForm {
    /// The encoding, the operands, and where not everywhere the code sizes.
    var encodingText: String {
        let sizes: String =
            switch modes {
            case .not64: ", not in 64-bit code"
            case .only64: ", only in 64-bit code"
            default: ""
            }
        return "\(opcode)  \(name)\(operands.isEmpty ? "" : " \(operands)")\(sizes)"
    }
}

extension ExitFact {
    /// In words.
    var text: String {
        switch self {
        case .always: "always, in VMX non-root operation"
        case .conditionally: "where controls or masks ask for it"
        }
    }
}
