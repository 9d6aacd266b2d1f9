import Architecture

/// Where a segment register lies in the guest-state area.
public struct GuestSegmentRow: Sendable {
    /// In upper case, as "CS".
    public let name: String
    public let register: WritableKeyPath<ProcessorState, Segment> & Sendable
    public let selector: VMCSField
    public let base: VMCSField
    public let limit: VMCSField
    public let access: VMCSField

    public static let all: [GuestSegmentRow] = [es, cs, ss, ds, fs, gs, ldtr, tr]

    static let es = GuestSegmentRow(
        name: "ES", register: \.es, selector: .guestESSelector, base: .guestESBase,
        limit: .guestESLimit, access: .guestESAccessRights)
    static let cs = GuestSegmentRow(
        name: "CS", register: \.cs, selector: .guestCSSelector, base: .guestCSBase,
        limit: .guestCSLimit, access: .guestCSAccessRights)
    static let ss = GuestSegmentRow(
        name: "SS", register: \.ss, selector: .guestSSSelector, base: .guestSSBase,
        limit: .guestSSLimit, access: .guestSSAccessRights)
    static let ds = GuestSegmentRow(
        name: "DS", register: \.ds, selector: .guestDSSelector, base: .guestDSBase,
        limit: .guestDSLimit, access: .guestDSAccessRights)
    static let fs = GuestSegmentRow(
        name: "FS", register: \.fs, selector: .guestFSSelector, base: .guestFSBase,
        limit: .guestFSLimit, access: .guestFSAccessRights)
    static let gs = GuestSegmentRow(
        name: "GS", register: \.gs, selector: .guestGSSelector, base: .guestGSBase,
        limit: .guestGSLimit, access: .guestGSAccessRights)
    static let ldtr = GuestSegmentRow(
        name: "LDTR", register: \.ldtr, selector: .guestLDTRSelector, base: .guestLDTRBase,
        limit: .guestLDTRLimit, access: .guestLDTRAccessRights)
    static let tr = GuestSegmentRow(
        name: "TR", register: \.tr, selector: .guestTRSelector, base: .guestTRBase,
        limit: .guestTRLimit, access: .guestTRAccessRights)
}

extension VMCSPage {
    /// A segment register of the guest-state area, by its place in ``GuestSegmentRow/all``.
    @inline(__always)
    subscript(segment number: Int) -> Segment {
        get {
            Segment(
                selector: UInt16(
                    truncatingIfNeeded: self[at: VMCSField.guestESSelector.index &+ number]),
                base: self[at: VMCSField.guestESBase.index &+ number],
                limit: UInt32(
                    truncatingIfNeeded: self[at: VMCSField.guestESLimit.index &+ number]),
                access: UInt32(
                    truncatingIfNeeded: self[at: VMCSField.guestESAccessRights.index &+ number]))
        }
        nonmutating set {
            self[at: VMCSField.guestESSelector.index &+ number] = UInt64(newValue.selector)
            self[at: VMCSField.guestESBase.index &+ number] = newValue.base
            self[at: VMCSField.guestESLimit.index &+ number] = UInt64(newValue.limit)
            self[at: VMCSField.guestESAccessRights.index &+ number] = UInt64(newValue.access)
        }
    }

    /// All eight into the processor, without their own checks: VM entry has made those.
    /// Of an unusable SS, DS or ES too, bits 63:32 of the base are cleared: they must be 0 in a
    /// usable one. SDM 3C, 27.3.2.2 "Loading Guest Segment Registers and Descriptor-Table
    /// Registers".
    @inline(__always)
    func loadSegments(into state: inout ProcessorState) {
        state.es = self[segment: 0]
        state.es.base &= 0xFFFF_FFFF
        state.cs = self[segment: 1]
        state.ss = self[segment: 2]
        state.ss.base &= 0xFFFF_FFFF
        state.ds = self[segment: 3]
        state.ds.base &= 0xFFFF_FFFF
        state.fs = self[segment: 4]
        state.gs = self[segment: 5]
        state.ldtr = self[segment: 6]
        state.tr = self[segment: 7]
    }

    /// GDTR or IDTR.
    subscript(table base: VMCSField, limit: VMCSField) -> DescriptorTableRegister {
        get {
            DescriptorTableRegister(
                base: self[base], limit: UInt16(truncatingIfNeeded: self[limit]))
        }
        nonmutating set {
            self[base] = newValue.base
            self[limit] = UInt64(newValue.limit)
        }
    }
}

extension Machine {
    /// A method of the page's would be handed a copy of the whole state.
    func saveSegments(in page: VMCSPage) {
        page[segment: 0] = state.es
        page[segment: 1] = state.cs
        page[segment: 2] = state.ss
        page[segment: 3] = state.ds
        page[segment: 4] = state.fs
        page[segment: 5] = state.gs
        page[segment: 6] = state.ldtr
        page[segment: 7] = state.tr
    }
}
