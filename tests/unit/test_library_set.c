/* Settings that a program gives by name: without a file, and in place of what one says. */
#include "library_fixture.h"

#include "unit.h"

#include <string.h>
#include <unistd.h>

struct pair {
    const char *name, *value;
};

/* A handle that tells `said`, with these settings set. */
static struct l2a *
handle_with(struct library_said *said, const struct pair *pairs, size_t count)
{
    struct l2a *handle = l2a_new();

    *said = (struct library_said){.length = 0};
    l2a_on_message(handle, library_say, said);
    for (size_t i = 0; i < count; i++)
        if (l2a_set(handle, pairs[i].name, pairs[i].value) != L2A_DONE)
            fail_msg("%s", l2a_error_text(handle));
    return handle;
}

#define HANDLE_WITH(said, pairs) handle_with((said), (pairs), sizeof(pairs) / sizeof(pairs)[0])

static void
a_feed_needs_no_file(void **state)
{
    struct library_feed feed = library_feed_make();
    const struct pair pairs[] = {{"name", "test"},
                                 {"directory.ldif", "people.ldif"},
                                 {"mapping", "mapping.yaml"},
                                 {"delivery.folder", "out"},
                                 {"spool", "nowhere"},
                                 {"spool", "spool"}};
    char here[4096];
    struct library_said said;
    struct l2a *handle = HANDLE_WITH(&said, pairs);

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(feed.path), 0);
    assert_int_equal(l2a_load(handle, NULL), L2A_DONE);
    assert_int_equal(l2a_run(handle, 0), L2A_DONE);
    assert_non_null(strstr(l2a_report(handle, "text"), "300  entries"));
    assert_int_equal(access("spool/test/state.db", F_OK), 0);
    /* What was set is forgotten. */
    assert_int_equal(l2a_load(handle, NULL), L2A_CONFIGURATION);
    assert_int_equal(l2a_run(handle, 0), L2A_USAGE);
    assert_int_equal(chdir(here), 0);
    l2a_free(handle);
    library_feed_remove(&feed);
}

static void
what_is_set_stands_in_the_place_of_the_files_own(void **state)
{
    struct library_feed feed = library_feed_make();
    char people[64], out[64];
    const struct pair pairs[] = {{"directory.ldif", people},
                                 {"delivery.folder", out},
                                 {"package.records_per_file", "100"},
                                 {"brakes.min_users", "off"}};
    struct library_said said;
    struct l2a *handle;

    (void)state;
    snprintf(people, sizeof people, "%s/few.ldif", feed.path);
    snprintf(out, sizeof out, "%s", feed.path);
    library_write(feed.path, "few.ldif", "dn: uid=x,dc=example\nuid: x\nsn: Cole\n\n");
    handle = HANDLE_WITH(&said, pairs);
    assert_int_equal(l2a_load(handle, feed.settings), L2A_DONE);
    assert_int_equal(l2a_run(handle, L2A_RUN_DRY), L2A_DONE);
    assert_non_null(strstr(l2a_report(handle, "json"), "\"read\": 1,"));
    assert_int_equal(l2a_load(handle, feed.settings), L2A_DONE);
    assert_int_equal(l2a_run(handle, L2A_RUN_DRY), L2A_DONE);
    assert_non_null(strstr(l2a_report(handle, "json"), "\"read\": 300"));
    l2a_free(handle);
    library_feed_remove(&feed);
}

static void
names_that_are_none_are_refused(void **state)
{
    static const struct {
        const char *name, *value, *text;
    } cases[] = {
        {"directory.url", "x", "there is no option 'directory.url'; did you mean 'directory.uri'?"},
        {"", "x", "there is no option ''"},
        {"directory", "x", "there is no option 'directory'"},
        {"directory.searches", "x", "there is no option 'directory.searches'"},
        {"directory.bind.password", "x",
         "behind 'directory.bind.password' the place of the secret is missing, such as "
         "'directory.bind.password.file'"},
        {"name", NULL, "the value of 'name' is no text"},
        {"name", "\xff", "the value of 'name' is no text"},
    };
    struct l2a *handle = l2a_new();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(l2a_set(handle, cases[i].name, cases[i].value), L2A_USAGE);
        assert_int_equal(l2a_error_status(handle), L2A_USAGE);
        if (strncmp(l2a_error_text(handle), cases[i].text, strlen(cases[i].text)) != 0)
            fail_msg("'%s': %s", cases[i].name, l2a_error_text(handle));
    }
    assert_int_equal(l2a_set(handle, "name", "x"), L2A_DONE);
    assert_int_equal(l2a_error_status(handle), L2A_DONE);
    l2a_free(handle);
}

