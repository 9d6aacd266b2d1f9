import Architecture
import InstructionSet

/// How KVM, or the processor below it, parts from the manual in what is no instruction's own. Each
/// excuses what it names and nothing else: the rest of the two outcomes must still be the same. A
/// test counts them.
public enum KVMCondition: String, CaseIterable, Sendable {
    case overrides = "segment overrides that 64-bit mode ignores decide #SS or #GP to it"
    case highStackPointer = "in real mode it clears ESP's upper half on the way to a handler"
    case faultOfUser = "it interprets what a user's fault came from, and may find #UD"
    case divideFlags = "behind #DE it leaves flags changed"
    case compareFlags = "a REP CMPS or SCAS that faults leaves flags changed"
    case smallStack = "at the ends of a real-mode stack it neither faults nor shuts down"
    case wrappedPointer = "the second part of an operand beyond FFFFh is not at the segment's start"
    case wildTarget = "AMD's processors push before they look at a target that is not canonical"
    case straddling = "of an access it checks the first byte alone for being canonical"
    case loopPrefix = "processors take F2 and F3 in front of LOOPE and LOOPNE as a condition"
    case wildStack = "with a user's stack pointer far off it interprets, and lacks instructions"
    case ownCode = "a REP that overwrites itself is fetched again"
    case branchSize = "it and AMD's processors take 66 in front of a near branch"
    case kernelHalf = "in the kernel's half of the addresses the error code shows its own pages"
}

/// What the two sides of a sequence showed.
struct DifferentialPair {
    let model: DifferentialOutcome
    let kvm: DifferentialOutcome
    let trace: [Instruction]
    let given: DifferentialCase

    /// The conditions that apply, and what they excuse together; nil: they excuse all, as the sides
    /// went different ways.
    var excuse: DifferentialExcuse? {
        var excuse = DifferentialExcuse()
        for condition in KVMCondition.allCases where condition.applies(to: self) {
            guard let one = condition.excuse(self) else { return nil }
            excuse.formUnion(one)
        }
        return excuse
    }

    var isUser: Bool { given.mode.isUser }

    /// Whether the user's stack pointer, as the handler's frame has it, is far from where it began.
    var hasWildStack: Bool {
        guard let page = model.pages[DifferentialMode.Place.handlerStack & ~0xFFF] else {
            return false
        }
        let place = Int(DifferentialMode.Place.handlerStack & 0xFFF) - 16
        let last = page[place..<place + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let first = given.registers[Int(GeneralRegister.rsp.rawValue)]
        return max(first, last) - min(first, last) > 4096
    }

    /// Whether an exception came from the last instruction of a run of several.
    var faulting: Instruction? { model.exception == nil ? nil : trace.last }
}

/// What need not be the same.
struct DifferentialExcuse {
    /// Bits of registers, by name.
    var registers: [String: UInt64] = [:]
    /// Bits of bytes in memory, by address.
    var memory: [UInt64: UInt8] = [:]

    static let all = UInt64.max

    mutating func formUnion(_ other: DifferentialExcuse) {
        registers.merge(other.registers) { $0 | $1 }
        memory.merge(other.memory) { $0 | $1 }
    }

    /// A number in memory, of which some bits are excused.
    mutating func excuse(at address: UInt64, bits: UInt64) {
        for index in UInt64(0)..<8 {
            let byte = UInt8(truncatingIfNeeded: bits >> (8 * index))
            if byte != 0 { memory[address &+ index, default: 0] |= byte }
        }
    }
}

extension KVMCondition {
    private static let arithmeticFlags: UInt64 = [.cf, .pf, .af, .zf, .sf, .of]
        .reduce(0) { (mask: UInt64, flag: FlagBit) in mask | flag.mask }

