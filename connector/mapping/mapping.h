/* mapping: from a directory entry to an Alma user, by rules that people write in YAML.
 *
 * Order of use: load (compiles everything and adds the attributes it needs to the set), read the
 * directory with that set, apply to each entry, free. Applying looks nothing up by name and takes
 * all memory from the person's arena. A mapping does not change while it is used; each thread
 * that applies it needs its own arena.
 *
 * How values come about (ldap2alma-mapping(5) tells it to authors):
 *   - Attribute values are cleaned when they are read (text_clean: valid UTF-8, NFC, legal in XML),
 *     but for the transforms guid and sid, which read the bytes. What was mended is a finding, and
 *     a flag of each value that was made of the attribute.
 *   - A template that is one ${…} carries all values of its source; beside other text or other
 *     sources, each source gives one. Without a value in any of its sources a template has none.
 *   - Blank text is no value, at any point. Alternatives are tried until one has a value.
 *   - Where one value is wanted it is the first in byte order. Transforms that reduce a list
 *     (first, last, only, join, count), lists of codes and `each:` see it in byte order and each
 *     value once. `sort` before a change of the values settles the order of before.
 *   - What a transform cannot read (a date that is none) is no value and FINDING_UNREADABLE; the
 *     person is rejected only where the field was required.
 *   - What goes into a field is tidied (text_tidy); codes are those of all entries of the field's
 *     list, each once.
 *
 * Not here: what Alma accepts (alma/alma.h); which people go into a package (run/).
 */
#ifndef MAPPING_MAPPING_H
#define MAPPING_MAPPING_H

#include "base/arena.h"
#include "base/date.h"
#include "base/error.h"
#include "base/message.h"
#include "base/slice.h"
#include "model/attributes.h"
#include "model/entry.h"
#include "model/finding.h"
#include "model/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct mapping;

struct mapping_options {
    const char *path;  /* of the YAML file */
    struct date today; /* the source `today` */
    time_t now;        /* the source `now` */
    /* Where findings about the mapping itself go that loading makes (a key that stands in a CSV
     * file twice); NULL: nobody is told. */
    const struct finding_sink *findings;
};

/* Loads and compiles; all faults are said by the messenger, then NULL and ERROR_CONFIG. The
 * attributes that sources and filters name are added to `attributes`. */
struct mapping *mapping_load(const struct mapping_options *options, struct attributes *attributes,
                             const struct messenger *messenger, struct error *err);

/* The same from memory; options->path stands for the file in messages and for its name. */
struct mapping *mapping_parse(const struct mapping_options *options, struct slice text,
                              struct attributes *attributes, const struct messenger *messenger,
                              struct error *err);

/* NULL is allowed. */
void mapping_free(struct mapping *mapping);

/* The paths of the files that the mapping was made of: its own, those that it extends, CSV files
 * and lists of codes; some may stand there twice. NULL behind the last. */
const char *mapping_file(const struct mapping *mapping, size_t index);

/* `name:` of the file, or its base name. */
const char *mapping_name(const struct mapping *mapping);

/* `match_id:` as written: "primary_id" or an identifier type. */
const char *mapping_match_id(const struct mapping *mapping);

/* Whether another day may make another record of the same entry, dates apart that are made of today
 * or now and move by themselves: where a condition looks at them, or a table. */
bool mapping_depends_on_clock(const struct mapping *mapping);

enum mapping_verdict {
    MAPPING_MAPPED,
    MAPPING_SKIPPED, /* `select` does not match */
    MAPPING_REJECTED /* a field of `require` has no value, a code is not among `codes`, or there are
                        too many values; the finding says which */
};

/* Maps one entry, which was read with the set of attributes that the mapping was loaded with.
 * `user` is overwritten; everything in it lives in `arena`, the entry or the mapping. Values are
 * clean, single-spaced text; what Alma takes is not checked here, but for dates (written
 * YYYY-MM-DDZ where they are dates) and booleans (true, false). Fallbacks of the field table are
 * not filled in. */
enum mapping_verdict mapping_apply(const struct mapping *mapping, const struct entry *entry,
                                   struct arena *arena, struct user *user,
                                   const struct finding_sink *findings);

