/* A template compiled, and applied to values. Input: the template, NUL, one value of each
 * attribute that it names. */
#include "mapping_sample.h"

#include "base/text.h"
#include "mapping/compiler.h"
#include "mapping/evaluate.h"
#include "mapping/pattern.h"
#include "mapping/table.h"
#include "mapping/template.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
apply(struct mapping *mapping, const struct attributes *attributes, const struct template *template,
      struct slice value)
{
    struct entry_values slots[64];
    struct slice values[] = {value, {"a", 1}, {"4711", 4}};
    struct entry entry = {.dn = {"cn=x", 4}, .attributes = attributes, .slots = slots};
    struct user user = {.dn = entry.dn};
    struct evaluation evaluation = {
        .mapping = mapping, .entry = &entry, .arena = mapping->arena, .user = &user};

    if (attributes_count(attributes) > sizeof slots / sizeof slots[0])
        return;
    for (size_t i = 0; i < attributes_count(attributes); i++)
        slots[i] = (struct entry_values){values, 3};
    evaluation.attributes =
        arena_alloc(mapping->arena, mapping->slot_count * sizeof *evaluation.attributes);
    value = text_clean(mapping->arena, value, NULL);
    evaluation.each = values_of(mapping->arena, value, 0);
    evaluate_template(&evaluation, template);
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
    struct template template;
    struct yaml_node node = {.kind = YAML_SCALAR, .where = {"f", 1, 1}, .text_column = 1};
    struct compiler compiler = {.owner = OWNER_NONE, .each_allowed = true};

    sample_open(&sample,
                slice_of("mapping: 1\nmatch_id: primary_id\n"
                         "tables: { t: { a: b }, c: { 4711: { x: y }, 'cn=a': { x: z } } }\n"
                         "user: { primary_id: x }\n"));
    compiler.mapping = sample.mapping;
    compiler.arena = sample.arena;
    compiler.attributes = attributes;
    compiler.faults = faults_new();
    node.text = arena_slice(sample.arena, (struct slice){text, length});
    if (template_compile(&compiler, &node, &template))
        apply(sample.mapping, attributes, &template, value);
    faults_free(compiler.faults);
    attributes_free(attributes);
    sample_close(&sample);
    return 0;
}
