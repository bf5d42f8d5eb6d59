/* sheet_parts: the parts of the hand-over sheet, in the order in which they stand there.
 *
 * Forms and fields are called as Alma's screens call them: Ex Libris, "Alma - SIS User Integration
 * Profile" (slides), and for photos "Photos for user records in Alma" (its knowledge center).
 *
 * Only for sheet*.c.
 */
#ifndef RUN_SHEET_PARTS_H
#define RUN_SHEET_PARTS_H

#include "base/arena.h"
#include "mapping/mapping.h"
#include "report/sheet.h"
#include "settings/settings.h"

#include <stdbool.h>

struct sheet_maker {
    const struct settings *settings;
    const struct mapping *mapping;
    const struct attributes *attributes; /* that the mapping reads */
    struct sheet *sheet;
    struct arena *arena;
};

/* How Alma finds the packages: its connection has a directory, and each of its jobs one in it. */
struct sheet_paths {
    const char *connection;                 /* "": where the account begins */
    const char *input[SETTINGS_MODE_COUNT]; /* NULL: this feed has no packages for the job; "": the
                                               connection's own directory */
};
struct sheet_paths sheet_paths(const struct settings *settings, struct arena *arena);

/* The name of the connection, which the profile refers to. */
const char *sheet_connection_name(const struct sheet_maker *maker);

/* "7 days" */
const char *sheet_duration(struct arena *arena, unsigned seconds);

/* sheet_alma.c */
void sheet_add_connection(const struct sheet_maker *maker);
void sheet_add_profile(const struct sheet_maker *maker);
void sheet_add_import(const struct sheet_maker *maker);
void sheet_add_synchronize(const struct sheet_maker *maker);
void sheet_add_photos(const struct sheet_maker *maker);

/* sheet_records.c */
void sheet_add_packages(const struct sheet_maker *maker);
void sheet_add_fields(const struct sheet_maker *maker);
void sheet_add_codes(const struct sheet_maker *maker);

/* sheet_begin.c */
void sheet_add_agreements(const struct sheet_maker *maker);
void sheet_add_first_run(const struct sheet_maker *maker);
void sheet_add_brakes(const struct sheet_maker *maker);

#endif
