/* ldap_way: what the ways to ask a server for changes have in common; only for them and for
 * ldap_changes.c, which chooses among them.
 *
 * A way asks a list of questions, *watches*, and keeps one cookie for each in the mark. Asked
 * without a mark it names nobody and finds out the cookies from which the next run goes on. These
 * are from before the question, so that what happens meanwhile is told the next time.
 */
#ifndef DIRECTORY_LDAP_WAY_H
#define DIRECTORY_LDAP_WAY_H

#include "directory/changes.h"
#include "directory/changes_mark.h"
#include "directory/ldap_root.h"
#include "directory/ldap_session.h"
#include "directory/ldap_tracked.h"

enum ldap_watched {
    WATCH_PEOPLE, /* to be named */
    WATCH_GROUPS  /* sets `memberships` */
};

struct ldap_watch {
    enum ldap_watched what;
    const char *base;
    const char *filter;
    enum ldap_search_scope scope;
};

struct ldap_carried;

struct ldap_asking {
    struct ldap_session *session;
    const struct ldap_options *options;
    struct ldap_root *root;
    const struct messenger *messenger;
    const struct attributes *attributes;
    const struct changes_sink *sink;
    struct ldap_carried *carried; /* takes the entries of people that come; NULL: nobody does */
    struct ldap_tracked *tracked;
    bool watches_groups;              /* they matter for the attributes, or for a filter */
    bool has_new_names;               /* somebody was named who may have another DN than before */
    const struct changes_mark *since; /* NULL: only a mark is wanted */
    struct slice parents;             /* what is known of them now */
    struct slice identity;            /* of the server, beside its URI */
    struct changes_mark mark;         /* the new one; a way fills the cookies */
    bool has_mark;                    /* it is good */
    struct ldap_watch watches[CHANGES_COOKIES_MOST];
    size_t watch_count;
    struct arena *arena;
    struct changes *changes; /* a reason in it means that everybody has to be read */
};

/* Adds a watch; one that is there already, or does not fit, is not added. */
void ldap_way_watch(struct ldap_asking *asking, const struct ldap_watch *watch);

/* Groups, where they matter (ldap_group_bases.h). */
void ldap_way_watch_groups(struct ldap_asking *asking);

/* All entries of the naming contexts that the filter finds, for people. */
void ldap_way_watch_contexts(struct ldap_asking *asking, const char *filter);

/* Sets the reason; the first one stays. */
void ldap_way_read_all(struct ldap_asking *asking, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Of the watch this entry was changed. */
void ldap_way_tell(struct ldap_asking *asking, const struct ldap_watch *watch,
                   const struct directory_id *id);

/* Groups were changed. */
void ldap_way_tell_groups(struct ldap_asking *asking);

/* The kind of id by which this server names entries. */
enum directory_id_kind ldap_way_id_kind(const struct ldap_root *root);

/* Active Directory: sets `deletions` to whether deleted entries are shown to this account. They are
 * below an entry that only administrators may read, unless others were told so. */
enum ldap_attempt ldap_way_find_deleted(struct ldap_asking *asking, struct error *err);

/* Active Directory: where memberships may have a time to live, groups may have changed at any time.
 */
enum ldap_attempt ldap_way_allow_for_ending_memberships(struct ldap_asking *asking,
                                                        struct error *err);

/* A plain search, in pages. */
struct ldap_listing {
    const struct ldap_watch *watch;
    const char *filter;            /* in place of the watch's */
    const char *const *attributes; /* NULL behind the last: they are the entry's slots */
    LDAPControl *control;          /* NULL: none */
    bool may_be_missing;           /* the base */
    bool (*entry)(void *context, const struct entry *entry, struct error *err);
    void *context;
};
enum ldap_attempt ldap_way_list(struct ldap_asking *asking, const struct ldap_listing *listing,
                                struct error *err);

/* In Active Directory, whoever is no group. A tombstone has no objectCategory, but its classes. */
#define LDAP_WAY_AD_PEOPLE "(!(objectClass=group))"

struct ldap_way {
    /* Whether this server can be asked so, as far as it tells. */
    bool (*is_offered)(const struct ldap_root *root);
    /* Adds the watches. */
    void (*watch)(struct ldap_asking *asking);
    enum ldap_attempt (*ask)(struct ldap_asking *asking, struct error *err);
    bool deletions; /* are told, where the way does not find that they are not */
};

extern const struct ldap_way ldap_way_dirsync, ldap_way_usn, ldap_way_syncrepl, ldap_way_timestamp;

#endif
