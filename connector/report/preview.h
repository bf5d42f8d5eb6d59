/* preview: what became of single people, shown to somebody who asked: the attributes that were
 * read, each field and how it came about, findings, the record.
 *
 * The run that looks people up (run/preview.h) fills a struct preview; preview_write() renders it
 * in a format of one table:
 *   text   for people; lines are broken at `width`
 *   color  the same with a terminal's colors (ECMA-48 SGR)
 *   json   for programs; the keys are those of ldap2alma(1)
 *   xml    a document of the records that would be sent, byte for byte as a run writes them
 * What comes from the directory reaches text and color only as text_printable() makes it.
 */
#ifndef REPORT_PREVIEW_H
#define REPORT_PREVIEW_H

#include "base/buffer.h"
#include "base/fault.h"
#include "model/entry.h"
#include "model/finding.h"
#include "model/user.h"
#include "report/difference.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum preview_verdict {
    PREVIEW_SENT,
    PREVIEW_SKIPPED,  /* `select` does not hold */
    PREVIEW_REJECTED, /* findings say why */
    PREVIEW_HELD,     /* a person has to decide; a finding says why */
    PREVIEW_REPEATED  /* the same entry once more, which counts once */
};

struct preview_person {
    struct entry entry; /* copied, with all its attributes */
    enum preview_verdict verdict;
    const char *found_as; /* the identifier that was asked for, where it is not the match
                             identifier: "user_identifiers[BARCODE]"; else NULL */
    struct user user;     /* without values where skipped */
    struct finding *findings;
    size_t finding_count, finding_capacity;
    struct slice record;           /* XML; SLICE_NONE where there is none */
    struct difference *difference; /* of the record from what Alma has; NULL: not known */
};

struct preview {
    const char *who;     /* what was asked */
    const char *source;  /* who answered: a URI or a file */
    const char *mapping; /* the mapping's file */
    const char *select;  /* the mapping's condition as written, and where; NULL: none */
    struct position select_where;
    struct slice document_begin, document_end; /* what stands around records */
    size_t attribute_count;                    /* those that are shown, from slot 0 on */
    struct preview_person **people;
    size_t count, capacity;
    uint64_t more;     /* who were found too, but not kept */
    uint64_t repeated; /* entries that several searches found */
};

/* The name of a format, or NULL behind the last. */
const char *preview_format_name(size_t index);

/* Appends the preview; false when there is no such format. `width` 0: lines are never broken. */
bool preview_write(const struct preview *preview, const char *format, unsigned width,
                   struct buffer *out);

/* "sent", "skipped", "rejected", "held", "repeated". */
const char *preview_verdict_name(enum preview_verdict verdict);

#endif
