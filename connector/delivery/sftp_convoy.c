#include "delivery/sftp_convoy.h"

#include "delivery/sftp_passage.h"

void
sftp_convoy_fail(struct sftp_convoy *convoy, const struct error *err)
{
    if (!convoy->failed)
        *convoy->err = *err;
    convoy->failed = true;
}

static bool
takes_more(const struct sftp_convoy *convoy)
{
    return sftp_flow_unsent(convoy->flow) < SFTP_CONVOY_UNSENT_BYTES;
}

static void
resume(struct sftp_convoy *convoy, struct sftp_passage *passages)
{
    for (size_t i = 0; i < SFTP_CONVOY_FILES; i++) {
        enum sftp_flight flight = passages[i].flight;

        if ((flight == SFTP_WAITING && convoy->open < convoy->most_open) ||
            (flight == SFTP_CREATED && (convoy->failed || takes_more(convoy))))
            sftp_passage_resume(&passages[i]);
    }
}

/* What waits has nothing at the server yet. */
static void
drop_waiting(struct sftp_convoy *convoy, struct sftp_passage *passages)
{
    for (size_t i = 0; i < SFTP_CONVOY_FILES; i++) {
        if (passages[i].flight != SFTP_WAITING)
            continue;
        sftp_passage_abandon(&passages[i]);
        convoy->waiting--;
        convoy->active--;
    }
}

static bool
has_room(const struct sftp_convoy *convoy)
{
    return !convoy->failed && convoy->waiting == 0 && convoy->active < SFTP_CONVOY_FILES &&
           convoy->open < convoy->most_open && takes_more(convoy);
}

static void
begin_more(struct sftp_convoy *convoy, struct sftp_passage *passages, bool *more)
{
    struct error err = ERROR_INIT;

    for (size_t i = 0; *more && has_room(convoy) && i < SFTP_CONVOY_FILES; i++) {
        struct depot_change change = {0};

        if (passages[i].flight != SFTP_IDLE)
            continue;
        if (!depot_take(convoy->work, &change, more, &err)) {
            convoy->deaf = true;
            sftp_convoy_fail(convoy, &err);
        } else if (*more) {
            passages[i] = (struct sftp_passage){.convoy = convoy, .change = change};
            sftp_passage_begin(&passages[i]);
        }
    }
}

static bool
march(struct sftp_convoy *convoy, struct sftp_passage *passages)
{
    struct error err = ERROR_INIT;
    bool more = true;

    for (;;) {
        if (convoy->failed)
            drop_waiting(convoy, passages);
        resume(convoy, passages);
        begin_more(convoy, passages, &more);
        if (convoy->active == 0 && (!more || convoy->failed))
            return !convoy->failed;
        if (!sftp_flow_move(convoy->flow, &err)) {
            sftp_convoy_fail(convoy, &err);
            return false;
        }
    }
}

bool
sftp_convoy_work(struct sftp_convoy *convoy, struct error *err)
{
    struct sftp_passage *passages = memory_zero(SFTP_CONVOY_FILES, sizeof *passages);
    bool done;

    convoy->err = err;
    convoy->most_open = SFTP_CONVOY_FILES;
    done = march(convoy, passages);
    for (size_t i = 0; i < SFTP_CONVOY_FILES; i++)
        sftp_passage_abandon(&passages[i]);
    free(passages);
    buffer_free(&convoy->bytes);
    return done;
}
