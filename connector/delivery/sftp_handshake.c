#include "delivery/host_key.h"
#include "delivery/key_blob.h"
#include "delivery/server_offer.h"
#include "delivery/sftp_error.h"
#include "delivery/sftp_options.h"
#include "delivery/sftp_session.h"

#include <string.h>

static bool
begin_policy(struct sftp_session *session, struct host_key_policy *ret_policy, struct error *err)
{
    const struct sftp_options *options = session->options;
    struct host_key_policy policy = {
        .host = options->host,
        .port = options->port,
        .fingerprint = options->fingerprint,
    };
    struct known_hosts_query query = {
        .path = options->known_hosts,
        .host = options->host,
        .port = options->port,
        .messenger = session->messenger,
    };

    if (!options->known_hosts && !options->fingerprint) {
        error_set(err, ERROR_CONFIG, "there is nothing to check the server's host key against");
        return error_hint(err, "Set %s.known_hosts or %s.fingerprint.",
                          sftp_options_settings(options), sftp_options_settings(options));
    }
    if (options->fingerprint && !host_key_check_fingerprint(options->fingerprint, err))
        return false;
    if (options->known_hosts && !known_hosts_load(session->arena, &query, &policy.known, err))
        return false;
    *ret_policy = policy;
    return true;
}

static struct slice
heard(const struct sftp_session *session)
{
    return (struct slice){session->heard, session->heard_bytes};
}

/* Whether libssh2 can do anything of what the server offers. */
static bool
has_common(struct sftp_session *session, struct slice offer, int method)
{
    const char **known = NULL;
    int count = libssh2_session_supported_algs(session->ssh, method, &known);
    bool common = false;

    for (int i = 0; i < count && !common; i++)
        common = server_offer_has(offer, known[i]);
    if (count > 0)
        libssh2_free(session->ssh, (void *)known);
    return common;
}

static bool
is_rsa_with_sha2_missing(struct slice offer)
{
    return !libssh2_version(LIBSSH2_WITH_RSA_SHA2) &&
           (server_offer_has(offer, "rsa-sha2-512") || server_offer_has(offer, "rsa-sha2-256"));
}

static bool
word_host_key_types(const struct sftp_options *options, struct slice offer, struct error *err)
{
    error_set(err, ERROR_PERMISSION,
              "libssh2 %s can check none of the server's host keys, which are of type '%.*s'",
              libssh2_version(0), SLICE_ARG(offer));
    if (is_rsa_with_sha2_missing(offer))
        return error_hint(err,
                          "libssh2 before 1.11 takes RSA keys only with SHA-1, which this "
                          "server refuses. Have the server get an ed25519 or ecdsa host key. %s",
                          sftp_options_way_out(options));
    return error_hint(err, "%s", sftp_options_way_out(options));
}

static bool
word_no_common(struct sftp_session *session, int result, struct error *err)
{
    static const struct {
        enum server_offer_list list;
        int method;
        const char *what;
    } lists[] = {
        {OFFER_KEY_EXCHANGE, LIBSSH2_METHOD_KEX, "key exchange"},
        {OFFER_CIPHERS, LIBSSH2_METHOD_CRYPT_CS, "cipher"},
        {OFFER_MACS, LIBSSH2_METHOD_MAC_CS, "message authentication"},
    };
    struct slice offer = server_offer(heard(session), OFFER_HOST_KEYS);

    if (offer.data && !has_common(session, offer, LIBSSH2_METHOD_HOSTKEY))
        return word_host_key_types(session->options, offer, err);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        offer = server_offer(heard(session), lists[i].list);
        if (!offer.data || has_common(session, offer, lists[i].method))
            continue;
        error_set(err, ERROR_UNAVAILABLE,
                  "the server and libssh2 %s have no %s in common: the "
                  "server offers '%.*s'",
                  libssh2_version(0), lists[i].what, SLICE_ARG(offer));
        return error_hint(err, "%s", sftp_options_way_out(session->options));
    }
    return sftp_error(session, result, err, "the handshake failed");
}

/* libssh2 leaves out what it does not know by itself, but before 1.11 by a memcpy() that
 * overlaps. */
