#include "run/cases.h"

#include "alma/alma.h"
#include "base/file.h"
#include "base/text.h"
#include "mapping/cases.h"
#include "run/case_entries.h"
#include "run/case_explain.h"
#include "run/case_run.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A test file that was loaded, with its mapping. */
struct suite {
    struct cases *cases;
    struct attributes *attributes;
    struct mapping *mapping;
    const char *identity;         /* of the mapping's file, however it is named */
    const struct entry **entries; /* one a case */
    struct slice *records;        /* expected XML in its canonical form, or SLICE_NONE */
};

struct session {
    const struct cases_options *options;
    struct arena *arena;
    const struct messenger *messenger;
    struct suite *suites;
    struct alma_writer *writer;
    struct arena *scratch;
    struct case_report *report;
};

enum { XML_BYTES_MOST = 16 * 1024 * 1024 };

/* Several test files may name one mapping, whose faults are told once. */
static bool
was_refused(const struct session *session, const struct suite *suite)
{
    for (const struct suite *other = session->suites; other < suite; other++)
        if (other->identity && !other->mapping && strcmp(other->identity, suite->identity) == 0)
            return true;
    return false;
}

/* A mapping that is not there is a fault of the file that names it. */
static void
find_mapping(const struct cases *cases, struct faults *faults)
{
    if (cases->mapping && access(cases->mapping, R_OK) != 0)
        faults_add(faults, cases->mapping_where, "cannot read the mapping '%s': %s", cases->mapping,
                   strerror(errno));
}

static bool
load_mapping(struct session *session, struct suite *suite, struct error *err)
{
    const struct cases *cases = suite->cases;
    const struct mapping_options options = {
        .path = cases->mapping, .today = cases->today, .now = cases->now};

    suite->identity = file_real_path(session->arena, cases->mapping);
    suite->attributes = attributes_new();
    if (was_refused(session, suite))
        return error_set(err, ERROR_CONFIG, "%s", ""); /* told already */
    suite->mapping = mapping_load(&options, suite->attributes, session->messenger, err);
    return suite->mapping != NULL;
}

static void
load_record(struct session *session, const struct test_case *item, struct slice *ret_record,
            struct faults *faults)
{
    struct buffer record = BUFFER_INIT;
    struct error err = ERROR_INIT;
    struct position where = item->xml_where;
    struct slice xml = item->xml;
    unsigned line = 0;

    *ret_record = SLICE_NONE;
    if (!xml.data && !item->xml_file)
        return;
    if (item->xml_file && !file_read(session->arena, item->xml_file, XML_BYTES_MOST, &xml, &err)) {
        faults_add(faults, where, "%s", err.text);
        return;
    }
    if (alma_canonical(xml, &record, &line, &err))
        *ret_record = arena_slice(session->arena, (struct slice){record.data, record.length});
    else if (item->xml_file)
        faults_add(faults, where, "'%s' line %u: %s", item->xml_file, line, err.text);
    else
        faults_add(faults, (struct position){where.file, item->xml_line + line - 1, 1}, "%s",
                   err.text);
    buffer_free(&record);
}

static void
load_inputs(struct session *session, struct suite *suite, struct faults *faults)
{
    const struct cases *cases = suite->cases;
    struct case_entries *entries = case_entries_new(session->arena, suite->attributes, faults);

    suite->entries = arena_alloc(session->arena, cases->count * sizeof(struct entry *));
    suite->records = arena_alloc(session->arena, cases->count * sizeof *suite->records);
    for (size_t i = 0; i < cases->count; i++) {
        suite->entries[i] = case_entries_find(entries, &cases->items[i]);
        load_record(session, &cases->items[i], &suite->records[i], faults);
    }
}

static bool
load_suite(struct session *session, const char *path, struct suite *suite, struct error *err)
{
    struct faults *faults = faults_new();
    const char *what = arena_format(session->arena, "the test file '%s'", path);
    bool ok;

    suite->cases = cases_load(session->arena, arena_string(session->arena, path), faults);
    find_mapping(suite->cases, faults);
    ok =
        faults_conclude(faults, session->messenger, what, err) && load_mapping(session, suite, err);
    if (ok) {
        cases_check(suite->cases, suite->mapping, faults);
        load_inputs(session, suite, faults);
        ok = faults_conclude(faults, session->messenger, what, err);
    }
    faults_free(faults);
    return ok;
}

/* All files are loaded before one is run, so that all faults are told. The first failure is the
 * one that is returned. */
static bool
load_suites(struct session *session, struct error *err)
{
    bool good = true;

    for (size_t i = 0; i < session->options->count; i++) {
        struct error fault = ERROR_INIT;

        if (load_suite(session, session->options->paths[i], &session->suites[i], &fault))
            continue;
        if (good)
            *err = fault;
        else if (fault.text[0])
            message_say(session->messenger, MESSAGE_ERROR, "%s", fault.text);
        good = false;
    }
    return good;
}

