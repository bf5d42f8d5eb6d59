#include "mapping/case_values.h"

#include "base/text.h"
#include "mapping/fields.h"

#include <string.h>

/* The text of a scalar as a field would hold it. */
static struct slice
tidy(struct arena *arena, const struct yaml_node *node)
{
    return text_tidy(arena, text_clean(arena, node->text, NULL));
}

static bool
is_number(struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.length > 0;
}

static bool
read_text(struct arena *arena, const struct yaml_node *node, struct faults *faults,
          const struct case_value *value, struct slice *ret_text)
{
    const struct field *field = field_path_field(&value->path);
    const char *want;

    if (node->kind != YAML_SCALAR) {
        faults_add(faults, node->where, "'%s' must be text, not %s", value->name,
                   yaml_kind_name(node->kind));
        return false;
    }
    *ret_text = tidy(arena, node);
    if (yaml_is_null(node) || ret_text->length == 0) {
        faults_add(faults, node->where,
                   "'%s' has no value; a field without one stands in the list 'absent'",
                   value->name);
        return false;
    }
    if (field)
        want = fields_wanted(field, *ret_text);
    else
        want = is_number(*ret_text) ? NULL : "a number";
    if (want)
        faults_add(faults, node->where, "'%s' must be %s, not '%s'", value->name, want,
                   arena_copy(arena, ret_text->data, ret_text->length));
    return !want;
}

static bool
read_codes(struct arena *arena, const struct yaml_node *list, struct faults *faults,
           struct case_value *value)
{
    struct slice *texts = arena_alloc(arena, list->count * sizeof *texts);

    if (list->count == 0) {
        faults_add(faults, list->where,
                   "'%s' is an empty list; a field without a value stands in the list 'absent'",
                   value->name);
        return false;
    }
    for (size_t i = 0; i < list->count; i++)
        if (!read_text(arena, list->items[i], faults, value, &texts[i]))
            return false;
    value->texts = (struct case_texts){texts, list->count};
    return true;
}

static bool
read_path(struct arena *arena, const struct yaml_node *node, struct faults *faults,
          struct case_value *ret_value)
{
    ret_value->name = node->text.data;
    ret_value->where = node->where;
    return field_path_parse(arena, node->text, node->where, faults, &ret_value->path);
}

bool
case_values_expect(struct arena *arena, const struct yaml_node *key, const struct yaml_node *node,
                   struct faults *faults, struct case_value *ret_value)
{
    const struct field *field;
    struct slice *text;

    if (!read_path(arena, key, faults, ret_value))
        return false;
    field = field_path_field(&ret_value->path);
    if (!field && ret_value->path.item == PATH_WHOLE) {
        faults_add(faults, key->where,
                   "'%s' is a list: '%s.count', '%s[1]' or '%s[TYPE]' can be expected of it",
                   ret_value->name, ret_value->name, ret_value->name, ret_value->name);
        return false;
    }
    if (field && field->kind == FIELD_CODES && node->kind == YAML_LIST)
        return read_codes(arena, node, faults, ret_value);
    text = arena_alloc(arena, sizeof *text);
    ret_value->texts = (struct case_texts){text, 1};
    return read_text(arena, node, faults, ret_value, text);
}

bool
case_values_absent(struct arena *arena, const struct yaml_node *node, struct faults *faults,
                   struct case_value *ret_value)
{
    if (node->kind != YAML_SCALAR) {
        faults_add(faults, node->where, "'absent' must name fields, not hold %s",
                   yaml_kind_name(node->kind));
        return false;
    }
    if (!read_path(arena, node, faults, ret_value))
        return false;
    if (ret_value->path.item != PATH_COUNT)
        return true;
    faults_add(faults, node->where, "a count is never absent: 'expect' can say '%s: 0'",
               ret_value->name);
    return false;
}

/* True when findings can be about this: "user_group", "emails.email_address", "emails.each". */
static bool
is_field(struct arena *arena, const char *name)
{
    const char *dot = strchr(name, '.');
    int field = user_field_find(dot ? arena_copy(arena, name, (size_t)(dot - name)) : name);

    if (field < 0 || !dot)
        return field >= 0;
    return user_fields[field].kind == FIELD_ITEMS &&
           (strcmp(dot + 1, "each") == 0 || item_field_find(&user_fields[field], dot + 1) >= 0);
}

static bool
read_code(struct faults *faults, struct position where, const char *name,
          enum finding_code *ret_code)
{
    const char *names[FINDING_CODE_COUNT];

