/* Any bytes as YAML: a tree that can be walked to its last byte and whose positions lie in the
 * file, or a fault that says why not. */
#include "base/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_position(struct position where, size_t size)
{
    if (where.line < 1 || where.line > size + 1 || where.column < 1 || where.column > size + 1)
        abort();
}

static void
walk(const struct yaml_node *node, size_t size)
{
    check_position(node->where, size);
    if (node->kind == YAML_SCALAR && node->text.data[node->text.length] != '\0')
        abort();
    if (node->kind == YAML_SCALAR && node->text_column > size + 1)
        abort();
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == YAML_MAP) {
            walk(node->keys[i], size);
            if (!yaml_get(node, node->keys[i]->text.data) &&
                !memchr(node->keys[i]->text.data, '\0', node->keys[i]->text.length))
                abort();
        }
        walk(node->items[i], size);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct faults *faults = faults_new();
    char *text = memory_alloc(size); /* its own piece, so that a sanitizer sees its end */
    const struct yaml_node *root;

    if (size)
        memcpy(text, data, size);
    root = yaml_parse(arena, "fuzz.yaml", (struct slice){text, size}, faults);
    if (root)
        walk(root, size);
    else if (faults_count(faults) == 0)
        abort();
    for (size_t i = 0; i < faults_count(faults); i++)
        if (strncmp(faults_text(faults, i), "fuzz.yaml:", strlen("fuzz.yaml:")) != 0)
            abort();
    free(text);
    faults_free(faults);
    arena_free(arena);
    return 0;
}
