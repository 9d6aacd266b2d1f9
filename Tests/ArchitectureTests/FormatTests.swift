import Testing

@testable import Architecture

/// Expected values are worked out by hand from the manual's tables of formats.
@Suite("Formats of VMCS fields")
struct FormatTests {
    @Test("MOV to CR4 from R9")
    func crAccess() {
        let value = CRAccessQualification(.movTo, controlRegister: 4, register: .r9)
        #expect(value.rawValue == 0x904)
        #expect(value.controlRegister == 4)
        #expect(value.access == .movTo)
        #expect(value.register == .r9)
    }

    @Test("MOV from CR3 to RDX, CLTS, LMSW")
    func otherCRAccesses() {
        #expect(
            CRAccessQualification(.movFrom, controlRegister: 3, register: .rdx).rawValue == 0x213)
        #expect(CRAccessQualification.clts.rawValue == 0x20)
        let lmsw = CRAccessQualification(lmsw: 0x000e, fromMemory: true)
        #expect(lmsw.rawValue == 0xe0070)
        #expect(lmsw.lmswSource == 0xe)
        #expect(lmsw.isMemoryOperand)
    }

    @Test("OUT 60h, AL and REP INSW")
    func io() {
        let out = IOQualification(port: 0x60, bytes: 1, isIn: false, isImmediate: true)
        #expect(out.rawValue == 0x60_0040)
        let ins = IOQualification(port: 0x1f0, bytes: 2, isIn: true, isString: true, hasREP: true)
        #expect(ins.rawValue == 0x1f0_0039)
        #expect(ins.bytes == 2)
        #expect(ins.port == 0x1f0)
    }

    @Test("MOV from DR6 to RSI, a task switch by JMP, an APIC write")
    func others() {
        #expect(
            DRAccessQualification(debugRegister: 6, isRead: true, register: .rsi).rawValue == 0x616)
        #expect(TaskSwitchQualification(selector: 0x28, source: .jmp).rawValue == 0x8000_0028)
        let access = APICAccessQualification(offset: 0xb0, access: .linearWrite)
        #expect(access.rawValue == 0x10b0)
        #expect(access.access == .linearWrite)
        #expect(APICAccessQualification(rawValue: 0x4000).access == nil)
    }

    @Test("A general-protection fault with error code, as injected")
    func interruption() {
        let event = InterruptionInformation(
            vector: 13, type: .hardwareException, hasErrorCode: true)
        #expect(event.rawValue == 0x8000_0b0d)
        #expect(event.isValid && event.hasErrorCode && !event.nmiUnblocking)
        #expect(event.reservedAtEntry == 0)
        var other = InterruptionInformation(rawValue: 0x8000_0100)
        #expect(other.type == nil)
        other.nmiUnblocking = true
        #expect(other.rawValue == 0x8000_1100)
        #expect(other.reservedAtEntry == 0x1000)
    }

    @Test("Access rights of a flat 32-bit code segment and of an unusable one")
    func accessRights() {
        let code = AccessRights(rawValue: 0xc09b)
        #expect(code.type == 11 && code.isCodeOrData && code.isPresent && code.dpl == 0)
        #expect(code.isCode && code.isBig && code.isGranular && !code.isLong && !code.isUnusable)
        #expect(SegmentType(rawValue: code.type) == .executeReadAccessed)
        #expect(AccessRights(descriptorHigh: 0x00cf_9b00) == code)
        #expect(AccessRights.unusable.rawValue == 0x10000)
        #expect(AccessRights(rawValue: 0xffff_ffff).reserved == 0xfffe_0f00)
    }

    @Test("VMREAD of an encoding in RCX to [RBX+8*RSI] in DS, 64-bit addresses")
    func instructionInformation() {
        var value = InstructionInformation()
        value.scaling = 3
        value.addressSize = .bits64
        value.segment = .ds
        value.index = .rsi
        value.base = .rbx
        value.register2 = GeneralRegister.rcx.rawValue
        #expect(value.rawValue == 3 | 2 << 7 | 3 << 15 | 6 << 18 | 3 << 23 | 1 << 28)
        value.index = nil
        value.base = nil
        #expect(value.rawValue == 3 | 2 << 7 | 3 << 15 | 1 << 22 | 1 << 27 | 1 << 28)
    }

    /// 120001Eh is the EPT pointer of the recorded vectors.
    @Test("An EPT pointer: write-back, four levels")
    func eptPointer() {
        let pointer = EPTPointer(rawValue: 0x120_001e)
        #expect(pointer == EPTPointer(address: 0x120_0000))
        #expect(pointer.memoryType == .writeBack)
        #expect(pointer.walkLength == 4)
        #expect(pointer.address == 0x120_0000)
        #expect(!pointer.accessedAndDirty && pointer.reserved == 0)
        #expect(EPTPointer(address: 0x1000, accessedAndDirty: true).rawValue == 0x105e)
        #expect(EPTPointer(rawValue: 2).memoryType == nil)
    }

    /// SDM 3B, "Debug Registers": R/W2 is bits 25:24, LEN2 27:26.
    @Test("DR7 with a 4-byte write breakpoint 2")
    func dr7() {
        let value: UInt64 = DR7Bit.fixed1 | DR7Bit.g2.mask | 1 << 24 | 3 << 26
        #expect(DR7Bit.condition(ofBreakpoint: 2, in: value) == .dataWrite)
        #expect(DR7Bit.length(ofBreakpoint: 2, in: value) == 4)
        #expect(DR7Bit.condition(ofBreakpoint: 0, in: value) == .execution)
        #expect(DR7Bit.length(ofBreakpoint: 0, in: value) == 1)
        #expect(value.has(DR7Bit.g2) && !value.has(DR7Bit.l2))
    }
}
