#include "directory/ldap_probe.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "directory/ldap_certificate.h"
#include "directory/ldap_gap.h"
#include "directory/ldap_locate.h"
#include "directory/ldap_root.h"
#include "directory/ldap_socket.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    DAY_SECONDS = 86400,
    CERTIFICATE_DAYS = 21, /* so long before its end somebody should know */
    LOCATED_MOST = 8
};

static bool
probe_name(const struct ldap_probe *probe, const LDAPURLDesc *url)
{
    struct addrinfo *addresses = NULL;
    struct buffer text = BUFFER_INIT;
    struct error err = ERROR_INIT;
    char address[NI_MAXHOST];

    if (strcmp(url->lud_scheme, "ldapi") == 0)
        return true;
    if (!ldap_socket_resolve(url, &addresses, &err)) {
        probe_fail(probe->probing->probes, "directory.name", &err);
        return false;
    }
    for (const struct addrinfo *at = addresses; at; at = at->ai_next)
        if (getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof address, NULL, 0,
                        NI_NUMERICHOST) == 0)
            buffer_format(&text, "%s%s", text.length ? ", " : "", address);
    probe_ok(probe->probing->probes, "directory.name", "'%s' has the address %.*s", url->lud_host,
             (int)text.length, text.length ? text.data : "");
    buffer_free(&text);
    freeaddrinfo(addresses);
    return true;
}

static void
probe_gap(const struct ldap_probe *probe, const struct ldap_gap *gap)
{
    if (gap)
        probe_warn(probe->probing->probes, "directory.root_dse", gap->hint, "'%s' is %s",
                   probe->uri, gap->what);
}

static void
probe_encryption(const struct ldap_probe *probe, const struct ldap_session *session)
{
    const struct probe_sink *probes = probe->probing->probes;
    char *version = NULL, day[16];
    struct tm parts;
    time_t end;

    if (session->encryption == LDAP_SEALED) {
        probe_ok(probes, "directory.tls", "'%s' has no TLS; GSSAPI encrypts instead", probe->uri);
        return;
    }
    if (session->encryption == LDAP_PLAIN) {
        if (strncmp(probe->uri, "ldapi", 5) != 0)
            probe_warn(probes, "directory.tls",
                       "Leave directory.tls.mode at auto: passwords and data travel in the clear.",
                       "the connection to '%s' is not encrypted", probe->uri);
        return;
    }
    ldap_get_option(session->ld, LDAP_OPT_X_TLS_VERSION, &version);
    if (!ldap_certificate_end(session->ld, &end) || !gmtime_r(&end, &parts) ||
        strftime(day, sizeof day, "%Y-%m-%d", &parts) == 0)
        probe_ok(probes, "directory.tls", "'%s' is encrypted by %s", probe->uri,
                 version ? version : "TLS");
    else if (end - time(NULL) < (time_t)CERTIFICATE_DAYS * DAY_SECONDS)
        probe_warn(probes, "directory.tls", "Have it renewed: from that day on no run can read.",
                   "the certificate of '%s' expires on %s", probe->uri, day);
    else
        probe_ok(probes, "directory.tls",
                 "'%s' is encrypted by %s; its certificate is valid until "
                 "%s",
                 probe->uri, version ? version : "TLS", day);
    ldap_memfree(version);
}

static bool
probe_root(const struct ldap_probe *probe, struct ldap_session *session)
{
    const struct probe_sink *probes = probe->probing->probes;
    struct error err = ERROR_INIT;
    struct ldap_root root;

    if (ldap_root_read(session, &root, &err) != LDAP_ATTEMPT_DONE) {
        probe_fail(probes, "directory.root_dse", &err);
        return false;
    }
    if (!root.readable)
        probe_warn(probes, "directory.root_dse",
                   "What the server can do is not known; a run does not need it.",
                   "'%s' does not show its root DSE", probe->uri);
    else if (!root.has_pages && probe->options->page_size > 0)
        probe_warn(probes, "directory.root_dse",
                   "A limit of the server on answers may end the search; have it lifted for the "
                   "account, and set directory.page_size to 0.",
                   "'%s' is %s and does not answer in pages", probe->uri, root.kind);
    else
        probe_ok(probes, "directory.root_dse", "'%s' is %s", probe->uri, root.kind);
    probe_gap(probe, ldap_gap_of_root(&root));
    probe_clock(probes, "directory.clock", root.now, probe->uri);
    return true;
}

