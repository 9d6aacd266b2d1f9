import Architecture

/// An exception during the delivery of another event, with all that decides what becomes of both.
public struct SecondFault: DecisionSubject, Equatable {
    /// Vectors, for the names.
    public var first: UInt8
    public var second: UInt8
    /// Parts of the two in the rules: 0 benign, 1 contributory, 2 page fault, 3 double fault.
    public var firstClass: UInt64
    public var secondClass: UInt64

    /// - Parameters:
    ///   - first: what was being delivered; its class is benign where it is no fault.
    ///   - second: what came meanwhile.
    public init(
        _ first: UInt8, _ firstClass: ExceptionVector.FaultClass,
        _ second: UInt8, _ secondClass: ExceptionVector.FaultClass
    ) {
        self.first = first
        self.second = second
        self.firstClass = firstClass.number
        self.secondClass = secondClass.number
    }

    public static var proceeding: String { "in its turn" }
    public var question: String {
        "What becomes of \(Self.name(second)) during the delivery of \(Self.name(first))?"
    }

    private static func name(_ vector: UInt8) -> String {
        ExceptionVector(rawValue: vector)?.mnemonic ?? "vector \(vector)"
    }

    fileprivate func are(
        _ first: [ExceptionVector.FaultClass], _ second: [ExceptionVector.FaultClass]
    )
        -> Bool
    {
        first.contains { $0.number == firstClass } && second.contains { $0.number == secondClass }
    }
}

extension ExceptionVector.FaultClass {
    fileprivate var number: UInt64 {
        switch self {
        case .benign: 0
        case .contributory: 1
        case .pageFault: 2
        case .doubleFault: 3
        }
    }
}

typealias SecondFaultInput = Input<SecondFault>
typealias SecondFaultRule = Rule<SecondFault>

extension Input where Subject == SecondFault {
    static let firstClass = SecondFaultInput(
        "first-class", "class of the first", width: 2, .guest, \.firstClass, free: { _ in 0 })
    static let secondClass = SecondFaultInput(
        "second-class", "class of the second", width: 2, .guest, \.secondClass, free: { _ in 0 })
}

/// The ladder for faults during delivery. SDM 3A, "Interrupt 8—Double Fault Exception (#DF)".
public struct DeliveryLadders: Sendable {
    public var secondFault = Ladder<SecondFault>([
        SecondFaultRule(
            "second-fault.triple",
            "a contributory exception or a page fault while a double fault is delivered",
            [.firstClass, .secondClass], .doubleFaultException
        ) { $0.are([.doubleFault], [.contributory, .pageFault]) ? .exit(.tripleFault) : nil },
        SecondFaultRule(
            "second-fault.contributory", "both are contributory: a double fault",
            [.firstClass, .secondClass], .doubleFaultException
        ) { $0.are([.contributory], [.contributory]) ? .fault(.doubleFault) : nil },
        SecondFaultRule(
            "second-fault.page-fault",
            "a page fault or a contributory exception while a page fault is delivered: a double fault",
            [.firstClass, .secondClass], .doubleFaultException
        ) { $0.are([.pageFault], [.contributory, .pageFault]) ? .fault(.doubleFault) : nil },
        SecondFaultRule(
            "second-fault.serial", "no such pair: the second is delivered instead",
            [.firstClass, .secondClass], .doubleFaultException
        ) { _ in .proceed },
    ])

    public init() {}
}
