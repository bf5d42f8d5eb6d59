/* What a settings file becomes, and how it is refused: each folder tests/refused/settings-* is a
 * case, whose ldap2alma.yaml gets the lines of its file `expected`, no more and no less. */
#include "unit.h"

#include "base/buffer.h"
#include "base/file.h"
#include "settings/settings.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The smallest file that loads, and what a test puts behind it. */
#define SMALLEST                                                                                   \
    "mapping: map.yaml\n"                                                                          \
    "directory: { ldif: people.ldif }\n"                                                           \
    "delivery: { folder: out }\n"

/* Its server and SFTP counterparts. */
#define SERVER                                                                                     \
    "directory:\n"                                                                                 \
    "  uri: ldaps://ldap.example.edu\n"                                                            \
    "  bind: { dn: cn=alma, password: { env: LDAP_PASSWORD } }\n"                                  \
    "  searches: [{ base: dc=example }]\n"
#define SFTP                                                                                       \
    "delivery:\n"                                                                                  \
    "  sftp: { host: sftp.example.edu, user: alma, agent: true, known_hosts: hosts,"               \
    " directory: /alma }\n"

struct loaded {
    struct arena *arena;
    struct settings settings;
    struct error err;
    struct buffer said;
    bool ok;
};

static void
remember(void *context, enum message_level level, const char *text)
{
    struct buffer *said = context;

    assert_int_equal(level, MESSAGE_ERROR);
    buffer_add_text(said, text);
    buffer_add_text(said, "\n");
}

static struct loaded
load_as(const char *path, const char *text)
{
    struct loaded loaded = {.arena = arena_new(), .err = ERROR_INIT, .said = BUFFER_INIT};
    struct messenger messenger = {.say = remember, .context = &loaded.said};

    loaded.ok = settings_parse(loaded.arena, path, slice_of(text), &messenger, &loaded.settings,
                               &loaded.err);
    buffer_add(&loaded.said, "", 1);
    return loaded;
}

static void
unload(struct loaded *loaded)
{
    buffer_free(&loaded->said);
    arena_free(loaded->arena);
}

static struct loaded
load(const char *text)
{
    struct loaded loaded = load_as("/etc/ldap2alma/example.yaml", text);

    if (!loaded.ok)
        fail_msg("%s", loaded.said.data);
    return loaded;
}

static void
defaults_are_those_of_the_table(void **state)
{
    struct loaded loaded = load(SMALLEST);
    const struct settings *settings = &loaded.settings;

    (void)state;
    assert_string_equal(settings->path, "/etc/ldap2alma/example.yaml");
    assert_string_equal(settings->name, "example");
    assert_int_equal(settings->directory.uri_count, 0);
    assert_int_equal(settings->directory.search_count, 0);
    assert_int_equal(settings->directory.tls_mode, SETTINGS_TLS_AUTO);
    assert_int_equal(settings->directory.page_size, 1000);
    assert_int_equal(settings->directory.connect_timeout_seconds, 10);
    assert_int_equal(settings->directory.timeout_seconds, 60);
    assert_int_equal(settings->mode, SETTINGS_MODE_SYNCHRONIZE);
    assert_string_equal(settings->record_type, "PUBLIC");
    assert_int_equal(settings->package.records_per_file, 10000);
    assert_int_equal(settings->package.files_per_package, 50);
    assert_int_equal(settings->package.max_packages, 20);
    assert_int_equal(settings->package.max_size, 1000000000);
    assert_false(settings->sftp.set);
    assert_int_equal(settings->attempts, 5);
    assert_int_equal(settings->first_wait_seconds, 5);
    assert_string_equal(settings->spool, "/var/spool/ldap2alma");
    assert_int_equal(settings->clean_taken_after_seconds, 0);
    assert_int_equal(settings->changes.mode, SETTINGS_CHANGES_FULL);
    assert_int_equal(settings->changes.full_every_seconds, 0);
    assert_int_equal(settings->changes.resend_after_seconds, 90 * 86400);
    assert_int_equal(settings->changes.detect, SETTINGS_DETECT_AUTO);
    assert_int_equal(settings->changes.read_all_every_seconds, 7 * 86400);
    assert_int_equal(settings->leavers.policy, SETTINGS_LEAVERS_KEEP);
    assert_int_equal(settings->leavers.skipped, SETTINGS_LEAVERS_EXPIRE);
    assert_int_equal(settings->leavers.grace, 2);
    assert_int_equal(settings->leavers.purge_after_seconds, 0);
    unload(&loaded);
}

