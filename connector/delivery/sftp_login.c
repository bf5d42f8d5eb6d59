#include "base/buffer.h"
#include "base/secret.h"
#include "base/text.h"
#include "delivery/private_key.h"
#include "delivery/server_offer.h"
#include "delivery/sftp_error.h"
#include "delivery/sftp_options.h"
#include "delivery/sftp_session.h"

#include <stdlib.h>
#include <string.h>

enum login_result {
    LOGIN_DONE,
    LOGIN_REFUSED, /* noted in `refusals`; the next way may do */
    LOGIN_FAILED   /* err is set */
};

struct login {
    struct sftp_session *session;
    const char *user;
    unsigned user_length;
    char *offered;          /* comma list of the server */
    bool offer_is_old;      /* something was tried since */
    struct buffer refusals; /* what was tried, for the message */
    const char *hint;       /* NULL: none */
};

static void
note_refusal(struct login *login, const char *format, const char *what)
{
    if (login->refusals.length)
        buffer_add_text(&login->refusals, ", ");
    buffer_format(&login->refusals, format, what);
}

static bool
is_refusal(int result)
{
    return result == LIBSSH2_ERROR_AUTHENTICATION_FAILED ||
           result == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
}

/* A connection that the server ends with a word during the login was refused, and another
 * attempt would only be refused again. */
static enum login_result
fail(struct login *login, int result, struct error *err, const char *what)
{
    struct sftp_session *session = login->session;

    sftp_error(session, result, err, "the login of '%s' by %s failed", login->user, what);
    if (*session->farewell) {
        err->code = ERROR_PERMISSION;
        err->transient = false;
    }
    return LOGIN_FAILED;
}

static enum login_result
conclude(struct login *login, int result, struct error *err, const char *what, const char *refusal)
{
    if (result == LIBSSH2_ERROR_NONE) {
        message_say(login->session->messenger, MESSAGE_INFO, "logged in as '%s' by %s", login->user,
                    what);
        return LOGIN_DONE;
    }
    if (!is_refusal(result) || login->session->lost)
        return fail(login, result, err, what);
    note_refusal(login, refusal, what);
    return LOGIN_REFUSED;
}

static const char *
source_name(struct arena *arena, const struct secret_source *source)
{
    if (source->file)
        return arena_format(arena, "the key '%s'", source->file);
    if (source->credential)
        return arena_format(arena, "the key of the credential '%s'", source->credential);
    return arena_format(arena, "the key of the variable '%s'", source->environment);
}

/* libssh2 before 1.11 signs with RSA keys by SHA-1 only, which OpenSSH 8.8 and others refuse in
 * the same words as a key that they do not know. */
static void
suspect_sha1(struct login *login)
{
    if (!libssh2_version(LIBSSH2_WITH_RSA_SHA2))
        login->hint = arena_format(
            login->session->arena,
            "libssh2 before 1.11 signs with RSA keys only by SHA-1, which most servers "
            "refuse today. Use an ed25519 or ecdsa key. %s",
            sftp_options_way_out(login->session->options));
}

static enum login_result
offer_key(struct login *login, const struct secret *key, const struct secret *passphrase,
          struct error *err)
{
    struct sftp_session *session = login->session;
    const char *name = source_name(session->arena, &session->options->key);
    struct private_key facts;
    int result;

    if (!private_key_inspect((struct slice){key->data, key->length}, passphrase->data, &facts,
                             err)) {
        error_prefix(err, "%s cannot be used", name);
        return LOGIN_FAILED;
    }
    SFTP_AWAIT(session, result,
               libssh2_userauth_publickey_frommemory(session->ssh, login->user, login->user_length,
                                                     NULL, 0, key->data, key->length,
                                                     passphrase->data ? passphrase->data : ""));
    if (result == LIBSSH2_ERROR_FILE || result == LIBSSH2_ERROR_KEYFILE_AUTH_FAILED ||
        result == LIBSSH2_ERROR_METHOD_NOT_SUPPORTED) {
        private_key_unreadable(&facts, err);
        error_prefix(err, "%s cannot be used", name);
        return LOGIN_FAILED;
    }
    if (is_refusal(result) && strcmp(facts.type, "ssh-rsa") == 0)
        suspect_sha1(login);
    return conclude(login, result, err, name, "%s was not accepted");
}

static enum login_result
try_key(struct login *login, struct error *err)
{
    const struct sftp_options *options = login->session->options;
    enum login_result result = LOGIN_FAILED;
    struct secret passphrase = {0};
    struct secret key = {0};

    if (!secret_load(&options->key, "the SFTP key", &key, err))
        goto done;
    if (secret_is_set(&options->passphrase) &&
        !secret_load(&options->passphrase, "the pass phrase of the SFTP key", &passphrase, err))
        goto done;
    result = offer_key(login, &key, &passphrase, err);
done:
    secret_wipe(&key);
    secret_wipe(&passphrase);
    return result;
}

