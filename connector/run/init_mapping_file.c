#include "run/init_mapping.h"

#include "run/init_text.h"

#include <string.h>
#include <strings.h>

enum { REQUIRED_PERCENT = 90 }; /* what so many have is a fault where it is missing */

/* ---- who ---- */

static void
write_match(struct init_run *run, struct buffer *out)
{
    buffer_add_text(
        out,
        "# What Alma finds a user by: the integration profile's \"Match ID Type\" must name the "
        "same.\n"
        "# It should be there for everybody, be nobody else's, and never change: it is hard to "
        "change it\n"
        "# later. Of these the first that everybody has and nobody shares is proposed (*):\n#\n");
    buffer_format(out, "#   %-24s %10s %10s\n", "", "have it", "share it");
    for (size_t i = 0; i < INIT_ID_COUNT; i++) {
        const struct init_id_found *found = &run->ids[i];

        if (found->people > 0)
            buffer_format(out, "# %c %-24s %10s %10s   %s\n", i == run->match ? '*' : ' ',
                          init_ids[i].attribute, init_number(run->arena, found->people),
                          init_number(run->arena, found->shared), init_ids[i].about);
    }
    buffer_format(out, "#   of %s people\n#\n", init_number(run->arena, run->chosen));
    if (!init_is_good_id(run))
        buffer_format(
            out, "# None is as good as it should be: who lacks %s, or shares it, is not sent.\n",
            init_ids[run->match].attribute);
    buffer_add_text(out, "match_id: primary_id\n\n");
}

/* Whoever is out of use is not selected. */
static void
write_select(struct init_run *run, struct buffer *out)
{
    const char *parts = "";
    size_t count = 0;

    for (size_t i = 0; init_disabled[i].filter; i++) {
        const struct init_disabled *disabled = &init_disabled[i];

        if (disabled->active_directory != run->server.is_active_directory ||
            (run->disabled[i] == 0 && !disabled->active_directory))
            continue;
        buffer_format(out, "# %s: %s. %s of %s people show it.\n", disabled->attribute,
                      disabled->about, init_number(run->arena, run->disabled[i]),
                      init_number(run->arena, run->chosen));
        parts = arena_format(run->arena, "%s(!%s)", parts, disabled->filter);
        count++;
    }
    if (count == 0) {
        buffer_add_text(out,
                        "# No account shows that it is out of use, so everybody who is found is "
                        "selected. Leavers are then\n# those who are no longer found. Accounts "
                        "that are no people can be left out here:\n"
                        "#select: (!(uid=test*))\n\n");
        return;
    }
    buffer_add_text(
        out, "# Who is not selected is skipped, and has left as far as Alma is concerned.\n");
    buffer_format(out, count > 1 ? "select: (&%s)\n\n" : "select: %s\n\n", parts);
}

static void
write_require(struct init_run *run, struct buffer *out)
{
    buffer_add_text(
        out,
        "# Alma replaces a user by what it gets, so a record without these is refused rather than "
        "sent.\nrequire: [last_name, user_group");
    if (init_percent(run, "mail") >= REQUIRED_PERCENT)
        buffer_add_text(out, ", emails");
    buffer_add_text(out, "]\n\n");
}

/* ---- which kind of user ---- */

static bool
kinds_are_a_table(const struct init_run *run)
{
    const struct init_attribute *found;

    if (run->kind_source == INIT_KIND_PLACES)
        return true;
    found = run->kind_source == INIT_KIND_ATTRIBUTE ? init_attribute_find(run, run->kind_attribute)
                                                    : NULL;
    return found && found->several == 0;
}

static const char *
kind_remark(struct init_run *run, const struct init_kind_row *row)
{
    return arena_format(run->arena, "%zu of %zu%s", row->people, run->sample_count,
                        row->known ? "" : "; put your code");
}

