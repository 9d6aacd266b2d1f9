/// A translation that the processor remembers, as a debugger shows it.
public struct CachedTranslation: Sendable, Equatable {
    /// What the tables say of the page now.
    public enum Tables: Sendable, Equatable {
        /// The same, with these rights or more.
        case same
        /// Another page: its physical address.
        case otherPage(UInt64)
        /// The same page, with fewer rights.
        case fewerRights
        /// No page: an access that is not remembered would fault.
        case nothing
        /// Not looked at: other tables than these are in force.
        case notInForce
    }

    /// Of the 4-KiB page.
    public let linear: UInt64
    public let physical: UInt64
    /// Bytes of the page that the guest's tables map; the model remembers its 4-KiB parts.
    public let pageSize: UInt64
    public let isGlobal: Bool
    /// 0 outside non-root operation, and in it without "enable VPID".
    public let vpid: UInt16
    /// 0 without CR4.PCIDE.
    public let pcid: UInt16
    /// Address of the EPT PML4 table; nil without EPT.
    public let ept: UInt64?
    public internal(set) var tables: Tables
    fileprivate let allowed: UInt8

    /// Whether accesses of a kind are let through without a walk.
    public func allows(_ right: Right, isUser: Bool) -> Bool {
        allowed & MemoryAccess(kind: right.kind, isUser: isUser).bit != 0
    }

    public enum Right: Sendable, CaseIterable {
        case read, write, execute

        fileprivate var kind: MemoryAccess.Kind {
            switch self {
            case .read: .read
            case .write: .write
            case .execute: .execute
            }
        }
    }

    /// It is used although the tables no longer say so. SDM 3A, "Delayed Invalidation".
    public var isStale: Bool { tables != .same && tables != .notInForce }
}

extension Machine {
    /// All translations that are remembered. Nothing that the guest could notice changes.
    ///
    /// - Parameter viewer: the registers whose tables are in force; the guest's, as a rule.
    public mutating func cachedTranslations(seenBy viewer: ProcessorState) -> [CachedTranslation] {
        let live = tlb.remembered.sorted { left, right in
            let (a, b) = (left.context, right.context)
            return (a.ept, a.vpid, a.pcid, left.entry.page)
                < (b.ept, b.vpid, b.pcid, right.entry.page)
        }
        let pages = live.map(\.entry.page)
        let (context, fresh) = walkedAnew(pages, seenBy: viewer)
        return zip(live, fresh).map { known, now in
            let isInForce =
                known.context == context || known.entry.isGlobal && known.context.shares(context)
            let ept = known.context.ept
            return CachedTranslation(
                linear: known.entry.page << 12, physical: known.entry.physical,
                pageSize: 1 << UInt64(known.entry.pageShift), isGlobal: known.entry.isGlobal,
                vpid: known.context.vpid, pcid: known.context.pcid,
                ept: ept == 0 ? nil : ept & ~0xFFF,
                tables: isInForce ? Self.compare(known.entry, now) : .notInForce,
                allowed: known.entry.allowed)
        }
    }

    private static func compare(
        _ known: TranslationCache.Entry, _ now: TranslationCache.Entry?
    ) -> CachedTranslation.Tables {
        guard let now else { return .nothing }
        if now.physical != known.physical { return .otherPage(now.physical) }
        return known.allowed & ~now.allowed == 0 ? .same : .fewerRights
    }

    /// What walks of the tables as they stand give for pages; nil where each access faults.
    private mutating func walkedAnew(
        _ pages: [UInt64], seenBy viewer: ProcessorState
    ) -> (TranslationContext, [TranslationCache.Entry?]) {
        inspect(seenBy: viewer) { machine in
            machine.selectTranslations()
            let found = pages.map { page -> TranslationCache.Entry? in
                let accesses = [MemoryAccess.Kind.write, .read, .execute].flatMap { kind in
                    [false, true].map { MemoryAccess(kind: kind, isUser: $0) }
                }
                for access in accesses where (try? machine.translate(page << 12, access)) != nil {
                    return machine.tlb.find(page << 12)?.pointee
                }
                return nil
            }
            return (machine.tlb.context, found)
        }
    }
}

extension TranslationContext {
    /// Global pages count in all PCIDs.
    fileprivate func shares(_ other: TranslationContext) -> Bool {
        vpid == other.vpid && ept == other.ept
    }
}
