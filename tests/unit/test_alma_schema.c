#include "unit.h"

#include "../support/sample_users.h"
#include "alma/alma.h"
#include "base/file.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the validator said, a line each. */
struct fixture {
    struct buffer said; /* buffer_format() puts a NUL behind its end */
    size_t lines;
    struct messenger messenger;
    struct error err;
};

static void
hear(void *context, enum message_level level, const char *text)
{
    struct fixture *fixture = context;

    assert_int_equal(level, MESSAGE_ERROR);
    buffer_format(&fixture->said, "%s\n", text);
    fixture->lines++;
}

static int
set_up(void **state)
{
    struct fixture *fixture = memory_zero(1, sizeof *fixture);

    fixture->messenger = (struct messenger){.say = hear, .context = fixture};
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    buffer_free(&fixture->said);
    free(fixture);
    return 0;
}

static bool
validate(struct fixture *fixture, const char *text, size_t length)
{
    int fd = memfd_create("document", MFD_CLOEXEC);
    bool valid;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    fixture->said.length = 0;
    fixture->lines = 0;
    fixture->err = ERROR_INIT;
    valid = alma_validate("users.xml", fd, &fixture->messenger, &fixture->err);
    assert_int_equal(close(fd), 0);
    return valid;
}

/* One fault, at that line, with that text; err sums up. */
static void
assert_refused(struct fixture *fixture, const char *document, const char *said)
{
    assert_false(validate(fixture, document, strlen(document)));
    assert_int_equal(fixture->err.code, ERROR_DATA);
    assert_string_equal(fixture->err.text, "'users.xml' is not valid: 1 fault");
    assert_string_equal(fixture->said.data, said);
}

static void
the_committed_schema_is_that_of_the_table(void **state)
{
    struct arena *arena = arena_new();
    struct buffer schema = BUFFER_INIT;
    struct slice committed;
    struct error err = ERROR_INIT;

    (void)state;
    alma_write_schema(&schema);
    assert_true(
        file_read(arena, TOP_SRCDIR "/connector/alma/alma-users.xsd", 1 << 20, &committed, &err));
    if (committed.length != schema.length ||
        memcmp(committed.data, schema.data, schema.length) != 0)
        fail_msg("connector/alma/alma-users.xsd is out of date: run \"make schema\"");
    buffer_free(&schema);
    arena_free(arena);
}

static void
what_we_write_is_valid(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = arena_new();
    struct alma_writer *writer = alma_writer_new();
    struct buffer document = BUFFER_INIT;

    buffer_add(&document, alma_document_begin.data, alma_document_begin.length);
    for (uint64_t i = 0; i < 300; i++) {
        struct user user;

        if (i % 2)
            sample_user_random(arena, i, &user);
        else
            sample_user_ordinary(arena, i, &user);
        assert_true(alma_check(&user, NULL));
        alma_write_user(writer, &user, &document);
        arena_reset(arena);
    }
    buffer_add(&document, alma_document_end.data, alma_document_end.length);
    if (!validate(fixture, document.data, document.length))
        fail_msg("%.*s", (int)fixture->said.length, fixture->said.data);
    assert_int_equal(fixture->lines, 0);
    buffer_free(&document);
    alma_writer_free(writer);
    arena_free(arena);
}

static void
an_empty_list_of_users_is_valid(void **state)
{
    assert_true(validate(*state, "<users/>", 8));
}

static void
unknown_elements_are_refused(void **state)
{
    assert_refused(*state, "<users>\n<user>\n<password>x</password>\n</user>\n</users>\n",
                   "users.xml:3: element 'password': This element is not expected\n");
    assert_refused(*state, "<userRecords/>",
                   "users.xml:1: element 'userRecords': No matching global declaration available "
                   "for the validation root\n");
}

static void
contact_info_has_an_order(void **state)
{
    assert_refused(*state,
                   "<users>\n<user>\n<contact_info>\n<emails/>\n<addresses/>\n</contact_info>\n"
                   "</user>\n</users>\n",
                   "users.xml:5: element 'addresses': This element is not expected. Expected is ( "
                   "phones )\n");
}

