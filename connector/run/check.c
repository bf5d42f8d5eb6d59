#include "run/check.h"

#include "run/check_run.h"
#include "run/feed.h"
#include "run/probe_kinds.h"
#include "run/stages.h"

#include <stdlib.h>

static void
add_line(void *context, const struct finding *finding)
{
    struct check_run *run = context;
    struct check *check = &run->content;

    memory_grow(&check->lines, &check->capacity, check->count + 1, sizeof *check->lines);
    check->lines[check->count++] =
        (struct check_line){.code = finding->code,
                            .where = finding->where,
                            .text = arena_slice(run->arena, finding->text)};
}

/* Loads the mapping and lints it; NULL where it has faults. */
static struct mapping *
look_at_mapping(struct check_run *run, struct mapping_options options,
                struct attributes *attributes, struct error *err)
{
    const struct finding_sink lines = {add_line, run};
    struct mapping *mapping;

    options.findings = &lines;
    mapping = mapping_load(&options, attributes, run->messenger, err);
    if (!mapping)
        return NULL;
    mapping_lint(mapping, &lines);
    run->mappings =
        memory_resize(run->mappings, (run->content.mappings + 1) * sizeof(struct mapping *));
    run->mappings[run->content.mappings++] = mapping;
    return mapping;
}

static void
add_probe(void *context, const struct probe *probe)
{
    struct check_run *run = context;
    struct check *check = &run->content;
    const char *hint = probe->hint;

    if (probe->verdict == PROBE_FAILURE && !hint[0])
        hint = probe_remedy(probe->name, run->photos);
    memory_grow(&check->probes, &check->probe_capacity, check->probe_count + 1,
                sizeof *check->probes);
    check->probes[check->probe_count++] = (struct check_probe){
        .name = probe->name,
        .verdict = probe->verdict,
        .code = probe->code,
        .text = arena_slice(run->arena, slice_of(probe->text)),
        .hint = arena_slice(run->arena, slice_of(hint)),
    };
}

static void
check_settings(struct check_run *run)
{
    probe_ok(&run->probes, "settings", "the settings '%s' have no fault", run->settings->path);
}

static void
check_mapping(struct check_run *run)
{
    struct error err = ERROR_INIT;

    run->attributes = attributes_new();
    if (look_at_mapping(run, stages_mapping_options(run->settings, time(NULL)), run->attributes,
                        &err)) {
        probe_ok(&run->probes, "mapping", "the mapping '%s' has no fault", run->settings->mapping);
        run->mapped = attributes_count(run->attributes);
    } else {
        probe_fail(&run->probes, "mapping", &err);
    }
    run->identity = identity_add_attributes(run->attributes);
}

/* Everybody goes through the mapping; what is found about them is in lines of its own. */
static void
check_people(struct check_run *run)
{
    struct error err = ERROR_INIT;
    struct people_inputs inputs;
    struct source *source;

    if (!run->readable || run->content.mappings == 0)
        return;
    inputs = (struct people_inputs){
        .mapping = run->mappings[0],
        .attributes = run->attributes,
        .record_type = run->settings->record_type,
        .hides = settings_have_servers(run->settings),
        .messenger = run->messenger,
        .probes = run->probes,
    };
    source = stages_open_source(run->arena, run->settings, run->messenger);
    run->people = people_check_new(&inputs);
    if (!people_check_read(run->people, source, &run->content, &err))
        probe_fail(&run->probes, "people", &err);
    source_close(source);
}

enum part { SETTINGS, MAPPING, STATE, MACHINE, DIRECTORY, PEOPLE, LIMITS, DELIVERY, NOTIFY, PARTS };

#define BIT(part) (1u << (part))

/* Where a run would come upon the trouble early comes first; the later ones know what the earlier
 * ones have found. */
static const struct check_step {
    struct check_part part;
    unsigned needs; /* parts before this one, as bits */
    void (*go)(struct check_run *run);
} steps[PARTS] = {
    [SETTINGS] = {{"settings", "the settings, which were loaded"}, 0, check_settings},
    [MAPPING] = {{"mapping", "the mapping, and what is doubtful in it"}, 0, check_mapping},
    [STATE] = {{"state", "whether the state can be used and is sound"}, 0, check_state},
    [MACHINE] = {{"machine", "the spool, its room, and this machine's clock"}, 0, check_machine},
    [DIRECTORY] = {{"directory", "whether a run could read the directory, and how it would ask for "
                                 "changes"},
                   BIT(MAPPING),
                   check_directory},
    [PEOPLE] = {{"people", "what the mapping makes of everybody in the directory"},
                BIT(DIRECTORY),
                check_people},
    [LIMITS] = {{"limits", "whether everybody fits into the packages of one run"},
                BIT(PEOPLE),
                check_limits},
    [DELIVERY] = {{"delivery", "whether packages could be delivered, and whether Alma takes them"},
                  0,
                  check_delivery},
    [NOTIFY] = {{"notify", "the programs that are told of runs"}, 0, check_notify},
};

const struct check_part *
check_part_at(size_t index)
{
    return index < PARTS ? &steps[index].part : NULL;
}

/* The bits of the part and of all that it needs; NULL means all parts. */
static bool
find_parts(const char *name, unsigned *ret_parts, struct error *err)
{
    unsigned parts = name ? 0 : BIT(PARTS) - 1;

    for (int i = PARTS - 1; i >= 0; i--) {
        if (name && strcmp(steps[i].part.name, name) == 0)
            parts = BIT(i);
        if (parts & BIT(i))
            parts |= steps[i].needs;
    }
    *ret_parts = parts;
    return parts || error_set(err, ERROR_USAGE, "there is no check '%s'", name);
}

