#include "run/init.h"

#include "base/file.h"
#include "directory/changes.h"
#include "run/cases.h"
#include "run/feed.h"
#include "run/init_run.h"
#include "run/libraries.h"
#include "run/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is asked a thousand times is not told a thousand times. */
static void
say_warnings(void *context, enum message_level level, const char *text)
{
    const struct init_run *run = context;

    if (level <= MESSAGE_WARNING)
        message_say(run->messenger, level, "%s", text);
}

static void
ignore_progress(void *context, const struct progress *progress)
{
    (void)context, (void)progress;
}

/* ---- files ---- */

static const char *
path_of(struct init_run *run, const char *name)
{
    return arena_format(run->arena, "%s/%s", run->folder, name);
}

static bool
check_files(struct init_run *run, struct error *err)
{
    static const char *const names[] = {INIT_SETTINGS, INIT_MAPPING, INIT_TESTS};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (access(path_of(run, names[i]), F_OK) != 0)
            continue;
        error_set(err, ERROR_WRITE, "'%s' is there already, and is not overwritten",
                  path_of(run, names[i]));
        return error_hint(err, "Name another folder with --output, or move the file away.");
    }
    return file_may_make_folder(run->folder, err);
}

static bool
write_file(struct init_run *run, const char *name, const struct buffer *text, struct error *err)
{
    enum { FOR_READING = 0644 };
    const char *path = path_of(run, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FOR_READING);
    bool ok;

    if (fd < 0)
        return error_set(err, ERROR_WRITE, "cannot write '%s': %s", path, strerror(errno));
    ok = file_write_all(fd, text->data, text->length, path, err);
    if (close(fd) != 0 && ok)
        ok = error_set(err, ERROR_WRITE, "cannot write '%s': %s", path, strerror(errno));
    if (!ok)
        unlink(path);
    return ok;
}

static bool
check_tests(struct init_run *run, struct error *err)
{
    const char *path = path_of(run, INIT_TESTS);
    const struct cases_options options = {.paths = &path, .count = 1};
    struct case_report report = {0};

    if (!cases_run(&options, run->arena, run->messenger, &report, err))
        return error_prefix(err, "what was proposed cannot be used");
    if (case_report_failed(&report) == 0)
        return true;
    return error_set(err, ERROR_INTERNAL, "%zu of the proposed tests fail",
                     case_report_failed(&report));
}

/* All three, whose tests hold, or none. */
static bool
write_files(struct init_run *run, struct error *err)
{
    const struct {
        const char *name;
        const struct buffer *text;
    } files[] = {{INIT_MAPPING, &run->mapping_text},
                 {INIT_TESTS, &run->tests_text},
                 {INIT_SETTINGS, &run->settings_text}};
    size_t written = 0, count = sizeof files / sizeof files[0];

    if (!file_make_folder(run->folder, err))
        return false;
    while (written < count && write_file(run, files[written].name, files[written].text, err))
        written++;
    if (written == count && check_tests(run, err) &&
        file_make_folder(path_of(run, INIT_OUTGOING), err))
        return true;
    while (written > 0)
        unlink(path_of(run, files[--written].name));
    return false;
}

/* ---- what is proposed ---- */

/* A proposal with a fault would be ours, and nobody else's. */
static bool
load_mapping(struct init_run *run, struct error *err)
{
    struct mapping_options options = {
        .path = path_of(run, INIT_MAPPING), .today = INIT_TODAY, .now = date_to_time(INIT_TODAY)};

    run->mapped = attributes_new();
    run->mapping =
        mapping_parse(&options, (struct slice){run->mapping_text.data, run->mapping_text.length},
                      run->mapped, run->messenger, err);
    if (run->mapping)
        return true;
    err->code = ERROR_INTERNAL;
    return error_prefix(err, "what was proposed cannot be used");
}

static void
take_id(void *context, const struct directory_id *id)
{
    (void)context, (void)id;
}

