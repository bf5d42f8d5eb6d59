#include "directory/ldap_locate.h"

#include "directory/ldap_session.h"
#include "directory/netlogon.h"
#include "directory/srv.h"

#include <ldap.h>
#include <string.h>
#include <strings.h>

enum {
    /* What the search for our site may cost: it only makes a better choice. */
    ASKED_MOST = 3,
    ASKED_SECONDS = 5
};

struct locating {
    struct arena *arena;
    const struct ldap_options *options;
    const struct messenger *messenger;
    struct ldap_located *located;
    bool outside;        /* hosts that are not of the domain were named */
    struct error reason; /* of the last look-up that failed */
};

static bool
is_within(const char *host, const char *domain)
{
    size_t length = strlen(host), tail = strlen(domain);

    return length >= tail && strcasecmp(host + length - tail, domain) == 0 &&
           (length == tail || host[length - tail - 1] == '.');
}

/* Takes out those whose certificates would prove nothing, or who show none. */
static void
keep_within(struct locating *locating, struct srv_records *records)
{
    const struct ldap_options *options = locating->options;
    const char *domain = options->srv, *outside = NULL;
    size_t kept = 0;

    if (options->tls_ca_file && options->tls_mode != LDAP_TLS_NONE)
        return;
    for (size_t i = 0; i < records->count; i++)
        if (is_within(records->items[i].host, domain))
            records->items[kept++] = records->items[i];
        else
            outside = records->items[i].host;
    records->count = kept;
    if (!outside)
        return;
    locating->outside = true;
    message_say(
        locating->messenger, MESSAGE_WARNING,
        "'%s' is not in the domain '%s' and not used: only TLS and directory.tls.ca_file make "
        "sure of such servers",
        outside, domain);
}

/* Sorted. A look-up that fails is as good as none, as long as another one finds somebody. */
static struct srv_records
look_up(struct locating *locating, const char *name)
{
    struct srv_records records;

    message_say(locating->messenger, MESSAGE_DEBUG, "looking up %s", name);
    if (!srv_look_up(locating->arena, name, &records, &locating->reason))
        message_say(locating->messenger, MESSAGE_WARNING, "%s", locating->reason.text);
    keep_within(locating, &records);
    srv_sort(&records, NULL);
    return records;
}

/* There are no records of their own for ldaps: a server that names the usual port of the one has
 * the other at its usual port too, and one that names that of ldaps speaks nothing else there. */
static const char *
uri_of(const struct locating *locating, const struct srv_record *record)
{
    enum ldap_tls_mode mode = locating->options->tls_mode;
    bool ldaps = mode == LDAP_TLS_LDAPS || (mode == LDAP_TLS_AUTO && record->port == LDAPS_PORT);
    unsigned usual = ldaps ? LDAPS_PORT : LDAP_PORT;
    const char *scheme = ldaps ? "ldaps" : "ldap";

    if (record->port == usual || record->port == LDAP_PORT)
        return arena_format(locating->arena, "%s://%s", scheme, record->host);
    return arena_format(locating->arena, "%s://%s:%u", scheme, record->host, record->port);
}

static bool
is_listed(const struct ldap_located *located, const char *uri)
{
    for (size_t i = 0; i < located->count; i++)
        if (strcmp(located->uris[i], uri) == 0)
            return true;
    return false;
}

/* Behind those that are there; whoever is there already stays where he is. */
static void
add(struct locating *locating, const struct srv_records *records)
{
    struct ldap_located *located = locating->located;
    const char **uris =
        arena_alloc(locating->arena, (located->count + records->count) * sizeof *uris);

    if (located->count > 0)
        memcpy(uris, located->uris, located->count * sizeof *uris);
    located->uris = uris;
    for (size_t i = 0; i < records->count; i++) {
        const char *uri = uri_of(locating, &records->items[i]);

        uris[located->count] = uri;
        located->count += !is_listed(located, uri);
    }
}

