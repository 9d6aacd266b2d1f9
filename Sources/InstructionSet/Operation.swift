/// What an instruction does: one case for each semantic body of the machine. Forms that differ only
/// in operands or width share a case; the form's row in the table has the mnemonic and the encoding.
public enum Operation: UInt16, CaseIterable, Sendable {
    // Data movement
    case mov, movToControl, movFromControl, movToDebug, movFromDebug, movToSegment, movFromSegment
    case movzx, movsx, movsxd, movbe, movnti, bswap, xchg, lea, lds, les, lss, lfs, lgs, xlat
    case push, pop, pushSegment, popSegment, pusha, popa, pushf, popf, lahf, sahf, salc
    case cbw, cwd, cmov, setcc
    // Arithmetic and logic
    case add, or, adc, sbb, and, sub, xor, cmp, test, inc, dec, neg, not
    case mul, imul, imulTruncating, div, idiv, xadd, cmpxchg, cmpxchg8b, cmpxchg16b
    case aaa, aas, aam, aad, daa, das, adcx, adox
    // Shifts and bits
    case rol, ror, rcl, rcr, shl, shr, sar, shld, shrd
    case bt, bts, btr, btc, bsf, bsr, tzcnt, lzcnt, popcnt, crc32
    case andn, bextr, blsi, blsmsk, blsr, bzhi, mulx, pdep, pext, rorx, sarx, shlx, shrx
    // Strings and ports
    case movs, cmps, stos, lods, scas, ins, outs, `in`, out
    // Control flow
    case jmp, jmpFar, jcc, call, callFar, ret, retFar, iret
    case int, int3, into, int1, bound, loop, loope, loopne, jcxz, enter, leave
    case syscall, sysret, sysenter, sysexit
    // Flags
    case clc, stc, cmc, cld, std, cli, sti, clac, stac
    // System
    case hlt, cpuid, lgdt, lidt, sgdt, sidt, lldt, sldt, ltr, str, lmsw, smsw, clts
    case lar, lsl, verr, verw, arpl, rdmsr, wrmsr, rdtsc, rdtscp, rdpmc, rdpid, rdrand, rdseed
    case monitor, mwait, umonitor, umwait, tpause, pause, invlpg, invpcid, invd, wbinvd, swapgs
    case rdfsbase, rdgsbase, wrfsbase, wrgsbase, xgetbv, xsetbv, rsm, getsec
    case nop, prefetch, clflush, lfence, mfence, sfence, ud0, ud1, ud2
    // VMX
    case vmcall, vmclear, vmlaunch, vmresume, vmptrld, vmptrst, vmread, vmwrite
    case vmxon, vmxoff, invept, invvpid, vmfunc
    // x87 and SSE: what kernels trip over
    case fninit, fnclex, fnstcw, fldcw, fnstsw, fwait, fxsave, fxrstor, ldmxcsr, stmxcsr
    case xsave, xsavec, xsaveopt, xsaves, xrstor, xrstors
    case fld, fld1, fldz, fild, fst, fstp, fist, fisttp, fxch, fcmov, ffree, fincstp, fdecstp
    case fadd, fmul, fsub, fsubr, fdiv, fdivr, fsqrt, frndint, fchs, fabs
    case fcom, fucom, fcomi, fucomi, ficom, ftst, fxam, fnop
    // MMX and SSE: movement, logic, packed addition
    case emms, movd, movq, movaps, movups, pand, pandn, por, pxor, paddb, paddw, paddd, paddq
    /// An instruction that the processor has and the model does not: it ends the run by name.
    case notModelled
}
