import Architecture
import Machine
import Narration

/// Writes VM exits down in the form of the recorded vectors.
struct ExitRecorder {
    /// Exit information: (key in the vectors, field).
    private static let information: [(String, VMCSField)] = [
        ("qualification", .exitQualification), ("instr_len", .exitInstructionLength),
        ("instr_info", .exitInstructionInformation),
        ("intr_info", .exitInterruptionInformation),
        ("intr_error_code", .exitInterruptionErrorCode),
        ("idt_vectoring_info", .idtVectoringInformation),
        ("idt_vectoring_error_code", .idtVectoringErrorCode),
        ("guest_linear", .guestLinearAddress), ("guest_physical", .guestPhysicalAddress),
    ]
    static let informationKeys = Set(information.map(\.0))

    /// State that each exit shows.
    private static let state: [(String, VMCSField)] = [
        ("entry_intr_info", .entryInterruptionInformation), ("entry_ctls", .entryControls),
        ("rip", .guestRIP), ("rsp", .guestRSP), ("rflags", .guestRFLAGS), ("cr0", .guestCR0),
        ("cr3", .guestCR3), ("cr4", .guestCR4), ("efer", .guestEFER), ("dr7", .guestDR7),
        ("cs_sel", .guestCSSelector), ("cs_ar", .guestCSAccessRights),
        ("ss_sel", .guestSSSelector), ("ss_ar", .guestSSAccessRights),
        ("activity", .guestActivityState), ("interruptibility", .guestInterruptibility),
        ("pending_dbg", .guestPendingDebug), ("cr0_shadow", .cr0ReadShadow),
        ("cr4_shadow", .cr4ReadShadow),
    ]

    private static let others: [VMCSField] = {
        let shown = Set(state.map(\.1))
        return VMCSField.allCases.filter { $0.kind == .guestState && !shown.contains($0) }
    }()

    private var before: [VMCSField: UInt64] = [:]

    init(_ machine: borrowing Machine) { noteFields(machine) }

    /// Remembers the guest-state fields, as changes are told against them.
    mutating func noteFields(_ machine: borrowing Machine) {
        for field in Self.others {
            let value = machine.currentVMCSField(field)
            if before[field] == nil || !Self.isUnusable(field, value) { before[field] = value }
        }
    }

    /// VMfail: which, and the flags that told it.
    func failure(_ result: VMXResult, _ machine: borrowing Machine) -> JSON {
        var members: [JSON.Member] = [JSON.Member("kind", .string("vmfail"))]
        var number: UInt64 = 0
        if case .failValid(let error) = result {
            number = UInt64(error.rawValue)
            members.append(JSON.Member("type", .string("VMfailValid")))
        } else {
            members.append(JSON.Member("type", .string("VMfailInvalid")))
        }
        members.append(JSON.Member("rflags", .hex(machine.state.rflags & 0x8D5)))
        members.append(JSON.Member("error", .unsigned(number)))
        return .object(members)
    }

    /// The exit that the machine has just made. Values of 0 are left out.
    mutating func exit(_ machine: inout Machine) -> JSON {
        let raw = machine.currentVMCSField(.exitReason)
        let reason = ExitReason(rawValue: UInt16(truncatingIfNeeded: raw))
        var members: [JSON.Member] = [
            JSON.Member("kind", .string("exit")),
            JSON.Member("reason", .string(reason?.name ?? raw.hex)),
        ]
        func add(_ key: String, _ value: UInt64) {
            if value != 0 { members.append(JSON.Member(key, .hex(value))) }
        }
        add("reason_raw", raw)
        for (key, field) in Self.information { add(key, machine.currentVMCSField(field)) }
        for (key, field) in Self.state { add(key, machine.currentVMCSField(field)) }
        members.append(JSON.Member("gprs", registers(&machine)))
        add("cr2", machine.state.cr2)
        add("dr0", machine.state.dr[0])
        add("dr6", machine.state.dr6)
        let changed = changes(machine)
        if !changed.isEmpty { members.append(JSON.Member("also_changed", .object(changed))) }
        members.append(
            JSON.Member(
                "after_exit",
                .members(
                    ("dr7", .hex(machine.state.dr7)), ("rflags", .hex(machine.state.rflags)),
                    ("cr8", .hex(machine.state.cr8)))))
        let stack = machine.memory.bytes(
            machine.currentVMCSField(.guestSSBase) &+ machine.currentVMCSField(.guestRSP),
            count: 32)
        if stack.contains(where: { $0 != 0 }) {
            members.append(JSON.Member("stack32", .string(hexText(stack))))
        }
        noteFields(machine)
        return .object(members)
    }

    private func registers(_ machine: inout Machine) -> JSON {
        var members: [JSON.Member] = []
        for register in GeneralRegister.allCases {
            let value =
                register == .rsp
                ? machine.currentVMCSField(.guestRSP) : machine.state.registers[register]
            if value != 0 { members.append(JSON.Member(register.name, .hex(value))) }
        }
        return .object(members)
    }

    private func changes(_ machine: borrowing Machine) -> [JSON.Member] {
        var members: [JSON.Member] = []
        for field in Self.others {
            let value = machine.currentVMCSField(field)
            if value != before[field], !Self.isUnusable(field, value) {
                members.append(JSON.Member(field.name, .hex(value)))
            }
        }
        return members
    }

    private static let accessRights = Set(GuestSegmentRow.all.map(\.access))

    /// The recordings do not tell of a segment that becomes unusable, nor of its rights while it is.
    private static func isUnusable(_ field: VMCSField, _ value: UInt64) -> Bool {
        accessRights.contains(field) && value & UInt64(AccessRights.unusableBit) != 0
    }
}
