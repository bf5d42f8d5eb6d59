#include "base/file.h"
#include "run/check_run.h"
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { RUNS_MOST = 100 };

struct judging {
    struct check_run *run;
    bool sound;
};

static void
tell_trouble(void *context, const struct state_trouble *trouble)
{
    struct judging *judging = context;
    struct error err = ERROR_INIT;

    error_set(&err, ERROR_DATA, "the state '%s' holds %" PRIu64 " %s",
              judging->run->settings->state, trouble->count, trouble->what);
    error_hint(&err, "%s", trouble->remedy);
    probe_fail(&judging->run->probes, "state.sound", &err);
    judging->sound = false;
}

static bool
look_at_rights(const struct check_run *run, struct error *err)
{
    const char *path = run->settings->state;
    const char *folder = file_folder(run->arena, path);

    /* What cannot be looked at, state_open() words. */
    if (faccessat(AT_FDCWD, path, F_OK, 0) != 0)
        return true;
    if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 &&
        faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
        return true;
    error_set(err, ERROR_PERMISSION, "the state '%s' or its folder cannot be written: %s", path,
              strerror(errno));
    return error_hint(err, "The account that runs ldap2alma must own both.");
}

static bool
read_package_bytes(struct check_run *run, struct state *state, int64_t full_run, struct error *err)
{
    const struct state_query query = {.fates = 1u << STATE_DELIVERED, .since = full_run};
    struct state_package *packages;
    size_t count;

    if (!state_list_packages(state, &query, run->arena, &packages, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (packages[i].run == full_run)
            run->package_bytes += packages[i].bytes;
    return true;
}

/* What other checks hold against what is there. */
static bool
read_history(struct check_run *run, struct state *state, struct error *err)
{
    struct state_run *runs;
    size_t count, last_full = 0;
    int64_t spool_bytes;

    if (!state_get_number(state, CHECK_SPOOL_BYTES, &spool_bytes, err) ||
        !state_list_runs(state, RUNS_MOST, run->arena, &runs, &count, err))
        return false;
    run->spool_bytes = (uint64_t)spool_bytes;
    if (count > 0)
        run->last_run = runs[0].started;
    while (last_full < count && !(runs[last_full].full && runs[last_full].sent > 0))
        last_full++;
    return last_full == count || read_package_bytes(run, state, runs[last_full].id, err);
}

static bool
look_at_content(struct check_run *run, struct state *state, struct error *err)
{
    struct judging judging = {run, true};
    struct state_census census;

    if (!state_check(state, err) || !state_find_trouble(state, tell_trouble, &judging, err) ||
        !state_count_people(state, &census, err) || !read_history(run, state, err))
        return false;
    if (judging.sound)
        probe_ok(&run->probes, "state.sound",
                 "the state '%s' is sound and knows %" PRIu64 " people", run->settings->state,
                 census.known);
    return true;
}

void
check_state(struct check_run *run)
{
    const struct settings *settings = run->settings;
    struct error err = ERROR_INIT;
    struct state *state = NULL;
    bool ok;

    if (!state_is_there(settings->state)) {
        if (state_may_make(settings->state, &err))
            probe_ok(&run->probes, "state.open",
                     "there is no state '%s' yet; the first run makes it", settings->state);
        else
            probe_fail(&run->probes, "state.open", &err);
        return;
    }
    ok = look_at_rights(run, &err) &&
         (state = state_open(settings->state, settings->name, STATE_READ, &err)) != NULL;
    if (!ok) {
        probe_fail(&run->probes, "state.open", &err);
        return;
    }
    if (!look_at_content(run, state, &err))
        probe_fail(&run->probes, "state.sound", &err);
    state_close(state);
}
