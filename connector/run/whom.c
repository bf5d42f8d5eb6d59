#include "run/whom.h"

#include "base/text.h"
#include "model/normal.h"
#include "model/user_fields.h"
#include "run/stages.h"
#include "settings/formats.h"

static bool
parse_filter(struct whom *whom, const struct settings *settings, struct attributes *attributes,
             struct error *err)
{
    const char *complaint;

    if (!settings_have_servers(settings)) {
        whom->condition = mapping_condition_new(whom->text, attributes, err);
        return whom->condition != NULL;
    }
    complaint = format_filter_complaint(slice_of(whom->text));
    return !complaint || error_set(err, ERROR_USAGE, "the filter '%s' %s", whom->text, complaint);
}

bool
whom_parse(struct whom *ret_whom, const char *text, const struct settings *settings,
           const struct mapping *mapping, struct attributes *attributes, struct arena *arena,
           struct error *err)
{
    struct slice typed = slice_of(text), dn = normal_dn(arena, typed);

    *ret_whom = (struct whom){.text = text, .attribute = ATTRIBUTE_NONE};
    if (text[0] == '(') {
        ret_whom->kind = WHOM_FILTER;
        return parse_filter(ret_whom, settings, attributes, err);
    }
    if (dn.data) {
        ret_whom->kind = WHOM_DN;
        ret_whom->normal = dn;
        return true;
    }
    ret_whom->kind = WHOM_IDENTIFIER;
    ret_whom->normal = text_fold(arena, text_tidy(arena, typed));
    ret_whom->attribute = mapping_match_id_attribute(mapping);
    return ret_whom->normal.length > 0 ||
           error_set(err, ERROR_USAGE, "whom? A DN, a filter or an identifier");
}

void
whom_close(struct whom *whom)
{
    mapping_condition_free(whom->condition);
}

/* A comma that begins the rest of a DN, and is not a part of a value. */
static bool
is_separator(struct slice dn, size_t at)
{
    size_t escapes = 0;

    while (escapes < at && dn.data[at - 1 - escapes] == '\\')
        escapes++;
    return dn.data[at] == ',' && escapes % 2 == 0;
}

/* The name of the entry above; empty at the top. */
static struct slice
parent_of(struct slice dn)
{
    for (size_t at = 0; at < dn.length; at++)
        if (is_separator(dn, at))
            return (struct slice){dn.data + at + 1, dn.length - at - 1};
    return (struct slice){dn.data + dn.length, 0};
}

static bool
is_below(struct slice dn, struct slice base)
{
    size_t before = dn.length - base.length;

    if (dn.length <= base.length)
        return slice_equal(dn, base);
    return base.length == 0 || (is_separator(dn, before - 1) &&
                                slice_equal((struct slice){dn.data + before, base.length}, base));
}

/* A base in a form of the server's own ("<GUID=…>") is left to the server. */
static bool
covers(const struct ldap_search *search, struct slice dn, struct arena *arena)
{
    struct slice base = normal_dn(arena, slice_of(search->base));

    if (!base.data)
        return true;
    switch (search->scope) {
    case LDAP_SEARCH_BASE:
        return slice_equal(dn, base);
    case LDAP_SEARCH_ONE:
        return slice_equal(parent_of(dn), base);
    case LDAP_SEARCH_SUBTREE:
        break;
    }
    return is_below(dn, base);
}

/* "(uid=…)", with what a filter takes for its own signs escaped (RFC 4515 section 3). */
static const char *
equality(const char *attribute, const char *value, struct arena *arena)
{
    struct buffer filter = BUFFER_INIT;
    const char *result;

    buffer_format(&filter, "(%s=", attribute);
    for (; *value; value++)
        if (strchr("()*\\", *value))
            buffer_format(&filter, "\\%02x", (unsigned char)*value);
        else
            buffer_add(&filter, value, 1);
    buffer_add_text(&filter, ")");
    result = arena_copy(arena, filter.data, filter.length);
    buffer_free(&filter);
    return result;
}

