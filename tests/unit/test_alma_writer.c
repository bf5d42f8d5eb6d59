#include "unit.h"

#include "../support/sample_users.h"
#include "alma/alma.h"
#include "alma/escape.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct arena *arena;
    struct alma_writer *writer;
    struct user user;
    struct buffer out;
};

static int
set_up(void **state)
{
    struct fixture *fixture = memory_zero(1, sizeof *fixture);

    fixture->arena = arena_new();
    fixture->writer = alma_writer_new();
    fixture->user.match_id = slice_of("x");
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    buffer_free(&fixture->out);
    alma_writer_free(fixture->writer);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static void
set(struct fixture *fixture, const char *list, size_t item, const char *field, const char *text)
{
    sample_user_set(fixture->arena, &fixture->user, list, item, field, text);
}

static struct slice
render(struct fixture *fixture)
{
    fixture->out.length = 0;
    alma_write_user(fixture->writer, &fixture->user, &fixture->out);
    return (struct slice){fixture->out.data, fixture->out.length};
}

static struct slice
escape(struct fixture *fixture, struct slice text, enum escape_place place)
{
    fixture->out.length = 0;
    buffer_reserve(&fixture->out, 1);
    escape_add(&fixture->out, text, place);
    return (struct slice){fixture->out.data, fixture->out.length};
}

static void
users_are_written_in_the_order_of_the_table(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "user_identifiers", 0, "value", "B1");
    set(fixture, "user_identifiers", 0, "id_type", "BARCODE");
    set(fixture, "phones", 0, "phone_number", "1");
    set(fixture, "phones", 0, "phone_types", "office");
    set(fixture, "emails", 0, "email_types", "work");
    set(fixture, "emails", 0, "email_address", "a@example.edu");
    set(fixture, "emails", 1, "email_types", "work");
    set(fixture, "emails", 1, "email_address", "b@example.edu");
    set(fixture, "phones", 0, "preferred_sms", "TRUE");
    set(fixture, NULL, 0, "last_name", "Ruiz");
    set(fixture, NULL, 0, "primary_id", "aruiz");
    set(fixture, NULL, 0, "pref_first_name", "Ana");
    assert_true(alma_check(&fixture->user, NULL));
    assert_slice(
        render(fixture),
        "<user>\n"
        "<primary_id>aruiz</primary_id>\n"
        "<last_name>Ruiz</last_name>\n"
        "<contact_info>\n"
        "<emails>\n"
        "<email preferred=\"true\" segment_type=\"External\"><email_address>a@example.edu"
        "</email_address><email_types><email_type>work</email_type></email_types></email>\n"
        "<email preferred=\"false\" segment_type=\"External\"><email_address>b@example.edu"
        "</email_address><email_types><email_type>work</email_type></email_types></email>\n"
        "</emails>\n"
        "<phones>\n"
        "<phone preferred=\"true\" preferred_sms=\"true\" segment_type=\"External\">"
        "<phone_number>1</phone_number><phone_types><phone_type>office</phone_type></phone_types>"
        "</phone>\n"
        "</phones>\n"
        "</contact_info>\n"
        "<user_identifiers>\n"
        "<user_identifier segment_type=\"External\"><id_type>BARCODE</id_type><value>B1</value>"
        "</user_identifier>\n"
        "</user_identifiers>\n"
        "<pref_first_name>Ana</pref_first_name>\n"
        "</user>\n");
}

static void
what_is_empty_is_left_out(void **state)
{
    struct fixture *fixture = *state;

    assert_slice(render(fixture), "<user>\n</user>\n");
    set(fixture, NULL, 0, "first_name", "");
    set(fixture, NULL, 0, "birth_date", "");
    set(fixture, "addresses", 0, "line1", "");
    set(fixture, "emails", 1, "email_types", "work");
    set(fixture, "user_notes", 0, "note_text", "no type");
    assert_true(alma_check(&fixture->user, NULL));
    assert_slice(render(fixture), "<user>\n</user>\n");
}

static void
contact_info_closes_at_the_end(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "phones", 0, "phone_number", "1");
    set(fixture, "phones", 0, "phone_types", "home");
    assert_slice(render(fixture), "<user>\n<contact_info>\n<phones>\n"
                                  "<phone segment_type=\"External\"><phone_number>1</phone_number>"
                                  "<phone_types><phone_type>home</phone_type></phone_types></phone>"
                                  "\n</phones>\n</contact_info>\n</user>\n");
}

