#include "unit.h"

#include "base/buffer.h"
#include "directory/source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads LDIF text from a file and writes down what comes: each entry as "DN|cn=…|mail=…" and each
 * finding as "!DN|text", a line each. */
struct read {
    char path[32];
    struct buffer seen;
    struct source_result result;
    struct error err;
    bool ok;
};

static bool
note_entry(void *context, const struct entry *entry, struct error *err)
{
    struct buffer *seen = context;

    (void)err;
    buffer_add(seen, entry->dn.data, entry->dn.length);
    for (size_t slot = 0; slot < attributes_count(entry->attributes); slot++)
        for (size_t i = 0; i < entry->slots[slot].count; i++) {
            buffer_format(seen, "|%s=", attributes_name(entry->attributes, (int)slot));
            buffer_add(seen, entry->slots[slot].values[i].data,
                       entry->slots[slot].values[i].length);
        }
    buffer_add_text(seen, "\n");
    return true;
}

static bool
never_restart(void *context, struct error *err)
{
    (void)context;
    return error_set(err, ERROR_INTERNAL, "a file was read again");
}

static void
note_finding(void *context, const struct finding *finding)
{
    struct buffer *seen = context;

    assert_int_equal(finding->code, FINDING_BAD_ENTRY);
    buffer_format(seen, "!%.*s|%.*s\n", SLICE_ARG(finding->dn), SLICE_ARG(finding->text));
}

static struct read
read_bytes(const char *text, size_t length)
{
    struct read read = {.path = "/tmp/test_ldif.XXXXXX", .seen = BUFFER_INIT, .err = ERROR_INIT};
    struct attributes *attributes = attributes_new();
    struct source_reader reader = {.entry = note_entry,
                                   .restart = never_restart,
                                   .context = &read.seen,
                                   .findings = {note_finding, &read.seen}};
    struct source *source;
    int fd = mkstemp(read.path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), (ssize_t)length);
    close(fd);
    attributes_add(attributes, slice_of("cn"));
    attributes_add(attributes, slice_of("mail"));
    source = source_open_ldif(read.path, NULL);
    read.ok = source_read(source, attributes, &reader, &read.result, &read.err);
    source_close(source);
    attributes_free(attributes);
    unlink(read.path);
    buffer_add(&read.seen, "", 1);
    return read;
}

static void
expect(const char *text, const char *seen)
{
    struct read read = read_bytes(text, strlen(text));

    if (!read.ok)
        print_error("%s\n", read.err.text);
    assert_true(read.ok);
    assert_string_equal(read.seen.data, seen);
    buffer_free(&read.seen);
}

static void
expect_failure(const char *text, const char *words)
{
    struct read read = read_bytes(text, strlen(text));

    assert_false(read.ok);
    assert_int_equal(read.err.code, ERROR_DATA);
    if (!strstr(read.err.text, words))
        print_error("'%s' is not in '%s'\n", words, read.err.text);
    assert_non_null(strstr(read.err.text, words));
    buffer_free(&read.seen);
}

/* The records before and after are good and must come; the bad one is a finding. */
static void
expect_finding(const char *lines, const char *dn, const char *words)
{
    struct buffer text = BUFFER_INIT;
    struct read read;
    char start[128];
    const char *finding;

    buffer_format(&text, "dn: cn=before\ncn: B\n\n%s\ndn: cn=after\ncn: A\n\n", lines);
    read = read_bytes(text.data, text.length);
    assert_true(read.ok);
    assert_int_equal(read.result.entries, 2);
    assert_int_equal(strncmp(read.seen.data, "cn=before|cn=B\n!", 16), 0);
    finding = read.seen.data + 15;
    snprintf(start, sizeof start, "!%s|'/tmp/test_ldif.", dn);
    assert_int_equal(strncmp(finding, start, strlen(start)), 0);
    if (!strstr(finding, words))
        print_error("'%s' is not in '%s'\n", words, finding);
    assert_non_null(strstr(finding, words));
    assert_non_null(strstr(finding, "record at line 4: "));
    assert_non_null(strstr(finding, "\ncn=after|cn=A\n"));
    buffer_free(&read.seen);
    buffer_free(&text);
}

static void
entries_are_read(void **state)
{
    (void)state;
    expect("dn: cn=a\ncn: A\nmail: a@x\n\ndn: cn=b\ncn: B\n\n", "cn=a|cn=A|mail=a@x\ncn=b|cn=B\n");
    expect("dn: cn=a\ncn: A\n", "cn=a|cn=A\n");
    expect("", "");
    expect("\n\n\n", "");
    expect("\n\ndn: cn=a\n\n\n\ndn: cn=b\n\n\n", "cn=a\ncn=b\n");
    expect("version: 1\n\ndn: cn=a\ncn: A\n", "cn=a|cn=A\n");
    expect("version: 1\ndn: cn=a\ncn: A\n", "cn=a|cn=A\n");
    expect("version: 1\n", "");
}