static void
the_state_lies_in_the_spool_unless_it_is_named(void **state)
{
    struct loaded loaded = load(SMALLEST "name: staff\nspool: spool\n");

    (void)state;
    assert_string_equal(loaded.settings.state, "/etc/ldap2alma/spool/staff/state.db");
    unload(&loaded);
    loaded = load(SMALLEST "name: staff\nstate: memory/staff.db\n");
    assert_string_equal(loaded.settings.state, "/etc/ldap2alma/memory/staff.db");
    unload(&loaded);
}

static void
paths_are_relative_to_the_file(void **state)
{
    struct loaded loaded = load(SMALLEST "spool: spool/of/alma\n");

    (void)state;
    assert_string_equal(loaded.settings.mapping, "/etc/ldap2alma/map.yaml");
    assert_string_equal(loaded.settings.directory.ldif, "/etc/ldap2alma/people.ldif");
    assert_string_equal(loaded.settings.folder, "/etc/ldap2alma/out");
    assert_string_equal(loaded.settings.spool, "/etc/ldap2alma/spool/of/alma");
    unload(&loaded);

    loaded = load_as("example.yaml", SMALLEST);
    assert_string_equal(loaded.settings.mapping, "map.yaml");
    unload(&loaded);

    loaded = load("mapping: /m.yaml\ndirectory: { ldif: '-' }\ndelivery: { folder: /out }\n");
    assert_string_equal(loaded.settings.mapping, "/m.yaml");
    assert_string_equal(loaded.settings.directory.ldif, "-");
    unload(&loaded);
}

static void
nothing_is_expanded(void **state)
{
    struct loaded loaded = load("mapping: '${HOME}/m.yaml'\ndirectory: { ldif: ~/x }\n"
                                "delivery: { folder: $HOME }\n");

    (void)state;
    assert_string_equal(loaded.settings.mapping, "/etc/ldap2alma/${HOME}/m.yaml");
    assert_string_equal(loaded.settings.directory.ldif, "/etc/ldap2alma/~/x");
    assert_string_equal(loaded.settings.folder, "/etc/ldap2alma/$HOME");
    unload(&loaded);
}