struct check_run *
check_new(const struct settings *settings, const struct messenger *messenger)
{
    struct check_run *run = memory_zero(1, sizeof *run);

    run->settings = settings;
    run->messenger = messenger;
    run->probes = (struct probe_sink){add_probe, run};
    run->arena = arena_new();
    return run;
}

/* What does not pass by itself is graver than what may. */
static const enum error_code by_gravity[] = {
    ERROR_INTERNAL, ERROR_CONFIG, ERROR_PERMISSION,  ERROR_WRITE,
    ERROR_DATA,     ERROR_BRAKE,  ERROR_UNAVAILABLE, ERROR_LOCKED,
};

static const struct check_probe *
gravest_failure(const struct check *check)
{
    for (size_t i = 0; i < sizeof by_gravity / sizeof by_gravity[0]; i++)
        for (size_t j = 0; j < check->probe_count; j++)
            if (check->probes[j].verdict == PROBE_FAILURE && check->probes[j].code == by_gravity[i])
                return &check->probes[j];
    return NULL;
}

/* One failure is told as a run would tell it. */
bool
check_tell_failures(const struct check *check, struct error *err)
{
    const struct check_probe *gravest = gravest_failure(check);
    size_t failures = check_count_probes(check, PROBE_FAILURE);

    if (!gravest)
        return true;
    error_set(err, gravest->code, "%s", gravest->text.data);
    if (failures > 1)
        error_prefix(err, "%zu failures, the gravest is", failures);
    return error_hint(err, "%s", gravest->hint.data);
}

struct check_run *
check_feed(const struct settings *settings, const char *part, const struct messenger *messenger,
           bool *ret_ok, struct error *err)
{
    struct check_run *run;
    unsigned parts;

    *ret_ok = find_parts(part, &parts, err);
    if (!*ret_ok)
        return NULL;
    run = check_new(settings, messenger);
    for (size_t i = 0; i < PARTS; i++) {
        if (!(parts & BIT(i)))
            continue;
        message_say(messenger, MESSAGE_DEBUG, "check: %s", steps[i].part.name);
        steps[i].go(run);
    }
    check_sort(&run->content);
    *ret_ok = check_tell_failures(&run->content, err);
    return run;
}

struct check_run *
check_mappings(const char *const *paths, size_t count, const struct messenger *messenger,
               bool *ret_ok, struct error *err)
{
    struct check_run *run = check_new(NULL, messenger);
    size_t faulty = 0;

    for (size_t i = 0; i < count; i++) {
        struct attributes *attributes = attributes_new();
        struct mapping_options options = stages_time_options(time(NULL));

        options.path = arena_string(run->arena, paths[i]);
        if (!look_at_mapping(run, options, attributes, err)) {
            faulty++;
            if (count > 1)
                message_say(messenger, MESSAGE_ERROR, "%s", err->text);
        }
        attributes_free(attributes);
    }
    if (faulty > 0 && count > 1)
        error_set(err, ERROR_CONFIG, "%zu of %zu mappings cannot be used", faulty, count);
    *ret_ok = faulty == 0;
    check_sort(&run->content);
    return run;
}

void
check_free(struct check_run *run)
{
    if (!run)
        return;
    people_check_free(run->people);
    for (size_t i = 0; i < run->content.mappings; i++)
        mapping_free(run->mappings[i]);
    free(run->mappings);
    attributes_free(run->attributes);
    arena_free(run->arena);
    free(run->content.lines);
    free(run->content.probes);
    free(run);
}

const struct check *
check_content(const struct check_run *run)
{
    return &run->content;
}

static bool
found_anything(const struct check *check)
{
    return check->count > 0 || check_count_probes(check, PROBE_WARNING) > 0;
}

bool
check_is_strict_enough(const struct check_run *run, unsigned flags, struct error *err)
{
    return !(flags & L2A_CHECK_STRICT) || !found_anything(check_content(run)) ||
           error_set(err, ERROR_DATA, "the check found something, and it is strict");
}

static int
conclude(struct l2a *feed, bool ok, unsigned flags)
{
    return ok && check_is_strict_enough(feed->check, flags, &feed->err) ? L2A_DONE
                                                                        : feed_failed(feed);
}

int
l2a_check(struct l2a *feed, const char *const *mappings, size_t count, unsigned flags)
{
    bool ok;

    if (count == 0)
        return l2a_check_part(feed, NULL, flags);
    if (!feed_begin(feed, false, flags, L2A_CHECK_STRICT))
        return feed_failed(feed);
    check_free(feed->check);
    feed->check = check_mappings(mappings, count, &feed->messenger, &ok, &feed->err);
    return conclude(feed, ok, flags);
}

int
l2a_check_part(struct l2a *feed, const char *part, unsigned flags)
{
    bool ok;

    if (!feed_begin(feed, true, flags, L2A_CHECK_STRICT))
        return feed_failed(feed);
    check_free(feed->check);
    feed->check = check_feed(&feed->settings, part, &feed->messenger, &ok, &feed->err);
    return conclude(feed, ok, flags);
}

const char *
l2a_check_report(struct l2a *feed, const char *format)
{
    feed->text.length = 0;
    if (!feed->check || !check_write(check_content(feed->check), format, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}