static void
codes_come_each_in_its_element(void **state)
{
    static const struct slice codes[] = {{"home", 4}, {"", 0}, {"a&b", 3}};
    struct fixture *fixture = *state;
    struct user_value *types =
        sample_user_value(fixture->arena, &fixture->user, "phones", 0, "phone_types");

    set(fixture, "phones", 0, "phone_number", "1");
    *types = (struct user_value){.codes = codes, .code_count = 3};
    assert_non_null(strstr(arena_slice(fixture->arena, render(fixture)).data,
                           "<phone_types><phone_type>home</phone_type><phone_type>a&amp;b"
                           "</phone_type></phone_types>"));
    *types = (struct user_value){.codes = codes + 1, .code_count = 1};
    assert_null(strstr(arena_slice(fixture->arena, render(fixture)).data, "phone_types"));
}

static void
fallbacks_are_written(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "user_notes", 0, "note_type", "OTHER");
    set(fixture, "user_notes", 0, "popup_note", "true");
    set(fixture, "user_notes", 0, "segment_type", "Internal");
    assert_true(alma_check(&fixture->user, NULL));
    assert_slice(render(fixture), "<user>\n<user_notes>\n<user_note segment_type=\"Internal\">"
                                  "<note_type>OTHER</note_type><user_viewable>false"
                                  "</user_viewable><popup_note>true</popup_note></user_note>\n"
                                  "</user_notes>\n</user>\n");
}

static void
dates_carry_the_zone(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, NULL, 0, "birth_date", "1998-02-03");
    set(fixture, NULL, 0, "expiry_date", "2027-08-31Z");
    assert_slice(render(fixture), "<user>\n<birth_date>1998-02-03Z</birth_date>\n"
                                  "<expiry_date>2027-08-31Z</expiry_date>\n</user>\n");
}

static void
date_times_are_complete(void **state)
{
    static const char *const cases[][2] = {
        {"2026-09-01", "2026-09-01T00:00:00Z"},
        {"2026-09-01Z", "2026-09-01T00:00:00Z"},
        {"2026-09-01T12:30:00.5+02:00", "2026-09-01T12:30:00.5+02:00"}};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(fixture, "user_blocks", 0, "block_description", "B");
        set(fixture, "user_blocks", 0, "expiry_date", cases[i][0]);
        assert_slice(
            render(fixture),
            arena_format(fixture->arena,
                         "<user>\n<user_blocks>\n<user_block segment_type=\"External\">"
                         "<block_description>B</block_description><expiry_date>%s</expiry_date>"
                         "</user_block>\n</user_blocks>\n</user>\n",
                         cases[i][1]));
    }
}

static void
text_is_escaped(void **state)
{
    static const char *const cases[][3] = {
        /* given, in text, in an attribute */
        {"plain", "plain", "plain"},
        {"a & b < c > d", "a &amp; b &lt; c &gt; d", "a &amp; b &lt; c &gt; d"},
        {"]]>", "]]&gt;", "]]&gt;"},
        {"\"it's\"", "\"it's\"", "&quot;it's&quot;"},
        {"&amp;", "&amp;amp;", "&amp;amp;"},
        {"tab\tand\r\nline", "tab and  line", "tab and  line"},
        {"bell\x07 escape\x1b", "bell escape", "bell escape"},
        {"Müller 東京 \xf0\x9f\x98\x80\x7f", "Müller 東京 \xf0\x9f\x98\x80\x7f",
         "Müller 東京 \xf0\x9f\x98\x80\x7f"},
        {"M\xfcller", "M\xef\xbf\xbdller", "M\xef\xbf\xbdller"},
        {"cut \xe6\x9d", "cut \xef\xbf\xbd\xef\xbf\xbd", "cut \xef\xbf\xbd\xef\xbf\xbd"},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"", "", ""},
    };
    static const struct slice with_nul = {"a\0b", 3};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct slice given = slice_of(cases[i][0]);

        assert_slice(escape(fixture, given, ESCAPE_TEXT), cases[i][1]);
        assert_slice(escape(fixture, given, ESCAPE_ATTRIBUTE), cases[i][2]);
    }
    assert_slice(escape(fixture, with_nul, ESCAPE_TEXT), "ab");
}

