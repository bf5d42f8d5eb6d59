/* web_tool: fetches pictures and asks the photos' web server, each by the photos' stage alone.
 *
 *   web_tool fetch --url BASE | --folder FOLDER [--ca FILE] [--most BYTES] [--timeout SECONDS]
 *       reads lines "VALUE" or "VALUE<tab>VERSION"; prints for each, as it is answered, its number,
 *       the outcome, how many bytes there are, their SHA-256, the version and the trouble,
 *       separated by tabs, "-" for what there is not.
 *   web_tool check --url URL [--suffix SUFFIX] [--ca FILE] [--timeout SECONDS] [FILE=NAME…]
 *       prints the probes: verdict, name, text and hint, separated by tabs.
 *
 * Then "error: …" and "hint: …" on a failure; ends with the exit status of the error, or with 1
 * where a probe failed.
 */
#include "base/arena.h"
#include "base/file.h"
#include "photos/fetch.h"
#include "photos/server.h"

#include <getopt.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option long_options[] = {
    {"url", required_argument, NULL, 'u'},
    {"folder", required_argument, NULL, 'd'},
    {"ca", required_argument, NULL, 'c'},
    {"most", required_argument, NULL, 'm'},
    {"timeout", required_argument, NULL, 't'},
    {"suffix", required_argument, NULL, 's'},
    {NULL, 0, NULL, 0},
};

struct setup {
    const char *url, *folder, *ca, *suffix;
    size_t most;
    unsigned timeout_seconds;
};

static int
fail(const struct error *err)
{
    printf("error: %s\n", err->text);
    if (err->hint[0])
        printf("hint: %s\n", err->hint);
    return error_exit_status(err->code);
}

static bool
print_fetched(void *context, const struct fetched *fetched, struct error *err)
{
    static const char *const outcomes[] = {"done", "same", "nothing", "refused", "failed"};
    unsigned char digest[SHA256_DIGEST_LENGTH];

    (void)context, (void)err;
    printf("%" PRIu64 "\t%s\t", fetched->tag, outcomes[fetched->outcome]);
    if (fetched->bytes.data) {
        SHA256((const unsigned char *)fetched->bytes.data, fetched->bytes.length, digest);
        printf("%zu\t", fetched->bytes.length);
        for (size_t i = 0; i < sizeof digest; i++)
            printf("%02x", digest[i]);
    } else {
        printf("-\t-");
    }
    printf("\t%.*s\t%s\n", SLICE_ARG(fetched->version.data ? fetched->version : slice_of("-")),
           fetched->trouble ? fetched->trouble : "-");
    fflush(stdout);
    return true;
}

static bool
ask_all(struct fetch *fetch, struct error *err)
{
    char *line = NULL, *tab;
    size_t size = 0;
    ssize_t length;
    bool ok = true;

    for (uint64_t tag = 0; ok && (length = getline(&line, &size, stdin)) >= 0; tag++) {
        struct slice value, version = SLICE_NONE;

        if (length > 0 && line[length - 1] == '\n')
            line[--length] = '\0';
        value = (struct slice){line, (size_t)length};
        tab = memchr(line, '\t', (size_t)length);
        if (tab) {
            value.length = (size_t)(tab - line);
            version = slice_of(tab + 1);
        }
        ok = fetch_ask(fetch, tag, value, version, err);
    }
    free(line);
    return ok && fetch_finish(fetch, err);
}

static int
run_fetch(const struct setup *setup)
{
    const struct fetch_options options = {
        .base_url = setup->url,
        .folder = setup->folder,
        .ca_file = setup->ca,
        .most_bytes = setup->most,
        .timeout_seconds = setup->timeout_seconds,
        .fetched = print_fetched,
    };
    struct error err = ERROR_INIT;
    struct fetch *fetch = fetch_open(&options, NULL, &err);
    bool ok = fetch && ask_all(fetch, &err);

    fetch_close(fetch);
    return ok ? 0 : fail(&err);
}

static void
print_probe(void *context, const struct probe *probe)
{
    (void)context;
    printf("%s\t%s\t%s\t%s\n", probe_verdict_name(probe->verdict), probe->name, probe->text,
           probe->hint);
    fflush(stdout);
}

static int
run_check(const struct setup *setup, char **pairs, size_t count)
{
    const struct probe_sink probes = {print_probe, NULL};
    struct arena *arena = arena_new();
    struct server_photo *photos = arena_alloc(arena, (count + 1) * sizeof *photos);
    struct error err = ERROR_INIT;
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++) {
        char *name = strchr(pairs[i], '=');
        struct slice bytes;

        *name++ = '\0';
        photos[i].name = name;
        if (file_read(arena, pairs[i], 64 << 20, &bytes, &err))
            SHA256((const unsigned char *)bytes.data, bytes.length, photos[i].sha256);
        else
            status = fail(&err);
    }
    if (status == 0)
        status = !server_check_photos(&(struct server_check){
            .url = setup->url,
            .suffix = setup->suffix,
            .ca_file = setup->ca,
            .timeout_seconds = setup->timeout_seconds,
            .photos = photos,
            .count = count,
            .probes = &probes,
        });
    arena_free(arena);
    return status;
}

int
main(int argc, char **argv)
{
    struct setup setup = {.most = 1000000, .timeout_seconds = 20, .suffix = "JPG"};
    int option;

    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'u':
            setup.url = optarg;
            break;
        case 'd':
            setup.folder = optarg;
            break;
        case 'c':
            setup.ca = optarg;
            break;
        case 'm':
            setup.most = strtoul(optarg, NULL, 10);
            break;
        case 't':
            setup.timeout_seconds = (unsigned)atoi(optarg);
            break;
        case 's':
            setup.suffix = optarg;
            break;
        default:
            return 64;
        }
    }
    if (optind < argc && strcmp(argv[optind], "fetch") == 0)
        return run_fetch(&setup);
    if (optind < argc && strcmp(argv[optind], "check") == 0)
        return run_check(&setup, argv + optind + 1, (size_t)(argc - optind - 1));
    return 64;
}
