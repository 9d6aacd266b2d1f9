#define _GNU_SOURCE
#include "ckvm.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// glibc before 2.38 has the field but no public name for it.
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

int ckvm_ioctl_value(int descriptor, unsigned long request, unsigned long value) {
    int result = ioctl(descriptor, request, value);
    return result < 0 ? -errno : result;
}

int ckvm_ioctl_pointer(int descriptor, unsigned long request, void *argument) {
    int result = ioctl(descriptor, request, argument);
    return result < 0 ? -errno : result;
}

// A signal must have a handler to interrupt a system call instead of ending the process.
static void tick(int signal) { (void)signal; }

// A real-time signal near the top of the range, which neither the libraries nor a terminal use.
static int tick_signal(void) { return SIGRTMAX - 2; }

static int catch_ticks(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = tick;
    // KVM_RUN returns EINTR all the same; other system calls of the thread go on.
    action.sa_flags = SA_RESTART;
    return sigaction(tick_signal(), &action, NULL) == 0 ? 0 : -errno;
}

static int start_timer(timer_t *timer, long milliseconds) {
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = tick_signal();
    event.sigev_notify_thread_id = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, timer) != 0) return -errno;

    struct timespec period = {
        .tv_sec = milliseconds / 1000,
        .tv_nsec = milliseconds % 1000 * 1000000,
    };
    struct itimerspec setting = {.it_interval = period, .it_value = period};
    if (timer_settime(*timer, 0, &setting, NULL) == 0) return 0;
    int error = errno;
    timer_delete(*timer);
    return -error;
}

int ckvm_ticks_start(struct ckvm_ticks *ticks, long milliseconds) {
    int result = catch_ticks();
    if (result != 0) return result;
    result = start_timer(&ticks->timer, milliseconds);
    if (result != 0) return result;
    // The threads that run Swift tasks block nearly every signal.
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, tick_signal());
    pthread_sigmask(SIG_UNBLOCK, &wanted, &ticks->blocked);
    return 0;
}

void ckvm_ticks_stop(const struct ckvm_ticks *ticks) {
    timer_delete(ticks->timer);
    pthread_sigmask(SIG_SETMASK, &ticks->blocked, NULL);
}
