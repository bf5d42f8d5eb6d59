/* library_fixture: a feed in a folder of its own, for tests of the library by its header. */
#ifndef UNIT_LIBRARY_FIXTURE_H
#define UNIT_LIBRARY_FIXTURE_H

#include "ldap2alma.h"

#include <stddef.h>

enum { LIBRARY_PEOPLE = 300 };

/* Its path fits into the names of its files. */
struct library_feed {
    char path[32];
    char settings[64];
    char report[64];
};

/* LIBRARY_PEOPLE people p0, p1, … in people.ldif, a mapping, and settings that deliver into out. */
struct library_feed library_feed_make(void);
void library_feed_remove(const struct library_feed *feed);

void library_write(const char *folder, const char *name, const char *text);

/* What was said, a line each, for l2a_on_message(). */
struct library_said {
    char text[4096];
    size_t length, count;
};
void library_say(void *context, int level, const char *text);

#endif
