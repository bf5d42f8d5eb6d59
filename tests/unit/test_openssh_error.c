#include "unit.h"

#include "delivery/openssh_error.h"

#define SHOWN "debug1: Server host key: ssh-ed25519 SHA256:abc\r\n"

static const struct sftp_options options = {
    .host = "sftp.example.edu", .port = 2222, .user = "alma", .known_hosts = "known"};

static void
lost_connections_are_worded(void **state)
{
    static const struct {
        const char *complained;
        enum error_code code;
        bool transient;
        const char *text;
    } rows[] = {
        {"", ERROR_UNAVAILABLE, true, "sftp ended without a word"},
        {"ssh: connect to host h port 22: Connection refused\r\nConnection closed.  \r\n",
         ERROR_UNAVAILABLE, true, "ssh: connect to host h port 22: Connection refused"},
        {"debug1: Connecting\nssh: Could not resolve hostname h: Name or service not known\n"
         "Connection closed\n",
         ERROR_UNAVAILABLE, false, "ssh: Could not resolve hostname h: Name or service not known"},
        {"ssh: Could not resolve hostname h: Temporary failure in name resolution\n",
         ERROR_UNAVAILABLE, true,
         "ssh: Could not resolve hostname h: Temporary failure in name resolution"},
        {"alma@h: Permission denied (publickey,password).\nConnection closed\n", ERROR_PERMISSION,
         false,
         "the server refuses the login of 'alma': alma@h: Permission denied (publickey,password)."},
        {"Received disconnect from h port 22:2: Too many authentication failures\r\n"
         "Disconnected from h port 22\r\nConnection closed\r\n",
         ERROR_PERMISSION, false,
         "the server refuses the login of 'alma': Received disconnect from h port 22:2: Too many "
         "authentication failures"},
        {"Unable to negotiate with h port 22: no matching cipher found. Their offer: x\n",
         ERROR_PERMISSION, false,
         "no way to talk for 'alma': Unable to negotiate with h port 22: no matching cipher found. "
         "Their offer: x"},
        {SHOWN "No ED25519 host key is known for h and you have requested strict checking.\r\n"
               "Host key verification failed.\r\n",
         ERROR_PERMISSION, false,
         "the server's host key SHA256:abc (ssh-ed25519) is unknown: 'known' has no key of this "
         "type for 'sftp.example.edu'"},
        {SHOWN "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n"
               "Host key verification failed.\r\n",
         ERROR_PERMISSION, false,
         "THE SERVER'S HOST KEY HAS CHANGED: it is now SHA256:abc (ssh-ed25519), but 'known' has "
         "another; somebody may be in between"},
        {SHOWN "@       WARNING: REVOKED HOST KEY DETECTED!               @\r\n"
               "Host key verification failed.\r\n",
         ERROR_PERMISSION, false,
         "the server's host key SHA256:abc (ssh-ed25519) is marked @revoked in 'known'"},
        {"Host key verification failed.\r\n", ERROR_PERMISSION, false,
         "the server's host key ? (?) is unknown: 'known' has no key of this type for "
         "'sftp.example.edu'"},
        {"evil \x1b[31m text\n", ERROR_UNAVAILABLE, true, "evil \\x1b[31m text"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = ERROR_INIT;

        assert_false(openssh_error_connection(&options, rows[i].complained, &err));
        assert_string_equal(err.text, rows[i].text);
        assert_int_equal(err.code, rows[i].code);
        assert_int_equal(err.transient, rows[i].transient);
    }
}

static void
the_hint_names_the_command_for_the_line(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    openssh_error_connection(&options, SHOWN "Host key verification failed.\r\n", &err);
    assert_string_equal(err.hint,
                        "Have the server's administrators confirm this fingerprint ('ssh-keygen -l "
                        "-f' prints it there), then put the line that 'ssh-keyscan -p 2222 -t "
                        "ssh-ed25519 sftp.example.edu' prints into 'known'.");
}

static void
failed_commands_are_worded(void **state)
{
    static const struct {
        const char *complained;
        const char *text;
        bool any, missing;
    } rows[] = {
        {"", "context: ", false, false},
        {"debug1: something: else\n", "context: ", false, false},
        {"Can't ls: \"/srv/x\" not found\n", "context: \"/srv/x\" not found", true, true},
        {"remote delete \"/x\": No such file or directory\n", "context: No such file or directory",
         true, true},
        {"dest open \"/x\": Permission denied\n", "context: Permission denied", true, false},
        {"debug1: a\nwrite remote \"/x\": Failure\ndebug1: b\n", "context: Failure", true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = ERROR_INIT;

        assert_int_equal(openssh_error_any(rows[i].complained), rows[i].any);
        assert_int_equal(openssh_error_is_missing(rows[i].complained), rows[i].missing);
        assert_false(openssh_error_command(rows[i].complained, &err, "%s", "context"));
        assert_string_equal(err.text, rows[i].text);
        assert_int_equal(err.code, ERROR_WRITE);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lost_connections_are_worded),
    cmocka_unit_test(the_hint_names_the_command_for_the_line),
    cmocka_unit_test(failed_commands_are_worded),
};

UNIT_MAIN(tests)
