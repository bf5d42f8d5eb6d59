#include "run/init_mapping.h"

#include "base/text.h"
#include "mapping/country.h"
#include "run/init_text.h"

#include <string.h>

enum { STATISTIC_PERCENT = 20 };

static void
write_part(struct init_run *run, const char *part, const char *attribute, const char *template,
           struct buffer *out)
{
    if (init_percent(run, attribute) > 0)
        init_write_rule(out,
                        arena_format(run->arena, "      %s: %s", part,
                                     init_one_value(run, template, attribute)),
                        init_remark(run, attribute));
}

/* Whether the last line of most values is a country. */
static bool
ends_with_country(struct init_run *run, const char *attribute)
{
    const struct init_attribute *found = init_attribute_find(run, attribute);
    size_t countries = 0, all = 0;

    for (size_t i = 0; i < found->distinct; i++) {
        struct slice line = found->values[i].text;

        for (size_t at = 0; at < found->values[i].text.length; at++)
            if (strchr("$\r\n", found->values[i].text.data[at]))
                line = (struct slice){found->values[i].text.data + at + 1,
                                      found->values[i].text.length - at - 1};
        all++;
        countries += country_code(run->arena, text_tidy(run->arena, line)).data != NULL;
    }
    return 2 * countries > all;
}

static void
write_country(struct init_run *run, const char *attribute, bool is_work, struct buffer *out)
{
    if (is_work && init_percent(run, "c") > 0)
        write_part(run, "country", "c", "${c | country}", out);
    else if (is_work && init_percent(run, "co") > 0)
        write_part(run, "country", "co", "${co | country}", out);
    else if (ends_with_country(run, attribute))
        buffer_format(out, "      country: ${%s | extract '([^$\\r\\n]+)\\s*$' | country}\n",
                      attribute);
}

/* One address in lines, of an attribute whose lines are split by `$` or by line breaks. */
static void
write_address(struct init_run *run, const char *attribute, const char *type, struct buffer *out)
{
    bool is_work = strcmp(type, "work") == 0, has_city = is_work && init_percent(run, "l") > 0;
    const char *one = arena_format(run->arena, "${%s | line 1}", attribute),
               *two = arena_format(run->arena, "${%s | line 2}", attribute);

    init_write_rule(
        out, arena_format(run->arena, "    - line1: %s", init_one_value(run, one, attribute)),
        init_remark(run, attribute));
    buffer_format(out, "      %s: %s\n", has_city ? "line2" : "city",
                  init_one_value(run, two, attribute));
    if (has_city) {
        write_part(run, "city", "l", "${l}", out);
        write_part(run, "state_province", "st", "${st}", out);
        write_part(run, "postal_code", "postalCode", "${postalCode}", out);
    }
    write_country(run, attribute, is_work, out);
    buffer_format(out, "      address_types: [%s]\n", type);
}

static void
write_addresses(struct init_run *run, struct buffer *out)
{
    static const char *const work[] = {"streetAddress", "postalAddress", "street", NULL};
    const char *attribute = NULL;

    for (size_t i = 0; work[i] && !attribute; i++)
        if (init_percent(run, work[i]) > 0)
            attribute = work[i];
    if (!attribute && init_percent(run, "homePostalAddress") == 0)
        return;
    buffer_add_text(
        out,
        "\n  # An address without a first line or a city is left out; the first one is preferred.\n"
        "  addresses:\n");
    if (attribute)
        write_address(run, attribute, "work", out);
    if (init_percent(run, "homePostalAddress") > 0)
        write_address(run, "homePostalAddress", "home", out);
}

/* The domain as a regular expression. */
static const char *
domain_pattern(struct init_run *run)
{
    const char *pattern = "";

    for (const char *at = run->domain; *at; at++)
        pattern = arena_format(run->arena, "%s%s%c", pattern, *at == '.' ? "\\" : "", *at);
    return pattern;
}

static void
write_emails(struct init_run *run, struct buffer *out)
{
    const struct init_attribute *mail = init_attribute_find(run, "mail");
    size_t addresses = 0;

    if (!mail)
        return;
    for (size_t i = 0; i < mail->distinct; i++)
        addresses += mail->values[i].count;
    buffer_add_text(out, "\n  # One for each value; the first one is preferred.\n  emails:\n");
    if (!run->domain || run->domain_people == addresses) {
        init_write_rule(out, "    - each: ${mail | lower}", init_remark(run, "mail"));
        buffer_add_text(out, "      email_address: ${each}\n      email_types: [school]\n");
    } else {
        buffer_format(out, "    # %zu of %zu addresses are of this domain, the university's own.\n",
                      run->domain_people, addresses);
        buffer_format(out, "    - each: ${mail | lower | matching '@%s$'}\n", domain_pattern(run));
        buffer_add_text(out, "      email_address: ${each}\n      email_types: [school]\n");
        buffer_format(out, "    - each: ${mail | lower | matching '@(?!%s$)'}\n",
                      domain_pattern(run));
        buffer_add_text(out, "      email_address: ${each}\n      email_types: [personal]\n");
    }
    if (init_percent(run, "proxyAddresses") > 0)
        buffer_format(out,
                      "    # Further addresses of the mailbox (%s):\n"
                      "    #- each: ${proxyAddresses | matching '^smtp:' | after 'smtp:' | lower}\n"
                      "    #  email_address: ${each}\n    #  email_types: [alternative]\n",
                      init_remark(run, "proxyAddresses"));
}

