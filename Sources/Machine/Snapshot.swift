/// Going back in time.
extension Machine {
    /// All that the machine's future depends on, so that a run that goes on from it is the same run,
    /// bit for bit. The translations that are remembered are part of it: a guest can tell whether a
    /// stale one is still there.
    ///
    /// Costs what changes after it: pages of memory are shared until one side writes to them.
    public struct Snapshot: Sendable {
        public let state: ProcessorState
        let memory: PhysicalMemory
        let ports: PortBus
        public let steps: UInt64
        let entries: Int
        let exits: Int
        let idleWork: UInt64
        let injected: PendingException?
        let delivering: PendingException?
        let debugging: DebugWatch
        let isInterruptNoted: Bool
        let wantsSystemManagement: Bool
        let translations: TranslationCache.Contents
        let window: CodeWindow
        let windowGrounds: CodeWindow.Grounds?

        /// How many pages of memory it keeps for itself, beside those that it shares with an earlier
        /// one of the same run.
        public func pageCount(since earlier: Snapshot) -> Int {
            memory.pagesWritten(since: earlier.memory).count
        }
    }

    public mutating func snapshot() -> Snapshot {
        // From here on pages are shared: host pointers may no longer be written through.
        tlb.dropHostPointers()
        knownVMCS = KnownVMCSPage()
        return Snapshot(
            state: state, memory: memory, ports: ports, steps: steps, entries: entries,
            exits: exits, idleWork: idleWork, injected: injected, delivering: delivering,
            debugging: debugging, isInterruptNoted: isInterruptNoted,
            wantsSystemManagement: wantsSystemManagement, translations: tlb.contents,
            window: window,
            windowGrounds: windowGrounds)
    }

    /// Puts the machine where it was, or will be. Decoded code stays, but for pages that differ.
    public mutating func restore(_ snapshot: Snapshot) {
        let differing =
            memory.pagesWritten(since: snapshot.memory)
            + snapshot.memory.pagesWritten(since: memory)
        for page in differing { _ = decoded.forget(page, size: PhysicalMemory.pageSize) }
        state = snapshot.state
        memory = snapshot.memory
        ports = snapshot.ports
        steps = snapshot.steps
        entries = snapshot.entries
        exits = snapshot.exits
        idleWork = snapshot.idleWork
        injected = snapshot.injected
        delivering = snapshot.delivering
        debugging = snapshot.debugging
        isInterruptNoted = snapshot.isInterruptNoted
        wantsSystemManagement = snapshot.wantsSystemManagement
        tlb.contents = snapshot.translations
        window = snapshot.window
        windowGrounds = snapshot.windowGrounds
        knownVMCS = KnownVMCSPage()
    }

    /// After a change of registers from outside: no translation that was made before counts.
    public mutating func forgetAllTranslations() {
        tlb.contents = TranslationCache().contents
        leaveCodeWindow()
        windowGrounds = nil
    }
}
