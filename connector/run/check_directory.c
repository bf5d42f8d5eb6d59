#include "run/check_run.h"
#include "run/stages.h"

/* By which of its ids people are known; without one a person whose DN changes is another one. */
static void
probe_identity(const struct check_run *run, const bool *seen)
{
    const struct identity_slots *identity = &run->identity;
    const int slots[] = {identity->entry_uuid, identity->object_guid, identity->ns_unique_id};

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
    source_close(source);
    run->readable = probing.usable;
    if (probing.usable && !run->settings->directory.ldif)
        probe_identity(run, probing.seen);
}
