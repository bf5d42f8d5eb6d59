/* What a mapping makes of one person, without a settings file: the record for Alma, or why there
 * is none.
 *
 *     cc -o map_person map_person.c $(pkg-config --cflags --libs ldap2alma)
 *     ./map_person mapping.yaml uid=ARuiz,dc=example,dc=edu uid=ARuiz sn=Ruiz mail=ana@example.edu
 */
#include <ldap2alma.h>

#include <stdio.h>
#include <string.h>

/* The library wants a whole feed; where nothing is read and delivered its places do not matter. */
static int
load(struct l2a *feed, const char *mapping)
{
    static const char *const settings[][2] = {
        {"name", "example"}, {"directory.ldif", "-"}, {"delivery.folder", "."}};
    int status = l2a_set(feed, "mapping", mapping);

    for (size_t i = 0; i < sizeof settings / sizeof settings[0] && status == L2A_DONE; i++)
        status = l2a_set(feed, settings[i][0], settings[i][1]);
    return status == L2A_DONE ? l2a_load(feed, NULL) : status;
}

static struct l2a_entry *
make_person(const char *dn, char **attributes)
{
    struct l2a_entry *person = l2a_entry_new(dn);

    for (; *attributes; attributes++) {
        char *equals = strchr(*attributes, '=');

        if (!equals)
            continue;
        *equals = '\0';
        if (l2a_entry_add(person, *attributes, equals + 1, strlen(equals + 1)) != L2A_DONE)
            fprintf(stderr, "'%s' is no attribute\n", *attributes);
    }
    return person;
}

static void
show(struct l2a *feed)
{
    if (l2a_map_xml(feed))
        fputs(l2a_map_xml(feed), stdout);
    for (size_t row = 0; l2a_finding(feed, row, 0); row++)
        printf("%s (%s): %s\n", l2a_finding(feed, row, 1), l2a_finding(feed, row, 0),
               l2a_finding(feed, row, 3));
}

int
main(int argc, char **argv)
{
    struct l2a *feed = l2a_new();
    struct l2a_entry *person;
    int status;

    if (argc < 3)
        return L2A_USAGE;
    person = make_person(argv[2], argv + 3);
    status = load(feed, argv[1]);
    if (status == L2A_DONE) {
        status = l2a_map(feed, person);
        show(feed);
    }
    if (status != L2A_DONE)
        fprintf(stderr, "%s\n", l2a_error_text(feed));
    l2a_entry_free(person);
    l2a_free(feed);
    return status;
}
