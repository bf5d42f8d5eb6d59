#include "unit.h"

#include "directory/netlogon.h"

#include <stdlib.h>
#include <string.h>

/* What Samba 4.17 answered. */
static const char answer[] =
    "\x17\0\0\0\xbd\x11\0\0\xad\x41\x2c\x7e\xee\xaf\x94\x49\xb7\xbe\x88\x95\x77\x24\xbd\x13"
    "\x02"
    "ad\x07"
    "example\x03"
    "edu\0\xc0\x18\x03"
    "dc1\xc0\x18\x03"
    "LAB\0\x03"
    "DC1\0\0\x17"
    "Default-First-Site-Name\0\xc0\x3b\x05\0\0\0\xff\xff\xff\xff";
enum { ANSWER_BYTES = sizeof answer - 1, SITE_END = ANSWER_BYTES - 8 };

static bool
parse(const char *bytes, size_t length, char site[NETLOGON_SITE_SIZE])
{
    /* A copy of its own, so that a sanitizer sees what reads behind it. */
    char *copy = memory_alloc(length);
    bool ok;

    memcpy(copy, bytes, length);
    ok = netlogon_parse((struct slice){copy, length}, site);
    free(copy);
    return ok;
}

static void
the_clients_site_is_found(void **state)
{
    char site[NETLOGON_SITE_SIZE];

    (void)state;
    assert_true(parse(answer, ANSWER_BYTES, site));
    assert_string_equal(site, "Default-First-Site-Name");
}

static void
a_client_may_have_no_site(void **state)
{
    char bytes[ANSWER_BYTES], site[NETLOGON_SITE_SIZE];

    (void)state;
    memcpy(bytes, answer, sizeof bytes);
    bytes[SITE_END - 2] = 0;
    assert_true(parse(bytes, sizeof bytes, site));
    assert_string_equal(site, "");
}

/* It goes into the name of a look-up, in which a '.' would begin the next part. */
static void
a_sites_name_is_escaped(void **state)
{
    char bytes[ANSWER_BYTES], site[NETLOGON_SITE_SIZE];

    (void)state;
    memcpy(bytes, answer, sizeof bytes);
    memcpy(strstr(bytes + 59, "Default"), "a.b\x1b\xc3\xa4 ", 7);
    assert_true(parse(bytes, sizeof bytes, site));
    assert_string_equal(site, "a\\.b\\027\\195\\164\\032-First-Site-Name");
}

static void
what_is_cut_short_is_refused(void **state)
{
    char site[NETLOGON_SITE_SIZE];

    (void)state;
    for (size_t length = 0; length < SITE_END; length++) {
        assert_false(parse(answer, length, site));
        assert_string_equal(site, "");
    }
    assert_true(parse(answer, SITE_END, site));
}

static void
other_answers_are_refused(void **state)
{
    char bytes[ANSWER_BYTES], site[NETLOGON_SITE_SIZE];

    (void)state;
    for (int opcode = 0; opcode < 256; opcode++) {
        memcpy(bytes, answer, sizeof bytes);
        bytes[0] = (char)opcode;
        assert_int_equal(parse(bytes, sizeof bytes, site), opcode >= 23 && opcode <= 25);
    }
}

static void
a_name_that_points_to_itself_is_refused(void **state)
{
    char bytes[ANSWER_BYTES], site[NETLOGON_SITE_SIZE];

    (void)state;
    memcpy(bytes, answer, sizeof bytes);
    bytes[SITE_END - 1] = SITE_END - 2;
    assert_false(parse(bytes, sizeof bytes, site));
    assert_string_equal(site, "");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_clients_site_is_found),
    cmocka_unit_test(a_client_may_have_no_site),
    cmocka_unit_test(a_sites_name_is_escaped),
    cmocka_unit_test(what_is_cut_short_is_refused),
    cmocka_unit_test(other_answers_are_refused),
    cmocka_unit_test(a_name_that_points_to_itself_is_refused),
};

UNIT_MAIN(tests)
