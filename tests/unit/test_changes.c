#include "unit.h"

#include "directory/changes_csn.h"
#include "directory/changes_mark.h"
#include "directory/dirsync_message.h"
#include "directory/entry_id.h"
#include "directory/ldap_tracked.h"
#include "directory/sync_message.h"

#define BYTES(text) ((struct slice){text, sizeof(text) - 1})
#define ID "0123456789abcdef"

static void
states_of_rfc_4533(void **unused)
{
    struct sync_state state;

    (void)unused;
    assert_true(sync_state_parse(BYTES("\x30\x15\x0a\x01\x01\x04\x10" ID), &state));
    assert_int_equal(state.kind, SYNC_ADD);
    assert_true(slice_equal(state.id, BYTES(ID)));
    assert_null(state.cookie.data);
    assert_true(sync_state_parse(BYTES("\x30\x18\x0a\x01\x03\x04\x10" ID "\x04\x01z"), &state));
    assert_int_equal(state.kind, SYNC_DELETE);
    assert_true(slice_equal(state.cookie, BYTES("z")));
    /* No such state, an id of 15 bytes, a length that reaches too far, nothing. */
    assert_false(sync_state_parse(BYTES("\x30\x15\x0a\x01\x04\x04\x10" ID), &state));
    assert_false(sync_state_parse(BYTES("\x30\x15\x0a\x01\xff\x04\x10" ID), &state));
    assert_false(sync_state_parse(BYTES("\x30\x14\x0a\x01\x01\x04\x0f"
                                        "123456789abcdef"),
                                  &state));
    assert_false(sync_state_parse(BYTES("\x30\x16\x0a\x01\x01\x04\x10" ID), &state));
    assert_false(sync_state_parse(BYTES("\x30\x15\x0a\x01\x01\x04\x11" ID), &state));
    assert_false(sync_state_parse(BYTES(""), &state));
}

static void
ends_of_rfc_4533(void **unused)
{
    struct sync_done done;

    (void)unused;
    assert_true(sync_done_parse(BYTES("\x30\x00"), &done));
    assert_false(done.deletes);
    assert_null(done.cookie.data);
    assert_true(sync_done_parse(BYTES("\x30\x06\x04\x01z\x01\x01\xff"), &done));
    assert_true(done.deletes);
    assert_true(slice_equal(done.cookie, BYTES("z")));
    assert_false(sync_done_parse(BYTES("\x30\x07\x04\x01z\x01\x02\xff\xff"), &done));
    assert_false(sync_done_parse(BYTES("\x04\x00"), &done));
}

static void
what_is_said_between_entries(void **unused)
{
    struct sync_info info;
    struct slice id;

    (void)unused;
    assert_true(sync_info_parse(BYTES("\x80\x01z"), &info));
    assert_int_equal(info.kind, SYNC_NEW_COOKIE);
    assert_true(slice_equal(info.cookie, BYTES("z")));
    assert_true(sync_info_parse(BYTES("\xa1\x03\x04\x01z"), &info));
    assert_int_equal(info.kind, SYNC_REFRESH_DELETE);
    assert_true(sync_info_parse(BYTES("\xa2\x00"), &info));
    assert_int_equal(info.kind, SYNC_REFRESH_PRESENT);
    assert_null(info.cookie.data);

    assert_true(sync_info_parse(BYTES("\xa3\x2c\x04\x01z\x01\x01\xff\x31\x24\x04\x10" ID "\x04\x10"
                                      "fedcba9876543210"),
                                &info));
    assert_int_equal(info.kind, SYNC_ID_SET);
    assert_true(info.deletes);
    assert_true(sync_next_id(&info.ids, &id));
    assert_true(slice_equal(id, BYTES(ID)));
    assert_true(sync_next_id(&info.ids, &id));
    assert_true(slice_equal(id, BYTES("fedcba9876543210")));
    assert_false(sync_next_id(&info.ids, &id));

    assert_true(sync_info_parse(BYTES("\xa3\x02\x31\x00"), &info));
    assert_false(info.deletes);
    /* One id of a set is none; no set; no choice of the four. */
    assert_false(sync_info_parse(BYTES("\xa3\x15\x31\x13\x04\x10" ID "\x04\x01z"), &info));
    assert_false(sync_info_parse(BYTES("\xa3\x00"), &info));
    assert_false(sync_info_parse(BYTES("\xa4\x00"), &info));
}

