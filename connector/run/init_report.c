#include "run/init_run.h"

#include "base/text.h"
#include "run/init_text.h"

#include <string.h>

enum {
    NAME_COLUMNS = 28,
    TOLD_PERCENT = 1,
    VALUES_TOLD = 3, /* of an attribute that people share values of */
};

static const char *
shown(struct init_run *run, struct slice text)
{
    enum { CHARACTERS_MOST = 60 };
    struct slice printable = text_printable(run->arena, text, CHARACTERS_MOST);

    return arena_copy(run->arena, printable.data, printable.length);
}

static void
write_places(struct init_run *run, struct buffer *out)
{
    buffer_format(out, "People    %s found by %s\n", init_number(run->arena, run->chosen),
                  run->filter);
    for (size_t i = 0; i < run->place_count; i++)
        buffer_format(out, "          %s below '%s'\n",
                      init_number(run->arena, run->places[i].people),
                      shown(run, slice_of(run->places[i].base)));
    for (size_t i = 0; i < run->left_out_count; i++)
        buffer_format(out, "          left out: %s below '%s'\n",
                      init_number(run->arena, run->left_out[i].people),
                      shown(run, slice_of(run->left_out[i].base)));
    if (!run->server.is_active_directory)
        for (size_t i = 0; i < INIT_CLASS_COUNT; i++)
            if (run->class_counts[i])
                buffer_format(out, "          %s are %s\n",
                              init_number(run->arena, run->class_counts[i]), init_classes[i]);
    for (size_t i = 0; init_disabled[i].filter; i++)
        if (run->disabled[i])
            buffer_format(out, "          %s are out of use: %s\n",
                          init_number(run->arena, run->disabled[i]), init_disabled[i].filter);
    buffer_add_text(out, "\n");
}

static void
write_groups(struct init_run *run, struct buffer *out)
{
    buffer_format(out, "Groups    %s\n", init_number(run->arena, run->group_count));
    for (size_t i = 0; i < run->group_base_count; i++)
        buffer_format(out, "          %s %s in '%s'\n",
                      init_number(run->arena, run->group_bases[i].groups),
                      run->group_bases[i].class, shown(run, slice_of(run->group_bases[i].base)));
    if (run->told_groups < run->group_count)
        buffer_format(out,
                      "          %s of %s show no members: empty, or hidden from this account\n",
                      init_number(run->arena, run->group_count - run->told_groups),
                      init_number(run->arena, run->group_count));
    buffer_add_text(out, "\n");
}

static void
write_ids(struct init_run *run, struct buffer *out)
{
    buffer_add_text(out, "Identifiers, of everybody\n");
    for (size_t i = 0; i < INIT_ID_COUNT; i++) {
        const struct init_id_found *found = &run->ids[i];

        if (found->people == 0)
            continue;
        buffer_format(out, "  %c %-*s %s of %s have it, ", i == run->match ? '*' : ' ',
                      NAME_COLUMNS, init_ids[i].attribute, init_number(run->arena, found->people),
                      init_number(run->arena, run->chosen));
        buffer_format(out, found->shared ? "%s share theirs\n" : "no two share it\n",
                      init_number(run->arena, found->shared));
    }
    buffer_format(out, "  * is proposed as the match identifier: %s\n\n",
                  init_ids[run->match].about);
}

/* Values that people share are told, those of one person only by their form. */
static void
write_attribute(struct init_run *run, const struct init_attribute *stat, struct buffer *out)
{
    size_t told = 0;

    buffer_format(out, "    %-*s %3zu%%", NAME_COLUMNS, shown(run, slice_of(stat->name)),
                  stat->people * 100 / run->sample_count);
    if (stat->several)
        buffer_format(out, ", %zu have several", stat->several);
    if (stat->distinct == 0)
        buffer_add_text(out, ", not read");
    else if (init_content_of(stat->name) != INIT_SHARED ||
             stat->values[0].count < INIT_SHARED_LEAST)
        buffer_format(out, ": %s", stat->form);
    else
        for (; told < VALUES_TOLD && told < stat->distinct &&
               stat->values[told].count >= INIT_SHARED_LEAST;
             told++)
            buffer_format(out, "%s %s (%zu)", told ? "," : ":", shown(run, stat->values[told].text),
                          stat->values[told].count);
    buffer_add_text(out, "\n");
}

static void
write_attributes(struct init_run *run, struct buffer *out)
{
    buffer_format(out, "Attributes, of %zu people at equal distances\n", run->sample_count);
    for (size_t i = 0; i < run->stat_count; i++)
        if (run->stats[i].people * 100 >= run->sample_count * TOLD_PERCENT)
            write_attribute(run, &run->stats[i], out);
    buffer_add_text(out, "\n");
}

static void
write_kinds(struct init_run *run, struct buffer *out)
{
    static const char *const from[] = {
        [INIT_KIND_NONE] = "nothing: everybody gets the same one",
        [INIT_KIND_ATTRIBUTE] = "the attribute",
        [INIT_KIND_GROUPS] = "groups, by",
        [INIT_KIND_PLACES] = "the folder of the entry, by",
    };

    buffer_format(out, "User group, from %s%s%s\n", from[run->kind_source],
                  run->kind_attribute ? " " : "", run->kind_attribute ? run->kind_attribute : "");
    for (size_t i = 0; i < run->kind_count; i++)
        buffer_format(out, "    %-*s %-10s %zu\n", NAME_COLUMNS, shown(run, run->kinds[i].value),
                      run->kinds[i].code, run->kinds[i].people);
    buffer_add_text(out, "\n");
}

void
init_report_write(struct init_run *run)
{
    struct buffer *out = &run->report;

    buffer_format(out, "Server    '%s' is %s%s\n\n", run->server.uri, run->server.kind,
                  run->server.has_pages ? " and answers in pages"
                                        : "; it does not answer in pages");
    write_places(run, out);
    write_groups(run, out);
    write_ids(run, out);
    write_attributes(run, out);
    write_kinds(run, out);
    if (run->changes)
        buffer_format(out, "Changes   %s\n\n", run->changes);
    buffer_format(
        out,
        "Written   %s/" INIT_SETTINGS "\n          %s/" INIT_MAPPING "\n          %s/" INIT_TESTS
        ", whose %zu cases hold\n\n"
        "Next      read the three files and change what differs at your place; then in that "
        "folder\n          ldap2alma test && ldap2alma check && ldap2alma run --dry-run\n",
        run->folder, run->folder, run->folder, run->tests);
}