static void
values_of_an_attribute_stand_together(void **state)
{
    (void)state;
    expect("dn: cn=a\nmail: 1\nCN: A\nMail: 2\nsn: x\nmail: 3\n\n",
           "cn=a|cn=A|mail=1|mail=2|mail=3\n");
    expect("dn: cn=a\ncn;lang-fr: A\nmail:\n\n", "cn=a|mail=\n");
}

static void
lines_may_be_folded_encoded_and_commented(void **state)
{
    (void)state;
    expect("dn: cn=\n a\ncn: Ana\n  Ruiz\n\n", "cn=a|cn=Ana Ruiz\n");
    expect("dn:: Y249w6Q=\ncn:: w6Q=\nmail::  IGEg\n\n", "cn=\xc3\xa4|cn=\xc3\xa4|mail= a \n");
    expect("dn: cn=a\ncn:: w6\n Q=\n\n", "cn=a|cn=\xc3\xa4\n");
    expect("dn:\n : Y249w6Q=\ncn:\n :\n  w6Q=\n\n", "cn=\xc3\xa4|cn=\xc3\xa4\n");
    expect("# one\n# two\n  folded\n\ndn: cn=a\n# in between\n folded: too\ncn: A\n\n# end\n",
           "cn=a|cn=A\n");
    expect("dn: cn=a\r\ncn: An\r\n a\r\n\r\ndn: cn=b\r\n", "cn=a|cn=Ana\ncn=b\n");
    expect("DN: cn=a\ncn:A\nmail:  b\n\n", "cn=a|cn=A|mail=b\n");
    expect("dn: cn=a\\, b\\2C+uid=#04\ncn: x:y::z <\n\n", "cn=a\\, b\\2C+uid=#04|cn=x:y::z <\n");
}

static void
what_ldapsearch_adds_is_understood(void **state)
{
    static const char frame[] = "# extended LDIF\n#\n# LDAPv3\n\n# a\ndn: cn=a\ncn: A\n\n"
                                "# search reference\nref: ldap://other/\n\n"
                                "# search result\nsearch: 2\nresult: %s\n\n"
                                "# numResponses: 2\n# numEntries: 1\n";
    char text[512];
    struct read read;

    (void)state;
    snprintf(text, sizeof text, frame, "0 Success");
    read = read_bytes(text, strlen(text));
    assert_true(read.ok);
    assert_string_equal(read.seen.data, "cn=a|cn=A\n");
    assert_int_equal(read.result.entries, 1);
    assert_int_equal(read.result.referrals, 1);
    buffer_free(&read.seen);
    snprintf(text, sizeof text, frame, "4 Size limit exceeded");
    expect_failure(text, "ldapsearch did not come to its end: 'result: 4 Size limit exceeded'");
    snprintf(text, sizeof text, frame, "0 Success");
    *strstr(text, "# numResponses") = '\0';
    expect_failure(text, "the closing comments of ldapsearch are missing");
}

/* RFC 2849: an empty value, plain and in base64. */
static void
values_may_be_empty(void **state)
{
    (void)state;
    expect("dn: cn=x\ncn:\nmail: a\n", "cn=x|cn=|mail=a\n");
    expect("dn: cn=x\ncn::\nmail: a\n", "cn=x|cn=|mail=a\n");
    expect("dn: cn=x\ncn:: \r\nmail: a\r\n", "cn=x|cn=|mail=a\n");
}

/* RFC 2849: FILL is spaces alone. */
static void
other_blanks_belong_to_the_value(void **state)
{
    (void)state;
    expect("dn: cn=x\ncn:  \t a\nmail:\va \n", "cn=x|cn=\t a|mail=\va \n");
}

static void
a_bad_record_is_a_finding(void **state)
{
    (void)state;
    expect_finding("dn: cn=x\ncn no colon\n", "cn=x", "the line 'cn no colon' has no colon");
    expect_finding("dn: cn=x\ncn:: ???\n", "cn=x", "'cn' is not valid base64");
    expect_finding("dn: cn=x\ncn:< file:///etc/passwd\n", "cn=x", "nothing is fetched");
    expect_finding("dn:< file:///etc/passwd\ncn: X\n", "", "nothing is fetched");
    expect_finding("dn:: ???\ncn: X\n", "", "'dn' is not valid base64");
    expect_finding("dn: cn=x\nc n: X\n", "cn=x", "does not begin with an attribute's name");
    expect_finding("dn: cn=x\n: X\n", "cn=x", "does not begin with an attribute's name");
}

