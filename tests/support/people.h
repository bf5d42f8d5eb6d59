/* people: one person of the made-up university, drawn from the tables. */
#ifndef SUPPORT_PEOPLE_H
#define SUPPORT_PEOPLE_H

#include "people_tables.h"

#include <stdint.h>

enum { TEXT_BYTES = 512 };

/* Groups by number; courses come in blocks, so that a person's courses need no count of people. */
enum {
    GROUP_STUDENTS,
    GROUP_STAFF,
    GROUP_ALUMNI,
    GROUP_LIBRARY,
    GROUP_DEPARTMENTS,
    GROUP_COURSES = 20,
    COURSES_PER_BLOCK = 20,
    PEOPLE_PER_BLOCK = 1000,
    COURSES_MOST = 4,
    GROUPS_MOST = 5 + COURSES_MOST
};

/* What a person's attributes are drawn from: one independent number for each. */
enum draw {
    DRAW_SCRIPT,
    DRAW_GIVEN,
    DRAW_FAMILY,
    DRAW_CITY,
    DRAW_HOME,
    DRAW_KIND,
    DRAW_DEPARTMENT,
    DRAW_TITLE,
    DRAW_PHONE,
    DRAW_SECOND_PHONE,
    DRAW_MOBILE,
    DRAW_HOUSE,
    DRAW_POSTCODE,
    DRAW_BIRTH_DATE,
    DRAW_EXPIRY,
    DRAW_LIBRARY,
    DRAW_COURSE_COUNT,
    DRAW_PHOTO,
    DRAW_PHOTO_SIZE,
    DRAW_COURSES,
    DRAW_PHOTO_BYTES = DRAW_COURSES + COURSES_MOST
};

/* The number that the seed, the person and the purpose make, below `below`. */
uint64_t people_draw(uint64_t seed, uint64_t number, unsigned what, uint64_t below);

/* Any number as a seed: seeds that follow each other give different people. */
uint64_t people_seed(uint64_t number);

struct person {
    uint64_t number;
    const struct script *script;
    const struct name *given, *family;
    const struct city *city, *home;
    const struct kind *kind;
    size_t department;
    char uid[16];
    char display_name[TEXT_BYTES];
    uint32_t groups[GROUPS_MOST];
    size_t group_count;
};

/* Person `number`, from 1. */
void person_make(uint64_t seed, uint64_t number, struct person *ret_person);

/* Replaces letters with accents by a letter and its accents (NFD), as far as the table has them. */
void text_decompose(char text[TEXT_BYTES]);

void group_name(uint32_t group, char ret_name[TEXT_BYTES]);

#endif
