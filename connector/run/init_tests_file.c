#include "run/init_run.h"

#include "model/user_fields.h"
#include "report/preview_fields.h"
#include "run/init_anonymous.h"
#include "run/init_text.h"
#include "run/person.h"

#include <string.h>

enum { CASES_MOST = 3 };

/* Somebody who may become a case. */
struct candidate {
    struct entry entry;
    struct preview_person person;
    const char *group; /* "": none */
    size_t filled;     /* attributes */
};

struct proposal {
    struct init_run *run;
    struct candidate chosen[CASES_MOST];
    size_t count;
};

static void
ignore_finding(void *context, const struct finding *finding)
{
    (void)context, (void)finding;
}

/* Maps somebody's double; false where no record comes of it. */
static bool
try_person(struct proposal *proposal, const struct entry *entry, struct candidate *ret_candidate)
{
    static const char group[] = "user_group";
    struct init_run *run = proposal->run;
    struct candidate candidate = {.group = ""};
    const struct person_work work = {.mapping = proposal->run->mapping,
                                     .record_type = "PUBLIC",
                                     .findings = {ignore_finding, NULL}};
    const struct user_value *value;

    candidate.entry = init_anonymous(run, proposal->run->mapped, entry, proposal->count);
    if (person_make(&work, &candidate.entry, run->arena, &candidate.person.user) != MAPPING_MAPPED)
        return false;
    value = &candidate.person.user.values[user_field_find(group)];
    if (value->text.data)
        candidate.group = arena_copy(run->arena, value->text.data, value->text.length);
    for (size_t i = 0; i < attributes_count(proposal->run->mapped); i++)
        candidate.filled += candidate.entry.slots[i].count > 0;
    *ret_candidate = candidate;
    return true;
}

static bool
has_group(const struct proposal *proposal, const char *group)
{
    for (size_t i = 0; i < proposal->count; i++)
        if (strcmp(proposal->chosen[i].group, group) == 0)
            return true;
    return false;
}

/* Of those with another group than the ones before who has most to show; where there is no further
 * group who has least, so that what is missing is shown too. */
static bool
choose_next(struct proposal *proposal)
{
    struct candidate best = {.group = ""}, least = {.group = ""}, candidate;
    bool found = false, other = false;

    for (size_t i = 0; i < proposal->run->sample_count; i++) {
        if (!try_person(proposal, &proposal->run->sample[i], &candidate))
            continue;
        if (!has_group(proposal, candidate.group) && (!other || candidate.filled > best.filled)) {
            best = candidate;
            other = true;
        }
        if (!found || candidate.filled < least.filled) {
            least = candidate;
            found = true;
        }
    }
    if (found)
        proposal->chosen[proposal->count++] = other ? best : least;
    return found;
}

/* ---- a case as text ---- */

static void
write_entry(const struct candidate *candidate, struct buffer *out)
{
    static const char indent[] = "      ";

    buffer_add_text(out, "    entry: |\n");
    init_ldif_line(out, indent, "dn", candidate->entry.dn);
    for (size_t i = 0; i < attributes_count(candidate->entry.attributes); i++) {
        const char *name = attributes_name(candidate->entry.attributes, (int)i);
        const struct entry_values *values = &candidate->entry.slots[i];

        for (size_t j = 0; j < values->count; j++)
            init_ldif_line(out, indent, name, values->values[j]);
    }
}

/* "2031-08-31Z", which is as good without its zone. */
static bool
is_day(struct slice value)
{
    struct date day;

    return value.length > 0 && value.data[value.length - 1] == 'Z' && date_parse(value, &day);
}

/* What the settings say, and what is the same for every item, is told by no case. */
static bool
is_told(const struct preview_field *field)
{
    bool of_every_item = field->list && (strcmp(field->name, "preferred") == 0 ||
                                         strcmp(field->name, "status") == 0);

    return field->count > 0 && !field->fallback && !of_every_item &&
           strcmp(field->path, "record_type") != 0;
}

static void
write_values(struct init_run *run, const struct preview_field *field, struct buffer *out)
{
    struct slice value = field->values[0];

    buffer_format(out, "      %s: ", field->path);
    if (!field->codes) {
        if (is_day(value))
            value.length--;
        buffer_format(out, "%s\n", init_quote(run->arena, value));
        return;
    }
    buffer_add_text(out, "[");
    for (size_t i = 0; i < field->count; i++)
        buffer_format(out, "%s%s", i ? ", " : "", init_quote_item(run->arena, field->values[i]));
    buffer_add_text(out, "]\n");
}

static void
write_case(struct init_run *run, const struct candidate *candidate, size_t number,
           struct buffer *out)
{
    size_t count;
    const struct preview_field *fields = preview_fields(&candidate->person, run->arena, &count);

    buffer_format(out, "%s  - name: %s, person %zu\n", number > 1 ? "\n" : "",
                  candidate->group[0] ? candidate->group : "without a group", number);
    write_entry(candidate, out);
    buffer_add_text(out, "    expect:\n");
    for (size_t i = 0; i < count; i++)
        if (is_told(&fields[i]))
            write_values(run, &fields[i], out);
}

/* Somebody whom `select` leaves out, where there is one. */
static void
write_skipped(struct init_run *run, struct buffer *out)
{
    struct candidate candidate = {.group = ""};
    const struct person_work work = {.mapping = run->mapping, .findings = {ignore_finding, NULL}};

    for (size_t i = 0; i < run->sample_count; i++) {
        candidate.entry = init_anonymous(run, run->mapped, &run->sample[i], CASES_MOST);
        if (person_make(&work, &candidate.entry, run->arena, &candidate.person.user) !=
            MAPPING_SKIPPED)
            continue;
        buffer_add_text(out, "\n  - name: an account that is out of use\n");
        write_entry(&candidate, out);
        buffer_add_text(out, "    skipped: true\n");
        run->tests++;
        return;
    }
}

bool
init_tests_write(struct init_run *run, struct error *err)
{
    struct proposal proposal = {.run = run};
    struct buffer *out = &run->tests_text;

    while (proposal.count < CASES_MOST && proposal.count < run->sample_count &&
           choose_next(&proposal))
        continue;
    if (proposal.count == 0) {
        error_set(err, ERROR_DATA, "of %zu people who were looked at nobody becomes a record",
                  run->sample_count);
        return error_hint(err,
                          "A record needs at least a surname: '%s' may not show it to this "
                          "account.",
                          run->server.uri);
    }
    buffer_format(
        out,
        "# What the mapping makes of people like yours. Each entry was made from a real one: its "
        "names,\n"
        "# numbers and addresses are invented in the same form, and only what several people share "
        "is\n"
        "# real. Each case expects what the mapping makes of it now: read whether that is what "
        "Alma\n"
        "# should get, and add a case whenever you change a rule. `ldap2alma test` runs them.\n"
        "mapping: " INIT_MAPPING "\ntoday: %s\ncases:\n",
        date_format(run->arena, INIT_TODAY));
    for (size_t i = 0; i < proposal.count; i++)
        write_case(run, &proposal.chosen[i], i + 1, out);
    run->tests = proposal.count;
    write_skipped(run, out);
    return true;
}
