import Architecture
import InstructionSet
import Testing

@testable import Machine

/// SDM 3C, chapter 31 "VMX Instruction Reference": VMsucceed, VMfailInvalid and VMfailValid.
@Suite("VMX instructions in root operation")
struct VMXOperationTests {
    typealias Place = VMXGuest.Place

    private func guest() throws -> VMXGuest { try VMXGuest("nop") }

    @Test("VMCLEAR and VMPTRLD refuse pointers that no region can have")
    func pointers() throws {
        var guest = try guest()
        for pointer in [UInt64(0x10_1001), 1 << 40] {
            let cleared = guest.machine.vmclear(pointer)
            #expect(cleared == .failValid(.vmclearInvalidAddress))
            let loaded = guest.machine.vmptrld(pointer)
            #expect(loaded == .failValid(.vmptrldInvalidAddress))
        }
        let cleared = guest.machine.vmclear(Place.vmxon)
        #expect(cleared == .failValid(.vmclearVMXONPointer))
        let loaded = guest.machine.vmptrld(Place.vmxon)
        #expect(loaded == .failValid(.vmptrldVMXONPointer))
        #expect(guest[.vmInstructionError] == 10)
    }

    @Test("VMPTRLD compares the revision; bit 31 is a shadow VMCS, where there are those")
    func revision() throws {
        var guest = try guest()
        let revision = guest.read(Place.vmcs, size: 4)
        guest.write(Place.shadow, revision + 1, size: 4)
        let wrong = guest.machine.vmptrld(Place.shadow)
        #expect(wrong == .failValid(.vmptrldIncorrectRevision))
        guest.write(Place.shadow, revision | 1 << 31, size: 4)
        let shadow = guest.machine.vmptrld(Place.shadow)
        #expect(shadow == .succeed)
        let entry = guest.machine.vmlaunch()
        #expect(entry == .failInvalid)

        var older = try VMXGuest("nop", processor: .westmere)
        let own = older.read(Place.vmcs, size: 4)
        older.write(Place.shadow, own | 1 << 31, size: 4)
        let refused = older.machine.vmptrld(Place.shadow)
        #expect(refused == .failValid(.vmptrldIncorrectRevision))
    }

    @Test("without a current VMCS instructions fail with CF alone")
    func noCurrentVMCS() throws {
        var guest = try guest()
        _ = guest.machine.vmclear(Place.vmcs)
        let results = [
            guest.machine.vmlaunch(), guest.machine.vmwrite(0x6800, 0),
            guest.machine.vmread(0x6800).0,
        ]
        #expect(results == [.failInvalid, .failInvalid, .failInvalid])
        #expect(guest.machine.state.rflags & 0x8D5 == FlagBit.cf.mask)
        let (result, pointer) = guest.machine.vmptrst()
        #expect(result == .succeed && pointer == ~0)
    }

    @Test("VMfailValid sets ZF and the error field; VMsucceed clears the six flags")
    func flags() throws {
        var guest = try guest()
        _ = guest.machine.vmwrite(0x3000, 0)
        #expect(guest.machine.state.rflags & 0x8D5 == FlagBit.zf.mask)
        #expect(guest[.vmInstructionError] == 12)
        guest.machine.state.rflags |= 0x8D5
        _ = guest.machine.vmptrst()
        #expect(guest.machine.state.rflags & 0x8D5 == 0)
    }

    @Test("VMLAUNCH wants a clear VMCS, VMRESUME a launched one")
    func launchState() throws {
        var guest = try guest()
        let early = guest.machine.vmresume()
        #expect(early == .failValid(.vmresumeNonLaunched))
        #expect(try guest.run() == .vmcall)
        let late = guest.machine.vmlaunch()
        #expect(late == .failValid(.vmlaunchNonClear))
        _ = guest.machine.vmclear(Place.vmcs)
        _ = guest.machine.vmptrld(Place.vmcs)
        let again = guest.machine.vmlaunch()
        #expect(again == .entered)
    }

    @Test("blocking by MOV SS refuses VM entry")
    func movSS() throws {
        var guest = try guest()
        guest.machine.state.interruptibility = .byMovSS
        let result = guest.machine.vmlaunch()
        #expect(result == .failValid(.entryBlockedByMOVSS))
    }

    @Test("VMXON in root operation fails, VMCALL there too")
    func root() throws {
        var guest = try guest()
        let on = guest.machine.vmxon(0)
        #expect(on == .failValid(.vmxonInRoot))
        let call = guest.machine.vmcall()
        #expect(call == .failValid(.vmcallInRoot))
    }

