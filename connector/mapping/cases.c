#include "mapping/cases.h"

#include "base/file.h"
#include "base/text.h"
#include "mapping/case_values.h"

#include <stdlib.h>
#include <string.h>

struct loader {
    struct arena *arena;
    struct faults *faults;
    struct cases *cases;
    const char *ldif;          /* of the file, for cases that name none */
    struct test_case *present; /* the case that is being read */
};

static void read_cases(struct loader *loader, const struct yaml_node *node);

/* "-" is a file of that name, not standard input. */
static const char *
read_path(const struct loader *loader, const struct yaml_node *node)
{
    if (slice_equal(node->text, slice_of("-")))
        return "./-";
    return file_relative_to(loader->arena, loader->cases->path, node->text.data);
}

static void
read_mapping(struct loader *loader, const struct yaml_node *node)
{
    loader->cases->mapping = read_path(loader, node);
    loader->cases->mapping_where = node->where;
}

static void
read_today(struct loader *loader, const struct yaml_node *node)
{
    if (!date_parse(node->text, &loader->cases->today))
        faults_add(loader->faults, node->where, "'today' must be a date as YYYY-MM-DD, not '%s'",
                   node->text.data);
}

/* "2026-09-01T03:00:00Z" is GeneralizedTime with signs between its parts. */
static void
read_now(struct loader *loader, const struct yaml_node *node)
{
    static const char form[] = "YYYY-MM-DDThh:mm:ssZ";
    const char *text = node->text.data;
    struct slice plain;
    bool good = node->text.length == sizeof form - 1;

    for (size_t i = 0; good && i < sizeof form - 1; i++)
        if (strchr("-T:Z", form[i]))
            good = text[i] == form[i];
    if (good)
        plain = slice_of(arena_format(loader->arena, "%.4s%.2s%.2s%.2s%.2s%.2sZ", text, text + 5,
                                      text + 8, text + 11, text + 14, text + 17));
    if (!good || !date_parse_generalized_time(plain, &loader->cases->now))
        faults_add(loader->faults, node->where, "'now' must be a time as %s, not '%s'", form, text);
}

static void
read_record_type(struct loader *loader, const struct yaml_node *node)
{
    loader->cases->record_type = node->text.data;
}

static void
read_file_ldif(struct loader *loader, const struct yaml_node *node)
{
    loader->ldif = read_path(loader, node);
}

/* The line of the file on which the node's text begins. */
static unsigned
first_line(const struct yaml_node *node)
{
    return node->where.line + (node->block ? 1 : 0);
}

static void
read_name(struct loader *loader, const struct yaml_node *node)
{
    struct slice name = text_tidy(loader->arena, node->text);

    loader->present->name = arena_copy(loader->arena, name.data, name.length);
    if (name.length == 0)
        faults_add(loader->faults, node->where, "'name' has no value");
}

static void
read_entry(struct loader *loader, const struct yaml_node *node)
{
    loader->present->entry = node->text;
    loader->present->entry_where = node->where;
    loader->present->entry_line = first_line(node);
}

static void
read_ldif(struct loader *loader, const struct yaml_node *node)
{
    loader->present->ldif = read_path(loader, node);
    loader->present->entry_where = node->where;
}

static void
read_dn(struct loader *loader, const struct yaml_node *node)
{
    loader->present->dn = node->text.data;
    loader->present->entry_where = node->where;
}

static void
read_expect(struct loader *loader, const struct yaml_node *node)
{
    struct test_case *present = loader->present;

    present->expect = arena_alloc(loader->arena, node->count * sizeof *present->expect);
    for (size_t i = 0; i < node->count; i++)
        if (case_values_expect(loader->arena, node->keys[i], node->items[i], loader->faults,
                               &present->expect[present->expect_count]))
            present->expect_count++;
}

/* Of a list, or of the one node that stands in its place. */
static size_t
count_of(const struct yaml_node *node)
{
    return node->kind == YAML_LIST ? node->count : 1;
}