static void
write_kind_table(struct init_run *run, struct buffer *out)
{
    if (!kinds_are_a_table(run))
        return;
    buffer_format(
        out,
        "tables:\n  # %s -> a code of Alma's table UserGroups. The codes are guesses: put yours.\n"
        "  groups:\n",
        run->kind_source == INIT_KIND_PLACES ? "The folder that somebody's entry is in"
                                             : run->kind_attribute);
    for (size_t i = 0; i < run->kind_count; i++) {
        const struct init_kind_row *row = &run->kinds[i];

        init_write_rule(
            out,
            arena_format(run->arena, "    %s: %s", init_quote(run->arena, row->value), row->code),
            kind_remark(run, row));
    }
    buffer_add_text(out, "\n");
}

/* The value in a filter (RFC 4515 section 3). */
static const char *
escape(struct arena *arena, struct slice value)
{
    struct buffer out = BUFFER_INIT;
    const char *escaped;

    for (size_t i = 0; i < value.length; i++)
        if (strchr("*()\\", value.data[i]))
            buffer_format(&out, "\\%02x", (unsigned char)value.data[i]);
        else
            buffer_add(&out, &value.data[i], 1);
    escaped = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return escaped;
}

/* The filter as a scalar of YAML. */
static const char *
condition(struct init_run *run, const char *attribute, struct slice value)
{
    return init_quote(run->arena, slice_of(arena_format(run->arena, "(%s=%s)", attribute,
                                                        escape(run->arena, value))));
}

static void
write_kind_conditions(struct init_run *run, struct buffer *out)
{
    buffer_format(out,
                  "  # The first that somebody has decides, so staff who also study stay staff. "
                  "The codes are\n"
                  "  # those of Alma's table UserGroups, and guesses: put yours.\n  user_group:\n");
    for (size_t i = 0; i < run->kind_count; i++) {
        const struct init_kind_row *row = &run->kinds[i];

        buffer_format(out, "    - when: %s\n", condition(run, run->kind_attribute, row->value));
        init_write_rule(out, arena_format(run->arena, "      value: %s", row->code),
                        kind_remark(run, row));
    }
}

/* ${dn | extract '(?i),ou=(staff|students),' | lookup groups} */
static const char *
place_template(struct init_run *run)
{
    const char *names = "";

    for (size_t i = 0; i < run->kind_count; i++)
        names = arena_format(run->arena, "%s%s\\Q%.*s\\E", names, i ? "|" : "",
                             SLICE_ARG(run->kinds[i].value));
    return arena_format(run->arena, "${dn | extract '(?i),ou=(%s),' | lookup groups}", names);
}

/* Groups that could say it as well. */
static void
write_group_hints(struct init_run *run, struct buffer *out)
{
    enum { HINTS_MOST = 4 };

    if (run->kind_source == INIT_KIND_GROUPS || run->groups_told == 0)
        return;
    buffer_add_text(
        out, "    # Groups could decide, too: put those that are right before the others.\n");
    for (size_t i = 0; i < run->groups_told && i < HINTS_MOST; i++) {
        const struct init_kind_row *row = &run->groups[i];

        buffer_format(out, "    #- when: %s\n    #  value: %s      # %zu of %zu\n",
                      condition(run, run->group_attribute, row->value), row->code, row->people,
                      run->sample_count);
    }
}

static void
write_user_group(struct init_run *run, struct buffer *out)
{
    static const char otherwise[] = "    # Who has none of these is rejected, and the report names "
                                    "them; or they get this one:\n"
                                    "    #- GUEST\n";

    if (run->kind_source == INIT_KIND_NONE) {
        buffer_add_text(
            out, "  # Nothing was found that tells staff from students for most people, so all are "
                 "alike:\n"
                 "  # name what does at your place. The code is one of Alma's table UserGroups.\n"
                 "  #user_group:\n"
                 "  #  - when: (memberOf=cn=students,ou=groups,dc=example,dc=edu)\n"
                 "  #    value: STUDENT\n"
                 "  user_group: PATRON\n");
        return;
    }
    if (!kinds_are_a_table(run)) {
        write_kind_conditions(run, out);
        buffer_add_text(out, otherwise);
        return;
    }
    buffer_add_text(out, "  user_group:\n");
    write_group_hints(run, out);
    buffer_format(out, "    - %s\n",
                  run->kind_source == INIT_KIND_PLACES
                      ? place_template(run)
                      : arena_format(run->arena, "${%s | lookup groups}", run->kind_attribute));
    buffer_add_text(out, otherwise);
}

