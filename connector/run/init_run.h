/* init_run: what the parts of `init` share: what was found out, step by step, and what is proposed.
 *
 * Order: run/init.c calls the steps one after the other; each fills its part and reads those before
 * it. Everything lives in the arena.
 */
#ifndef RUN_INIT_RUN_H
#define RUN_INIT_RUN_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/message.h"
#include "directory/survey.h"
#include "mapping/mapping.h"
#include "model/attributes.h"
#include "model/entry.h"
#include "run/init_facts.h"
#include "run/init_login.h"
#include "run/init_tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The names of the files that are written. */
#define INIT_SETTINGS "ldap2alma.yaml"
#define INIT_MAPPING "mapping.yaml"
#define INIT_TESTS "mapping.test.yaml"

/* The folder for packages, so that a first run finds all it needs. */
#define INIT_OUTGOING "outgoing"

/* The day on which the tests are run. */
#define INIT_TODAY ((struct date){2030, 1, 15})

enum {
    INIT_SAMPLE_MOST = 600, /* people who are looked at closely */
    INIT_SHARED_LEAST = 3,  /* people who share a value before it counts as nobody's own */
    INIT_SEARCHES_MOST = 8,
    INIT_ALL_PERCENT = 99, /* so many are "everybody": test accounts are everywhere */
    INIT_FEW_PERCENT = 2   /* and so many a handful that is asked about, not taken */
};

/* Somebody, as far as it is known of everybody. */
struct init_person {
    const char *dn;
    size_t place; /* number in the tally of places */
    bool has_surname;
    unsigned classes;            /* bits by index in init_classes */
    unsigned several;            /* bits by index in init_ids: more than one value */
    uint64_t ids[INIT_ID_COUNT]; /* hashes; 0: no value */
};

struct init_id_found {
    size_t people;  /* who have it */
    size_t several; /* who have several values of it */
    size_t shared;  /* whose value somebody else has too */
};

struct init_place {
    const char *base;
    size_t people;
};

struct init_group_base {
    const char *base;
    const char *class;
    size_t groups;
};

struct init_attribute {
    const char *name;
    size_t people;                   /* of the sample, who have it */
    size_t several;                  /* who have several values */
    size_t distinct;                 /* values; 0: they are never read */
    const struct init_count *values; /* the most frequent first, of `distinct` */
    const char *form;                /* of most values, see init_mask() */
};

/* Where user_group comes from. */
enum init_kind_source { INIT_KIND_NONE, INIT_KIND_ATTRIBUTE, INIT_KIND_GROUPS, INIT_KIND_PLACES };

struct init_kind_row {
    struct slice value; /* of the attribute, a group's DN, an RDN's value */
    const char *code;
    size_t people; /* of the sample */
    bool known;    /* by a word; else the code is made of the value */
    int rank;
};

struct init_run {
    struct arena *arena;
    const struct messenger *messenger;
    struct messenger quiet; /* for what is asked many times: warnings alone */
    const struct init_login *login;
    const char *folder;

    struct survey_server server;
    /* everybody */
    struct init_person *people;
    size_t people_count, people_capacity, with_surname;
    struct init_tally *place_tally;
    size_t class_counts[INIT_CLASS_COUNT];
    const char *class; /* that is proposed; NULL in Active Directory */
    unsigned class_bit;
    size_t with_class; /* people */
    const char *filter;
    struct init_place places[INIT_SEARCHES_MOST], left_out[INIT_SEARCHES_MOST];
    size_t place_count, left_out_count;
    size_t chosen; /* people of the class at these places: the first ones of `people` */
    struct init_id_found ids[INIT_ID_COUNT];
    size_t disabled[8]; /* by index in init_disabled */

    struct init_group_base group_bases[INIT_SEARCHES_MOST];
    size_t group_base_count, group_count;
    size_t told_groups; /* of which it shows who is in them */

    /* the sample */
    struct attributes *attributes; /* those whose values were read */
    struct entry *sample;
    size_t sample_count;
    struct init_attribute *stats; /* by name */
    size_t stat_count;
    const char *domain; /* of most mail addresses; NULL: there is none */
    size_t domain_people;

    /* the proposal */
    size_t match; /* index in init_ids */
    enum init_kind_source kind_source;
    const char *kind_attribute;
    struct init_kind_row *kinds;
    size_t kind_count;
    struct init_kind_row *groups; /* of the sample, whose names have a meaning */
    size_t groups_told;
    const char *group_attribute;

    struct attributes *mapped; /* those that the proposed mapping names */
    struct mapping *mapping;
    const char *changes; /* how the directory can be asked for changes, in words; NULL: not known */

    struct buffer settings_text, mapping_text, tests_text, report;
    size_t tests;
};

/* The steps. */
bool init_people_read(struct init_run *run, struct error *err);
bool init_groups_read(struct init_run *run, struct error *err);
bool init_sample_read(struct init_run *run, struct error *err);
void init_places_choose(struct init_run *run);
void init_kinds_choose(struct init_run *run);
void init_mapping_write(struct init_run *run);
bool init_tests_write(struct init_run *run, struct error *err);
void init_settings_write(struct init_run *run);
void init_report_write(struct init_run *run);

/* People who are found and not shown as out of use. */
size_t init_people_in_use(const struct init_run *run);

/* Whether everybody has the proposed match identifier and nobody shares it. */
bool init_is_good_id(const struct init_run *run);

/* Reads searches of the server in one go. */
bool init_read(struct init_run *run, const struct ldap_search *searches, size_t count,
               const struct attributes *attributes,
               bool (*take)(void *context, const struct entry *entry, struct error *err),
               void *context, struct error *err);

/* What is known of an attribute of the sample; NULL: nobody has it. */
const struct init_attribute *init_attribute_find(const struct init_run *run, const char *name);

/* How many percent of the sample have the attribute; 0 where nobody has, else at least 1. */
unsigned init_percent(const struct init_run *run, const char *name);

/* Values of an entry of the sample; count 0: none. */
struct entry_values init_values(const struct entry *entry, const char *name);

/* Whether so many people of the sample have the value that it is nobody's own. */
bool init_is_shared(const struct init_run *run, const char *attribute, struct slice value);

#endif
