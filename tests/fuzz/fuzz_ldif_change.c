/* Any bytes as a stream of LDIF changes to one entry: what comes of each is named by its DN, and
 * the same again when it is written and read. */
#include "directory/ldif_change.h"
#include "directory/ldif_write.h"
#include "model/dn_fold.h"
#include "model/rdn.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next record's entry, or NULL: refused, deleted, none. `ret_more`: the stream goes on. */
static struct whole_entry *
next_entry(struct ldif_reader *reader, struct arena *arena, const struct whole_entry *before,
           bool *ret_more)
{
    struct error err = ERROR_INIT;
    struct ldif_record record;
    struct ldif_change *change = NULL;
    struct whole_entry *entry = NULL;

    *ret_more = ldif_reader_next(reader, &record, &err) == LDIF_READ_RECORD;
    if (*ret_more)
        change = ldif_change_parse(&record, arena, &err);
    if (!change && *ret_more && err.code != ERROR_DATA)
        abort();
    if (!change || ldif_change_kind(change) == LDIF_NOTHING)
        return NULL;
    if (!dn_fold(arena, ldif_change_dn(change)).data)
        abort();
    if (ldif_change_kind(change) == LDIF_DELETE ||
        (!before &&
         (ldif_change_kind(change) == LDIF_MODIFY || ldif_change_kind(change) == LDIF_RENAME)))
        return NULL;
    entry = ldif_change_apply(change, before, &err);
    if (!entry && err.code != ERROR_DATA)
        abort();
    return entry;
}

static void
read_again(struct arena *arena, const struct whole_entry *entry)
{
    struct buffer out = BUFFER_INIT;
    struct ldif_reader *reader;
    struct whole_entry *again;
    bool more;

    ldif_write_entry(&out, entry, NULL, 0);
    reader = ldif_reader_open_text("again", 1, (struct slice){out.data, out.length});
    again = next_entry(reader, arena, NULL, &more);
    if (!again || !whole_entry_equal(entry, again))
        abort();
    if (next_entry(reader, arena, NULL, &more) || more)
        abort();
    whole_entry_free(again);
    ldif_reader_close(reader);
    buffer_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct ldif_reader *reader = ldif_reader_open_text("input", 1, text);
    struct whole_entry *entry = NULL, *after;
    struct arena *arena = arena_new();
    bool more = true;

    while (more) {
        after = next_entry(reader, arena, entry, &more);
        if (!after)
            continue;
        whole_entry_free(entry);
        entry = after;
        if (!dn_fold(arena, whole_entry_dn(entry)).data || rdn_find_missing(entry).data)
            abort();
        read_again(arena, entry);
    }
    whole_entry_free(entry);
    arena_free(arena);
    ldif_reader_close(reader);
    return 0;
}