static const struct yaml_node *
item_of(const struct yaml_node *node, size_t index)
{
    return node->kind == YAML_LIST ? node->items[index] : node;
}

static void
read_absent(struct loader *loader, const struct yaml_node *node)
{
    struct test_case *present = loader->present;
    size_t count = count_of(node);

    present->absent = arena_alloc(loader->arena, count * sizeof *present->absent);
    for (size_t i = 0; i < count; i++)
        if (case_values_absent(loader->arena, item_of(node, i), loader->faults,
                               &present->absent[present->absent_count]))
            present->absent_count++;
}

static void
read_rejected(struct loader *loader, const struct yaml_node *node)
{
    struct case_finding *rejected = &loader->present->rejected;

    loader->present->outcome = CASE_REJECTED;
    if (!case_values_finding(loader->arena, node, loader->faults, rejected))
        return;
    if (finding_kind(rejected->code)->severity != FINDING_REJECT)
        faults_add(loader->faults, node->where, "the finding '%s' rejects nobody",
                   finding_kind(rejected->code)->name);
}

static void
read_skipped(struct loader *loader, const struct yaml_node *node)
{
    loader->present->outcome = CASE_SKIPPED;
    if (!slice_equal(node->text, slice_of("true")))
        faults_add(loader->faults, node->where,
                   "'skipped' must be true, not '%s'; who is not skipped has no such line",
                   node->text.data);
}

static void
read_finding(struct loader *loader, const struct yaml_node *node)
{
    struct test_case *present = loader->present;
    size_t count = count_of(node);

    if (node->kind == YAML_SCALAR && slice_equal(node->text, slice_of("none"))) {
        present->no_findings = true;
        return;
    }
    present->findings = arena_alloc(loader->arena, count * sizeof *present->findings);
    for (size_t i = 0; i < count; i++)
        if (case_values_finding(loader->arena, item_of(node, i), loader->faults,
                                &present->findings[present->finding_count]))
            present->finding_count++;
}

static void
read_xml(struct loader *loader, const struct yaml_node *node)
{
    const struct yaml_node *file = yaml_get(node, "file");
    struct test_case *present = loader->present;

    present->xml_where = node->where;
    if (node->kind == YAML_SCALAR) {
        present->xml = node->text;
        present->xml_line = first_line(node);
    } else if (node->count == 1 && file && file->kind == YAML_SCALAR && !yaml_is_null(file)) {
        present->xml_file = read_path(loader, file);
        present->xml_where = file->where;
    } else {
        faults_add(loader->faults, node->where,
                   "'xml' must be a record as text, or '{ file: FILE }'");
    }
}

#define KIND(kind) (1u << (kind))

