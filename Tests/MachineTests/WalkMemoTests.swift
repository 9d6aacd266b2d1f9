import Architecture
import Testing

@testable import Machine

/// A walk whose entries have not changed is not made again. Held here against walking each time,
/// over tables and registers that change.
@Suite("What is remembered of walks")
struct WalkMemoTests {
    enum Paging: CaseIterable { case legacy, pae, fourLevel }

    /// A linear congruential generator: the same numbers on every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private enum Place {
        static let memorySize: UInt64 = 1 << 20
        /// Four pages of tables, each the next one's.
        static let tables: UInt64 = 0x1_0000
        static let page: UInt64 = 0x1000
    }

    /// Linear addresses of neighbouring 4-KiB pages: two tables have entries for each of them.
    private static let pages: [UInt64] = [0, 0x1000, 0x2000, 0x3000]

    private static func machine(_ paging: Paging) -> Machine {
        var machine = Machine(processor: .skylake, memorySize: Place.memorySize)
        start(&machine, paging)
        return machine
    }

    private static func start(_ machine: inout Machine, _ paging: Paging) {
        let levels = paging == .fourLevel ? 4 : 2
        let size = paging == .legacy ? 4 : 8
        for level in 0..<UInt64(levels) {
            let table = Place.tables + level * Place.page
            let isLast = level + 1 == UInt64(levels)
            for index in 0..<(isLast ? UInt64(pages.count) : 1) {
                let next = isLast ? 0x2_0000 + index * Place.page : table + Place.page
                machine.writePhysical(table + index * UInt64(size), next | 7, size: size)
            }
        }
        machine.state.cr0 = 0x8001_0031
        machine.state.cr3 = Place.tables
        machine.state.cr4 = 0
        machine.state.flags = Flags()
        if paging != .legacy {
            machine.state.cr4 = CR4Bit.pae.mask
            machine.state.efer = EFERBit.nxe.mask
        }
        if paging == .fourLevel { machine.state.efer |= EFERBit.lme.mask | EFERBit.lma.mask }
        if paging == .pae { machine.state.pdptes[0] = Place.tables | 1 }
    }

    /// What comes of it: the physical address, or the page fault's error code.
    private enum Outcome: Equatable {
        case physical(UInt64)
        case fault(UInt32?, UInt64)
    }

    private static func translate(
        _ machine: inout Machine, _ linear: UInt64, _ access: MemoryAccess
    ) -> Outcome {
        machine.tlb.renew(thenSelecting: TranslationContext())
        do throws(Abort) {
            return .physical(try machine.translate(linear, access))
        } catch {
            return .fault(machine.pendingException.errorCode, machine.pendingException.detail)
        }
    }

    private static func tables(of machine: borrowing Machine) -> [UInt64] {
        var entries: [UInt64] = []
        for table in 0..<UInt64(4) {
            for offset in stride(from: 0, to: UInt64(32), by: 8) {
                let address = Place.tables + table * Place.page + offset
                entries.append(machine.memory.read(address, size: 8))
            }
        }
        return entries
    }

    private static func change(
        _ machine: inout Machine, _ paging: Paging, _ generator: inout Generator
    ) {
        let mostlyLow = UInt64.random(in: 0..<4, using: &generator) > 0
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: machine.state.cr0 ^= CR0Bit.wp.mask
        case 1:
            let bits: [CR4Bit] = [.smep, .smap, .pge, .pse]
            machine.state.cr4 ^= (bits.randomElement(using: &generator) ?? .pge).mask
        case 2 where paging != .legacy: machine.state.efer ^= EFERBit.nxe.mask
        case 3: machine.state.flags.control ^= FlagBit.ac.mask
        default:
            let table = UInt64.random(in: 0..<4, using: &generator)
            let size = paging == .legacy ? 4 : 8
            let entry =
                table * Place.page + UInt64.random(in: 0..<4, using: &generator) * UInt64(size)
            let width = paging == .legacy ? 32 : 64
            let bit = UInt64.random(in: 0..<UInt64(mostlyLow ? 8 : width), using: &generator)
            let before = machine.memory.read(Place.tables + entry, size: size)
            machine.writePhysical(Place.tables + entry, before ^ 1 << bit, size: size)
        }
    }

    @Test("A walk finds what it would find if none were remembered", arguments: Paging.allCases)
    func sameAsAfresh(paging: Paging) throws {
        var generator = Generator(state: 11)
        var remembering = Self.machine(paging)
        var forgetful = Self.machine(paging)
        var faults = 0
        for step in 0..<4_000 {
            // From tables that fault there is little way on.
            if step % 16 == 0 {
                Self.start(&remembering, paging)
                Self.start(&forgetful, paging)
            }
            if Int.random(in: 0..<3, using: &generator) == 0 {
                var same = generator
                Self.change(&remembering, paging, &same)
                Self.change(&forgetful, paging, &generator)
            }
            let kinds: [MemoryAccess.Kind] = [.read, .write, .execute, .execute]
            let linear =
                (Self.pages.randomElement(using: &generator) ?? 0)
                + UInt64.random(in: 0..<4096, using: &generator)
            let access = MemoryAccess(
                kind: kinds.randomElement(using: &generator) ?? .read,
                isUser: Bool.random(using: &generator))
            forgetful.tlb.walks.forgetAll()
            let expected = Self.translate(&forgetful, linear, access)
            let found = Self.translate(&remembering, linear, access)
            try #require(found == expected, "step \(step)")
            if case .fault = found { faults += 1 }
            // Flags that walks set.
            try #require(Self.tables(of: remembering) == Self.tables(of: forgetful), "step \(step)")
        }
        #expect(faults > 200 && faults < 3_800)
    }

    @Test("It is remembered: the same walk again reads no table")
    func remembers() {
        var machine = Self.machine(.fourLevel)
        let access = MemoryAccess(kind: .execute, isUser: false)
        #expect(Self.translate(&machine, 0x1234, access) == .physical(0x2_1234))
        var key = WalkMemo.Key()
        key.page = 1
        key.root = machine.state.cr3
        key.cr0 = machine.state.cr0
        key.cr4 = machine.state.cr4
        key.efer = machine.state.efer
        key.apicPage = machine.state.msrs.apicPage
        #expect(machine.tlb.walks.find(key, in: machine.memory)?.pointee.physical == 0x2_1000)
        machine.writePhysical(Place.tables + Place.page, 0, size: 8)
        #expect(machine.tlb.walks.find(key, in: machine.memory) == nil)
    }

    @Test("A table in the local APIC's page is registers, and read each time")
    func registers() {
        var machine = Self.machine(.fourLevel)
        machine.state.msrs.apicBase = Place.tables + 3 * Place.page | APICBaseBit.enable.mask
        let access = MemoryAccess(kind: .read, isUser: false)
        // At offset 80H is the task-priority register: 21H is present and accessed, 20H is not
        // present.
        let linear: UInt64 = 0x1_0000
        machine.state.apic.taskPriority = 0x21
        #expect(Self.translate(&machine, linear, access) == .physical(0))
        machine.state.apic.taskPriority = 0x20
        #expect(Self.translate(&machine, linear, access) == .fault(0, linear))
    }
}
