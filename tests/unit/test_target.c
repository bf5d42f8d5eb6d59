#include "unit.h"

#include "base/arena.h"
#include "delivery/target_driver.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PACKAGE_BYTES = 12 };

/* A target in memory that knows two files and notes each step it is asked for. */
struct fake {
    struct target target;
    struct found final;
    struct found part;
    bool same;
    bool rename_appears; /* somebody else's file comes while ours is sent */
    const char *fails;   /* the step that fails, `failures` times */
    unsigned failures;
    enum error_code code;
    bool transient;
    char steps[512];
};

static unsigned slept_seconds[8];
static unsigned sleeps;

/* Takes the place of the C library's, so that no test waits. */
int
nanosleep(const struct timespec *wanted, struct timespec *left)
{
    (void)left;
    slept_seconds[sleeps++] = (unsigned)wanted->tv_sec;
    return 0;
}

static bool
step(struct target *target, const char *name, struct error *err)
{
    struct fake *fake = (struct fake *)target;
    size_t length = strlen(fake->steps);

    snprintf(fake->steps + length, sizeof fake->steps - length, "%s%s", length ? " " : "", name);
    if (!fake->fails || !fake->failures || strcmp(fake->fails, name) != 0)
        return true;
    fake->failures--;
    error_set(err, fake->code, "%s failed", name);
    err->transient = fake->transient;
    return false;
}

static bool
fake_connect(struct target *target, struct error *err)
{
    return step(target, "connect", err);
}

static struct found *
file_of(struct target *target, const char *name)
{
    struct fake *fake = (struct fake *)target;

    assert_true(strcmp(name, "a.zip") == 0 || strcmp(name, "a.part") == 0);
    return strcmp(name, "a.zip") == 0 ? &fake->final : &fake->part;
}

static bool
fake_look(struct target *target, const char *name, struct found *ret_found, struct error *err)
{
    *ret_found = *file_of(target, name);
    return step(target, strcmp(name, "a.zip") == 0 ? "look" : "look-part", err);
}

static bool
fake_send(struct target *target, const struct upload *upload, struct error *err)
{
    struct fake *fake = (struct fake *)target;

    assert_false(fake->part.exists);
    fake->part = (struct found){.exists = true, .bytes = upload->bytes};
    if (fake->rename_appears)
        fake->final = (struct found){.exists = true, .bytes = 1};
    if (step(target, "send", err))
        return true;
    fake->part.bytes /= 2;
    return false;
}

static bool
fake_same(struct target *target, const struct upload *upload, bool *ret_same, struct error *err)
{
    (void)upload;
    *ret_same = ((struct fake *)target)->same;
    return step(target, "same", err);
}

static bool
fake_move(struct target *target, const struct upload *upload, struct error *err)
{
    struct fake *fake = (struct fake *)target;

    (void)upload;
    if (!step(target, "move", err))
        return false;
    assert_false(fake->final.exists);
    fake->final = fake->part;
    fake->part.exists = false;
    return true;
}

static bool
fake_remove(struct target *target, const char *name, struct error *err)
{
    if (!step(target, "remove", err))
        return false;
    file_of(target, name)->exists = false;
    return true;
}

static void
fake_disconnect(struct target *target)
{
    step(target, "disconnect", NULL);
}

static void
fake_free(struct target *target)
{
    (void)target;
}

static const struct target_driver fake_driver = {
    .connect = fake_connect,
    .look = fake_look,
    .send = fake_send,
    .same = fake_same,
    .move = fake_move,
    .remove = fake_remove,
    .disconnect = fake_disconnect,
    .free = fake_free,
};

static char folder[] = "/tmp/test_target.XXXXXX";
static char package[64];

static int
make_package(void **state)
{
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(package, sizeof package, "%s/spooled", folder);
    fd = open(package, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "twelve bytes", PACKAGE_BYTES), PACKAGE_BYTES);
    return close(fd);
}

