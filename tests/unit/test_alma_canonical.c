#include "unit.h"

#include "../support/sample_users.h"
#include "alma/alma.h"

#include <stdlib.h>
#include <string.h>

static void
expect(const char *xml, const char *canonical)
{
    struct buffer out = BUFFER_INIT;
    struct error err = ERROR_INIT;
    unsigned line;

    assert_true(alma_canonical(slice_of(xml), &out, &line, &err));
    buffer_add(&out, "", 1);
    assert_string_equal(out.data, canonical);
    buffer_free(&out);
}

static void
refuse(const char *xml, unsigned line, const char *text)
{
    struct buffer out = BUFFER_INIT;
    struct error err = ERROR_INIT;
    unsigned got;

    assert_false(alma_canonical(slice_of(xml), &out, &got, &err));
    assert_int_equal(err.code, ERROR_DATA);
    assert_string_equal(err.text, text);
    assert_int_equal(got, line);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
}

static void
what_means_the_same_looks_the_same(void **state)
{
    (void)state;
    expect("<user/>", "<user></user>\n");
    expect("<?xml version='1.0'?>\n<!-- a -->\n<user><a>1</a>\n\n<b/></user>",
           "<user>\n  <a>1</a>\n  <b></b>\n</user>\n");
    expect("<user><es><e y='2' x=\"1\"><t>a &amp; b</t></e></es></user>",
           "<user>\n  <es>\n    <e x=\"1\" y=\"2\">\n      <t>a &amp; b</t>\n    </e>\n  </es>\n"
           "</user>\n");
    expect("<user><a>&#233;<![CDATA[<]]></a></user>", "<user>\n  <a>\xc3\xa9&lt;</a>\n</user>\n");
    expect("<user><a> 1 </a></user>", "<user>\n  <a> 1 </a>\n</user>\n");
    expect("<user>a<b/></user>", "<user>\n  a\n  <b></b>\n</user>\n");
}

static void
what_is_no_record_is_refused(void **state)
{
    (void)state;
    refuse("", 1, "document is empty");
    refuse("<user>\n<a>\n</user>", 3, "opening and ending tag mismatch: a line 2 and user");
    refuse("\n<users><user/></users>", 2, "a record is one element <user>, not <users>");
    refuse("<!DOCTYPE user><user/>", 1, "a DOCTYPE is not allowed");
    refuse("<user>&nobody;</user>", 1, "entity 'nobody' not defined");
    refuse("<user>\n<x:a/></user>", 2, "namespace prefix x on a is not defined");
}

/* What the writer makes and what a person writes down of it compare. */
static void
records_become_canonical_and_stay_so(void **state)
{
    struct alma_writer *writer = alma_writer_new();
    struct arena *arena = arena_new();

    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        struct buffer record = BUFFER_INIT, once = BUFFER_INIT, twice = BUFFER_INIT;
        struct user user;
        struct error err = ERROR_INIT;
        unsigned line;

        sample_user_random(arena, i, &user);
        alma_write_user(writer, &user, &record);
        assert_true(alma_canonical((struct slice){record.data, record.length}, &once, &line, &err));
        assert_true(alma_canonical((struct slice){once.data, once.length}, &twice, &line, &err));
        assert_int_equal(once.length, twice.length);
        assert_memory_equal(once.data, twice.data, once.length);
        buffer_free(&record);
        buffer_free(&once);
        buffer_free(&twice);
    }
    arena_free(arena);
    alma_writer_free(writer);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_means_the_same_looks_the_same),
    cmocka_unit_test(what_is_no_record_is_refused),
    cmocka_unit_test(records_become_canonical_and_stay_so),
};

UNIT_MAIN(tests)
