/* people: writes the directory of a made-up university as LDIF, for tests, demo and bench.
 *
 *     people [-n COUNT] [-s SEED] [-b BASE] [--defects[=all]] > directory.ldif
 *
 * Organization, ou=people, ou=groups, ou=services; the account cn=connector,ou=services with the
 * password "connector-password"; groups with their members, and memberOf on the people. Person
 * number i is the same whatever the count, so a small directory is the beginning of a large one.
 * --defects adds one person for each kind of defect that a directory server takes (see
 * people_defects.c); --defects=all also those that only an LDIF file can carry.
 *
 * The schema is tests/support/slapd/university.schema.
 */
#include "ldif_write.h"
#include "people.h"
#include "people_defects.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PHOTO_MOST = 8192, OUTPUT_BYTES = 1 << 20 };

/* Defective people are numbered far above the others. */
#define DEFECTS_BEGIN UINT64_C(8000000)

struct university {
    FILE *out;
    const char *base;
    uint64_t seed;
    uint64_t people;
    bool with_ids;               /* entryUUID, as a server would give */
    const struct defect *defect; /* of the person that is being written, or NULL */
};

static bool
defect_hides(const struct defect *defect, const char *attribute)
{
    if (!defect)
        return false;
    if (defect->attribute && strcmp(attribute, defect->attribute) == 0)
        return true;
    for (size_t i = 0; i < sizeof defect->without / sizeof defect->without[0]; i++)
        if (defect->without[i] && strcmp(attribute, defect->without[i]) == 0)
            return true;
    return false;
}

static void
put(const struct university *university, const char *attribute, const char *value)
{
    if (!defect_hides(university->defect, attribute))
        ldif_write(university->out, attribute, value, strlen(value));
}

