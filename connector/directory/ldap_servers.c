#include "directory/ldap_servers.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "directory/ldap_gap.h"
#include "directory/ldap_locate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BREAKS_MOST = 2,          /* of one server: it is tried again once */
    REASONS_CHARACTERS = 900, /* of all servers together in one error */
    REASONS_MOST = 8,         /* that have room there; of more the last ones are cut off */
    NAME_SIZE = 512
};

struct candidate {
    struct ldap_server server;
    unsigned breaks; /* how often it broke off */
};

struct ldap_servers {
    const struct ldap_options *options;
    const struct messenger *messenger;
    struct arena *arena;
    const char *preferred;  /* as ldap_servers_name() said it; NULL: none */
    struct candidate *list; /* in the order in which they are tried; NULL: not known yet */
    size_t count, index;    /* of the one that is used */
    char name[NAME_SIZE];   /* its name */
};

/* Why no server could be used, told one by one. */
struct refusals {
    struct buffer text;
    size_t count;
    bool transient;
    struct error last;
};

struct ldap_servers *
ldap_servers_new(const struct ldap_options *options, const struct messenger *messenger)
{
    struct ldap_servers *servers = memory_zero(1, sizeof *servers);

    servers->options = options;
    servers->messenger = messenger;
    servers->arena = arena_new();
    return servers;
}

void
ldap_servers_free(struct ldap_servers *servers)
{
    if (!servers)
        return;
    arena_free(servers->arena);
    free(servers);
}

void
ldap_servers_prefer(struct ldap_servers *servers, const char *name)
{
    servers->preferred = arena_string(servers->arena, name);
}

static bool
is_called(const struct ldap_server *server, const char *name)
{
    size_t length = strlen(server->uri);

    return strncmp(name, server->uri, length) == 0 && (name[length] == '\0' || name[length] == ' ');
}

static void
move_preferred(struct ldap_servers *servers)
{
    struct candidate *list = servers->list, found;
    size_t at = 0;

    while (at < servers->count && !is_called(&list[at].server, servers->preferred))
        at++;
    if (at == servers->count)
        return;
    found = list[at];
    /* The address in parentheses, where there is one. */
    (void)sscanf(servers->preferred + strlen(found.server.uri), " (%63[^)]", found.server.address);
    memmove(list + 1, list, at * sizeof *list);
    list[0] = found;
}

/* Makes the list of servers, once. */
static bool
list_servers(struct ldap_servers *servers, struct error *err)
{
    const struct ldap_options *options = servers->options;
    struct ldap_located located = {.count = options->uri_count};
    const char *const *uris = options->uris;

    if (servers->list)
        return true;
    if (options->srv) {
        if (!ldap_locate(servers->arena, options, servers->messenger, &located, err))
            return false;
        uris = located.uris;
    }
    servers->count = located.count;
    servers->list = arena_alloc(servers->arena, located.count * sizeof *servers->list);
    for (size_t i = 0; i < located.count; i++)
        servers->list[i].server.uri = uris[i];
    if (servers->preferred)
        move_preferred(servers);
    return true;
}

/* The next server that may be used, from `index` on; `count` when there is none. */
static size_t
next_server(const struct ldap_servers *servers, size_t index)
{
    while (index < servers->count && servers->list[index].breaks >= BREAKS_MOST)
        index++;
    return index;
}

static void
refusals_add(struct refusals *refusals, const struct ldap_servers *servers, const struct error *err,
             bool another)
{
    size_t share = servers->count < REASONS_MOST ? servers->count : REASONS_MOST;
    struct slice reason = text_take(slice_of(err->text), REASONS_CHARACTERS / share);

    buffer_format(&refusals->text, "%s%.*s", refusals->count ? "; " : "", SLICE_ARG(reason));
    refusals->count++;
    refusals->transient |= err->transient;
    refusals->last = *err;
    if (another)
        message_say(servers->messenger, MESSAGE_WARNING, "%s; trying the next server", err->text);
}

static void
warn(const struct ldap_servers *servers, const struct ldap_gap *gap)
{
    if (gap)
        message_say(servers->messenger, MESSAGE_WARNING, "'%s' is %s. %s", servers->name, gap->what,
                    gap->hint);
}

/* Warns of what the server may not hold. */
static enum ldap_attempt
look_at(const struct ldap_servers *servers, struct ldap_session *session, struct error *err)
{
    struct ldap_root root;
    LDAPURLDesc *url = NULL;
    enum ldap_attempt attempt = ldap_root_read(session, &root, err);

    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    if (ldap_url_parse(session->uri, &url) == LDAP_URL_SUCCESS)
        warn(servers, ldap_gap_of_port(url->lud_port));
    warn(servers, ldap_gap_of_root(&root));
    ldap_free_urldesc(url);
    return LDAP_ATTEMPT_DONE;
}

static enum ldap_attempt
open_server(struct ldap_servers *servers, struct ldap_session *session, struct error *err)
{
    struct ldap_server *server = &servers->list[servers->index].server;
    enum ldap_attempt attempt =
        ldap_session_open(session, servers->options, server, servers->messenger, err);

    if (server->address[0])
        snprintf(servers->name, sizeof servers->name, "%s (%s)", server->uri, server->address);
    else
        snprintf(servers->name, sizeof servers->name, "%s", server->uri);
    return attempt == LDAP_ATTEMPT_DONE ? look_at(servers, session, err) : attempt;
}

enum ldap_attempt
ldap_servers_open(struct ldap_servers *servers, struct ldap_session *session, struct error *err)
{
    struct refusals refusals = {.text = BUFFER_INIT};
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    size_t index;

    *session = (struct ldap_session){0};
    if (!list_servers(servers, err))
        return LDAP_ATTEMPT_FAILED;
    index = next_server(servers, 0);
    while (index < servers->count) {
        size_t following = next_server(servers, index + 1);

        servers->index = index;
        attempt = open_server(servers, session, err);
        if (attempt != LDAP_ATTEMPT_LOST)
            break;
        ldap_session_close(session);
        refusals_add(&refusals, servers, err, following < servers->count);
        index = following;
    }
    if (attempt == LDAP_ATTEMPT_LOST && refusals.count > 1) {
        error_set(err, ERROR_UNAVAILABLE, "none of %zu servers can be used: %.*s", refusals.count,
                  (int)refusals.text.length, refusals.text.data);
        error_hint(err, "%s", refusals.last.hint);
        err->transient = refusals.transient;
    }
    buffer_free(&refusals.text);
    return attempt;
}

bool
ldap_servers_break(struct ldap_servers *servers)
{
    servers->list[servers->index].breaks++;
    return next_server(servers, 0) < servers->count;
}

const char *
ldap_servers_name(const struct ldap_servers *servers)
{
    return servers->name;
}