static enum login_result
offer_identities(struct login *login, LIBSSH2_AGENT *agent, struct error *err)
{
    struct sftp_session *session = login->session;
    struct libssh2_agent_publickey *identity = NULL;
    int result = LIBSSH2_ERROR_AUTHENTICATION_FAILED;
    unsigned count = 0;

    while (libssh2_agent_get_identity(agent, &identity, identity) == 0) {
        struct slice blob = {(const char *)identity->blob, identity->blob_len};

        SFTP_AWAIT(session, result, libssh2_agent_userauth(agent, login->user, identity));
        if (!is_refusal(result) || session->lost)
            break;
        count++;
        if (blob.length > 11 && memcmp(blob.data + 4, "ssh-rsa", 7) == 0)
            suspect_sha1(login);
    }
    if (result != LIBSSH2_ERROR_NONE && count == 0 && is_refusal(result)) {
        note_refusal(login, "%s has no key", "the agent");
        return LOGIN_REFUSED;
    }
    return conclude(login, result, err, "the agent", "no key of %s was accepted");
}

static enum login_result
try_agent(struct login *login, struct error *err)
{
    struct sftp_session *session = login->session;
    enum login_result result = LOGIN_FAILED;
    LIBSSH2_AGENT *agent = NULL;

    if (!getenv("SSH_AUTH_SOCK")) {
        error_set(err, ERROR_PERMISSION, "there is no SSH agent here: SSH_AUTH_SOCK is not set");
        error_hint(err, "cron and systemd start without an agent; use %s.key there.",
                   sftp_options_settings(session->options));
        return LOGIN_FAILED;
    }
    agent = libssh2_agent_init(session->ssh);
    if (!agent || libssh2_agent_connect(agent) != 0 || libssh2_agent_list_identities(agent) != 0)
        error_set(err, ERROR_PERMISSION, "the SSH agent at '%s' does not answer",
                  getenv("SSH_AUTH_SOCK"));
    else
        result = offer_identities(login, agent, err);
    if (agent) {
        libssh2_agent_disconnect(agent);
        libssh2_agent_free(agent);
    }
    return result;
}

static enum login_result
try_password(struct login *login, struct error *err)
{
    struct sftp_session *session = login->session;
    struct secret password = {0};
    int result;

    if (!secret_load(&session->options->password, "the SFTP password", &password, err))
        return LOGIN_FAILED;
    SFTP_AWAIT(session, result,
               libssh2_userauth_password_ex(session->ssh, login->user, login->user_length,
                                            password.data, (unsigned)password.length, NULL));
    secret_wipe(&password);
    if (result == LIBSSH2_ERROR_PASSWORD_EXPIRED) {
        error_set(err, ERROR_PERMISSION,
                  "the password of '%s' has expired: the server asks for a new one", login->user);
        return LOGIN_FAILED;
    }
    return conclude(login, result, err, "the password", "%s was refused");
}

/* Answers one prompt in the whole dialog, and only where the answer is not shown: that is a
 * password. Anything else (a one-time password, a new password) gets nothing. libssh2 frees the
 * answers by free(). */
static void
answer_prompts(const char *name, int name_length, const char *instruction, int instruction_length,
               int count, const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts,
               LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, void **abstract)
{
    struct sftp_session *session = *abstract;

    (void)name;
    (void)name_length;
    (void)instruction;
    (void)instruction_length;
    if (count <= 0)
        return;
    session->prompts += (unsigned)count;
    if (session->prompts != 1 || prompts[0].echo) {
        session->odd_prompt = true;
        return;
    }
    responses[0].text = strdup(session->answer);
    responses[0].length = responses[0].text ? (unsigned)strlen(session->answer) : 0;
}

static enum login_result
try_keyboard(struct login *login, struct error *err)
{
    struct sftp_session *session = login->session;
    struct secret password = {0};
    int result;

    if (!secret_load(&session->options->password, "the SFTP password", &password, err))
        return LOGIN_FAILED;
    session->answer = password.data;
    session->prompts = 0;
    session->odd_prompt = false;
    SFTP_AWAIT(session, result,
               libssh2_userauth_keyboard_interactive_ex(session->ssh, login->user,
                                                        login->user_length, answer_prompts));
    session->answer = NULL;
    secret_wipe(&password);
    if (session->odd_prompt && result != LIBSSH2_ERROR_NONE) {
        error_set(err, ERROR_PERMISSION,
                  "the server asks '%s' for more than a password (such as a one-time code)",
                  login->user);
        error_hint(err, "An unattended login needs a key, or an account that a password is enough "
                        "for.");
        return LOGIN_FAILED;
    }
    return conclude(login, result, err, "the password, asked for by keyboard-interactive",
                    "%s, was refused");
}