/* How the directory would tell who has changed, for people with what the mapping names. */
static bool
ask_changes(struct init_run *run, struct error *err)
{
    const struct settings *settings = init_login_settings(run->login);
    struct ldap_search searches[INIT_SEARCHES_MOST];
    const struct changes_question question = {.way = CHANGES_AUTO, .attributes = run->mapped};
    const struct changes_sink sink = {take_id, take_id, NULL};
    struct changes changes = {.way = CHANGES_AUTO};
    struct source *source;
    bool ok;

    for (size_t i = 0; i < run->place_count; i++)
        searches[i] = (struct ldap_search){
            .base = run->places[i].base, .filter = run->filter, .scope = LDAP_SEARCH_SUBTREE};
    source = stages_open_searches(run->arena, settings, searches, run->place_count, &run->quiet);
    ok = source_changes(source, &question, &sink, run->arena, &changes, err) != CHANGES_FAILED;
    source_close(source);
    if (changes.way == CHANGES_FULL)
        run->changes = arena_format(run->arena, "Each run reads everybody: %s.", changes.reason);
    else if (changes.way != CHANGES_AUTO)
        run->changes = arena_format(run->arena,
                                    "The directory can be asked who has changed (%s); a run of "
                                    "changed people does so by itself.",
                                    changes_way_name(changes.way));
    return ok;
}

static bool
look(struct init_run *run, struct error *err)
{
    const struct settings *settings = init_login_settings(run->login);

    libraries_begin(settings);
    if (!survey_server(stages_server_options(run->arena, settings), run->messenger, run->arena,
                       &run->server, err))
        return false;
    if (run->server.context_count == 0) {
        error_set(err, ERROR_DATA, "'%s' names no naming context", run->server.uri);
        return error_hint(err, "Its root DSE may not be readable for this account.");
    }
    return init_people_read(run, err) && init_groups_read(run, err) && init_sample_read(run, err);
}

static bool
propose(struct init_run *run, struct error *err)
{
    init_kinds_choose(run);
    init_mapping_write(run);
    if (!load_mapping(run, err) || !init_tests_write(run, err) || !ask_changes(run, err))
        return false;
    init_settings_write(run);
    return write_files(run, err);
}

static void
free_run(struct init_run *run)
{
    mapping_free(run->mapping);
    attributes_free(run->mapped);
    attributes_free(run->attributes);
    init_tally_free(run->place_tally);
    free(run->people);
    buffer_free(&run->settings_text);
    buffer_free(&run->mapping_text);
    buffer_free(&run->tests_text);
    buffer_free(&run->report);
}

bool
init_feed(const struct init_options *options, struct arena *arena,
          const struct messenger *messenger, const char **ret_report, struct error *err)
{
    struct init_run run = {.arena = arena, .messenger = messenger, .folder = options->folder};
    bool ok;

    run.quiet = (struct messenger){say_warnings, ignore_progress, &run};
    if (options->settings)
        run.login = init_login_of_file(arena, options->settings, messenger, err);
    else
        run.login = init_login_of_options(arena, options->options, options->count, messenger, err);
    ok = run.login && check_files(&run, err) && look(&run, err) && propose(&run, err);
    if (ok) {
        init_report_write(&run);
        *ret_report = arena_copy(arena, run.report.data, run.report.length);
    }
    free_run(&run);
    return ok;
}

int
l2a_init(struct l2a *feed, const char *settings, const char *const *options, size_t count,
         const char *folder)
{
    const struct init_options init = {settings, options, count, folder};

    if (!feed_begin(feed, false, 0, 0))
        return feed_failed(feed);
    arena_free(feed->init_arena);
    feed->init_arena = arena_new();
    feed->init_report = NULL;
    if (!init_feed(&init, feed->init_arena, &feed->messenger, &feed->init_report, &feed->err))
        return feed_failed(feed);
    return L2A_DONE;
}

const char *
l2a_init_report(struct l2a *feed)
{
    return feed->init_report;
}
