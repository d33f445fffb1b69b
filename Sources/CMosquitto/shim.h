/* libmosquitto, the Eclipse Mosquitto client library; imported by MQTTTransport alone. */
#pragma once
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <mosquitto.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/*
 * Lets socketpair(2) fail with EMFILE on the calling thread, for as long as the thread lives.
 *
 * mosquitto_new() makes a socket pair for the library's own threads and writes a byte into it for each packet it
 * sends. A program with its own loop never reads that: two descriptors and up to 200 KiB of kernel memory for nothing,
 * on each of 10 000 connections. The library copes with the failure; there is no option to ask for it.
 * Returns 0, or -1 where the kernel does not allow filters; then everything works, only dearer.
 */
static inline int station_refuse_socketpair(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socketpair, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return -1;
    }
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