    @Test("above CPL 0 VMX instructions raise #GP, in compatibility mode #UD")
    func faults() throws {
        var guest = try guest()
        guest.machine.state.cpl = 3
        let privileged = guest.machine.vmclear(Place.vmcs)
        #expect(privileged == .fault(.generalProtection))
        guest.machine.state.cpl = 0
        guest.machine.state.cs.access = 0xC09B
        let compatibility = guest.machine.vmclear(Place.vmcs)
        #expect(compatibility == .fault(.invalidOpcode))
    }

    // MARK: VMXON

    private func vmxon(_ change: (inout ProcessorState) -> Void) throws -> VMXResult {
        var guest = try guest()
        _ = guest.machine.vmxoff()
        change(&guest.machine.state)
        return guest.machine.vmxon(Place.vmxon)
    }

    @Test("VMXON asks CR4.VMXE, the lock, the fixed bits and the mode")
    func vmxonConditions() throws {
        #expect(try vmxon { _ in } == .succeed)
        #expect(try vmxon { $0.cr4 &= ~CR4Bit.vmxe.mask } == .fault(.invalidOpcode))
        #expect(try vmxon { $0.cr0 &= ~CR0Bit.pe.mask } == .fault(.invalidOpcode))
        #expect(try vmxon { $0.cs.access = 0xC09B } == .fault(.invalidOpcode))
        #expect(try vmxon { $0.cpl = 1 } == .fault(.generalProtection))
        #expect(try vmxon { $0.cr0 &= ~CR0Bit.ne.mask } == .fault(.generalProtection))
        #expect(try vmxon { $0.msrs.featureControl = 4 } == .fault(.generalProtection))
        #expect(try vmxon { $0.msrs.featureControl = 1 } == .fault(.generalProtection))
        #expect(try vmxon { $0.msrs.featureControl = 3 } == .fault(.generalProtection))
        // SDM 3C, 24.8: not while address line 20 is masked.
        #expect(try vmxon { $0.physicalMask = ~(1 << 20) } == .fault(.generalProtection))
    }

    @Test("VMXON refuses a region that is not aligned, too high, or of another revision")
    func vmxonRegion() throws {
        var guest = try guest()
        _ = guest.machine.vmxoff()
        guest.write(Place.shadow, 0x8000_0000 | guest.read(Place.vmxon, size: 4), size: 4)
        for pointer in [Place.vmxon + 8, 1 << 41, Place.shadow, Place.free] {
            let result = guest.machine.vmxon(pointer)
            #expect(result == .failInvalid)
        }
    }

    @Test("VMXOFF leaves VMX operation")
    func vmxoff() throws {
        var guest = try guest()
        let off = guest.machine.vmxoff()
        #expect(off == .succeed)
        let again = guest.machine.vmxoff()
        #expect(again == .fault(.invalidOpcode))
    }

    // MARK: VMREAD and VMWRITE

    @Test("the high half of a 64-bit field has an encoding of its own")
    func highHalf() throws {
        var guest = try guest()
        guest[.tscOffset] = 0x1111_2222_3333_4444
        let high = guest.machine.vmread(0x2011)
        #expect(high.0 == .succeed && high.1 == 0x1111_2222)
        _ = guest.machine.vmwrite(0x2011, 0xFFFF_FFFF_5555_6666)
        #expect(guest[.tscOffset] == 0x5555_6666_3333_4444)
        let none = guest.machine.vmread(0x6801)
        #expect(none.0 == .failValid(.unsupportedComponent))
    }

    @Test("a field is cut to its width")
    func width() throws {
        var guest = try guest()
        guest[.guestESSelector] = 0x12_3456
        #expect(guest[.guestESSelector] == 0x3456)
        guest[.guestESLimit] = 0x12_3456_7890
        #expect(guest[.guestESLimit] == 0x3456_7890)
    }

    @Test("exit information is written only where bit 29 of IA32_VMX_MISC says so")
    func readOnly() throws {
        var guest = try guest()
        let written = guest.machine.vmwrite(0x4402, 5)
        #expect(written == .succeed)
        var older = try VMXGuest("nop", processor: .westmere)
        let refused = older.machine.vmwrite(0x4402, 5)
        #expect(refused == .failValid(.vmwriteReadOnly))
    }

    @Test("a field that the processor does not have is unsupported")
    func unsupported() throws {
        var older = try VMXGuest("nop", processor: .westmere)
        let refused = older.machine.vmwrite(UInt64(VMCSField.vmreadBitmap.rawValue), 0)
        #expect(refused == .failValid(.unsupportedComponent))
    }

