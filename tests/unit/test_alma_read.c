#include "unit.h"

#include "../support/sample_users.h"
#include "alma/alma.h"

#include <string.h>

/* The texts of a field, with " | " between them; "" where it is not there. */
static const char *
texts_of(const struct alma_texts *fields, const char *name, struct arena *arena)
{
    const struct alma_texts *texts = &fields[user_field_find(name)];
    const char *joined = "";

    for (size_t i = 0; i < texts->count; i++)
        joined =
            arena_format(arena, "%s%s%.*s", joined, i ? " | " : "", SLICE_ARG(texts->items[i]));
    return joined;
}

static void
what_was_written_is_read(void **state)
{
    struct arena *arena = arena_new();
    struct alma_writer *writer = alma_writer_new();
    struct user user = {.match_id = slice_of("x")};
    struct buffer out = BUFFER_INIT;
    struct alma_texts fields[USER_FIELDS_MOST];
    struct error err = ERROR_INIT;

    (void)state;
    sample_user_set(arena, &user, NULL, 0, "last_name", "<b>&\"'\xc3\xa9");
    sample_user_set(arena, &user, NULL, 0, "expiry_date", "2026-09-01");
    sample_user_set(arena, &user, "emails", 0, "email_address", "a@example.edu");
    sample_user_set(arena, &user, "emails", 1, "email_address", "b@example.edu");
    alma_write_user(writer, &user, &out);
    assert_true(alma_read_record((struct slice){out.data, out.length}, arena, fields, &err));
    assert_string_equal(texts_of(fields, "last_name", arena), "<b>&\"'\xc3\xa9");
    assert_string_equal(texts_of(fields, "expiry_date", arena), "2026-09-01Z");
    assert_non_null(strstr(texts_of(fields, "emails", arena), "email_address=a@example.edu"));
    assert_int_equal(fields[user_field_find("emails")].count, 2);
    assert_string_equal(texts_of(fields, "first_name", arena), "");
    buffer_free(&out);
    alma_writer_free(writer);
    arena_free(arena);
}

static void
fields_of_another_version_and_within_others(void **state)
{
    static const char record[] =
        "<user>\n<last_name></last_name>\n<shoe_size>44</shoe_size>\n<contact_info>\n<emails>\n"
        "<email preferred=\"true\"><email_address>a@example.edu</email_address><email_types>"
        "<email_type>work</email_type><email_type>home</email_type></email_types></email>\n"
        "</emails>\n</contact_info>\n</user>\n";
    struct arena *arena = arena_new();
    struct alma_texts fields[USER_FIELDS_MOST];
    struct error err = ERROR_INIT;

    (void)state;
    assert_true(alma_read_record(slice_of(record), arena, fields, &err));
    assert_int_equal(fields[user_field_find("last_name")].count, 1);
    assert_string_equal(texts_of(fields, "emails", arena),
                        "email_address=a@example.edu, email_types=work/home, preferred=true");
    arena_free(arena);
}

static void
what_is_no_xml_is_refused(void **state)
{
    static const char *const records[] = {"", "<user>", "<user></usr>", "text"};
    struct arena *arena = arena_new();
    struct alma_texts fields[USER_FIELDS_MOST];

    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct error err = ERROR_INIT;

        assert_false(alma_read_record(slice_of(records[i]), arena, fields, &err));
        assert_int_equal(err.code, ERROR_DATA);
    }
    arena_free(arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_was_written_is_read),
    cmocka_unit_test(fields_of_another_version_and_within_others),
    cmocka_unit_test(what_is_no_xml_is_refused),
};

UNIT_MAIN(tests)
