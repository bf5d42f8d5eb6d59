/* Handles in threads: each with a feed of its own, and several with one. ThreadSanitizer looks on
 * in the step `threads` of tests/run. */
#include "library_fixture.h"

#include "unit.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MOST = 8, PUTS = 10 };

/* What one thread works with; nothing in it is shared but the feed's files. */
struct worker {
    const struct library_feed *feed;
    unsigned number;
    uint64_t steps;
    struct library_said said;
    int status; /* of the first call that did not go well */
    char text[256];
};

static void
count_step(void *context, const char *phase, uint64_t done, uint64_t total, const char *unit)
{
    (void)phase, (void)done, (void)total, (void)unit;
    ((struct worker *)context)->steps++;
}

static struct l2a *
open_handle(struct worker *worker)
{
    struct l2a *handle = l2a_new();

    l2a_on_message(handle, library_say, &worker->said);
    l2a_on_progress(handle, count_step, worker);
    return handle;
}

/* False from the first call on that did not go well. cmocka must not fail in a thread. */
static bool
went_well(struct worker *worker, struct l2a *handle, int status)
{
    if (status == L2A_DONE || worker->status != L2A_DONE)
        return worker->status == L2A_DONE;
    worker->status = status;
    snprintf(worker->text, sizeof worker->text, "%s", l2a_error_text(handle));
    return false;
}

static int
map_somebody(struct l2a *handle)
{
    struct l2a_entry *entry = l2a_entry_new("uid=x,dc=example");
    int status = l2a_entry_add(entry, "uid", "X", 1);

    if (status == L2A_DONE)
        status = l2a_map(handle, entry);
    l2a_entry_free(entry);
    return status;
}

/* Everything once that a program does with a feed of its own. */
static void *
use_all(void *context)
{
    struct worker *worker = context;
    struct l2a *handle = open_handle(worker);
    int64_t people = 0;

    if (went_well(worker, handle, l2a_set(handle, "brakes.changed", "off")) &&
        went_well(worker, handle, l2a_load(handle, worker->feed->settings)) &&
        went_well(worker, handle, l2a_check(handle, NULL, 0, 0)) &&
        went_well(worker, handle, map_somebody(handle)) &&
        went_well(worker, handle, l2a_preview(handle, "p7", 0)) &&
        went_well(worker, handle, l2a_run(handle, L2A_RUN_DRY)) &&
        went_well(worker, handle, l2a_run(handle, 0)) &&
        went_well(worker, handle, l2a_run(handle, L2A_RUN_CHANGED)) &&
        went_well(worker, handle, l2a_report_save(handle, "json", worker->feed->report)) &&
        went_well(worker, handle, l2a_status(handle, 0)) &&
        went_well(worker, handle, l2a_status_measure(handle, "people", &people)) &&
        people != LIBRARY_PEOPLE)
        worker->status = -1;
    /* A failure in one thread is nothing to the others. */
    if (l2a_run(handle, 0x100) != L2A_USAGE || !strstr(l2a_error_text(handle), "0x100"))
        worker->status = -1;
    l2a_free(handle);
    return NULL;
}

/* Runs of one feed exclude each other: each is done, or another one is at work. */
static void *
run_against_others(void *context)
{
    struct worker *worker = context;
    struct l2a *handle = open_handle(worker);
    int status = l2a_load(handle, worker->feed->settings);

    for (int i = 0; i < 3 && (status == L2A_DONE || status == L2A_LOCKED); i++)
        status = l2a_run(handle, L2A_RUN_FULL);
    if (status != L2A_LOCKED)
        went_well(worker, handle, status);
    l2a_free(handle);
    return NULL;
}

static int
put_somebody(struct l2a *handle, const struct worker *worker, int number)
{
    char dn[64], uid[32], ldif[256];
    struct l2a_entry *entry;
    int status;

    snprintf(uid, sizeof uid, "t%u-%d", worker->number, number);
    snprintf(dn, sizeof dn, "uid=%s,dc=example", uid);
    if (number % 2) {
        snprintf(ldif, sizeof ldif, "dn: %s\nuid: %s\nsn: Cole\n\n", dn, uid);
        return l2a_put_text(handle, ldif, strlen(ldif));
    }
    entry = l2a_entry_new(dn);
    status = l2a_entry_add(entry, "uid", uid, strlen(uid));
    if (status == L2A_DONE)
        status = l2a_put(handle, entry);
    l2a_entry_free(entry);
    return status;
}

