/* For a monitor: how old the last success is, and how many are held. Exit status 0 well, 1 too old
 * or somebody is held, 3 not known.
 *
 *     cc -o status status.c $(pkg-config --cflags --libs ldap2alma)
 *     ./status /etc/ldap2alma/ldap2alma.yaml
 */
#include <ldap2alma.h>

#include <inttypes.h>
#include <stdio.h>

enum { WELL = 0, WORRYING = 1, UNKNOWN = 3, AGE_SECONDS_MOST = 26 * 3600 };

static int
judge(struct l2a *feed)
{
    int64_t age, held;

    /* A feed that never ran has no age. */
    if (l2a_status_measure(feed, "age", &age) != L2A_DONE ||
        l2a_status_measure(feed, "held", &held) != L2A_DONE) {
        printf("not known: %s\n", l2a_error_text(feed));
        return UNKNOWN;
    }
    printf("last success %" PRId64 " h ago, %" PRId64 " held\n", age / 3600, held);
    return age > AGE_SECONDS_MOST || held > 0 ? WORRYING : WELL;
}

int
main(int argc, char **argv)
{
    struct l2a *feed = l2a_new();
    int verdict = UNKNOWN;

    if (l2a_load(feed, argc > 1 ? argv[1] : "ldap2alma.yaml") == L2A_DONE &&
        l2a_status(feed, L2A_STATUS_OFFLINE) == L2A_DONE)
        verdict = judge(feed);
    else
        printf("not known: %s\n", l2a_error_text(feed));
    l2a_free(feed);
    return verdict;
}
