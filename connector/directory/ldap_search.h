/* ldap_search: one search, read page by page to its end.
 *
 * Pages by RFC 2696. The next page is asked for before the entries of the present one are worked
 * on, so that the server works at the same time. Entries are held back for that up to a few
 * megabytes; of larger pages the first ones are worked on as they come.
 *
 * A search may be a row of questions that differ in their filters only, as for people by their ids:
 * the next one is asked as the next page is.
 *
 * A search is done when it ended with success and there is no further page. A page that the server
 * finds too large (result 11 or 12, no entries) is halved and asked for again; the size stays
 * smaller for the whole read.
 */
#ifndef DIRECTORY_LDAP_SEARCH_H
#define DIRECTORY_LDAP_SEARCH_H

#include "directory/dn_set.h"
#include "directory/ldap_entry.h"
#include "directory/ldap_session.h"

struct ldap_members;

/* What the searches of one read share. */
struct ldap_reading {
    unsigned search; /* the number of the one that runs */
    const struct source_reader *reader;
    struct source_result *result;
    struct names *names;
    struct ldap_decoder *decoder;
    struct ldap_members *members; /* tells people their groups; NULL: they do not matter */
    struct dn_set *seen;          /* NULL: one search only, nothing can be found twice */
    char reference[256];          /* of this search the first one to another server; empty: none */
    unsigned page_size;
    /* The filters of a row of questions in place of the search's; NULL behind the last one. Each is
     * valid until the next. NULL: the search's own is the one. */
    const char *(*next_filter)(void *context);
    void *filters;
    LDAPControl *control; /* sent with each page; NULL: none */
    bool first_page;      /* only that one of each search */
    bool more;            /* there were more */
    bool part;            /* of the people, by their ids */
    uint64_t about;       /* how many entries there are of the search, as the server guesses; 0: it
                             doesn't */
};

enum ldap_attempt ldap_search_run(struct ldap_session *session, const struct ldap_search *search,
                                  struct ldap_reading *reading, struct error *err);

/* Works on an entry of that search that came by other means; the message stays the caller's. */
enum ldap_attempt ldap_search_take(struct ldap_session *session, struct ldap_reading *reading,
                                   LDAPMessage *message, struct error *err);

/* What a search for these asks a server for; free it. */
char **ldap_search_attributes(const struct attributes *attributes);
void ldap_search_attributes_free(char **list);

#endif
