/* A first run that delivers nothing: who would be sent, and what is wrong with whom.
 *
 *     cc -o first_run first_run.c $(pkg-config --cflags --libs ldap2alma)
 *     ./first_run /etc/ldap2alma/ldap2alma.yaml
 */
#include <ldap2alma.h>

#include <stdio.h>

static void
say(void *context, int level, const char *text)
{
    (void)context;
    if (level <= L2A_WARNING)
        fprintf(stderr, "%s\n", text);
}

int
main(int argc, char **argv)
{
    struct l2a *feed = l2a_new();
    const char *report;
    int status;

    l2a_on_message(feed, say, NULL);
    status = l2a_load(feed, argc > 1 ? argv[1] : "ldap2alma.yaml");
    if (status == L2A_DONE)
        status = l2a_run(feed, L2A_RUN_DRY);
    if (status != L2A_DONE)
        fprintf(stderr, "%s: %s\n%s\n", l2a_status_name(status), l2a_error_text(feed),
                l2a_error_hint(feed));
    /* There is one also of a run that failed. */
    report = l2a_report(feed, "text");
    if (report)
        fputs(report, stdout);
    l2a_free(feed);
    return status;
}
