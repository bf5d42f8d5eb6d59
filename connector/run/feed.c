#include "run/feed.h"

#include "config.h"
#include "run/check.h"
#include "run/libraries.h"
#include "run/mapper.h"
#include "run/notify.h"
#include "run/preview.h"
#include "run/remembered.h"
#include "run/run.h"
#include "run/sheet.h"
#include "run/status.h"
#include "run/worklist.h"

#include <stdlib.h>
#include <string.h>

const char *
l2a_version(void)
{
    return PACKAGE_VERSION;
}

static void
pass_message(void *context, enum message_level level, const char *text)
{
    struct l2a *feed = context;

    if (feed->say)
        feed->say(feed->say_context, (int)level, text);
}

static void
pass_progress(void *context, const struct progress *progress)
{
    struct l2a *feed = context;

    if (feed->progress)
        feed->progress(feed->progress_context, progress->phase, progress->done, progress->total,
                       progress->unit);
}

struct l2a *
l2a_new(void)
{
    struct l2a *feed = memory_zero(1, sizeof *feed);

    feed->arena = arena_new();
    feed->messenger = (struct messenger){pass_message, pass_progress, feed};
    feed->err = ERROR_INIT;
    return feed;
}

void
l2a_free(struct l2a *feed)
{
    if (!feed)
        return;
    report_free(feed->report);
    preview_free(feed->preview);
    arena_free(feed->case_arena);
    check_free(feed->check);
    sheet_free(feed->sheet);
    status_free(feed->status);
    remembered_free(feed->remembered);
    worklist_free(feed->worklist);
    confinement_free(feed->confinement);
    arena_free(feed->claim_arena);
    arena_free(feed->init_arena);
    mapper_free(feed->mapper);
    found_free(&feed->found);
    buffer_free(&feed->got);
    buffer_free(&feed->mapped);
    buffer_free(&feed->text);
    settings_given_free(feed->given);
    arena_free(feed->arena);
    free(feed);
}

void
l2a_on_message(struct l2a *feed, void (*say)(void *context, int level, const char *text),
               void *context)
{
    feed->say = say;
    feed->say_context = context;
}

void
l2a_on_progress(struct l2a *feed,
                void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total,
                                 const char *unit),
                void *context)
{
    feed->progress = progress;
    feed->progress_context = context;
}

int
feed_failed(const struct l2a *feed)
{
    return error_exit_status(feed->err.code);
}

int
l2a_set(struct l2a *feed, const char *name, const char *value)
{
    feed->err = ERROR_INIT;
    if (!feed->given)
        feed->given = settings_given_new();
    return settings_given_add(feed->given, name, value, &feed->err) ? L2A_DONE : feed_failed(feed);
}

/* What borrows from the settings. */
static void
forget_settings(struct l2a *feed)
{
    feed->loaded = false;
    preview_free(feed->preview);
    feed->preview = NULL;
    check_free(feed->check);
    feed->check = NULL;
    confinement_free(feed->confinement);
    feed->confinement = NULL;
    mapper_free(feed->mapper);
    feed->mapper = NULL;
    feed->mapped.length = 0;
    found_restart(&feed->found);
    feed->keep = feed->diff = NULL;
    arena_reset(feed->arena);
}

int
l2a_load(struct l2a *feed, const char *path)
{
    feed->err = ERROR_INIT;
    forget_settings(feed);
    if (!path && !feed->given)
        feed->given = settings_given_new();
    feed->loaded = settings_load_given(feed->arena, path, feed->given, &feed->messenger,
                                       &feed->settings, &feed->err);
    settings_given_free(feed->given);
    feed->given = NULL;
    if (!feed->loaded)
        return feed_failed(feed);
    libraries_begin(&feed->settings);
    return L2A_DONE;
}

bool
feed_begin(struct l2a *feed, bool needs_settings, unsigned flags, unsigned known)
{
    feed->err = ERROR_INIT;
    if (needs_settings && !feed->loaded)
        return error_set(&feed->err, ERROR_USAGE, "no settings are loaded");
    if ((flags & ~known) == 0)
        return true;
    return error_set(&feed->err, ERROR_USAGE, "no such flags: 0x%x", flags & ~known);
}