static bool
ask_for_host_keys(struct sftp_session *session, const char *methods, struct error *err)
{
    struct slice asked = slice_of(methods);
    const char **known = NULL;
    int count = libssh2_session_supported_algs(session->ssh, LIBSSH2_METHOD_HOSTKEY, &known);
    const char *usable = NULL;

    for (int i = 0; i < count; i++) {
        if (server_offer_has(asked, known[i]))
            usable = usable ? arena_format(session->arena, "%s,%s", usable, known[i]) : known[i];
    }
    if (count > 0)
        libssh2_free(session->ssh, (void *)known);
    if (usable && libssh2_session_method_pref(session->ssh, LIBSSH2_METHOD_HOSTKEY, usable) == 0)
        return true;
    error_set(err, ERROR_PERMISSION, "libssh2 %s cannot check a host key of type '%s'",
              libssh2_version(0), methods);
    return error_hint(err, "Set `transport: openssh`.");
}

static bool
shake_hands(struct sftp_session *session, const char *methods, struct error *err)
{
    int result;

    if (!sftp_session_connect(session, err))
        return false;
    if (methods && !ask_for_host_keys(session, methods, err))
        return false;
    SFTP_AWAIT(session, result, libssh2_session_handshake(session->ssh, session->socket));
    if (result == LIBSSH2_ERROR_NONE)
        return true;
    if (result == LIBSSH2_ERROR_KEX_FAILURE)
        return word_no_common(session, result, err);
    return sftp_error(session, result, err, "the handshake failed");
}

/* A server that has lost the type of key that known_hosts holds is asked again for any, so that
 * the refusal can show the key. */
static bool
shake_hands_for_known(struct sftp_session *session, const struct host_key_policy *policy,
                      struct error *err)
{
    char *methods = host_key_methods(session->arena, policy, NULL);
    struct slice offer;

    if (shake_hands(session, methods, err))
        return true;
    offer = server_offer(heard(session), OFFER_HOST_KEYS);
    if (!methods || !offer.data || err->transient ||
        !has_common(session, offer, LIBSSH2_METHOD_HOSTKEY))
        return false;
    sftp_session_hang_up(session);
    return shake_hands(session, NULL, err);
}

static struct slice
shown_key(struct sftp_session *session)
{
    size_t length = 0;
    int type = 0;
    const char *blob = libssh2_session_hostkey(session->ssh, &length, &type);

    return (struct slice){blob ? blob : "", blob ? length : 0};
}

/* Which of its keys a server shows is libssh2's choice, but which is pinned is the
 * administrator's: so it is asked for the other types as well. */
static bool
find_pinned(struct sftp_session *session, const struct host_key_policy *policy)
{
    const char *shown = key_blob_type(session->arena, shown_key(session));
    struct error unheard = ERROR_INIT;

    while (shown && !host_key_is_pinned(policy, shown_key(session))) {
        const char *methods = host_key_methods(session->arena, policy, shown);
        const char *type;

        sftp_session_hang_up(session);
        if (!methods || !shake_hands(session, methods, &unheard))
            return false;
        type = key_blob_type(session->arena, shown_key(session));
        if (!type)
            return false;
        shown = arena_format(session->arena, "%s,%s", shown, type);
    }
    return shown != NULL;
}

bool
sftp_handshake(struct sftp_session *session, struct error *err)
{
    struct host_key_policy policy = {0};
    char fingerprint[KEY_FINGERPRINT_BYTES];
    struct slice key;

    if (!begin_policy(session, &policy, err) || !shake_hands_for_known(session, &policy, err))
        return false;
    if (!host_key_judge(session->arena, &policy, shown_key(session), err)) {
        if (policy.known.path || !find_pinned(session, &policy))
            return false;
        *err = ERROR_INIT;
    }
    key = shown_key(session);
    key_blob_fingerprint(key, fingerprint);
    message_say(session->messenger, MESSAGE_INFO, "host key %s (%s), cipher %s", fingerprint,
                key_blob_type(session->arena, key),
                libssh2_session_methods(session->ssh, LIBSSH2_METHOD_CRYPT_CS));
    target_watch_step(session->watch, TARGET_HOST_KEY, "the host key %s is the known one",
                      fingerprint);
    return true;
}