/* DESIGN's file, as far as its options exist. */
static const char whole_file[] =
    "name: staff-feed_1.0\n"
    "directory:\n"
    "  uri: [ldaps://dc1.example.edu, LDAPS://dc2.example.edu:3269/, 'ldaps://[2001:db8::1]:636']\n"
    "  tls: { mode: auto, ca_file: /etc/ssl/certs/ca-certificates.crt }\n"
    "  bind: { method: simple, dn: \"cn=alma,ou=services,dc=example,dc=edu\",\n"
    "          password: { file: /etc/ldap2alma/ldap.secret } }\n"
    "  searches:\n"
    "    - { base: \"ou=people,dc=example,dc=edu\", scope: subtree, filter: "
    "\"(objectClass=person)\" }\n"
    "    - base: ou=guests,dc=example,dc=edu\n"
    "      scope: one\n"
    "      filter: (&(uid=*)(!(cn=a\\28b\\29)))\n"
    "    - base: ou=more,dc=example,dc=edu\n"
    "  page_size: 500\n"
    "  connect_timeout: 2m\n"
    "  timeout: 1h\n"
    "alma: { mode: import, record_type: STAFF }\n"
    "mapping: /etc/ldap2alma/active-directory.yaml\n"
    "package: { records_per_file: 5, files_per_package: 6, max_size: 4GB, max_packages: 7 }\n"
    "delivery:\n"
    "  sftp: { host: sftp.example.edu, port: 10022, user: alma, agent: true,\n"
    "          key: { file: id_ed25519 }, passphrase: { credential: alma-key },\n"
    "          password: { env: SFTP_PASSWORD }, known_hosts: /etc/ldap2alma/known_hosts,\n"
    "          fingerprint: 'SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDE+/',\n"
    "          transport: libssh2, timeout: 90s, directory: /alma/synchronize }\n"
    "  retry: { attempts: 1, wait: 0s }\n"
    "  clean: { taken_after: 30d }\n"
    "changes: { mode: changed, full_every: 7d, resend_after: off, detect: usn,\n"
    "           read_all_every: off }\n"
    "leavers: { policy: expire, skipped: keep, grace: 3, purge_after: 365d }\n"
    "state: /var/lib/alma/state.db\n"
    "spool: /var/spool/alma\n";

static void
the_whole_file_loads(void **state)
{
    struct loaded loaded = load(whole_file);
    const struct settings *settings = &loaded.settings;
    const struct settings_directory *directory = &settings->directory;

    (void)state;
    assert_string_equal(settings->name, "staff-feed_1.0");
    assert_int_equal(directory->uri_count, 3);
    assert_string_equal(directory->uris[0], "ldaps://dc1.example.edu");
    assert_string_equal(directory->uris[2], "ldaps://[2001:db8::1]:636");
    assert_null(directory->ldif);
    assert_string_equal(directory->tls_ca_file, "/etc/ssl/certs/ca-certificates.crt");
    assert_int_equal(directory->bind_method, SETTINGS_BIND_SIMPLE);
    assert_string_equal(directory->bind_dn, "cn=alma,ou=services,dc=example,dc=edu");
    assert_string_equal(directory->bind_password.file, "/etc/ldap2alma/ldap.secret");
    assert_int_equal(directory->page_size, 500);
    assert_int_equal(directory->connect_timeout_seconds, 120);
    assert_int_equal(directory->timeout_seconds, 3600);
    assert_int_equal(settings->mode, SETTINGS_MODE_IMPORT);
    assert_string_equal(settings->record_type, "STAFF");
    assert_int_equal(settings->package.records_per_file, 5);
    assert_int_equal(settings->package.files_per_package, 6);
    assert_int_equal(settings->package.max_packages, 7);
    assert_true(settings->package.max_size == UINT64_C(4000000000));
    assert_int_equal(settings->attempts, 1);
    assert_int_equal(settings->first_wait_seconds, 0);
    assert_string_equal(settings->spool, "/var/spool/alma");
    assert_string_equal(settings->state, "/var/lib/alma/state.db");
    unload(&loaded);
}

static void
changes_and_leavers_have_all_their_values(void **state)
{
    struct loaded loaded = load(whole_file);
    const struct settings *settings = &loaded.settings;

    (void)state;
    assert_int_equal(settings->clean_taken_after_seconds, 30 * 86400);
    assert_int_equal(settings->changes.mode, SETTINGS_CHANGES_CHANGED);
    assert_int_equal(settings->changes.full_every_seconds, 7 * 86400);
    assert_int_equal(settings->changes.resend_after_seconds, 0);
    assert_int_equal(settings->changes.detect, SETTINGS_DETECT_USN);
    assert_int_equal(settings->changes.read_all_every_seconds, 0);
    assert_int_equal(settings->leavers.policy, SETTINGS_LEAVERS_EXPIRE);
    assert_int_equal(settings->leavers.skipped, SETTINGS_LEAVERS_KEEP);
    assert_int_equal(settings->leavers.grace, 3);
    assert_int_equal(settings->leavers.purge_after_seconds, 365 * 86400);
    unload(&loaded);
}

