import Testing

@testable import Architecture

@Suite("Control bits and exit reasons")
struct ControlTests {
    /// Positions from the tables of SDM 3C, "VM-Execution Control Fields" and the sections after.
    @Test(
        "Some bits stand where the manual's tables have them",
        arguments: [
            (ControlBit.pin(.virtualNMIs), UInt8(5)), (.primary(.hltExiting), 7),
            (.primary(.useIOBitmaps), 25), (.primary(.activateSecondaryControls), 31),
            (.secondary(.enableEPT), 1), (.secondary(.unrestrictedGuest), 7),
            (.secondary(.enableXSAVES), 20), (.secondary(.useTSCScaling), 25),
            (.exit(.hostAddressSpaceSize), 9), (.exit(.acknowledgeInterruptOnExit), 15),
            (.exit(.savePreemptionTimer), 22), (.entry(.ia32eModeGuest), 9),
            (.entry(.loadEFER), 15), (.function(.eptpSwitching), 0),
        ])
    func positions(control: ControlBit, position: UInt8) {
        #expect(control.position == position)
        #expect(control.mask == 1 << UInt64(position))
    }

    @Test("Names are unique within a field, and every bit has a name, a title, a field")
    func texts() {
        var seen: Set<String> = []
        for control in ControlBit.all {
            #expect(seen.insert("\(control.field.name) \(control.name)").inserted, "\(control)")
            #expect(!control.title.isEmpty)
            #expect(control.field.kind == .control)
            #expect(control.position < (control.field.width == .bits64 ? 64 : 32))
        }
    }

    @Test("No control is in the default1 class but the four that the manual names")
    func default1() {
        let reserved: [(UInt32, [any ControlBits])] = [
            (0x16, PinControl.allCases), (0x0401_e172, PrimaryControl.allCases),
            (0x0003_6dff, ExitControl.allCases), (0x11ff, EntryControl.allCases),
        ]
        let named = reserved.flatMap { mask, bits in
            bits.filter { UInt64(mask) & $0.mask != 0 }.map(\.name)
        }
        #expect(
            named == [
                "CR3-load exiting", "CR3-store exiting", "save debug controls",
                "load debug controls",
            ])
    }

    @Test("Every recorded exit reason is there under its name, with its number")
    func recordedReasons() throws {
        for (name, number) in try Recorded.numbers("reasons.json").sorted(by: { $0.key < $1.key }) {
            let reason = try #require(ExitReason(name: name), "\(name) is missing")
            #expect(UInt64(reason.rawValue) == number, "\(name)")
            #expect(reason.name == name)
        }
    }

    @Test("Every exit reason has a name and a title of its own")
    func reasonTexts() {
        #expect(Set(ExitReason.allCases.map(\.name)).count == ExitReason.allCases.count)
        #expect(Set(ExitReason.allCases.map(\.title)).count == ExitReason.allCases.count)
        #expect(ExitReason.rows.compactMap(\.self).map(\.reason) == ExitReason.allCases)
    }

    @Test("An entry failure sets bit 31 of the exit reason")
    func entryFailure() {
        #expect(ExitReasonField(.entryFailureGuestState).rawValue == 0x8000_0021)
        #expect(ExitReasonField(.crAccess).rawValue == 28)
        #expect(ExitReasonField(rawValue: 0x8000_0022).basic == .entryFailureMSRLoad)
        #expect(ExitReasonField(rawValue: 35).basic == nil)
    }

    @Test("VM-instruction errors are numbered 1 to 28 without 14, 21 and 27")
    func errors() {
        let numbers = VMInstructionError.allCases.map(\.rawValue)
        #expect(numbers == (1...28).filter { ![14, 21, 27].contains($0) })
        #expect(Set(VMInstructionError.allCases.map(\.title)).count == numbers.count)
    }
}