/* What a mapping consists of, for asking which part of it no case has reached. */
enum mapping_part_kind {
    MAPPING_ALTERNATIVE, /* of a field, a define or an item's field; one without a list is one */
    MAPPING_ITEM,        /* an entry of a list such as emails */
    MAPPING_ROW          /* of a table in the file itself; rows of CSV files are data, not rules */
};

struct mapping_part {
    enum mapping_part_kind kind;
    const char *name; /* "user_group", "emails", "emails.email_address", a table's name */
    const char *text; /* the alternative's template, the row's key; NULL for an item */
    struct position where;
};

size_t mapping_part_count(const struct mapping *mapping);
struct mapping_part mapping_part(const struct mapping *mapping, size_t index);

/* `select:` as written and where; text NULL: everybody is selected. */
struct mapping_part mapping_select(const struct mapping *mapping);

/* Whether some rule fills the field of user_fields, or with `item` the field of its items (-1: the
 * field itself); whether nobody is sent without the field. */
bool mapping_fills(const struct mapping *mapping, int field, int item);
bool mapping_requires(const struct mapping *mapping, int field);

/* The codes that may come into a field (item -1) or into a field of a list's items: those that the
 * mapping writes, and where other values come, too, all that its `codes` permit. */
struct mapping_codes {
    const char *const *codes; /* each once, in byte order */
    size_t count;
    const char *others; /* the template that may give others, as written; NULL: there are none */
};
struct mapping_codes mapping_codes(const struct mapping *mapping, int field, int item,
                                   struct arena *arena);

/* The slot of the attribute whose value, but for its case, is everybody's match identifier;
 * ATTRIBUTE_NONE where the mapping makes it in another way. */
int mapping_match_id_attribute(const struct mapping *mapping);

/* What somebody who looks on wants to know while an entry is mapped. */
struct mapping_watch {
    /* One byte for each part (mapping_part_count()), set to 1 when it is reached: an alternative
     * that gave a value, an item that was made, a row that was found. NULL: nobody asks. */
    unsigned char *reached;
    /* Give each value its derivation (model/derivation.h). */
    bool derive;
    /* Where one value was wanted and the attribute had several, of which the first in byte order
     * was taken without the mapping saying so (first, last, only, join, matching … say so). NULL:
     * nobody asks. */
    void (*several)(void *context, const char *rule, struct position where, const char *attribute,
                    size_t count);
    void *context;
};

/* mapping_apply(), looked on. */
enum mapping_verdict mapping_apply_watched(const struct mapping *mapping, const struct entry *entry,
                                           struct arena *arena, struct user *user,
                                           const struct finding_sink *findings,
                                           const struct mapping_watch *watch);

/* Finds what is doubtful in a mapping that has no fault: each is a finding with its position and
 * without a person. Needs no directory. */
void mapping_lint(const struct mapping *mapping, const struct finding_sink *findings);

/* The positions where the mapping names an attribute as a source or in a condition: of the
 * attribute with that slot, number `index`; NULL behind the last. */
const struct position *mapping_names_attribute(const struct mapping *mapping, int slot,
                                               size_t index);

/* A condition from outside the mapping (whom to preview), judged as the mapping's own. Its
 * attributes are added to the set. NULL with ERROR_USAGE when the text is no filter. */
struct mapping_condition;
struct mapping_condition *mapping_condition_new(const char *filter, struct attributes *attributes,
                                                struct error *err);
bool mapping_condition_holds(const struct mapping_condition *condition, const struct entry *entry,
                             struct arena *arena);
void mapping_condition_free(struct mapping_condition *condition);

/* A row of the table of transforms, for help and the manual. Examples run on 2026-09-01 with the
 * table `groups: { staff: STAFF, faculty: FACULTY }`. */
struct transform_help {
    const char *name;
    const char *arguments; /* "TABLE [COLUMN]"; "": none */
    const char *help;      /* one line */
    const char *example;   /* "${cn | upper}" … */
    const char *input;  /* … with these values of the attribute ("; " between them, \HH for bytes
                           that are no text; NULL: the example needs none) … */
    const char *output; /* … yields this; a test runs it */
};

/* Row `index` of the table, or NULL behind its end. */
const struct transform_help *transform_help(size_t index);

#endif
