#include "unit.h"

#include "delivery/key_blob.h"
#include "delivery/known_hosts.h"

#include <string.h>

#define KEY_A "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMBpWq6agMIqUypY++4JIz7X8XmDjzAcZOzgpuyT4tj"
#define KEY_B "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKcKtENX1ccstRosFpQ2192gT10LQwew7fTlfoJFh8WF"
#define PRINT_A "SHA256:MN9s4B9pxKv2wfz6ftir7OmSP7PBcluH9EVRlWiW7MI"

/* As ssh-keygen -H made them of sftp.example.edu and of [sftp.example.edu]:2222. */
#define HASHED_22 "|1|kSPGFgIJ4fFbOuLgXShzCO1z3IU=|w3XP+xcjNCTxmpaUOwnI4SAAZDg= "
#define HASHED_2222 "|1|O100HZ7SaJgDsFkyj8DNiYMYHxg=|25/+zWe5+mv2pmd1z6Alow0DS2o= "

struct spoken {
    unsigned warnings;
    char last[256];
};

static void
hear(void *context, enum message_level level, const char *text)
{
    struct spoken *spoken = context;

    assert_int_equal(level, MESSAGE_WARNING);
    spoken->warnings++;
    snprintf(spoken->last, sizeof spoken->last, "%s", text);
}

static struct known_hosts
parse(struct arena *arena, const char *text, const char *host, unsigned port, struct spoken *spoken)
{
    struct messenger messenger = {.say = hear, .context = spoken};
    struct known_hosts_query query = {
        .path = "known_hosts", .host = host, .port = port, .messenger = &messenger};
    struct known_hosts known;

    known_hosts_parse(arena, &query, slice_of(text), &known);
    return known;
}

static void
names_match_as_ssh_writes_them(void **state)
{
    static const struct {
        const char *names;
        const char *host;
        unsigned port;
        bool matches;
    } rows[] = {
        {"sftp.example.edu ", "sftp.example.edu", 22, true},
        {"sftp.example.edu ", "SFTP.Example.EDU", 22, true},
        {"SFTP.example.edu ", "sftp.example.edu", 22, true},
        {"sftp.example.edu ", "sftp.example.edu", 2222, false},
        {"[sftp.example.edu]:2222 ", "sftp.example.edu", 2222, true},
        {"[sftp.example.edu]:2222 ", "sftp.example.edu", 22, false},
        {"[sftp.example.edu]:2222 ", "sftp.example.edu", 222, false},
        {"other,sftp.example.edu,192.0.2.1\t", "sftp.example.edu", 22, true},
        {"sftp.example ", "sftp.example.edu", 22, false},
        {"*.example.edu ", "sftp.example.edu", 22, true},
        {"*.example.edu ", "example.edu", 22, false},
        {"*example*edu ", "a.example.b.edu", 22, true},
        {"* ", "sftp.example.edu", 22, true},
        {"[*]:2222 ", "sftp.example.edu", 2222, true},
        {"sft?.example.edu ", "sftp.example.edu", 22, true},
        {"sft?.example.edu ", "sft.example.edu", 22, false},
        {"*.example.edu,!sftp.example.edu ", "sftp.example.edu", 22, false},
        {"*.example.edu,!sftp.example.edu ", "b.example.edu", 22, true},
        {"!sftp.example.edu ", "b.example.edu", 22, false},
        {HASHED_22, "sftp.example.edu", 22, true},
        {HASHED_22, "SFTP.example.edu", 22, true},
        {HASHED_22, "sftp.example.edu", 2222, false},
        {HASHED_2222, "sftp.example.edu", 2222, true},
        {HASHED_2222, "sftp.example.edu", 22, false},
        {"|1|!!!!|w3XP+xcjNCTxmpaUOwnI4SAAZDg= ", "sftp.example.edu", 22, false},
        {"|1|kSPGFgIJ4fFbOuLgXShzCO1z3IU=|AAAA ", "sftp.example.edu", 22, false},
        {"|1| ", "sftp.example.edu", 22, false},
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = arena_format(arena, "%s" KEY_A "\n", rows[i].names);
        struct spoken spoken = {0};
        struct known_hosts known = parse(arena, text, rows[i].host, rows[i].port, &spoken);

        if (known.count != rows[i].matches)
            print_error("row %zu: %s\n", i, rows[i].names);
        assert_int_equal(known.count, rows[i].matches);
        assert_int_equal(spoken.warnings, 0);
    }
    arena_free(arena);
}

