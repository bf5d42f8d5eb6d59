#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What headers older than the kernel lack (include/uapi/linux/landlock.h). */
enum {
    VERSION_REFER = 2,
    VERSION_TRUNCATE = 3,
    VERSION_PORTS = 4,
    VERSION_SCOPES = 6,
    RIGHT_REFER = 1 << 13,
    RIGHT_TRUNCATE = 1 << 14,
    NET_BIND = 1,
    NET_CONNECT = 2,
    SCOPE_ABSTRACT_SOCKETS = 1,
    SCOPE_SIGNALS = 2,
    RULE_PORT = 2
};

struct ruleset {
    uint64_t files, net, scoped;
};

struct port_rule {
    uint64_t access, port;
};

/* By enum landlock_access: the kernel's rights in folders, of which those of files alone. */
static const struct {
    unsigned access;
    uint64_t rights;
} access_rights[] = {
    {LANDLOCK_READ, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR},
    {LANDLOCK_WRITE, LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                         LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                         LANDLOCK_ACCESS_FS_REMOVE_DIR | RIGHT_REFER | RIGHT_TRUNCATE},
    {LANDLOCK_START, LANDLOCK_ACCESS_FS_EXECUTE},
    {LANDLOCK_REMOVE_FOLDERS, LANDLOCK_ACCESS_FS_REMOVE_DIR},
};
static const uint64_t file_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                    LANDLOCK_ACCESS_FS_EXECUTE | RIGHT_TRUNCATE;

/* All rights of files that this version can refuse. Commands to devices, which the fifth brought,
 * are left alone: nothing but harmless devices can be opened. */
static uint64_t
known_rights(int version)
{
    if (version >= VERSION_TRUNCATE)
        return (RIGHT_TRUNCATE << 1) - 1;
    return version >= VERSION_REFER ? (RIGHT_REFER << 1) - 1 : RIGHT_REFER - 1;
}

bool
landlock_begin(struct landlock *landlock, unsigned reach)
{
    struct ruleset set = {0};
    size_t size = offsetof(struct ruleset, net);
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    *landlock = (struct landlock){.rules = -1};
    if (version < 1)
        return false;
    set.files = known_rights((int)version);
    if (version >= VERSION_PORTS) {
        size = offsetof(struct ruleset, scoped);
        set.net = reach & LANDLOCK_ALL_PORTS ? NET_BIND : NET_BIND | NET_CONNECT;
    }
    if (version >= VERSION_SCOPES) {
        size = sizeof set;
        set.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    }
    landlock->version = (int)version;
    landlock->ports = (set.net & NET_CONNECT) != 0;
    landlock->rules = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
    return landlock->rules >= 0;
}

void
landlock_allow_open(const struct landlock *landlock, int fd, unsigned access)
{
    struct landlock_path_beneath_attr rule = {.parent_fd = fd};
    struct stat info;

    if (landlock->rules < 0 || fstat(fd, &info) != 0)
        return;
    for (size_t i = 0; i < sizeof access_rights / sizeof *access_rights; i++)
        if (access & access_rights[i].access)
            rule.allowed_access |= access_rights[i].rights;
    rule.allowed_access &= known_rights(landlock->version);
    if (!S_ISDIR(info.st_mode))
        rule.allowed_access &= file_rights;
    /* What is no part of a file system, such as a pipe, needs no rule and gets none. */
    (void)syscall(SYS_landlock_add_rule, landlock->rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

void
landlock_allow(const struct landlock *landlock, const char *path, unsigned access)
{
    int fd = landlock->rules < 0 ? -1 : open(path, O_PATH | O_CLOEXEC);

    if (fd < 0)
        return;
    landlock_allow_open(landlock, fd, access);
    close(fd);
}

void
landlock_allow_port(const struct landlock *landlock, uint16_t port)
{
    const struct port_rule rule = {NET_CONNECT, port};

    if (landlock->ports)
        (void)syscall(SYS_landlock_add_rule, landlock->rules, RULE_PORT, &rule, 0);
}

bool
landlock_enter(struct landlock *landlock)
{
    long failed = 0;
    int reason;

    if (landlock->rules < 0)
        return true;
    failed = syscall(SYS_landlock_restrict_self, landlock->rules, 0);
    reason = errno;
    close(landlock->rules);
    landlock->rules = -1;
    errno = reason;
    return failed == 0;
}
