// A wall clock that is off by what a file says, for the process that this is loaded into
// (LD_PRELOAD). The monotonic clock stays as it is.
//
// The file holds one number, nanoseconds, in the byte order of the machine. It is mapped, so that
// whoever writes it moves the clock at once, and that asking for the time costs nothing more.
//
// Why not libfaketime: it changes the environment before main, and then the Swift runtime does not
// find the arguments of the process any more.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t second = 1000000000;
static int64_t here;
static _Atomic int64_t *offset = (_Atomic int64_t *)&here;

__attribute__((constructor)) static void map_file(void) {
    const char *path = getenv("DRILL_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) offset = mapped;
}

static void move(struct timespec *time, int64_t nanoseconds) {
    int64_t moved = time->tv_sec * second + time->tv_nsec + nanoseconds;
    time->tv_sec = moved / second;
    time->tv_nsec = moved % second;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        move(time, *offset);
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

// Deadlines that were reckoned from the moved clock, for the kernel, which has the true one. A
// deadline of the monotonic clock counts from the start of the machine, so it is far smaller.
static struct timespec true_deadline(const struct timespec *deadline) {
    struct timespec moved = *deadline;
    if (moved.tv_sec > 1000000000) move(&moved, -*offset);
    return moved;
}

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
    const struct timespec *restrict deadline) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    // By its version: without one the linker may give the function of before 2003.
    if (!real) real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real) real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec moved = true_deadline(deadline);
    return real(condition, mutex, &moved);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
    static int (*real)(sem_t *, const struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec moved = true_deadline(deadline);
    return real(semaphore, &moved);
}
