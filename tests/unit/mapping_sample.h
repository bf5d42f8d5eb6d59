/* mapping_sample: what tests of the mapping need: a mapping from text, an entry from text, and
 * what came out as text.
 *
 * An entry is written as in LDIF: "attribute: value", or "attribute:: base64"; a line that begins
 * with a blank goes on the one before, '#' begins a comment.
 */
#ifndef UNIT_MAPPING_SAMPLE_H
#define UNIT_MAPPING_SAMPLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "mapping/mapping.h"

#include <stdbool.h>

struct sample {
    struct arena *arena;
    struct attributes *attributes;
    struct mapping *mapping; /* NULL: it has faults */
    struct buffer messages;  /* the faults, one a line */
    struct buffer findings;  /* one a line: "unreadable expiry_date: text" */
    struct error err;
    struct user user;
};

/* Loads the mapping from memory, as the file "mapping.yaml", on 2026-09-01. */
void sample_open(struct sample *sample, struct slice mapping);
void sample_close(struct sample *sample);

/* Attributes that the mapping does not need are left out, as a directory would. */
struct entry sample_entry(struct sample *sample, struct slice text);

/* Maps the entry into sample->user; findings are collected. */
enum mapping_verdict sample_apply(struct sample *sample, const struct entry *entry);

/* The same with somebody who looks on. */
enum mapping_verdict sample_watch(struct sample *sample, const struct entry *entry,
                                  const struct mapping_watch *watch);

/* The verdict where the person is not mapped, the user's values as "field = value" lines in the
 * order of the table ("emails[1].email_address = …", codes joined by ", "), "match_id = …", and
 * the findings. */
void sample_render(const struct sample *sample, enum mapping_verdict verdict, struct buffer *out);

/* What mapping_lint() finds, one a line: "4:3 unused FIELD: text"; NUL-terminated. */
struct buffer sample_lint(const struct mapping *mapping);

/* The whole way: a buffer with the rendered result, or with the faults. */
struct buffer sample_run(struct slice mapping, struct slice entry);

/* A file's bytes in the arena; false (and said on stderr) when it cannot be read. */
bool sample_read(struct arena *arena, const char *path, struct slice *ret_text);

#endif
