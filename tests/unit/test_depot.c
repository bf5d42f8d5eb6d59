#include "unit.h"

#include "base/arena.h"
#include "delivery/depot.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHANGES_MOST = 300 };

static char folder[] = "/tmp/test_depot.XXXXXX";

/* A list of changes; what came of each. A file's bytes are `text` and its tag. */
struct list {
    struct depot_change changes[CHANGES_MOST];
    char outcomes[CHANGES_MOST + 1]; /* "d", "f" or "r"; '-': not settled */
    char trouble[256];
    size_t count, taken;
    size_t next_fails_at, load_fails_at, settled_fails_at; /* 0: never */
    size_t settled;
    const char *text;
};

static bool
next_of_list(void *context, struct depot_change *ret_change, bool *ret_more, struct error *err)
{
    struct list *list = context;

    if (list->next_fails_at && list->taken + 1 == list->next_fails_at)
        return error_set(err, ERROR_DATA, "no next one");
    *ret_more = list->taken < list->count;
    if (*ret_more)
        *ret_change = list->changes[list->taken++];
    return true;
}

static bool
load_of_list(void *context, uint64_t tag, struct buffer *ret_bytes, struct error *err)
{
    const struct list *list = context;

    assert_int_equal(ret_bytes->length, 0);
    if (list->load_fails_at && tag + 1 == list->load_fails_at)
        return error_set(err, ERROR_DATA, "no bytes");
    buffer_format(ret_bytes, "%s %u", list->text ? list->text : "bytes of", (unsigned)tag);
    return true;
}

static bool
settled_of_list(void *context, uint64_t tag, enum depot_outcome outcome, const char *trouble,
                struct error *err)
{
    struct list *list = context;

    assert_int_equal(list->outcomes[tag], '-');
    assert_int_equal(trouble != NULL, outcome == DEPOT_REFUSED);
    list->outcomes[tag] = "dfr"[outcome];
    if (trouble)
        snprintf(list->trouble, sizeof list->trouble, "%s", trouble);
    if (list->settled_fails_at && ++list->settled == list->settled_fails_at)
        return error_set(err, ERROR_DATA, "not noted");
    return true;
}

static void
add_change(struct list *list, enum depot_action action, const char *name)
{
    list->outcomes[list->count] = '-';
    list->changes[list->count] =
        (struct depot_change){.action = action, .name = name, .tag = list->count};
    list->count++;
}

static struct error
work_off(struct list *list)
{
    const struct depot_work work = {next_of_list, load_of_list, settled_of_list, list};
    struct depot *depot = depot_open_folder(folder, "mark", NULL);
    struct error err = ERROR_INIT;
    bool done;

    assert_true(depot_connect(depot, &err));
    done = depot_work(depot, &work, &err);
    assert_int_equal(done, err.code == ERROR_NONE);
    depot_close(depot);
    return err;
}

static void
put_file(const char *name, const char *text)
{
    char path[512];
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
}

/* The file's text, or "-" where there is none; a mode other than 0644 is added. */
static const char *
text_of(const char *name)
{
    static char text[256];
    char path[512];
    struct stat info;
    ssize_t length;
    int fd;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return "-";
    length = read(fd, text, sizeof text - 20);
    assert_true(length >= 0 && fstat(fd, &info) == 0);
    text[length] = '\0';
    if ((info.st_mode & 07777) != 0644)
        snprintf(text + length, 20, " (%o)", info.st_mode & 07777);
    close(fd);
    return text;
}

/* Counts the names in the folder and removes them. */
static size_t
empty_folder(void)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(entries);
    while ((entry = readdir(entries))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(entries), entry->d_name, 0) != 0)
            assert_int_equal(unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR), 0);
        count++;
    }
    closedir(entries);
    return count;
}

