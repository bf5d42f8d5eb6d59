#include "report/json_text.h"
#include "report/preview_fields.h"
#include "report/preview_formats.h"
#include "report/preview_told.h"

#include <limits.h>
#include <openssl/evp.h>

static struct json_object *
place(const struct position *where)
{
    struct json_object *value;
    char line[32];
    struct buffer text = BUFFER_INIT;

    if (!where || !where->line)
        return NULL;
    snprintf(line, sizeof line, ":%u", where->line);
    buffer_add_text(&text, where->file);
    buffer_add_text(&text, line);
    value = json_text((struct slice){text.data, text.length});
    buffer_free(&text);
    return value;
}

/* Text as text; other bytes as { base64, bytes }. */
static struct json_object *
one_value(struct slice value)
{
    struct json_object *object;
    unsigned char *base64;

    if (!preview_is_binary(value) || value.length > INT_MAX / 2)
        return json_text(value);
    base64 = memory_alloc(value.length / 3 * 4 + 5);
    EVP_EncodeBlock(base64, (const unsigned char *)value.data, (int)value.length);
    object = json_object_new_object();
    json_add_text(object, "base64", slice_of((const char *)base64));
    json_add_number(object, "bytes", value.length);
    free(base64);
    return object;
}

static struct json_object *
all_values(const struct slice *values, size_t count)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < count; i++)
        json_object_array_add(list, one_value(values[i]));
    return list;
}

static struct json_object *
attributes_of(const struct entry *entry, size_t count)
{
    struct json_object *object = json_object_new_object();

    for (size_t i = 0; i < count; i++)
        json_object_object_add(object, attributes_name(entry->attributes, (int)i),
                               all_values(entry->slots[i].values, entry->slots[i].count));
    return object;
}

static struct json_object *all_attempts(struct preview_told *told,
                                        const struct derivation *derivation,
                                        const struct derivation_attempt *without);

static struct json_object *
one_step(struct preview_told *told, const struct derivation_step *step)
{
    static const char *const kinds[] = {
        [DERIVATION_SOURCE] = "source",
        [DERIVATION_TRANSFORM] = "transform",
        [DERIVATION_TEXT] = "text",
        [DERIVATION_RESULT] = "result",
    };
    struct json_object *object = json_object_new_object();

    json_add_text(object, "kind", slice_of(kinds[step->kind]));
    json_add_text(object, "text", slice_of(step->text));
    json_object_object_add(object, "values", all_values(step->values, step->count));
    if (step->from) {
        struct json_object *from = json_object_new_object();

        json_add_text(from, "field", slice_of(step->from->rule));
        if (!preview_is_told(told, step)) {
            preview_tell(told, step);
            json_object_object_add(from, "tried", all_attempts(told, step->from, NULL));
        }
        json_object_object_add(object, "from", from);
    }
    return object;
}

static struct json_object *
all_steps(struct preview_told *told, const struct derivation_attempt *attempt)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; attempt && i < attempt->step_count; i++)
        json_object_array_add(list, one_step(told, &attempt->steps[i]));
    return list;
}

static struct json_object *
all_attempts(struct preview_told *told, const struct derivation *derivation,
             const struct derivation_attempt *without)
{
    static const char *const outcomes[] = {
        [DERIVATION_TAKEN] = "taken",
        [DERIVATION_NO_VALUE] = "no_value",
        [DERIVATION_UNMET] = "unmet",
    };
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; derivation && i < derivation->attempt_count; i++) {
        const struct derivation_attempt *attempt = &derivation->attempts[i];
        struct json_object *object;

        if (attempt == without)
            continue;
        object = json_object_new_object();
        json_object_object_add(object, "rule", place(&attempt->where));
        json_add_text(object, "when", slice_of(attempt->when));
        json_add_text(object, "template", slice_of(attempt->template));
        json_add_text(object, "outcome", slice_of(outcomes[attempt->outcome]));
        json_object_object_add(object, "steps", all_steps(told, attempt));
        json_object_array_add(list, object);
    }
    return list;
}

static const struct derivation_attempt *
taken_attempt(const struct derivation *derivation)
{
    for (size_t i = 0; derivation && i < derivation->attempt_count; i++)
        if (derivation->attempts[i].outcome == DERIVATION_TAKEN)
            return &derivation->attempts[i];
    return NULL;
}

