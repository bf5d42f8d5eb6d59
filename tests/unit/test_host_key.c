#include "unit.h"

#include "delivery/host_key.h"
#include "delivery/key_blob.h"

#include <string.h>

#define BASE64_A "AAAAC3NzaC1lZDI1NTE5AAAAINMBpWq6agMIqUypY++4JIz7X8XmDjzAcZOzgpuyT4tj"
#define BASE64_B "AAAAC3NzaC1lZDI1NTE5AAAAIKcKtENX1ccstRosFpQ2192gT10LQwew7fTlfoJFh8WF"
#define BASE64_E                                                                                   \
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBL6p4WMHIQTUHBT6vLB81Euntj1KEzUHduB06t3D" \
    "LS5"                                                                                          \
    "OI+JQOecWbMYIPF0OluTnDioTViBz+tbo/kr6JQMN3dw="
#define PRINT_A "SHA256:MN9s4B9pxKv2wfz6ftir7OmSP7PBcluH9EVRlWiW7MI"
#define PRINT_B "SHA256:IgSO+s3BlqNBtpeuIHl42p/y1JvU2yyc7EFrXMjEZSA"
#define PRINT_E "SHA256:55ZmTHbelsRt6HvGeUjVMsmm3sEaCI8WY5Z3TiZMfnY"

static int
setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int
teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static struct host_key_policy
policy_of(struct arena *arena, const char *text)
{
    struct known_hosts_query query = {.path = "known_hosts", .host = "host", .port = 22};
    struct host_key_policy policy = {.host = "host", .port = 22};

    known_hosts_parse(arena, &query, slice_of(text), &policy.known);
    return policy;
}

static void
the_known_types_are_asked_for(void **state)
{
    struct arena *arena = *state;
    struct host_key_policy policy = policy_of(arena, "host ecdsa-sha2-nistp256 " BASE64_E "\n"
                                                     "@revoked host ssh-ed25519 " BASE64_A "\n");

    assert_string_equal(host_key_methods(arena, &policy, NULL), "ecdsa-sha2-nistp256");
    policy = policy_of(arena, "host ecdsa-sha2-nistp256 " BASE64_E "\n"
                              "host ssh-ed25519 " BASE64_A "\n");
    assert_string_equal(host_key_methods(arena, &policy, NULL), "ssh-ed25519,ecdsa-sha2-nistp256");
    policy = policy_of(arena, "other ssh-ed25519 " BASE64_A "\n");
    assert_null(host_key_methods(arena, &policy, NULL));
}

static void
other_types_are_asked_for_after_one_was_shown(void **state)
{
    struct host_key_policy policy = {.host = "host"};

    assert_string_equal(
        host_key_methods(*state, &policy, "ecdsa-sha2-nistp256,ssh-ed25519"),
        "ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa");
    assert_null(host_key_methods(*state, &policy,
                                 "ssh-rsa,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
                                 "ecdsa-sha2-nistp521"));
}

static void
fingerprints_are_checked_for_their_form(void **state)
{
    static const char *const bad[] = {
        "",          "SHA256:",
        "MD5:16:27", "MN9s4B9pxKv2wfz6ftir7OmSP7PBcluH9EVRlWiW7MI",
        PRINT_A "=", "SHA256:MN9s4B9pxKv2wfz6ftir7OmSP7PBcluH9EVRlWiW7M-"};
    struct error err = ERROR_INIT;

    (void)state;
    assert_true(host_key_check_fingerprint(PRINT_A, &err));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err = ERROR_INIT;
        assert_false(host_key_check_fingerprint(bad[i], &err));
        assert_int_equal(err.code, ERROR_CONFIG);
    }
}