static void
brakes_have_limits_and_days_without_them(void **state)
{
    struct loaded plain = load(SMALLEST);
    struct loaded loaded = load(SMALLEST "brakes: { missing: 0.25%, held: 40, changed: off,\n"
                                         "  min_users: off, empty_search: off,\n"
                                         "  release: [new@2026-12-01, missing@2028-02-29] }\n");
    const struct settings *settings = &plain.settings;

    (void)state;
    assert_int_equal(settings->brakes.missing.kind, SETTINGS_LIMIT_SHARE);
    assert_int_equal(settings->brakes.missing.value, 500);
    assert_string_equal(settings->brakes.missing.written, "5%");
    assert_int_equal(settings->brakes.min_users, 1);
    assert_int_equal(settings->brakes.empty_search, SETTINGS_ON);
    assert_int_equal(settings->brakes.release_count, 0);
    settings = &loaded.settings;
    assert_int_equal(settings->brakes.missing.value, 25);
    assert_int_equal(settings->brakes.held.kind, SETTINGS_LIMIT_PEOPLE);
    assert_int_equal(settings->brakes.held.value, 40);
    assert_int_equal(settings->brakes.changed.kind, SETTINGS_LIMIT_OFF);
    assert_int_equal(settings->brakes.fresh.value, 2000);
    assert_int_equal(settings->brakes.min_users, 0);
    assert_int_equal(settings->brakes.empty_search, SETTINGS_OFF);
    assert_int_equal(settings->brakes.release_count, 2);
    assert_string_equal(settings->brakes.releases[0].brake, "new");
    assert_string_equal(settings->brakes.releases[1].brake, "missing");
    assert_int_equal(settings->brakes.releases[1].day.day, 29);
    unload(&plain);
    unload(&loaded);
}

static void
each_search_has_its_own_values(void **state)
{
    struct loaded loaded = load(whole_file);
    const struct settings_search *searches = loaded.settings.directory.searches;

    (void)state;
    assert_int_equal(loaded.settings.directory.search_count, 3);
    assert_string_equal(searches[0].base, "ou=people,dc=example,dc=edu");
    assert_string_equal(searches[0].filter, "(objectClass=person)");
    assert_int_equal(searches[0].scope, SETTINGS_SCOPE_SUBTREE);
    assert_int_equal(searches[1].scope, SETTINGS_SCOPE_ONE);
    assert_string_equal(searches[1].filter, "(&(uid=*)(!(cn=a\\28b\\29)))");
    assert_string_equal(searches[2].base, "ou=more,dc=example,dc=edu");
    assert_string_equal(searches[2].filter, "(objectClass=*)");
    assert_int_equal(searches[2].scope, SETTINGS_SCOPE_SUBTREE);
    unload(&loaded);
}

static void
sftp_has_all_its_values(void **state)
{
    struct loaded loaded = load(whole_file);
    const struct settings_sftp *sftp = &loaded.settings.sftp;

    (void)state;
    assert_true(sftp->set);
    assert_null(loaded.settings.folder);
    assert_string_equal(sftp->host, "sftp.example.edu");
    assert_int_equal(sftp->port, 10022);
    assert_string_equal(sftp->user, "alma");
    assert_string_equal(sftp->key.file, "/etc/ldap2alma/id_ed25519");
    assert_null(sftp->key.credential);
    assert_string_equal(sftp->passphrase.credential, "alma-key");
    assert_string_equal(sftp->password.environment, "SFTP_PASSWORD");
    assert_true(sftp->agent);
    assert_string_equal(sftp->known_hosts, "/etc/ldap2alma/known_hosts");
    assert_string_equal(sftp->fingerprint, "SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDE+/");
    assert_int_equal(sftp->transport, SETTINGS_TRANSPORT_LIBSSH2);
    assert_int_equal(sftp->timeout_seconds, 90);
    assert_string_equal(sftp->directories[SETTINGS_MODE_SYNCHRONIZE], "/alma/synchronize");
    assert_string_equal(sftp->directories[SETTINGS_MODE_IMPORT], "/alma/synchronize");
    unload(&loaded);
}

