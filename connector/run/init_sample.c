#include "run/init_run.h"

#include "base/text.h"
#include "run/init_text.h"
#include "run/stages.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- who is looked at ---- */

/* People at equal distances in the order in which the server gave them: no place is left out. */
static const char **
pick(struct init_run *run)
{
    const char **dns;

    run->sample_count = run->chosen < INIT_SAMPLE_MOST ? run->chosen : INIT_SAMPLE_MOST;
    dns = arena_alloc(run->arena, run->sample_count * sizeof *dns);
    for (size_t i = 0; i < run->sample_count; i++)
        dns[i] = run->people[i * run->chosen / run->sample_count].dn;
    return dns;
}

/* ---- which attributes there are ---- */

static void
take_name(void *context, size_t index, struct slice name)
{
    struct init_tally *names = context;

    (void)index;
    init_tally_add(names, name, 1);
}

static int
compare_names(const void *a, const void *b)
{
    return strcasecmp(((const struct init_attribute *)a)->name,
                      ((const struct init_attribute *)b)->name);
}

/* Where entries do not name their groups themselves, the groups say it: the mapping's `groups`. */
static void
add_groups(struct init_run *run, const struct init_tally *names)
{
    if (run->told_groups > 0 && !init_tally_find(names, slice_of("memberOf")) &&
        !init_tally_find(names, slice_of("isMemberOf")))
        run->stats[run->stat_count++] = (struct init_attribute){.name = "groups"};
}

static void
list_attributes(struct init_run *run, const struct init_tally *names)
{
    const struct init_count *rows = init_tally_rows(names, &run->stat_count);

    run->attributes = attributes_new();
    run->stats = arena_alloc(run->arena, (run->stat_count + 1) * sizeof *run->stats);
    for (size_t i = 0; i < run->stat_count; i++)
        run->stats[i] = (struct init_attribute){.name = rows[i].text.data, .people = rows[i].count};
    add_groups(run, names);
    if (run->stat_count)
        qsort(run->stats, run->stat_count, sizeof *run->stats, compare_names);
    for (size_t i = 0; i < run->stat_count; i++)
        if (!init_is_never_read(run->stats[i].name))
            attributes_add(run->attributes, slice_of(run->stats[i].name));
}

/* ---- what is in them ---- */

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct init_run *run = context;

    (void)err;
    run->sample[run->sample_count++] = entry_copy(run->arena, entry);
    return true;
}

static bool
read_values(struct init_run *run, const char *const *dns, struct error *err)
{
    struct ldap_search *searches = arena_alloc(run->arena, run->sample_count * sizeof *searches);
    size_t count = run->sample_count;

    for (size_t i = 0; i < count; i++)
        searches[i] = (struct ldap_search){.base = dns[i],
                                           .filter = "(objectClass=*)",
                                           .scope = LDAP_SEARCH_BASE,
                                           .may_be_missing = true};
    run->sample = arena_alloc(run->arena, count * sizeof *run->sample);
    run->sample_count = 0;
    return init_read(run, searches, count, run->attributes, take_entry, run, err);
}

static void
judge_attribute(struct init_run *run, struct init_attribute *stat)
{
    struct init_tally *values, *forms;
    const struct init_count *sorted;
    size_t count;
    int slot = attributes_find(run->attributes, slice_of(stat->name));

    if (slot == ATTRIBUTE_NONE)
        return;
    values = init_tally_new(run->arena);
    stat->people = 0;
    for (size_t i = 0; i < run->sample_count; i++) {
        const struct entry_values *found = &run->sample[i].slots[slot];

        stat->people += found->count > 0;
        stat->several += found->count > 1;
        for (size_t j = 0; j < found->count; j++)
            init_tally_add(values, found->values[j], 1);
    }
    stat->values = init_tally_sorted(values, &stat->distinct);
    init_tally_free(values);
    forms = init_tally_new(run->arena);
    for (size_t i = 0; i < stat->distinct; i++)
        init_tally_add(forms, slice_of(init_mask(run->arena, stat->values[i].text)),
                       stat->values[i].count);
    sorted = init_tally_sorted(forms, &count);
    stat->form = count ? sorted[0].text.data : "";
    init_tally_free(forms);
}

/* It becomes part of a pattern in the mapping. */
static bool
is_domain(struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!isalnum((unsigned char)text.data[i]) && (!text.data[i] || !strchr(".-", text.data[i])))
            return false;
    return text.length > 0;
}

/* The domain of more than half of the mail addresses. */
static void
find_domain(struct init_run *run)
{
    const struct init_attribute *mail = init_attribute_find(run, "mail");
    struct init_tally *domains = init_tally_new(run->arena);
    const struct init_count *sorted;
    size_t addresses = 0, count;

    for (size_t i = 0; mail && i < mail->distinct; i++) {
        const char *at = strrchr(mail->values[i].text.data, '@');

        addresses += mail->values[i].count;
        if (at && at[1])
            init_tally_add(domains, slice_of(at + 1), mail->values[i].count);
    }
    sorted = init_tally_sorted(domains, &count);
    if (count > 0 && 2 * sorted[0].count > addresses && sorted[0].count >= INIT_SHARED_LEAST &&
        is_domain(sorted[0].folded)) {
        run->domain = arena_copy(run->arena, sorted[0].folded.data, sorted[0].folded.length);
        run->domain_people = sorted[0].count;
    }
    init_tally_free(domains);
}

bool
init_sample_read(struct init_run *run, struct error *err)
{
    const char **dns = pick(run);
    const struct survey_question question = {dns, run->sample_count, init_operational};
    struct init_tally *names = init_tally_new(run->arena);
    bool ok = survey_names(stages_server_options(run->arena, init_login_settings(run->login)),
                           &run->quiet, &question, take_name, names, err);

    if (ok) {
        list_attributes(run, names);
        ok = read_values(run, dns, err);
    }
    init_tally_free(names);
    if (!ok)
        return false;
    for (size_t i = 0; i < run->stat_count; i++)
        judge_attribute(run, &run->stats[i]);
    find_domain(run);
    return true;
}

/* ---- asking about it ---- */

const struct init_attribute *
init_attribute_find(const struct init_run *run, const char *name)
{
    for (size_t i = 0; i < run->stat_count; i++)
        if (run->stats[i].people > 0 && strcasecmp(run->stats[i].name, name) == 0)
            return &run->stats[i];
    return NULL;
}

unsigned
init_percent(const struct init_run *run, const char *name)
{
    const struct init_attribute *found = init_attribute_find(run, name);
    unsigned percent = found ? (unsigned)(found->people * 100 / run->sample_count) : 0;

    return found && percent == 0 ? 1 : percent;
}

struct entry_values
init_values(const struct entry *entry, const char *name)
{
    int slot = attributes_find(entry->attributes, slice_of(name));

    return slot == ATTRIBUTE_NONE ? (struct entry_values){NULL, 0} : entry->slots[slot];
}

bool
init_is_shared(const struct init_run *run, const char *attribute, struct slice value)
{
    const struct init_attribute *found = init_attribute_find(run, attribute);

    for (size_t i = 0; found && i < found->distinct; i++)
        if (found->values[i].count >= INIT_SHARED_LEAST &&
            slice_equal_nocase(found->values[i].text, value))
            return true;
    return false;
}
