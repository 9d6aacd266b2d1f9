import Architecture

/// Where a segment register lies in the guest-state area.
public struct GuestSegmentRow: Sendable {
    public let register: WritableKeyPath<ProcessorState, Segment> & Sendable
    /// The register's place among the eight, as in the tables of the fields' encodings.
    let number: Int

    public var selector: VMCSField { Self.field(.guestESSelector, number) }
    public var base: VMCSField { Self.field(.guestESBase, number) }
    public var limit: VMCSField { Self.field(.guestESLimit, number) }
    public var access: VMCSField { Self.field(.guestESAccessRights, number) }

    private static func field(_ first: VMCSField, _ number: Int) -> VMCSField {
        VMCSField(index: first.index + number) ?? first
    }

    public static let all: [GuestSegmentRow] = [
        .init(register: \.es, number: 0), .init(register: \.cs, number: 1),
        .init(register: \.ss, number: 2), .init(register: \.ds, number: 3),
        .init(register: \.fs, number: 4), .init(register: \.gs, number: 5),
        .init(register: \.ldtr, number: 6), .init(register: \.tr, number: 7),
    ]
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
    func loadSegments(into state: inout ProcessorState) {
        state.es = self[segment: 0]
        state.cs = self[segment: 1]
        state.ss = self[segment: 2]
        state.ds = self[segment: 3]
        state.fs = self[segment: 4]
        state.gs = self[segment: 5]
        state.ldtr = self[segment: 6]
        state.tr = self[segment: 7]
    }

    func saveSegments(of state: borrowing ProcessorState) {
        self[segment: 0] = state.es
        self[segment: 1] = state.cs
        self[segment: 2] = state.ss
        self[segment: 3] = state.ds
        self[segment: 4] = state.fs
        self[segment: 5] = state.gs
        self[segment: 6] = state.ldtr
        self[segment: 7] = state.tr
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