static int
make_folder(void **state)
{
    (void)state;
    umask(077);
    return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void
adds_replaces_and_removes(void **state)
{
    struct list list = {0};

    (void)state;
    put_file("there.JPG", "foreign");
    put_file("ours.JPG", "before");
    put_file("left.JPG", "before");
    add_change(&list, DEPOT_ADD, "new.JPG");
    add_change(&list, DEPOT_ADD, "there.JPG");
    add_change(&list, DEPOT_REPLACE, "ours.JPG");
    add_change(&list, DEPOT_REPLACE, "gone.JPG");
    add_change(&list, DEPOT_REMOVE, "left.JPG");
    add_change(&list, DEPOT_REMOVE, "never.JPG");
    assert_int_equal(work_off(&list).code, ERROR_NONE);
    assert_string_equal(list.outcomes, "dfdddd");
    assert_string_equal(text_of("new.JPG"), "bytes of 0");
    assert_string_equal(text_of("there.JPG"), "foreign (600)");
    assert_string_equal(text_of("ours.JPG"), "bytes of 2");
    assert_string_equal(text_of("gone.JPG"), "bytes of 3");
    assert_string_equal(text_of("left.JPG"), "-");
    assert_int_equal(empty_folder(), 4);
}

static void
many_in_batches(void **state)
{
    char names[CHANGES_MOST][16];
    struct list list = {0};

    (void)state;
    for (size_t i = 0; i < CHANGES_MOST; i++) {
        snprintf(names[i], sizeof names[i], "%zu.JPG", i);
        add_change(&list, DEPOT_ADD, names[i]);
    }
    assert_int_equal(work_off(&list).code, ERROR_NONE);
    assert_null(strpbrk(list.outcomes, "fr-"));
    assert_string_equal(text_of("299.JPG"), "bytes of 299");
    assert_int_equal(empty_folder(), CHANGES_MOST);
}

static void
refuses_single_names(void **state)
{
    char path[512], name[301];
    struct list list = {0};

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(path, sizeof path, "%s/folder", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    add_change(&list, DEPOT_REPLACE, "folder");
    add_change(&list, DEPOT_REMOVE, "folder");
    add_change(&list, DEPOT_ADD, "folder");
    add_change(&list, DEPOT_ADD, name);
    add_change(&list, DEPOT_ADD, "good.JPG");
    assert_int_equal(work_off(&list).code, ERROR_NONE);
    assert_string_equal(list.outcomes, "rrfrd");
    assert_string_equal(list.trouble, "File name too long");
    assert_int_equal(empty_folder(), 2);
}

static void
stops_when_all_is_refused(void **state)
{
    char path[512];
    struct list list = {0};
    struct error err;

    (void)state;
    snprintf(path, sizeof path, "%s/folder", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < 150; i++)
        add_change(&list, DEPOT_REPLACE, "folder");
    err = work_off(&list);
    assert_int_equal(err.code, ERROR_WRITE);
    assert_non_null(strstr(err.text, "the first 100 files were all refused, 'folder' because: Is "
                                     "a directory"));
    assert_int_equal(empty_folder(), 1);
}

static void
bad_names_are_refused(void **state)
{
    static const char *const names[] = {"", ".", "..", "a/b.JPG", "a\nb.JPG"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct list list = {0};

        add_change(&list, DEPOT_REPLACE, "good.JPG");
        add_change(&list, DEPOT_REPLACE, names[i]);
        assert_int_equal(work_off(&list).code, ERROR_USAGE);
        assert_int_equal(empty_folder(), 0);
    }
}

static void
callers_failures_leave_no_part(void **state)
{
    static const struct list faults[] = {
        {.next_fails_at = 3}, {.load_fails_at = 3}, {.settled_fails_at = 3}};

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct list list = faults[i];

        put_file("b.JPG", "before");
        add_change(&list, DEPOT_REPLACE, "a.JPG");
        add_change(&list, DEPOT_REPLACE, "b.JPG");
        add_change(&list, DEPOT_REPLACE, "c.JPG");
        add_change(&list, DEPOT_REPLACE, "d.JPG");
        assert_int_equal(work_off(&list).code, ERROR_DATA);
        /* What fails last comes after the whole batch. */
        assert_string_equal(list.outcomes, list.settled_fails_at ? "ddd-" : "----");
        assert_int_equal(empty_folder(), list.settled_fails_at ? 4 : 1);
    }
}

static void
cleans_by_its_mark(void **state)
{
    struct depot *depot = depot_open_folder(folder, "mark", NULL);
    struct error err = ERROR_INIT;

    (void)state;
    put_file(".ldap2alma-mark-00c0ffee-0.part", "half");
    put_file(".ldap2alma-mark-00c0ffee-1f.part", "half");
    put_file(".ldap2alma-marked-00c0ffee-0.part", "another's");
    put_file(".ldap2alma-mark-.jpg", "not ours");
    put_file(".ldap2alma-mark-00c0ffee-0.part.jpg", "not ours");
    put_file("mark.JPG", "not ours");
    assert_false(depot_clean(depot, &err));
    assert_int_equal(err.code, ERROR_INTERNAL);
    err = ERROR_INIT;
    assert_true(depot_connect(depot, &err));
    assert_true(depot_clean(depot, &err));
    assert_true(depot_clean(depot, &err));
    depot_close(depot);
    assert_string_equal(text_of(".ldap2alma-marked-00c0ffee-0.part"), "another's (600)");
    assert_int_equal(empty_folder(), 4);
}

static void
note_probe(void *context, const struct probe *probe)
{
    struct buffer *heard = context;

    buffer_format(heard, "%s %s: %s\n", probe_verdict_name(probe->verdict), probe->name,
                  strcmp(probe->name, "delivery.space") == 0 ? "…" : probe->text);
}

static void
probes_all_it_needs(void **state)
{
    struct depot *depot = depot_open_folder(folder, "mark", NULL);
    struct buffer heard = BUFFER_INIT;
    const struct probe_sink sink = {note_probe, &heard};
    char expected[1024];

    (void)state;
    put_file("ldap2alma-check-mark.txt", "of a check that was killed");
    assert_true(depot_probe(depot, &sink));
    buffer_add(&heard, "", 1);
    snprintf(expected, sizeof expected,
             "ok delivery.directory: '%s' can be used\n"
             "ok delivery.space: …\n"
             "ok delivery.write: wrote 'ldap2alma-check-mark.txt' to '%s'\n"
             "ok delivery.stat: its size there is what was written\n"
             "ok delivery.rights: everybody may read the files\n"
             "ok delivery.clock: the clock agrees with that of '%s'\n"
             "ok delivery.replace: replaced 'ldap2alma-check-mark.txt' in one step\n"
             "ok delivery.delete: deleted it\n",
             folder, folder, folder);
    assert_string_equal(heard.data, expected);
    assert_int_equal(empty_folder(), 0);
    buffer_free(&heard);
    depot_close(depot);
    depot_close(NULL);
}

static void
a_folder_that_is_not_there(void **state)
{
    struct depot *depot = depot_open_folder("/nowhere/photos", "mark", NULL);
    struct buffer heard = BUFFER_INIT;
    const struct probe_sink sink = {note_probe, &heard};
    struct error err = ERROR_INIT;

    (void)state;
    assert_string_equal(depot_name(depot), "/nowhere/photos");
    assert_false(depot_connect(depot, &err));
    assert_int_equal(err.code, ERROR_WRITE);
    assert_string_equal(err.text, "cannot deliver to '/nowhere/photos': cannot open the folder: No "
                                  "such file or directory");
    assert_false(depot_probe(depot, &sink));
    buffer_add(&heard, "", 1);
    assert_non_null(strstr(heard.data, "failure delivery.directory: cannot deliver to "));
    buffer_free(&heard);
    depot_close(depot);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_replaces_and_removes),
        cmocka_unit_test(many_in_batches),
        cmocka_unit_test(refuses_single_names),
        cmocka_unit_test(stops_when_all_is_refused),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(callers_failures_leave_no_part),
        cmocka_unit_test(cleans_by_its_mark),
        cmocka_unit_test(probes_all_it_needs),
        cmocka_unit_test(a_folder_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
