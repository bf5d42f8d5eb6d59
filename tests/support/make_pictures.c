/* make_pictures [-p] [-w WIDTH] [-h HEIGHT] [-b BYTES] [-j PROCESSES] [-r TIMES] [-o FOLDER]
 * [FILE]…: each file is somebody's picture and is made anew by photos/pictures.h, TIMES times over;
 * tells what became of each, or for several times how many a second. Without a file it is one of
 * 480 × 640 pixels in at most 60 KB. */
#include "photos/pictures.h"

#include "base/arena.h"
#include "base/file.h"
#include "photos/picture_make.h"

#include "../unit/picture_sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct job {
    const char *folder;
    char **names;
    unsigned times;
    size_t made, refused, bytes;
};

static bool
keep(const struct job *job, const struct picture *picture)
{
    char path[4096];
    FILE *file;
    bool ok;

    snprintf(path, sizeof path, "%s/%" PRIu64, job->folder, picture->tag);
    file = fopen(path, "w");
    ok = file &&
         fwrite(picture->bytes.data, 1, picture->bytes.length, file) == picture->bytes.length;
    return file && fclose(file) == 0 && ok;
}

static bool
made(void *context, const struct picture *picture, struct error *err)
{
    struct job *job = context;

    if (picture->trouble)
        job->refused++;
    else
        job->made++;
    job->bytes += picture->bytes.length;
    if (job->times > 1)
        return true;
    if (picture->trouble)
        printf("%s: %s\n", job->names[picture->tag], picture->trouble);
    else
        printf("%s: %ux%u, %zu bytes\n", job->names[picture->tag], picture->width, picture->height,
               picture->bytes.length);
    return !job->folder || picture->trouble || keep(job, picture) ||
           error_set(err, ERROR_WRITE, "cannot write to '%s'", job->folder);
}

static struct slice
own_picture(struct arena *arena)
{
    const struct picture_rules rules = {.width = 480, .height = 640, .max_bytes = 60000};
    const struct sample sample = {.kind = SAMPLE_JPEG, .width = 960, .height = 1280, .noise = true};
    struct buffer source = BUFFER_INIT, file = BUFFER_INIT;
    struct picture_answer answer;
    struct slice copy;

    sample_write(&sample, &source);
    picture_make(&rules, &(struct slice){source.data, source.length}, 1, &answer, &file);
    copy = arena_slice(arena, (struct slice){file.data, file.length});
    buffer_free(&source);
    buffer_free(&file);
    return copy;
}

static bool
make_all(struct pictures *pictures, const struct slice *files, size_t count, unsigned times,
         struct error *err)
{
    for (unsigned i = 0; i < times; i++)
        for (size_t f = 0; f < count; f++)
            if (!pictures_make(pictures, f, &files[f], 1, err))
                return false;
    return pictures_finish(pictures, err);
}

static void
tell_speed(const struct job *job, const struct timespec *from)
{
    struct timespec to;
    double seconds;

    clock_gettime(CLOCK_MONOTONIC, &to);
    seconds = (double)(to.tv_sec - from->tv_sec) + (double)(to.tv_nsec - from->tv_nsec) / 1e9;
    if (job->times > 1)
        printf("%zu made, %zu refused, %zu bytes, %.2f s, %.0f a second\n", job->made, job->refused,
               job->bytes, seconds, (double)(job->made + job->refused) / seconds);
}

int
main(int argc, char **argv)
{
    struct picture_rules rules = {.width = 300, .height = 400, .max_bytes = 200000};
    struct job job = {.times = 1};
    struct picture_sink sink = {made, &job};
    struct arena *arena = arena_new();
    struct slice *files = memory_zero((size_t)argc + 1, sizeof *files);
    struct pictures *pictures = NULL;
    struct error err = ERROR_INIT;
    struct timespec from;
    size_t count = 0;
    bool ok = true;
    int option;

    while ((option = getopt(argc, argv, "pw:h:b:j:r:o:")) >= 0)
        switch (option) {
        case 'p':
            rules.format = PICTURE_PNG;
            break;
        case 'w':
            rules.width = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'h':
            rules.height = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'b':
            rules.max_bytes = strtoul(optarg, NULL, 10);
            break;
        case 'j':
            rules.processes = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'r':
            job.times = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'o':
            job.folder = optarg;
            break;
        default:
            return 64;
        }
    job.names = argv + optind;
    if (optind == argc)
        files[count++] = own_picture(arena);
    for (int i = optind; ok && i < argc; i++)
        ok = file_read(arena, argv[i], SIZE_MAX, &files[count++], &err);
    clock_gettime(CLOCK_MONOTONIC, &from);
    ok = ok && (pictures = pictures_open(&rules, &sink, NULL, &err)) &&
         make_all(pictures, files, count, job.times, &err);
    if (ok)
        tell_speed(&job, &from);
    else
        fprintf(stderr, "make_pictures: %s\n", err.text);
    pictures_close(pictures);
    free(files);
    arena_free(arena);
    return ok ? 0 : 1;
}
