/* survey: what a directory server is, and which attributes its entries have; for who sets up a
 * feed.
 *
 * Not for the values of entries: source_read() reads them, as in a run. Names of attributes come
 * without their values (typesOnly, RFC 4511 section 4.5.1.6), so that no photo and no secret is
 * read to learn that it is there.
 *
 * Errors are those of a read (directory/source.h).
 */
#ifndef DIRECTORY_SURVEY_H
#define DIRECTORY_SURVEY_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "base/slice.h"
#include "directory/source.h"

#include <stdbool.h>
#include <stddef.h>

/* What a server tells of itself; texts live in the arena. */
struct survey_server {
    const char *uri;  /* that answered */
    const char *kind; /* "OpenLDAP"; "a directory server" */
    bool is_active_directory;
    bool has_pages;
    const char **contexts; /* naming contexts that may hold people; in Active Directory the default
                              one alone */
    size_t context_count;
};

bool survey_server(const struct ldap_options *options, const struct messenger *messenger,
                   struct arena *arena, struct survey_server *ret_server, struct error *err);

struct survey_question {
    const char *const *dns;
    size_t count;
    const char *const
        *operational; /* attributes that a server gives only by name; ends with NULL */
};

/* Says each attribute that each entry has, by the entry's index. An entry that is not there is left
 * out. The name is borrowed until the call returns. */
bool survey_names(const struct ldap_options *options, const struct messenger *messenger,
                  const struct survey_question *question,
                  void (*have)(void *context, size_t index, struct slice name), void *context,
                  struct error *err);

#endif
