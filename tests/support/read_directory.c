/* read_directory: reads a directory through directory/source.h and prints what it is handed.
 *
 * For tests and for measuring. Options (each takes a value unless said otherwise):
 *   --uri URI          a server; several are tried in order
 *   --srv DOMAIN  --site NAME   in their place
 *   --prefer NAME      the one of these names first
 *   --ldif FILE        in place of servers
 *   --tls MODE         auto, ldaps, starttls, none
 *   --ca FILE  --cert FILE  --key FILE
 *   --bind METHOD      simple, external, anonymous, gssapi
 *   --dn DN  --password FILE
 *   --keytab FILE  --principal NAME  --ticket-cache NAME
 *   --search SCOPE,FILTER,BASE    several are run in order
 *   --attribute NAME   several make the set
 *   --groups-base DN  --groups-filter FILTER  --groups-member NAME
 *   --page N  --connect-timeout S  --answer-timeout S
 *   --work MICROSECONDS   busy work for each entry, in place of mapping
 *   --count            no value: print no entries
 *   --fail-after N     the callback refuses entry N+1
 *   --changes WAY      asks for changes first, and reads whom they name, or everybody
 *   --mark FILE        the mark of the last run, and where that of this one goes, beside it
 *                      FILE.groups
 *   --names            no value: only asks, and reads nobody
 *   --memberships      no value: prints them
 *
 * Output, a line each: "named HEX-OF-ID", "present HEX-OF-ID", "changes OUTCOME way=… exhaustive=…
 * deletions=… memberships=… mark=BYTES server=…", "reason TEXT", "entry HEX-OF-DN", "value NAME
 * HEX", "membership SUM-OF-ENTRY SUM-BY-NAMES", "restart", "finding HEX-OF-DN TEXT", "message LEVEL
 * TEXT", at the end "result entries=… repeated=… referrals=… restarts=… server=…" and, on failure,
 * "error CODE TRANSIENT TEXT" and "hint TEXT". The exit status is that of the error's code.
 */
#include "base/arena.h"
#include "base/buffer.h"
#include "directory/changes.h"
#include "directory/ldap_source.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LIST_MOST = 16, USAGE_STATUS = 64 };

struct program {
    const char *uris[LIST_MOST];
    struct ldap_search searches[LIST_MOST];
    struct ldap_options options;
    struct attributes *attributes;
    const char *ldif, *prefer;
    const struct source *source;
    bool count, memberships;
    unsigned work_microseconds;
    long fail_after; /* -1: never */
    long entries;
    enum changes_way way;
    const char *mark; /* a file */
    bool asks_changes, names_only;
    struct directory_id *named;
    size_t named_count, named_capacity;
};

static void
print_hex(struct slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        printf("%02x", (unsigned char)bytes.data[i]);
}

static void
work(unsigned microseconds)
{
    struct timespec begin, now;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 <
           (long)microseconds);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct program *program = context;

    if (program->entries++ == program->fail_after)
        return error_set(err, ERROR_WRITE, "the callback was told to fail");
    if (program->work_microseconds > 0)
        work(program->work_microseconds);
    if (program->count)
        return true;
    printf("entry ");
    print_hex(entry->dn);
    putchar('\n');
    if (program->memberships)
        printf("membership %" PRIx64 " %" PRIx64 "\n", entry->membership.sum,
               source_membership(program->source, &entry->membership));
    for (size_t slot = 0; slot < attributes_count(entry->attributes); slot++)
        for (size_t i = 0; i < entry->slots[slot].count; i++) {
            printf("value %s ", attributes_name(entry->attributes, (int)slot));
            print_hex(entry->slots[slot].values[i]);
            putchar('\n');
        }
    return true;
}

static bool
restart(void *context, struct error *err)
{
    (void)context;
    (void)err;
    puts("restart");
    return true;
}

static void
print_finding(void *context, const struct finding *finding)
{
    (void)context;
    printf("finding ");
    print_hex(finding->dn);
    printf(" %.*s\n", SLICE_ARG(finding->text));
}

static void
print_message(void *context, enum message_level level, const char *text)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};

    (void)context;
    printf("message %s %s\n", names[level], text);
}

static void
print_id(const char *word, const struct directory_id *id)
{
    printf("%s ", word);
    print_hex((struct slice){(const char *)id->bytes, sizeof id->bytes});
    putchar('\n');
}

static void
take_named(void *context, const struct directory_id *id)
{
    struct program *program = context;

    if (program->named_count == program->named_capacity)
        memory_grow(&program->named, &program->named_capacity, program->named_count + 1,
                    sizeof *program->named);
    program->named[program->named_count++] = *id;
    if (!program->count)
        print_id("named", id);
}

