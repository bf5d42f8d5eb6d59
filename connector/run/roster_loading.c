#include "run/roster_loading.h"

#include "base/arena.h"
#include "package/thread.h"

#include <stdlib.h>

struct roster_loading {
    struct roster *roster;
    struct state *state;
    struct roster_loaded loaded;
    pthread_t thread;
    bool has_thread;
};

static void *
load(void *context)
{
    struct roster_loading *loading = context;
    struct roster_loaded *loaded = &loading->loaded;

    loaded->ok = roster_load(loading->roster, loading->state, &loaded->good, &loaded->err);
    if (loaded->good)
        roster_sum(loading->roster, &loaded->sums);
    return NULL;
}

struct roster_loading *
roster_loading_begin(struct roster *roster, struct state *state)
{
    struct roster_loading *loading = memory_zero(1, sizeof *loading);

    loading->roster = roster;
    loading->state = state;
    loading->has_thread = thread_start(&loading->thread, load, loading) == 0;
    return loading;
}

void
roster_loading_end(struct roster_loading *loading, struct roster_loaded *ret_loaded)
{
    if (loading->has_thread)
        pthread_join(loading->thread, NULL);
    else
        load(loading);
    *ret_loaded = loading->loaded;
    free(loading);
}
