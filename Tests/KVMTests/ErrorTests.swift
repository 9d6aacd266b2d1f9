import CKVM
import Glibc
import Testing

@testable import KVM

@Suite("What is said where KVM is not")
struct ErrorTests {
    @Test("Each reason for having no KVM is told apart and says what to do")
    func reasons() {
        #expect(throws: KVMError.unavailable(.noDevice)) { _ = try System(device: "/no/kvm") }
        #expect(throws: KVMError.unavailable(.notOpened(errno: ENOTTY))) {
            _ = try System(device: "/dev/null")
        }
        #expect(System.reason(ofOpening: EACCES) == .notPermitted(errno: EACCES))
        #expect(System.reason(ofOpening: ENODEV) == .notOpened(errno: ENODEV))
    }

    @Test("An error names the request and the system's reason")
    func descriptions() {
        let error = KVMError.requestFailed(.createVM, errno: EINVAL)
        #expect(error.description == "KVM_CREATE_VM failed: Invalid argument, errno 22")
        let absent = KVMError.unavailable(.noDevice).description
        #expect(absent.hasPrefix("there is no /dev/kvm; load the module"))
        let denied = KVMError.unavailable(.notPermitted(errno: EACCES)).description
        #expect(denied.contains("Permission denied") && denied.contains("usermod -aG kvm"))
    }

    @Test("A request's number is the kernel's")
    func numbers() {
        // Linux, "Documentation/userspace-api/ioctl": type AEh, these numbers.
        #expect(KVMRequest.getAPIVersion.number == 0xAE00)
        #expect(KVMRequest.run.number == 0xAE80)
        #expect(Set(KVMRequest.allCases.map(\.number)).count == KVMRequest.allCases.count)
    }
}

@Suite("The kernel's structures")
struct StructureTests {
    @Test("General registers are where the kernel has them")
    func registers() {
        var structure = kvm_regs()
        (structure.rbx, structure.rsi, structure.rsp) = (0xB, 0x51, 0x59)
        (structure.r15, structure.rip, structure.rflags) = (15, 0x1000, 0x46)
        let registers = KVMRegisters(structure)
        #expect(registers[.rbx] == 0xB && registers[.rsi] == 0x51 && registers[.rsp] == 0x59)
        #expect(registers[.r15] == 15 && registers.rip == 0x1000 && registers.rflags == 0x46)
        #expect(KVMRegisters(registers.structure) == registers)
    }

    @Test("Access rights are packed as the VMCS packs them")
    func accessRights() {
        // A 64-bit code segment for user code: type 11, S, DPL 3, P, L, G.
        let segment = KVMSegment(selector: 0x33, base: 0, limit: .max, access: 0xA0FB)
        let structure = segment.structure
        #expect(structure.type == 11 && structure.s == 1 && structure.dpl == 3)
        #expect(structure.present == 1 && structure.l == 1 && structure.db == 0)
        #expect(structure.g == 1 && structure.unusable == 0)
        #expect(KVMSegment(structure) == segment)
    }

    @Test("A failed entry comes with the processor's reason")
    func failEntry() {
        var run = kvm_run()
        run.exit_reason = UInt32(KVM_EXIT_FAIL_ENTRY)
        run.fail_entry.hardware_entry_failure_reason = 0x8000_0021
        #expect(decode(run) == .failEntry(hardwareReason: 0x8000_0021))
    }

    @Test("A failed emulation comes with the instruction's bytes")
    func emulationFailure() {
        var run = kvm_run()
        run.exit_reason = UInt32(KVM_EXIT_INTERNAL_ERROR)
        run.internal.suberror = UInt32(KVM_INTERNAL_ERROR_EMULATION)
        run.internal.ndata = 3
        // Flags: there are bytes. Then a size of 2 and the bytes D9 D0, FNOP.
        (run.internal.data.0, run.internal.data.1) = (1, 0xD0_D902)
        guard case .internalError(let error) = decode(run) else {
            Issue.record("no internal error")
            return
        }
        #expect(error.name == "KVM_INTERNAL_ERROR_EMULATION")
        #expect(error.instructionBytes == [0xD9, 0xD0])
    }

    @Test("Numbers from the kernel that make no sense do no harm")
    func nonsense() {
        var run = kvm_run()
        run.exit_reason = UInt32(KVM_EXIT_IO)
        (run.io.size, run.io.count, run.io.data_offset) = (255, 2, 1 << 40)
        _ = decode(run)
        run.exit_reason = UInt32(KVM_EXIT_MMIO)
        run.mmio.len = 1000
        _ = decode(run)
        run.exit_reason = UInt32(KVM_EXIT_INTERNAL_ERROR)
        run.internal.ndata = 5000
        _ = decode(run)
        run.exit_reason = 12345
        #expect(decode(run) == .other(reason: 12345))
    }

    private func decode(_ run: kvm_run) -> KVMExit {
        withUnsafeBytes(of: run) { run.exit(in: $0) }
    }
}