    for (int i = 0; i < FINDING_CODE_COUNT; i++) {
        names[i] = finding_kind((enum finding_code)i)->name;
        if (strcmp(names[i], name) != 0)
            continue;
        *ret_code = (enum finding_code)i;
        return true;
    }
    faults_add_unknown(faults, where, "finding", name, names, FINDING_CODE_COUNT);
    return false;
}

bool
case_values_finding(struct arena *arena, const struct yaml_node *node, struct faults *faults,
                    struct case_finding *ret_finding)
{
    struct slice text;
    char *blank, *code;

    if (node->kind != YAML_SCALAR) {
        faults_add(faults, node->where, "the code of a finding must be text, not %s",
                   yaml_kind_name(node->kind));
        return false;
    }
    text = text_printable(arena, tidy(arena, node), 100);
    code = arena_copy(arena, text.data, text.length);
    *ret_finding = (struct case_finding){.text = arena_string(arena, code), .where = node->where};
    blank = strchr(code, ' ');
    if (blank) {
        *blank = '\0';
        ret_finding->field = blank + 1;
    }
    if (!read_code(faults, node->where, code, &ret_finding->code))
        return false;
    if (!ret_finding->field || is_field(arena, ret_finding->field))
        return true;
    faults_add(faults, node->where,
               "'%s' is no field that a finding could be about: a field's name such as "
               "'last_name' or 'emails.email_address'",
               ret_finding->field);
    return false;
}

bool
case_finding_is(const struct case_finding *expected, const struct finding *finding)
{
    return expected->code == finding->code &&
           (!expected->field || (finding->field && strcmp(expected->field, finding->field) == 0));
}

/* Texts in the one form in which they compare. */
static bool
is_same(const struct field *field, struct slice expected, struct slice got)
{
    enum { DATE_LENGTH = sizeof "2026-09-01" - 1 };
    struct date first, second;

    if (!field || field->kind == FIELD_BOOLEAN)
        return slice_equal_nocase(expected, got);
    if ((field->kind == FIELD_DATE || field->kind == FIELD_DATE_TIME) &&
        date_parse(expected, &first)) {
        /* A mere date stands for its first second, in a record too. */
        if (field->kind == FIELD_DATE_TIME && got.length > DATE_LENGTH &&
            slice_equal((struct slice){got.data + DATE_LENGTH, got.length - DATE_LENGTH},
                        slice_of("T00:00:00Z")))
            got.length = DATE_LENGTH;
        return date_parse(got, &second) && date_to_time(first) == date_to_time(second);
    }
    return slice_equal(expected, got);
}

/* What an item's field holds in the record, where the fallback stands for no value. */
static struct slice
text_of(const struct field *field, const struct user_value *value)
{
    return value->text.data || !field->fallback ? value->text : slice_of(field->fallback);
}

static struct case_texts
one_text(struct arena *arena, struct slice text)
{
    struct slice *items = arena_alloc(arena, sizeof *items);

    *items = text;
    return (struct case_texts){items, text.data ? 1 : 0};
}

/* The main value of each item; empty where it has none, so that the item is there all the same. */
static struct case_texts
list_texts(struct arena *arena, const struct field *list, const struct user_items *items)
{
    int main = field_main_index(list);
    struct slice *texts = arena_alloc(arena, items->count * sizeof *texts);

    for (size_t i = 0; i < items->count; i++) {
        texts[i] = text_of(&list->fields[main], &items->items[i].values[main]);
        if (!texts[i].data)
            texts[i] = slice_of("");
    }
    return (struct case_texts){texts, items->count};
}

struct case_texts
case_value_got(const struct case_value *expected, const struct user *user, struct arena *arena)
{
    const struct field_path *path = &expected->path;
    const struct field *field = field_path_field(path);
    const struct user_items *list = &user->lists[path->field];
    const struct user_value *value = field_path_value(path, user);
    struct user_item *item = field_path_item(path, user);

    if (path->item == PATH_COUNT)
        return one_text(arena, slice_of(arena_format(arena, "%zu", list->count)));
    if (!field)
        return list_texts(arena, &user_fields[path->field], list);
    if (item && path->item == PATH_WHOLE)
        return list_texts(arena, &user_fields[path->field], &(struct user_items){item, 1});
    if (!value)
        return (struct case_texts){NULL, 0};
    if (field->kind == FIELD_CODES)
        return (struct case_texts){value->codes, value->code_count};
    return one_text(arena, text_of(field, value));
}

bool
case_value_holds(const struct case_value *expected, const struct case_texts *got)
{
    const struct field *field = field_path_field(&expected->path);

    if (got->count != expected->texts.count)
        return false;
    for (size_t i = 0; i < got->count; i++)
        if (!is_same(field, expected->texts.items[i], got->items[i]))
            return false;
    return true;
}
