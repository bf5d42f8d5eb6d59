#include "report/preview_fields.h"

#include "base/text.h"
#include "model/user_fields.h"

/* How many fields a person can have at most. */
static size_t
fields_most(const struct user *user)
{
    size_t most = user_field_count;

    for (size_t i = 0; i < user_field_count; i++)
        most += user->lists[i].count * user_fields[i].field_count;
    return most;
}

/* False where there is nothing to show. */
static bool
fill(struct preview_field *shown, const struct field *field, const struct user_value *value,
     struct arena *arena)
{
    shown->name = field->name;
    shown->codes = field->kind == FIELD_CODES;
    shown->rule = value->where;
    shown->derivation = value->derivation;
    if (shown->codes) {
        shown->values = value->codes;
        shown->count = value->code_count;
    } else if (value->text.data || field->fallback) {
        struct slice *text = arena_alloc(arena, sizeof *text);

        shown->fallback = !value->text.data;
        *text = value->text.data ? value->text : slice_of(field->fallback);
        shown->values = text;
        shown->count = 1;
    }
    return shown->count > 0 || shown->derivation;
}

static size_t
fill_items(struct preview_field *shown, const struct field *list, const struct user_items *items,
           struct arena *arena)
{
    size_t count = 0;

    for (size_t i = 0; i < items->count; i++)
        for (size_t j = 0; j < list->field_count; j++) {
            struct preview_field *field = &shown[count];

            *field = (struct preview_field){
                .list = list->name, .item = i + 1, .item_where = items->items[i].where};
            if (!fill(field, &list->fields[j], &items->items[i].values[j], arena))
                continue;
            field->path = arena_format(arena, "%s[%zu].%s", list->name, i + 1, field->name);
            count++;
        }
    return count;
}

const struct preview_field *
preview_fields(const struct preview_person *person, struct arena *arena, size_t *ret_count)
{
    const struct user *user = &person->user;
    struct preview_field *fields = arena_alloc(arena, fields_most(user) * sizeof *fields);
    size_t count = 0;

    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];

        if (field->kind == FIELD_ITEMS) {
            count += fill_items(&fields[count], field, &user->lists[i], arena);
            continue;
        }
        fields[count] = (struct preview_field){.path = field->name};
        count += fill(&fields[count], field, &user->values[i], arena);
    }
    *ret_count = count;
    return fields;
}

bool
preview_is_binary(struct slice value)
{
    for (size_t i = 0; i < value.length; i++) {
        char c = value.data[i];

        if ((c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return true;
    }
    return !text_is_utf8(value);
}