/* Every code point as UTF-8 would encode it, also those that are none. */
static size_t
encode(uint32_t point, unsigned char *bytes)
{
    size_t more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};

    for (size_t i = more; i > 0; i--, point >>= 6)
        bytes[i] = (unsigned char)(0x80 | (point & 0x3f));
    bytes[0] = (unsigned char)(first[more] | point);
    return more + 1;
}

static bool
is_xml_character(uint32_t point)
{
    return point == 0x9 || point == 0xa || point == 0xd || (point >= 0x20 && point <= 0xd7ff) ||
           (point >= 0xe000 && point <= 0xfffd) || (point >= 0x10000 && point <= 0x10ffff);
}

static void
only_characters_of_xml_come_through(void **state)
{
    struct fixture *fixture = *state;

    for (uint32_t point = 0x80; point < 0x120000; point++) {
        unsigned char bytes[4];
        struct slice text = {(char *)bytes, encode(point, bytes)};

        assert_int_equal(slice_equal(escape(fixture, text, ESCAPE_TEXT), text),
                         is_xml_character(point));
    }
}

/* Bytes as they come, in every field, and never checked. */
static void
fill_with_noise(struct fixture *fixture, unsigned seed)
{
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];

        for (size_t j = 0; j <= field->field_count; j++) {
            size_t length = 1 + seed % 40;
            char *noise = arena_bytes(fixture->arena, length + 1);
            bool in_list = field->kind == FIELD_ITEMS;

            if (in_list && j == field->field_count)
                continue;
            for (size_t k = 0; k < length; k++) {
                seed = seed * 1103515245 + 12345;
                noise[k] = (char)((seed >> 16) % 255 + 1);
            }
            noise[length] = '\0';
            set(fixture, in_list ? field->name : NULL, 0,
                in_list ? field->fields[j].name : field->name, noise);
        }
    }
}

static void
noise_is_still_well_formed(void **state)
{
    struct fixture *fixture = *state;

    for (unsigned seed = 1; seed < 300; seed++) {
        struct slice text;
        xmlDocPtr document;

        fill_with_noise(fixture, seed * 7919);
        text = render(fixture);
        document = xmlReadMemory(text.data, (int)text.length, "noise", "UTF-8",
                                 XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
        assert_non_null(document);
        xmlFreeDoc(document);
        arena_reset(fixture->arena);
        memset(&fixture->user, 0, sizeof fixture->user);
    }
    xmlCleanupParser();
}

/* Alma would take one for an internal user's (FACTS: never send). */
static void
no_password_is_ever_written(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < user_field_count; i++) {
        assert_null(strstr(user_fields[i].name, "password"));
        for (size_t j = 0; j < user_fields[i].field_count; j++)
            assert_null(strstr(user_fields[i].fields[j].name, "password"));
    }
    for (uint64_t i = 0; i < 100; i++) {
        sample_user_random(fixture->arena, i, &fixture->user);
        assert_true(alma_check(&fixture->user, NULL));
        assert_null(strstr(arena_slice(fixture->arena, render(fixture)).data, "password"));
        arena_reset(fixture->arena);
    }
}

/* The writer relies on these. */
static void
the_table_has_the_shape_the_writer_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *list = &user_fields[i];
        bool elements = false, required = false;

        for (size_t j = 0; j < list->field_count; j++) {
            assert_false(elements && list->fields[j].attribute);
            assert_int_not_equal(list->fields[j].kind, FIELD_ITEMS);
            elements = elements || !list->fields[j].attribute;
            required = required || (list->fields[j].required && !list->fields[j].fallback);
        }
        assert_true(required || list->kind != FIELD_ITEMS);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    TEST(users_are_written_in_the_order_of_the_table),
    TEST(what_is_empty_is_left_out),
    TEST(contact_info_closes_at_the_end),
    TEST(codes_come_each_in_its_element),
    TEST(fallbacks_are_written),
    TEST(dates_carry_the_zone),
    TEST(date_times_are_complete),
    TEST(text_is_escaped),
    TEST(only_characters_of_xml_come_through),
    TEST(noise_is_still_well_formed),
    TEST(no_password_is_ever_written),
    TEST(the_table_has_the_shape_the_writer_needs),
};

UNIT_MAIN(tests)
