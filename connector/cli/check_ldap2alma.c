/* check_ldap2alma: the plug-in for Nagios, Icinga and others that speak their language, after the
 * Monitoring Plugins Development Guidelines
 * (https://www.monitoring-plugins.org/doc/guidelines.html): one line of text and perfdata on
 * standard output; the exit status is the service's state.
 */
#include "cli/complete.h"
#include "cli/process.h"
#include "cli/range.h"
#include "ldap2alma.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTINGS "/etc/ldap2alma/ldap2alma.yaml"

enum state { OK, WARNING, CRITICAL, UNKNOWN };

enum { MEASURES_MOST = 32, TIMEOUT_SECONDS = 10, TIMEOUT_MOST_SECONDS = 3600, REASON_BYTES = 1024 };

static const char *const state_names[] = {
    [OK] = "OK", [WARNING] = "WARNING", [CRITICAL] = "CRITICAL", [UNKNOWN] = "UNKNOWN"};

/* The limits that hold unless others are given: a feed that runs each night. */
static const struct {
    const char *name, *warning, *critical;
} usual[] = {
    {"age", "26h", "50h"},  {"failed", "0", "1"},          {"stopped", NULL, "0"},
    {"outbox", "0", NULL},  {"waiting_age", "26h", "50h"}, {"running", "6h", "24h"},
    {"refused", "0", NULL},
};

struct limit {
    char name[32], unit[4];
    struct range warning, critical;
    bool given; /* not the usual ones */
};

struct check {
    struct l2a *feed;
    const char *config;
    unsigned flags, timeout, verbosity;
    struct limit limits[MEASURES_MOST];
    size_t limit_count;
    enum state state;
    char reason[REASON_BYTES]; /* of the first message */
};

/* A bar would begin the perfdata, a line's end long text. */
static void
print_text(const char *text)
{
    for (; *text && *text != '\n'; text++)
        putchar(*text == '|' ? '/' : *text);
}