struct ldap_search *
whom_narrow(const struct whom *whom, const struct settings *settings,
            const struct attributes *attributes, struct arena *arena, size_t *ret_count)
{
    struct ldap_search *searches = stages_searches(arena, settings);
    const char *filter = whom->text;
    size_t count = 0;

    if (whom->kind == WHOM_IDENTIFIER)
        filter = equality(attributes_name(attributes, whom->attribute), whom->text, arena);
    for (size_t i = 0; i < settings->directory.search_count; i++) {
        struct ldap_search search = searches[i];

        if (whom->kind != WHOM_DN) {
            search.filter = arena_format(arena, "(&%s%s)", search.filter, filter);
        } else {
            if (!covers(&search, whom->normal, arena))
                continue;
            search.base = whom->text;
            search.scope = LDAP_SEARCH_BASE;
            search.may_be_missing = true;
        }
        searches[count++] = search;
    }
    *ret_count = count;
    return searches;
}

static bool
is_same(const struct whom *whom, struct slice value, struct arena *arena)
{
    return value.data && slice_equal(text_fold(arena, value), whom->normal);
}

/* "user_identifiers[BARCODE]", or the list alone where its items have no type. */
static const char *
identifier_name(const struct field *list, const struct user_item *item, struct arena *arena)
{
    int type = item_field_find(list, "id_type");

    if (type < 0)
        return list->name;
    return arena_format(arena, "%s[%.*s]", list->name, SLICE_ARG(item->values[type].text));
}

/* The identifier, beside the match identifier, that is the one asked for; NULL: none is. */
static const char *
other_identifier(const struct whom *whom, const struct user *user, struct arena *arena)
{
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *list = &user_fields[i];

        if (list->identifier && is_same(whom, user->values[i].text, arena))
            return list->name;
        for (size_t item = 0; item < user->lists[i].count; item++)
            for (size_t j = 0; j < list->field_count; j++)
                if (list->fields[j].identifier &&
                    is_same(whom, user->lists[i].items[item].values[j].text, arena))
                    return identifier_name(list, &user->lists[i].items[item], arena);
    }
    return NULL;
}

/* The attribute that has the text as a value; NULL: none has. */
static const char *
attribute_with(const struct whom *whom, const struct entry *entry, struct arena *arena)
{
    for (size_t i = 0; i < attributes_count(entry->attributes); i++)
        for (size_t j = 0; j < entry->slots[i].count; j++)
            if (is_same(whom, text_tidy(arena, entry->slots[i].values[j]), arena))
                return attributes_name(entry->attributes, (int)i);
    return NULL;
}

static void
ignore_finding(void *context, const struct finding *finding)
{
    (void)context;
    (void)finding;
}

static enum whom_match
judge_identifier(const struct whom *whom, const struct mapping *mapping, const struct entry *entry,
                 struct arena *arena, struct whom_found *found)
{
    const struct finding_sink nobody = {ignore_finding, NULL};
    struct user user;

    if (mapping_apply(mapping, entry, arena, &user, &nobody) == MAPPING_SKIPPED) {
        found->as = attribute_with(whom, entry, arena);
        return found->as ? WHOM_UNSELECTED : WHOM_OTHER;
    }
    if (is_same(whom, user.match_id, arena))
        return WHOM_MEANT;
    found->as = other_identifier(whom, &user, arena);
    return found->as ? WHOM_MEANT : WHOM_OTHER;
}

enum whom_match
whom_judge(const struct whom *whom, const struct mapping *mapping, const struct entry *entry,
           struct arena *arena, struct whom_found *ret_found)
{
    ret_found->as = NULL;
    switch (whom->kind) {
    case WHOM_DN:
        return slice_equal(normal_dn(arena, entry->dn), whom->normal) ? WHOM_MEANT : WHOM_OTHER;
    case WHOM_FILTER:
        return !whom->condition || mapping_condition_holds(whom->condition, entry, arena)
                   ? WHOM_MEANT
                   : WHOM_OTHER;
    case WHOM_IDENTIFIER:
        break;
    }
    return judge_identifier(whom, mapping, entry, arena, ret_found);
}