static int
remove_package(void **state)
{
    (void)state;
    unlink(package);
    return rmdir(folder);
}

static const struct {
    struct fake fake;
    const char *steps;
    const char *text; /* behind the prefix; NULL: delivered */
    bool part_left;
} put_rows[] = {
    {{.same = false}, "look look-part send look-part move", NULL, false},
    {{.part = {true, 99, 0}}, "look look-part remove send look-part move", NULL, false},
    {{.final = {true, PACKAGE_BYTES, 0}, .same = true, .part = {true, 3, 0}},
     "look same remove",
     NULL,
     false},
    {{.final = {true, PACKAGE_BYTES, 0}},
     "look same",
     "a file of that name and size but with another content is already there, and nothing is "
     "ever replaced",
     false},
    {{.final = {true, 1, 0}},
     "look",
     "a file of that name with 1 instead of 12 bytes is already there, and nothing is ever "
     "replaced",
     false},
    {{.final = {true, PACKAGE_BYTES, 0}, .fails = "same", .failures = 1, .code = ERROR_WRITE},
     "look same",
     "a file of that name and size is already there, but whether it is the same cannot be "
     "seen: same failed",
     false},
    {{.final = {true, PACKAGE_BYTES, 0}, .fails = "same", .failures = 1, .code = ERROR_UNAVAILABLE},
     "look same",
     "same failed",
     false},
    {{.fails = "look", .failures = 1, .code = ERROR_WRITE}, "look", "look failed", false},
    {{.part = {true, 1, 0}, .fails = "remove", .failures = 1, .code = ERROR_WRITE},
     "look look-part remove",
     "an earlier attempt's 'a.part' is in the way: remove failed",
     true},
    {{.fails = "send", .failures = 1, .code = ERROR_WRITE},
     "look look-part send remove",
     "send failed",
     false},
    {{.fails = "send", .failures = 1, .code = ERROR_UNAVAILABLE},
     "look look-part send",
     "send failed",
     true},
    {{.fails = "move", .failures = 1, .code = ERROR_WRITE},
     "look look-part send look-part move look look-part remove",
     "move failed",
     false},
    {{.fails = "move", .failures = 1, .code = ERROR_UNAVAILABLE},
     "look look-part send look-part move",
     "move failed",
     true},
    {{.fails = "move", .failures = 1, .code = ERROR_WRITE, .rename_appears = true},
     "look look-part send look-part move look look-part remove",
     "a file of that name has appeared there during the upload, and nothing is ever replaced",
     false},
};

static void
put_keeps_its_promise(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof put_rows / sizeof put_rows[0]; i++) {
        struct fake fake = put_rows[i].fake;
        struct error err = ERROR_INIT;
        char text[512] = "";

        fake.target.driver = &fake_driver;
        fake.target.name = memory_alloc(5);
        memcpy(fake.target.name, "fake", 5);
        fake.target.connected = true;
        if (put_rows[i].text)
            snprintf(text, sizeof text, "cannot deliver 'a.zip' to 'fake': %s", put_rows[i].text);
        assert_int_equal(target_put(&fake.target, package, "a.zip", &err),
                         put_rows[i].text == NULL);
        assert_string_equal(err.text, text);
        assert_string_equal(fake.steps, put_rows[i].steps);
        assert_int_equal(fake.part.exists, put_rows[i].part_left);
        target_close(&fake.target);
    }
}

static void
bad_names_and_files(void **state)
{
    static const char *const names[] = {"", ".", "..", "a/b.zip", "a\nb.zip", "a\x7f"};
    struct target *target = target_open_folder(folder, NULL);
    struct error err = ERROR_INIT;

    (void)state;
    assert_false(target_put(target, package, "a.zip", &err));
    assert_int_equal(err.code, ERROR_INTERNAL);
    assert_true(target_connect(target, &err));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_false(target_put(target, package, names[i], &err));
        assert_int_equal(err.code, ERROR_USAGE);
    }
    assert_false(target_put(target, "/nowhere/spooled", "a.zip", &err));
    assert_int_equal(err.code, ERROR_DATA);
    assert_false(target_put(target, folder, "a.zip", &err));
    assert_int_equal(err.code, ERROR_DATA);
    target_close(target);
}