static void
a_nul_byte_spoils_its_record_only(void **state)
{
    static const char text[] = "dn: cn=a\ncn: A\0B\nmail: a@x\n\ndn: cn=b\ncn: B\n\n";
    struct read read = read_bytes(text, sizeof text - 1);

    (void)state;
    assert_true(read.ok);
    assert_int_equal(strncmp(read.seen.data, "!cn=a|", 6), 0);
    assert_non_null(strstr(read.seen.data, "it holds a NUL byte"));
    assert_non_null(strstr(read.seen.data, "\ncn=b|cn=B\n"));
    buffer_free(&read.seen);
}

static void
what_cannot_be_trusted_fails(void **state)
{
    (void)state;
    expect_failure("dn: cn=a\nchangetype: add\ncn: A\n\n", "a list of changes");
    expect_failure("dn: cn=a\ncontrol: 1.2.3 true\nchangetype: delete\n\n", "a list of changes");
    expect_failure("version: 2\n\ndn: cn=a\n\n", "only version 1");
    expect_failure("dn: cn=a\ncn: A\n\nmail: a@x\n\n",
                   "line 4: a record does not begin with 'dn:'");
    expect_failure("name,mail:x\n", "cut off in its last record");
    expect_failure("include: file:///etc/passwd\n\n", "a record does not begin with 'dn:'");
    expect_failure("dn: cn=a\nmail;range=0-1499: A\n\n", "only a part of the values");
}

static void
a_cut_off_file_fails(void **state)
{
    (void)state;
    expect_failure("dn: cn=a\ncn: A\n\ndn: cn=b\ncn: B", "cut off after line 5: its last line has");
    expect_failure("dn: cn=a\ncn:: w6\n", "cut off in its last record, at line 1");
    expect_failure("dn: cn=a\ncn: A\nmai\n", "cut off in its last record, at line 1");
    expect_failure("dn: cn=a\ncn: A\n\n# comm", "its last line has no end");
}

static void
a_value_may_be_large(void **state)
{
    enum { LARGE = 1024 * 1024, MANY = 10000 };
    struct buffer text = BUFFER_INIT;
    struct read read;

    (void)state;
    buffer_add_text(&text, "dn: cn=a\ncn: ");
    for (int i = 0; i < LARGE; i++)
        buffer_add_text(&text, i % 70 == 69 ? "\n x" : "x");
    for (int i = 0; i < MANY; i++)
        buffer_format(&text, "\nmail: %d", i);
    buffer_add_text(&text, "\n\n");
    read = read_bytes(text.data, text.length);
    assert_true(read.ok);
    assert_int_equal(strncmp(strstr(read.seen.data, "|mail=9999"), "|mail=9999\n", 11), 0);
    assert_int_equal(strcspn(read.seen.data + strlen("cn=a|cn="), "|"), LARGE);
    buffer_free(&read.seen);
    buffer_free(&text);
}

static void
a_file_that_cannot_be_read_says_so(void **state)
{
    struct attributes *attributes = attributes_new();
    struct source_reader reader = {
        .entry = note_entry, .restart = never_restart, .findings = {note_finding, NULL}};
    struct source_result result;
    struct error err = ERROR_INIT;
    struct source *source = source_open_ldif("/nonexistent/people.ldif", NULL);

    (void)state;
    assert_false(source_read(source, attributes, &reader, &result, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "'/nonexistent/people.ldif': No such file"));
    source_close(source);
    source = source_open_ldif("/tmp", NULL);
    assert_false(source_read(source, attributes, &reader, &result, &err));
    assert_non_null(strstr(err.text, "it is a folder"));
    source_close(source);
    attributes_free(attributes);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(entries_are_read),
    cmocka_unit_test(values_of_an_attribute_stand_together),
    cmocka_unit_test(lines_may_be_folded_encoded_and_commented),
    cmocka_unit_test(what_ldapsearch_adds_is_understood),
    cmocka_unit_test(values_may_be_empty),
    cmocka_unit_test(other_blanks_belong_to_the_value),
    cmocka_unit_test(a_bad_record_is_a_finding),
    cmocka_unit_test(a_nul_byte_spoils_its_record_only),
    cmocka_unit_test(what_cannot_be_trusted_fails),
    cmocka_unit_test(a_cut_off_file_fails),
    cmocka_unit_test(a_value_may_be_large),
    cmocka_unit_test(a_file_that_cannot_be_read_says_so),
};

UNIT_MAIN(tests)
