#include "library_fixture.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
library_write(const char *folder, const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void
write_people(const char *folder)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/people.ldif", folder);
    file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < LIBRARY_PEOPLE; i++)
        fprintf(file, "dn: uid=p%d,dc=example\nuid: P%d\nsn: Cole\nmail: p%d@example.edu\n\n", i, i,
                i);
    assert_int_equal(fclose(file), 0);
}

struct library_feed
library_feed_make(void)
{
    struct library_feed feed = {.path = "/tmp/test_library.XXXXXX"};
    char out[64];

    assert_non_null(mkdtemp(feed.path));
    snprintf(feed.settings, sizeof feed.settings, "%s/ldap2alma.yaml", feed.path);
    snprintf(feed.report, sizeof feed.report, "%s/report.json", feed.path);
    snprintf(out, sizeof out, "%s/out", feed.path);
    assert_int_equal(mkdir(out, 0700), 0);
    write_people(feed.path);
    library_write(feed.path, "mapping.yaml",
                  "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: ${uid | lower}\n"
                  "  last_name: ${sn | replace 'C(.)' 'K\\1'}\n  emails:\n"
                  "    - email_address: ${mail}\n      email_types: [work]\n");
    library_write(feed.path, "ldap2alma.yaml",
                  "name: test\ndirectory: { ldif: people.ldif }\nmapping: mapping.yaml\n"
                  "package: { records_per_file: 20 }\n"
                  "delivery: { folder: out }\nspool: spool\n");
    return feed;
}

void
library_feed_remove(const struct library_feed *feed)
{
    char command[512];

    snprintf(command, sizeof command, "rm -rf %s", feed->path);
    assert_int_equal(system(command), 0);
}

void
library_say(void *context, int level, const char *text)
{
    struct library_said *said = context;
    size_t room = sizeof said->text - said->length;
    int length;

    if (level > L2A_WARNING)
        return;
    said->count++;
    length = snprintf(said->text + said->length, room, "%s\n", text);
    said->length += (size_t)length < room ? (size_t)length : room - 1;
}