/* Formats a value of at most TEXT_BYTES. */
static void __attribute__((format(printf, 3, 4)))
put_format(const struct university *university, const char *attribute, const char *format, ...)
{
    char value[TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    put(university, attribute, value);
}

static void
put_names(const struct university *university, const struct person *person)
{
    uint64_t number = person->number;
    char given[TEXT_BYTES], display[TEXT_BYTES];

    snprintf(given, sizeof given, "%s", person->given->native);
    snprintf(display, sizeof display, "%s", person->display_name);
    if (number % 20 == 3) {
        text_decompose(given);
        text_decompose(display);
    }
    put(university, "uid", person->uid);
    put(university, "cn", display);
    put(university, "sn", person->family->native);
    put(university, "givenName", given);
    put(university, "displayName", display);
    put(university, "schacPersonalTitle",
        personal_titles[people_draw(university->seed, number, DRAW_TITLE, personal_title_count)]);
}

static void
put_phone(const struct university *university, const struct person *person, const char *attribute,
          enum draw what)
{
    unsigned subscriber = (unsigned)people_draw(university->seed, person->number, what, 1000000);

    put_format(university, attribute, "+%u 555 %03u %03u", 30 + subscriber % 60, subscriber / 1000,
               subscriber % 1000);
}

/* Lines between `$`; a `$` or `\` of the text itself is \24 or \5C (RFC 4517, 3.3.28). */
static void
put_addresses(const struct university *university, const struct person *person)
{
    uint64_t number = person->number;
    unsigned house = 1 + (unsigned)people_draw(university->seed, number, DRAW_HOUSE, 200);
    unsigned postcode = (unsigned)people_draw(university->seed, number, DRAW_POSTCODE, 100000);
    const struct city *city = person->city, *home = person->home;

    put_format(university, "postalAddress", "%s%s$%u %s$%05u %s$%s",
               departments[person->department],
               number % 50 == 7 ? " (rent \\24500, C:\\5Cdept)" : "", house, city->street, postcode,
               city->name, city->country);
    put(university, "l", city->name);
    put_format(university, "postalCode", "%05u", postcode);
    if (number % 2 == 0)
        put_format(university, "homePostalAddress", "%u %s$%05u %s$%s", house + 7, home->street,
                   postcode ^ 77, home->name, home->country);
}

static void
put_contact(const struct university *university, const struct person *person)
{
    unsigned long long number = person->number;
    const char *given = person->given->ascii, *family = person->family->ascii;

    if (number % 200 != 11)
        put_format(university, "mail", "%s.%s.%llu@example.edu", given, family, number);
    if (number % 5 == 0)
        put_format(university, "mail", "%s%llu@mail.example.org", given, number);
    if (number % 40 == 0)
        put_format(university, "mail", "%s@example.com", person->uid);
    put_phone(university, person, "telephoneNumber", DRAW_PHONE);
    if (number % 10 == 0)
        put_phone(university, person, "telephoneNumber", DRAW_SECOND_PHONE);
    if (number % 3 == 0)
        put_phone(university, person, "mobile", DRAW_MOBILE);
    put_addresses(university, person);
    if (person->kind->employee && number % 2 == 0)
        put_format(university, "labeledURI", "https://people.example.edu/~%s Home page",
                   person->uid);
}

static void
put_roles(const struct university *university, const struct person *person)
{
    const struct kind *kind = person->kind;

    put(university, "employeeType", kind->employee_type);
    put_format(university, "employeeNumber", "E%08llu", (unsigned long long)person->number);
    put(university, "departmentNumber", departments[person->department]);
    if (kind->job)
        put(university, "title", kind->job);
    put(university, "preferredLanguage", person->city->language);
    put_format(university, "eduPersonPrincipalName", "%s@Example.edu", person->uid);
    put(university, "eduPersonPrimaryAffiliation", kind->primary_affiliation);
    for (const char *const *affiliation = kind->affiliations; *affiliation; affiliation++)
        put(university, "eduPersonAffiliation", *affiliation);
    put(university, "eduPersonEntitlement", "urn:mace:dir:entitlement:common-lib-terms");
}

static void
put_library_card(const struct university *university, const struct person *person)
{
    uint64_t number = person->number;
    unsigned born = (unsigned)people_draw(university->seed, number, DRAW_BIRTH_DATE, 60 * 12 * 28);
    unsigned expiry = (unsigned)people_draw(university->seed, number, DRAW_EXPIRY, 5);

    put_format(university, "libraryBarcode", "29%012llu", (unsigned long long)number * 37);
    put_format(university, "schacDateOfBirth", "%u%02u%02u", 1948 + born / (12 * 28),
               1 + born / 28 % 12, 1 + born % 28);
    put_format(university, "schacExpiryDate", "%u0930215959Z", 2028 + expiry);
}

static void
put_groups(const struct university *university, const struct person *person)
{
    char name[TEXT_BYTES];

    for (size_t i = 0; i < person->group_count; i++) {
        group_name(person->groups[i], name);
        put_format(university, "memberOf", "cn=%s,ou=groups,%s", name, university->base);
    }
}

/* One in fifty has a picture: not a real one, but bytes as many as a real one has. */
static void
put_photo(const struct university *university, const struct person *person)
{
    unsigned char photo[PHOTO_MOST] = {0xff, 0xd8, 0xff, 0xe0};
    size_t length = 3000 + people_draw(university->seed, person->number, DRAW_PHOTO_SIZE, 5000);

    if (people_draw(university->seed, person->number, DRAW_PHOTO, 50) != 0)
        return;
    for (size_t i = 4; i < length; i++)
        photo[i] = (unsigned char)people_draw(university->seed, person->number,
                                              DRAW_PHOTO_BYTES + (unsigned)i % 500, 256);
    ldif_write(university->out, "jpegPhoto", photo, length);
}

static void
put_person(const struct university *university, const struct person *person)
{
    fputs_unlocked("objectClass: inetOrgPerson\nobjectClass: eduPerson\n"
                   "objectClass: universityPerson\n",
                   university->out);
    if (university->with_ids)
        put_format(university, "entryUUID", "%08llx-%04llx-4000-8000-%012llx",
                   (unsigned long long)person->number * 2654435761u & 0xffffffffu,
                   (unsigned long long)(person->number & 0xffff),
                   (unsigned long long)person->number);
    put_names(university, person);
    put_contact(university, person);
    put_roles(university, person);
    put_library_card(university, person);
    put_groups(university, person);
    put_photo(university, person);
}

static void
put_defect_values(const struct university *university, const struct defect *defect)
{
    size_t length = defect->length ? defect->length : strlen(defect->value);
    unsigned repeats = defect->repeats ? defect->repeats : 1;
    char *value = malloc(length * repeats + 1);

    if (!value)
        abort();
    for (unsigned i = 0; i < repeats; i++)
        memcpy(value + i * length, defect->value, length);
    value[length * repeats] = '\0';
    if (defect->values == 0)
        ldif_write(university->out, defect->attribute, value, length * repeats);
    for (unsigned i = 0; i < defect->values; i++) {
        char numbered[TEXT_BYTES];
        int bytes = snprintf(numbered, sizeof numbered, "%s%u", value, i);

        ldif_write(university->out, defect->attribute, numbered, (size_t)bytes);
    }
    free(value);
}

static void
write_defect(struct university *university, const struct defect *defect, uint64_t number)
{
    struct person person;
    char name[TEXT_BYTES];

    university->defect = defect;
    person_make(university->seed, defect->twin ? 1 : number, &person);
    person.group_count = 0; /* the groups were written from the other people */
    snprintf(name, sizeof name, "defect %s", defect->name);
    fprintf(university->out, "dn: %s%s,ou=people,%s\n",
            defect->rdn ? "" : "cn=", defect->rdn ? defect->rdn : name, university->base);
    ldif_write(university->out, "cn", defect->cn ? defect->cn : name,
               strlen(defect->cn ? defect->cn : name));
    put_person(university, &person);
    if (defect->attribute)
        put_defect_values(university, defect);
    putc_unlocked('\n', university->out);
    university->defect = NULL;
}

static void
write_top(const struct university *university)
{
    static const char *const units[] = {"people", "groups", "services"};
    const char *base = university->base;
    size_t dc_length = strcspn(base, ",") - strlen("dc=");

    fprintf(university->out,
            "dn: %s\nobjectClass: dcObject\nobjectClass: organization\no: Example University\n"
            "dc: %.*s\n\n",
            base, (int)dc_length, base + strlen("dc="));
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        fprintf(university->out, "dn: ou=%s,%s\nobjectClass: organizationalUnit\nou: %s\n\n",
                units[i], base, units[i]);
    fprintf(
        university->out,
        "dn: cn=connector,ou=services,%s\nobjectClass: organizationalRole\n"
        "objectClass: simpleSecurityObject\ncn: connector\nuserPassword: connector-password\n\n",
        base);
}

static void
write_people(const struct university *university)
{
    struct person person;

    for (uint64_t number = 1; number <= university->people; number++) {
        person_make(university->seed, number, &person);
        fprintf(university->out, "dn: uid=%s,ou=people,%s\n", person.uid, university->base);
        put_person(university, &person);
        putc_unlocked('\n', university->out);
    }
}

static void
write_group(const struct university *university, uint32_t group, const uint32_t *members,
            size_t count)
{
    struct person person;
    char name[TEXT_BYTES];

    if (count == 0)
        return; /* a groupOfNames needs a member */
    group_name(group, name);
    fprintf(university->out, "dn: cn=%s,ou=groups,%s\nobjectClass: groupOfNames\ncn: %s\n", name,
            university->base, name);
    for (size_t i = 0; i < count; i++) {
        person_make(university->seed, members[i], &person);
        fprintf(university->out, "member: uid=%s,ou=people,%s\n", person.uid, university->base);
    }
    putc_unlocked('\n', university->out);
}

/* Two passes over the people: how many members each group has, then who they are. */
static void
write_groups(const struct university *university)
{
    uint64_t blocks = (university->people + PEOPLE_PER_BLOCK - 1) / PEOPLE_PER_BLOCK;
    size_t group_count = GROUP_COURSES + blocks * COURSES_PER_BLOCK;
    size_t *ends = calloc(group_count + 1, sizeof *ends);
    uint32_t *members = malloc((university->people * GROUPS_MOST + 1) * sizeof *members);
    struct person person;

    if (!ends || !members)
        abort();
    for (uint64_t number = 1; number <= university->people; number++) {
        person_make(university->seed, number, &person);
        for (size_t i = 0; i < person.group_count; i++)
            ends[person.groups[i] + 1]++;
    }
    for (size_t group = 1; group <= group_count; group++)
        ends[group] += ends[group - 1];
    for (uint64_t number = 1; number <= university->people; number++) {
        person_make(university->seed, number, &person);
        for (size_t i = 0; i < person.group_count; i++)
            members[ends[person.groups[i]]++] = (uint32_t)number;
    }
    for (size_t group = 0, begin = 0; group < group_count; begin = ends[group++])
        write_group(university, (uint32_t)group, members + begin, ends[group] - begin);
    free(members);
    free(ends);
}

static void
write_defects(struct university *university, bool ldif_only)
{
    for (size_t i = 0; i < defect_count; i++)
        if (ldif_only || !defects[i].ldif_only)
            write_defect(university, &defects[i], DEFECTS_BEGIN + i);
}

static int
usage(void)
{
    fputs("usage: people [-n COUNT] [-s SEED] [-b dc=BASE,...] [--defects[=all]]"
          " [--no-groups] [--ids]\n",
          stderr);
    return 64;
}

int
main(int argc, char **argv)
{
    static const struct option long_options[] = {{"defects", optional_argument, NULL, 'd'},
                                                 {"no-groups", no_argument, NULL, 'g'},
                                                 {"ids", no_argument, NULL, 'i'},
                                                 {NULL, 0, NULL, 0}};
    static char output[OUTPUT_BYTES];
    struct university university = {
        .out = stdout, .base = "dc=example,dc=edu", .seed = people_seed(1), .people = 1000};
    const char *with_defects = NULL;
    bool with_groups = true;
    int option;

    while ((option = getopt_long(argc, argv, "n:s:b:", long_options, NULL)) != -1) {
        const char *value = optarg ? optarg : "server"; /* only --defects may have none */

        if (option == 'n')
            university.people = strtoull(value, NULL, 10);
        else if (option == 's')
            university.seed = people_seed(strtoull(value, NULL, 10));
        else if (option == 'b')
            university.base = value;
        else if (option == 'd')
            with_defects = value;
        else if (option == 'g')
            with_groups = false;
        else if (option == 'i')
            university.with_ids = true;
        else
            return usage();
    }
    if (optind != argc || strncmp(university.base, "dc=", 3) != 0 ||
        university.people >= DEFECTS_BEGIN)
        return usage();
    setvbuf(stdout, output, _IOFBF, sizeof output);
    write_top(&university);
    write_people(&university);
    if (with_defects)
        write_defects(&university, strcmp(with_defects, "all") == 0);
    if (with_groups)
        write_groups(&university);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
