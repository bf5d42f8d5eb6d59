/* People who are pushed one by one, listed, and delivered. The settings have
 * `directory: { push: {} }`.
 *
 *     cc -o push_people push_people.c $(pkg-config --cflags --libs ldap2alma)
 *     ./push_people ldap2alma.yaml
 */
#include <ldap2alma.h>

#include <stdio.h>
#include <string.h>

static const struct {
    const char *dn, *uid, *surname, *mail;
} people[] = {
    {"uid=aruiz,dc=example,dc=edu", "aruiz", "Ruiz", "a.ruiz@example.edu"},
    {"uid=bcole,dc=example,dc=edu", "bcole", "Cole", "b.cole@example.edu"},
    {"uid=nobody,dc=example,dc=edu", "nobody", NULL, NULL},
};

static void
add(struct l2a_entry *entry, const char *attribute, const char *value)
{
    if (value)
        (void)l2a_entry_add(entry, attribute, value, strlen(value));
}

/* L2A_DONE and L2A_STOPPED both mean that the person is safe with the library. */
static int
push(struct l2a *feed, size_t number)
{
    struct l2a_entry *entry = l2a_entry_new(people[number].dn);
    int status;

    add(entry, "uid", people[number].uid);
    add(entry, "sn", people[number].surname);
    add(entry, "mail", people[number].mail);
    status = l2a_put(feed, entry);
    printf("%s: %s %s\n", people[number].uid, l2a_status_name(status), l2a_error_text(feed));
    l2a_entry_free(entry);
    return status == L2A_STOPPED ? L2A_DONE : status;
}

static int
show(void *context, const char *ldif, size_t length)
{
    (void)context;
    /* Anything but 0 ends the list: nobody reads it any more. */
    return fwrite(ldif, 1, length, stdout) < length;
}

int
main(int argc, char **argv)
{
    static const char *const attributes[] = {"uid"};
    struct l2a *feed = l2a_new();
    int status = l2a_load(feed, argc > 1 ? argv[1] : "ldap2alma.yaml");
    int refused = 0;

    if (status == L2A_DONE)
        for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
            refused += push(feed, i) != L2A_DONE;
    if (status == L2A_DONE)
        status = l2a_list(feed, "(sn=*)", attributes, 1, show, NULL);
    if (status == L2A_DONE)
        status = l2a_run(feed, 0);
    if (status == L2A_DONE)
        printf("delivered; %d refused\n", refused);
    else
        fprintf(stderr, "%s\n", l2a_error_text(feed));
    l2a_free(feed);
    return status;
}