    fileprivate func applies(to pair: DifferentialPair) -> Bool {
        let (model, kvm, trace) = (pair.model, pair.kvm, pair.trace)
        switch self {
        case .overrides:
            let faults = [model.exception, kvm.exception]
            return pair.given.mode.isLong
                && !Set([0x26, 0x2E, 0x36, 0x3E]).isDisjoint(with: pair.given.code)
                && faults.contains(.generalProtection) && faults.contains(.stackFault)
        case .highStackPointer:
            return pair.given.mode == .real16 && model.exception != nil
                && model.register("rsp") >> 16 != 0
        case .faultOfUser:
            let faults: [ExceptionVector?] = [.generalProtection, .stackFault, .pageFault]
            return pair.isUser && faults.contains(model.exception)
                && kvm.exception == .invalidOpcode
        case .divideFlags: return !pair.isUser && model.exception == .divideError
        case .compareFlags:
            let operation = pair.faulting?.operation
            return operation == .cmps || operation == .scas
        case .smallStack: return pair.given.mode == .real16 && hasSmallStack(pair)
        case .wrappedPointer:
            let faults: [ExceptionVector?] = [.generalProtection, .stackFault]
            return pair.given.mode == .real16 && faults.contains(kvm.exception)
                && trace.contains { Self.pairs.contains($0.operation) }
        case .wildTarget:
            return pair.isUser && model.exception == .generalProtection
                && kvm.exception == .stackFault && pair.faulting?.operation == .call
        case .straddling:
            let isFirstCanonical = kvm.register("cr2") &+ 16 >> 47 & 1 == 1
            return model.exception == .generalProtection && kvm.exception == .pageFault
                && isFirstCanonical
        case .wildStack:
            return pair.isUser && pair.hasWildStack
                && trace.contains { KVMGap.lacking.contains($0.operation) }
        case .loopPrefix, .branchSize:
            return trace.contains { concerns($0, pair.given.mode) }
        case .ownCode:
            return model.pages[DifferentialMode.Place.code] != nil
                && trace.contains {
                    $0.operation.isString && !$0.prefixes.isDisjoint(with: [.rep, .repne])
                }
        case .kernelHalf: return pair.isUser && model.isBeyondUser
        }
    }

    /// Whether the condition is about an instruction itself, so that none such need be drawn.
    func concerns(_ instruction: Instruction, _ mode: DifferentialMode) -> Bool {
        let prefixes = instruction.prefixes
        switch self {
        case .loopPrefix:
            return mode.isUser && [.loope, .loopne].contains(instruction.operation)
                && !prefixes.isDisjoint(with: [.rep, .repne])
        case .branchSize:
            return mode.isLong && prefixes.contains(.operandSize)
                && Self.branches.contains(instruction.operation)
        default: return false
        }
    }

    /// What differs then; nil: the two go on from different places, so that nothing compares.
    fileprivate func excuse(_ pair: DifferentialPair) -> DifferentialExcuse? {
        var excuse = DifferentialExcuse()
        let frame = pair.model.register("rsp")
        switch self {
        case .overrides: excuse.registers = ["rip": .max]
        case .highStackPointer: excuse.registers = ["rsp": ~0xFFFF]
        case .faultOfUser, .straddling, .wildTarget:
            // Another vector: its handler, its error code or none, and what it leaves in CR2. A
            // CALL's return address is on the user's stack, too.
            excuse.registers = ["rip": .max, "rsp": 8, "cr2": .max]
            for address in DifferentialMode.Place.handlerFrame { excuse.memory[address] = 0xFF }
            if !pair.isUser {
                for address in (frame &- 8)..<(frame &+ 48) { excuse.memory[address] = 0xFF }
            }
            if self == .wildTarget {
                let stack = pair.given.registers[Int(GeneralRegister.rsp.rawValue)]
                excuse.excuse(at: stack &- 8, bits: .max)
            }
        case .divideFlags, .compareFlags:
            excuse.registers = ["rflags": Self.arithmeticFlags]
            excuse.excuse(at: savedFlags(pair), bits: Self.arithmeticFlags)
        case .kernelHalf:
            excuse.excuse(at: DifferentialMode.Place.handlerStack - 48, bits: .max)
        case .smallStack, .wrappedPointer, .loopPrefix, .ownCode, .branchSize, .wildStack:
            return nil
        }
        return excuse
    }

    /// Where the handler's frame has RFLAGS.
    private func savedFlags(_ pair: DifferentialPair) -> UInt64 {
        let stack = pair.model.register("rsp")
        let hasError = pair.model.exception.map { $0.hasErrorCode } ?? false
        switch pair.given.mode {
        case .real16: return pair.model.register("ss") << 4 &+ (stack & 0xFFFF) &+ 4
        case .protected32: return stack &+ (hasError ? 12 : 8)
        case .long64, .user64: return stack &+ (hasError ? 24 : 16)
        }
    }

    /// Whether SP was where a push or a pop crosses an end of the segment.
    private func hasSmallStack(_ pair: DifferentialPair) -> Bool {
        if pair.model.end == .shutdown { return true }
        guard pair.model.exception == .stackFault else { return false }
        // Six bytes of the frame have been pushed.
        let pointer = (pair.model.register("rsp") &+ 6) & 0xFFFF
        return pointer < 0x20 || pointer >= 0xFFE0
    }

    /// Whose operand is read or written in two parts, see `Machine.offset(_:plus:_:)`.
    private static let pairs: Set<InstructionSet.Operation> = [
        .lds, .les, .lfs, .lgs, .lss, .sgdt, .sidt,
    ]

    private static let branches: Set<InstructionSet.Operation> = [
        .jmp, .jcc, .call, .ret, .loop, .loope, .loopne, .jcxz,
    ]
}