static const struct key {
    struct case_key key;
    void (*read)(struct loader *loader, const struct yaml_node *node);
} keys[] = {
    {{"mapping", false, true, KIND(YAML_SCALAR), "the mapping that is tested"}, read_mapping},
    {{"today", false, true, KIND(YAML_SCALAR), "the day on which the cases run, as YYYY-MM-DD"},
     read_today},
    {{"now", false, false, KIND(YAML_SCALAR),
      "the time, as YYYY-MM-DDThh:mm:ssZ; default: the first second of today"},
     read_now},
    {{"record_type", false, false, KIND(YAML_SCALAR),
      "alma.record_type of the settings; default: PUBLIC"},
     read_record_type},
    {{"ldif", false, false, KIND(YAML_SCALAR), "a file with the entries that cases name by dn"},
     read_file_ldif},
    {{"cases", false, true, KIND(YAML_LIST), "the cases"}, read_cases},
    {{"name", true, true, KIND(YAML_SCALAR), "what the case shows; no two have the same"},
     read_name},
    {{"entry", true, false, KIND(YAML_SCALAR), "the entry, as LDIF"}, read_entry},
    {{"ldif", true, false, KIND(YAML_SCALAR), "a file with the entry"}, read_ldif},
    {{"dn", true, false, KIND(YAML_SCALAR), "which entry of the file; default: its only one"},
     read_dn},
    {{"expect", true, false, KIND(YAML_MAP), "fields and the values that they must have"},
     read_expect},
    {{"absent", true, false, KIND(YAML_SCALAR) | KIND(YAML_LIST), "fields that must have no value"},
     read_absent},
    {{"rejected", true, false, KIND(YAML_SCALAR),
      "the finding for which the record must be rejected: CODE, or CODE FIELD"},
     read_rejected},
    {{"skipped", true, false, KIND(YAML_SCALAR), "true: select must not match the entry"},
     read_skipped},
    {{"finding", true, false, KIND(YAML_SCALAR) | KIND(YAML_LIST),
      "findings that must be there: CODE, or CODE FIELD; or none, where there must be no other"},
     read_finding},
    {{"xml", true, false, KIND(YAML_SCALAR) | KIND(YAML_MAP),
      "the whole record as XML, or file: a file with it"},
     read_xml},
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

const struct case_key *
case_key(size_t index)
{
    return index < KEY_COUNT ? &keys[index].key : NULL;
}

static const struct key *
find_key(struct loader *loader, const struct yaml_node *node, bool of_case)
{
    const char *names[KEY_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (keys[i].key.of_case != of_case)
            continue;
        if (slice_equal(node->text, slice_of(keys[i].key.name)))
            return &keys[i];
        names[count++] = keys[i].key.name;
    }
    faults_add_unknown(loader->faults, node->where, of_case ? "key of a case" : "key",
                       node->text.data, names, count);
    return NULL;
}

static bool
expect_kind(struct loader *loader, const struct case_key *key, const struct yaml_node *node)
{
    const char *kinds = "";

    if (yaml_is_null(node) || (node->kind == YAML_SCALAR && node->text.length == 0)) {
        faults_add(loader->faults, node->where, "'%s' has no value", key->name);
        return false;
    }
    if (node->kind != YAML_SCALAR && node->count == 0) {
        faults_add(loader->faults, node->where, "'%s' is empty", key->name);
        return false;
    }
    if (key->kinds & KIND(node->kind))
        return true;
    for (int i = YAML_SCALAR; i <= YAML_MAP; i++)
        if (key->kinds & KIND(i))
            kinds = arena_format(loader->arena, "%s%s%s", kinds, kinds[0] ? " or " : "",
                                 yaml_kind_name((enum yaml_kind)i));
    faults_add(loader->faults, node->where, "'%s' must be %s, not %s", key->name, kinds,
               yaml_kind_name(node->kind));
    return false;
}

static void
read_keys(struct loader *loader, const struct yaml_node *map, bool of_case)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct key *key = find_key(loader, map->keys[i], of_case);

        /* A second one of the same name is a fault already. */
        if (key && yaml_get(map, key->key.name) == map->items[i] &&
            expect_kind(loader, &key->key, map->items[i]))
            key->read(loader, map->items[i]);
    }
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].key.required && keys[i].key.of_case == of_case &&
            !yaml_get(map, keys[i].key.name))
            faults_add(loader->faults, map->where, "'%s' is missing: %s", keys[i].key.name,
                       keys[i].key.help);
}

/* Of two keys that exclude each other the second is told. */
static void
refuse_beside(struct loader *loader, const struct yaml_node *map, const char *first,
              const char *second, const char *why)
{
    const struct yaml_node *node = yaml_get(map, second);

    if (node && yaml_get(map, first))
        faults_add(loader->faults, node->where, "'%s' beside '%s': %s", second, first, why);
}

