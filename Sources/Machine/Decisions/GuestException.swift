import Architecture

/// An exception in the guest, with all that decides whether it exits.
public struct GuestException: DecisionSubject, Equatable {
    public var vector: UInt8
    public var hasErrorCode: Bool
    public var errorCode: UInt64 = 0
    public var nonRoot: UInt64 = 0
    public var bitmap: UInt64 = 0
    public var pageFaultMask: UInt64 = 0
    public var pageFaultMatch: UInt64 = 0

    public init(vector: UInt8, errorCode: UInt32?) {
        self.vector = vector
        hasErrorCode = errorCode != nil
        self.errorCode = UInt64(errorCode ?? 0)
    }

    public var question: String {
        "Does this \(ExceptionVector(rawValue: vector)?.mnemonic ?? "exception") exit?"
    }

    var bitmapBit: Bool { bitmap >> UInt64(vector & 31) & 1 == 1 }
    var matches: Bool { errorCode & pageFaultMask == pageFaultMatch }
}

typealias ExceptionInput = Input<GuestException>
typealias ExceptionRule = Rule<GuestException>

extension Input where Subject == GuestException {
    static let bitmap = ExceptionInput(
        "exception-bitmap", "exception bitmap", width: 32, .field(.exceptionBitmap), \.bitmap)
    static let errorCode = ExceptionInput(
        "error-code", "page-fault error code", width: 32, .guest, \.errorCode)
    static let mask = ExceptionInput(
        "pf-mask", "page-fault error-code mask", width: 32, .field(.pageFaultErrorCodeMask),
        \.pageFaultMask)
    static let match = ExceptionInput(
        "pf-match", "page-fault error-code match", width: 32, .field(.pageFaultErrorCodeMatch),
        \.pageFaultMatch)
}

/// The ladder for exceptions in non-root operation.
public struct ExceptionLadders: Sendable {
    public var exception = Ladder<GuestException>([
        ExceptionRule(
            "exception.page-fault-match",
            "a page fault whose error code, masked, equals the match: bit 14 decides",
            [.bitmap, .errorCode, .mask, .match], .exceptionBitmap, bits: { _ in 1 << 14 }
        ) { event in
            guard event.vector == ExceptionVector.pageFault.rawValue, event.matches else {
                return nil
            }
            return event.bitmapBit ? .exit(.exceptionOrNMI) : .proceed
        },
        ExceptionRule(
            "exception.page-fault-no-match",
            "a page fault whose error code, masked, differs from the match: bit 14 decides, reversed",
            [.bitmap, .errorCode, .mask, .match], .exceptionBitmap, bits: { _ in 1 << 14 }
        ) { event in
            guard event.vector == ExceptionVector.pageFault.rawValue else { return nil }
            return event.bitmapBit ? .proceed : .exit(.exceptionOrNMI)
        },
        ExceptionRule(
            "exception.bitmap", "its bit in the exception bitmap is 1", [.bitmap],
            .exceptionBitmap, bits: { 1 << UInt64($0.vector & 31) }
        ) { $0.bitmapBit ? .exit(.exceptionOrNMI) : nil },
        ExceptionRule(
            "exception.bitmap-clear", "its bit in the exception bitmap is 0", [.bitmap],
            .exceptionBitmap, bits: { 1 << UInt64($0.vector & 31) }
        ) { _ in .proceed },
    ])

    public init() {}
}
