import Architecture
import InstructionSet

extension Machine {
    /// Every operation, whatever its operands are.
    ///
    /// `nextRIP` holds RIP behind the instruction, and a branch changes that.
    @inline(never)
    mutating func executeAny(_ i: DecodedInstruction) throws(Abort) {
        switch i.operation {
        case .mov, .movzx, .lea, .add, .adc, .sub, .sbb, .cmp, .and, .or, .xor, .test, .inc, .dec,
            .shl, .shr, .imulTruncating:
            try executeCommon(i, AnyPlace.self, AnyPlace.self)

        // Data movement
        case .movsx, .movsxd: try executeMoveSignExtended(i)
        case .movbe: try executeMoveBigEndian(i)
        // A hint to caches, which the model has not.
        case .movnti: try executeMove(i, AnyPlace.self, AnyPlace.self)
        case .bswap: try executeByteSwap(i)
        case .xchg: try executeExchange(i)
        case .xlat: try executeTranslateByte(i)
        case .cbw: executeConvert(i)
        case .cwd: executeConvertToDouble(i)
        case .cmov: try executeConditionalMove(i)
        case .setcc: try set(i.first, state.flags.holds(i.condition) ? 1 : 0, i)
        case .movToSegment: try executeMoveToSegment(i)
        case .movFromSegment: try executeMoveFromSegment(i)
        case .lds: try executeLoadFarPointer(i, .ds)
        case .les: try executeLoadFarPointer(i, .es)
        case .lss: try executeLoadFarPointer(i, .ss)
        case .lfs: try executeLoadFarPointer(i, .fs)
        case .lgs: try executeLoadFarPointer(i, .gs)
        case .movToControl: try executeMoveToControl(i)
        case .movFromControl: try executeMoveFromControl(i)
        case .movToDebug: try executeMoveToDebug(i)
        case .movFromDebug: try executeMoveFromDebug(i)

        // The stack
        case .push: try executePush(i)
        case .pop: try executePop(i)
        case .pushSegment: try executePushSegment(i)
        case .popSegment: try executePopSegment(i)
        case .pusha: try executePushAll(i)
        case .popa: try executePopAll(i)
        case .pushf: try executePushFlags(i)
        case .popf: try executePopFlags(i)
        case .enter: try executeEnter(i)
        case .leave: try executeLeave(i)

        // Arithmetic
        case .neg: try executeNegate(i)
        case .not: try executeNot(i)
        case .adcx: try executeAddWithFlag(i, .cf)
        case .adox: try executeAddWithFlag(i, .of)
        case .xadd: try executeExchangeAdd(i)
        case .cmpxchg: try executeCompareExchange(i)
        case .cmpxchg8b: try executeCompareExchange8Bytes(i)
        case .cmpxchg16b: try executeCompareExchange16Bytes(i)
        case .mul: try executeMultiply(i)
        case .imul: try executeMultiplySigned(i)
        case .div: try executeDivide(i)
        case .idiv: try executeDivideSigned(i)
        case .mulx: try executeMultiplyWithoutFlags(i)

        // Decimal adjustment
        case .aaa: executeASCIIAdjust(subtract: false)
        case .aas: executeASCIIAdjust(subtract: true)
        case .aam: try executeASCIIAdjustAfterMultiply(i)
        case .aad: executeASCIIAdjustBeforeDivide(i)
        case .daa: executeDecimalAdjust(subtract: false)
        case .das: executeDecimalAdjust(subtract: true)

        // Shifts
        case .sar: try executeShiftArithmetic(i)
        case .rol: try executeRotateLeft(i)
        case .ror: try executeRotateRight(i)
        case .rcl: try executeRotateThroughCarry(i, left: true)
        case .rcr: try executeRotateThroughCarry(i, left: false)
        case .shld: try executeDoubleShiftLeft(i)
        case .shrd: try executeDoubleShiftRight(i)
        case .sarx, .shlx, .shrx, .rorx: try executeShiftWithoutFlags(i)

        // Bits
        case .bt, .bts, .btr, .btc: try executeBitTest(i)
        case .bsf: try executeBitScan(i, reverse: false)
        case .bsr: try executeBitScan(i, reverse: true)
        case .tzcnt: try executeCountZeros(i, leading: false)
        case .lzcnt: try executeCountZeros(i, leading: true)
        case .popcnt: try executePopulationCount(i)
        case .crc32: try executeCRC32(i)
        case .andn: try executeAndNot(i)
        case .bextr: try executeBitFieldExtract(i)
        case .blsi, .blsmsk, .blsr: try executeLowestSetBit(i)
        case .bzhi: try executeZeroHighBits(i)
        case .pdep: try executeParallelDeposit(i)
        case .pext: try executeParallelExtract(i)

        // Strings and ports
        case .movs: try executeMoveString(i)
        case .cmps: try executeCompareString(i)
        case .stos: try executeStoreString(i)
        case .lods: try executeLoadString(i)
        case .scas: try executeScanString(i)
        case .ins, .outs, .in, .out: try executePort(i)

        // Control flow
        case .jmp: try jump(to: try branchTarget(i), size: i.operandSize)
        case .jcc: if state.flags.holds(i.condition) { try jumpRelative(i) }
        case .call: try executeCall(i)
        case .ret: try executeReturn(i)
        case .loop: try executeLoop(i, wanted: nil)
        case .loope: try executeLoop(i, wanted: true)
        case .loopne: try executeLoop(i, wanted: false)
        case .jcxz: try executeJumpIfCountZero(i)
        case .int, .int3, .into, .int1: try executeInterrupt(i)
        case .bound: try executeBound(i)

        // Flags
        case .clc: state.flags.setCarry(false)
        case .stc: state.flags.setCarry(true)
        case .cmc: state.flags.setCarry(!state.flags.carry)
        case .cld: state.rflags &= ~FlagBit.df.mask
        case .std: state.rflags |= FlagBit.df.mask
        case .cli: try executeClearInterrupts()
        case .sti: try executeSetInterrupts()
        case .clac: try executeAccessControl(false)
        case .stac: try executeAccessControl(true)
        case .lahf: executeLoadFlags()
        case .sahf: executeStoreFlags()

        case .nop: break

        // Neither changes where code runs, unless it exits.
        case .vmread: try executeVMREAD(i)
        case .vmwrite: try executeVMWRITE(i)

        default: try executeSystem(i)
        }
    }

