#include "photos/pictures.h"

#include "base/arena.h"
#include "photos/picture_process.h"

#include "picture_sample.h"
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char PROGRAMS[] = BUILD_FOLDER "/connector/photos";
static const char LIAR[] = BUILD_FOLDER "/tests/support/liar";

enum { PEOPLE_MOST = 1000 };

struct told {
    unsigned count[PEOPLE_MOST];
    char trouble[PEOPLE_MOST][128];
    struct buffer files[PEOPLE_MOST];
    unsigned stop_after, total;
};

static const struct picture_rules usual = {
    .format = PICTURE_JPEG, .width = 300, .height = 400, .max_bytes = 200000, .processes = 3};

static bool
made(void *context, const struct picture *picture, struct error *err)
{
    struct told *told = context;

    assert_true(picture->tag < PEOPLE_MOST);
    assert_true(!picture->trouble == !!picture->bytes.data);
    told->count[picture->tag]++;
    told->files[picture->tag].length = 0;
    buffer_add(&told->files[picture->tag], picture->bytes.data, picture->bytes.length);
    snprintf(told->trouble[picture->tag], sizeof *told->trouble, "%s",
             picture->trouble ? picture->trouble : "");
    if (++told->total == told->stop_after)
        return error_set(err, ERROR_WRITE, "no room");
    return true;
}

static struct pictures *
open_with(const char *folder, const struct picture_rules *rules, struct told *told)
{
    struct picture_sink sink = {made, told};
    struct error err = ERROR_INIT;
    struct pictures *pictures;

    setenv("LDAP2ALMA_LIBEXEC", folder, 1);
    pictures = pictures_open(rules, &sink, NULL, &err);
    if (!pictures)
        print_error("%s\n", err.text);
    assert_non_null(pictures);
    return pictures;
}

static void
ask(struct pictures *pictures, uint64_t tag, struct slice value)
{
    struct error err = ERROR_INIT;

    assert_true(pictures_make(pictures, tag, &value, 1, &err));
}

static void
finish(struct pictures *pictures)
{
    struct error err = ERROR_INIT;

    assert_true(pictures_finish(pictures, &err));
    pictures_close(pictures);
    assert_int_equal(waitpid(-1, NULL, 0), -1);
    assert_int_equal(errno, ECHILD);
}

static int
set_up(void **state)
{
    *state = memory_zero(1, sizeof(struct told));
    return 0;
}

static int
tear_down(void **state)
{
    struct told *told = *state;

    for (size_t i = 0; i < PEOPLE_MOST; i++)
        buffer_free(&told->files[i]);
    free(told);
    return 0;
}

static void
everybody_gets_an_own_picture(void **state)
{
    struct picture_rules rules = usual;
    struct told *told = *state;
    struct pictures *pictures = open_with(PROGRAMS, &rules, told);
    struct buffer source = BUFFER_INIT;

    for (unsigned tag = 0; tag < 60; tag++) {
        sample_write(&(struct sample){.kind = tag % 2 ? SAMPLE_PNG : SAMPLE_JPEG,
                                      .width = 100 + tag,
                                      .height = 100,
                                      .noise = true},
                     &source);
        if (tag % 10 == 7)
            ask(pictures, tag, slice_of("GIF89a"));
        else
            ask(pictures, tag, (struct slice){source.data, source.length});
    }
    finish(pictures);
    for (unsigned tag = 0; tag < 60; tag++) {
        struct slice file = {told->files[tag].data, told->files[tag].length};

        assert_int_equal(told->count[tag], 1);
        if (tag % 10 == 7)
            assert_string_equal(told->trouble[tag], "is a GIF, which is not taken");
        else
            assert_true(picture_is_bare(file, PICTURE_JPEG, 100 + tag, 100));
    }
    buffer_free(&source);
}

static void
large_and_many_pictures_pass_through(void **state)
{
    struct told *told = *state;
    struct pictures *pictures = open_with(PROGRAMS, &usual, told);
    struct buffer source = BUFFER_INIT;
    struct slice values[PICTURE_SOURCES_MOST];
    struct error err = ERROR_INIT;

    sample_write(&(struct sample){.kind = SAMPLE_JPEG, .width = 200, .height = 100}, &source);
    memset(buffer_reserve(&source, 4000 * 1000), 'x', 4000 * 1000);
    source.length += 3900 * 1000;
    for (size_t i = 0; i < PICTURE_SOURCES_MOST; i++)
        values[i] = (struct slice){source.data, source.length};
    for (unsigned tag = 0; tag < 6; tag++)
        assert_true(pictures_make(pictures, tag, values, PICTURE_SOURCES_MOST, &err));
    finish(pictures);
    for (unsigned tag = 0; tag < 6; tag++)
        assert_string_equal(told->trouble[tag], "");
    buffer_free(&source);
}

static void
too_much_is_refused_here(void **state)
{
    struct told *told = *state;
    struct pictures *pictures = open_with(PROGRAMS, &usual, told);
    struct slice values[PICTURE_SOURCES_MOST + 1];
    struct error err = ERROR_INIT;
    char *huge = calloc(1, PICTURE_SOURCE_BYTES_MOST + 1);

    assert_non_null(huge);
    for (size_t i = 0; i <= PICTURE_SOURCES_MOST; i++)
        values[i] = (struct slice){huge, PICTURE_SOURCE_BYTES_MOST};
    assert_true(pictures_make(pictures, 0, values, PICTURE_SOURCES_MOST + 1, &err));
    assert_true(pictures_make(pictures, 1, values, 4, &err));
    ask(pictures, 2, (struct slice){huge, PICTURE_SOURCE_BYTES_MOST + 1});
    assert_true(pictures_make(pictures, 3, values, 0, &err));
    ask(pictures, 4, (struct slice){huge, PICTURE_SOURCE_BYTES_MOST});
    finish(pictures);
    assert_string_equal(told->trouble[0], "is one of more than 16 of this person");
    assert_string_equal(told->trouble[1],
                        "is larger than 20 MB, or than 64 MB with the person's others");
    assert_string_equal(told->trouble[2], told->trouble[1]);
    assert_string_equal(told->trouble[3], "is empty");
    assert_string_equal(told->trouble[4], "is neither a JPEG nor a PNG");
    free(huge);
}