static bool
has_key(const struct sftp_options *options)
{
    return secret_is_set(&options->key);
}

static bool
has_agent(const struct sftp_options *options)
{
    return options->agent;
}

static bool
has_password(const struct sftp_options *options)
{
    return secret_is_set(&options->password);
}

/* The ways to log in, in the order in which they are tried. */
static const struct {
    const char *method; /* RFC 4252, RFC 4256 */
    const char *what;
    bool (*configured)(const struct sftp_options *options);
    enum login_result (*attempt)(struct login *login, struct error *err);
} ways[] = {
    {"publickey", "a key", has_key, try_key},
    {"publickey", "an agent", has_agent, try_agent},
    {"password", "a password", has_password, try_password},
    {"keyboard-interactive", "a password", has_password, try_keyboard},
};

enum { WAY_COUNT = sizeof ways / sizeof ways[0] };

/* Asks what may be tried. False when the server does not say, or needs no login at all. */
static bool
ask_offer(struct login *login)
{
    struct sftp_session *session = login->session;
    char *offered = NULL;

    SFTP_AWAIT_POINTER(session, offered,
                       libssh2_userauth_list(session->ssh, login->user, login->user_length));
    login->offer_is_old = false;
    if (offered)
        login->offered = arena_string(session->arena, offered);
    return offered != NULL;
}

/* A server that wants two ways offers the second when the first is done, which libssh2 reports
 * as refused (RFC 4252 section 5.1, partial success). */
static bool
is_offered(struct login *login, const char *method)
{
    if (server_offer_has(slice_of(login->offered), method))
        return true;
    return login->offer_is_old && ask_offer(login) &&
           server_offer_has(slice_of(login->offered), method);
}

static enum login_result
refuse(struct login *login, struct error *err)
{
    const struct sftp_options *options = login->session->options;
    struct slice offered = slice_of(login->offered);
    const char *set = "nothing";

    offered = text_printable(login->session->arena, offered, 200);
    for (size_t i = WAY_COUNT; i-- > 0;)
        set = ways[i].configured(options) ? ways[i].what : set;
    if (login->refusals.length)
        error_set(err, ERROR_PERMISSION,
                  "the server refuses the login of '%s': %.*s (it offers "
                  "'%.*s')",
                  login->user, (int)login->refusals.length, login->refusals.data,
                  SLICE_ARG(offered));
    else
        error_set(err, ERROR_PERMISSION,
                  "the server offers '%s' only '%.*s' to log in, but only "
                  "%s is set",
                  login->user, SLICE_ARG(offered), set);
    if (login->hint)
        error_hint(err, "%s", login->hint);
    return LOGIN_FAILED;
}

/* A password that the method "password" has refused is not sent again by the other method: two
 * failures a run lock accounts. */
static enum login_result
try_ways(struct login *login, struct error *err)
{
    bool password_tried = false;

    for (size_t i = 0; i < WAY_COUNT; i++) {
        bool by_password = ways[i].configured == has_password;
        enum login_result result;

        if (!ways[i].configured(login->session->options) || !is_offered(login, ways[i].method) ||
            (by_password && password_tried))
            continue;
        result = ways[i].attempt(login, err);
        if (result != LOGIN_REFUSED)
            return result;
        password_tried = password_tried || by_password;
        login->offer_is_old = true;
    }
    return refuse(login, err);
}

static bool
check_configured(const struct sftp_options *options, struct error *err)
{
    const char *settings = sftp_options_settings(options);

    for (size_t i = 0; i < WAY_COUNT; i++) {
        if (ways[i].configured(options))
            return true;
    }
    error_set(err, ERROR_CONFIG, "there is nothing to log in with");
    return error_hint(err, "Set %s.key, %s.agent or %s.password.", settings, settings, settings);
}

bool
sftp_login(struct sftp_session *session, struct error *err)
{
    struct login login = {
        .session = session,
        .user = session->options->user,
        .user_length = (unsigned)strlen(session->options->user),
        .refusals = BUFFER_INIT,
    };
    bool done;

    if (!check_configured(session->options, err))
        return false;
    if (!ask_offer(&login)) {
        if (libssh2_userauth_authenticated(session->ssh))
            return true;
        fail(&login, libssh2_session_last_errno(session->ssh), err, "any way");
        return false;
    }
    done = try_ways(&login, err) == LOGIN_DONE;
    buffer_free(&login.refusals);
    return done;
}
