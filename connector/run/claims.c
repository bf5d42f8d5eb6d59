#include "run/claims.h"

#include "run/feed.h"
#include "run/identity.h"
#include "run/naming.h"
#include "run/run.h"
#include "state/state.h"

#include <time.h>

static bool
is_moved(const struct state_claim *claim)
{
    return slice_equal(claim->key, claim->owner);
}

bool
claims_list(const struct settings *settings, struct arena *arena, struct claims *ret_claims,
            struct error *err)
{
    struct state *state = state_open(settings->state, settings->name, STATE_READ, err);
    struct state_claim *claims;
    size_t count;
    bool ok;

    *ret_claims = (struct claims){NULL, 0};
    if (!state)
        return false;
    ok = state_list_claims(state, arena, &claims, &count, err);
    state_close(state);
    if (!ok)
        return false;
    ret_claims->items = arena_alloc(arena, count * sizeof *ret_claims->items);
    for (size_t i = 0; i < count; i++)
        ret_claims->items[ret_claims->count++] = (struct claim){
            .moved = is_moved(&claims[i]),
            .former = claims[i].former,
            .owner = is_moved(&claims[i]) ? NULL : identity_text(claims[i].owner, arena),
            .match_id = claims[i].match_id,
            .dn = claims[i].dn,
            .id = identity_text(claims[i].key, arena),
            .accepted = claims[i].accepted,
        };
    return true;
}

static bool
is_match_id(const struct state_claim *claim, const struct naming *naming, struct arena *arena)
{
    return naming_means_match_id(naming, claim->match_id, arena);
}

static bool
is_entry(const struct state_claim *claim, const struct naming *naming, struct arena *arena)
{
    return naming_means_dn(naming, claim->dn, arena) || naming_means_id(naming, claim->key, arena);
}

static bool
is_former(const struct state_claim *claim, const struct naming *naming, struct arena *arena)
{
    return naming_means_match_id(naming, claim->former, arena);
}

/* What somebody may be called by, in the order in which it is tried. */
static bool (*const namings[])(const struct state_claim *claim, const struct naming *naming,
                               struct arena *arena) = {is_match_id, is_entry, is_former};

/* NULL with err. */
static const struct state_claim *
find_claim(const struct state_claim *claims, size_t count, const char *who, struct arena *arena,
           struct error *err)
{
    const struct naming naming = naming_parse(who, arena);
    const struct state_claim *found = NULL;

    for (size_t i = 0; !found && i < sizeof namings / sizeof namings[0]; i++)
        for (size_t j = 0; j < count; j++) {
            if (!namings[i](&claims[j], &naming, arena))
                continue;
            if (found && !slice_equal(found->key, claims[j].key)) {
                error_set(err, ERROR_DATA, "'%s' means both '%.*s' and '%.*s'", who,
                          SLICE_ARG(found->dn), SLICE_ARG(claims[j].dn));
                error_hint(err, "Give the DN or the immutable id.");
                return NULL;
            }
            found = &claims[j];
        }
    if (!found) {
        error_set(err, ERROR_DATA, "nobody is held for a match identifier by '%s'", who);
        error_hint(err, "'ldap2alma identity' lists those who are, as the last run found them.");
    }
    return found;
}

static bool
accept(struct state *state, const char *who, const struct messenger *messenger, struct error *err)
{
    struct arena *arena = arena_new();
    const struct state_claim *claim = NULL;
    struct state_claim *claims;
    size_t count;
    bool ok = state_list_claims(state, arena, &claims, &count, err) &&
              (claim = find_claim(claims, count, who, arena, err)) &&
              state_accept(state, claim->key, time(NULL), err);

    if (ok)
        message_say(messenger, MESSAGE_NOTICE,
                    "'%.*s' is sent as '%.*s' by the next run, if nothing else is the matter",
                    SLICE_ARG(claim->dn), SLICE_ARG(claim->match_id));
    arena_free(arena);
    return ok;
}

bool
claims_accept(const struct settings *settings, const char *who, const struct messenger *messenger,
              struct error *err)
{
    struct state *state = state_open(settings->state, settings->name, STATE_READ, err);
    bool ok;

    if (!state) /* it is not made for this */
        return false;
    state_close(state);
    state = state_open(settings->state, settings->name, STATE_WRITE, err);
    ok = state && accept(state, who, messenger, err);
    state_close(state);
    return ok;
}

int
l2a_identity(struct l2a *feed)
{
    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    arena_free(feed->claim_arena);
    feed->claim_arena = arena_new();
    if (claims_list(&feed->settings, feed->claim_arena, &feed->claims, &feed->err))
        return L2A_DONE;
    arena_free(feed->claim_arena);
    feed->claim_arena = NULL;
    return feed_failed(feed);
}

const char *
l2a_identity_report(struct l2a *feed, const char *format)
{
    feed->text.length = 0;
    if (!feed->claim_arena || !claims_write(&feed->claims, format, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

int
l2a_identity_accept(struct l2a *feed, const char *who)
{
    if (!feed_begin(feed, true, 0, 0) ||
        !claims_accept(&feed->settings, who, &feed->messenger, &feed->err))
        return feed_failed(feed);
    return L2A_DONE;
}

int
l2a_identity_relink(struct l2a *feed, unsigned flags)
{
    struct run_options options = {.kind = RUN_RELINK};
    struct report *report = NULL;
    bool ok;

    if (!feed_begin(feed, true, flags, L2A_RELINK_DRY))
        return feed_failed(feed);
    if (flags & L2A_RELINK_DRY)
        options.kind = RUN_RELINK_DRY;
    ok = run_feed(&feed->settings, &options, &feed->messenger, &report, &feed->err);
    report_free(report);
    return ok ? L2A_DONE : feed_failed(feed);
}