/* An account is locked after some refused logins, so one is enough. */
static enum ldap_attempt
probe_login(struct ldap_probe *probe, struct ldap_session *session)
{
    const struct probe_sink *probes = probe->probing->probes;
    struct error err = ERROR_INIT;
    enum ldap_attempt attempt;

    if (probe->refused_by) {
        probe_warn(probes, "directory.login", "Mend the login first, then check again.",
                   "no login at '%s' was tried, as '%s' refused it", probe->uri, probe->refused_by);
        return LDAP_ATTEMPT_LOST;
    }
    attempt = ldap_session_log_in(session, &err);
    if (attempt != LDAP_ATTEMPT_DONE) {
        probe_fail(probes, "directory.login", &err);
        if (attempt == LDAP_ATTEMPT_FAILED)
            probe->refused_by = probe->uri;
        return attempt;
    }
    probe_ok(probes, "directory.login", "logged in to '%s' %s", probe->uri, session->login);
    return LDAP_ATTEMPT_DONE;
}

static enum ldap_attempt
probe_session(struct ldap_probe *probe, struct ldap_session *session)
{
    const struct probe_sink *probes = probe->probing->probes;
    struct error err = ERROR_INIT;
    enum ldap_attempt attempt;

    attempt = ldap_session_connect(session, probe->options, &probe->server, probe->messenger, &err);
    if (attempt != LDAP_ATTEMPT_DONE) {
        probe_fail(probes, "directory.connection", &err);
        return attempt;
    }
    probe_ok(probes, "directory.connection", "connected to '%s'%s%s", probe->uri,
             probe->server.address[0] ? " at " : "", probe->server.address);
    attempt = ldap_session_encrypt(session, &err);
    if (attempt != LDAP_ATTEMPT_DONE) {
        probe_fail(probes, "directory.tls", &err);
        return attempt;
    }
    probe_encryption(probe, session);
    attempt = probe_login(probe, session);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    if (!probe_root(probe, session))
        return LDAP_ATTEMPT_LOST;
    return ldap_probe_searches(probe, session) ? LDAP_ATTEMPT_DONE : LDAP_ATTEMPT_FAILED;
}

static enum ldap_attempt
probe_server(struct ldap_probe *probe)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_LOST;
    struct ldap_session session = {0};
    LDAPURLDesc *url = NULL;

    /* ldap_session_check() has read it already. */
    if (ldap_url_parse(probe->uri, &url) != LDAP_URL_SUCCESS)
        return LDAP_ATTEMPT_FAILED;
    if (probe_name(probe, url)) {
        probe_gap(probe, ldap_gap_of_port(url->lud_port));
        attempt = probe_session(probe, &session);
        ldap_session_close(&session);
    }
    ldap_free_urldesc(url);
    return attempt;
}

/* The servers that a run would try; of those that DNS names not all, as each may take its time. */
static bool
list_servers(const struct ldap_probe *probe, struct arena *arena, struct ldap_located *ret_located)
{
    const struct ldap_options *options = probe->options;
    const struct probe_sink *probes = probe->probing->probes;
    struct error err = ERROR_INIT;
    size_t found;

    *ret_located = (struct ldap_located){options->uris, options->uri_count, ""};
    if (!options->srv)
        return true;
    if (!ldap_locate(arena, options, probe->messenger, ret_located, &err)) {
        probe_fail(probes, "directory.srv", &err);
        return false;
    }
    found = ret_located->count;
    if (found > LOCATED_MOST)
        ret_located->count = LOCATED_MOST;
    probe_ok(probes, "directory.srv", "DNS names %zu server%s of '%s'%s%s%s%s", found,
             found == 1 ? "" : "s", options->srv,
             ret_located->site[0] ? ", first those of the site '" : "", ret_located->site,
             ret_located->site[0] ? "'" : "",
             found > LOCATED_MOST ? "; only the first are checked" : "");
    return true;
}

void
ldap_probe(const struct ldap_options *options, const struct messenger *messenger,
           struct source_probing *probing)
{
    struct ldap_probe probe = {.options = options, .messenger = messenger, .probing = probing};
    size_t count = attributes_count(probing->attributes);
    enum ldap_attempt decisive = LDAP_ATTEMPT_LOST;
    struct error err = ERROR_INIT;
    struct ldap_located located;
    struct arena *arena;

    probing->usable = false;
    if (!ldap_session_check(options, &err)) {
        probe_fail(probing->probes, "directory.settings", &err);
        return;
    }
    arena = arena_new();
    probe.seen = memory_zero(count, sizeof *probe.seen);
    if (!list_servers(&probe, arena, &located))
        located.count = 0;
    for (size_t i = 0; i < located.count; i++) {
        enum ldap_attempt attempt;

        probe.uri = located.uris[i];
        probe.server = (struct ldap_server){.uri = probe.uri};
        attempt = probe_server(&probe);
        /* A read stops at the first server that it does not lose. */
        if (decisive == LDAP_ATTEMPT_LOST)
            decisive = attempt;
    }
    probing->usable = decisive == LDAP_ATTEMPT_DONE;
    free(probe.seen);
    arena_free(arena);
}
