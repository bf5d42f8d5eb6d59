/* Any bytes as an LDIF file and as the attribute list of an LDAP entry: whatever comes out must be
 * readable to its last byte. */
#include "base/arena.h"
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
    struct entry entry = {.dn = SLICE_NONE};
    struct error err = ERROR_INIT;
    char *list = memory_alloc(size);
    struct slice name;

    memcpy(list, data, size);
    names_seal(names);
    if (ldap_entry_decode(decoder, (struct slice){list, size}, &entry, &name) == LDAP_DECODED)
        touch(sum, &entry, &err);
    free(list);
    ldap_decoder_free(decoder);
    names_free(names);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct attributes *attributes = attributes_new();
    unsigned sum = 0;

    attributes_add(attributes, slice_of("cn"));
    attributes_add(attributes, slice_of("mail"));
    read_file(data, size, attributes, &sum);
    decode(data, size, attributes, &sum);
    attributes_free(attributes);
    return 0;
}
