// What Swift cannot reach of the kernel's KVM interface by itself: request numbers that are
// function-like macros, the variadic ioctl, a structure that ends in an open array, and a timer
// that signals one thread. Everything else comes straight from <linux/kvm.h>.

#ifndef CKVM_H
#define CKVM_H

#include <linux/kvm.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

// Request numbers. The names are the kernel's with a "C" in front.
static const unsigned long CKVM_GET_API_VERSION = KVM_GET_API_VERSION;
static const unsigned long CKVM_CHECK_EXTENSION = KVM_CHECK_EXTENSION;
static const unsigned long CKVM_GET_VCPU_MMAP_SIZE = KVM_GET_VCPU_MMAP_SIZE;
static const unsigned long CKVM_GET_SUPPORTED_CPUID = KVM_GET_SUPPORTED_CPUID;
static const unsigned long CKVM_CREATE_VM = KVM_CREATE_VM;
static const unsigned long CKVM_SET_TSS_ADDR = KVM_SET_TSS_ADDR;
static const unsigned long CKVM_SET_IDENTITY_MAP_ADDR = KVM_SET_IDENTITY_MAP_ADDR;
static const unsigned long CKVM_SET_USER_MEMORY_REGION = KVM_SET_USER_MEMORY_REGION;
static const unsigned long CKVM_GET_DIRTY_LOG = KVM_GET_DIRTY_LOG;
static const unsigned long CKVM_CREATE_VCPU = KVM_CREATE_VCPU;
static const unsigned long CKVM_SET_CPUID2 = KVM_SET_CPUID2;
static const unsigned long CKVM_GET_REGS = KVM_GET_REGS;
static const unsigned long CKVM_SET_REGS = KVM_SET_REGS;
static const unsigned long CKVM_GET_SREGS = KVM_GET_SREGS;
static const unsigned long CKVM_SET_SREGS = KVM_SET_SREGS;
static const unsigned long CKVM_SET_GUEST_DEBUG = KVM_SET_GUEST_DEBUG;
static const unsigned long CKVM_RUN = KVM_RUN;

/// The most CPUID entries that `struct ckvm_cpuid` holds (KVM_MAX_CPUID_ENTRIES of the kernel).
#define CKVM_CPUID_ENTRIES 256

/// `struct kvm_cpuid2`, which ends in an array of no size, with room for its entries.
struct ckvm_cpuid {
    uint32_t nent;
    uint32_t padding;
    struct kvm_cpuid_entry2 entries[CKVM_CPUID_ENTRIES];
};

_Static_assert(
    offsetof(struct ckvm_cpuid, entries) == sizeof(struct kvm_cpuid2),
    "the entries follow the kernel's header");

/// An ioctl with a number as its argument: the result, or the negated errno.
int ckvm_ioctl_value(int descriptor, unsigned long request, unsigned long value);

/// An ioctl with a pointer as its argument: the result, or the negated errno.
int ckvm_ioctl_pointer(int descriptor, unsigned long request, void *argument);

/// A timer that signals one thread, and the signals that the thread blocked before it.
struct ckvm_ticks {
    timer_t timer;
    sigset_t blocked;
};

/// Makes a timer that sends a signal to the calling thread every `milliseconds`, first after one
/// such time. The signal does nothing but end a KVM_RUN with EINTR. Zero, or the negated errno.
int ckvm_ticks_start(struct ckvm_ticks *ticks, long milliseconds);

/// Ends such a timer, on the thread that made it.
void ckvm_ticks_stop(const struct ckvm_ticks *ticks);

#endif
