#include "mapping/codes.h"

#include "base/text.h"
#include "mapping/codes_list.h"
#include "mapping/evaluate.h"
#include "mapping/fields.h"

#include <stdlib.h>
#include <string.h>

const char *
codes_nearest(const struct codes *codes, struct arena *arena, struct slice code)
{
    enum { CODES_MOST = 1000, CHARACTERS_LEAST = 3 };
    const char **names;

    /* Two short codes are always near each other; a long list is not worth a person's time. */
    if (codes->count > CODES_MOST || text_characters(code) < CHARACTERS_LEAST)
        return NULL;
    names = arena_alloc(arena, codes->count * sizeof *names);
    for (size_t i = 0; i < codes->count; i++)
        names[i] = codes->items[i].data;
    return fault_nearest(arena_copy(arena, code.data, code.length), names, codes->count);
}

static void
compile_replacement(struct compiler *compiler, const struct yaml_node *node, struct codes *codes)
{
    const struct yaml_node *code = yaml_get(node, "replace");
    const char *near;

    if (!code || node->count > 1) {
        faults_add(compiler->faults, node->where,
                   "'otherwise' is reject, warn, or { replace: CODE }");
        return;
    }
    if (!compiler_expect(compiler, code, YAML_SCALAR, "a replacement"))
        return;
    codes->otherwise = CODES_REPLACE;
    codes->replacement = text_tidy(compiler->arena, code->text);
    if (codes->count == 0 || codes_permits(codes, codes->replacement))
        return;
    near = codes_nearest(codes, compiler->arena, codes->replacement);
    faults_add(compiler->faults, code->where,
               "the replacement '%s' is not in the list itself%s%s%s",
               compiler_quote(compiler, codes->replacement), near ? "; did you mean '" : "",
               near ? near : "", near ? "'?" : "");
}

static void
compile_otherwise(struct compiler *compiler, const struct yaml_node *node, struct codes *codes)
{
    if (node->kind == YAML_MAP)
        compile_replacement(compiler, node, codes);
    else if (node->kind == YAML_SCALAR && slice_equal(node->text, slice_of("warn")))
        codes->otherwise = CODES_WARN;
    else if (node->kind != YAML_SCALAR || !slice_equal(node->text, slice_of("reject")))
        faults_add(compiler->faults, node->where,
                   "'otherwise' is reject, warn, or { replace: CODE }");
}

/* { values: […], file: FILE, otherwise: … } */
static void
compile_map(struct compiler *compiler, const struct yaml_node *node, struct codes *codes)
{
    static const char *const keys[] = {"values", "file", "otherwise"};
    const struct yaml_node *values = yaml_get(node, "values"), *file = yaml_get(node, "file");
    const struct yaml_node *otherwise = yaml_get(node, "otherwise");

    for (size_t i = 0; i < node->count; i++)
        if (node->items[i] != values && node->items[i] != file && node->items[i] != otherwise)
            compiler_unknown(compiler, node->keys[i]->where, "key", node->keys[i]->text, keys,
                             sizeof keys / sizeof keys[0]);
    if (!values == !file)
        faults_add(compiler->faults, node->where,
                   "the codes of '%s' stand under 'values' or in a 'file'%s", codes->name,
                   values ? ", not both" : "");
    else if (values && compiler_expect(compiler, values, YAML_LIST, "'values'"))
        codes_list_compile(compiler, values, codes);
    else if (file && compiler_expect(compiler, file, YAML_SCALAR, "'file'"))
        codes_list_read(compiler, file, codes);
    if (otherwise)
        compile_otherwise(compiler, otherwise, codes);
}

/* False after a fault. */
static bool
find_field(struct compiler *compiler, const struct yaml_node *name, struct codes *codes)
{
    const struct field *field;

    if (!fields_find(compiler, name, &codes->field, &codes->item))
        return false;
    field = &user_fields[codes->field];
    if (codes->item >= 0)
        field = &field->fields[codes->item];
    if (field->kind == FIELD_CODE || field->kind == FIELD_CODES || field->kind == FIELD_TEXT)
        return true;
    if (field->kind == FIELD_ITEMS)
        faults_add(compiler->faults, name->where,
                   "'%s' is a list of items; codes belong to a field of them, such as '%s.%s'",
                   field->name, field->name, field->fields[field->field_count - 1].name);
    else
        faults_add(compiler->faults, name->where, "'%s' is a %s, which has no list of codes",
                   compiler_quote(compiler, name->text), field_kind_name(field->kind));
    return false;
}

