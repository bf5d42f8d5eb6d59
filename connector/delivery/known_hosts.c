#include "delivery/known_hosts.h"

#include "base/file.h"
#include "delivery/key_blob.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum { FILE_MOST_BYTES = 16 << 20, SHA1_BYTES = 20 };

static struct slice
slice_from(struct slice slice, size_t start)
{
    return (struct slice){slice.data + start, slice.length - start};
}

/* Takes what stands before `separator` off the front of `rest`. */
static struct slice
take_until(struct slice *rest, char separator)
{
    const char *end = rest->length ? memchr(rest->data, separator, rest->length) : NULL;
    struct slice taken = {rest->data, end ? (size_t)(end - rest->data) : rest->length};

    *rest = slice_from(*rest, end ? taken.length + 1 : taken.length);
    return taken;
}

static struct slice
take_word(struct slice *rest)
{
    struct slice word;
    size_t length = 0;

    while (rest->length && (*rest->data == ' ' || *rest->data == '\t'))
        *rest = slice_from(*rest, 1);
    while (length < rest->length && rest->data[length] != ' ' && rest->data[length] != '\t')
        length++;
    word = (struct slice){rest->data, length};
    *rest = slice_from(*rest, length);
    return word;
}

char *
known_hosts_name(struct arena *arena, const char *host, unsigned port)
{
    char *name =
        port == 22 ? arena_string(arena, host) : arena_format(arena, "[%s]:%u", host, port);

    for (char *c = name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    return name;
}

static bool
letter_matches(char pattern, char name)
{
    if (pattern >= 'A' && pattern <= 'Z')
        pattern = (char)(pattern - 'A' + 'a');
    return pattern == '?' || pattern == name;
}

/* `*` stands for any text, `?` for any letter; `name` is in lower case. Where a letter does not
 * match, the last star takes one letter more. */
static bool
pattern_matches(struct slice pattern, const char *name)
{
    const char *star_name = NULL;
    size_t star = 0;
    size_t at = 0;

    while (*name) {
        if (at < pattern.length && pattern.data[at] == '*') {
            star = at++;
            star_name = name;
        } else if (at < pattern.length && letter_matches(pattern.data[at], *name)) {
            at++;
            name++;
        } else if (star_name) {
            at = star + 1;
            name = ++star_name;
        } else {
            return false;
        }
    }
    while (at < pattern.length && pattern.data[at] == '*')
        at++;
    return at == pattern.length;
}

/* "|1|SALT|HASH": the hash is HMAC-SHA1 of the name with the salt as key. */
static bool
hash_matches(struct arena *arena, struct slice field, const char *name)
{
    struct slice rest = slice_from(field, 3);
    struct slice salt = key_blob_decode(arena, take_until(&rest, '|'));
    struct slice hash = key_blob_decode(arena, rest);
    unsigned char own[EVP_MAX_MD_SIZE];
    unsigned own_length = 0;

    if (!salt.data || hash.length != SHA1_BYTES)
        return false;
    if (!HMAC(EVP_sha1(), salt.data, (int)salt.length, (const unsigned char *)name, strlen(name),
              own, &own_length))
        return false;
    return own_length == hash.length && memcmp(own, hash.data, hash.length) == 0;
}

static bool
hosts_match(struct arena *arena, struct slice field, const char *name)
{
    bool matched = false;

    if (field.length > 3 && memcmp(field.data, "|1|", 3) == 0)
        return hash_matches(arena, field, name);
    while (field.length) {
        struct slice pattern = take_until(&field, ',');
        bool denied = pattern.length && *pattern.data == '!';

        if (!pattern_matches(denied ? slice_from(pattern, 1) : pattern, name))
            continue;
        if (denied)
            return false;
        matched = true;
    }
    return matched;
}

static bool
parse_mark(struct slice word, enum known_mark *ret_mark)
{
    if (slice_equal(word, slice_of("@revoked")))
        *ret_mark = KNOWN_REVOKED;
    else if (slice_equal(word, slice_of("@cert-authority")))
        *ret_mark = KNOWN_AUTHORITY;
    else
        return false;
    return true;
}

static bool
parse_line(struct arena *arena, struct slice line, struct slice *ret_hosts,
           struct known_key *ret_key)
{
    struct slice hosts = take_word(&line);
    struct slice type;

    ret_key->mark = KNOWN_KEY;
    if (hosts.length && *hosts.data == '@') {
        if (!parse_mark(hosts, &ret_key->mark))
            return false;
        hosts = take_word(&line);
    }
    type = take_word(&line);
    ret_key->blob = key_blob_decode(arena, take_word(&line));
    ret_key->type = key_blob_type(arena, ret_key->blob);
    *ret_hosts = hosts;
    return ret_key->type && slice_equal(type, slice_of(ret_key->type));
}

void
known_hosts_parse(struct arena *arena, const struct known_hosts_query *query, struct slice text,
                  struct known_hosts *ret_known)
{
    const char *name = known_hosts_name(arena, query->host, query->port);
    struct known_hosts known = {.path = query->path};
    size_t capacity = 0;
    struct known_key *keys = NULL;

    for (unsigned number = 1; text.length; number++) {
        struct slice line = take_until(&text, '\n');
        struct known_key key = {.line = number};
        struct slice hosts;
        struct slice rest;
        struct slice word;

        if (line.length && line.data[line.length - 1] == '\r')
            line.length--;
        rest = line;
        word = take_word(&rest);
        if (word.length == 0 || *word.data == '#')
            continue;
        if (!parse_line(arena, line, &hosts, &key)) {
            message_say(query->messenger, MESSAGE_WARNING,
                        "%s:%u: not a line of known_hosts, left out", query->path, number);
        } else if (hosts_match(arena, hosts, name)) {
            memory_grow(&keys, &capacity, known.count + 1, sizeof *keys);
            keys[known.count++] = key;
        }
    }
    if (known.count) {
        known.keys = arena_alloc(arena, known.count * sizeof *keys);
        memcpy(known.keys, keys, known.count * sizeof *keys);
    }
    free(keys);
    *ret_known = known;
}

bool
known_hosts_load(struct arena *arena, const struct known_hosts_query *query,
                 struct known_hosts *ret_known, struct error *err)
{
    struct slice text;

    if (!file_read(arena, query->path, FILE_MOST_BYTES, &text, err))
        return error_prefix(err, "cannot check the server's host key");
    known_hosts_parse(arena, query, text, ret_known);
    return true;
}