static int
count_person(void *context, const char *ldif, size_t length)
{
    (void)ldif, (void)length;
    ++*(size_t *)context;
    return 0;
}

/* Everybody puts; one of them delivers meanwhile. */
static void *
put_with_others(void *context)
{
    struct worker *worker = context;
    struct l2a *handle = open_handle(worker);
    size_t listed = 0;

    if (went_well(worker, handle, l2a_load(handle, worker->feed->settings)))
        for (int i = 0; i < PUTS && worker->status == L2A_DONE; i++) {
            went_well(worker, handle, put_somebody(handle, worker, i));
            if (worker->number == 0 && i % 5 == 4)
                went_well(worker, handle, l2a_run(handle, 0));
        }
    if (worker->status == L2A_DONE)
        went_well(worker, handle, l2a_list(handle, NULL, NULL, 0, count_person, &listed));
    if (listed < PUTS)
        went_well(worker, handle, L2A_DATA);
    l2a_free(handle);
    return NULL;
}

static void
work(void *(*go)(void *context), struct worker *workers, unsigned count)
{
    pthread_t threads[THREADS_MOST];

    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, go, &workers[i]), 0);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (unsigned i = 0; i < count; i++)
        if (workers[i].status != L2A_DONE)
            fail_msg("thread %u: %d, %s", i, workers[i].status, workers[i].text);
}

static void
each_with_a_feed_of_its_own(unsigned count)
{
    struct library_feed feeds[THREADS_MOST];
    struct worker workers[THREADS_MOST] = {{.number = 0}};

    for (unsigned i = 0; i < count; i++) {
        feeds[i] = library_feed_make();
        workers[i].feed = &feeds[i];
    }
    work(use_all, workers, count);
    for (unsigned i = 0; i < count; i++) {
        assert_true(workers[i].steps > 0);
        assert_int_equal(access(feeds[i].report, R_OK), 0);
        library_feed_remove(&feeds[i]);
    }
}

static void
two_handles_work_in_two_threads(void **state)
{
    (void)state;
    each_with_a_feed_of_its_own(2);
}

static void
eight_handles_work_in_eight_threads(void **state)
{
    (void)state;
    each_with_a_feed_of_its_own(THREADS_MOST);
}

static void
runs_of_one_feed_exclude_each_other(void **state)
{
    struct library_feed feed = library_feed_make();
    struct worker workers[THREADS_MOST] = {{.number = 0}};

    (void)state;
    for (unsigned i = 0; i < THREADS_MOST; i++)
        workers[i].feed = &feed;
    work(run_against_others, workers, THREADS_MOST);
    library_feed_remove(&feed);
}

static void
eight_handles_put_into_one_feed(void **state)
{
    struct library_feed feed = library_feed_make();
    struct worker workers[THREADS_MOST] = {{.number = 0}};
    struct l2a *handle = l2a_new();
    size_t listed = 0;

    (void)state;
    library_write(feed.path, "ldap2alma.yaml",
                  "name: test\ndirectory: { push: {} }\nmapping: mapping.yaml\n"
                  "brakes: { new: off }\ndelivery: { folder: out }\nspool: spool\n");
    for (unsigned i = 0; i < THREADS_MOST; i++) {
        workers[i].feed = &feed;
        workers[i].number = i;
    }
    work(put_with_others, workers, THREADS_MOST);
    assert_int_equal(l2a_load(handle, feed.settings), L2A_DONE);
    assert_int_equal(l2a_list(handle, NULL, NULL, 0, count_person, &listed), L2A_DONE);
    assert_int_equal(listed, THREADS_MOST * PUTS);
    assert_int_equal(l2a_run(handle, 0), L2A_DONE);
    assert_non_null(strstr(l2a_report(handle, "json"), "\"read\": 80"));
    l2a_free(handle);
    library_feed_remove(&feed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_handles_work_in_two_threads),
        cmocka_unit_test(eight_handles_work_in_eight_threads),
        cmocka_unit_test(runs_of_one_feed_exclude_each_other),
        cmocka_unit_test(eight_handles_put_into_one_feed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
