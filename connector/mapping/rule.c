#include "mapping/rule.h"

#include "mapping/filter.h"
#include "mapping/ladder.h"
#include "mapping/template.h"

static bool
compile_conditional(struct compiler *compiler, const struct yaml_node *node,
                    struct alternative *alternative, struct written *written)
{
    static const char *const keys[] = {"when", "value"};
    const struct yaml_node *when = yaml_get(node, "when"), *value = yaml_get(node, "value");
    bool good = true;

    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i] == when || node->items[i] == value)
            continue;
        compiler_unknown(compiler, node->keys[i]->where, "key", node->keys[i]->text, keys, 2);
        good = false;
    }
    if (!when || !value) {
        faults_add(compiler->faults, node->where,
                   "an alternative is a text, or has both 'when' and 'value'; '%s' is missing",
                   when ? "value" : "when");
        return false;
    }
    if (compiler_expect(compiler, when, YAML_SCALAR, "a condition"))
        alternative->when = filter_compile(compiler, when);
    *written = (struct written){.value = value->text.data, .when = when->text.data};
    return template_compile(compiler, value, &alternative->value) && alternative->when && good;
}

static bool
compile_alternative(struct compiler *compiler, const struct yaml_node *node,
                    struct alternative *alternative, struct written *written)
{
    alternative->where = node->where;
    if (node->kind == YAML_MAP)
        return compile_conditional(compiler, node, alternative, written);
    written->value = node->text.data;
    return template_compile(compiler, node, &alternative->value);
}

bool
rule_compile(struct compiler *compiler, const struct yaml_node *node, struct rule *rule)
{
    bool good = true;

    rule->where = node->where;
    if (node->kind == YAML_MAP) {
        faults_add(compiler->faults, node->where,
                   "a map stands where a template or a list of alternatives is wanted; "
                   "an alternative with a condition begins with '- when:'");
        return false;
    }
    if (node->kind == YAML_LIST && node->count == 0) {
        faults_add(compiler->faults, node->where, "an empty list: leave out what has no value");
        return false;
    }
    rule->count = node->kind == YAML_LIST ? node->count : 1;
    rule->written = arena_alloc(compiler->arena, rule->count * sizeof *rule->written);
    rule->alternatives = arena_alloc(compiler->arena, rule->count * sizeof *rule->alternatives);
    for (size_t i = 0; i < rule->count; i++)
        if (!compile_alternative(compiler, node->kind == YAML_LIST ? node->items[i] : node,
                                 &rule->alternatives[i], &rule->written[i]))
            good = false;
    if (good)
        ladders_build(compiler->arena, rule);
    return good;
}
