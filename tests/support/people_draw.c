#include "people.h"

#include <stdio.h>
#include <string.h>

/* SplitMix64's finalizer: every input bit reaches every output bit. */
static uint64_t
mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t
people_draw(uint64_t seed, uint64_t number, unsigned what, uint64_t below)
{
    return mix(seed + number * 1024 + what) % below;
}

uint64_t
people_seed(uint64_t number)
{
    return mix(number);
}

/* A roll below 1,000 falls on a row by the rows' shares, which add up to 1,000. */
static const struct script *
draw_script(uint64_t roll)
{
    const struct script *row = scripts;

    while (roll >= row->share)
        roll -= row++->share;
    return row;
}

static const struct kind *
draw_kind(uint64_t roll)
{
    const struct kind *row = kinds;

    while (roll >= row->share)
        roll -= row++->share;
    return row;
}

void
text_decompose(char text[TEXT_BYTES])
{
    char parts[TEXT_BYTES];
    size_t length = 0;

    for (const char *at = text; *at;) {
        size_t row = 0;

        while (row < accent_count &&
               strncmp(at, accents[row].composed, strlen(accents[row].composed)) != 0)
            row++;
        if (row < accent_count) {
            length += (size_t)snprintf(parts + length, sizeof parts - length, "%s",
                                       accents[row].decomposed);
            at += strlen(accents[row].composed);
        } else {
            parts[length++] = *at++;
        }
    }
    parts[length] = '\0';
    memcpy(text, parts, length + 1);
}

static void
person_join(uint64_t seed, struct person *person)
{
    const struct kind *kind = person->kind;
    uint64_t number = person->number;
    uint32_t block = (uint32_t)((number - 1) / PEOPLE_PER_BLOCK);
    uint64_t courses = kind->student ? 1 + people_draw(seed, number, DRAW_COURSE_COUNT, 4) : 0;
    uint32_t *groups = person->groups;
    size_t count = 0;

    if (kind->student)
        groups[count++] = GROUP_STUDENTS;
    if (kind->employee)
        groups[count++] = GROUP_STAFF;
    if (kind->alumnus)
        groups[count++] = GROUP_ALUMNI;
    if (kind->employee && people_draw(seed, number, DRAW_LIBRARY, 50) == 0)
        groups[count++] = GROUP_LIBRARY;
    groups[count++] = (uint32_t)(GROUP_DEPARTMENTS + person->department);
    for (unsigned i = 0; i < courses; i++) {
        uint32_t course = GROUP_COURSES + block * COURSES_PER_BLOCK +
                          (uint32_t)people_draw(seed, number, DRAW_COURSES + i, COURSES_PER_BLOCK);
        bool twice = false;

        for (size_t j = 0; j < count; j++)
            twice = twice || groups[j] == course;
        if (!twice)
            groups[count++] = course;
    }
    person->group_count = count;
}

void
person_make(uint64_t seed, uint64_t number, struct person *ret_person)
{
    const struct script *script = draw_script(people_draw(seed, number, DRAW_SCRIPT, 1000));

    ret_person->number = number;
    ret_person->script = script;
    ret_person->given = &script->given[people_draw(seed, number, DRAW_GIVEN, NAMES_PER_SCRIPT)];
    ret_person->family = &script->family[people_draw(seed, number, DRAW_FAMILY, NAMES_PER_SCRIPT)];
    ret_person->city = &cities[people_draw(seed, number, DRAW_CITY, city_count)];
    ret_person->home = &cities[people_draw(seed, number, DRAW_HOME, city_count)];
    ret_person->kind = draw_kind(people_draw(seed, number, DRAW_KIND, 1000));
    ret_person->department = people_draw(seed, number, DRAW_DEPARTMENT, department_count);
    snprintf(ret_person->uid, sizeof ret_person->uid, "%c%c%07llu", ret_person->given->ascii[0],
             ret_person->family->ascii[0], (unsigned long long)(number % 10000000));
    if (script->family_first)
        snprintf(ret_person->display_name, TEXT_BYTES, "%s%s", ret_person->family->native,
                 ret_person->given->native);
    else
        snprintf(ret_person->display_name, TEXT_BYTES, "%s %s", ret_person->given->native,
                 ret_person->family->native);
    person_join(seed, ret_person);
}

void
group_name(uint32_t group, char ret_name[TEXT_BYTES])
{
    static const char *const names[GROUP_DEPARTMENTS] = {"all-students", "all-staff", "all-alumni",
                                                         "library-staff"};

    if (group < GROUP_DEPARTMENTS)
        snprintf(ret_name, TEXT_BYTES, "%s", names[group]);
    else if (group < GROUP_COURSES)
        snprintf(ret_name, TEXT_BYTES, "dept-%02u", group - GROUP_DEPARTMENTS);
    else
        snprintf(ret_name, TEXT_BYTES, "course-%05u", group - GROUP_COURSES);
}
