import Architecture
import Machine

/// The registers as a service finds them, and as it leaves them.
struct FirmwareRegisters {
    var eax: UInt32
    var ebx: UInt32
    var ecx: UInt32
    var edx: UInt32
    var esi: UInt32
    var edi: UInt32
    var ebp: UInt32
    /// Bases of the segments.
    let ds: UInt64
    var es: UInt64
    /// Flags that the IRET will load; nil: as they were.
    var carry: Bool?
    var zero: Bool?

    init(_ machine: inout Machine) {
        func low(_ register: GeneralRegister) -> UInt32 {
            UInt32(truncatingIfNeeded: machine.state.registers[register])
        }
        eax = low(.rax)
        ebx = low(.rbx)
        ecx = low(.rcx)
        edx = low(.rdx)
        esi = low(.rsi)
        edi = low(.rdi)
        ebp = low(.rbp)
        ds = machine.state.ds.base
        es = machine.state.es.base
    }

    /// Writes back what a service may change; the flags into the frame that INT pushed.
    func store(in machine: inout Machine) {
        let values: [(GeneralRegister, UInt32)] = [
            (.rax, eax), (.rbx, ebx), (.rcx, ecx), (.rdx, edx), (.rsi, esi), (.rdi, edi),
            (.rbp, ebp),
        ]
        for (register, value) in values {
            let upper = machine.state.registers[register] & ~0xFFFF_FFFF
            machine.state.registers[register] = upper | UInt64(value)
        }
        if es != machine.state.es.base {
            machine.state.es = .realMode(UInt16(truncatingIfNeeded: es >> 4))
        }
        let place = machine.state.ss.base &+ ((machine.state.registers[.rsp] &+ 4) & 0xFFFF)
        var flags = machine.readPhysical(place, size: 2)
        if let carry { flags = carry ? flags | FlagBit.cf.mask : flags & ~FlagBit.cf.mask }
        if let zero { flags = zero ? flags | FlagBit.zf.mask : flags & ~FlagBit.zf.mask }
        machine.writePhysical(place, flags, size: 2)
    }

    // MARK: Parts

    var ax: UInt16 {
        get { UInt16(truncatingIfNeeded: eax) }
        set { eax = eax & 0xFFFF_0000 | UInt32(newValue) }
    }
    var bx: UInt16 {
        get { UInt16(truncatingIfNeeded: ebx) }
        set { ebx = ebx & 0xFFFF_0000 | UInt32(newValue) }
    }
    var cx: UInt16 {
        get { UInt16(truncatingIfNeeded: ecx) }
        set { ecx = ecx & 0xFFFF_0000 | UInt32(newValue) }
    }
    var dx: UInt16 {
        get { UInt16(truncatingIfNeeded: edx) }
        set { edx = edx & 0xFFFF_0000 | UInt32(newValue) }
    }
    var si: UInt16 { UInt16(truncatingIfNeeded: esi) }
    var di: UInt16 {
        get { UInt16(truncatingIfNeeded: edi) }
        set { edi = edi & 0xFFFF_0000 | UInt32(newValue) }
    }
    var bp: UInt16 { UInt16(truncatingIfNeeded: ebp) }

    var al: UInt8 {
        get { UInt8(truncatingIfNeeded: eax) }
        set { ax = ax & 0xFF00 | UInt16(newValue) }
    }
    var ah: UInt8 {
        get { UInt8(truncatingIfNeeded: eax >> 8) }
        set { ax = ax & 0xFF | UInt16(newValue) << 8 }
    }
    var bl: UInt8 {
        get { UInt8(truncatingIfNeeded: ebx) }
        set { bx = bx & 0xFF00 | UInt16(newValue) }
    }
    var bh: UInt8 {
        get { UInt8(truncatingIfNeeded: ebx >> 8) }
        set { bx = bx & 0xFF | UInt16(newValue) << 8 }
    }
    var cl: UInt8 { UInt8(truncatingIfNeeded: ecx) }
    var ch: UInt8 { UInt8(truncatingIfNeeded: ecx >> 8) }
    var dl: UInt8 { UInt8(truncatingIfNeeded: edx) }
    var dh: UInt8 { UInt8(truncatingIfNeeded: edx >> 8) }

    /// The answer that a function gives when it has failed, or is none of this firmware's.
    mutating func fail(_ status: UInt8) {
        ah = status
        carry = true
    }
}