static void
write_phones(struct init_run *run, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; init_phones[i].attribute; i++) {
        const char *attribute = init_phones[i].attribute;

        if (init_percent(run, attribute) == 0)
            continue;
        if (!any)
            buffer_add_text(out, "\n  phones:\n");
        any = true;
        init_write_rule(out, arena_format(run->arena, "    - each: ${%s}", attribute),
                        init_remark(run, attribute));
        buffer_format(out, "      phone_number: ${each}\n      phone_types: [%s]\n",
                      init_phones[i].type);
    }
}

/* ---- identifiers ---- */

/* Why an attribute cannot serve beside the match identifier; NULL: it can. */
static const char *
trouble_with(struct init_run *run, const char *attribute, size_t shared)
{
    const struct init_attribute *found = init_attribute_find(run, attribute);

    if (shared)
        return arena_format(run->arena, "%s people share theirs, which Alma refuses",
                            init_number(run->arena, shared));
    for (size_t i = 0; found && i < found->distinct; i++)
        if (found->values[i].count > 1)
            return "some people share theirs, which Alma refuses";
    for (size_t i = 0; i < run->sample_count; i++) {
        struct entry_values own = init_values(&run->sample[i], attribute),
                            match = init_values(&run->sample[i], init_ids[run->match].attribute);

        if (own.count && match.count && slice_equal_nocase(own.values[0], match.values[0]))
            return "it is the match identifier of some people, and Alma takes no value twice";
    }
    return NULL;
}

/* An identifier beside the match identifier; of a type that has one already, only as a comment. */
static void
write_identifier(struct init_run *run, const char *type, const char *attribute, size_t shared,
                 struct buffer *out)
{
    const char *trouble = trouble_with(run, attribute, shared), *mark;
    const char *row = arena_format(run->arena, "    - id_type: %s\n", type);

    if (!trouble && out->length > 0 && memmem(out->data, out->length, row, strlen(row)))
        trouble = arena_format(run->arena, "there is a %s already; put its own type", type);
    mark = trouble ? "#" : "";
    if (trouble)
        buffer_format(out, "    # Not %s: %s.\n", attribute, trouble);
    buffer_format(out, "    %s- id_type: %s\n", mark, type);
    init_write_rule(
        out,
        arena_format(run->arena, "    %s  value: %s", mark,
                     init_one_value(run, arena_format(run->arena, "${%s}", attribute), attribute)),
        init_remark(run, attribute));
    buffer_format(out, "    %s  status: ACTIVE\n", mark);
}

static bool
is_a_card(const char *name)
{
    return strcasestr(name, "barcode") || strcasestr(name, "librarycard") ||
           strcasestr(name, "cardnumber");
}

/* An item that stands there, or only comments: then the list itself is one. */
static void
write_identifiers(struct init_run *run, struct buffer *out)
{
    struct buffer items = BUFFER_INIT;
    bool any;

    for (size_t i = 0; i < run->stat_count; i++)
        if (is_a_card(run->stats[i].name) && run->stats[i].distinct)
            write_identifier(run, "BARCODE", run->stats[i].name, 0, &items);
    for (size_t i = 0; i < INIT_ID_COUNT; i++)
        if (init_ids[i].id_type && i != run->match && init_percent(run, init_ids[i].attribute))
            write_identifier(run, init_ids[i].id_type, init_ids[i].attribute, run->ids[i].shared,
                             &items);
    any = items.length > 0 &&
          memmem(items.data, items.length, "    - id_type", strlen("    - id_type")) != NULL;
    if (items.length > 0) {
        buffer_format(out,
                      "\n  # The types are codes of Alma's table UserIdentifierTypes.\n"
                      "  %suser_identifiers:\n",
                      any ? "" : "#");
        buffer_add(out, items.data, items.length);
    }
    buffer_free(&items);
}

static void
write_statistics(struct init_run *run, struct buffer *out)
{
    static const char *const attributes[] = {"department", "departmentNumber", "ou", NULL};

    for (size_t i = 0; attributes[i]; i++) {
        const char *name = attributes[i];

        if (init_percent(run, name) < STATISTIC_PERCENT)
            continue;
        buffer_format(
            out,
            "\n  # For Alma's analytics (%s); the category has to be one of Alma's codes:\n"
            "  #user_statistics:\n"
            "  #  - each: ${%s | upper}\n"
            "  #    statistic_category: ${each}\n"
            "  #    category_type: DEPARTMENT\n",
            init_remark(run, name), name);
        return;
    }
}

void
init_lists_write(struct init_run *run)
{
    struct buffer *out = &run->mapping_text;

    write_addresses(run, out);
    write_emails(run, out);
    write_phones(run, out);
    write_identifiers(run, out);
    write_statistics(run, out);
}
