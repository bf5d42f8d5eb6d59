#include "run/difference.h"

#include "alma/alma.h"
#include "package/package.h"
#include "run/fingerprint.h"

static bool
read_last(struct slice kept, struct arena *arena, struct alma_texts fields[USER_FIELDS_MOST],
          struct error *err)
{
    struct buffer record = BUFFER_INIT;
    bool ok = package_inflate(kept, &record, err) &&
              alma_read_record((struct slice){record.data, record.length}, arena, fields, err);

    buffer_free(&record);
    return ok;
}

static bool
is_same(const struct alma_texts *a, const struct alma_texts *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!slice_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

bool
difference_make(const struct state_person *known, struct slice record, struct slice digests,
                struct arena *arena, struct difference *difference, struct error *err)
{
    struct alma_texts old[USER_FIELDS_MOST] = {{NULL, 0}}, new[USER_FIELDS_MOST];
    bool changed[USER_FIELDS_MOST];

    difference->old_known = !known || known->record.data;
    difference->field_count = 0;
    difference->fields = arena_alloc(arena, user_field_count * sizeof *difference->fields);
    if (!alma_read_record(record, arena, new, err) ||
        (known && known->record.data && !read_last(known->record, arena, old, err)))
        return false;
    if (!difference->old_known)
        fingerprint_compare(known->fields, digests, changed);
    for (size_t i = 0; i < user_field_count; i++) {
        if (difference->old_known ? is_same(&old[i], &new[i]) : !changed[i])
            continue;
        difference->fields[difference->field_count++] = (struct difference_field){
            user_fields[i].name, {old[i].items, old[i].count}, {new[i].items, new[i].count}};
    }
    return true;
}
