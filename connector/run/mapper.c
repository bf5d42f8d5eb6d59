#include "run/mapper.h"

#include "alma/alma.h"
#include "directory/group_slots.h"
#include "run/feed.h"
#include "run/person.h"
#include "run/stages.h"

#include <stdlib.h>
#include <sys/stat.h>

struct mapper {
    struct mapping *mapping;
    struct attributes *attributes;
    struct group_slots groups; /* open where the mapping uses them */
    bool with_groups;
    struct date today; /* of the mapping */
    time_t loaded;     /* when its files began to be read */
    uint64_t files;    /* what they were then */
    struct alma_writer *writer;
    struct arena *arena; /* of one person */
    struct user user;
    struct identifiers identifiers;
    struct found *found;
    struct person_work work;
};

void
mapper_free(struct mapper *mapper)
{
    if (!mapper)
        return;
    if (mapper->with_groups)
        group_slots_close(&mapper->groups);
    arena_free(mapper->arena);
    alma_writer_free(mapper->writer);
    mapping_free(mapper->mapping);
    attributes_free(mapper->attributes);
    free(mapper);
}

/* Tells the mapping's files from others that stand in their places. A link may lead to an older one
 * now; what was written in the second of *ret_newest may have been written again in it. */
static uint64_t
stamp_files(const struct mapping *mapping, time_t *ret_newest)
{
    const char *path;
    uint64_t stamp = 0;

    *ret_newest = 0;
    for (size_t i = 0; (path = mapping_file(mapping, i)); i++) {
        struct stat info = {0};

        (void)stat(path, &info);
        for (size_t j = 0; j < 4; j++)
            stamp = stamp * 31 + (const uint64_t[]){info.st_dev, info.st_ino,
                                                    (uint64_t)info.st_ctim.tv_sec,
                                                    (uint64_t)info.st_ctim.tv_nsec}[j];
        if (info.st_ctim.tv_sec > *ret_newest)
            *ret_newest = info.st_ctim.tv_sec;
    }
    return stamp;
}

static bool
is_current(const struct mapper *mapper, const struct mapping_options *options)
{
    time_t newest;

    return date_to_time(mapper->today) == date_to_time(options->today) &&
           stamp_files(mapper->mapping, &newest) == mapper->files && newest < mapper->loaded;
}

static struct mapper *
load(struct l2a *feed, const struct mapping_options *options)
{
    struct mapper *mapper = memory_zero(1, sizeof *mapper);
    time_t newest;

    mapper->attributes = attributes_new();
    mapper->mapping = mapping_load(options, mapper->attributes, &feed->messenger, &feed->err);
    if (!mapper->mapping) {
        mapper_free(mapper);
        return NULL;
    }
    mapper->today = options->today;
    mapper->loaded = options->now;
    mapper->files = stamp_files(mapper->mapping, &newest);
    mapper->with_groups = group_slots_are_wanted(mapper->attributes);
    if (mapper->with_groups) {
        group_slots_open(&mapper->groups, mapper->attributes);
        group_slots_hide_own(&mapper->groups);
    }
    mapper->writer = alma_writer_new();
    mapper->arena = arena_new();
    mapper->found = &feed->found;
    mapper->work = (struct person_work){
        .mapping = mapper->mapping,
        .record_type = feed->settings.record_type,
        .findings = found_sink(&feed->found),
        .identifiers = &mapper->identifiers,
    };
    return mapper;
}

struct mapper *
mapper_of(struct l2a *feed)
{
    struct mapping_options options = stages_mapping_options(&feed->settings, time(NULL));

    if (feed->mapper && is_current(feed->mapper, &options))
        return feed->mapper;
    mapper_free(feed->mapper);
    feed->mapper = load(feed, &options);
    return feed->mapper;
}

enum mapping_verdict
mapper_map(struct mapper *mapper, const struct whole_entry *whole)
{
    const struct attributes *asked =
        mapper->with_groups ? mapper->groups.asked : mapper->attributes;
    struct entry entry;

    found_next(mapper->found);
    arena_reset(mapper->arena);
    entry = whole_entry_view(whole, asked, mapper->arena);
    if (mapper->with_groups)
        group_slots_fill_alone(&mapper->groups, &entry);
    return person_make(&mapper->work, &entry, mapper->arena, &mapper->user);
}

const struct mapping *
mapper_mapping(const struct mapper *mapper)
{
    return mapper->mapping;
}

const struct user *
mapper_user(const struct mapper *mapper)
{
    return &mapper->user;
}

const struct identifiers *
mapper_identifiers(const struct mapper *mapper)
{
    return &mapper->identifiers;
}

void
mapper_write_record(const struct mapper *mapper, struct buffer *out)
{
    alma_write_user(mapper->writer, &mapper->user, out);
}