static bool
is_wanted(const struct session *session, const char *name)
{
    const char *pattern = session->options->pattern;

    return !pattern ||
           fnmatch(arena_format(session->arena, "*%s*", pattern), name, FNM_CASEFOLD) == 0;
}

static void
run_suite(struct session *session, struct suite *suite, unsigned char *reached_by_any)
{
    size_t part_count = mapping_part_count(suite->mapping);
    struct case_file *file = &session->report->files[session->report->file_count];
    const struct case_bench bench = {.cases = suite->cases,
                                     .mapping = suite->mapping,
                                     .writer = session->writer,
                                     .scratch = session->scratch,
                                     .reached = arena_alloc(session->arena, part_count)};

    file->path = case_text(session->arena, slice_of(suite->cases->path));
    file->results = arena_alloc(session->arena, suite->cases->count * sizeof *file->results);
    for (size_t i = 0; i < suite->cases->count; i++) {
        const struct test_case *item = &suite->cases->items[i];

        if (!is_wanted(session, item->name))
            continue;
        memset(bench.reached, 0, part_count);
        file->results[file->count++] =
            case_run(&bench, item, suite->entries[i], suite->records[i], session->arena);
        for (size_t j = 0; j < part_count; j++)
            reached_by_any[j] |= bench.reached[j];
    }
    if (file->count > 0)
        session->report->file_count++;
}

static const char *
part_text(struct arena *arena, const struct mapping_part *part)
{
    static const char *const kinds[] = {
        [MAPPING_ALTERNATIVE] = "alternative", [MAPPING_ITEM] = "item", [MAPPING_ROW] = "row"};
    const char *text = case_text(arena, slice_of(part->text));

    return arena_format(arena, "%s of %s%s%s", kinds[part->kind], part->name, text ? ": " : "",
                        text ? text : "");
}

static struct case_coverage
sum_up(struct session *session, const struct suite *suite, const unsigned char *reached)
{
    struct case_coverage coverage = {.mapping =
                                         case_text(session->arena, slice_of(suite->cases->mapping)),
                                     .total = mapping_part_count(suite->mapping)};
    struct case_missed *missed = arena_alloc(session->arena, coverage.total * sizeof *missed);

    for (size_t i = 0; i < coverage.total; i++) {
        struct mapping_part part = mapping_part(suite->mapping, i);

        if (reached[i])
            coverage.reached++;
        else
            missed[coverage.missed_count++] = (struct case_missed){
                case_position(session->arena, part.where), part_text(session->arena, &part)};
    }
    coverage.missed = missed;
    return coverage;
}

/* Runs the suites in the order of the files; those of one mapping share its coverage. A mapping
 * that changed between two loads has other parts, and is counted for itself. */
static void
run_suites(struct session *session)
{
    size_t count = session->options->count;
    unsigned char **reached = arena_alloc(session->arena, count * sizeof(unsigned char *));
    struct case_report *report = session->report;

    report->files = arena_alloc(session->arena, count * sizeof *report->files);
    report->coverages = arena_alloc(session->arena, count * sizeof *report->coverages);
    for (size_t i = 0; i < count; i++) {
        struct suite *suite = &session->suites[i];
        size_t parts = mapping_part_count(suite->mapping);

        for (size_t j = 0; j < i && !reached[i]; j++)
            if (strcmp(session->suites[j].identity, suite->identity) == 0 &&
                mapping_part_count(session->suites[j].mapping) == parts)
                reached[i] = reached[j];
        if (!reached[i])
            reached[i] = arena_alloc(session->arena, parts);
        run_suite(session, suite, reached[i]);
    }
    for (size_t i = 0; i < count; i++) {
        bool first = true;

        for (size_t j = 0; j < i; j++)
            first = first && reached[j] != reached[i];
        if (first)
            report->coverages[report->coverage_count++] =
                sum_up(session, &session->suites[i], reached[i]);
    }
}

static void
close_suites(struct session *session)
{
    for (size_t i = 0; i < session->options->count; i++) {
        mapping_free(session->suites[i].mapping);
        attributes_free(session->suites[i].attributes);
    }
    alma_writer_free(session->writer);
    arena_free(session->scratch);
}

bool
cases_run(const struct cases_options *options, struct arena *arena,
          const struct messenger *messenger, struct case_report *ret_report, struct error *err)
{
    struct session session = {
        .options = options,
        .arena = arena,
        .messenger = messenger,
        .suites = arena_alloc(arena, options->count * sizeof(struct suite)),
        .writer = alma_writer_new(),
        .scratch = arena_new(),
        .report = ret_report,
    };
    bool ok = load_suites(&session, err);

    *ret_report = (struct case_report){0};
    if (ok)
        run_suites(&session);
    close_suites(&session);
    if (ok && ret_report->file_count == 0)
        ok = error_set(err, ERROR_USAGE, "no case has a name with '%s' in it", options->pattern);
    return ok;
}