    /// What is rare, or may change where code runs and with what rights: far transfers, system
    /// instructions, VMX, saved floating-point state.
    @inline(never)
    private mutating func executeSystem(_ i: DecodedInstruction) throws(Abort) {
        leaveCodeWindow()
        switch i.operation {
        case .jmpFar: try executeFarJump(i)
        case .callFar: try executeFarCall(i)
        case .retFar: try executeFarReturn(i)
        case .iret: try executeInterruptReturn(i)
        case .syscall: try executeSystemCall()
        case .sysret: try executeSystemReturn(i)
        case .sysenter: try executeSystemEnter()
        case .sysexit: try executeSystemExit(i)

        case .lgdt, .lidt: try executeLoadTable(i)
        case .sgdt, .sidt: try executeStoreTable(i)
        case .lldt: try executeLoadLocalTable(i)
        case .ltr: try executeLoadTask(i)
        case .sldt: try executeStoreSelector(i, state.ldtr.selector)
        case .str: try executeStoreSelector(i, state.tr.selector)
        case .lmsw: try executeLMSW(i)
        case .smsw: try executeSMSW(i)
        case .clts: try executeCLTS(i)
        case .lar: try executeLoadAccessRights(i)
        case .lsl: try executeLoadLimit(i)
        case .verr: try executeVerify(i, write: false)
        case .verw: try executeVerify(i, write: true)
        case .arpl: try executeAdjustPrivilege(i)

        case .hlt: try executeHLT(i)
        case .cpuid: try executeCPUID(i)
        case .rdmsr: try executeRDMSR(i)
        case .wrmsr: try executeWRMSR(i)
        case .rdtsc, .rdtscp: try executeReadTimeStamp(i)
        case .rdpmc: try executeReadPerformanceCounter(i)
        case .rdpid:
            try decideInstruction(i)
            try set(i.first, state.msrs.tscAux, i)
        case .rdrand, .rdseed: try executeRandom(i)
        case .monitor: try executeMonitor(i)
        case .mwait: try executeMonitorWait(i)
        case .umonitor: try executeUserMonitor(i)
        case .umwait, .tpause: try executeUserWait(i)
        case .invlpg: try executeInvalidatePage(i)
        case .invpcid: try executeInvalidateByPCID(i)
        case .invd, .wbinvd: try executeInvalidateCaches(i)
        case .swapgs: try executeSwapGS()
        case .rdfsbase: try executeReadBase(i, .fs)
        case .rdgsbase: try executeReadBase(i, .gs)
        case .wrfsbase: try executeWriteBase(i, .fs)
        case .wrgsbase: try executeWriteBase(i, .gs)
        case .xgetbv: try executeGetExtendedControl()
        case .xsetbv: try executeSetExtendedControl(i)

        case .salc: executeSetFromCarry()
        case .pause: try decideInstruction(i)
        case .prefetch, .lfence, .mfence, .sfence: break
        case .clflush: _ = try get(Operand(.memory, size: 1), i)
        case .ud0, .ud1, .ud2: throw fault(.invalidOpcode)
        // Never in system-management mode.
        case .rsm: throw fault(.invalidOpcode)
        case .getsec:
            try decideInstruction(i)
            throw notModelled(.instruction(i.form))

        case .fninit, .fnclex, .fnstcw, .fldcw, .fnstsw, .fwait: try executeFloatingControl(i)
        case .ldmxcsr, .stmxcsr: try executeVectorControl(i)
        case .fxsave: try executeSaveFloatingState(i)
        case .fxrstor: try executeRestoreFloatingState(i)
        case .xsave, .xsaveopt: try executeSaveExtendedState(i)
        case .xsavec, .xsaves: try executeSaveCompacted(i)
        case .xrstor, .xrstors: try executeRestoreExtendedState(i)

        case .fld, .fld1, .fldz, .fild, .fst, .fstp, .fist, .fisttp, .fxch, .fcmov, .ffree,
            .fincstp, .fdecstp, .fnop, .fadd, .fmul, .fsub, .fsubr, .fdiv, .fdivr, .fsqrt, .frndint,
            .fchs, .fabs, .fcom, .fucom, .fcomi, .fucomi, .ficom, .ftst, .fxam:
            try executeX87(i)
        case .emms, .movd, .movq, .movaps, .movups, .pand, .pandn, .por, .pxor, .paddb, .paddw,
            .paddd, .paddq:
            try executeMedia(i)

        case .vmcall, .vmclear, .vmlaunch, .vmresume, .vmptrld, .vmptrst, .vmxon, .vmxoff, .invept,
            .invvpid, .vmfunc:
            try executeVMX(i)
        default:
            try decideInstruction(i)
            try checkFloatingAvailable(i)
            throw notModelled(.instruction(i.form))
        }
    }
}
