#include "model/field_path.h"

#include "base/text.h"

struct reader {
    struct arena *arena;
    struct faults *faults;
    struct position where;
    const char *path; /* all of it, for messages */
    struct slice rest;
};

enum { SHOWN_MOST = 80 };

static const char *
shown(const struct reader *reader, struct slice text)
{
    struct slice printable = text_printable(reader->arena, text, SHOWN_MOST);

    return arena_copy(reader->arena, printable.data, printable.length);
}

/* Text up to one of the signs, or to the end. */
static struct slice
take_until(struct reader *reader, const char *signs)
{
    struct slice *rest = &reader->rest, text = {rest->data, 0};

    while (text.length < rest->length && !strchr(signs, rest->data[text.length]))
        text.length++;
    rest->data += text.length;
    rest->length -= text.length;
    return text;
}

static bool
take_sign(struct reader *reader, char sign)
{
    if (reader->rest.length == 0 || reader->rest.data[0] != sign)
        return false;
    reader->rest.data++;
    reader->rest.length--;
    return true;
}

static bool
read_field(struct reader *reader, struct field_path *path)
{
    const char *name = shown(reader, take_until(reader, "[.]"));
    const char *names[USER_FIELDS_MOST];

    path->field = user_field_find(name);
    if (path->field < 0) {
        for (size_t i = 0; i < user_field_count; i++)
            names[i] = user_fields[i].name;
        faults_add_unknown(reader->faults, reader->where, "field", name, names, user_field_count);
        return false;
    }
    if (user_fields[path->field].kind == FIELD_ITEMS || reader->rest.length == 0)
        return true;
    faults_add(reader->faults, reader->where, "'%s': '%s' is one value, not a list of items",
               reader->path, name);
    return false;
}

/* A number without zeros in front. 0: it is none, or too long for one. */
static size_t
read_position(struct slice text)
{
    enum { DIGITS_MOST = 9 };
    size_t position = 0;

    if (text.length == 0 || text.length > DIGITS_MOST || text.data[0] == '0')
        return 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        position = position * 10 + (size_t)(text.data[i] - '0');
    }
    return position;
}

/* What stands between two brackets, the first of which has been taken: a position, or else a text
 * and position 0. False after a fault. */
static bool
read_brackets(struct reader *reader, size_t *ret_position, struct slice *ret_text)
{
    *ret_text = take_until(reader, "]");
    *ret_position = read_position(*ret_text);
    if (!take_sign(reader, ']')) {
        faults_add(reader->faults, reader->where, "'%s': ']' is missing", reader->path);
        return false;
    }
    if (ret_text->length > 0 && !slice_equal(*ret_text, slice_of("0")))
        return true;
    faults_add(reader->faults, reader->where,
               "'%s': brackets hold a type, or a position, which counts from 1", reader->path);
    return false;
}

static struct slice
without_quotes(struct slice text)
{
    if (text.length > 2 && text.data[0] == '\'' && text.data[text.length - 1] == '\'')
        return (struct slice){text.data + 1, text.length - 2};
    return text;
}

/* "[2]", "[work]", "[work][2]" */
static bool
read_selectors(struct reader *reader, struct field_path *path)
{
    struct slice text;

    if (!take_sign(reader, '['))
        return true;
    if (!read_brackets(reader, &path->position, &text))
        return false;
    if (path->position > 0)
        return true;
    path->position = 1;
    path->type = arena_slice(reader->arena, without_quotes(text));
    if (!take_sign(reader, '['))
        return true;
    if (!read_brackets(reader, &path->position, &text))
        return false;
    if (path->position > 0)
        return true;
    faults_add(reader->faults, reader->where, "'%s': behind a type stands a position, such as [2]",
               reader->path);
    return false;
}

/* ".description", ".count" */
static bool
read_part(struct reader *reader, struct field_path *path)
{
    const struct field *list = &user_fields[path->field];
    const char *names[ITEM_FIELDS_MOST + 1], *name;
    size_t count = list->field_count;

    if (reader->rest.length == 0)
        return true;
    if (!take_sign(reader, '.')) {
        faults_add(reader->faults, reader->where, "'%s': '%s' has no meaning there", reader->path,
                   shown(reader, reader->rest));
        return false;
    }
    name = shown(reader, reader->rest);
    path->item = item_field_find(list, name);
    if (path->item >= 0 && path->position > 0)
        return true;
    if (path->item >= 0) {
        faults_add(reader->faults, reader->where,
                   "'%s': which of the %s? '%s[1].%s', or a type in the brackets", reader->path,
                   list->name, list->name, name);
        return false;
    }
    path->item = PATH_COUNT;
    if (path->position == 0 && strcmp(name, "count") == 0)
        return true;
    for (size_t i = 0; i < count; i++)
        names[i] = list->fields[i].name;
    if (path->position == 0)
        names[count++] = "count";
    faults_add_unknown(reader->faults, reader->where,
                       arena_format(reader->arena, "field of %s", list->name), name, names, count);
    return false;
}

bool
field_path_parse(struct arena *arena, struct slice text, struct position where,
                 struct faults *faults, struct field_path *ret_path)
{
    struct reader reader = {arena, faults, where, NULL, text};

    reader.path = shown(&reader, text);
    *ret_path = (struct field_path){.item = PATH_WHOLE};
    return read_field(&reader, ret_path) && read_selectors(&reader, ret_path) &&
           read_part(&reader, ret_path);
}

int
field_type_index(const struct field *list)
{
    for (size_t i = 0; i < list->field_count; i++)
        if (list->fields[i].type)
            return (int)i;
    return -1;
}

int
field_main_index(const struct field *list)
{
    for (size_t i = 0; i < list->field_count; i++)
        if (list->fields[i].main)
            return (int)i;
    return -1;
}

/* The index in the item's fields of the value that the path names. */
static int
item_index(const struct field_path *path)
{
    return path->item == PATH_WHOLE ? field_main_index(&user_fields[path->field]) : path->item;
}

const struct field *
field_path_field(const struct field_path *path)
{
    const struct field *field = &user_fields[path->field];

    if (field->kind != FIELD_ITEMS)
        return field;
    return path->position > 0 ? &field->fields[item_index(path)] : NULL;
}

static bool
has_type(const struct user_value *value, struct slice type)
{
    for (size_t i = 0; i < value->code_count; i++)
        if (slice_equal(value->codes[i], type))
            return true;
    return value->text.data && slice_equal(value->text, type);
}

struct user_item *
field_path_item(const struct field_path *path, const struct user *user)
{
    const struct user_items *list = &user->lists[path->field];
    size_t position = 0;
    int type;

    if (path->position == 0)
        return NULL;
    type = field_type_index(&user_fields[path->field]);
    for (size_t i = 0; i < list->count; i++)
        if ((!path->type.data || has_type(&list->items[i].values[type], path->type)) &&
            ++position == path->position)
            return &list->items[i];
    return NULL;
}

const struct user_value *
field_path_value(const struct field_path *path, const struct user *user)
{
    const struct user_item *item;

    if (user_fields[path->field].kind != FIELD_ITEMS)
        return &user->values[path->field];
    item = field_path_item(path, user);
    return item ? &item->values[item_index(path)] : NULL;
}
