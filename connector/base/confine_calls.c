#include "base/confine_calls.h"

#include "base/confine.h"
#include "base/sanitized.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* A call is let through where one of its wishes is there. */
struct group {
    unsigned unless;
    const char *const *calls; /* ends with NULL */
};

enum { BY_SANITIZERS = 0x100 };

/* Names, as libseccomp knows those of other machines, too, and a later one those of later kernels:
 * what it does not know is passed over. */
static const char *const of_others[] = {"process_vm_readv", "ptrace", NULL};
static const char *const of_others_too[] = {
    "kcmp", "pidfd_getfd", "process_madvise", "process_mrelease", "process_vm_writev", NULL};
static const char *const of_the_kernel[] = {"_sysctl",
                                            "acct",
                                            "bpf",
                                            "create_module",
                                            "delete_module",
                                            "fanotify_init",
                                            "finit_module",
                                            "get_kernel_syms",
                                            "init_module",
                                            "io_uring_enter",
                                            "io_uring_register",
                                            "io_uring_setup",
                                            "ioperm",
                                            "iopl",
                                            "kexec_file_load",
                                            "kexec_load",
                                            "lookup_dcookie",
                                            "modify_ldt",
                                            "nfsservctl",
                                            "open_by_handle_at",
                                            "perf_event_open",
                                            "query_module",
                                            "quotactl",
                                            "quotactl_fd",
                                            "reboot",
                                            "swapoff",
                                            "swapon",
                                            "syslog",
                                            "userfaultfd",
                                            "uselib",
                                            "vhangup",
                                            "vm86",
                                            "vm86old",
                                            NULL};
static const char *const of_mounts[] = {
    "chroot",     "fsconfig",  "fsmount",        "fsopen",     "fspick", "mount",  "mount_setattr",
    "move_mount", "open_tree", "open_tree_attr", "pivot_root", "setns",  "umount", "umount2",
    "unshare",    NULL};
static const char *const of_the_machine[] = {
    "adjtimex",      "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64",
    "setdomainname", "sethostname",   "settimeofday",    "stime",         NULL};
static const char *const of_identity[] = {"capset",      "setfsgid",  "setfsgid32",  "setfsuid",
                                          "setfsuid32",  "setgid",    "setgid32",    "setgroups",
                                          "setgroups32", "setregid",  "setregid32",  "setresgid",
                                          "setresgid32", "setresuid", "setresuid32", "setreuid",
                                          "setreuid32",  "setuid",    "setuid32",    NULL};
/* Landlock does not ask who may change owners, modes and dates, nor who watches a folder: modes are
 * changed by descriptor alone, and nobody becomes another user by them (see `requests`). */
static const char *const of_files_by_name[] = {
    "chmod",        "chown",     "chown32",   "fchmodat",     "fchmodat2",         "fchown",
    "fchown32",     "fchownat",  "fsetxattr", "fremovexattr", "inotify_add_watch", "lchown",
    "lchown32",     "lsetxattr", "mknod",     "mknodat",      "removexattr",       "removexattrat",
    "lremovexattr", "setxattr",  "futimesat", "setxattrat",   "truncate",          "truncate64",
    "utime",        "utimes",    NULL};
/* It connects, and nobody connects to it. */
static const char *const of_servers[] = {"accept", "accept4", "listen", NULL};
static const char *const of_programs[] = {"execve", "execveat", NULL};
static const char *const of_keys[] = {"add_key", "keyctl", "request_key", NULL};

static const struct group groups[] = {
    {BY_SANITIZERS, of_others},
    {0, of_others_too},
    {0, of_the_kernel},
    {0, of_mounts},
    {0, of_the_machine},
    {0, of_identity},
    {0, of_files_by_name},
    {0, of_servers},
    {CONFINE_PROGRAMS | BY_SANITIZERS, of_programs},
    {CONFINE_KEYS, of_keys},
};

/* Sockets of the network, of this machine, and for what the kernel says of its addresses. */
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static const scmp_datum_t namespaces[] = {CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
                                          CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
                                          CLONE_NEWNET};

/* Refused with these arguments. Those that are ints are looked at with a mask, as the other half of
 * a register is not theirs. */
