// What follows from the facts of a generation.

extension Processor {
    init(_ generation: Generation) {
        let features = generation.features
        self.init(
            name: generation.name, title: generation.title,
            vmx: generation.capabilities, cpuid: generation.fixedRows + generation.featureRows)
        assert(self.features == features, "a feature of \(name) has no row in CPUID")
    }
}

extension Generation {
    /// The values of the capability MSRs.
    var capabilities: VMXCapabilities {
        typealias Class = ControlSettings.Default1
        var capabilities = VMXCapabilities(msrs: [:])
        capabilities.basic = basic
        capabilities.pin = .init(allowed0: Class.pin, allowed1: pin)
        capabilities.primary = .init(allowed0: Class.primary, allowed1: primary)
        capabilities.exit = .init(allowed0: Class.exit, allowed1: exit)
        capabilities.entry = .init(allowed0: Class.entry, allowed1: entry)
        capabilities.misc = misc
        capabilities.cr0Fixed0 = CR0Bit.pe.mask | CR0Bit.ne.mask | CR0Bit.pg.mask
        capabilities.cr0Fixed1 = 0xffff_ffff
        capabilities.cr4Fixed0 = CR4Bit.vmxe.mask
        capabilities.secondary = .init(allowed0: 0, allowed1: secondary)
        capabilities.eptVPID = eptVPID
        capabilities.vmFunctions = vmFunctions
        if capabilities.hasTrueControls {
            capabilities.truePin = .init(allowed0: Class.pin, allowed1: pin)
            capabilities.truePrimary = .init(
                allowed0: Class.primary & ~Class.flexiblePrimary, allowed1: primary)
            capabilities.trueExit = .init(
                allowed0: Class.exit & ~Class.flexibleExit, allowed1: exit)
            capabilities.trueEntry = .init(
                allowed0: Class.entry & ~Class.flexibleEntry, allowed1: entry)
        }
        capabilities.vmcsEnum = UInt64(capabilities.highestFieldIndex) &<< 1
        capabilities.cr4Fixed1 = CR4Bit.allCases.reduce(into: UInt64(0)) { bits, bit in
            if bit.feature.map(features.contains) ?? true { bits |= bit.mask }
        }
        return capabilities
    }

    /// The leaves that hold more than feature bits, with the features' bits in them.
    var fixedRows: [Processor.CPUIDRow] {
        let vendor = CPUIDResult(eax: 0x16, ebx: 0x756e_6547, ecx: 0x6c65_746e, edx: 0x4965_6e69)
        var identity = featureBits(leaf: 1, subleaf: 0)
        identity.eax = signature
        // CLFLUSH flushes 8 times 8 bytes; one logical processor; APIC ID 0.
        identity.ebx = 0x0001_0800
        var rows: [Processor.CPUIDRow] = [
            .init(leaf: 0, vendor),
            .init(leaf: 1, identity),
            .init(leaf: 0x8000_0000, .init(eax: 0x8000_0008)),
            .init(leaf: 0x8000_0008, .init(eax: 0x3000 | physicalAddressWidth)),
        ]
        if features.contains(.xsave) {
            // State components x87 and SSE: 512 bytes of legacy region and 64 of header.
            rows.append(.init(leaf: 0xd, .init(eax: 3, ebx: 0x240, ecx: 0x240)))
            var extended = featureBits(leaf: 0xd, subleaf: 1)
            if features.contains(.xsaves) { extended.ebx = 0x240 }
            rows.append(.init(leaf: 0xd, subleaf: 1, extended))
        }
        return rows + brandRows
    }

    /// The leaves that hold feature bits alone.
    var featureRows: [Processor.CPUIDRow] {
        [0x7, 0x8000_0001, 0x8000_0007].map { leaf in
            .init(leaf: leaf, featureBits(leaf: leaf, subleaf: 0))
        }
    }

    /// The brand string, 48 bytes ended by zeros, in leaves 80000002h to 80000004h.
    private var brandRows: [Processor.CPUIDRow] {
        var bytes = Array("Stepvisor model processor, \(name)".utf8.prefix(47))
        bytes += [UInt8](repeating: 0, count: 48 - bytes.count)
        func word(_ index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[index * 4 + $1]) &<< UInt32($1 * 8) }
        }
        return (0..<3).map { row in
            .init(
                leaf: 0x8000_0002 + UInt32(row),
                CPUIDResult(
                    eax: word(row * 4), ebx: word(row * 4 + 1), ecx: word(row * 4 + 2),
                    edx: word(row * 4 + 3)))
        }
    }

    private func featureBits(leaf: UInt32, subleaf: UInt32) -> CPUIDResult {
        var result = CPUIDResult()
        for feature in features.features {
            let place = feature.location
            guard place.leaf == leaf, place.subleaf == subleaf else { continue }
            result[place.register] |= place.mask
        }
        return result
    }
}

extension ControlSettings {
    init(allowed0: UInt32, allowed1: UInt32) {
        self.init(rawValue: UInt64(allowed1) &<< 32 | UInt64(allowed0))
    }

    /// The control bits of the default1 class: reserved bits that must be 1, and controls that the
    /// first processors had only as 1.
    ///
    /// Source: SDM 3D, "Reserved Controls and Default Settings" and the sections after it.
    enum Default1 {
        static let pin: UInt32 = 0x16
        static let primary: UInt32 = 0x0401_e172
        static let exit: UInt32 = 0x0003_6dff
        static let entry: UInt32 = 0x11ff

        /// Those that may be 0 where the TRUE capability MSRs exist.
        static let flexiblePrimary = UInt32(
            truncatingIfNeeded: PrimaryControl.cr3LoadExiting.mask
                | PrimaryControl.cr3StoreExiting.mask)
        static let flexibleExit = UInt32(truncatingIfNeeded: ExitControl.saveDebugControls.mask)
        static let flexibleEntry = UInt32(truncatingIfNeeded: EntryControl.loadDebugControls.mask)
    }
}
