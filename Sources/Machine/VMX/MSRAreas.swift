import Architecture

/// The MSR areas of VM entry and VM exit. SDM 3C, 25.7.2 "VM-Exit Controls for MSRs", 25.8.2
/// "VM-Entry Controls for MSRs".
extension Machine {
    /// How the work on an area ended.
    enum MSRAreaResult: Equatable {
        case done
        /// At this entry, counted from 1.
        case failed(UInt64)
        case notModelled(NotModelled)
    }

    /// One entry: 16 bytes, bits 31:0 the MSR, bits 63:32 reserved, bits 127:64 its value.
    private enum MSREntry {
        static let size: UInt64 = 16
        static let value: UInt64 = 8
    }

    /// MSRs that no area can load: the bases of FS and GS, which are fields, those that can be
    /// written in system-management mode alone, and the trigger of microcode updates.
    /// SDM 3C, 27.4 "Loading MSRs"; SDM 3A, "Microcode Update Facilities".
    private static let neverLoaded: [MSR] = [
        .fsBase, .gsBase, .smmMonitorControl, .biosUpdateTrigger, .smbase,
    ]
    /// Readable in system-management mode alone. SDM 3C, 28.4 "Saving MSRs".
    private static let neverStored: [MSR] = [.smbase]

    /// With more entries than the recommended maximum, what happens is undefined: here the first
    /// beyond it fails. SDM 3D, "Miscellaneous Data".
    private var longestArea: UInt64 { UInt64(processor.vmx?.msrListLimit ?? 0) }

    /// As WRMSR at CPL 0 would load each. SDM 3C, 27.4, 28.6 "Loading MSRs".
    @inline(__always)
    mutating func loadMSRs(
        _ kind: MSRAreaEntry.Area, from area: UInt64, count: UInt64
    ) -> MSRAreaResult {
        count == 0 ? .done : loadArea(kind, area, count)
    }

    private mutating func loadArea(
        _ kind: MSRAreaEntry.Area, _ area: UInt64, _ count: UInt64
    ) -> MSRAreaResult {
        walkArea(kind, area, count, except: Self.neverLoaded) {
            machine, number, place throws(Abort) in
            try machine.writeMSR(number, machine.readPhysical(place, size: 8))
        }
    }

    /// As RDMSR at CPL 0 would read each. SDM 3C, 28.4.
    @inline(__always)
    mutating func storeMSRs(to area: UInt64, count: UInt64) -> MSRAreaResult {
        count == 0 ? .done : storeArea(area, count)
    }

    private mutating func storeArea(_ area: UInt64, _ count: UInt64) -> MSRAreaResult {
        walkArea(.exitStore, area, count, except: Self.neverStored) {
            machine, number, place throws(Abort) in
            machine.writePhysical(place, try machine.readMSR(number), size: 8)
        }
    }

    private mutating func walkArea(
        _ kind: MSRAreaEntry.Area, _ area: UInt64, _ count: UInt64, except excluded: [MSR],
        _ body: (inout Machine, UInt32, UInt64) throws(Abort) -> Void
    ) -> MSRAreaResult {
        for number in 0..<count {
            var entry = MSRAreaEntry(kind, position: number + 1)
            entry.mostEntries = longestArea
            let address = area &+ number &* MSREntry.size
            entry.index = number < longestArea ? readPhysical(address, size: 8) : 0
            let msr = UInt32(truncatingIfNeeded: entry.index)
            entry.isExcluded = excluded.contains { $0.rawValue == msr } ? 1 : 0
            if ladders.transition.msrArea.evaluate(entry) == .proceed {
                do throws(Abort) {
                    try body(&self, msr, address &+ MSREntry.value)
                } catch {
                    if error == .stop, case .notModelled(let what) = pendingStop {
                        return .notModelled(what)
                    }
                    entry.faults = 1
                }
            }
            if ladders.transition.msrArea.evaluate(entry) != .proceed {
                tell(.decision(.msrArea(entry)))
                return .failed(entry.position)
            }
        }
        return .done
    }
}