static const struct {
    int call;
    struct scmp_arg_cmp argument;
} requests[] = {
#define ALL UINT32_MAX
#define HAS(flag) SCMP_CMP_MASKED_EQ, (flag), (flag)
#define IS(value) SCMP_CMP_MASKED_EQ, ALL, (value)
    /* What puts letters into somebody's terminal as if they were typed. */
    {SCMP_SYS(ioctl), {1, IS(TIOCSTI)}},
    {SCMP_SYS(ioctl), {1, IS(TIOCLINUX)}},
    {SCMP_SYS(fchmod), {1, HAS(S_ISUID)}},
    {SCMP_SYS(fchmod), {1, HAS(S_ISGID)}},
    /* It connects, and Landlock is not asked. */
    {SCMP_SYS(sendto), {3, HAS(MSG_FASTOPEN)}},
    {SCMP_SYS(sendmsg), {2, HAS(MSG_FASTOPEN)}},
    {SCMP_SYS(sendmmsg), {3, HAS(MSG_FASTOPEN)}},
    /* By name; by descriptor there is none. */
    {SCMP_SYS(utimensat), {1, SCMP_CMP_NE, 0, 0}},
    /* Other processes than this one. */
    {SCMP_SYS(ioprio_set), {1, SCMP_CMP_NE, 0, 0}},
    {SCMP_SYS(prlimit64), {0, SCMP_CMP_NE, 0, 0}},
    {SCMP_SYS(sched_setaffinity), {0, SCMP_CMP_NE, 0, 0}},
    {SCMP_SYS(sched_setattr), {0, SCMP_CMP_NE, 0, 0}},
    {SCMP_SYS(sched_setparam), {0, SCMP_CMP_NE, 0, 0}},
    {SCMP_SYS(sched_setscheduler), {0, SCMP_CMP_NE, 0, 0}},
    {SCMP_SYS(setpriority), {1, SCMP_CMP_NE, 0, 0}},
#undef ALL
#undef HAS
#undef IS
};

/* Landlock's ports are TCP's: what else makes connections goes around them. */
enum { SOCKET_KINDS = 0xf };
static const scmp_datum_t kinds[] = {SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, SOCK_DCCP, SOCK_PACKET};

static bool
refuse_groups(scmp_filter_ctx filter, unsigned wishes)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        const char *const *call = groups[i].calls;

        for (; !(groups[i].unless & wishes) && *call; call++) {
            int number = seccomp_syscall_resolve_name(*call);

            if (number >= 0 && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0) != 0)
                return false;
        }
    }
    return true;
}

static bool
refuse_families(scmp_filter_ctx filter)
{
    int family = 0,
        refused = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                   SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0));

    for (size_t i = 0; i < sizeof families / sizeof *families; i++, family++)
        for (; refused == 0 && family < families[i]; family++)
            refused = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                       SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0));
    return refused == 0;
}

/* Of the network's sockets TCP and UDP are left, of the kernel's those about addresses. */
static bool
refuse_protocols(scmp_filter_ctx filter)
{
    static const scmp_datum_t networks[] = {AF_INET, AF_INET6};
    int refused = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                                   SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0),
                                   SCMP_A2(SCMP_CMP_NE, NETLINK_ROUTE, 0));

    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        for (size_t j = 0; refused == 0 && j < sizeof kinds / sizeof *kinds; j++)
            refused = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                                       SCMP_A0(SCMP_CMP_EQ, networks[i], 0),
                                       SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_KINDS, kinds[j]));
        if (refused == 0)
            refused = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
                                       SCMP_A0(SCMP_CMP_EQ, networks[i], 0),
                                       SCMP_A2(SCMP_CMP_GT, IPPROTO_UDP, 0));
    }
    return refused == 0;
}

static bool
refuse_arguments(scmp_filter_ctx filter)
{
#ifdef __s390__
    enum { CLONE_FLAGS = 1 };
#else
    enum { CLONE_FLAGS = 0 };
#endif
    int refused = 0;

    for (size_t i = 0; refused == 0 && i < sizeof namespaces / sizeof *namespaces; i++)
        refused = seccomp_rule_add(
            filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
            SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
    for (size_t i = 0; refused == 0 && i < sizeof requests / sizeof *requests; i++)
        refused = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), requests[i].call, 1,
                                   requests[i].argument);
    /* Its flags lie in memory, where no filter looks; the C library then calls clone(). */
    return refused == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

bool
confine_calls(unsigned wishes)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool ok;

    if (!filter)
        return false;
    if (SANITIZED)
        wishes |= BY_SANITIZERS;
    /* A tree in place of a list: what it costs is then paid by nobody who reads and writes. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    ok = refuse_groups(filter, wishes) && refuse_families(filter) && refuse_protocols(filter) &&
         refuse_arguments(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok;
}
