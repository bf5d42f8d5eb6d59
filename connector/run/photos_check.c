#include "run/photos_check.h"

#include "photos/fetch.h"
#include "photos/server.h"
#include "run/check_run.h"
#include "run/feed.h"
#include "run/stages.h"
#include "state/photo.h"

#include <string.h>

/* Another mark than that of runs, whose temporary files are not touched. */
#define MARK "check"

enum { SAMPLE_NEWEST = 5, TIMEOUT_SECONDS = 30 };

struct photos_checking {
    struct check_run *run;
    const struct settings_photos *photos;
    struct depot *depot;
};

static bool
check_settings(struct photos_checking *checking)
{
    const char *path = checking->run->settings->path;
    struct error err = ERROR_INIT;

    if (checking->photos->set) {
        probe_ok(&checking->run->probes, "settings", "the settings '%s' have no fault", path);
        return true;
    }
    error_set(&err, ERROR_CONFIG, "the settings '%s' have no 'photos'", path);
    error_hint(&err, "Add them: see ldap2alma.yaml(5).");
    probe_fail(&checking->run->probes, "settings", &err);
    return false;
}

/* A share that is not mounted, say. URLs are tried one by one, as people have them. */
static void
check_folder(struct photos_checking *checking)
{
    const struct fetch_options options = {.folder = checking->photos->folder};
    struct error err = ERROR_INIT;
    struct fetch *fetch;

    if (checking->photos->from != SETTINGS_PHOTO_FILE)
        return;
    fetch = fetch_open(&options, checking->run->messenger, &err);
    if (fetch)
        probe_ok(&checking->run->probes, "photos.folder", "the folder '%s' has pictures in it",
                 options.folder);
    else
        probe_fail(&checking->run->probes, "photos.folder", &err);
    fetch_close(fetch);
}

static void
check_depot(struct photos_checking *checking)
{
    struct check_run *run = checking->run;
    struct error err = ERROR_INIT;

    checking->depot = stages_open_depot(run->arena, run->settings, MARK, run->messenger);
    if (stages_check_depot_secrets(run->settings, &err))
        depot_probe(checking->depot, &run->probes);
    else
        probe_fail(&run->probes, "delivery.secrets", &err);
}

/* Nothing where no run has been; what else is wrong with the state, a run would fail with. */
static bool
read_sample(struct photos_checking *checking, struct state_photo **ret_photos, size_t *ret_count,
            struct error *err)
{
    struct check_run *run = checking->run;
    const struct settings *settings = run->settings;
    struct state *state;
    bool ok;

    *ret_count = 0;
    if (!state_is_there(settings->state))
        return true;
    state = state_open(settings->state, settings->name, STATE_READ, err);
    if (!state)
        return false;
    ok = state_sample_photos(state, depot_name(checking->depot), SAMPLE_NEWEST, run->arena,
                             ret_photos, ret_count, err);
    state_close(state);
    return ok;
}

static void
check_server(struct photos_checking *checking)
{
    struct check_run *run = checking->run;
    struct state_photo *found = NULL;
    struct server_photo *photos;
    struct error err = ERROR_INIT;
    size_t count;

    if (!read_sample(checking, &found, &count, &err))
        probe_doubt(&run->probes, "photos.state", &err);
    photos = arena_alloc(run->arena, (count + 1) * sizeof *photos);
    for (size_t i = 0; i < count; i++) {
        photos[i].name = arena_copy(run->arena, found[i].name.data, found[i].name.length);
        memcpy(photos[i].sha256, found[i].sha256, sizeof photos[i].sha256);
    }
    server_check_photos(&(struct server_check){
        .url = checking->photos->url,
        .suffix = checking->photos->suffix,
        .timeout_seconds = TIMEOUT_SECONDS,
        .photos = photos,
        .count = count,
        .probes = &run->probes,
    });
}

/* Alma's name for its own primary identifier; identifier types go by their codes. */
static const char *
alma_identifier(const struct settings_photos *photos)
{
    return strcmp(photos->identifier, "primary_id") == 0 ? "USERNAME" : photos->identifier;
}

/* In Alma's order. */
static void
tell_alma(struct photos_checking *checking)
{
    struct check *content = &checking->run->content;
    const struct check_value told[] = {
        {"photo_identifier_type", alma_identifier(checking->photos)},
        {"photo_server_url", checking->photos->url},
        {"photo_suffix", checking->photos->suffix},
    };
    struct check_value *values = arena_alloc(checking->run->arena, sizeof told);

    memcpy(values, told, sizeof told);
    content->values = values;
    content->value_count = sizeof told / sizeof told[0];
}

static const struct {
    const char *name;
    void (*go)(struct photos_checking *checking);
} steps[] = {
    {"folder", check_folder},
    {"delivery", check_depot},
    {"server", check_server},
    {"Alma", tell_alma},
};

struct check_run *
photos_check(const struct settings *settings, const struct messenger *messenger, bool *ret_ok,
             struct error *err)
{
    struct photos_checking checking = {.run = check_new(settings, messenger),
                                       .photos = &settings->photos};
    bool go_on = check_settings(&checking);

    checking.run->photos = true;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && go_on; i++) {
        message_say(messenger, MESSAGE_DEBUG, "check: %s", steps[i].name);
        steps[i].go(&checking);
    }
    if (checking.depot)
        depot_close(checking.depot);
    *ret_ok = check_tell_failures(&checking.run->content, err);
    return checking.run;
}

int
l2a_photos_check(struct l2a *feed, unsigned flags)
{
    bool ok;

    if (!feed_begin(feed, true, flags, L2A_CHECK_STRICT))
        return feed_failed(feed);
    check_free(feed->check);
    feed->check = photos_check(&feed->settings, &feed->messenger, &ok, &feed->err);
    return ok && check_is_strict_enough(feed->check, flags, &feed->err) ? L2A_DONE
                                                                        : feed_failed(feed);
}
