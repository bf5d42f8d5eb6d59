/* Any bytes as an LDIF file, as the attribute list of an LDAP entry and as a group's member:
 * whatever comes out must be readable to its last byte. */
#include "base/arena.h"
#include "directory/group_names.h"
#include "directory/ldap_entry.h"
#include "directory/source.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sums all bytes, so that a sanitizer sees a value that reaches too far. */
static bool
touch(void *context, const struct entry *entry, struct error *err)
{
    unsigned *sum = context;

    (void)err;
    for (size_t i = 0; i < entry->dn.length; i++)
        *sum += (unsigned char)entry->dn.data[i];
    for (size_t slot = 0; slot < attributes_count(entry->attributes); slot++)
        for (size_t v = 0; v < entry->slots[slot].count; v++)
            for (size_t i = 0; i < entry->slots[slot].values[v].length; i++)
                *sum += (unsigned char)entry->slots[slot].values[v].data[i];
    return true;
}

static bool
never(void *context, struct error *err)
{
    (void)context;
    (void)err;
    abort();
}

static void
read_file(const uint8_t *data, size_t size, const struct attributes *attributes, unsigned *sum)
{
    struct source_reader reader = {.entry = touch, .restart = never, .context = sum};
    struct source_result result;
    struct error err = ERROR_INIT;
    struct source *source;
    char path[64];
    int fd = memfd_create("ldif", 0);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    source = source_open_ldif(path, NULL);
    if (!source_read(source, attributes, &reader, &result, &err) && err.code == ERROR_NONE)
        abort();
    source_close(source);
    close(fd);
}

static void
decode(const uint8_t *data, size_t size, const struct attributes *attributes, unsigned *sum)
{
    struct names *names = names_new(attributes);
    struct ldap_decoder *decoder = ldap_decoder_new(names);
    const struct slice all[] = {{"cn=a", 4}, {"cn=b", 4}};
    const struct entry_values whole = {all, 2};
    struct entry entry = {.dn = SLICE_NONE};
    enum ldap_decoded decoded;
    struct error err = ERROR_INIT;
    char *list = memory_alloc(size);
    struct slice name;

    memcpy(list, data, size);
    names_seal(names);
    while ((decoded = ldap_entry_decode(decoder, (struct slice){list, size}, &entry, &name)) ==
           LDAP_DECODED_RANGED)
        ldap_decoder_complete(decoder, name, &whole);
    if (decoded == LDAP_DECODED)
        touch(sum, &entry, &err);
    free(list);
    ldap_decoder_free(decoder);
    names_free(names);
}

/* A value that lists a member, and an objectSid with what is left as primaryGroupID. */
static void
name_member(const uint8_t *data, size_t size, unsigned *sum)
{
    struct arena *arena = arena_new();
    size_t half = size / 2;
    char *value = memory_alloc(size + 1), *first = memory_alloc(half + 1);
    bool is_login;

    memcpy(value, data, size);
    memcpy(first, data, half);
    *sum += (unsigned)group_name_member(0, arena, (struct slice){value, size}, &is_login);
    *sum += (unsigned)group_name_dn(0, arena, (struct slice){value, size});
    *sum += (unsigned)group_name_primary(0, (struct slice){first, half},
                                         (struct slice){value + half, size - half});
    free(value);
    free(first);
    arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct attributes *attributes = attributes_new();
    unsigned sum = 0;

    attributes_add(attributes, slice_of("cn"));
    attributes_add(attributes, slice_of("mail"));
    attributes_add(attributes, slice_of(ATTRIBUTE_GROUPS_NESTED));
    read_file(data, size, attributes, &sum);
    decode(data, size, attributes, &sum);
    name_member(data, size, &sum);
    attributes_free(attributes);
    return 0;
}
