#include "run/check.h"

#include "run/check_people.h"
#include "run/feed.h"
#include "run/stages.h"

#include <stdlib.h>

struct check_run {
    struct check content;
    const struct settings *settings; /* NULL: mappings alone */
    const struct messenger *messenger;
    struct arena *arena;
    struct mapping **mappings; /* their names stand in the lines */
    struct attributes *attributes;
    struct people_check *people;
};

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

static bool
check_mapping(struct check_run *run, struct error *err)
{
    run->attributes = attributes_new();
    return look_at_mapping(run, stages_mapping_options(run->settings, time(NULL)), run->attributes,
                           err) != NULL;
}

static bool
check_people(struct check_run *run, struct error *err)
{
    const struct people_inputs inputs = {
        .mapping = run->mappings[0],
        .attributes = run->attributes,
        .record_type = run->settings->record_type,
        .is_ldif = run->settings->directory.ldif != NULL,
        .messenger = run->messenger,
    };
    struct source *source = stages_open_source(run->arena, run->settings, run->messenger);
    bool ok;

    run->people = people_check_new(&inputs);
    ok = people_check_read(run->people, source, &run->content, err);
    source_close(source);
    return ok;
}

/* In the order in which a run would come upon the trouble. */
static const struct check_step {
    const char *name;
    bool (*go)(struct check_run *run, struct error *err);
} steps[] = {
    {"mapping", check_mapping},
    {"people", check_people},
};

static struct check_run *
check_new(const struct settings *settings, const struct messenger *messenger)
{
    struct check_run *run = memory_zero(1, sizeof *run);

    run->settings = settings;
    run->messenger = messenger;
    run->arena = arena_new();
    return run;
}

struct check_run *
check_feed(const struct settings *settings, const struct messenger *messenger, bool *ret_ok,
           struct error *err)
{
    struct check_run *run = check_new(settings, messenger);

    *ret_ok = true;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && *ret_ok; i++) {
        message_say(messenger, MESSAGE_DEBUG, "check: %s", steps[i].name);
        *ret_ok = steps[i].go(run, err);
    }
    check_sort(&run->content);
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
    free(run);
}

const struct check *
check_content(const struct check_run *run)
{
    return &run->content;
}

int
l2a_check(struct l2a *feed, const char *const *mappings, size_t count, unsigned flags)
{
    bool ok;

    if (!feed_begin(feed, count == 0, flags, L2A_CHECK_STRICT))
        return feed_failed(feed);
    check_free(feed->check);
    if (count > 0)
        feed->check = check_mappings(mappings, count, &feed->messenger, &ok, &feed->err);
    else
        feed->check = check_feed(&feed->settings, &feed->messenger, &ok, &feed->err);
    if (ok && (flags & L2A_CHECK_STRICT) && check_content(feed->check)->count > 0)
        ok = error_set(&feed->err, ERROR_DATA, "the check found something, and it is strict");
    return ok ? L2A_DONE : feed_failed(feed);
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
