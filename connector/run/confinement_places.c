#include "run/confinement.h"

#include "base/file.h"
#include "base/sanitized.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

/* What is everybody's to read on this machine. Sockets need no rule to be connected to: nscd,
 * systemd-resolved, sssd, winbind, gssproxy, KCM, agents, the system's log. */
static const struct {
    const char *path;
    unsigned access;
} places[] = {
    {"/usr", LANDLOCK_READ},
    {"/lib", LANDLOCK_READ},
    {"/lib32", LANDLOCK_READ},
    {"/lib64", LANDLOCK_READ},
    {"/libx32", LANDLOCK_READ},
    {"/bin", LANDLOCK_READ},
    {"/sbin", LANDLOCK_READ},
    {"/opt", LANDLOCK_READ},
    {"/nix/store", LANDLOCK_READ},
    {"/gnu/store", LANDLOCK_READ},
    {"/run/current-system", LANDLOCK_READ},
    {"/run/NetworkManager", LANDLOCK_READ}, /* who writes /etc/resolv.conf */
    {"/run/connman", LANDLOCK_READ},
    {"/run/netconfig", LANDLOCK_READ},
    {"/run/resolvconf", LANDLOCK_READ},
    {"/run/systemd", LANDLOCK_READ},
    {"/run/nscd", LANDLOCK_READ},
    {"/var/db", LANDLOCK_READ}, /* name services */
    {"/var/lib/extrausers", LANDLOCK_READ},
    {"/var/lib/misc", LANDLOCK_READ},
    {"/var/lib/sss/mc", LANDLOCK_READ},
    {"/var/yp", LANDLOCK_READ},
    {"/var/lib/sss/pubconf", LANDLOCK_READ}, /* Kerberos and TLS */
    {"/var/lib/ca-certificates", LANDLOCK_READ},
    {"/var/lib/softhsm", LANDLOCK_READ},
    {"/proc/self", LANDLOCK_READ},
    {"/proc/cpuinfo", LANDLOCK_READ},
    {"/proc/filesystems", LANDLOCK_READ},
    {"/proc/meminfo", LANDLOCK_READ},
    {"/proc/stat", LANDLOCK_READ},
    {"/proc/sys", LANDLOCK_READ},
    {"/sys/devices/system", LANDLOCK_READ},
    {"/dev/full", LANDLOCK_READ | LANDLOCK_WRITE},
    {"/dev/null", LANDLOCK_READ | LANDLOCK_WRITE},
    {"/dev/random", LANDLOCK_READ},
    {"/dev/urandom", LANDLOCK_READ},
    {"/dev/zero", LANDLOCK_READ | LANDLOCK_WRITE},
#if SANITIZED
    {"/", LANDLOCK_READ | LANDLOCK_START}, /* it reads the program, and has functions named */
#endif
};

/* Where the environment says that libraries find their files: lists of paths, of which some begin
 * with a kind ("FILE:"). */
static const char *const variables[] = {
    "CURL_CA_BUNDLE",
    "GSS_MECH_CONFIG",
    "HOSTALIASES",
    "KRB5_CLIENT_KTNAME",
    "KRB5_CONFIG",
    "KRB5_KTNAME",
    "KRB5CCNAME",
    "LDAPCONF",
    "LDAPRC",
    "LDAPTLS_CACERT",
    "LDAPTLS_CACERTDIR",
    "LDAPTLS_CERT",
    "LDAPTLS_CRLFILE",
    "LDAPTLS_KEY",
    "LD_LIBRARY_PATH",
    "LOCPATH",
    "OPENSSL_CONF",
    "OPENSSL_CONF_INCLUDE",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "PKCS11_MODULE_PATH",
    "SASL_CONF_PATH",
    "SASL_PATH",
    "SOFTHSM2_CONF",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TZ",
    "TZDIR",
};

