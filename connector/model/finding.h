/* finding: something about one person that somebody should know.
 *
 * Trouble with one person never fails a run; it becomes a finding: the code says what kind
 * (a row of the table), the text says it in words, `field` is Alma's element name where one is
 * concerned ("emails.email_address"), `where` the rule in the mapping.
 */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include "base/fault.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum finding_code {
    FINDING_MATCH_ID,        /* no match identifier: rejected */
    FINDING_REQUIRED,        /* a required field has no value: rejected */
    FINDING_TOO_LONG,        /* longer than Alma takes: rejected */
    FINDING_TOO_LARGE,       /* the mapping makes more of the entry than a record holds: rejected */
    FINDING_BAD_VALUE,       /* not a value of the field's kind (date, boolean): rejected */
    FINDING_BAD_IDENTIFIER,  /* an identifier with bytes that are no UTF-8: rejected */
    FINDING_TWICE_IN_RECORD, /* two identifiers of one person are the same: rejected */
    FINDING_DUPLICATE,       /* two people with the same match identifier: both held */
    FINDING_TAKEN,           /* an identifier that is another person's identifier: both held */
    FINDING_MOVED,           /* the person was delivered with another match identifier: held */
    FINDING_REUSED,          /* the match identifier was another person's: held */
    FINDING_BAD_TEXT,        /* bytes that are no UTF-8, or characters XML forbids: mended */
    FINDING_UNREADABLE,      /* a value that its transform cannot read: left out */
    FINDING_BAD_ENTRY,       /* an entry that cannot be read, such as an LDIF record: rejected */
    FINDING_CODE_REFUSED,    /* a code that `codes:` does not list: rejected … */
    FINDING_CODE_REPLACED,   /* … or replaced by one that it does list … */
    FINDING_CODE_UNLISTED,   /* … or sent all the same, as the mapping says */
    FINDING_PHOTO_NAME,      /* an identifier that no file can be named by: no photo */
    FINDING_PHOTO_TWICE,     /* two photos whose names differ by case alone: neither is delivered */
    FINDING_PHOTO_REFUSED,   /* a picture of which no photo can be made */
    FINDING_PHOTO_UNREAD,    /* a picture that could not be read: the photo stays as it was */
    FINDING_PHOTO_FOREIGN,   /* a file that is not ours has the photo's name: it is left alone */
    FINDING_PHOTO_UNSENT,    /* a photo that its server will not take */
    /* From here on: about the mapping itself, without a person. */
    FINDING_TWICE_IN_TABLE,    /* a key that stands in a CSV file twice: the first row counts */
    FINDING_NO_KEY,            /* rows of a CSV file without a key, which nothing finds */
    FINDING_UNUSED,            /* a table, define or list of codes that nothing uses */
    FINDING_UNREACHABLE,       /* an alternative that can never be reached */
    FINDING_INCOMPLETE,        /* an item that can never be made: a required part has no value */
    FINDING_SAME_IDENTIFIER,   /* two identifiers that yield the same value */
    FINDING_SEVERAL_VALUES,    /* one value taken of an attribute that had several */
    FINDING_UNKNOWN_ATTRIBUTE, /* an attribute that no search can return */
    FINDING_CODE_IN_MAPPING,   /* a code written in the mapping that `codes:` does not list */
    FINDING_CODE_COUNT
};

enum finding_severity {
    FINDING_WARNING, /* the record is sent */
    FINDING_REJECT,  /* the record is not sent: it is not good enough for Alma */
    FINDING_HOLD     /* the record is not sent: a person has to decide */
};

struct finding {
    enum finding_code code;
    struct slice key; /* the person's in state (run/identity.h); SLICE_NONE where it is not known */
    struct slice dn;
    struct slice match_id; /* SLICE_NONE where it has none */
    const char *field;     /* NULL where no field is concerned */
    struct position where; /* line 0 where no rule is concerned */
    struct slice text;     /* what happened, in words; may quote directory values as they are */
};

/* Where findings go. */
struct finding_sink {
    void (*add)(void *context, const struct finding *finding);
    void *context;
};

struct finding_kind {
    const char *name; /* "match_id": the code in reports and tests */
    enum finding_severity severity;
    const char *help;   /* one line */
    const char *remedy; /* what has to happen: one sentence for those who look after the data */
};

/* The table, FINDING_CODE_COUNT rows. */
const struct finding_kind *finding_kind(enum finding_code code);

/* The code of this name; false where there is none. */
bool finding_find(struct slice name, enum finding_code *ret_code);

/* True for what is wrong with the mapping, whoever is mapped with it: such a finding has no person
 * and is made once. */
bool finding_is_about_mapping(enum finding_code code);

/* "warning", "reject", "hold". */
const char *finding_severity_name(enum finding_severity severity);

#endif
