/* init_facts: what is known of directories at large: which attributes mean what, by which filters
 * people are found, which words stand for which kind of user. Tables and nothing else.
 */
#ifndef RUN_INIT_FACTS_H
#define RUN_INIT_FACTS_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

/* The classes by which people are known, the narrowest first. Active Directory has a filter of its
 * own. Each table ends with a row of NULL. */
extern const char *const init_classes[];
enum { INIT_CLASS_COUNT = 6 };
#define INIT_PEOPLE_FILTER "(|(objectClass=person)(objectClass=posixAccount)(objectClass=account))"
#define INIT_AD_PEOPLE_FILTER "(&(objectCategory=person)(objectClass=user))"

/* Attributes that may identify somebody, the best one first. */
struct init_id {
    const char *attribute;
    const char *template; /* as a primary identifier */
    const char *id_type;  /* as a further identifier; NULL: it is none */
    const char *about;    /* what an admin should know of it */
};
extern const struct init_id init_ids[];
enum { INIT_ID_COUNT = 9 };

/* Filters by which entries show that an account is not in use. */
struct init_disabled {
    const char *attribute;
    const char *filter;
    const char *about;
    bool active_directory; /* there alone; else everywhere else */
};
extern const struct init_disabled init_disabled[];

/* The kinds of groups, by class. */
struct init_group_class {
    const char *name;
    const char *filter; /* that finds those of which it shows who is in them */
};
extern const struct init_group_class init_group_classes[];

/* Rules of one attribute for a field of its own. */
struct init_rule {
    const char *field;
    const char *attribute;
    const char *template;
    const char *about; /* NULL: nothing to say */
};
extern const struct init_rule init_rules[];

/* Phones. */
struct init_phone {
    const char *attribute, *type;
};
extern const struct init_phone init_phones[];

/* Attributes that may say what kind of user somebody is; the first one is the most likely. */
extern const char *const init_kind_attributes[];

/* Words of such values, and the user group that they mean; the gravest first. */
struct init_word {
    const char *word; /* what a part of the value begins with, in small letters */
    const char *code;
};
extern const struct init_word init_words[];

/* What is put in the place of a value, so that nothing of a person remains. */
enum init_content {
    INIT_SCRAMBLED, /* other letters and digits in their places */
    INIT_GIVEN_NAME,
    INIT_SURNAME,
    INIT_FULL_NAME,
    INIT_LOGIN,
    INIT_MAIL,
    INIT_ADDRESS, /* several lines */
    INIT_CITY,
    INIT_URL,
    INIT_SHARED, /* what several people share; where it decides nothing what most have */
    INIT_GROUPS, /* names of groups: the ones that the mapping knows stay */
    INIT_FILETIME,
    INIT_TIME, /* generalizedTime */
    INIT_DAY,  /* YYYYMMDD */
    INIT_BYTES
};
struct init_known {
    const char *attribute;
    enum init_content content;
};
extern const struct init_known init_known[];

/* Attributes that a server gives only by name. */
extern const char *const init_operational[];

/* Secrets, photos and keys: whether they are there may be told, what they are is never read. */
bool init_is_never_read(const char *attribute);

/* INIT_SCRAMBLED where nothing is known. */
enum init_content init_content_of(const char *attribute);

/* The group that the words of the text mean; its index in init_words, or -1. */
int init_word_of(struct slice text);

#endif
