#include "run/check_run.h"
#include "run/detect.h"
#include "run/stages.h"

/* By which of its ids people are known; without one a person whose DN changes is another one. */
static void
probe_identity(const struct check_run *run, const bool *seen)
{
    const struct identity_slots *identity = &run->identity;
    const int slots[] = {identity->object_guid, identity->ns_unique_id, identity->entry_uuid};

    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        if (seen[slots[i]]) {
            probe_ok(&run->probes, "directory.identity", "people are known by '%s'",
                     attributes_name(run->attributes, slots[i]));
            return;
        }
    probe_warn(&run->probes, "directory.identity",
               "Give the account the right to read the one that your directory has: a person whose "
               "DN changes counts as another one.",
               "the directory shows none of 'entryUUID', 'objectGUID', 'nsUniqueId'");
}

static void
ignore_id(void *context, const struct directory_id *id)
{
    (void)context, (void)id;
}

/* How a run would find out who has changed. Asked without a mark, the directory names nobody. */
static void
probe_changes(const struct check_run *run, struct source *source)
{
    const struct changes_sink sink = {ignore_id, ignore_id, NULL};
    const struct changes_question question = {
        .way = (enum changes_way)run->settings->changes.detect, .attributes = run->attributes};
    struct error err = ERROR_INIT;
    struct changes changes;
    bool by_date = run->content.mappings > 0 && mapping_depends_on_clock(run->mappings[0]);

    if (!detection_is_wanted(run->settings))
        return;
    if (by_date)
        probe_ok(&run->probes, "directory.changes",
                 "each run reads everybody, as conditions of the mapping depend on the date");
    else if (source_changes(source, &question, &sink, run->arena, &changes, &err) == CHANGES_FAILED)
        probe_fail(&run->probes, "directory.changes", &err);
    else if (changes.mark.length == 0)
        probe_ok(&run->probes, "directory.changes", "each run reads everybody: %s", changes.reason);
    else
        probe_ok(&run->probes, "directory.changes", "'%s' tells who has changed, by %s%s",
                 changes.server, changes_way_name(changes.way),
                 changes.deletions ? ""
                                   : ", but not who has left, for which a run that reads "
                                     "everybody is needed");
}

void
check_directory(struct check_run *run)
{
    struct source *source = stages_open_source(run->arena, run->settings, run->messenger);
    struct source_probing probing = {
        .attributes = run->attributes,
        .attribute_count = run->mapped,
        .probes = &run->probes,
        .seen = arena_alloc(run->arena, attributes_count(run->attributes) * sizeof(bool)),
    };

    source_probe(source, &probing);
    if (probing.usable)
        probe_changes(run, source);
    source_close(source);
    run->readable = probing.usable;
    if (probing.usable && settings_have_servers(run->settings))
        probe_identity(run, probing.seen);
}
