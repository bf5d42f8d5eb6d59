/* worklist: who is held or rejected, why, since when, and what has to happen: a list that a library
 * works through; and what was so at the run before and is no more.
 *
 * The command (run/worklist.h) fills a struct worklist, of the state or of a run that was just
 * made; worklist_sort() brings it in order; worklist_write() renders it in a format of one table:
 *   text  for people, by kinds
 *   csv   for spreadsheets: a row an item, the names of the columns first
 *   json  for programs; the keys are those of ldap2alma(1)
 */
#ifndef REPORT_WORKLIST_H
#define REPORT_WORKLIST_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "model/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct worklist_item {
    const struct finding_kind *kind;
    const char *how; /* why it is solved: "fit", "skipped", "gone", "over"; NULL: it is not */
    const char *id;  /* the directory's, in words; NULL where it is not known */
    struct slice dn, match_id, field, text; /* SLICE_NONE where there is none */
    time_t since;                           /* 0: not known */
};

struct worklist {
    const char *feed;
    time_t as_of; /* the beginning of the run that made the list; 0: none has */
    struct worklist_item *items;
    size_t count, capacity;
    uint64_t omitted; /* there were so many more */
};

/* What is solved comes last; kinds in the order of their table; who waits longest comes first. */
void worklist_sort(struct worklist *worklist);

/* Appends the list, sorted; false when there is no such format. */
bool worklist_write(const struct worklist *worklist, const char *format, struct buffer *out);

/* The same into a file that appears whole or not at all, mode 0600. ERROR_USAGE: no such format. */
bool worklist_save(const struct worklist *worklist, const char *format, const char *path,
                   struct error *err);

/* The format by the ending of a file's name: ".txt", ".csv", ".json"; NULL for others. */
const char *worklist_format_of(const char *path);

/* "held", "rejected", "solved". */
const char *worklist_status(const struct worklist_item *item);

/* What has to happen; of what is solved: why nothing has to. A sentence. */
const char *worklist_remedy(const struct worklist_item *item);

/* Of "fit", "skipped", "gone", "over": what it means, in words. */
const char *worklist_solved_words(const char *how);

/* For the table of formats. */
void worklist_write_text(const struct worklist *worklist, struct buffer *out);

#endif
