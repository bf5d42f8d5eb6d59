/* changes: asks the directory who has changed, and reads those again.
 *
 * A directory's own account of changes only *names* entries by their immutable ids, and more of
 * them than needed does no harm. Whoever is named is read again in full by source_fetch(), with the
 * searches of the feed, or from what came with the names where that is the same search and a sample
 * of it is what a search finds (ldap_carried.h); who is not found there any more has left
 * it, by deletion, by a move or by a change that the filters no longer match.
 *
 * Order of use: source_changes() first, on a source that was just opened; then, after
 * CHANGES_NAMED, source_fetch() as often as needed; after CHANGES_READ_ALL, source_read(). All of
 * it goes over one connection to one server. A mark is what the next run begins with: it is from
 * before everything that was read, and good only when all of that came from the server that
 * `changes.server` names without a restart (struct source_result). It is to be kept together with
 * what was made of the read, or not at all.
 */
#ifndef DIRECTORY_CHANGES_H
#define DIRECTORY_CHANGES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "directory/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum changes_way {
    CHANGES_AUTO,      /* the best way that is safe at this server, or CHANGES_FULL */
    CHANGES_FULL,      /* everybody is read */
    CHANGES_DIRSYNC,   /* Active Directory: the control 1.2.840.113556.1.4.841 */
    CHANGES_USN,       /* Active Directory: uSNChanged, bound to one domain controller */
    CHANGES_SYNCREPL,  /* RFC 4533, refreshOnly: OpenLDAP, 389 Directory Server */
    CHANGES_TIMESTAMP, /* modifyTimestamp, whenChanged: tells of no deletion */
    CHANGES_PUSHED,    /* people who are handed over: their keeper numbers all changes */
    CHANGES_WAY_COUNT
};

/* "auto", "full", "dirsync", "usn", "syncrepl", "timestamp", "pushed". */
const char *changes_way_name(enum changes_way way);

/* The immutable id of an entry: the attribute, and 16 bytes (objectGUID as the server sends it;
 * the 32 hexadecimal digits of entryUUID and nsUniqueId as bytes). */
enum directory_id_kind { DIRECTORY_ENTRY_UUID, DIRECTORY_OBJECT_GUID, DIRECTORY_NS_UNIQUE_ID };
enum { DIRECTORY_ID_BYTES = 16 };
struct directory_id {
    enum directory_id_kind kind;
    unsigned char bytes[DIRECTORY_ID_BYTES];
};

struct changes_question {
    enum changes_way way; /* as the settings have it */
    struct slice mark;    /* of the last run; SLICE_NONE: there is none */
    struct slice groups; /* as the last run got it with that mark; malloc'ed, and to live as long as
                            the source */
    const struct attributes *attributes; /* with which people are read */
};

struct changes_sink {
    /* The entry was added, changed, renamed, moved or deleted: whoever it is, look again. May be
     * said several times, and of entries that are none of the feed's. */
    void (*named)(void *context, const struct directory_id *id);
    /* Still there and unchanged; see `exhaustive`. */
    void (*present)(void *context, const struct directory_id *id);
    void *context;
};

enum changes_outcome {
    CHANGES_NAMED,    /* all that changed was named */
    CHANGES_READ_ALL, /* everybody has to be read; `reason` says why */
    CHANGES_FAILED
};

struct changes {
    enum changes_way way; /* the one that is used: never CHANGES_AUTO; CHANGES_FULL: none */
    /* Why everybody is read or this way was chosen, for the log: "'ldaps://…' has started a new
     * list of changes". Never empty after CHANGES_READ_ALL. */
    char reason[512];
    char server[256];            /* the URI that answered */
    enum directory_id_kind kind; /* by which this server names entries … */
    bool any_kind;               /* … or by any */
    bool exhaustive;   /* who was neither named nor present is gone or has left the searches */
    bool deletions;    /* who is deleted is named (or shows by `exhaustive`) */
    bool memberships;  /* groups may have changed: compare source_membership() with what it was */
    struct slice mark; /* for the next run, in the arena; SLICE_NONE: this server gives none */
    /* To be kept with it; megabytes where there are many groups. Empty: nothing; SLICE_NONE: what
     * was kept already. */
    struct slice groups;
};

/* Asks for changes since the mark. Whoever was named before another outcome than CHANGES_NAMED was
 * named for nothing. An error is for what would fail a full read as well. */
enum changes_outcome source_changes(struct source *source, const struct changes_question *question,
                                    const struct changes_sink *sink, struct arena *arena,
                                    struct changes *ret_changes, struct error *err);

/* Reads those of the ids that the searches of the feed find; nobody is handed over twice within a
 * call. `reader->restart` is never called: a connection that breaks is an error (transient). */
bool source_fetch(struct source *source, const struct attributes *attributes,
                  const struct directory_id *ids, size_t count, const struct source_reader *reader,
                  struct source_result *ret_result, struct error *err);

/* ---- groups (directory/groups.h has what a feed needs of them) ---- */

/* What the groups that were read make of somebody now: a sum over all of his groups, which is
 * another one when a membership was added or taken away. 0 where groups do not matter. Only after
 * source_read() or source_changes() with `memberships`. Without these source_fetch() knows of
 * groups only for a feed that has `groups`: in others those who are read have no
 * entry.membership.names, and are to be read again once groups have changed. */
uint64_t source_membership(const struct source *source, const struct membership *membership);

#endif