static void
lines_keep_their_numbers_and_marks(void **state)
{
    static const char text[] = "# ours\n"
                               "\n"
                               "   \t\n"
                               "host " KEY_A " a comment\r\n"
                               "  # indented\n"
                               "@revoked host " KEY_B "\n"
                               "@cert-authority * " KEY_B "\n"
                               "  host\t" KEY_B;
    static const struct {
        enum known_mark mark;
        unsigned line;
    } wanted[] = {{KNOWN_KEY, 4}, {KNOWN_REVOKED, 6}, {KNOWN_AUTHORITY, 7}, {KNOWN_KEY, 8}};
    struct arena *arena = arena_new();
    struct spoken spoken = {0};
    struct known_hosts known = parse(arena, text, "host", 22, &spoken);
    char print[KEY_FINGERPRINT_BYTES];

    (void)state;
    assert_int_equal(spoken.warnings, 0);
    assert_int_equal(known.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(known.keys[i].mark, wanted[i].mark);
        assert_int_equal(known.keys[i].line, wanted[i].line);
        assert_string_equal(known.keys[i].type, "ssh-ed25519");
    }
    key_blob_fingerprint(known.keys[0].blob, print);
    assert_string_equal(print, PRINT_A);
    assert_true(slice_equal(known.keys[1].blob, known.keys[3].blob));
    arena_free(arena);
}

static void
bad_lines_are_told_and_left_out(void **state)
{
    static const char *const bad[] = {
        "host",
        "host ssh-ed25519",
        "host ssh-ed25519 AAAA",
        "host ssh-ed25519 not*base64!",
        "host ecdsa-sha2-nistp256 AAAAC3NzaC1lZDI1NTE5AAAAINMBpWq6agMIqUypY++"
        "4JIz7X8XmDjzAcZOzgpuyT4tj",
        "@unknown host " KEY_A,
        "@revoked",
        "host 1024 35 123456789",
        "host ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINMBpWq6agMIqUypY++4JIz7X8XmDjzAcZOzgpuyT4t",
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *text = arena_format(arena, "%s\nhost " KEY_A "\n", bad[i]);
        struct spoken spoken = {0};
        struct known_hosts known = parse(arena, text, "host", 22, &spoken);

        assert_int_equal(known.count, 1);
        assert_int_equal(known.keys[0].line, 2);
        assert_int_equal(spoken.warnings, 1);
        assert_string_equal(spoken.last, "known_hosts:1: not a line of known_hosts, left out");
    }
    arena_free(arena);
}

static void
a_file_that_cannot_be_read(void **state)
{
    struct known_hosts_query query = {.path = "/nowhere/known_hosts", .host = "h", .port = 22};
    struct arena *arena = arena_new();
    struct error err = ERROR_INIT;
    struct known_hosts known;

    (void)state;
    assert_false(known_hosts_load(arena, &query, &known, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_string_equal(err.text, "cannot check the server's host key: cannot read "
                                  "'/nowhere/known_hosts': No such file or directory");
    arena_free(arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_match_as_ssh_writes_them),
    cmocka_unit_test(lines_keep_their_numbers_and_marks),
    cmocka_unit_test(bad_lines_are_told_and_left_out),
    cmocka_unit_test(a_file_that_cannot_be_read),
};

UNIT_MAIN(tests)