static void
check_case(struct loader *loader, const struct yaml_node *map)
{
    static const char *const outcomes[] = {"expect",  "absent",  "rejected",
                                           "skipped", "finding", "xml"};
    static const char *const of_records[] = {"expect", "absent", "xml"};
    bool expects = false;

    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        expects = expects || yaml_get(map, outcomes[i]);
    if (!expects)
        faults_add(loader->faults, map->where,
                   "the case expects nothing: 'expect', 'absent', 'rejected', 'skipped', 'finding' "
                   "or 'xml' says what");
    for (size_t i = 0; i < sizeof of_records / sizeof of_records[0]; i++) {
        refuse_beside(loader, map, "rejected", of_records[i], "who is rejected has no record");
        refuse_beside(loader, map, "skipped", of_records[i], "who is skipped has no record");
    }
    refuse_beside(loader, map, "rejected", "skipped", "it is one of them");
    refuse_beside(loader, map, "entry", "ldif", "the entry stands in one of them");
    refuse_beside(loader, map, "entry", "dn", "only an entry of a file is named");
}

static void
read_case(struct loader *loader, const struct yaml_node *node)
{
    struct test_case *present = &loader->cases->items[loader->cases->count];

    if (node->kind != YAML_MAP) {
        faults_add(loader->faults, node->where, "a case must be a map, not %s",
                   yaml_kind_name(node->kind));
        return;
    }
    *present = (struct test_case){.name = "", .where = node->where, .entry_where = node->where};
    loader->present = present;
    read_keys(loader, node, true);
    check_case(loader, node);
    loader->cases->count++;
}

static void
read_cases(struct loader *loader, const struct yaml_node *node)
{
    loader->cases->items = arena_alloc(loader->arena, node->count * sizeof(struct test_case));
    for (size_t i = 0; i < node->count; i++)
        read_case(loader, node->items[i]);
}

/* Cases without an entry of their own take it from the file that all share. */
static void
find_entries(struct loader *loader)
{
    for (size_t i = 0; i < loader->cases->count; i++) {
        struct test_case *present = &loader->cases->items[i];

        if (present->entry.data || present->ldif)
            continue;
        present->ldif = loader->ldif;
        if (!present->ldif)
            faults_add(loader->faults, present->where,
                       "the case has no entry: 'entry' holds one as LDIF, 'ldif' names a file");
    }
}

static int
compare_names(const void *a, const void *b)
{
    const struct test_case *first = *(struct test_case *const *)a;
    const struct test_case *second = *(struct test_case *const *)b;
    int order = strcmp(first->name, second->name);

    return order != 0 ? order : (first > second) - (first < second);
}

/* Reports tell cases apart by their names. */
static void
check_names(struct loader *loader)
{
    size_t count = loader->cases->count;
    struct test_case **sorted = arena_alloc(loader->arena, count * sizeof(struct test_case *));

    for (size_t i = 0; i < count; i++)
        sorted[i] = &loader->cases->items[i];
    qsort(sorted, count, sizeof(struct test_case *), compare_names);
    for (size_t i = 1; i < count; i++)
        if (sorted[i]->name[0] && strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
            faults_add(loader->faults, sorted[i]->where, "the case of line %u has the same name",
                       sorted[i - 1]->where.line);
}

static struct cases *
load(struct arena *arena, const char *path, const struct yaml_node *root, struct faults *faults)
{
    struct loader loader = {.arena = arena, .faults = faults};
    struct cases *cases = arena_alloc(arena, sizeof *cases);

    cases->path = path;
    loader.cases = cases;
    if (!root)
        return cases;
    if (root->kind != YAML_MAP) {
        faults_add(faults, root->where, "a test file must be a map, not %s",
                   yaml_kind_name(root->kind));
        return cases;
    }
    read_keys(&loader, root, false);
    find_entries(&loader);
    check_names(&loader);
    if (!yaml_get(root, "now") && date_is_valid(cases->today))
        cases->now = date_to_time(cases->today);
    return cases;
}

struct cases *
cases_load(struct arena *arena, const char *path, struct faults *faults)
{
    return load(arena, path, yaml_load(arena, path, faults), faults);
}

struct cases *
cases_parse(struct arena *arena, const char *path, struct slice text, struct faults *faults)
{
    return load(arena, path, yaml_parse(arena, path, text, faults), faults);
}