int
l2a_set_mode(struct l2a *feed, const char *mode)
{
    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    if (settings_mode_parse(mode, &feed->settings.mode))
        return L2A_DONE;
    error_set(&feed->err, ERROR_USAGE, "no mode '%s': it is import or synchronize", mode);
    return feed_failed(feed);
}

void
feed_forget_run(struct l2a *feed)
{
    worklist_free(feed->worklist);
    feed->worklist = NULL;
    report_free(feed->report);
    feed->report = NULL;
}

int
l2a_release(struct l2a *feed, const char *brake)
{
    const char *name;

    feed->err = ERROR_INIT;
    name = brakes_find(brake, &feed->err);
    if (!name)
        return feed_failed(feed);
    for (size_t i = 0; i < feed->release_count; i++)
        if (feed->releases[i] == name)
            return L2A_DONE;
    feed->releases[feed->release_count++] = name;
    return L2A_DONE;
}

bool
feed_run(struct l2a *feed, struct run_options *options)
{
    options->releases = feed->releases;
    options->release_count = feed->release_count;
    options->confinement = feed->confinement;
    feed->release_count = 0;
    feed_forget_run(feed);
    if (run_feed(&feed->settings, options, &feed->messenger, &feed->report, &feed->err))
        return true;
    confinement_explain(feed->confinement, &feed->err, &feed->messenger);
    return false;
}

int
l2a_run(struct l2a *feed, unsigned flags)
{
    struct run_options options = {.kind = RUN_REAL};
    bool ok;

    if (!feed_begin(feed, true, flags, L2A_RUN_DRY | L2A_RUN_FULL | L2A_RUN_CHANGED))
        return feed_failed(feed);
    if ((flags & L2A_RUN_FULL) && (flags & L2A_RUN_CHANGED)) {
        error_set(&feed->err, ERROR_USAGE, "a run is either full or of those who changed");
        return feed_failed(feed);
    }
    if (flags & L2A_RUN_DRY) {
        options.kind = RUN_DRY;
        options.keep = feed->keep;
        options.diff = feed->diff;
    }
    if (flags & L2A_RUN_FULL)
        options.who = RUN_FULL;
    if (flags & L2A_RUN_CHANGED)
        options.who = RUN_CHANGED;
    ok = feed_run(feed, &options);
    if (options.kind == RUN_REAL)
        notify(&feed->settings, feed->report, confinement_helper(feed->confinement),
               &feed->messenger);
    return ok ? L2A_DONE : feed_failed(feed);
}

/* A text that lives as long as the settings. */
static int
set_text(struct l2a *feed, const char **text, const char *value)
{
    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    *text = value ? arena_string(feed->arena, value) : NULL;
    return L2A_DONE;
}

int
l2a_keep_packages(struct l2a *feed, const char *folder)
{
    return set_text(feed, &feed->keep, folder);
}

int
l2a_diff(struct l2a *feed, const char *who)
{
    return set_text(feed, &feed->diff, who);
}

const char *
l2a_report(struct l2a *feed, const char *format)
{
    feed->text.length = 0;
    if (!feed->report || !report_write(feed->report, format, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

int
l2a_report_save(struct l2a *feed, const char *format, const char *path)
{
    feed->err = ERROR_INIT;
    if (!feed->report) {
        error_set(&feed->err, ERROR_USAGE, "there is no report before a run");
        return feed_failed(feed);
    }
    if (!report_save(feed->report, format, path, &feed->err))
        return feed_failed(feed);
    return L2A_DONE;
}

int
l2a_error_status(const struct l2a *feed)
{
    return feed_failed(feed);
}

const char *
l2a_status_name(int status)
{
    if (status == L2A_DONE)
        return "done";
    if (status == L2A_STOPPED)
        return "stopped";
    for (int code = 0; code < ERROR_CODE_COUNT; code++)
        if (error_exit_status((enum error_code)code) == status)
            return error_code_name((enum error_code)code);
    return NULL;
}

const char *
l2a_error_text(const struct l2a *feed)
{
    return feed->err.text;
}

const char *
l2a_error_hint(const struct l2a *feed)
{
    return feed->err.hint;
}