static void
values_are_checked(void **state)
{
    char document[512];
    char long_code[52] = "";

    memset(long_code, 'c', 51);
    snprintf(document, sizeof document,
             "<users>\n<user>\n<campus_code>%s</campus_code></user></users>", long_code);
    assert_refused(*state, document,
                   "users.xml:3: element 'campus_code': [facet 'maxLength'] The value has a length "
                   "of '51'; this exceeds the allowed maximum length of '50'\n");
    assert_refused(*state, "<users><user><birth_date>20300116</birth_date></user></users>",
                   "users.xml:1: element 'birth_date': '20300116' is not a valid value of the "
                   "atomic type 'xs:date'\n");
    assert_refused(*state,
                   "<users><user><user_identifiers><user_identifier><value>1</value>\n"
                   "</user_identifier></user_identifiers></user></users>",
                   "users.xml:2: element 'user_identifier': Missing child element(s). Expected is "
                   "one of ( id_type, note, status )\n");
}

static void
broken_documents_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const broken[] = {
        "",
        "no xml",
        "<users>",
        "<users><user></users>",
        "<users>\x01</users>",
        "<users><user><first_name>M\xfcller</first_name></user></users>",
        "<users>&undefined;</users>",
        "<users/><users/>"};

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_false(validate(fixture, broken[i], strlen(broken[i])));
        assert_int_equal(fixture->err.code, ERROR_DATA);
        assert_true(fixture->lines >= 1);
        assert_memory_equal(fixture->said.data, "users.xml:1: ", 13);
    }
}

/* No file is opened and no entity is made, whatever a DOCTYPE says. */
static void
a_doctype_is_refused(void **state)
{
    assert_refused(*state, "<!DOCTYPE users SYSTEM \"/etc/hostname\">\n<users/>",
                   "users.xml:1: a DOCTYPE is not allowed\n");
    assert_refused(*state,
                   "<?xml version=\"1.0\"?>\n<!DOCTYPE users [<!ENTITY a \"aaaa\"> <!ENTITY b "
                   "\"&a;&a;\">]>\n<users>&b;</users>",
                   "users.xml:2: a DOCTYPE is not allowed\n");
}

static void
a_flood_of_faults_is_cut(void **state)
{
    struct fixture *fixture = *state;
    struct buffer document = BUFFER_INIT;

    buffer_add_text(&document, "<users>\n");
    for (int i = 0; i < 150; i++)
        buffer_add_text(&document, "<user><birth_date/></user>\n");
    buffer_add_text(&document, "</users>\n");
    assert_false(validate(fixture, document.data, document.length));
    assert_int_equal(fixture->lines, 101);
    assert_string_equal(fixture->err.text, "'users.xml' is not valid: 150 faults");
    assert_non_null(strstr(fixture->said.data, "users.xml: 50 more of the kind\n"));
    buffer_free(&document);
}

static void
a_descriptor_that_cannot_be_read_is_told(void **state)
{
    struct fixture *fixture = *state;

    assert_false(alma_validate("users.xml", -1, &fixture->messenger, &fixture->err));
    assert_string_equal(fixture->err.text, "cannot read 'users.xml': Bad file descriptor");
    assert_int_equal(fixture->lines, 0);
}

static int
clean_up_parser(void **state)
{
    (void)state;
    xmlCleanupParser();
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    TEST(the_committed_schema_is_that_of_the_table),
    TEST(what_we_write_is_valid),
    TEST(an_empty_list_of_users_is_valid),
    TEST(unknown_elements_are_refused),
    TEST(contact_info_has_an_order),
    TEST(values_are_checked),
    TEST(broken_documents_are_refused),
    TEST(a_doctype_is_refused),
    TEST(a_flood_of_faults_is_cut),
    TEST(a_descriptor_that_cannot_be_read_is_told),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, clean_up_parser);
}