static void
answers_of_dirsync(void **unused)
{
    struct dirsync_answer answer;

    (void)unused;
    assert_true(dirsync_answer_parse(BYTES("\x30\x09\x02\x01\x01\x02\x01\x00\x04\x01z"), &answer));
    assert_true(answer.more);
    assert_true(slice_equal(answer.cookie, BYTES("z")));
    /* Windows writes all of the length's and the numbers' bytes. */
    assert_true(dirsync_answer_parse(
        BYTES(
            "\x30\x84\x00\x00\x00\x0f\x02\x04\x00\x00\x00\x00\x02\x01\x00\x04\x84\x00\x00\x00\x00"),
        &answer));
    assert_false(answer.more);
    assert_int_equal(answer.cookie.length, 0);
    assert_false(dirsync_answer_parse(BYTES("\x30\x06\x02\x01\x01\x02\x01\x00"), &answer));
    assert_false(dirsync_answer_parse(BYTES("\x30\x08\x02\x00\x02\x01\x00\x04\x01z"), &answer));
    assert_false(dirsync_answer_parse(
        BYTES("\x30\x0d\x02\x05\x01\x01\x01\x01\x01\x02\x01\x00\x04\x01z"), &answer));
}

static void
a_mark_comes_back_as_it_was(void **unused)
{
    struct arena *arena = arena_new();
    const struct changes_mark mark = {
        .way = CHANGES_SYNCREPL,
        .server = BYTES("ldaps://ldap.example.edu"),
        .identity = BYTES(""),
        .digest = BYTES(ID ID),
        .parents = BYTES("3 00"),
        .groups = BYTES("2 00"),
        .memory = BYTES("01234567"),
        .cookies = {BYTES("rid=000,csn=1"), BYTES("\0\xff")},
        .cookie_count = 2,
    };
    struct slice bytes = changes_mark_write(&mark, arena);
    struct changes_mark read;

    (void)unused;
    assert_true(changes_mark_read(bytes, &read));
    assert_int_equal(read.way, mark.way);
    assert_int_equal(read.cookie_count, 2);
    assert_true(slice_equal(read.server, mark.server));
    assert_true(slice_equal(read.identity, mark.identity));
    assert_true(slice_equal(read.digest, mark.digest));
    assert_true(slice_equal(read.parents, mark.parents));
    assert_true(slice_equal(read.groups, mark.groups));
    assert_true(slice_equal(read.memory, mark.memory));
    for (size_t i = 0; i < 2; i++)
        assert_true(slice_equal(read.cookies[i], mark.cookies[i]));
    /* Never a part of it. */
    for (size_t length = 0; length < bytes.length; length++)
        assert_false(changes_mark_read((struct slice){bytes.data, length}, &read));
    assert_false(changes_mark_read(SLICE_NONE, &read));
    /* Nor what another version wrote. */
    for (char version = 0; version < 9; version++) {
        char *other = arena_copy(arena, bytes.data, bytes.length);

        other[0] = version;
        assert_int_equal(changes_mark_read((struct slice){other, bytes.length}, &read),
                         version == bytes.data[0]);
    }
    arena_free(arena);
}

static void
check_id(enum directory_id_kind kind, struct slice value, const char *filter)
{
    struct buffer written = BUFFER_INIT;
    struct directory_id id;

    assert_true(entry_id_parse(kind, value, &id));
    entry_id_add_filter(&written, &id);
    assert_true(slice_equal((struct slice){written.data, written.length}, slice_of(filter)));
    buffer_free(&written);
}

