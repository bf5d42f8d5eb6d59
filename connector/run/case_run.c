#include "run/case_run.h"

#include "base/diff.h"
#include "run/case_explain.h"
#include "run/person.h"
#include "settings/settings.h"

#include <stdlib.h>
#include <string.h>

/* A finding of the person, and whether the case expected it. */
struct found {
    struct finding finding;
    bool expected;
};

struct trial {
    const struct case_bench *bench;
    const struct test_case *item;
    struct arena *arena;
    struct user user;
    struct found *found;
    size_t found_count, found_capacity;
    struct case_difference *differences;
    size_t difference_count, difference_capacity;
};

static void
take_finding(void *context, const struct finding *finding)
{
    struct trial *trial = context;
    struct found *found;

    memory_grow(&trial->found, &trial->found_capacity, trial->found_count + 1,
                sizeof *trial->found);
    found = &trial->found[trial->found_count++];
    *found = (struct found){*finding, false};
    found->finding.text = arena_slice(trial->arena, finding->text);
    if (finding->field)
        found->finding.field = arena_string(trial->arena, finding->field);
}

static struct case_difference *
add_difference(struct trial *trial, const char *what, struct position where)
{
    struct case_difference *difference;

    memory_grow(&trial->differences, &trial->difference_capacity, trial->difference_count + 1,
                sizeof *trial->differences);
    difference = &trial->differences[trial->difference_count++];
    *difference =
        (struct case_difference){.what = what, .where = case_position(trial->arena, where)};
    return difference;
}

/* "required last_name" */
static const char *
finding_name(struct arena *arena, const struct finding *finding)
{
    return arena_format(arena, "%s%s%s", finding_kind(finding->code)->name,
                        finding->field ? " " : "", finding->field ? finding->field : "");
}

static bool
is_rejecting(const struct found *found)
{
    return finding_kind(found->finding.code)->severity == FINDING_REJECT;
}

static bool
is_unexpected(const struct found *found)
{
    return !found->expected;
}

/* The names of all findings, or of those that are wanted; NULL where there are none. */
static const char *
list_findings(const struct trial *trial, bool (*is_wanted)(const struct found *found))
{
    struct buffer list = BUFFER_INIT;
    const char *text;

    for (size_t i = 0; i < trial->found_count; i++) {
        if (is_wanted && !is_wanted(&trial->found[i]))
            continue;
        buffer_add_text(&list, list.length ? ", " : "");
        buffer_add_text(&list, finding_name(trial->bench->scratch, &trial->found[i].finding));
    }
    text = case_text(trial->arena, (struct slice){list.data, list.length});
    buffer_free(&list);
    return text;
}

/* Marks the findings that are meant; false where there is none. */
static bool
is_found(struct trial *trial, const struct case_finding *expected)
{
    bool any = false;

    for (size_t i = 0; i < trial->found_count; i++)
        if (case_finding_is(expected, &trial->found[i].finding))
            any = trial->found[i].expected = true;
    return any;
}

static const char *
outcome_text(struct trial *trial, enum case_outcome outcome, const char *why)
{
    static const char *const texts[] = {
        [CASE_RECORD] = "a record", [CASE_REJECTED] = "rejected", [CASE_SKIPPED] = "skipped"};

    if (outcome != CASE_REJECTED || !why)
        return texts[outcome];
    return arena_format(trial->arena, "rejected: %s", why);
}

static struct case_mapped
mapped_of(const struct trial *trial)
{
    return (struct case_mapped){trial->bench->mapping, trial->bench->cases->mapping, &trial->user};
}

/* Why somebody was rejected who lacks what the mapping requires: what was tried for it. */
static void
explain_rejection(struct trial *trial, struct case_difference *difference)
{
    const struct case_mapped mapped = mapped_of(trial);

    for (size_t i = 0; i < trial->found_count; i++) {
        const struct finding *finding = &trial->found[i].finding;

        if (finding->code != FINDING_REQUIRED)
            continue;
        case_explain_missing(&mapped, finding->field, trial->arena, difference);
        return;
    }
}

static void
judge_outcome(struct trial *trial, enum case_outcome got)
{
    const struct test_case *item = trial->item;
    struct case_difference *difference;
    bool as_expected = got == item->outcome;

    if (as_expected && got == CASE_REJECTED)
        as_expected = is_found(trial, &item->rejected);
    if (as_expected)
        return;
    difference = add_difference(
        trial, "outcome", item->outcome == CASE_REJECTED ? item->rejected.where : item->where);
    difference->expected = outcome_text(trial, item->outcome, item->rejected.text);
    difference->got = outcome_text(trial, got, list_findings(trial, is_rejecting));
    if (got == CASE_SKIPPED || item->outcome == CASE_SKIPPED)
        case_explain_select(trial->bench->mapping, got == CASE_SKIPPED, trial->arena, difference);
    else if (got == CASE_REJECTED)
        explain_rejection(trial, difference);
}

static void
judge_findings(struct trial *trial)
{
    const struct test_case *item = trial->item;
    struct case_difference *difference;

    for (size_t i = 0; i < item->finding_count; i++) {
        if (is_found(trial, &item->findings[i]))
            continue;
        difference = add_difference(trial, "finding", item->findings[i].where);
        difference->expected = item->findings[i].text;
        difference->got = list_findings(trial, NULL);
    }
    if (item->no_findings && list_findings(trial, is_unexpected)) {
        difference = add_difference(trial, "finding", item->where);
        difference->expected = "none";
        difference->got = list_findings(trial, is_unexpected);
    }
}