/* What libraries read in the home of who runs this. */
static const char *const in_home[] = {".ldaprc", "ldaprc", ".k5identity", ".config/pkcs11",
                                      ".config/softhsm2"};

/* Below /etc what is not for others, though it may lie open: keys of the machine, other feeds. */
static const char feeds_folder[] = "ldap2alma", ssh_folder[] = "ssh";
/* Where a feed's settings lie in one of these, its folder is the libraries' in the first place. */
static const char *const shared[] = {"ldap", "openldap", "pki", "sasl2", "ssl", NULL};

struct loaded {
    const struct confine *confine;
    struct arena *arena;
};

/* Libraries that are somewhere of their own, such as below a home, have there what they load later.
 */
static int
allow_library(struct dl_phdr_info *library, size_t size, void *context)
{
    const struct loaded *loaded = context;
    const char *path = library->dlpi_name;

    (void)size;
    /* The dynamic linker counts as started with each program. */
    if (path && strncmp(file_name(path), "ld", 2) == 0)
        landlock_allow(&loaded->confine->landlock, path, LANDLOCK_START);
    if (path && path[0] == '/' && strncmp(path, "/usr/", 5) != 0 && strncmp(path, "/lib", 4) != 0)
        landlock_allow(&loaded->confine->landlock, file_folder(loaded->arena, path), LANDLOCK_READ);
    return 0;
}

/* The paths of a list. */
static void
allow_list(const struct confine *confine, const char *value, unsigned access, struct arena *arena)
{
    while (value && *value) {
        struct slice item = {value, strcspn(value, ":;")};

        if (memchr(item.data, '/', item.length))
            landlock_allow(&confine->landlock, arena_copy(arena, item.data, item.length), access);
        value += item.length + (value[item.length] != '\0');
    }
}

/* The name in /etc of the settings' own folder, where it lies there and is not shared; else "". */
static const char *
own_folder(const char *settings_path, struct arena *arena)
{
    static const char etc[] = "/etc/";
    const char *folder = file_folder(arena, file_real_path(arena, settings_path)), *name;

    if (strncmp(folder, etc, strlen(etc)) != 0)
        return "";
    name = arena_copy(arena, folder + strlen(etc), strcspn(folder + strlen(etc), "/"));
    for (size_t i = 0; shared[i]; i++)
        if (strcmp(name, shared[i]) == 0)
            return "";
    return name;
}

void
confinement_allow_system(const struct confine *confine, const char *settings_path,
                         struct arena *arena)
{
    const char *const but[] = {feeds_folder, ssh_folder, own_folder(settings_path, arena), NULL};
    const char *home = getenv("HOME");
    struct loaded loaded = {confine, arena};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        landlock_allow(&confine->landlock, places[i].path, places[i].access);
    confine_allow_public(confine, "/etc", but);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        allow_list(confine, getenv(variables[i]), LANDLOCK_READ, arena);
    for (size_t i = 0; home && i < sizeof in_home / sizeof *in_home; i++)
        landlock_allow(&confine->landlock, arena_format(arena, "%s/%s", home, in_home[i]),
                       LANDLOCK_READ);
    landlock_allow(&confine->landlock, "ldaprc", LANDLOCK_READ);
    dl_iterate_phdr(allow_library, &loaded);
#if SANITIZED
    if (getenv("LLVM_PROFILE_FILE")) /* what ran is written down at the end */
        landlock_allow(&confine->landlock, file_folder(arena, getenv("LLVM_PROFILE_FILE")),
                       LANDLOCK_READ | LANDLOCK_WRITE);
#endif
}

void
confinement_allow_programs(const struct confine *confine, struct arena *arena)
{
    static const char system[] = "/usr:/bin:/sbin:/lib:/lib32:/lib64:/opt:/nix/store:/gnu/store";

    allow_list(confine, system, LANDLOCK_READ | LANDLOCK_START, arena);
    allow_list(confine, getenv("PATH"), LANDLOCK_READ | LANDLOCK_START, arena);
}