    // MARK: INVEPT and INVVPID

    @Test("INVEPT refuses types and EPT pointers that it does not know")
    func invept() throws {
        var guest = try guest()
        let own = EPTPointer(address: Place.ept).rawValue
        let bad = VMXResult.failValid(.invalidInvalidationOperand)
        for (type, pointer, expected) in [
            (UInt64(0), own, bad), (3, own, bad), (1, own, .succeed), (2, 0, .succeed),
            // Memory type 1, walk length 3, a reserved bit, an address too high.
            (1, own & ~7 | 1, bad), (1, own & ~0x38 | 0x10, bad), (1, own | 0x100, bad),
            (1, own | 1 << 40, bad),
        ] {
            let result = guest.machine.invept(type, InvalidationDescriptor(low: pointer))
            #expect(result == expected, "type \(type), pointer \(pointer)")
        }
    }

    @Test("INVVPID refuses VPID 0, reserved bits and addresses that are not canonical")
    func invvpid() throws {
        var guest = try guest()
        let bad = VMXResult.failValid(.invalidInvalidationOperand)
        for (type, vpid, address, expected) in [
            (UInt64(4), UInt64(1), UInt64(0), bad), (1, 0, 0, bad), (0, 0, 0, bad), (3, 0, 0, bad),
            (2, 0, 0, .succeed), (1, 0x1_0001, 0, bad), (0, 1, 1 << 47, bad),
            (0, 1, 0x7FFF_FFFF_F000, .succeed), (3, 1, 0, .succeed),
        ] {
            let descriptor = InvalidationDescriptor(low: vpid, high: address)
            let result = guest.machine.invvpid(type, descriptor)
            #expect(result == expected, "type \(type), VPID \(vpid)")
        }
    }

    @Test("a type that the processor lacks is an invalid operand")
    func missingType() throws {
        var guest = try VMXGuest("nop", processor: Recorded.without(.inveptSingleContext))
        let own = EPTPointer(address: Place.ept).rawValue
        let result = guest.machine.invept(1, InvalidationDescriptor(low: own))
        #expect(result == .failValid(.invalidInvalidationOperand))
        guest = try VMXGuest("nop", processor: Recorded.without(.invvpid))
        let missing = guest.machine.invvpid(2, InvalidationDescriptor(low: 0))
        #expect(missing == .fault(.invalidOpcode))
    }
}

/// SDM 3C, 25.10 "VMCS Types: Ordinary and Shadow"; 26.5.6 "VM Functions".
@Suite("VMCS shadowing and VM functions")
struct VMXShadowTests {
    typealias Place = VMXGuest.Place

    /// A guest with VMCS shadowing, whose bitmaps let nothing exit.
    private func shadowing(_ source: String, linked: Bool = true) throws -> VMXGuest {
        var guest = try VMXGuest(source)
        guest.set(SecondaryControl.vmcsShadowing)
        guest[.vmreadBitmap] = Place.bitmaps
        guest[.vmwriteBitmap] = Place.bitmaps + 0x1000
        if linked {
            guest.write(Place.shadow, guest.read(Place.vmcs, size: 4) | 1 << 31, size: 4)
            guest[.vmcsLinkPointer] = Place.shadow
        }
        return guest
    }

    @Test("VMREAD and VMWRITE reach the shadow VMCS")
    func shadow() throws {
        let source = "mov ecx, 0x681E\nmov eax, 0x1234\nvmwrite ecx, eax\nvmread ebx, ecx"
        var guest = try shadowing(source)
        #expect(try guest.run() == .vmcall)
        #expect(guest.machine.state.registers[.rbx] == 0x1234)
        let shadow = guest.machine.vmptrld(Place.shadow)
        #expect(shadow == .succeed)
        #expect(guest[.guestRIP] == 0x1234)
    }

    @Test("with the control 0 they exit")
    func control() throws {
        var guest = try shadowing("mov ecx, 0x681E\nvmread ebx, ecx")
        guest.clear(SecondaryControl.vmcsShadowing)
        guest[.vmcsLinkPointer] = ~0
        #expect(try guest.run() == .vmread)
    }

