#include "run/push_view.h"

#include "base/buffer.h"
#include "directory/group_slots.h"
#include "directory/ldif_record.h"
#include "directory/ldif_write.h"
#include "run/push_id.h"

struct push_view {
    const char *path;
    struct group_slots groups; /* open where the set has them */
    bool with_groups;
    struct names *names;
    struct ldif_parser *parser;
    struct buffer text;
    struct arena *arena; /* of one person */
};

struct push_view *
push_view_new(const struct attributes *attributes, const char *path)
{
    struct push_view *view = memory_zero(1, sizeof *view);

    view->path = path;
    view->arena = arena_new();
    view->with_groups = group_slots_are_wanted(attributes);
    if (view->with_groups) {
        group_slots_open(&view->groups, attributes);
        group_slots_hide_own(&view->groups);
    }
    view->names = names_new(view->with_groups ? view->groups.asked : attributes);
    names_seal(view->names);
    view->parser = ldif_parser_new(view->names);
    return view;
}

void
push_view_free(struct push_view *view)
{
    if (!view)
        return;
    ldif_parser_free(view->parser);
    names_free(view->names);
    if (view->with_groups)
        group_slots_close(&view->groups);
    buffer_free(&view->text);
    arena_free(view->arena);
    free(view);
}

/* The record as it would stand in a file, without the blank line that ends it. */
static void
write_record(struct push_view *view, const struct pushed_person *person)
{
    size_t length = person->entry.length;

    if (length > 0 && person->entry.data[length - 1] == '\n')
        length--;
    view->text.length = 0;
    buffer_add(&view->text, person->entry.data, length);
    if (!person->own_id) {
        arena_reset(view->arena);
        ldif_write_line(&view->text, push_id_attribute(person->id),
                        push_id_value(person->id, view->arena));
    }
    buffer_add(&view->text, "", 1);
}

bool
push_view_entry(struct push_view *view, const struct pushed_person *person, struct entry *ret_entry,
                struct error *err)
{
    struct ldif_record record = {.line = 1};
    struct error why = ERROR_INIT;

    write_record(view, person);
    record.text = view->text.data;
    record.length = view->text.length - 1;
    *ret_entry = (struct entry){.dn = SLICE_NONE};
    if (ldif_record_parse(view->parser, view->path, &record, ret_entry, &why) ==
        LDIF_PARSED_ENTRY) {
        if (view->with_groups)
            group_slots_fill_alone(&view->groups, ret_entry);
        return true;
    }
    error_set(err, ERROR_DATA, "the entry '%.*s' that '%s' keeps cannot be read%s%s",
              SLICE_ARG(person->dn), view->path, why.text[0] ? ": " : "", why.text);
    return error_hint(err, "Remove that person, and put them again.");
}