static void
directories_go_by_mode(void **state)
{
    struct loaded loaded =
        load("mapping: m\n" SERVER "delivery:\n"
             "  sftp: { host: h, user: u, agent: true, known_hosts: k, transport: openssh,\n"
             "          directory: { import: /alma/sis_load } }\n");
    const struct settings_sftp *sftp = &loaded.settings.sftp;

    (void)state;
    assert_string_equal(sftp->directories[SETTINGS_MODE_IMPORT], "/alma/sis_load");
    assert_null(sftp->directories[SETTINGS_MODE_SYNCHRONIZE]);
    assert_int_equal(sftp->transport, SETTINGS_TRANSPORT_OPENSSH);
    unload(&loaded);
}

/* Combinations of URI, TLS mode and bind method that make sense. */
static void
connections_that_make_sense_load(void **state)
{
    static const char *const good[] = {
        "uri: ldap://h, tls: { mode: none }",
        "uri: ldap://h, tls: { mode: auto }",
        "uri: [ldap://h, ldap://h2:1389], tls: { mode: starttls }",
        "uri: ldaps://h, tls: { mode: ldaps }",
        "uri: [ldapi:///, ldapi://%2Frun%2Fslapd%2Fldapi/], bind: { method: external }",
        "uri: ldaps://h, bind: { method: external }, tls: { cert_file: c, key_file: k }",
        "uri: ldapi:///, bind: { method: anonymous }, tls: { mode: none }",
        "uri: ldaps://h, bind: { method: gssapi }",
        "uri: ldap://h, bind: { method: gssapi, keytab: k, principal: a@R }, tls: { mode: none }",
        "uri: ldap://h, bind: { method: gssapi, ticket_cache: \"FILE:/run/alma/ticket\" }",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const char *bind =
            strstr(good[i], "bind:") ? "" : ", bind: { dn: cn=alma, password: { file: p } }";
        struct buffer text = BUFFER_INIT;
        struct loaded loaded;

        buffer_format(&text, "mapping: m\ndirectory: { %s%s, searches: [{ base: dc=x }] }\n" SFTP,
                      good[i], bind);
        buffer_add(&text, "", 1);
        loaded = load(text.data);
        assert_true(loaded.settings.directory.uri_count > 0);
        unload(&loaded);
        buffer_free(&text);
    }
}

static void
the_name_comes_from_the_file(void **state)
{
    static const struct {
        const char *path, *name;
    } cases[] = {{"a/b/staff.yaml", "staff"}, {"staff", "staff"}, {"x.yml", "x.yml"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct loaded loaded = load_as(cases[i].path, SMALLEST);

        assert_true(loaded.ok);
        assert_string_equal(loaded.settings.name, cases[i].name);
        unload(&loaded);
    }
}

static void
the_error_sums_up(void **state)
{
    struct loaded loaded = load_as("my feed.yaml", "mapping: m\nmaping: n\n");

    (void)state;
    assert_false(loaded.ok);
    assert_int_equal(loaded.err.code, ERROR_CONFIG);
    assert_string_equal(loaded.err.text, "the settings 'my feed.yaml' has 4 faults");
    assert_string_equal(
        loaded.said.data,
        "my feed.yaml:1:1: 'name' is missing: the file's name 'my feed.yaml' cannot serve as the "
        "feed's\n"
        "my feed.yaml:1:1: 'directory.uri', 'directory.srv', 'directory.ldif' or 'directory.push' "
        "is "
        "missing\n"
        "my feed.yaml:1:1: 'delivery.sftp' or 'delivery.folder' is missing\n"
        "my feed.yaml:2:1: unknown key 'maping'; did you mean 'mapping'?\n");
    unload(&loaded);
}

static void
files_that_are_no_settings_are_refused(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "f.yaml: the file is empty\n"},
        {"# nothing\n", "f.yaml: the file is empty\n"},
        {"~\n", "f.yaml:1:1: the file has no value\n"},
        {"hello\n", "f.yaml:1:1: the file must be a map, not text\n"},
        {"- a\n", "f.yaml:1:1: the file must be a map, not a list\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct loaded loaded = load_as("f.yaml", cases[i].text);

        assert_false(loaded.ok);
        assert_string_equal(loaded.said.data, cases[i].said);
        unload(&loaded);
    }
}