static const char FALSE_ANSWER[] =
    "came back from the process that decodes it as what no picture is";

/* What a process does that was taken over concerns that person alone. */
static void
whatever_a_process_does_the_others_go_on(void **state)
{
    static const struct {
        const char *how, *trouble;
    } cases[] = {
        {"plain", ""},
        {"die", "made the process end that decodes it"},
        {"half", "made the process end that decodes it"},
        {"remark", FALSE_ANSWER},
        {"more", FALSE_ANSWER},
        {"wide", FALSE_ANSWER},
        {"behind", FALSE_ANSWER},
        {"trouble", FALSE_ANSWER},
        {"flood", FALSE_ANSWER},
        {"silent", FALSE_ANSWER},
        {"things", "is empty"},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    /* The liar reads the first alone; the other would be a question to whoever comes next. */
    const struct slice unread[] = {slice_of("plain"), {"\0\0\0\1\0\0\0\5", 8}};
    struct error err = ERROR_INIT;
    struct told *told = *state;
    struct pictures *pictures;
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_IGN);
    assert_true(dup(STDERR_FILENO) > STDERR_FILENO);
    pictures = open_with(LIAR, &usual, told);
    for (unsigned tag = 0; tag < CASES * 3; tag++)
        ask(pictures, tag, slice_of(cases[tag % CASES].how));
    assert_true(pictures_make(pictures, CASES * 3, unread, 2, &err));
    ask(pictures, CASES * 3 + 1, slice_of("plain"));
    finish(pictures);
    assert_string_equal(told->trouble[CASES * 3], FALSE_ANSWER);
    assert_string_equal(told->trouble[CASES * 3 + 1], "");
    for (unsigned tag = 0; tag < CASES * 3; tag++) {
        assert_int_equal(told->count[tag], 1);
        assert_string_equal(told->trouble[tag], cases[tag % CASES].trouble);
    }
    signal(SIGPIPE, SIG_DFL);
}

static void
who_takes_too_long_is_ended_with_all_it_started(void **state)
{
    struct picture_rules rules = usual;
    struct told *told = *state;
    struct pictures *pictures;
    int status, children = 0;

    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    rules.seconds = 1;
    rules.processes = 2;
    pictures = open_with(LIAR, &rules, told);
    ask(pictures, 0, slice_of("child"));
    for (unsigned tag = 1; tag < 20; tag++)
        ask(pictures, tag, slice_of("plain"));
    assert_int_equal(told->count[0], 0);
    assert_true(told->total >= 18);
    assert_true(pictures_finish(pictures, &(struct error){0}));
    pictures_close(pictures);
    while (waitpid(-1, &status, 0) > 0) {
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        children++;
    }
    assert_int_equal(children, 1);
    assert_string_equal(told->trouble[0], "takes longer to decode than a picture may");
    for (unsigned tag = 1; tag < 20; tag++)
        assert_string_equal(told->trouble[tag], "");
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

static void
the_caller_can_stop_at_any_time(void **state)
{
    struct told *told = *state;
    struct error err = ERROR_INIT;
    struct slice value = slice_of("plain");
    struct pictures *pictures;
    bool ok = true;

    told->stop_after = 3;
    pictures = open_with(LIAR, &usual, told);
    for (unsigned tag = 0; ok && tag < 20; tag++)
        ok = pictures_make(pictures, tag, &value, 1, &err);
    assert_false(ok && pictures_finish(pictures, &err));
    assert_string_equal(err.text, "no room");
    assert_int_equal(told->total, 3);
    ask(pictures, 30, slice_of("hang"));
    pictures_close(pictures);
    assert_int_equal(waitpid(-1, NULL, 0), -1);
}

static void
refuse_to_open(const char *folder, enum error_code code, const char *text)
{
    struct picture_sink sink = {made, NULL};
    struct error err = ERROR_INIT;

    setenv("LDAP2ALMA_LIBEXEC", folder, 1);
    assert_null(pictures_open(&usual, &sink, NULL, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, text);
    assert_int_equal(waitpid(-1, NULL, 0), -1);
}

static void
without_a_program_that_works_nothing_begins(void **state)
{
    char folder[] = "/tmp/picturesXXXXXX", path[64], text[256];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/picture", folder);
    snprintf(text, sizeof text,
             "cannot start '%s', which decodes pictures: No such file or directory", path);
    refuse_to_open(folder, ERROR_CONFIG, text);
    assert_int_equal(symlink("/bin/true", path), 0);
    snprintf(text, sizeof text, "'%s', which decodes pictures, is of no use: it ended at once",
             path);
    refuse_to_open(folder, ERROR_INTERNAL, text);
    unlink(path);
    rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everybody_gets_an_own_picture, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_and_many_pictures_pass_through, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_much_is_refused_here, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whatever_a_process_does_the_others_go_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_takes_too_long_is_ended_with_all_it_started, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_caller_can_stop_at_any_time, set_up, tear_down),
        cmocka_unit_test(without_a_program_that_works_nothing_begins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