static struct json_object *
one_field(struct preview_told *told, const struct preview_field *field)
{
    const struct derivation_attempt *taken = taken_attempt(field->derivation);
    struct json_object *object = json_object_new_object(), *value = NULL;

    preview_told_next_field(told);
    if (field->codes)
        value = all_values(field->values, field->count);
    else if (field->count > 0)
        value = one_value(field->values[0]);
    json_add_text(object, "field", slice_of(field->path));
    json_object_object_add(object, "value", value);
    json_object_object_add(object, "rule", place(field->rule));
    json_add_text(object, "template", slice_of(taken ? taken->template : NULL));
    json_object_object_add(object, "steps", all_steps(told, taken));
    json_object_object_add(object, "tried", all_attempts(told, field->derivation, taken));
    return object;
}

static struct json_object *
all_fields(const struct preview_person *person)
{
    struct arena *arena = arena_new();
    struct preview_told told = {0};
    struct json_object *list = json_object_new_array();
    size_t count;
    const struct preview_field *fields = preview_fields(person, arena, &count);

    for (size_t i = 0; i < count; i++)
        json_object_array_add(list, one_field(&told, &fields[i]));
    preview_told_free(&told);
    arena_free(arena);
    return list;
}

static struct json_object *
all_absent(const struct preview_person *person)
{
    struct preview_told told = {0};
    struct json_object *list = json_object_new_array();

    for (const struct derivation_unmade *unmade = person->user.unmade; unmade;
         unmade = unmade->next) {
        struct json_object *object = json_object_new_object();

        json_add_text(object, "field", slice_of(unmade->list));
        json_object_object_add(object, "rule", place(&unmade->where));
        json_add_text(object, "when", slice_of(unmade->when));
        json_add_text(object, "lacking", slice_of(unmade->lacking ? unmade->lacking->rule : NULL));
        preview_told_next_field(&told);
        json_object_object_add(object, "tried", all_attempts(&told, unmade->lacking, NULL));
        json_object_array_add(list, object);
    }
    preview_told_free(&told);
    return list;
}

static struct json_object *
all_findings(const struct preview_person *person)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < person->finding_count; i++) {
        const struct finding *finding = &person->findings[i];
        const struct finding_kind *kind = finding_kind(finding->code);
        struct json_object *object = json_object_new_object();

        json_add_text(object, "code", slice_of(kind->name));
        json_add_text(object, "severity", slice_of(finding_severity_name(kind->severity)));
        json_add_text(object, "field", slice_of(finding->field));
        json_object_object_add(object, "rule", place(&finding->where));
        json_add_text(object, "text", finding->text);
        json_object_array_add(list, object);
    }
    return list;
}

static struct json_object *
one_person(const struct preview *preview, const struct preview_person *person)
{
    struct json_object *object = json_object_new_object();

    json_add_text(object, "dn", person->entry.dn);
    json_add_text(object, "verdict", slice_of(preview_verdict_name(person->verdict)));
    json_add_text(object, "match_id", person->user.match_id);
    json_add_text(object, "found_as", slice_of(person->found_as));
    json_object_object_add(object, "attributes",
                           attributes_of(&person->entry, preview->attribute_count));
    json_object_object_add(object, "fields", all_fields(person));
    json_object_object_add(object, "absent", all_absent(person));
    json_object_object_add(object, "findings", all_findings(person));
    json_object_object_add(object, "difference",
                           person->difference ? difference_json(person->difference) : NULL);
    json_add_text(object, "xml", person->record);
    return object;
}

void
preview_write_json(const struct preview *preview, unsigned width, struct buffer *out)
{
    struct json_object *object = json_object_new_object(), *people = json_object_new_array();

    (void)width;
    for (size_t i = 0; i < preview->count; i++)
        json_object_array_add(people, one_person(preview, preview->people[i]));
    json_add_text(object, "who", slice_of(preview->who));
    json_add_text(object, "source", slice_of(preview->source));
    json_add_text(object, "mapping", slice_of(preview->mapping));
    json_object_object_add(object, "people", people);
    json_add_number(object, "more", preview->more);
    json_add_number(object, "repeated", preview->repeated);
    json_write(out, object, JSON_PAGE);
    buffer_add_text(out, "\n");
    json_object_put(object);
}
