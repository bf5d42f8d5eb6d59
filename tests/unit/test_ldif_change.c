#include "unit.h"

#include "directory/ldif_change.h"
#include "directory/ldif_write.h"

#include <stdlib.h>
#include <string.h>

static const char ana[] = "dn: uid=ana,ou=p\nuid: ana\ncn: Ana\nmail: a@example.edu\n"
                          "mail: b@example.edu\n\n";

/* Takes the records of the text one after the other for one entry, as who keeps entries would.
 * Returns the entry as LDIF, "" where there is none; or the error of the first refused record. */
static char *
take(const char *text)
{
    struct ldif_reader *reader = ldif_reader_open_text("test", 1, slice_of(text));
    struct whole_entry *entry = NULL;
    struct arena *arena = arena_new();
    struct error err = ERROR_INIT;
    struct buffer out = BUFFER_INIT;
    struct ldif_record record;

    while (err.code == ERROR_NONE && ldif_reader_next(reader, &record, &err) == LDIF_READ_RECORD) {
        struct ldif_change *change = ldif_change_parse(&record, arena, &err);
        enum ldif_change_kind kind = change ? ldif_change_kind(change) : LDIF_NOTHING;
        struct whole_entry *after = NULL;

        if (kind != LDIF_NOTHING && kind != LDIF_DELETE)
            after = ldif_change_apply(change, entry, &err);
        if (after || kind == LDIF_DELETE) {
            whole_entry_free(entry);
            entry = after;
        }
    }
    if (err.code != ERROR_NONE)
        buffer_add_text(&out, err.text);
    else if (entry)
        ldif_write_entry(&out, entry, NULL, 0);
    buffer_add(&out, "", 1);
    whole_entry_free(entry);
    arena_free(arena);
    ldif_reader_close(reader);
    return out.data;
}

static void
expect(const char *text, const char *expected)
{
    char *got = take(text);

    assert_string_equal(got, expected);
    free(got);
}

/* What becomes of Ana; records count their lines behind hers. */
static void
expect_ana(const char *text, const char *expected)
{
    struct buffer both = BUFFER_INIT;

    buffer_add_text(&both, ana);
    buffer_add_text(&both, text);
    buffer_add(&both, "", 1);
    expect(both.data, expected);
    buffer_free(&both);
}

static void
content_is_the_whole_entry(void **state)
{
    (void)state;
    expect(ana, ana);
    expect("version: 1\n\n# made today\ndn: uid=x\nuid: x\n", "dn: uid=x\nuid: x\n\n");
    expect("dn: uid=x\nuid: x\ncn: 1\nmail: m\ncn: 2\ncn: 1\nCN: 3\n",
           "dn: uid=x\nuid: x\ncn: 1\ncn: 2\ncn: 3\nmail: m\n\n");
    expect("dn:\n : dWlk\n PXg=\ncn: A\n  B\ncn:: IEM=\ncn:\n",
           "dn: uid=x\ncn: A B\ncn:: IEM=\ncn:\nuid: x\n\n");
    expect_ana("dn: uid=ana,ou=p\ncn: New\n\n", "dn: uid=ana,ou=p\ncn: New\nuid: ana\n\n");
}

