// Exit qualifications: what the exit-qualification field holds for one group of exit reasons each.
// Source of all: SDM 3C, "Basic VM-Exit Information", the tables of exit qualifications.

/// The exit qualification for control-register accesses.
public struct CRAccessQualification: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// MOV to or from a control register.
    @inlinable public init(
        _ access: Access, controlRegister: UInt8, register: GeneralRegister
    ) {
        rawValue =
            UInt64(controlRegister & 15) | UInt64(access.rawValue) &<< 4
            | UInt64(register.rawValue) &<< 8
    }

    /// CLTS.
    public static let clts = CRAccessQualification(.clts, controlRegister: 0, register: .rax)

    /// LMSW with its operand.
    @inlinable public init(lmsw source: UInt16, fromMemory: Bool) {
        let operand: UInt64 = fromMemory ? 1 &<< 6 : 0
        rawValue = UInt64(Access.lmsw.rawValue) &<< 4 | operand | UInt64(source) &<< 16
    }

    /// Bits 3:0: the control register's number, 0 for CLTS and LMSW.
    @inlinable public var controlRegister: UInt8 { UInt8(truncatingIfNeeded: rawValue & 15) }

    /// Bits 5:4.
    @inlinable public var access: Access {
        switch (rawValue &>> 4) & 3 {
        case 0: .movTo
        case 1: .movFrom
        case 2: .clts
        default: .lmsw
        }
    }

    /// Bit 6: LMSW's operand is in memory.
    @inlinable public var isMemoryOperand: Bool { rawValue & 0x40 != 0 }

    /// Bits 11:8: the general register of a MOV.
    @inlinable public var register: GeneralRegister {
        GeneralRegister(rawValue: UInt8(truncatingIfNeeded: (rawValue &>> 8) & 15)) ?? .rax
    }

    /// Bits 31:16: what LMSW was to load.
    @inlinable public var lmswSource: UInt16 { UInt16(truncatingIfNeeded: rawValue &>> 16) }

    public enum Access: UInt8, CaseIterable, Sendable {
        case movTo, movFrom, clts, lmsw

        public var title: String {
            switch self {
            case .movTo: "MOV to CR"
            case .movFrom: "MOV from CR"
            case .clts: "CLTS"
            case .lmsw: "LMSW"
            }
        }
    }
}

/// The exit qualification for MOV DR.
public struct DRAccessQualification: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable public init(debugRegister: UInt8, isRead: Bool, register: GeneralRegister) {
        rawValue =
            UInt64(debugRegister & 7) | (isRead ? 0x10 : 0) | UInt64(register.rawValue) &<< 8
    }

    /// Bits 2:0.
    @inlinable public var debugRegister: UInt8 { UInt8(truncatingIfNeeded: rawValue & 7) }

    /// Bit 4: MOV from the debug register.
    @inlinable public var isRead: Bool { rawValue & 0x10 != 0 }

    /// Bits 11:8.
    @inlinable public var register: GeneralRegister {
        GeneralRegister(rawValue: UInt8(truncatingIfNeeded: (rawValue &>> 8) & 15)) ?? .rax
    }
}

/// The exit qualification for I/O instructions.
public struct IOQualification: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Parameters:
    ///   - bytes: the size of the access: 1, 2 or 4.
    ///   - isImmediate: the port was an immediate operand, not DX.
    @inlinable public init(
        port: UInt16, bytes: Int, isIn: Bool, isString: Bool = false, hasREP: Bool = false,
        isImmediate: Bool = false
    ) {
        var value = UInt64(port) &<< 16 | (UInt64(truncatingIfNeeded: bytes) &- 1) & 7
        if isIn { value |= 0x08 }
        if isString { value |= 0x10 }
        if hasREP { value |= 0x20 }
        if isImmediate { value |= 0x40 }
        rawValue = value
    }

    /// Bits 2:0: the size of the access in bytes, 1, 2 or 4.
    @inlinable public var bytes: Int { Int(rawValue & 7) + 1 }

    /// Bit 3: IN or INS, not OUT or OUTS.
    @inlinable public var isIn: Bool { rawValue & 0x08 != 0 }

    /// Bit 4: INS or OUTS.
    @inlinable public var isString: Bool { rawValue & 0x10 != 0 }

    /// Bit 5: with a REP prefix.
    @inlinable public var hasREP: Bool { rawValue & 0x20 != 0 }

    /// Bit 6: the port is an immediate operand, not DX.
    @inlinable public var isImmediate: Bool { rawValue & 0x40 != 0 }

    /// Bits 31:16.
    @inlinable public var port: UInt16 { UInt16(truncatingIfNeeded: rawValue &>> 16) }
}

/// The exit qualification for task switches.
public struct TaskSwitchQualification: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable public init(selector: UInt16, source: Source) {
        rawValue = UInt64(selector) | UInt64(source.rawValue) &<< 30
    }

    /// Bits 15:0: the selector of the task-state segment to which the guest wanted to switch.
    @inlinable public var selector: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// Bits 31:30.
    @inlinable public var source: Source {
        switch (rawValue &>> 30) & 3 {
        case 0: .call
        case 1: .iret
        case 2: .jmp
        default: .taskGate
        }
    }

    public enum Source: UInt8, CaseIterable, Sendable {
        case call, iret, jmp, taskGate

        public var title: String {
            switch self {
            case .call: "CALL instruction"
            case .iret: "IRET instruction"
            case .jmp: "JMP instruction"
            case .taskGate: "task gate in the IDT"
            }
        }
    }
}

/// The exit qualification for APIC-access VM exits.
public struct APICAccessQualification: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable public init(offset: UInt16, access: Access) {
        rawValue = UInt64(offset & 0xfff) | UInt64(access.rawValue) &<< 12
    }

    /// Bits 11:0: the offset in the APIC page, for linear accesses; undefined otherwise.
    @inlinable public var offset: UInt16 { UInt16(truncatingIfNeeded: rawValue & 0xfff) }

    /// Bits 15:12; nil for a number that the manual does not define.
    @inlinable public var access: Access? {
        Access(rawValue: UInt8(truncatingIfNeeded: (rawValue &>> 12) & 15))
    }

    public enum Access: UInt8, CaseIterable, Sendable {
        case linearRead = 0
        case linearWrite = 1
        case linearFetch = 2
        case linearDuringEventDelivery = 3
        case linearMonitoring = 4
        case guestPhysicalDuringEventDelivery = 10
        case guestPhysicalMonitoring = 11
        case guestPhysical = 15

        public var title: String {
            switch self {
            case .linearRead: "linear access for a data read"
            case .linearWrite: "linear access for a data write"
            case .linearFetch: "linear access for an instruction fetch"
            case .linearDuringEventDelivery: "linear access during event delivery"
            case .linearMonitoring: "linear access for monitoring"
            case .guestPhysicalDuringEventDelivery:
                "guest-physical access during event delivery"
            case .guestPhysicalMonitoring: "guest-physical access for monitoring or trace"
            case .guestPhysical: "guest-physical access for an instruction fetch or execution"
            }
        }
    }
}