static void
keys_are_judged(void **state)
{
    static const struct {
        const char *known; /* NULL: not asked */
        const char *fingerprint;
        const char *shown;
        const char *text; /* NULL: the key is good */
    } rows[] = {
        {"host ssh-ed25519 " BASE64_A, NULL, BASE64_A, NULL},
        {"host ssh-ed25519 " BASE64_B "\nhost ssh-ed25519 " BASE64_A, NULL, BASE64_A, NULL},
        {"host ssh-ed25519 " BASE64_A, PRINT_A, BASE64_A, NULL},
        {NULL, PRINT_E, BASE64_E, NULL},
        {"other ssh-ed25519 " BASE64_A, NULL, BASE64_A,
         "the server's host key " PRINT_A " (ssh-ed25519) is unknown: 'known_hosts' has no key for "
         "'host'"},
        {"@cert-authority host ssh-ed25519 " BASE64_A, NULL, BASE64_A,
         "the server's host key " PRINT_A " (ssh-ed25519) is unknown: 'known_hosts' has only a "
         "@cert-authority for 'host' (line 1), which is not supported"},
        {"\nhost ssh-ed25519 " BASE64_B, NULL, BASE64_A,
         "THE SERVER'S HOST KEY HAS CHANGED: it is now " PRINT_A
         " (ssh-ed25519), but 'known_hosts' "
         "has " PRINT_B " (ssh-ed25519, line 2); somebody may be in between"},
        {"host ecdsa-sha2-nistp256 " BASE64_E "\nhost ssh-ed25519 " BASE64_B, NULL, BASE64_A,
         "THE SERVER'S HOST KEY HAS CHANGED: it is now " PRINT_A
         " (ssh-ed25519), but 'known_hosts' "
         "has " PRINT_B " (ssh-ed25519, line 2); somebody may be in between"},
        {"host ssh-ed25519 " BASE64_A "\n@revoked host ssh-ed25519 " BASE64_A, NULL, BASE64_A,
         "the server's host key " PRINT_A
         " (ssh-ed25519) is marked @revoked in 'known_hosts' (line "
         "2)"},
        {"host ssh-ed25519 " BASE64_A, PRINT_B, BASE64_A,
         "the server's host key is " PRINT_A " (ssh-ed25519), not the pinned '" PRINT_B "'"},
        {"host ssh-ed25519 " BASE64_B, PRINT_A, BASE64_A,
         "THE SERVER'S HOST KEY HAS CHANGED: it is now " PRINT_A
         " (ssh-ed25519), but 'known_hosts' "
         "has " PRINT_B " (ssh-ed25519, line 1); somebody may be in between"},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host_key_policy policy = {.host = "host", .port = 22};
        struct slice blob = key_blob_decode(arena, slice_of(rows[i].shown));
        struct error err = ERROR_INIT;
        bool good;

        if (rows[i].known)
            policy = policy_of(arena, rows[i].known);
        policy.fingerprint = rows[i].fingerprint;
        good = host_key_judge(arena, &policy, blob, &err);
        assert_int_equal(good, rows[i].text == NULL);
        assert_string_equal(err.text, rows[i].text ? rows[i].text : "");
        assert_int_equal(err.code, rows[i].text ? ERROR_PERMISSION : ERROR_NONE);
        assert_false(err.transient);
    }
}

static void
the_hint_holds_the_line_to_add(void **state)
{
    struct host_key_policy policy = policy_of(*state, "");
    struct slice blob = key_blob_decode(*state, slice_of(BASE64_E));
    struct error err = ERROR_INIT;

    policy.port = 2222;
    assert_false(host_key_judge(*state, &policy, blob, &err));
    assert_string_equal(err.hint, "Have the server's administrators confirm this fingerprint "
                                  "('ssh-keygen -l -f' prints it there), then add this line to "
                                  "'known_hosts': [host]:2222 ecdsa-sha2-nistp256 " BASE64_E);
}

static void
a_key_that_is_none(void **state)
{
    struct host_key_policy policy = policy_of(*state, "");
    struct error err = ERROR_INIT;

    assert_false(host_key_judge(*state, &policy, slice_of("\0\0\0\1"), &err));
    assert_string_equal(err.text, "the server's host key cannot be read");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(the_known_types_are_asked_for, setup, teardown),
    cmocka_unit_test_setup_teardown(other_types_are_asked_for_after_one_was_shown, setup, teardown),
    cmocka_unit_test(fingerprints_are_checked_for_their_form),
    cmocka_unit_test_setup_teardown(keys_are_judged, setup, teardown),
    cmocka_unit_test_setup_teardown(the_hint_holds_the_line_to_add, setup, teardown),
    cmocka_unit_test_setup_teardown(a_key_that_is_none, setup, teardown),
};

UNIT_MAIN(tests)
