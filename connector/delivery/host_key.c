#include "delivery/host_key.h"

#include "delivery/key_blob.h"

#include <string.h>

/* The signature algorithms for each type of key, the better first (RFC 8332 for RSA). libssh2
 * leaves out what it does not know. DSA is left out on purpose: no server should have it. */
static const struct {
    const char *type;
    const char *methods;
} key_types[] = {
    {"ssh-ed25519", "ssh-ed25519"},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
    {"ssh-rsa", "rsa-sha2-512,rsa-sha2-256,ssh-rsa"},
};

enum { KEY_TYPE_COUNT = sizeof key_types / sizeof key_types[0] };

static bool
list_has(const char *list, const char *type)
{
    size_t length = strlen(type);

    for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        if (strncmp(at, type, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

static bool
known_has_type(const struct known_hosts *known, const char *type)
{
    for (size_t i = 0; i < known->count; i++) {
        if (known->keys[i].mark == KNOWN_KEY && strcmp(known->keys[i].type, type) == 0)
            return true;
    }
    return false;
}

char *
host_key_methods(struct arena *arena, const struct host_key_policy *policy, const char *shown)
{
    char *methods = NULL;

    for (size_t i = 0; i < KEY_TYPE_COUNT; i++) {
        if (list_has(shown, key_types[i].type))
            continue;
        if (!shown && !known_has_type(&policy->known, key_types[i].type))
            continue;
        methods = methods ? arena_format(arena, "%s,%s", methods, key_types[i].methods)
                          : arena_string(arena, key_types[i].methods);
    }
    return methods;
}

bool
host_key_check_fingerprint(const char *fingerprint, struct error *err)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789+/";

    if (strncmp(fingerprint, "SHA256:", 7) == 0 && strlen(fingerprint) == 50 &&
        strspn(fingerprint + 7, letters) == 43)
        return true;
    error_set(err, ERROR_CONFIG, "the fingerprint '%s' is not 'SHA256:' and 43 letters of base64",
              fingerprint);
    return error_hint(err, "Write it as 'ssh-keygen -l -f' prints it on the server.");
}

bool
host_key_is_pinned(const struct host_key_policy *policy, struct slice blob)
{
    char shown[KEY_FINGERPRINT_BYTES];

    key_blob_fingerprint(blob, shown);
    return strcmp(policy->fingerprint, shown) == 0;
}

/* What the server showed, in the words that every refusal needs. */
struct shown_key {
    struct slice blob;
    const char *type;
    char fingerprint[KEY_FINGERPRINT_BYTES];
    const char *line; /* of known_hosts */
};

static const struct known_key *
find_key(const struct known_hosts *known, enum known_mark mark, struct slice blob)
{
    for (size_t i = 0; i < known->count; i++) {
        const struct known_key *key = &known->keys[i];

        if (key->mark == mark && (!blob.data || slice_equal(key->blob, blob)))
            return key;
    }
    return NULL;
}

static bool
refuse_unknown(const struct host_key_policy *policy, const struct shown_key *shown,
               struct error *err)
{
    const struct known_key *authority = find_key(&policy->known, KNOWN_AUTHORITY, SLICE_NONE);

    error_set(err, ERROR_PERMISSION,
              "the server's host key %s (%s) is unknown: '%s' has no key for '%s'",
              shown->fingerprint, shown->type, policy->known.path, policy->host);
    if (authority)
        error_set(err, ERROR_PERMISSION,
                  "the server's host key %s (%s) is unknown: '%s' has only a @cert-authority for "
                  "'%s' (line %u), which is not supported",
                  shown->fingerprint, shown->type, policy->known.path, policy->host,
                  authority->line);
    return error_hint(err,
                      "Have the server's administrators confirm this fingerprint ('ssh-keygen -l "
                      "-f' prints it there), then add this line to '%s': %s",
                      policy->known.path, shown->line);
}

static bool
refuse_changed(const struct host_key_policy *policy, const struct shown_key *shown,
               const struct known_key *known, struct error *err)
{
    char fingerprint[KEY_FINGERPRINT_BYTES];

    key_blob_fingerprint(known->blob, fingerprint);
    error_set(
        err, ERROR_PERMISSION,
        "THE SERVER'S HOST KEY HAS CHANGED: it is now %s (%s), but '%s' has %s (%s, line %u); "
        "somebody may be in between",
        shown->fingerprint, shown->type, policy->known.path, fingerprint, known->type, known->line);
    return error_hint(err,
                      "Deliver nothing before the server's administrators confirm the new "
                      "fingerprint; then replace line %u of '%s' by: %s",
                      known->line, policy->known.path, shown->line);
}

/* Of the keys that known_hosts has, the one to compare with: best of the same type. */
static const struct known_key *
nearest_key(const struct known_hosts *known, const char *type)
{
    for (size_t i = 0; i < known->count; i++) {
        if (known->keys[i].mark == KNOWN_KEY && strcmp(known->keys[i].type, type) == 0)
            return &known->keys[i];
    }
    return find_key(known, KNOWN_KEY, SLICE_NONE);
}

static bool
judge_by_known_hosts(const struct host_key_policy *policy, const struct shown_key *shown,
                     struct error *err)
{
    const struct known_key *revoked = find_key(&policy->known, KNOWN_REVOKED, shown->blob);
    const struct known_key *nearest;

    if (revoked) {
        error_set(err, ERROR_PERMISSION,
                  "the server's host key %s (%s) is marked @revoked in '%s' (line %u)",
                  shown->fingerprint, shown->type, policy->known.path, revoked->line);
        return error_hint(err, "Ask the server's administrators for its new key.");
    }
    if (find_key(&policy->known, KNOWN_KEY, shown->blob))
        return true;
    nearest = nearest_key(&policy->known, shown->type);
    return nearest ? refuse_changed(policy, shown, nearest, err)
                   : refuse_unknown(policy, shown, err);
}

bool
host_key_judge(struct arena *arena, const struct host_key_policy *policy, struct slice blob,
               struct error *err)
{
    struct shown_key shown = {.blob = blob, .type = key_blob_type(arena, blob)};

    if (!shown.type)
        return error_set(err, ERROR_PERMISSION, "the server's host key cannot be read");
    key_blob_fingerprint(blob, shown.fingerprint);
    shown.line =
        arena_format(arena, "%s %s %s", known_hosts_name(arena, policy->host, policy->port),
                     shown.type, key_blob_encode(arena, blob));
    if (policy->known.path && !judge_by_known_hosts(policy, &shown, err))
        return false;
    if (!policy->fingerprint || host_key_is_pinned(policy, blob))
        return true;
    error_set(err, ERROR_PERMISSION, "the server's host key is %s (%s), not the pinned '%s'",
              shown.fingerprint, shown.type, policy->fingerprint);
    return error_hint(err, "Deliver nothing before the server's administrators confirm this "
                           "fingerprint; somebody may be in between.");
}