void
codes_compile(struct compiler *compiler, const struct yaml_node *node)
{
    struct mapping *mapping = compiler->mapping;

    mapping->codes = arena_alloc(compiler->arena, node->count * sizeof *mapping->codes);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *name = node->keys[i], *list = node->items[i];
        struct codes *codes = &mapping->codes[mapping->codes_count];

        codes->name = compiler_quote(compiler, name->text);
        codes->where = name->where;
        if (!find_field(compiler, name, codes))
            continue;
        codes->filled = fields_fills(compiler, codes->field, codes->item);
        mapping->codes_count++;
        if (list->kind == YAML_LIST)
            codes_list_compile(compiler, list, codes);
        else if (list->kind == YAML_MAP)
            compile_map(compiler, list, codes);
        else
            faults_add(compiler->faults, list->where,
                       "the codes of '%s' are a list, or a map with 'values' or 'file'",
                       codes->name);
    }
}

static int
compare(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

bool
codes_permits(const struct codes *codes, struct slice code)
{
    return codes->count > 0 &&
           bsearch(&code, codes->items, codes->count, sizeof code, compare) != NULL;
}

/* What is sent in the place of a code that the list does not hold. */
static struct slice
settle(struct evaluation *evaluation, const struct codes *codes, struct slice code)
{
    enum { SHOWN_MOST = 60, HINTS_MOST = 10 };
    struct slice shown = text_printable(evaluation->arena, code, SHOWN_MOST);
    const char *near =
        evaluation->hinted++ < HINTS_MOST ? codes_nearest(codes, evaluation->arena, code) : NULL;
    const char *what =
        arena_format(evaluation->arena, "the code '%.*s' is not permitted%s%s%s", SLICE_ARG(shown),
                     near ? " ('" : "", near ? near : "", near ? "' is)" : "");

    switch (codes->otherwise) {
    case CODES_WARN:
        evaluate_find(evaluation, FINDING_CODE_UNLISTED, "%s and is sent all the same", what);
        break;
    case CODES_REPLACE:
        evaluate_find(evaluation, FINDING_CODE_REPLACED, "%s and became '%.*s'", what,
                      SLICE_ARG(codes->replacement));
        return codes->replacement;
    case CODES_REJECT:
        evaluation->refused = true;
        evaluate_find(evaluation, FINDING_CODE_REFUSED, "%s", what);
    }
    return code;
}

static void
judge_several(struct evaluation *evaluation, const struct codes *codes, struct user_value *value)
{
    struct slice *kept;
    size_t first = 0, count;
    bool has_replacement = false;

    while (first < value->code_count && codes_permits(codes, value->codes[first]))
        first++;
    if (first == value->code_count)
        return;
    kept = values_room(evaluation->arena, value->code_count);
    count = 0;
    for (size_t i = 0; i < value->code_count; i++) {
        struct slice code = value->codes[i];

        if (i >= first && !codes_permits(codes, code))
            code = settle(evaluation, codes, code);
        if (slice_equal(code, codes->replacement)) {
            if (has_replacement)
                continue;
            has_replacement = true;
        }
        kept[count++] = code;
    }
    value->codes = kept;
    value->code_count = count;
}

static void
judge_value(struct evaluation *evaluation, const struct codes *codes, struct user_value *value)
{
    evaluation->where = value->where;
    if (value->code_count > 0)
        judge_several(evaluation, codes, value);
    else if (value->text.data && !codes_permits(codes, value->text))
        value->text = settle(evaluation, codes, value->text);
}

void
codes_judge(struct evaluation *evaluation, int field)
{
    const struct mapping *mapping = evaluation->mapping;
    const struct user_items *list = &evaluation->user->lists[field];
    const struct position *outer_where = evaluation->where;
    const char *outer_field = evaluation->field;

    for (size_t i = 0; i < mapping->codes_count; i++) {
        const struct codes *codes = &mapping->codes[i];

        if (codes->field != field)
            continue;
        evaluation->field = codes->name;
        if (codes->item < 0)
            judge_value(evaluation, codes, &evaluation->user->values[field]);
        for (size_t j = 0; codes->item >= 0 && j < list->count; j++)
            judge_value(evaluation, codes, &list->items[j].values[codes->item]);
    }
    evaluation->where = outer_where;
    evaluation->field = outer_field;
}
