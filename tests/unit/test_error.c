#include "unit.h"

#include "base/error.h"
#include "base/fault.h"

#include <string.h>

static void
context_goes_in_front(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    assert_false(error_set(&err, ERROR_WRITE, "cannot write '%s'", "a"));
    error_prefix(&err, "packing %d people", 3);
    assert_string_equal(err.text, "packing 3 people: cannot write 'a'");
    assert_int_equal(error_exit_status(err.code), 73);
    assert_string_equal(error_code_name(err.code), "cannot-write");
}

static void
long_texts_are_cut_between_characters(void **state)
{
    struct error err = ERROR_INIT;
    char text[3000];

    (void)state;
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[sizeof text - 2] = '\0';
    error_set(&err, ERROR_DATA, "x%s", text);
    assert_true(strlen(err.text) < sizeof err.text);
    assert_memory_equal(err.text + strlen(err.text) - 5, "\xc3\xa9\xe2\x80\xa6", 5);
    error_prefix(&err, "%s", "y");
    assert_memory_equal(err.text + strlen(err.text) - 3, "\xe2\x80\xa6", 3);
}

static void
texts_are_one_line_that_no_terminal_obeys(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    error_set(&err, ERROR_DATA, "a %s", "\x1b[31m\r\n\xc2\x9b\xe2\x80\xae\xff \xc3\xa9");
    error_prefix(&err, "%s", "\a");
    error_hint(&err, "%s", "b\nc\x7f");
    assert_string_equal(err.text, "?: a ?[31m??\?\?\?\?\?\? \xc3\xa9");
    assert_string_equal(err.hint, "b?c?");
}

static void
collect(void *context, enum message_level level, const char *text)
{
    char *all = context;

    assert_int_equal(level, MESSAGE_ERROR);
    strcat(strcat(all, text), "\n");
}

static void
faults_are_told_in_the_order_of_the_file(void **state)
{
    char said[1000] = "";
    const struct messenger messenger = {.say = collect, .context = said};
    struct faults *faults = faults_new();
    struct error err = ERROR_INIT;

    (void)state;
    assert_true(faults_conclude(faults, &messenger, "x", &err));
    faults_add(faults, (struct position){"f.yaml", 10, 2}, "third");
    faults_add(faults, (struct position){"f.yaml", 2, 7}, "second");
    faults_add(faults, (struct position){"f.yaml", 0, 0}, "first");
    faults_add(faults, (struct position){"f.yaml", 10, 2}, "fourth");
    assert_false(faults_conclude(faults, &messenger, "the settings 'f.yaml'", &err));
    assert_string_equal(said, "f.yaml: first\nf.yaml:2:7: second\nf.yaml:10:2: third\n"
                              "f.yaml:10:2: fourth\n");
    assert_string_equal(err.text, "the settings 'f.yaml' has 4 faults");
    assert_int_equal(error_exit_status(err.code), 78);
    faults_free(faults);
}

static void
the_nearest_name_is_found(void **state)
{
    static const char *const names[] = {"first_name", "last_name", "emails", "user_group"};

    (void)state;
    assert_string_equal(fault_nearest("frist_name", names, 4), "first_name");
    assert_string_equal(fault_nearest("Email", names, 4), "emails");
    assert_string_equal(fault_nearest("usergroup", names, 4), "user_group");
    assert_null(fault_nearest("barcode", names, 4));
    assert_null(fault_nearest("x", names, 4));
    assert_null(fault_nearest("a_name_longer_than_any_that_could_be_meant_by_somebody_who_types_"
                              "it_here",
                              names, 4));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(context_goes_in_front),
    cmocka_unit_test(texts_are_one_line_that_no_terminal_obeys),
    cmocka_unit_test(long_texts_are_cut_between_characters),
    cmocka_unit_test(faults_are_told_in_the_order_of_the_file),
    cmocka_unit_test(the_nearest_name_is_found),
};

UNIT_MAIN(tests)