static bool
ask(const struct locating *locating, const struct ldap_options *options, const char *uri,
    char ret_site[NETLOGON_SITE_SIZE])
{
    struct ldap_server server = {.uri = uri};
    struct error err = ERROR_INIT;
    struct ldap_session session;
    enum ldap_attempt attempt =
        ldap_session_connect(&session, options, &server, locating->messenger, &err);

    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = ldap_session_encrypt(&session, &err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = netlogon_ask(&session, options->srv, ret_site, &err);
    ldap_session_close(&session);
    if (attempt != LDAP_ATTEMPT_DONE)
        message_say(locating->messenger, MESSAGE_INFO, "our site cannot be asked for: %s",
                    err.text);
    return attempt == LDAP_ATTEMPT_DONE;
}

/* Asks the domain's controllers, which are listed. */
static const char *
find_site(const struct locating *locating)
{
    const struct ldap_located *located = locating->located;
    struct ldap_options options = *locating->options;
    char site[NETLOGON_SITE_SIZE] = "";

    if (options.connect_timeout_seconds > ASKED_SECONDS)
        options.connect_timeout_seconds = ASKED_SECONDS;
    if (options.answer_timeout_seconds > ASKED_SECONDS)
        options.answer_timeout_seconds = ASKED_SECONDS;
    for (size_t i = 0; i < located->count && i < ASKED_MOST; i++)
        if (ask(locating, &options, located->uris[i], site))
            break;
    if (site[0])
        message_say(locating->messenger, MESSAGE_INFO, "this machine is in the site '%s'", site);
    return arena_string(locating->arena, site);
}

static void
add_controllers(struct locating *locating)
{
    const struct ldap_options *options = locating->options;
    struct ldap_located *located = locating->located;
    struct srv_records near, all;

    all = look_up(locating, arena_format(locating->arena, "_ldap._tcp.dc._msdcs.%s", options->srv));
    add(locating, &all);
    located->site = options->site ? options->site : find_site(locating);
    if (!located->site[0])
        return;
    near = look_up(locating, arena_format(locating->arena, "_ldap._tcp.%s._sites.dc._msdcs.%s",
                                          located->site, options->srv));
    if (near.count == 0)
        message_say(locating->messenger, MESSAGE_WARNING,
                    "DNS names no server of the site '%s'; those of the whole domain are used",
                    located->site);
    located->count = 0;
    add(locating, &near);
    add(locating, &all);
}

static bool
none_found(const struct locating *locating, struct error *err)
{
    const char *domain = locating->options->srv;

    if (locating->outside) {
        error_set(err, ERROR_UNAVAILABLE,
                  "none of the servers that DNS names for '%s' is in that domain", domain);
        return error_hint(err, "Use TLS, and name the authorities that sign their certificates in "
                               "directory.tls.ca_file: then servers of other domains are used.");
    }
    if (locating->reason.code != ERROR_NONE) {
        *err = locating->reason;
        return false;
    }
    error_set(err, ERROR_UNAVAILABLE, "DNS names no directory server of '%s'", domain);
    return error_hint(err,
                      "Look for the records _ldap._tcp.dc._msdcs.%s and _ldap._tcp.%s, or "
                      "name the servers in directory.uri.",
                      domain, domain);
}

bool
ldap_locate(struct arena *arena, const struct ldap_options *options,
            const struct messenger *messenger, struct ldap_located *ret_located, struct error *err)
{
    struct locating locating = {.arena = arena,
                                .options = options,
                                .messenger = messenger,
                                .located = ret_located,
                                .reason = ERROR_INIT};

    *ret_located = (struct ldap_located){.site = ""};
    if (!srv_is_name(slice_of(options->srv)))
        return error_set(err, ERROR_CONFIG, "directory.srv '%s' is no domain", options->srv);
    add_controllers(&locating);
    if (ret_located->count == 0) {
        struct srv_records plain =
            look_up(&locating, arena_format(arena, "_ldap._tcp.%s", options->srv));

        add(&locating, &plain);
    }
    if (ret_located->count == 0)
        return none_found(&locating, err);
    return true;
}