static void
a_folder_takes_a_package(void **state)
{
    struct target *target = target_open_folder(folder, NULL);
    struct error err = ERROR_INIT;
    char path[128];
    struct stat found;

    (void)state;
    snprintf(path, sizeof path, "%s/a.zip", folder);
    assert_string_equal(target_name(target), folder);
    assert_true(target_connect(target, &err));
    assert_true(target_connect(target, &err));
    assert_true(target_put(target, package, "a.zip", &err));
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_size, PACKAGE_BYTES);
    target_disconnect(target);
    target_disconnect(target);
    assert_true(target_connect(target, &err));
    assert_true(target_put(target, package, "a.zip", &err));
    assert_int_equal(unlink(path), 0);
    target_close(target);
    target_close(NULL);
}

/* Root may write anywhere, so the test gives its rights up for a moment. */
static void
a_folder_that_may_not_be_written(void **state)
{
    struct target *target = target_open_folder(folder, NULL);
    struct error err = ERROR_INIT;
    bool root = geteuid() == 0;
    bool connected;

    (void)state;
    assert_int_equal(chmod(folder, 0555), 0);
    if (root)
        assert_int_equal(seteuid(65534), 0);
    connected = target_connect(target, &err);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_false(connected);
    assert_int_equal(err.code, ERROR_WRITE);
    assert_non_null(strstr(err.text, "cannot write into the folder: Permission denied"));
    target_close(target);
}

struct spoken {
    unsigned count;
    char last[256];
    struct progress progress;
};

static void
hear(void *context, enum message_level level, const char *text)
{
    struct spoken *spoken = context;

    if (level != MESSAGE_WARNING)
        return;
    spoken->count++;
    snprintf(spoken->last, sizeof spoken->last, "%s", text);
}

static void
note_progress(void *context, const struct progress *progress)
{
    ((struct spoken *)context)->progress = *progress;
}

static const struct {
    const char *fails;
    unsigned failures;
    bool transient;
    struct delivery_policy policy;
    bool delivered;
    unsigned sleeps[4];
    const char *text;
    const char *warning; /* the last */
} send_rows[] = {
    {NULL, 0, false, {.attempts = 3, .first_wait_seconds = 5}, true, {0}, "", ""},
    {"connect",
     2,
     true,
     {.attempts = 3, .first_wait_seconds = 5},
     true,
     {5, 10},
     "",
     "cannot deliver to 'fake': connect failed; attempt 3 of 3 follows in 10 s"},
    {"send",
     1,
     true,
     {.attempts = 3, .first_wait_seconds = 5},
     true,
     {5},
     "",
     "cannot deliver 'a.zip' to 'fake': send failed; attempt 2 of 3 follows in 5 s"},
    {"connect",
     3,
     true,
     {.attempts = 3, .first_wait_seconds = 40},
     false,
     {40, 60},
     "given up after 3 attempts: cannot deliver to 'fake': connect failed",
     "cannot deliver to 'fake': connect failed; attempt 3 of 3 follows in 60 s"},
    {"connect",
     9,
     true,
     {.attempts = 1, .first_wait_seconds = 5},
     false,
     {0},
     "cannot deliver to 'fake': connect failed",
     ""},
    {"connect",
     9,
     true,
     {.attempts = 0, .first_wait_seconds = 5},
     false,
     {0},
     "cannot deliver to 'fake': connect failed",
     ""},
    {"connect",
     1,
     false,
     {.attempts = 3, .first_wait_seconds = 5},
     false,
     {0},
     "cannot deliver to 'fake': connect failed",
     ""},
    {"send",
     1,
     false,
     {.attempts = 3, .first_wait_seconds = 5},
     false,
     {0},
     "cannot deliver 'a.zip' to 'fake': send failed",
     ""},
};

