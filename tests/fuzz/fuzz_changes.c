/* Any bytes as what a server says of changes, as a mark of an earlier run and as a filter: whatever
 * comes out must be readable to its last byte, and a mark that is read is written the same. */
#include "base/arena.h"
#include "directory/changes_mark.h"
#include "directory/dirsync_message.h"
#include "directory/entry_id.h"
#include "directory/ldap_tracked.h"
#include "directory/sync_message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sums all bytes, so that a sanitizer sees a slice that reaches too far. */
static unsigned
touch(struct slice slice)
{
    unsigned sum = 0;

    for (size_t i = 0; i < slice.length; i++)
        sum += (unsigned char)slice.data[i];
    return sum;
}

static unsigned
read_messages(struct slice bytes)
{
    struct dirsync_answer answer;
    struct sync_state state;
    struct sync_done done;
    struct sync_info info;
    struct slice id;
    unsigned sum = 0;

    if (dirsync_answer_parse(bytes, &answer))
        sum += touch(answer.cookie);
    if (sync_state_parse(bytes, &state))
        sum += touch(state.id) + touch(state.cookie);
    if (sync_done_parse(bytes, &done))
        sum += touch(done.cookie);
    if (sync_info_parse(bytes, &info)) {
        sum += touch(info.cookie);
        while (sync_next_id(&info.ids, &id))
            sum += touch(id);
        if (info.ids.length > 0)
            abort();
    }
    return sum;
}

static void
read_mark(struct slice bytes)
{
    struct changes_mark mark;
    struct arena *arena = arena_new();

    if (changes_mark_read(bytes, &mark) && !slice_equal(changes_mark_write(&mark, arena), bytes))
        abort();
    arena_free(arena);
}

/* An id that is read is the one that its filter names. */
static void
read_ids(struct slice bytes)
{
    struct directory_id id, again;
    struct buffer filter = BUFFER_INIT;

    for (int kind = DIRECTORY_ENTRY_UUID; kind <= DIRECTORY_NS_UNIQUE_ID; kind++) {
        if (!entry_id_parse((enum directory_id_kind)kind, bytes, &id))
            continue;
        filter.length = 0;
        entry_id_add_filter(&filter, &id);
        if (kind != DIRECTORY_OBJECT_GUID) {
            const char *value = memchr(filter.data, '=', filter.length);
            size_t at = (size_t)(value + 1 - filter.data);

            if (!entry_id_parse(id.kind, (struct slice){value + 1, filter.length - at - 1},
                                &again) ||
                entry_id_compare(&id, &again) != 0)
                abort();
        }
    }
    buffer_free(&filter);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = memory_alloc(size + 1);
    const struct slice bytes = {copy, size};
    const char *rest = copy;
    struct slice name;
    volatile unsigned sum;

    memcpy(copy, data, size);
    copy[size] = '\0';
    sum = read_messages(bytes);
    read_mark(bytes);
    read_ids(bytes);
    while ((name = ldap_tracked_next(&rest)).data)
        sum += touch(name);
    free(copy);
    return 0;
}