static void
ids_in_filters(void **unused)
{
    struct directory_id id;

    (void)unused;
    check_id(DIRECTORY_ENTRY_UUID, BYTES("3F2504E0-4f89-41d3-9a0c-0305e82c3301"),
             "(entryUUID=3f2504e0-4f89-41d3-9a0c-0305e82c3301)");
    check_id(DIRECTORY_NS_UNIQUE_ID, BYTES("3f2504e0-4f8941d3-9a0c0305-e82c3301"),
             "(nsUniqueId=3f2504e0-4f8941d3-9a0c0305-e82c3301)");
    check_id(DIRECTORY_OBJECT_GUID,
             BYTES("()*\\\0"
                   "56789abcdef"),
             "(objectGUID=\\28\\29\\2a\\5c\\00\\35\\36\\37\\38\\39\\61\\62\\63\\64\\65\\66)");
    assert_false(entry_id_parse(DIRECTORY_OBJECT_GUID, BYTES("0123456789abcde"), &id));
    assert_false(
        entry_id_parse(DIRECTORY_ENTRY_UUID, BYTES("3f2504e0-4f89-41d3-9a0c-0305e82c330"), &id));
    assert_false(
        entry_id_parse(DIRECTORY_ENTRY_UUID, BYTES("3f2504e0-4f89-41d3-9a0c-0305e82c33011"), &id));
    assert_false(
        entry_id_parse(DIRECTORY_ENTRY_UUID, BYTES("3f2504e0-4f89-41d3-9a0c-0305e82c330g"), &id));
}

static void
attributes_of_filters(void **unused)
{
    const char *rest =
        "(&(objectClass=person)(!(uid~=x))( cn;lang-fr >=a)(memberOf:1.2:=b)(:dn:=c))";
    static const char *const names[] = {"objectClass", "uid", "cn;lang-fr", "memberOf"};

    (void)unused;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(slice_equal(ldap_tracked_next(&rest), slice_of(names[i])));
    assert_null(ldap_tracked_next(&rest).data);
    rest = "uid=*";
    assert_true(slice_equal(ldap_tracked_next(&rest), slice_of("uid")));
    assert_null(ldap_tracked_next(&rest).data);
}

static void
what_no_server_tells(void **unused)
{
    const struct ldap_search searches[] = {{.base = "", .filter = "(&(TokenGroups=*)(uid=*))"}};
    const struct ldap_options options = {.searches = searches, .search_count = 1};
    struct attributes *set = attributes_new();
    struct ldap_tracked tracked;

    (void)unused;
    attributes_add(set, slice_of("cn;lang-fr"));
    attributes_add(set, slice_of("memberOf"));
    tracked = ldap_tracked_find(&options, LDAP_FAMILY_ACTIVE_DIRECTORY, set);
    assert_string_equal(tracked.untold, "tokenGroups");
    assert_null(tracked.groups);
    ldap_tracked_free(&tracked);
    tracked = ldap_tracked_find(&options, LDAP_FAMILY_OPENLDAP, set);
    assert_null(tracked.untold);
    assert_int_equal(attributes_count(tracked.names), 3);
    assert_string_equal(attributes_name(tracked.names, 0), "cn");
    ldap_tracked_free(&tracked);
    attributes_free(set);
}

static void
numbers_in_cookies_of_openldap(void **unused)
{
    static const struct {
        const char *cookie, *newest;
    } cases[] = {
        {"rid=000,csn=2026.1Z#0#001#0", "2026.1Z#0#001#0"},
        {"rid=000,sid=001,csn=2026.1Z#0#001#0;2027.1Z#0#002#0;2025.1Z#0#003#0", "2027.1Z#0#002#0"},
        {"csn=2026.1Z#0#001#0,rid=001", "2026.1Z#0#001#0"},
        {"csn=2026)(uid=*);2027", "2026"}, /* nothing of it gets into a filter */
        {"csn=;;2026", "2026"},
    };
    static const char *const without[] = {"", "csn=", "csn=;", "csn=)", "rid=000", "cs"};

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(
            slice_equal(changes_csn_newest(slice_of(cases[i].cookie)), slice_of(cases[i].newest)));
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        assert_null(changes_csn_newest(slice_of(without[i])).data);
    assert_null(changes_csn_newest(SLICE_NONE).data);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_in_cookies_of_openldap),
    cmocka_unit_test(states_of_rfc_4533),
    cmocka_unit_test(ends_of_rfc_4533),
    cmocka_unit_test(what_is_said_between_entries),
    cmocka_unit_test(answers_of_dirsync),
    cmocka_unit_test(a_mark_comes_back_as_it_was),
    cmocka_unit_test(ids_in_filters),
    cmocka_unit_test(attributes_of_filters),
    cmocka_unit_test(what_no_server_tells),
};

UNIT_MAIN(tests)
