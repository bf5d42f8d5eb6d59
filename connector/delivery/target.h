/* target: where packages go; implemented by sftp_target.c, openssh_target.c and folder_target.c.
 *
 * Order of use: open, connect, put each package in turn, close. The promise of put: `name` appears
 * at the target only when the file is there whole. It is uploaded under a temporary name that
 * does not end in .zip, synced where the server can, its size compared, then renamed. Nothing
 * that exists is ever replaced. After a failure no temporary file of ours is left, where the
 * connection still allows to remove it; clear removes what a later run finds.
 *
 * Errors: ERROR_PERMISSION for host keys and logins, ERROR_UNAVAILABLE for the network,
 * ERROR_WRITE for what the server refuses. `transient` is set where a later attempt may succeed;
 * never for a host key or a login.
 */
#ifndef DELIVERY_TARGET_H
#define DELIVERY_TARGET_H

#include "base/error.h"
#include "base/message.h"
#include "base/probe.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target;

struct sftp_options {
    const char *host;
    unsigned port;
    const char *user;
    struct secret_source key;        /* the private key: a file, or a systemd credential */
    struct secret_source passphrase; /* of the key */
    struct secret_source password;   /* for password and keyboard-interactive */
    bool agent;
    const char *known_hosts; /* file; NULL: none */
    const char *fingerprint; /* "SHA256:…"; NULL: none */
    const char *directory;
    unsigned timeout_seconds; /* without progress */
    const char *settings;     /* what these are called there; NULL: "delivery.sftp" */
};

/* The options are borrowed for the target's life. No function of these connects. */
struct target *target_open_folder(const char *folder, const struct messenger *messenger);
struct target *target_open_sftp(const struct sftp_options *options,
                                const struct messenger *messenger);
/* The same through the system's sftp program in batch mode, for what libssh2 cannot do. */
struct target *target_open_openssh(const struct sftp_options *options,
                                   const struct messenger *messenger);

/* Connects, logs in, and sees that the directory is there. */
bool target_connect(struct target *target, struct error *err);

/* Delivers the file at `path` as `name`. */
bool target_put(struct target *target, const char *path, const char *name, struct error *err);

/* Takes away the temporary file that an upload of `name` left when it was killed. True also where
 * there is none. */
bool target_clear(struct target *target, const char *name, struct error *err);

/* Takes a file away that was delivered earlier. True also where there is none. */
bool target_remove(struct target *target, const char *name, struct error *err);

/* What became of a package that was sent. */
enum package_place {
    PACKAGE_NOWHERE, /* never there, or taken and removed */
    PACKAGE_PARTLY,  /* a temporary file of ours, whole or not */
    PACKAGE_THERE,   /* under its own name, with its size */
    PACKAGE_TAKEN,   /* by Alma, which renames it */
    PACKAGE_FOREIGN  /* what has its name has another size, and nothing else of ours is there */
};

struct whereabouts {
    enum package_place place;
    char taken[256]; /* PACKAGE_TAKEN: the name that Alma gave it */
};

/* Looks where a package of that name and size is. Asks for names only: many servers let nobody
 * list the directory. */
bool target_find(struct target *target, const char *name, uint64_t bytes,
                 struct whereabouts *ret_whereabouts, struct error *err);

/* What to try a target with. */
struct target_probing {
    const char *path;      /* of a small local file … */
    const char *name;      /* … that is delivered as this, and deleted; nothing that Alma takes */
    uint64_t wanted_bytes; /* so much room should be there; 0: nobody knows */
    const struct probe_sink *probes;
};

/* Tries all that a delivery needs: connection, host key, login, directory, then writing, looking,
 * renaming, reading and deleting, and how much room there is. True where a delivery would succeed;
 * then the target is connected. */
bool target_probe(struct target *target, const struct target_probing *probing);

/* "sftp://alma@host:22/alma/synchronize" or the folder; lives as long as the target. */
const char *target_name(const struct target *target);

/* A text of letters and digits that the names of temporary files have in them from now on: others
 * who deliver files of the same names have another one. */
void target_set_mark(struct target *target, const char *mark);

/* Ends the connection but keeps the target, which may be connected again. */
void target_disconnect(struct target *target);

void target_close(struct target *target);

/* A file to deliver. */
struct delivery_file {
    const char *path;
    const char *name;
    bool delivered; /* set by delivery_send() */
};

struct delivery_policy {
    unsigned attempts;           /* for each connection or file; 1: no retry */
    unsigned first_wait_seconds; /* doubled after each failure, at most 60 s */
    /* Called with a file's index before its rename is sent, when it turned out that it was not
     * renamed and never will be, and when it is there under its own name; what they return false
     * for ends the delivery. NULL: nobody asks. */
    bool (*renaming)(void *context, size_t index, struct error *err);
    bool (*stayed)(void *context, size_t index, struct error *err);
    bool (*delivered)(void *context, size_t index, struct error *err);
    void *context;
};

/* Connects and puts the files in their order, with retries of what is transient; stops at the
 * first file that fails for good. What was delivered is marked. When a connection broke off after
 * the rename was sent, it looks whether the file is there, or taken, before it sends again. */
bool delivery_send(struct target *target, struct delivery_file *files, size_t count,
                   const struct delivery_policy *policy, const struct messenger *messenger,
                   struct error *err);

#endif