static void
take_present(void *context, const struct directory_id *id)
{
    const struct program *program = context;

    if (!program->count)
        print_id("present", id);
}

/* Of a mark, and what is kept with it. */
static FILE *
open_kept(const struct program *program, const char *suffix, const char *mode)
{
    char path[4096];

    snprintf(path, sizeof path, "%s%s", program->mark ? program->mark : "", suffix);
    return program->mark ? fopen(path, mode) : NULL;
}

static struct slice
load_kept(const struct program *program, const char *suffix, struct arena *arena)
{
    FILE *file = open_kept(program, suffix, "rb");
    struct buffer bytes = BUFFER_INIT;
    struct slice kept;
    char piece[65536];
    size_t length;

    if (!file)
        return SLICE_NONE;
    while ((length = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_add(&bytes, piece, length);
    fclose(file);
    kept = arena_slice(arena, (struct slice){bytes.data, bytes.length});
    buffer_free(&bytes);
    return kept;
}

static void
save_kept(const struct program *program, const char *suffix, struct slice bytes)
{
    FILE *file = open_kept(program, suffix, "wb");

    if (!file)
        return;
    if (bytes.length > 0 && fwrite(bytes.data, 1, bytes.length, file) != bytes.length)
        abort();
    fclose(file);
}

/* As a run does it: ask, then read whom the answer names. The mark is kept at the end. */
static bool
read_changes(struct program *program, struct source *source, const struct source_reader *reader,
             struct source_result *ret_result, struct error *err)
{
    static const char *const outcomes[] = {"named", "read_all", "failed"};
    const struct changes_sink sink = {take_named, take_present, program};
    struct arena *arena = arena_new();
    const struct changes_question question = {program->way, load_kept(program, "", arena),
                                              load_kept(program, ".groups", arena),
                                              program->attributes};
    struct changes changes;
    enum changes_outcome outcome = source_changes(source, &question, &sink, arena, &changes, err);
    bool ok = outcome != CHANGES_FAILED;

    printf("changes %s way=%s exhaustive=%d deletions=%d memberships=%d mark=%zu server=%s\n",
           outcomes[outcome], changes_way_name(changes.way), changes.exhaustive, changes.deletions,
           changes.memberships, changes.mark.length, changes.server);
    printf("reason %s\n", changes.reason);
    if (ok && !program->names_only && outcome == CHANGES_NAMED)
        ok = source_fetch(source, program->attributes, program->named, program->named_count, reader,
                          ret_result, err);
    else if (ok && !program->names_only)
        ok = source_read(source, program->attributes, reader, ret_result, err);
    if (ok)
        save_kept(program, "", changes.mark);
    if (ok && changes.groups.data)
        save_kept(program, ".groups", changes.groups);
    arena_free(arena);
    free(program->named);
    return ok;
}

static int
choose(const char *word, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    fprintf(stderr, "read_directory: what is '%s'?\n", word);
    exit(USAGE_STATUS);
}

static void
add_search(struct program *program, char *text)
{
    static const char *const scopes[] = {"subtree", "one", "base"};
    const char *scope = strtok(text, ","), *filter = strtok(NULL, ","), *base = strtok(NULL, "");

    if (!scope || !filter || program->options.search_count == LIST_MOST)
        exit(USAGE_STATUS);
    program->searches[program->options.search_count++] =
        (struct ldap_search){.base = base ? base : "",
                             .filter = filter,
                             .scope = (enum ldap_search_scope)choose(scope, scopes, 3)};
}

static bool
take_text(struct program *program, int option, const char *value)
{
    struct ldap_options *options = &program->options;
    const struct {
        int option;
        const char **target;
    } texts[] = {
        {'l', &program->ldif},
        {'1', &program->prefer},
        {'S', &options->srv},
        {'2', &options->site},
        {'c', &options->tls_ca_file},
        {'e', &options->tls_cert_file},
        {'k', &options->tls_key_file},
        {'d', &options->bind_dn},
        {'w', &options->password.file},
        {'K', &options->keytab},
        {'P', &options->principal},
        {'T', &options->ticket_cache},
        {'3', &options->groups.base},
        {'4', &options->groups.filter},
        {'5', &options->groups.member},
        {'m', &program->mark},
        {'u', &program->uris[options->uri_count % LIST_MOST]},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].option == option) {
            *texts[i].target = value;
            options->uri_count += option == 'u';
            return true;
        }
    return false;
}

static bool
take_number(struct program *program, int option, const char *value)
{
    struct ldap_options *options = &program->options;
    const struct {
        int option;
        unsigned *target;
    } numbers[] = {
        {'p', &options->page_size},
        {'C', &options->connect_timeout_seconds},
        {'A', &options->answer_timeout_seconds},
        {'W', &program->work_microseconds},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i].option == option) {
            *numbers[i].target = (unsigned)strtoul(value, NULL, 10);
            return true;
        }
    return false;
}

