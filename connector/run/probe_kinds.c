#include "run/probe_kinds.h"

#include <stddef.h>
#include <string.h>

struct kind {
    const char *name, *remedy;
};

static const struct kind kinds[] = {
    {"mapping", "Mend the mapping: each fault is told with its place."},
    {"state.open", "Look at 'state' in the settings, and at the file and its folder."},
    {"state.sound", "Move the file away and run 'ldap2alma state rebuild', or put back a copy."},
    {"account", "Run it by the account whose feed it is."},
    {"spool.folder", "Look at 'spool' in the settings, and at the folder and its owner."},
    {"spool.space", "Make room there, or name another folder as 'spool'."},
    {"directory.settings", "Mend 'directory' in the settings."},
    {"directory.srv", "Check 'directory.srv', and this machine's DNS."},
    {"directory.name", "Check the server's name in 'directory.uri', and this machine's DNS."},
    {"directory.connection", "Check that the server runs, and 'directory.uri'."},
    {"directory.tls", "Check 'directory.tls', and the server's certificate."},
    {"directory.login", "Check 'directory.bind'."},
    {"directory.root_dse", "Look at the server's own log."},
    {"directory.schema", "Look at the server's own log."},
    {"directory.store",
     "Look at 'directory.push.entries' in the settings, and at the file and its folder."},
    {"directory.search", "Check 'directory.searches'."},
    {"directory.groups", "Check 'directory.groups', and what the account may read of groups."},
    {"directory.changes", "Check 'changes.detect', and the account's rights."},
    {"people", "Look at the searches, and at 'select' and 'require' of the mapping."},
    {"people.schema", "This is a fault of ldap2alma: report it with one of these records."},
    {"delivery.settings", "Mend 'delivery' in the settings."},
    {"delivery.secrets", "Mend the file that 'delivery.sftp' names."},
    {"delivery.connection",
     "Check 'delivery.sftp', that the server runs, and that no firewall is in "
     "between."},
    {"delivery.host_key", "Check 'delivery.sftp.known_hosts' or 'fingerprint'."},
    {"delivery.login", "Check user, key and password in 'delivery.sftp', and that the server knows "
                       "them."},
    {"delivery.directory",
     "Check the directory in 'delivery', and the account's right to enter it."},
    {"delivery.write", "Give the account the right to make files there, and make room."},
    {"delivery.stat", "Give the account the right to see the sizes of its files."},
    {"delivery.rename", "Give the account the right to rename its files."},
    {"photos.connection", "Check 'photos.url', and that the web server runs."},
    {"photos.nothing", "The web server's own log says more."},
    {"photos.sample", "The web server's own log says more."},
    {"delivery.waiting", "Look at the server: after a delivery a run asks it the same."},
};

/* What is said otherwise where it is about the delivery of photos. */
static const struct kind photo_kinds[] = {
    {"delivery.secrets", "Mend the file that 'photos.delivery.sftp' names."},
    {"delivery.connection",
     "Check 'photos.delivery.sftp', that the server runs, and that no firewall is in between."},
    {"delivery.host_key", "Check 'photos.delivery.sftp.known_hosts' or 'fingerprint'."},
    {"delivery.login", "Check user, key and password in 'photos.delivery.sftp', and that the "
                       "server knows them."},
    {"delivery.directory",
     "Check the directory in 'photos.delivery', and the account's right to enter it."},
};

static const char *
find_remedy(const struct kind *from, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(from[i].name, name) == 0)
            return from[i].remedy;
    return NULL;
}

const char *
probe_remedy(const char *name, bool photos)
{
    const char *remedy =
        photos ? find_remedy(photo_kinds, sizeof photo_kinds / sizeof *photo_kinds, name) : NULL;

    if (!remedy)
        remedy = find_remedy(kinds, sizeof kinds / sizeof *kinds, name);
    return remedy ? remedy : "";
}
