/* photos_run: what the steps of one run of photos share. photos.c goes through them in the order of
 * its table.
 */
#ifndef RUN_PHOTOS_RUN_H
#define RUN_PHOTOS_RUN_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/message.h"
#include "delivery/depot.h"
#include "directory/source.h"
#include "mapping/mapping.h"
#include "model/attributes.h"
#include "package/package.h"
#include "report/report.h"
#include "run/compare.h"
#include "run/examples.h"
#include "run/identity.h"
#include "run/matters.h"
#include "run/people.h"
#include "run/photo_version.h"
#include "run/photos.h"
#include "run/workshop.h"
#include "state/photo.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What becomes of the photo of somebody who is fit. */
enum photo_fate {
    PHOTO_ASK,     /* not known yet: the picture has to be read */
    PHOTO_MAKING,  /* it was, and is being made anew */
    PHOTO_CURRENT, /* it is at the depot as it should be */
    PHOTO_SEND,    /* it waits in the spool … */
    PHOTO_SENT,    /* … and was delivered */
    PHOTO_WITHOUT, /* there is no picture */
    PHOTO_UNNAMED,
    PHOTO_REFUSED,
    PHOTO_UNREAD,
    PHOTO_FOREIGN,
    PHOTO_UNSENT,
    PHOTO_FATE_COUNT
};

/* Values of the attribute that say where pictures are. */
struct photo_values {
    struct slice *values;
    size_t count;
};

/* Somebody who is fit. */
struct photo_person {
    uint32_t person; /* number in people_items() */
    uint32_t row;    /* number + 1 in `rows` of the photo under that name; 0: there is none */
    unsigned char fate;
    bool remembered;      /* state has a look at the entry … */
    bool looks_same;      /* … and it is as it was then */
    uint32_t length;      /* of the photo in the spool … */
    uint64_t offset;      /* … and where */
    const char *name;     /* of the file; NULL: none can be */
    struct slice version; /* to be remembered with `source`; SLICE_NONE: nothing is */
    unsigned char source[PHOTO_SOURCE_BYTES];
    unsigned char sha256[PHOTO_SHA256_BYTES];
};

enum photo_row_fate {
    ROW_STAYS,
    ROW_WAITS,     /* is to go when its time is over */
    ROW_GOES,      /* now */
    ROW_MAKES_WAY, /* now, as the name that the photo has next differs from it by case alone */
    ROW_GOES_AFTER /* when the person's photo has its other name */
};

/* A photo of ours at the depot. */
struct photo_row {
    struct state_photo photo; /* texts in the arena */
    uint32_t claim;           /* number + 1 of whose name it has now; 0: nobody's who is fit */
    uint32_t like;            /* of those without: number + 1 of whose name differs by case alone */
    uint32_t owner;           /* of ROW_GOES_AFTER: number + 1 of the person */
    unsigned char fate;       /* enum photo_row_fate */
    bool noted;               /* `unwanted` is another time than in state */
};

struct photos_run {
    const struct settings *settings;
    const struct photos_options *options;
    const struct messenger *messenger;
    time_t now;
    struct arena *arena, *scratch;
    struct report *report;
    struct workshop *workshop;
    struct state *state; /* in a rehearsal a copy */
    struct state_photo_run record;
    struct depot *depot;
    int64_t depot_id;
    struct digest *digest;

    /* The feed's side. */
    struct settings feed_settings; /* with no last records */
    struct report *feed_report;    /* nobody sees it */
    struct attributes *attributes;
    struct identity_slots identity;
    struct mapping *mapping;
    struct people *people;
    struct people_index *index;
    struct spool *spool;
    struct matters *matters;
    struct comparison comparison;
    bool complete;

    /* Of the first read, by number of the person. */
    struct photo_version_slots version_slots;
    uint64_t *versions;
    size_t version_capacity;
    int place_slot; /* of the attribute that says where pictures are */
    struct photo_values *places;
    size_t place_capacity;

    const char *rules; /* how photos are made, as text: another one makes all of them anew */
    const char *asked; /* and what is asked for: another one makes all looks worthless */
    bool looks_count;  /* who looks the same is not asked */
    bool asks_all;     /* everybody is, as it is time to */
    struct photo_person *items;
    size_t count;
    uint32_t *of_person; /* number + 1 in `items`, by number of the person; 0: not fit */
    struct photo_row *rows;
    size_t row_count;
    struct slice *gone_looks; /* keys of which state has looks that nobody needs any more */
    size_t gone_look_count, gone_look_capacity;
    struct spool *made; /* the new photos */
    uint64_t removing;  /* photos whose people have none then */
    uint64_t replacing; /* photos of a picture that is another one now */
    uint64_t unread;    /* people whose picture could not be read … */
    uint64_t asked_for; /* … of those who have one and were asked for it */
    struct examples of_removing, of_replacing, of_unread;
};

/* What state remembers of a run: how photos were made, and when everybody was asked last.
 */
#define PHOTOS_RULES "photo rules"
#define PHOTOS_ASKED_ALL "photos asked for"
#define PHOTOS_BUSY "photos on their way" /* 1: temporary files may lie at the depot */

bool photos_read_people(struct photos_run *run, struct error *err); /* photos_people.c */
bool photos_name_people(struct photos_run *run, struct error *err); /* photos_names.c */
bool photos_look(struct photos_run *run, struct error *err);        /* photos_look.c */
bool photos_ask(struct photos_run *run, struct error *err);         /* photos_ask.c */
bool photos_judge(struct photos_run *run, struct error *err);       /* photos_plan.c */
bool photos_brake(struct photos_run *run, struct error *err);       /* the same */
bool photos_write_plan(struct photos_run *run, struct error *err);  /* the same */
bool photos_deliver(struct photos_run *run, struct error *err);     /* photos_deliver.c */

struct slice photos_key(const struct photos_run *run, const struct photo_person *person);

/* Whether the photo is there, made of these values for this person. */
bool photos_is_there(const struct photos_run *run, const struct photo_person *person,
                     const unsigned char source[PHOTO_SOURCE_BYTES]);

/* A finding about somebody who is fit. */
bool photos_find(struct photos_run *run, const struct photo_person *person, enum finding_code code,
                 const char *text, struct error *err);

#endif
