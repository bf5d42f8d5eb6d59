/* people: the small index of everybody who was read, for verdicts about the whole set.
 *
 * Somebody's record waits in the spool, behind a label with what the verdicts have to tell: the
 * DN, the identifiers, the digests by field. Here is where, and in about 70 bytes a person the key,
 * the digest of the record and a hash of the folded match identifier; and 8 bytes for each of their
 * identifiers. People without a record are here as well, by their key: who is rejected today has
 * not left.
 *
 * Order of use: people_add() and people_note() while reading; collisions.h; compare.h;
 * people_send() lists the records that go out.
 */
#ifndef RUN_PEOPLE_H
#define RUN_PEOPLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "model/entry.h"
#include "model/finding.h"
#include "package/package.h"
#include "run/fingerprint.h"
#include "run/identifiers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct people;

enum person_verdict {
    PERSON_FIT,      /* has a record that may go out */
    PERSON_SKIPPED,  /* `select` */
    PERSON_REJECTED, /* findings say why */
    PERSON_HELD,     /* the same */
    PERSON_TWICE,    /* found by several searches; another one stands for this one */
    PERSON_LEFT      /* not read at all: a leaver's last record */
};

/* Why a record goes out, or that it does not. */
enum person_sending {
    SENDING_NOT, /* unchanged */
    SENDING_NEW,
    SENDING_CHANGED,
    SENDING_RESENT, /* unchanged, but the run is full, or the last delivery is long ago */
    SENDING_LAST    /* of a leaver */
};

struct person {
    uint64_t identity;  /* identifier_hash() of the match identifier; 0: no record */
    uint64_t offset;    /* of the label in the spool */
    uint64_t key;       /* where the key begins in the index's bytes */
    uint32_t label;     /* bytes of the label */
    uint32_t length;    /* bytes of the record behind it */
    uint32_t delivered; /* seconds since 1970 of the last delivery; 0: never */
    uint16_t key_length;
    unsigned char verdict, sending; /* enum person_verdict, enum person_sending */
    unsigned char digest[FINGERPRINT_BYTES];
};

/* What is known of somebody who is read. */
struct person_facts {
    struct slice key, dn, match_id;
    struct slice record; /* the XML */
    struct slice fields; /* fingerprint_make() */
    struct identifiers identifiers;
    unsigned char digest[FINGERPRINT_BYTES];
};

struct people *people_new(void);
void people_free(struct people *people);

/* Forgets everybody: the read began anew. */
void people_restart(struct people *people);

/* Puts label and record into the spool and the person into the index. */
bool people_add(struct people *people, struct spool *spool, const struct person_facts *facts,
                enum person_verdict verdict, enum person_sending sending, struct error *err);

/* Somebody without a record. */
void people_note(struct people *people, struct slice key, enum person_verdict verdict);

/* Of the one who was added last, for people_origins(): which search found the entry, and what
 * groups know it by. */
void people_note_origin(struct people *people, const struct entry *entry);

/* By the number of the person; `membership` all 0 where groups do not matter. */
struct people_origin {
    unsigned char search; /* at most 255 */
    struct membership membership;
};
struct people_origin people_origin(const struct people *people, size_t number);

/* Everybody, in the order they were added; valid until the next one is. */
struct person *people_items(struct people *people);
size_t people_count(const struct people *people);

struct slice people_key(const struct people *people, const struct person *person);

/* How many have this verdict. */
uint64_t people_count_verdict(const struct people *people, enum person_verdict verdict);

/* What a label says, read from the spool. The slices live in the arena; key, record, digest and
 * the identifiers' hashes are not filled in. */
bool people_read_label(const struct person *person, struct spool *spool, struct arena *arena,
                       struct person_facts *ret_facts, struct error *err);

/* The record, read from the spool into the arena. */
bool people_read_record(const struct person *person, struct spool *spool, struct arena *arena,
                        struct slice *ret_record, struct error *err);

/* Writes another match identifier into the label: the one by which state is to know the person. */
bool people_know_as(struct people *people, struct person *person, struct spool *spool,
                    struct slice match_id, struct error *err);

/* The identifiers of everybody with a record, in the order they were added: the upper bits of
 * identifier_hash(), and below PEOPLE_MARK_SHIFT the person's number in people_items(). */
enum { PEOPLE_MARK_SHIFT = 32 };
uint64_t *people_marks(struct people *people, size_t *ret_count);

/* The same, which are the caller's now. */
uint64_t *people_take_marks(struct people *people, size_t *ret_count);

/* Nobody asks for the marks any more. */
void people_drop_marks(struct people *people);

/* Finds people by key or by match identifier. Made after collisions_find();
 * the people must not change meanwhile. */
struct people_index;
struct people_index *people_index_new(struct people *people);
void people_index_free(struct people_index *index);
struct person *people_find_key(const struct people_index *index, struct slice key);

/* Two people with a record and the same key: nobody can say whose history state has. */
struct people_clash {
    struct person *first, *second;
};
const struct people_clash *people_clashes(const struct people_index *index, size_t *ret_count);
/* Who has a match identifier of this hash: of several somebody fit; NULL: nobody. */
struct person *people_find_identity(const struct people_index *index, uint64_t identity);

/* The records that go out, those first whose last delivery is longest ago; valid until the next
 * call with `people`. *ret_people are their persons, in the same order. */
size_t people_send(struct people *people, const struct spool_record **ret_records,
                   const struct person *const **ret_people);

/* Nobody needs the records' places any more; their persons' list stays. */
void people_drop_records(struct people *people);

#endif