static void
judge_values(struct trial *trial, const struct case_value *values, size_t count)
{
    const struct case_mapped mapped = mapped_of(trial);

    for (size_t i = 0; i < count; i++) {
        const struct case_value *value = &values[i];
        struct case_texts got = case_value_got(value, &trial->user, trial->bench->scratch);
        struct case_difference *difference;

        if (case_value_holds(value, &got))
            continue;
        difference =
            add_difference(trial, case_text(trial->arena, slice_of(value->name)), value->where);
        difference->expected = case_texts(trial->arena, value->texts.items, value->texts.count);
        difference->got = case_texts(trial->arena, got.items, got.count);
        case_explain(&mapped, value, trial->arena, difference);
    }
}

/* Each line of the text ends with a line feed. */
static void
add_lines(struct trial *trial, struct slice text, struct case_difference *difference)
{
    const char **lines;

    for (size_t i = 0; i < text.length; i++)
        difference->line_count += text.data[i] == '\n';
    lines = arena_alloc(trial->arena, difference->line_count * sizeof *lines);
    for (size_t i = 0, at = 0, end; i < difference->line_count; i++, at = end + 1) {
        for (end = at; text.data[end] != '\n';)
            end++;
        lines[i] = case_text(trial->arena, (struct slice){text.data + at, end - at});
    }
    difference->lines = lines;
}

static void
judge_xml(struct trial *trial, struct slice expected)
{
    struct buffer record = BUFFER_INIT, got = BUFFER_INIT, lines = BUFFER_INIT;
    struct error err = ERROR_INIT;
    struct case_difference *difference;
    unsigned line;

    if (!expected.data)
        return;
    alma_write_user(trial->bench->writer, &trial->user, &record);
    if (!alma_canonical((struct slice){record.data, record.length}, &got, &line, &err)) {
        difference = add_difference(trial, "xml", trial->item->xml_where);
        difference->got = arena_string(trial->arena, err.text);
    }
    diff_lines(expected, (struct slice){got.data, got.length}, &lines);
    if (lines.length > 0) {
        difference = add_difference(trial, "xml", trial->item->xml_where);
        add_lines(trial, (struct slice){lines.data, lines.length}, difference);
    }
    buffer_free(&record);
    buffer_free(&got);
    buffer_free(&lines);
}

static const char *
make_note(const struct trial *trial, const struct finding *finding)
{
    const char *where = "";

    if (finding->where.line)
        where = arena_format(trial->arena, " (%s:%u:%u)",
                             case_text(trial->arena, slice_of(finding->where.file)),
                             finding->where.line, finding->where.column);
    return arena_format(trial->arena, "%s%s: %s", finding_name(trial->arena, finding), where,
                        case_text(trial->arena, finding->text));
}

static struct case_result
conclude(struct trial *trial)
{
    struct case_result result = {
        .name = case_text(trial->arena, slice_of(trial->item->name)),
        .where = case_position(trial->arena, trial->item->where),
        .difference_count = trial->difference_count,
    };
    const char **notes = arena_alloc(trial->arena, trial->found_count * sizeof *notes);
    struct case_difference *differences =
        arena_alloc(trial->arena, trial->difference_count * sizeof *differences);

    for (size_t i = 0; i < trial->found_count; i++)
        if (!trial->found[i].expected)
            notes[result.note_count++] = make_note(trial, &trial->found[i].finding);
    if (trial->difference_count)
        memcpy(differences, trial->differences, trial->difference_count * sizeof *differences);
    result.notes = notes;
    result.differences = differences;
    free(trial->found);
    free(trial->differences);
    return result;
}

/* `alma.record_type` where a site does not set it. */
static const char *
default_record_type(void)
{
    const struct option_help *option;

    for (size_t i = 0; (option = settings_option_help(i)); i++)
        if (strcmp(option->path, "alma.record_type") == 0)
            return option->fallback;
    return NULL;
}

struct case_result
case_run(const struct case_bench *bench, const struct test_case *item, const struct entry *entry,
         struct slice xml, struct arena *arena)
{
    static const enum case_outcome outcomes[] = {[MAPPING_MAPPED] = CASE_RECORD,
                                                 [MAPPING_SKIPPED] = CASE_SKIPPED,
                                                 [MAPPING_REJECTED] = CASE_REJECTED};
    const struct mapping_watch watch = {.reached = bench->reached, .derive = true};
    struct trial trial = {.bench = bench, .item = item, .arena = arena};
    const struct person_work work = {
        .mapping = bench->mapping,
        .record_type =
            bench->cases->record_type ? bench->cases->record_type : default_record_type(),
        .watch = &watch,
        .findings = {take_finding, &trial},
    };
    enum case_outcome got;

    arena_reset(bench->scratch);
    got = outcomes[person_make(&work, entry, bench->scratch, &trial.user)];
    judge_outcome(&trial, got);
    judge_findings(&trial);
    if (got == CASE_RECORD) {
        judge_values(&trial, item->expect, item->expect_count);
        judge_values(&trial, item->absent, item->absent_count);
        judge_xml(&trial, xml);
    }
    return conclude(&trial);
}
