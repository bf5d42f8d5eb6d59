/* mapping_bench [PEOPLE]: how fast entries become users, without directory and XML.
 *
 * Two mappings: one of the usual size, on people with names in several scripts, several mails,
 * phones and groups; and a ladder of 10,000 conditions of which the last matches. Prints people
 * per second and nanoseconds a person and a field.
 */
#include "mapping_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PEOPLE = 500000, LADDER = 10000, SAMPLES = 4 };

static const char usual[] =
    "mapping: 1\n"
    "match_id: primary_id\n"
    "select: \"(!(userAccountControl:1.2.840.113556.1.4.803:=2))\"\n"
    "tables:\n"
    "  groups: { staff: STAFF, faculty: FACULTY, student: STUDENT }\n"
    "require: [last_name, user_group, emails]\n"
    "user:\n"
    "  primary_id: ${sAMAccountName | lower}\n"
    "  first_name: ${givenName}\n"
    "  last_name: ${sn}\n"
    "  user_title: ${title}\n"
    "  job_description: ${department}\n"
    "  user_group:\n"
    "    - when: (memberOf=CN=Library Staff,OU=Groups,DC=example,DC=edu)\n"
    "      value: LIBSTAFF\n"
    "    - ${employeeType | lookup groups}\n"
    "    - COMMUNITY\n"
    "  campus_code: MAIN\n"
    "  preferred_language: ${preferredLanguage | take 2 | default en}\n"
    "  expiry_date: [\"${accountExpires | filetime}\", \"${today | next 08-31}\"]\n"
    "  purge_date: ${alma.expiry_date | plus 1y}\n"
    "  addresses:\n"
    "    - { line1: \"${streetAddress | line 1}\", line2: \"${streetAddress | line 2}\",\n"
    "        city: \"${l}\", postal_code: \"${postalCode}\", country: \"${co | country}\",\n"
    "        address_types: [work] }\n"
    "  emails:\n"
    "    - { each: \"${mail}\", email_address: \"${each}\", email_types: [work] }\n"
    "  phones:\n"
    "    - { each: \"${telephoneNumber}\", phone_number: \"${each}\", phone_types: [office] }\n"
    "    - { phone_number: \"${mobile | replace '[^+0-9]' ''}\", phone_types: [mobile] }\n"
    "  user_identifiers:\n"
    "    - { id_type: BARCODE, value: \"${employeeID}\" }\n"
    "    - { id_type: UNIV_ID, value: \"${employeeNumber | prefix U}\" }\n";

static const char *const names[SAMPLES][2] = {
    {"Ana", "Ruiz"},
    {"Zo\xc3\xab", "N\xc3\xba\xc3\xb1"
                   "ez"},
    {"Jose\xcc\x81", "Garci\xcc\x81"
                     "a"},
    {"\xe6\x98\x8e", "\xe6\x9d\x8e"},
};

static struct entry
person(struct sample *sample, int index)
{
    char text[2048];
    int length = snprintf(
        text, sizeof text,
        "dn: CN=Person %d,OU=Staff,DC=example,DC=edu\nsAMAccountName: Person%d\ngivenName: %s\n"
        "sn: %s\ntitle: Dr.\ndepartment: Department of Applied Things\nemployeeType: Faculty\n"
        "userAccountControl: 512\naccountExpires: 134642304000000000\n"
        "memberOf: CN=Everybody,OU=Groups,DC=example,DC=edu\n"
        "memberOf: CN=Applied Things,OU=Groups,DC=example,DC=edu\n"
        "memberOf: CN=VPN users,OU=Groups,DC=example,DC=edu\npreferredLanguage: en-US\n"
        "streetAddress: 1 Main Street$Building 7\nl: Springfield\npostalCode: 12345\nco: Germany\n"
        "mail: person%d@example.edu\nmail: p.%d@lists.example.edu\n"
        "telephoneNumber: +1 555 010 77%02d\ntelephoneNumber: +1 555 010 78%02d\n"
        "mobile: +1 (555) 010-79%02d\nemployeeID: 20%d\nemployeeNumber: %d\n",
        index, index, names[index][0], names[index][1], index, index, index, index, index, index,
        index);

    return sample_entry(sample, (struct slice){text, (size_t)length});
}

static size_t
count_fields(const struct user *user)
{
    size_t fields = 0;

    for (size_t i = 0; i < user_field_count; i++) {
        fields += user->values[i].text.data != NULL;
        for (size_t j = 0; j < user->lists[i].count; j++)
            for (size_t k = 0; k < user_fields[i].field_count; k++)
                fields += user->lists[i].items[j].values[k].text.data ||
                          user->lists[i].items[j].values[k].code_count > 0;
    }
    return fields;
}

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
measure(const char *what, struct slice mapping, size_t people)
{
    struct sample sample;
    struct entry entries[SAMPLES];
    struct arena *arena = arena_new();
    size_t fields = 0;
    double start, spent;

    sample_open(&sample, mapping);
    if (!sample.mapping) {
        fprintf(stderr, "%.*s", (int)sample.messages.length, sample.messages.data);
        exit(1);
    }
    for (int i = 0; i < SAMPLES; i++) {
        entries[i] = person(&sample, i);
        mapping_apply(sample.mapping, &entries[i], arena, &sample.user, NULL);
        fields += count_fields(&sample.user);
    }
    start = seconds();
    for (size_t i = 0; i < people; i++) {
        arena_reset(arena);
        mapping_apply(sample.mapping, &entries[i % SAMPLES], arena, &sample.user, NULL);
    }
    spent = seconds() - start;
    printf("%-10s %9.0f people/s  %7.0f ns/person  %4zu fields  %6.0f ns/field\n", what,
           (double)people / spent, spent * 1e9 / (double)people, fields / SAMPLES,
           spent * 1e9 / (double)people / ((double)fields / SAMPLES));
    arena_free(arena);
    sample_close(&sample);
}

int
main(int count, char **arguments)
{
    size_t people = count > 1 ? strtoul(arguments[1], NULL, 10) : PEOPLE;
    struct buffer ladder = BUFFER_INIT;

    measure("usual", slice_of(usual), people);
    buffer_add_text(&ladder, "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: "
                             "${sAMAccountName}\n  user_group:\n");
    for (int i = 0; i < LADDER; i++)
        buffer_format(&ladder, "    - { when: \"(employeeType=%s%d)\", value: G%d }\n",
                      i + 1 < LADDER ? "job code " : "faculty", i, i);
    buffer_add_text(&ladder, "    - OTHER\n");
    measure("ladder", (struct slice){ladder.data, ladder.length}, people);
    buffer_free(&ladder);
    return 0;
}
