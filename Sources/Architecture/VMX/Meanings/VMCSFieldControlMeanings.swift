// What the control fields are for. Source: SDM 3C, "VM-Execution Control Fields", "VM-Exit Control
// Fields" and "VM-Entry Control Fields".

extension VMCSField {
    static let controlAddressMeanings: [Meaning] = [
        (
            .ioBitmapA,
            """
            The physical address of the page with one bit for each of the I/O ports 0 to 7FFFH. \
            An access to a port whose bit is 1 causes a VM exit while "use I/O bitmaps" is 1.
            """
        ),
        (
            .ioBitmapB,
            """
            The physical address of the page with one bit for each of the I/O ports 8000H to \
            FFFFH. An access to a port whose bit is 1 causes a VM exit while "use I/O bitmaps" \
            is 1.
            """
        ),
        (
            .msrBitmaps,
            """
            The physical address of a page with four bitmaps of 1 KByte: reads of the MSRs 0 to \
            1FFFH, reads of C0000000H to C0001FFFH, then writes of both ranges. A bit that is 1 \
            makes the access cause a VM exit.
            """
        ),
        (
            .executiveVMCSPointer,
            "Used by the dual-monitor treatment of SMIs and SMM alone; other software leaves it."
        ),
        (
            .pmlAddress,
            """
            The physical address of the page-modification log, a page of 512 entries. With \
            "enable PML" each guest-physical address whose EPT dirty flag gets set is written there.
            """
        ),
        (
            .virtualAPICAddress,
            """
            The physical address of the virtual-APIC page, where the guest's APIC registers are \
            kept, its task priority at offset 80H.
            """
        ),
        (
            .apicAccessAddress,
            """
            The physical address of the APIC-access page. Accesses to it are virtualized or cause \
            VM exits while "virtualize APIC accesses" is 1.
            """
        ),
        (
            .postedInterruptDescriptor,
            """
            The physical address of a 64-byte structure with one bit for each interrupt vector \
            that others have posted, and the bit that says that a notification is outstanding.
            """
        ),
        (
            .eptPointer,
            """
            The physical address of the first EPT table (bits 51:12), the memory type of the \
            tables (2:0), the page-walk length less 1 (5:3), and whether EPT sets accessed and \
            dirty flags (bit 6).
            """
        ),
        (
            .eptpListAddress,
            """
            The physical address of a page of 512 EPT pointers, from which VMFUNC with EAX 0 \
            selects one by ECX.
            """
        ),
        (
            .vmreadBitmap,
            """
            The physical address of a page with one bit for each field encoding of 15 bits. With \
            "VMCS shadowing", VMREAD of a field whose bit is 1 causes a VM exit.
            """
        ),
        (
            .vmwriteBitmap,
            """
            The physical address of a page with one bit for each field encoding of 15 bits. With \
            "VMCS shadowing", VMWRITE of a field whose bit is 1 causes a VM exit.
            """
        ),
        (
            .virtualizationExceptionInformationAddress,
            """
            The physical address of the page in which the processor describes an EPT violation \
            that it turned into a virtualization exception (#VE).
            """
        ),
        (
            .subPagePermissionTablePointer,
            """
            The physical address of the first table of sub-page write permissions, which allow \
            writes to 128-byte parts of a page that EPT makes read-only.
            """
        ),
        (
            .lowPASIDDirectoryAddress,
            """
            The physical address of the PASID directory for process address-space identifiers \
            whose bit 19 is 0.
            """
        ),
        (
            .highPASIDDirectoryAddress,
            """
            The physical address of the PASID directory for process address-space identifiers \
            whose bit 19 is 1.
            """
        ),
        (
            .hlatPointer,
            """
            The address of the paging structures that the hypervisor manages for the guest's \
            linear addresses, used instead of CR3 where HLAT paging applies.
            """
        ),
        (
            .pidPointerTableAddress,
            """
            The physical address of the table that leads from a destination APIC ID to the \
            posted-interrupt descriptor of that virtual processor.
            """
        ),
    ]

    static let controlListMeanings: [Meaning] = [
        (
            .vpid,
            """
            The number with which cached translations of linear addresses are tagged, so that \
            they need not be discarded at entries and exits. 0 is the host's and is not allowed \
            with "enable VPID".
            """
        ),
        (
            .postedInterruptNotificationVector,
            """
            The vector whose arrival makes the processor take over the posted interrupts instead \
            of causing a VM exit. Bits 15:8 must be 0.
            """
        ),
        (
            .eptpIndex,
            """
            The entry of the EPTP list that is in use. EPTP switching writes it, and a \
            virtualization exception reports it.
            """
        ),
        (
            .hlatPrefixSize,
            "How many upper bits of a linear address must be 1 for HLAT paging to translate it."
        ),
        (
            .lastPIDPointerIndex,
            "The greatest index of the PID-pointer table, used with IPI virtualization."
        ),
        (
            .tscOffset,
            """
            What is added, as a signed number, to the time-stamp counter that the guest reads \
            while "use TSC offsetting" is 1.
            """
        ),
        (
            .tscMultiplier,
            """
            What the time-stamp counter is multiplied by before the offset is added: a fixed-point \
            number with 48 bits behind the point.
            """
        ),
        (
            .eoiExitBitmap0,
            "One bit for each of the vectors 0 to 63: 1 makes its virtualized EOI cause a VM exit."
        ),
        (
            .eoiExitBitmap1,
            "One bit for each of the vectors 64 to 127: 1 makes its virtualized EOI cause a VM exit."
        ),
        (
            .eoiExitBitmap2,
            """
            One bit for each of the vectors 128 to 191: 1 makes its virtualized EOI cause a VM exit.
            """
        ),
        (
            .eoiExitBitmap3,
            """
            One bit for each of the vectors 192 to 255: 1 makes its virtualized EOI cause a VM exit.
            """
        ),
        (
            .xssExitingBitmap,
            """
            One bit for each state component. XSAVES and XRSTORS cause a VM exit if a bit is 1 \
            here, in IA32_XSS and in EDX:EAX.
            """
        ),
        (
            .enclsExitingBitmap,
            "One bit for each ENCLS function, by the value of EAX: 1 makes it cause a VM exit."
        ),
        (
            .enclvExitingBitmap,
            "One bit for each ENCLV function, by the value of EAX: 1 makes it cause a VM exit."
        ),
        (
            .pconfigExitingBitmap,
            "One bit for each PCONFIG function, by the value of EAX: 1 makes it cause a VM exit."
        ),
    ]
}