    @Test("a field's bit in the bitmap makes them exit, and no neighbour's")
    func bitmaps() throws {
        for (source, bitmap, reason) in [
            ("vmread ebx, ecx", Place.bitmaps, ExitReason.vmread),
            ("vmwrite ecx, ebx", Place.bitmaps + 0x1000, .vmwrite),
        ] {
            for (field, expected) in [(UInt64(0x681E), reason), (0x681F, .vmcall)] {
                var guest = try shadowing("mov ecx, 0x681E\n\(source)")
                guest.write(bitmap + field / 8, 1 << (field & 7), size: 1)
                #expect(try guest.run() == expected)
            }
        }
    }

    @Test("an operand above 15 bits exits")
    func beyond() throws {
        var guest = try shadowing("mov ecx, 0xE81E\nvmread ebx, ecx")
        #expect(try guest.run() == .vmread)
    }

    @Test("without a linked VMCS they fail with CF; an unknown field fails with ZF")
    func failures() throws {
        var guest = try shadowing("mov ecx, 0x681E\nvmread ebx, ecx", linked: false)
        #expect(try guest.run() == .vmcall)
        #expect(guest[.guestRFLAGS] & 0x8D5 == FlagBit.cf.mask)
        guest = try shadowing("mov ecx, 0x3000\nvmread ebx, ecx")
        #expect(try guest.run() == .vmcall)
        #expect(guest[.guestRFLAGS] & 0x8D5 == FlagBit.zf.mask)
        #expect(guest[.vmInstructionError] == 12)
    }

    @Test("at CPL 3 a VMREAD that does not exit raises #GP")
    func privilege() throws {
        var guest = try VMXGuest("mov ecx, 0x681E\nvmread ebx, ecx", cpl: 3)
        guest.set(SecondaryControl.vmcsShadowing)
        guest[.vmreadBitmap] = Place.bitmaps
        guest[.vmwriteBitmap] = Place.bitmaps
        #expect(try guest.exception() == .generalProtection)
    }

    // MARK: VMFUNC

    private func functions(
        _ source: String, cpl: UInt8 = 0, enabled: UInt64 = 1
    ) throws -> VMXGuest {
        var guest = try VMXGuest(source, cpl: cpl)
        guest.set(SecondaryControl.enableVMFunctions)
        guest[.vmFunctionControls] = enabled
        guest[.eptpListAddress] = Place.lists
        guest.write(Place.lists + 8, EPTPointer(address: Place.otherEPT).rawValue)
        return guest
    }

    @Test("VMFUNC switches to an EPT pointer of the list, at any level", arguments: [0, 3])
    func eptpSwitching(cpl: UInt8) throws {
        let source = "xor eax, eax\nmov ecx, 1\nvmfunc\nmov ebx, [0x400000]"
        var guest = try functions(source, cpl: cpl)
        guest.write(Place.otherEPT + 0x2000 + (Place.page >> 21) * 8, Place.free | 0xB7)
        guest.write(Place.free, 0x77, size: 4)
        #expect(try guest.run() == .vmcall)
        #expect(guest.machine.state.registers[.rbx] == 0x77)
        #expect(guest[.eptPointer] == EPTPointer(address: Place.otherEPT).rawValue)
    }

    @Test("with EPT-violation #VE the index is kept in the EPTP-index field")
    func index() throws {
        for (isEnabled, expected) in [(true, UInt64(1)), (false, 9)] {
            var guest = try functions("xor eax, eax\nmov ecx, 1\nvmfunc")
            guest[.eptpIndex] = 9
            guest[.virtualizationExceptionInformationAddress] = Place.free
            if isEnabled { guest.set(SecondaryControl.eptViolationVE) }
            #expect(try guest.run() == .vmcall)
            #expect(guest[.eptpIndex] == expected)
        }
    }

    @Test("without the control, and above 63, VMFUNC is #UD")
    func undefined() throws {
        var guest = try functions("xor eax, eax\nxor ecx, ecx\nvmfunc")
        guest.clear(SecondaryControl.enableVMFunctions)
        #expect(try guest.exception() == .invalidOpcode)
        guest = try functions("mov eax, 64\nvmfunc")
        #expect(try guest.exception() == .invalidOpcode)
    }

    @Test(
        "a function that is not enabled, an index beyond the list, and a bad pointer exit",
        arguments: [
            ("mov eax, 1", UInt64(1)), ("xor eax, eax\nmov ecx, 1", 0),
            ("xor eax, eax\nmov ecx, 512", 1), ("xor eax, eax\nmov ecx, 2", 1),
        ])
    func exits(source: String, enabled: UInt64) throws {
        var guest = try functions("\(source)\nvmfunc", enabled: enabled)
        #expect(try guest.run() == .vmfunc)
        #expect(guest[.exitInstructionLength] == 3)
    }
}