static void
a_missing_file_is_a_fault(void **state)
{
    struct arena *arena = arena_new();
    struct settings settings;
    struct error err = ERROR_INIT;

    (void)state;
    assert_false(settings_load(arena, "/nowhere/x.yaml", NULL, &settings, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    arena_free(arena);
}

/* The working directory is the case's folder. */
static bool
case_holds(const char *folder)
{
    struct arena *arena = arena_new();
    struct buffer said = BUFFER_INIT;
    struct messenger messenger = {.say = remember, .context = &said};
    struct error err = ERROR_INIT;
    struct settings settings;
    struct slice expected;
    bool holds;

    if (!file_read(arena, "expected", 1 << 16, &expected, &err))
        fail_msg("%s: %s", folder, err.text);
    holds = !settings_load(arena, "ldap2alma.yaml", &messenger, &settings, &err) &&
            err.code == ERROR_CONFIG &&
            slice_equal((struct slice){said.data, said.length}, expected);
    if (!holds)
        fprintf(stderr, "%s: expected\n%.*ssaid\n%.*s\n", folder, SLICE_ARG(expected),
                (int)said.length, said.data ? said.data : "");
    buffer_free(&said);
    arena_free(arena);
    return holds;
}

static void
every_fault_has_its_text_and_position(void **state)
{
    const char *source = getenv("srcdir");
    char pattern[4096];
    char *home = getcwd(NULL, 0);
    size_t failed = 0;
    glob_t folders;

    (void)state;
    snprintf(pattern, sizeof pattern, "%s/tests/refused/settings-*", source ? source : ".");
    assert_int_equal(glob(pattern, 0, NULL, &folders), 0);
    for (size_t i = 0; i < folders.gl_pathc; i++) {
        assert_int_equal(chdir(folders.gl_pathv[i]), 0);
        failed += !case_holds(folders.gl_pathv[i]);
        assert_int_equal(chdir(home), 0);
    }
    globfree(&folders);
    free(home);
    assert_int_equal(failed, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(defaults_are_those_of_the_table),
    cmocka_unit_test(paths_are_relative_to_the_file),
    cmocka_unit_test(nothing_is_expanded),
    cmocka_unit_test(the_whole_file_loads),
    cmocka_unit_test(the_state_lies_in_the_spool_unless_it_is_named),
    cmocka_unit_test(changes_and_leavers_have_all_their_values),
    cmocka_unit_test(brakes_have_limits_and_days_without_them),
    cmocka_unit_test(each_search_has_its_own_values),
    cmocka_unit_test(sftp_has_all_its_values),
    cmocka_unit_test(directories_go_by_mode),
    cmocka_unit_test(connections_that_make_sense_load),
    cmocka_unit_test(the_name_comes_from_the_file),
    cmocka_unit_test(the_error_sums_up),
    cmocka_unit_test(files_that_are_no_settings_are_refused),
    cmocka_unit_test(a_missing_file_is_a_fault),
    cmocka_unit_test(every_fault_has_its_text_and_position),
};

UNIT_MAIN(tests)