static void
what_can_pass_is_tried_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof send_rows / sizeof send_rows[0]; i++) {
        struct spoken spoken = {.count = 0};
        struct messenger messenger = {.say = hear, .context = &spoken};
        struct fake fake = {
            .fails = send_rows[i].fails,
            .failures = send_rows[i].failures,
            .code = ERROR_UNAVAILABLE,
            .transient = send_rows[i].transient,
        };
        struct delivery_file file = {.path = package, .name = "a.zip"};
        struct error err = ERROR_INIT;

        sleeps = 0;
        memset(slept_seconds, 0, sizeof slept_seconds);
        fake.target.driver = &fake_driver;
        fake.target.name = memory_alloc(5);
        memcpy(fake.target.name, "fake", 5);
        assert_int_equal(
            delivery_send(&fake.target, &file, 1, &send_rows[i].policy, &messenger, &err),
            send_rows[i].delivered);
        assert_int_equal(file.delivered, send_rows[i].delivered);
        assert_string_equal(err.text, send_rows[i].text);
        assert_string_equal(spoken.last, send_rows[i].warning);
        assert_int_equal(spoken.count, sleeps);
        assert_memory_equal(slept_seconds, send_rows[i].sleeps, sizeof send_rows[i].sleeps);
        target_close(&fake.target);
    }
}

static void
what_was_delivered_is_not_sent_again(void **state)
{
    struct spoken spoken = {.count = 0};
    struct messenger messenger = {.progress = note_progress, .context = &spoken};
    struct target *target = target_open_folder(folder, &messenger);
    struct delivery_file files[] = {{package, "a.zip", true}, {package, "b.zip", false}};
    struct delivery_policy policy = {.attempts = 1};
    struct error err = ERROR_INIT;
    char path[128];

    (void)state;
    assert_true(delivery_send(target, files, 2, &policy, &messenger, &err));
    assert_true(files[1].delivered);
    snprintf(path, sizeof path, "%s/a.zip", folder);
    assert_int_not_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/b.zip", folder);
    assert_int_equal(unlink(path), 0);
    assert_string_equal(spoken.progress.phase, "uploading");
    assert_int_equal(spoken.progress.done, 2 * PACKAGE_BYTES);
    assert_int_equal(spoken.progress.total, 2 * PACKAGE_BYTES);
    target_close(target);
}

static void
names_of_targets(void **state)
{
    static const struct {
        const char *host, *directory, *name;
    } rows[] = {
        {"sftp.example.edu", "/alma/in", "sftp://alma@sftp.example.edu:22/alma/in"},
        {"sftp.example.edu", "in", "sftp://alma@sftp.example.edu:22/in"},
        {"2001:db8::1", "/in", "sftp://alma@[2001:db8::1]:22/in"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sftp_options options = {
            .host = rows[i].host, .port = 22, .user = "alma", .directory = rows[i].directory};
        struct target *sftp = target_open_sftp(&options, NULL);
        struct target *openssh = target_open_openssh(&options, NULL);

        assert_string_equal(target_name(sftp), rows[i].name);
        assert_string_equal(target_name(openssh), rows[i].name);
        target_close(sftp);
        target_close(openssh);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(put_keeps_its_promise),
    cmocka_unit_test(bad_names_and_files),
    cmocka_unit_test(a_folder_takes_a_package),
    cmocka_unit_test(a_folder_that_may_not_be_written),
    cmocka_unit_test(what_can_pass_is_tried_again),
    cmocka_unit_test(what_was_delivered_is_not_sent_again),
    cmocka_unit_test(names_of_targets),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, make_package, remove_package);
}