static int __attribute__((format(printf, 1, 2))) fail(const char *format, ...)
{
    char text[2 * REASON_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("LDAP2ALMA UNKNOWN - ");
    print_text(text);
    putchar('\n');
    return UNKNOWN;
}

static void
give_up(int signal)
{
    static const char text[] = "LDAP2ALMA UNKNOWN - no answer within the time limit\n";

    (void)signal;
    (void)!write(STDOUT_FILENO, text, sizeof text - 1);
    _exit(UNKNOWN);
}

static void
keep_reason(void *context, int level, const char *text)
{
    struct check *check = context;

    if (level == L2A_ERROR && !check->reason[0])
        snprintf(check->reason, sizeof check->reason, "%s", text);
}

static struct limit *
find_limit(struct check *check, const char *name, size_t length)
{
    for (size_t i = 0; i < check->limit_count; i++)
        if (strlen(check->limits[i].name) == length &&
            strncmp(check->limits[i].name, name, length) == 0)
            return &check->limits[i];
    return NULL;
}

static void
set_usual_limits(struct check *check)
{
    const char *name;

    for (size_t i = 0; i < MEASURES_MOST; i++) {
        struct limit *limit = &check->limits[i];

        name = l2a_table_cell(check->feed, L2A_TABLE_MEASURES, i, 0);
        if (!name)
            break;
        snprintf(limit->name, sizeof limit->name, "%s", name);
        snprintf(limit->unit, sizeof limit->unit, "%s",
                 l2a_table_cell(check->feed, L2A_TABLE_MEASURES, i, 1));
        check->limit_count++;
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        struct limit *limit = find_limit(check, usual[i].name, strlen(usual[i].name));

        if (usual[i].warning)
            range_parse(usual[i].warning, &limit->warning);
        if (usual[i].critical)
            range_parse(usual[i].critical, &limit->critical);
    }
}

/* "RANGE", of the age, or "MEASURE=RANGE"; an empty range takes the limit away. */
static bool
set_limit(struct check *check, const char *text, bool critical)
{
    const char *equals = strchr(text, '=');
    struct limit *limit = equals ? find_limit(check, text, (size_t)(equals - text))
                                 : find_limit(check, "age", strlen("age"));
    struct range *range;

    if (!limit)
        return false;
    range = critical ? &limit->critical : &limit->warning;
    limit->given = true;
    text = equals ? equals + 1 : text;
    range->set = false;
    return (equals && !*text) || range_parse(text, range);
}

static bool
set_timeout(struct check *check, const char *text)
{
    char *end;
    unsigned long seconds = strtoul(text, &end, 10);

    check->timeout = (unsigned)seconds;
    return text[0] >= '0' && text[0] <= '9' && !*end && seconds > 0 &&
           seconds <= TIMEOUT_MOST_SECONDS;
}

_Static_assert(TIMEOUT_SECONDS == 10, "--help says so");

static const struct option_row options[] = {
    {"config", "FILE", "the settings; else " SETTINGS, .letter = 'f'},
    {"offline", NULL, "ask no server whether Alma has taken the packages", .letter = 'o'},
    {"warning", "[MEASURE=]RANGE", "the state is WARNING outside of this range", .letter = 'w'},
    {"critical", "[MEASURE=]RANGE", "the state is CRITICAL outside of this range", .letter = 'c'},
    {"timeout", "SECONDS", "give up and be UNKNOWN after so long; else 10", .letter = 't'},
    {"verbose", NULL, "show the whole status below", .letter = 'v'},
    {"version", NULL, "the version", .letter = 'V'},
    {.name = NULL},
};

static const struct command program = {
    NULL, "", "Tells a monitoring system whether a feed of ldap2alma is well", options, NULL};

static int
print_help(struct check *check)
{
    printf("check_ldap2alma %s\n%s.\n\nusage: check_ldap2alma [OPTION...]\n\n", l2a_version(),
           program.help);
    options_print(options);
    puts("\nA RANGE is that of all such plug-ins, a number in it may have a unit: 26h, 2d.\n"
         "Without MEASURE it is for age; an empty one takes a limit away. Measures:");
    for (size_t i = 0; i < check->limit_count; i++) {
        const struct limit *limit = &check->limits[i];

        printf("  %-12s %s", limit->name, l2a_table_cell(check->feed, L2A_TABLE_MEASURES, i, 2));
        for (size_t k = 0; k < sizeof usual / sizeof usual[0]; k++)
            if (strcmp(usual[k].name, limit->name) == 0)
                printf("\n  %-12s -w %s -c %s", "", usual[k].warning ? usual[k].warning : "''",
                       usual[k].critical ? usual[k].critical : "''");
        putchar('\n');
    }
    return UNKNOWN; /* as the guidelines want it: nobody has looked */
}

/* -1: go on; else the exit status. */
static int
take_option(struct check *check, int option, char **argv)
{
    switch (option) {
    case 'f':
        check->config = optarg;
        return -1;
    case 'o':
        check->flags |= L2A_STATUS_OFFLINE;
        return -1;
    case 'v':
        check->verbosity++;
        return -1;
    case 'w':
    case 'c':
        if (set_limit(check, optarg, option == 'c'))
            return -1;
        return fail("'%s' is no [MEASURE=]RANGE; --help tells what there is", optarg);
    case 't':
        if (set_timeout(check, optarg))
            return -1;
        return fail("'%s' is no number of seconds from 1 to %d", optarg, TIMEOUT_MOST_SECONDS);
    case 'h':
        return print_help(check);
    case 'V':
        printf("check_ldap2alma %s\n", l2a_version());
        return UNKNOWN;
    default:
        return fail("bad option '%s'; --help tells what there is", argv[optind - 1]);
    }
}

static int
read_options(struct check *check, int argc, char **argv)
{
    struct options_vectors vectors;
    int option, status = -1;

    options_make(options, &vectors);
    opterr = 0;
    while (status < 0 &&
           (option = getopt_long(argc, argv, vectors.letters + 1, vectors.options, NULL)) != -1)
        status = take_option(check, option, argv);
    if (status < 0 && optind < argc)
        return fail("too many arguments: '%s'", argv[optind]);
    return status;
}

static enum state
judge(const struct limit *limit, bool known, int64_t value)
{
    /* Without a success its age is beyond every limit. */
    bool never =
        !known && (strcmp(limit->name, "age") == 0 || strcmp(limit->name, "photos_age") == 0);

    if (!known && !never)
        return OK;
    if (never ? limit->critical.set : range_alarms(&limit->critical, (double)value))
        return CRITICAL;
    if (never ? limit->warning.set : range_alarms(&limit->warning, (double)value))
        return WARNING;
    return OK;
}

/* The measures that raise an alarm, in words, and the state that they make. */
static void
judge_all(struct check *check, char *ret_words, size_t size)
{
    size_t length = 0;

    ret_words[0] = '\0';
    for (size_t i = 0; i < check->limit_count; i++) {
        const struct limit *limit = &check->limits[i];
        int64_t value = 0;
        bool known = l2a_status_measure(check->feed, limit->name, &value) == L2A_DONE;
        enum state state = judge(limit, known, value);

        if (state == OK)
            continue;
        if (state > check->state)
            check->state = state;
        length += (size_t)snprintf(ret_words + length, size - length, "%s%s ", length ? ", " : "",
                                   limit->name);
        length += known ? (size_t)snprintf(ret_words + length, size - length, "%" PRId64 "%s",
                                           value, limit->unit)
                        : (size_t)snprintf(ret_words + length, size - length, "unknown");
    }
}

static void
print_perfdata(struct check *check)
{
    const char *bar = " |";

    for (size_t i = 0; i < check->limit_count; i++) {
        const struct limit *limit = &check->limits[i];
        int64_t value;

        if (l2a_status_measure(check->feed, limit->name, &value) != L2A_DONE)
            continue;
        printf("%s %s=%" PRId64 "%s;", bar, limit->name, value, limit->unit);
        range_print(&limit->warning, stdout);
        putchar(';');
        range_print(&limit->critical, stdout);
        fputs(";0", stdout);
        bar = "";
    }
}

/* Runs that have nothing to send do not ask whether Alma has taken a package, so that one may seem
 * to wait for long. */
static void
bear_with_unasked(struct check *check)
{
    struct limit *limit = find_limit(check, "waiting_age", strlen("waiting_age"));

    if ((check->flags & L2A_STATUS_OFFLINE) && limit && !limit->given)
        limit->warning.set = limit->critical.set = false;
}

static int
tell(struct check *check, bool asked)
{
    char words[MEASURES_MOST * 64], unasked[REASON_BYTES] = "";

    if (!asked)
        snprintf(unasked, sizeof unasked, "%s", l2a_error_text(check->feed));
    judge_all(check, words, sizeof words);
    if (check->state == OK && !asked)
        check->state = UNKNOWN;
    printf("LDAP2ALMA %s - ", state_names[check->state]);
    if (words[0])
        printf("%s - ", words);
    print_text(l2a_status_report(check->feed, "line", 0));
    if (!asked) {
        fputs(", the server could not be asked: ", stdout);
        print_text(unasked);
    }
    print_perfdata(check);
    putchar('\n');
    if (check->verbosity > 0)
        for (const char *text = l2a_status_report(check->feed, "text", 0); *text; text++)
            putchar(*text == '|' ? '/' : *text);
    return (int)check->state;
}

static int
look(struct check *check)
{
    int status = l2a_load(check->feed, check->config);

    if (status != L2A_DONE)
        return fail("%s%s%s", l2a_error_text(check->feed), check->reason[0] ? ": " : "",
                    check->reason);
    status = l2a_status(check->feed, check->flags);
    if (!l2a_status_report(check->feed, "line", 0))
        return fail("%s", l2a_error_text(check->feed));
    return tell(check, status == L2A_DONE);
}

int
main(int argc, char **argv)
{
    struct check check = {.config = SETTINGS, .timeout = TIMEOUT_SECONDS};
    int status;

    process_prepare();
    check.feed = l2a_new();
    set_usual_limits(&check);
    if (argc > 1 && strcmp(argv[1], "complete") == 0) {
        complete_print(&(struct complete_program){check.feed, &program, NULL}, argv + 2, argc - 2);
        status = OK;
    } else {
        status = read_options(&check, argc, argv);
    }
    if (status < 0) {
        signal(SIGALRM, give_up);
        alarm(check.timeout);
        l2a_on_message(check.feed, keep_reason, &check);
        bear_with_unasked(&check);
        status = look(&check);
        alarm(0);
    }
    l2a_free(check.feed);
    return fflush(stdout) == 0 ? status : UNKNOWN;
}
