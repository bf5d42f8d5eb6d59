/* people_tables: the names, places and kinds of people that people.c draws from. All invented. */
#ifndef SUPPORT_PEOPLE_TABLES_H
#define SUPPORT_PEOPLE_TABLES_H

#include <stdbool.h>
#include <stddef.h>

/* A name as its bearer writes it, and in ASCII for mail addresses and account names. */
struct name {
    const char *native;
    const char *ascii;
};

enum { NAMES_PER_SCRIPT = 12 };

struct script {
    struct name given[NAMES_PER_SCRIPT];
    struct name family[NAMES_PER_SCRIPT];
    bool family_first; /* "家族 given" without a blank */
    unsigned share;    /* of 1,000 people; all rows together 1,000 */
};

struct city {
    const char *name;
    const char *street;
    const char *country;  /* as people write it: a name or two letters */
    const char *language; /* preferredLanguage */
};

/* What somebody is to the university. */
struct kind {
    const char *primary_affiliation;
    const char *affiliations[4]; /* up to the first NULL */
    const char *employee_type;
    const char *job; /* the attribute `title`; NULL: none */
    bool student, employee, alumnus;
    unsigned share; /* of 1,000 people; all rows together 1,000 */
};

extern const struct script scripts[];
extern const struct city cities[];
extern const size_t city_count;
extern const struct kind kinds[];
extern const char *const departments[];
extern const size_t department_count;
extern const char *const personal_titles[];
extern const size_t personal_title_count;

/* Letters with accents as one code point, and the same decomposed (NFD). */
struct accent {
    const char *composed;
    const char *decomposed;
};

extern const struct accent accents[];
extern const size_t accent_count;

#endif