static void
attributes_are_changed(void **state)
{
    static const char start[] = "dn: uid=ana,ou=p\nuid: ana\n";
    static const struct {
        const char *changes, *rest;
    } rows[] = {
        {"", "cn: Ana\nmail: a@example.edu\nmail: b@example.edu\n"},
        {"add: mail\nmail: c\n-\n", "cn: Ana\nmail: a@example.edu\nmail: b@example.edu\nmail: c\n"},
        {"delete: mail\nmail: a@example.edu\n-\n", "cn: Ana\nmail: b@example.edu\n"},
        {"delete: mail\n-\n", "cn: Ana\n"},
        {"replace: mail\nmail: c\nMail: d\n-\n", "cn: Ana\nmail: c\nmail: d\n"},
        {"replace: mail\n-\nreplace: sn\n-\n", "cn: Ana\n"},
        {"delete: mail\n-\nadd: mail\nmail: c\n-\n", "cn: Ana\nmail: c\n"},
        {"add: cn;lang-fr\ncn;lang-fr: Anne\n-\ndelete: mail\n-\n", "cn: Ana\ncn;lang-fr: Anne\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buffer text = BUFFER_INIT, expected = BUFFER_INIT;

        buffer_format(&text, "dn: uid=ana,ou=p\nchangetype: modify\n%s", rows[i].changes);
        buffer_format(&expected, "%s%s\n", start, rows[i].rest);
        expect_ana(text.data, expected.data);
        buffer_free(&text);
        buffer_free(&expected);
    }
}

/* Behind Ana's, whose record takes lines 1 to 6. */
static const struct {
    const char *text, *error;
} refused[] = {
    {"dn: uid=ana,ou=p\nchangetype: modify\nreplace: cn\ncn: x\n-\nadd: mail\n"
     "mail: a@example.edu\n-\n",
     "line 13: cannot take 'uid=ana,ou=p': attributeOrValueExists: 'mail' has the value that is "
     "added"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nadd: sn\nsn: x\nsn:: eA==\n-\n",
     "line 11: cannot take 'uid=ana,ou=p': attributeOrValueExists: 'sn' has the value that is "
     "added"},
    {"dn: uid=x\nchangetype: add\ncn: x\ncn: x\n",
     "line 10: cannot take 'uid=x': attributeOrValueExists: 'cn' has the value that is added"},
    {"dn: uid=ana,ou=p\nchangetype: modify\ndelete: sn\n-\n",
     "line 9: cannot take 'uid=ana,ou=p': noSuchAttribute: it has no 'sn'"},
    {"dn: uid=ana,ou=p\nchangetype: modify\ndelete: mail\nmail: a@example.edu\n-\n"
     "delete: mail\nmail: a@example.edu\n-\n",
     "line 13: cannot take 'uid=ana,ou=p': noSuchAttribute: 'mail' does not have the value that "
     "is deleted"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nreplace: uid\nuid: eva\n-\n",
     "line 7: cannot take 'uid=ana,ou=p': notAllowedOnRDN: 'uid' loses the value by which it is "
     "named"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nreplace: mail\nmail: x\n",
     "line 10: cannot take 'uid=ana,ou=p': the change of 'mail' does not end with '-'"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nreplace: mail\ncn: x\n-\n",
     "line 10: cannot take 'uid=ana,ou=p': 'cn' stands in the change of 'mail'"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nadd: mail\n-\n",
     "line 10: cannot take 'uid=ana,ou=p': nothing is added to 'mail'"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nmail: x\n",
     "line 9: cannot take 'uid=ana,ou=p': 'mail' is none of add, delete and replace"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nreplace: a b\n-\n",
     "line 9: cannot take 'uid=ana,ou=p': 'a b' is no attribute's name"},
    {"dn: uid=ana,ou=p\nchangetype: modify\nreplace: member;range=0-9\n-\n",
     "line 9: cannot take 'uid=ana,ou=p': 'member;range=0-9' has only a part of the values"},
    {"dn: uid=x\ncn: x\nmember;range=0-9: cn=a\n",
     "line 9: cannot take 'uid=x': 'member;range=0-9' has only a part of the values"},
    {"dn: uid=x\ncn: x\nchangetype: add\n",
     "line 9: cannot take 'uid=x': 'changetype' does not stand directly behind 'dn'"},
    {"dn: uid=x\nchangetype: put\n", "line 8: cannot take 'uid=x': there is no changetype 'put'"},
    {"dn: uid=x\ncontrol: 1.2.3\ncontrol: 1.2.4 true: x\nchangetype: delete\n",
     "line 9: cannot take 'uid=x': the control '1.2.4 true: x' is critical, and not known"},
    {"dn: uid=x\nchangetype: delete\ncn: x\n",
     "line 9: cannot take 'uid=x': 'cn' has no place here"},
    {"dn: uid=x\nchangetype: modrdn\ndeleteoldrdn: 1\n",
     "line 9: cannot take 'uid=x': 'newrdn' is missing"},
    {"dn: uid=x\nchangetype: modrdn\nnewrdn: uid=y\n",
     "line 9: cannot take 'uid=x': 'deleteoldrdn' is missing"},
    {"dn: uid=x\nchangetype: modrdn\nnewrdn: uid=y\ndeleteoldrdn: yes\n",
     "line 10: cannot take 'uid=x': 'deleteoldrdn' is neither 0 nor 1"},
    {"dn: uid=x\nchangetype: modrdn\nnewrdn: uid=y,o=z\ndeleteoldrdn: 1\n",
     "line 9: cannot take 'uid=x': 'uid=y,o=z' is no RDN"},
    {"dn: uid=x\nchangetype: modrdn\nnewrdn: uid=y\ndeleteoldrdn: 1\nnewsuperior: z\n",
     "line 11: cannot take 'uid=x': 'z' is no DN"},
    {"dn: uid=x\nchangetype: modrdn\nnewrdn: uid=y\ndeleteoldrdn: 1\ncn: z\n",
     "line 11: cannot take 'uid=x': 'cn' has no place here"},
    {"dn: uid=x\n", "line 7: cannot take 'uid=x': it has no attributes"},
    {"dn: uid=x\nchangetype: add\n", "line 8: cannot take 'uid=x': it has no attributes"},
    {"dn: ana\nuid: ana\n", "line 7: 'ana' is no DN"},
    {"cn: x\n", "line 7: a record does not begin with 'dn:'"},
    {"dn: uid=x\n# a\n comment\nmail:: x\n",
     "line 10: cannot take 'uid=x': the value of 'mail' is not valid base64"},
    {"dn: uid=x\njpegPhoto:< file:///etc/passwd\n",
     "line 8: cannot take 'uid=x': the value of 'jpegPhoto:< file:///etc/passwd' stands elsewhere, "
     "and nothing is fetched"},
    {"dn: uid=x\ncn: a\n b\n-\n", "line 10: cannot take 'uid=x': the line '-' has no colon"},
    {"version: 2\n", "line 7: only version 1 of LDIF is known"},
    {"search: 2\nresult: 4 Size limit exceeded\n",
     "line 8: ldapsearch did not come to its end: 'result: 4 Size limit exceeded'"},
    {"search: 2\n", "line 7: ldapsearch did not come to its end: '(nothing)'"},
};

static void
what_does_not_fit_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        expect_ana(refused[i].text, refused[i].error);
}