/* ---- fields ---- */

/* All rules whose attribute somebody has; the first one of a field is used, the others are told. */
static void
write_plain(struct init_run *run, const char *field, struct buffer *out)
{
    bool used = false;

    for (size_t i = 0; init_rules[i].field; i++) {
        const struct init_rule *rule = &init_rules[i];

        if (strcmp(rule->field, field) != 0 || init_percent(run, rule->attribute) == 0)
            continue;
        if (rule->about)
            buffer_format(out, "  # %s\n", rule->about);
        init_write_rule(out,
                        arena_format(run->arena, "  %s%s: %s", used ? "#" : "", field,
                                     init_one_value(run, rule->template, rule->attribute)),
                        init_remark(run, rule->attribute));
        used = true;
    }
}

static void
write_expiry(struct init_run *run, struct buffer *out)
{
    buffer_add_text(out, "  # Until when somebody may borrow. Without a date of their own: the end "
                         "of the next\n"
                         "  # academic year; who is in the feed is renewed by each run.\n"
                         "  expiry_date:\n");
    for (size_t i = 0; init_rules[i].field; i++) {
        const struct init_rule *rule = &init_rules[i];

        if (strcmp(rule->field, "expiry_date") != 0 || init_percent(run, rule->attribute) == 0)
            continue;
        if (rule->about)
            buffer_format(out, "    # %s\n", rule->about);
        init_write_rule(out,
                        arena_format(run->arena, "    - %s",
                                     init_one_value(run, rule->template, rule->attribute)),
                        init_remark(run, rule->attribute));
    }
    buffer_add_text(out, "    - ${today | next 08-31 | plus 1y}\n"
                         "  # From that day on Alma may purge somebody.\n"
                         "  purge_date: ${alma.expiry_date | plus 1y}\n"
                         "  status: ACTIVE\n");
}

/* ---- all of it ---- */

static void
write_user(struct init_run *run, struct buffer *out)
{
    static const char *const first[] = {"first_name", "middle_name", "last_name", NULL};
    static const char *const then[] = {"job_description", "web_site_url", "preferred_language",
                                       "birth_date", NULL};
    const struct init_id *match = &init_ids[run->match];

    buffer_add_text(out, "user:\n  # One source and no fall-back: with two, a person could change "
                         "from one identifier to the\n"
                         "  # other, and Alma would take that for a new user.\n");
    init_write_rule(out,
                    arena_format(run->arena, "  primary_id: %s",
                                 init_one_value(run, match->template, match->attribute)),
                    init_remark(run, match->attribute));
    for (size_t i = 0; first[i]; i++)
        write_plain(run, first[i], out);
    buffer_add_text(out, "\n");
    write_user_group(run, out);
    for (size_t i = 0; then[i]; i++)
        write_plain(run, then[i], out);
    buffer_add_text(out, "\n");
    write_expiry(run, out);
    init_lists_write(run);
}

void
init_mapping_write(struct init_run *run)
{
    struct buffer *out = &run->mapping_text;

    buffer_format(
        out,
        "# From entries of the directory to Alma users, as `ldap2alma init` proposes it.\n"
        "#\n"
        "# Behind a rule stands how many of the %zu people who were looked at have the attribute, "
        "and what\n"
        "# a value looks like: X, x and 9 stand for letters and digits. Change what differs at "
        "your place,\n"
        "# then `ldap2alma test` shows whether the cases in " INIT_TESTS " still hold, and\n"
        "# `ldap2alma check` what is doubtful. The fields are Alma's own; `man ldap2alma-mapping` "
        "explains\n"
        "# the language and lists fields and transforms.\n"
        "mapping: 1\nname: %s\n\n",
        run->sample_count,
        init_quote(run->arena, slice_of(run->domain ? run->domain : run->server.kind)));
    write_match(run, out);
    write_select(run, out);
    write_require(run, out);
    write_kind_table(run, out);
    write_user(run, out);
}