static void
faults_are_told_like_those_of_a_file(void **state)
{
    static const struct pair pairs[] = {{"directory.uri", "http://x"},
                                        {"directory.bind.method", "anonymous"},
                                        {"directory.searches[].filter", "(a=b)"},
                                        {"directory.searches[].base", "dc=x"},
                                        {"directory.searches[].filter", "(c=d)"},
                                        {"directory.page_size", ""},
                                        {"delivery.folder", "a\nb"},
                                        {"brakes.held", "~"}};
    struct library_said said;
    struct l2a *handle = HANDLE_WITH(&said, pairs);

    (void)state;
    assert_int_equal(l2a_load(handle, NULL), L2A_CONFIGURATION);
    assert_string_equal(
        said.text,
        "l2a_set: 'directory.uri' must begin with ldaps://, ldap:// or ldapi://\n"
        "l2a_set: 'directory.searches[].base' is missing\n"
        "l2a_set: 'directory.page_size' is empty\n"
        "l2a_set: 'delivery.folder' must be one line without control characters\n"
        "l2a_set: 'brakes.held' must be a percentage such as 5%, a number of people, or off, not "
        "'~'\n"
        "l2a_set: 'mapping' is missing\n"
        "l2a_set: 'name' is missing: there is no file that the feed could be named after\n");
    assert_string_equal(l2a_error_text(handle), "the settings 'l2a_set' has 7 faults");
    l2a_free(handle);
}

/* Texts, items and secrets take the place of the file's as a whole; faults say what is left. */
static void
lists_and_secrets_are_replaced_as_a_whole(void **state)
{
    struct library_feed feed = library_feed_make();
    static const struct pair pairs[] = {
        {"directory.searches[].base", "dc=one"},
        {"directory.searches[].base", "dc=two"},
        {"directory.searches[].scope", "every"},
        {"directory.uri", "ldaps://one.example.edu"},
        {"directory.uri", "two.example.edu"},
        {"directory.bind.password.file", "/nowhere"},
        {"directory.bind.password.env", "not a name"},
        {"delivery.sftp.directory.synchronize", "a\tb"},
    };
    struct library_said said;
    struct l2a *handle = HANDLE_WITH(&said, pairs);

    (void)state;
    library_write(feed.path, "ldap2alma.yaml",
                  "name: test\nmapping: mapping.yaml\n"
                  "directory:\n"
                  "  uri: nonsense\n"
                  "  bind: { dn: cn=x, password: { nonsense: too } }\n"
                  "  searches: [ { filter: nonsense } ]\n"
                  "delivery: { sftp: { host: h, user: u, agent: true, known_hosts: k,\n"
                  "  directory: { nonsense: x } } }\n");
    assert_int_equal(l2a_load(handle, feed.settings), L2A_CONFIGURATION);
    assert_string_equal(
        said.text,
        "l2a_set: 'directory.uri' must begin with ldaps://, ldap:// or ldapi://\n"
        "l2a_set: 'directory.bind.password' must name an environment variable: letters, digits "
        "and '_'\n"
        "l2a_set: 'directory.searches[].scope' must be one of subtree, one, base, not 'every'\n"
        "l2a_set: 'delivery.sftp.directory' must be one line without control characters\n");
    l2a_free(handle);
    library_feed_remove(&feed);
}

static void
a_file_with_faults_keeps_them(void **state)
{
    struct library_feed feed = library_feed_make();
    static const struct {
        const char *file, *said;
    } cases[] = {
        {"directory:\n", ":1:11: 'directory' has no value\n"},
        {"directory: text\n", ":1:12: 'directory' must be a map, not text\n"},
        {"- a list\n", ":1:1: the file must be a map, not a list\n"},
        {"a: [\n", ":2:1: "},
    };
    static const struct pair pairs[] = {{"directory.ldif", "people.ldif"}};
    struct library_said said;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct l2a *handle = HANDLE_WITH(&said, pairs);

        library_write(feed.path, "ldap2alma.yaml", cases[i].file);
        assert_int_equal(l2a_load(handle, feed.settings), L2A_CONFIGURATION);
        if (!strstr(said.text, cases[i].said))
            fail_msg("%s", said.text);
        l2a_free(handle);
    }
    library_feed_remove(&feed);
}

static void
statuses_have_names(void **state)
{
    static const struct {
        int status;
        const char *name;
    } names[] = {{L2A_DONE, "done"},
                 {L2A_STOPPED, "stopped"},
                 {L2A_USAGE, "usage"},
                 {L2A_DATA, "data"},
                 {L2A_UNAVAILABLE, "unavailable"},
                 {L2A_INTERNAL, "internal"},
                 {L2A_CANNOT_WRITE, "cannot-write"},
                 {L2A_LOCKED, "locked"},
                 {L2A_PERMISSION, "permission"},
                 {L2A_CONFIGURATION, "configuration"}};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(l2a_status_name(names[i].status), names[i].name);
    assert_null(l2a_status_name(1));
    assert_null(l2a_status_name(-1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_feed_needs_no_file),
        cmocka_unit_test(what_is_set_stands_in_the_place_of_the_files_own),
        cmocka_unit_test(names_that_are_none_are_refused),
        cmocka_unit_test(faults_are_told_like_those_of_a_file),
        cmocka_unit_test(lists_and_secrets_are_replaced_as_a_whole),
        cmocka_unit_test(a_file_with_faults_keeps_them),
        cmocka_unit_test(statuses_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
