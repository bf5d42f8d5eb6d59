/* The reader that proves packages: what it finds in documents, and that it lets nothing odd pass.
 */
#include "unit.h"

#include "../support/sample_users.h"
#include "alma/alma.h"

#include <stdlib.h>

/* What was inspected, a line a record: "primary|TYPE=value|…". */
struct seen {
    struct buffer text;
    size_t refuse; /* the record with this number, from 1 */
    size_t records;
};

static bool
see(void *context, const struct alma_inspected *record, struct error *err)
{
    struct seen *seen = context;

    buffer_format(&seen->text, "%.*s", SLICE_ARG(record->primary_id));
    for (size_t i = 0; i < record->identifier_count; i++)
        buffer_format(&seen->text, "|%.*s=%.*s", SLICE_ARG(record->identifiers[i].id_type),
                      SLICE_ARG(record->identifiers[i].value));
    buffer_add_text(&seen->text, "\n");
    if (++seen->records == seen->refuse)
        return error_set(err, ERROR_DATA, "refused");
    return true;
}

/* Inspects documents in pieces of so many bytes. */
static bool
inspect(struct seen *seen, const char *const *documents, size_t count, size_t piece,
        struct error *err)
{
    struct alma_inspector *inspector = alma_inspector_new(see, seen);
    bool ok = true;

    *err = ERROR_INIT;
    for (size_t i = 0; ok && i < count; i++) {
        struct slice rest = slice_of(documents[i]);

        while (ok && rest.length > 0) {
            size_t length = rest.length < piece ? rest.length : piece;

            ok = alma_inspect(inspector, (struct slice){rest.data, length}, err);
            rest = (struct slice){rest.data + length, rest.length - length};
        }
        ok = ok && alma_inspect_end(inspector, err);
    }
    alma_inspector_free(inspector);
    buffer_add(&seen->text, "", 1);
    return ok;
}

#define DOCUMENT(records) "<?xml version=\"1.0\"?>\n<users>\n" records "</users>\n"
#define USER(lines) "<user>\n" lines "</user>\n"
#define IDENTIFIERS(lines) "<user_identifiers>\n" lines "</user_identifiers>\n"
#define IDENTIFIER(type, value)                                                                    \
    "<user_identifier segment_type=\"External\"><id_type>" type "</id_type><value>" value          \
    "</value></user_identifier>\n"
#define ANA "<primary_id>a</primary_id>\n"

static void
identifiers_are_found_in_any_pieces(void **state)
{
    static const char *const documents[] = {
        DOCUMENT(USER("<primary_id>a&amp;b</primary_id>\n" IDENTIFIERS(
            IDENTIFIER("BARCODE", "1") IDENTIFIER("UNIV_ID", "&lt;2&gt;")))
                     USER("<first_name>x</first_name>\n")),
        DOCUMENT(USER("<contact_info>\n<emails>\n<email><value>no</value></email>\n</emails>\n"
                      "</contact_info>\n<primary_id>c</primary_id>\n"))};

    (void)state;
    for (size_t piece = 1; piece < 600; piece++) {
        struct seen seen = {.text = BUFFER_INIT};
        struct error err;

        assert_true(inspect(&seen, documents, 2, piece, &err));
        assert_string_equal(seen.text.data, "a&b|BARCODE=1|UNIV_ID=<2>\n\nc\n");
        buffer_free(&seen.text);
    }
}

/* Whatever the writer writes is read: every field, awkward text. */
static void
what_is_written_is_read(void **state)
{
    struct arena *arena = arena_new();
    struct alma_writer *writer = alma_writer_new();

    (void)state;
    for (uint64_t number = 0; number < 2000; number++) {
        struct seen seen = {.text = BUFFER_INIT};
        struct buffer document = BUFFER_INIT;
        struct user user;
        struct error err;
        const char *text;

        arena_reset(arena);
        sample_user_random(arena, number, &user);
        buffer_add(&document, alma_document_begin.data, alma_document_begin.length);
        alma_write_user(writer, &user, &document);
        buffer_add(&document, alma_document_end.data, alma_document_end.length);
        buffer_add(&document, "", 1);
        text = document.data;
        assert_true(inspect(&seen, &text, 1, 997, &err));
        assert_int_equal(seen.records, 1);
        buffer_free(&seen.text);
        buffer_free(&document);
    }
    alma_writer_free(writer);
    arena_free(arena);
}

static void
what_is_no_document_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "<users>\n</users>\n",
        DOCUMENT(USER(ANA)) "more",
        "<users>\n" USER(ANA),
        DOCUMENT("<user>\n" ANA),
        DOCUMENT("<user>\n" ANA USER(ANA)),
        DOCUMENT(USER(ANA) "text" USER(ANA)),
        DOCUMENT(USER(ANA) "<user>" ANA "</user>\n"),
        DOCUMENT(USER(ANA ANA)),
        DOCUMENT(USER("<primary_id>a</first_name>\n")),
        DOCUMENT(USER("<primary_id>a<b/></primary_id>\n")),
        DOCUMENT(USER("<primary_id>a</primary_id><primary_id>b</primary_id>\n")),
        DOCUMENT(USER("<primary_id/>\n")),
        DOCUMENT(USER("<primary_id>a\nb</primary_id>\n")),
        DOCUMENT(USER("<primary_id>&nbsp;</primary_id>\n")),
        DOCUMENT(USER("<primary_id>& ;</primary_id>\n")),
        DOCUMENT(USER("<!-- a -->\n")),
        DOCUMENT(USER("text\n")),
        DOCUMENT(USER("\n")),
        DOCUMENT(USER("<>\n")),
        DOCUMENT(USER(IDENTIFIER("BARCODE", "1"))),
        DOCUMENT(USER(IDENTIFIERS(ANA))),
        DOCUMENT(USER("<user_identifiers>\n" IDENTIFIER("BARCODE", "1"))),
        DOCUMENT(USER(IDENTIFIERS("<user_identifier><value>1</user_identifier>\n"))),
        DOCUMENT(USER(IDENTIFIERS("<user_identifier><value>1</value><value>2</value>"
                                  "</user_identifier>\n"))),
        DOCUMENT("</user>\n"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct seen seen = {.text = BUFFER_INIT};
        struct error err;

        if (inspect(&seen, &wrong[i], 1, 64, &err))
            fail_msg("'%s' passes", wrong[i]);
        assert_int_equal(err.code, ERROR_DATA);
        buffer_free(&seen.text);
    }
}

static void
the_callback_may_end_it(void **state)
{
    static const char *const document = DOCUMENT(USER(ANA) USER("<primary_id>b</primary_id>\n"));
    struct seen seen = {.text = BUFFER_INIT, .refuse = 1};
    struct error err;

    (void)state;
    assert_false(inspect(&seen, &document, 1, 1000, &err));
    assert_string_equal(err.text, "refused");
    assert_int_equal(seen.records, 1);
    buffer_free(&seen.text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(identifiers_are_found_in_any_pieces),
    cmocka_unit_test(what_is_written_is_read),
    cmocka_unit_test(what_is_no_document_is_refused),
    cmocka_unit_test(the_callback_may_end_it),
};

UNIT_MAIN(tests)
