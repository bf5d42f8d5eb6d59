/* people: the small index of everybody who was read, for verdicts about the whole set.
 *
 * Somebody's record waits in the spool, behind a label with what the verdicts have to tell: the
 * DN, the match identifier, the digests by field. Here is where, and in about 70 bytes a person the
 * key, the digest of the record and a hash of the folded match identifier. People without a record
 * are here as well, by their key: who is rejected today has not left.
 *
 * Order of use: people_add() and people_note() while reading; people_judge(); compare.h;
 * people_send() lists the records that go out.
 */
#ifndef RUN_PEOPLE_H
#define RUN_PEOPLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "model/finding.h"
#include "package/package.h"
#include "run/fingerprint.h"

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
    uint64_t identity;  /* hash of the folded match identifier; 0: no record */
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

/* Everybody, in the order they were added; valid until the next one is. */
struct person *people_items(struct people *people);
size_t people_count(const struct people *people);

struct slice people_key(const struct people *people, const struct person *person);

/* How many have this verdict. */
uint64_t people_count_verdict(const struct people *people, enum person_verdict verdict);

/* What a label says, read from the spool. The slices live in the arena; key, record and digest are
 * not filled in. */
bool people_read_label(const struct person *person, struct spool *spool, struct arena *arena,
                       struct person_facts *ret_facts, struct error *err);

struct people_verdict {
    uint64_t held;  /* people of whom several have the same match identifier */
    uint64_t twice; /* entries that several searches found: kept once */
};

/* Finds people with the same match identifier (compared without case, as Alma does): all of them
 * are held, each with a finding that names the other. */
bool people_judge(struct people *people, struct spool *spool, const struct finding_sink *findings,
                  struct people_verdict *ret_verdict, struct error *err);

/* The hash that tells match identifiers apart: struct person's identity. */
uint64_t people_identity(struct slice match_id, struct arena *arena);

/* Finds people by key or by match identifier. Made after people_judge(); the people must not change
 * meanwhile. */
struct people_index;
struct people_index *people_index_new(struct people *people);
void people_index_free(struct people_index *index);
struct person *people_find_key(const struct people_index *index, struct slice key);

/* Two people with a record and the same key: nobody can say whose history state has. */
struct people_clash {
    struct person *first, *second;
};
const struct people_clash *people_clashes(const struct people_index *index, size_t *ret_count);

/* Somebody with a record of that match identifier, somebody fit if there is one; or NULL. */
const struct person *people_find_identity(struct people_index *index, uint64_t identity);

/* The records that go out, those first whose last delivery is longest ago; valid until the next
 * call with `people`. *ret_people are their persons, in the same order. */
size_t people_send(struct people *people, const struct spool_record **ret_records,
                   const struct person *const **ret_people);

/* Nobody needs the records' places any more; their persons' list stays. */
void people_drop_records(struct people *people);

#endif