static void
take_option(struct program *program, int option, char *value)
{
    static const char *const modes[] = {"auto", "ldaps", "starttls", "none"};
    static const char *const methods[] = {"simple", "external", "anonymous", "gssapi"};
    static const char *const ways[] = {"auto", "full", "dirsync", "usn", "syncrepl", "timestamp"};

    if (take_text(program, option, value) || take_number(program, option, value))
        return;
    if (option == 't')
        program->options.tls_mode = (enum ldap_tls_mode)choose(value, modes, 4);
    else if (option == 'b')
        program->options.bind_method = (enum ldap_bind_method)choose(value, methods, 4);
    else if (option == 's')
        add_search(program, value);
    else if (option == 'a')
        attributes_add(program->attributes, slice_of(value));
    else if (option == '6')
        program->memberships = true;
    else if (option == 'n')
        program->count = true;
    else if (option == 'N')
        program->names_only = true;
    else if (option == 'g') {
        program->asks_changes = true;
        program->way = (enum changes_way)choose(value, ways, CHANGES_WAY_COUNT);
    } else if (option == 'F')
        program->fail_after = strtol(value, NULL, 10);
    else
        exit(USAGE_STATUS);
}

static void
read_options(struct program *program, int count, char **arguments)
{
    static const struct option names[] = {
        {"uri", 1, NULL, 'u'},
        {"srv", 1, NULL, 'S'},
        {"site", 1, NULL, '2'},
        {"prefer", 1, NULL, '1'},
        {"ldif", 1, NULL, 'l'},
        {"tls", 1, NULL, 't'},
        {"ca", 1, NULL, 'c'},
        {"cert", 1, NULL, 'e'},
        {"key", 1, NULL, 'k'},
        {"bind", 1, NULL, 'b'},
        {"dn", 1, NULL, 'd'},
        {"password", 1, NULL, 'w'},
        {"keytab", 1, NULL, 'K'},
        {"principal", 1, NULL, 'P'},
        {"ticket-cache", 1, NULL, 'T'},
        {"search", 1, NULL, 's'},
        {"attribute", 1, NULL, 'a'},
        {"groups-base", 1, NULL, '3'},
        {"groups-filter", 1, NULL, '4'},
        {"groups-member", 1, NULL, '5'},
        {"page", 1, NULL, 'p'},
        {"connect-timeout", 1, NULL, 'C'},
        {"answer-timeout", 1, NULL, 'A'},
        {"work", 1, NULL, 'W'},
        {"count", 0, NULL, 'n'},
        {"fail-after", 1, NULL, 'F'},
        {"changes", 1, NULL, 'g'},
        {"mark", 1, NULL, 'm'},
        {"names", 0, NULL, 'N'},
        {"memberships", 0, NULL, '6'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(count, arguments, "", names, NULL)) != -1)
        take_option(program, option, optarg);
    program->options.uris = program->uris;
    program->options.searches = program->searches;
}

int
main(int count, char **arguments)
{
    const struct messenger messenger = {.say = print_message};
    struct program program = {.fail_after = -1};
    struct source_reader reader = {.entry = take_entry,
                                   .restart = restart,
                                   .context = &program,
                                   .findings = {print_finding, NULL}};
    struct source_result result = {0};
    struct error err = ERROR_INIT;
    struct source *source;
    bool ok;

    /* Whoever reads us sees each line when it happens, also when we are killed. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    program.attributes = attributes_new();
    read_options(&program, count, arguments);
    source = program.ldif ? source_open_ldif(program.ldif, &messenger)
                          : source_open_ldap(&program.options, &messenger);
    program.source = source;
    if (program.prefer)
        ldap_servers_prefer(((struct ldap_source *)source)->servers, program.prefer);
    ok = program.asks_changes ? read_changes(&program, source, &reader, &result, &err)
                              : source_read(source, program.attributes, &reader, &result, &err);
    source_close(source);
    attributes_free(program.attributes);
    printf("result entries=%" PRIu64 " repeated=%" PRIu64 " referrals=%" PRIu64
           " restarts=%u server=%s\n",
           result.entries, result.repeated, result.referrals, result.restarts, result.server);
    if (ok)
        return 0;
    printf("error %s %s %s\n", error_code_name(err.code), err.transient ? "transient" : "lasting",
           err.text);
    if (err.hint[0])
        printf("hint %s\n", err.hint);
    return error_exit_status(err.code);
}