static void
a_nul_is_refused(void **state)
{
    char text[] = "dn: uid=x\ncn: a?b\n";
    struct ldif_record record = {text, sizeof text - 1, 3, true};
    struct arena *arena = arena_new();
    struct error err = ERROR_INIT;

    (void)state;
    *strchr(text, '?') = '\0';
    assert_null(ldif_change_parse(&record, arena, &err));
    assert_string_equal(err.text, "line 3: the record holds a NUL byte");
    arena_free(arena);
}

/* Otherwise the time would grow with their square. */
static void
attributes_are_bounded(void **state)
{
    enum { BOUND = 1000 };
    struct buffer text = BUFFER_INIT;
    char *got;

    (void)state;
    buffer_add_text(&text, "dn: a0=x\n");
    for (int i = 0; i < BOUND; i++)
        buffer_format(&text, "a%d: x\n", i);
    buffer_add(&text, "", 1);
    got = take(text.data);
    assert_memory_equal(got, "dn: a0=x\na0: x\n", 15);
    free(got);
    text.length--;
    buffer_add_text(&text, "b: x\n");
    buffer_add(&text, "", 1);
    expect(text.data, "line 1002: cannot take 'a0=x': it has more than 1000 attributes");
    buffer_free(&text);
}

static void
what_is_no_entry_is_nothing(void **state)
{
    (void)state;
    expect_ana("# search reference\nref: ldap://other.example.edu/\n\n# search result\nsearch: 2\n"
               "result: 0 Success\n\n# numResponses: 2\n",
               ana);
    expect_ana("version: 1\n", ana);
}

static void
a_deleted_entry_is_gone(void **state)
{
    (void)state;
    expect_ana("# today\ndn: UID=Ana,ou=p\ncontrol: 1.2.3 false\nChangeType: DELETE\n", "");
}

static void
an_entry_is_renamed(void **state)
{
    (void)state;
    expect_ana("dn: UID=ANA, OU=P\nchangetype: modrdn\nnewrdn: uid=eva\ndeleteoldrdn: 1\n",
               "dn: uid=eva,ou=p\ncn: Ana\nmail: a@example.edu\nmail: b@example.edu\nuid: eva\n\n");
    expect_ana("dn: UID=ANA, OU=P\nchangetype: moddn\nnewrdn: uid=ana\ndeleteoldrdn: 0\n"
               "newsuperior: ou=q\n",
               "dn: uid=ana,ou=q\nuid: ana\ncn: Ana\nmail: a@example.edu\nmail: b@example.edu\n\n");
    expect_ana("dn: uid=ana,ou=p\nchangetype: modrdn\nnewrdn: cn=ANA+sn=Ruiz\ndeleteoldrdn: 0\n"
               "newsuperior:\n",
               "dn: cn=ANA+sn=Ruiz\nuid: ana\ncn: Ana\nmail: a@example.edu\n"
               "mail: b@example.edu\nsn: Ruiz\n\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(content_is_the_whole_entry),   cmocka_unit_test(attributes_are_changed),
    cmocka_unit_test(what_does_not_fit_is_refused), cmocka_unit_test(a_nul_is_refused),
    cmocka_unit_test(attributes_are_bounded),       cmocka_unit_test(what_is_no_entry_is_nothing),
    cmocka_unit_test(a_deleted_entry_is_gone),      cmocka_unit_test(an_entry_is_renamed),
};

UNIT_MAIN(tests)
