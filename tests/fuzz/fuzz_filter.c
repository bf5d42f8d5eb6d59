/* A filter compiled, and matched with a value. Input: the filter, NUL, the value. */
#include "mapping_sample.h"

#include "mapping/compiler.h"
#include "mapping/evaluate.h"
#include "mapping/filter.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
match(struct mapping *mapping, const struct attributes *attributes, const struct filter *filter,
      struct slice value)
{
    struct entry_values slots[64];
    struct entry entry = {.dn = value, .attributes = attributes, .slots = slots};
    struct user user = {.dn = value};
    struct evaluation evaluation = {
        .mapping = mapping, .entry = &entry, .arena = mapping->arena, .user = &user};

    if (attributes_count(attributes) > sizeof slots / sizeof slots[0])
        return;
    for (size_t i = 0; i < attributes_count(attributes); i++)
        slots[i] = (struct entry_values){&value, 1};
    evaluation.attributes =
        arena_alloc(mapping->arena, mapping->slot_count * sizeof *evaluation.attributes);
    filter_match(&evaluation, filter);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size ? memchr(text, '\0', size) : NULL;
    size_t length = end ? (size_t)(end - text) : size;
    struct slice value = {text + length, end ? size - length : 0};
    struct attributes *attributes = attributes_new();
    struct sample sample;
    struct yaml_node node = {.kind = YAML_SCALAR, .where = {"f", 1, 1}, .text_column = 1};
    struct compiler compiler = {.owner = OWNER_NONE};
    const struct filter *filter;

    sample_open(&sample, slice_of("mapping: 1\nmatch_id: primary_id\nuser: { primary_id: x }\n"));
    compiler.mapping = sample.mapping;
    compiler.arena = sample.arena;
    compiler.attributes = attributes;
    compiler.faults = faults_new();
    node.text = arena_slice(sample.arena, (struct slice){text, length});
    filter = filter_compile(&compiler, &node);
    if (filter)
        match(sample.mapping, attributes, filter, value);
    faults_free(compiler.faults);
    attributes_free(attributes);
    sample_close(&sample);
    return 0;
}
