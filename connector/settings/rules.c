#include "settings/rules.h"

#include "base/file.h"
#include "settings/formats.h"
#include "settings/given.h"
#include "settings/read.h"

#include <string.h>

enum { BRAKES_MOST = 32 };

/* The index of a key in a map, or `count`. */
static size_t
key_index(const struct yaml_node *map, struct slice key)
{
    size_t i = 0;

    if (map->kind != YAML_MAP)
        return map->count;
    while (i < map->count && !slice_equal(map->keys[i]->text, key))
        i++;
    return i;
}

/* The value at a path of the table, or NULL where the file does not have it. Its key, or that of
 * the last part of the path that is there, goes to ret_where. */
static const struct yaml_node *
find(const struct loader *loader, const char *path, struct position *ret_where)
{
    const struct yaml_node *node = loader->root;

    *ret_where = node->where;
    while (*path) {
        struct slice key = {path, strcspn(path, ".")};
        size_t index = key_index(node, key);

        if (index == node->count)
            return NULL;
        *ret_where = node->keys[index]->where;
        node = node->items[index];
        path += key.length + (path[key.length] == '.');
    }
    return node;
}

static bool
is_given(const struct loader *loader, const char *path)
{
    struct position where;

    return find(loader, path, &where) != NULL;
}

static void
need(struct loader *loader, const char *path, const char *reason)
{
    struct position where;

    if (!find(loader, path, &where))
        faults_add(loader->faults, where, "'%s' is missing: %s", path, reason);
}

static void
forbid(struct loader *loader, const char *path, const char *reason)
{
    struct position where;

    if (find(loader, path, &where))
        faults_add(loader->faults, where, "'%s' has no effect: %s", path, reason);
}

/* One of them, and not several; `names` are the same in a sentence. */
static void
need_one_of(struct loader *loader, const char *const *paths, const char *names)
{
    struct position where = {0};
    const char *first = NULL;

    for (; *paths; paths++) {
        if (!find(loader, *paths, &where))
            continue;
        if (first)
            faults_add(loader->faults, where, "'%s' stands beside '%s'; only one can be used",
                       *paths, first);
        else
            first = *paths;
    }
    if (!first)
        faults_add(loader->faults, where, "%s is missing", names);
}

static void
check_name(struct loader *loader)
{
    const char *file = file_name(loader->path);
    size_t length = strlen(file);
    struct slice name = {file, length};

    if (is_given(loader, "name"))
        return;
    if (loader->path == given_place) {
        need(loader, "name", "there is no file that the feed could be named after");
        loader->settings->name = "";
        return;
    }
    if (length > 5 && strcmp(file + length - 5, ".yaml") == 0)
        name.length -= 5;
    if (format_name_complaint(name))
        faults_add(loader->faults, loader->root->where,
                   "'name' is missing: the file's name '%s' cannot serve as the feed's",
                   read_printable(loader, slice_of(file)));
    loader->settings->name = arena_copy(loader->arena, name.data, name.length);
}

static void
check_state(struct loader *loader)
{
    struct settings *settings = loader->settings;

    if (!settings->state && settings->spool && settings->name)
        settings->state =
            arena_format(loader->arena, "%s/%s/state.db", settings->spool, settings->name);
    settings->directory.push.set = is_given(loader, "directory.push");
    if (settings->directory.push.set && !settings->directory.push.entries && settings->state)
        settings->directory.push.entries =
            arena_format(loader->arena, "%s-pushed", settings->state);
}

/* What protects a connection must be possible with each server's kind of URI. */
static void
check_tls_mode(struct loader *loader)
{
    static const bool fits[FORMAT_SCHEME_COUNT][SETTINGS_TLS_NONE + 1] = {
        [FORMAT_LDAP] = {[SETTINGS_TLS_AUTO] = true,
                         [SETTINGS_TLS_STARTTLS] = true,
                         [SETTINGS_TLS_NONE] = true},
        [FORMAT_LDAPS] = {[SETTINGS_TLS_AUTO] = true, [SETTINGS_TLS_LDAPS] = true},
        [FORMAT_LDAPI] = {[SETTINGS_TLS_AUTO] = true, [SETTINGS_TLS_NONE] = true},
    };
    const struct settings_directory *directory = &loader->settings->directory;
    struct position where;
    const struct yaml_node *mode = find(loader, "directory.tls.mode", &where);

    for (size_t i = 0; mode && i < directory->uri_count; i++) {
        enum format_scheme scheme = format_uri_scheme(slice_of(directory->uris[i]));

        if (fits[scheme][directory->tls_mode])
            continue;
        faults_add(loader->faults, mode->where,
                   "'directory.tls.mode' cannot be '%s' with the %s:// in 'directory.uri'",
                   mode->text.data, format_scheme_name(scheme));
        return;
    }
}

static bool
has_remote_server(const struct settings_directory *directory)
{
    for (size_t i = 0; i < directory->uri_count; i++)
        if (format_uri_scheme(slice_of(directory->uris[i])) != FORMAT_LDAPI)
            return true;
    return directory->srv != NULL;
}

/* False where the file names a method that was refused: then nothing follows from the default. */
static bool
bind_method_is_known(const struct loader *loader)
{
    const struct option *option = option_find("directory.bind.", slice_of("method"));
    struct position where;
    const struct yaml_node *method = find(loader, option->help.path, &where);
    const char *known = option->help.choices[loader->settings->directory.bind_method];

    return !method || slice_equal(method->text, slice_of(known));
}

/* The keys that go with one bind method alone. */
static const struct {
    enum settings_bind method;
    const char *path, *reason;
} bind_keys[] = {
    {SETTINGS_BIND_SIMPLE, "directory.bind.dn", "only the bind method 'simple' uses it"},
    {SETTINGS_BIND_SIMPLE, "directory.bind.password", "only the bind method 'simple' uses it"},
    {SETTINGS_BIND_GSSAPI, "directory.bind.keytab", "only the bind method 'gssapi' uses it"},
    {SETTINGS_BIND_GSSAPI, "directory.bind.principal", "only the bind method 'gssapi' uses it"},
    {SETTINGS_BIND_GSSAPI, "directory.bind.ticket_cache", "only the bind method 'gssapi' uses it"},
};

static void
check_gssapi(struct loader *loader)
{
    const struct settings_directory *directory = &loader->settings->directory;
    struct position where;

    for (size_t i = 0; i < directory->uri_count; i++)
        if (format_uri_scheme(slice_of(directory->uris[i])) == FORMAT_LDAPI) {
            find(loader, "directory.bind.method", &where);
            faults_add(loader->faults, where,
                       "'directory.bind.method' cannot be 'gssapi' with the ldapi:// in "
                       "'directory.uri'");
            break;
        }
    if (!is_given(loader, "directory.bind.keytab")) {
        forbid(loader, "directory.bind.principal", "there is no 'directory.bind.keytab'");
        return;
    }
    need(loader, "directory.bind.principal", "'directory.bind.keytab' needs it");
    if (find(loader, "directory.bind.ticket_cache", &where))
        faults_add(loader->faults, where,
                   "'directory.bind.ticket_cache' stands beside 'directory.bind.keytab'; only one "
                   "can be used");
}

static void
check_bind(struct loader *loader)
{
    const struct settings_directory *directory = &loader->settings->directory;
    bool by_certificate =
        directory->bind_method == SETTINGS_BIND_EXTERNAL && has_remote_server(directory);
    const char *reason = by_certificate ? "the bind method 'external' needs it"
                                        : "a certificate and its key go together";

    if (!bind_method_is_known(loader))
        return;
    for (size_t i = 0; i < sizeof bind_keys / sizeof bind_keys[0]; i++)
        if (bind_keys[i].method != directory->bind_method)
            forbid(loader, bind_keys[i].path, bind_keys[i].reason);
    if (directory->bind_method == SETTINGS_BIND_SIMPLE) {
        need(loader, "directory.bind.dn", "the bind method 'simple' needs it");
        need(loader, "directory.bind.password", "the bind method 'simple' needs it");
    }
    if (directory->bind_method == SETTINGS_BIND_GSSAPI)
        check_gssapi(loader);
    if (by_certificate || directory->tls_key_file)
        need(loader, "directory.tls.cert_file", reason);
    if (by_certificate || directory->tls_cert_file)
        need(loader, "directory.tls.key_file", reason);
}

/* Where there are no servers, what is said about them would be ignored. */
static void
forbid_server_options(struct loader *loader, const char *source)
{
    const char *reason = arena_format(loader->arena, "'directory.%s' needs no server", source);
    struct position where;
    const struct yaml_node *directory = find(loader, "directory", &where);

    for (size_t i = 0; i < directory->count; i++) {
        const char *key = directory->keys[i]->text.data;

        if (strcmp(key, source) == 0 || !option_find("directory.", directory->keys[i]->text))
            continue;
        forbid(loader, arena_format(loader->arena, "directory.%s", key), reason);
    }
}

/* Who pushes says who has changed. */
static void
check_push(struct loader *loader)
{
    struct position where;
    const struct yaml_node *detect = find(loader, "changes.detect", &where);

    forbid_server_options(loader, "push");
    if (detect && loader->settings->changes.detect > SETTINGS_DETECT_FULL)
        faults_add(loader->faults, detect->where,
                   "'changes.detect' must be auto or full with 'directory.push', not '%s'",
                   detect->text.data);
}

/* How the servers are reached; which of them is settled. */
static void
check_servers(struct loader *loader)
{
    if (is_given(loader, "directory.uri"))
        forbid(loader, "directory.site", "only 'directory.srv' uses it");
    check_tls_mode(loader);
    check_bind(loader);
}

static void
check_directory(struct loader *loader)
{
    static const char *const sources[] = {"directory.uri", "directory.srv", "directory.ldif",
                                          "directory.push", NULL};
    bool by_uri = is_given(loader, "directory.uri");

    need_one_of(loader, sources,
                "'directory.uri', 'directory.srv', 'directory.ldif' or 'directory.push'");
    if (by_uri || is_given(loader, "directory.srv")) {
        need(loader, "directory.searches",
             by_uri ? "'directory.uri' needs at least one" : "'directory.srv' needs at least one");
        check_servers(loader);
    } else if (is_given(loader, "directory.ldif")) {
        forbid_server_options(loader, "ldif");
        forbid(loader, "changes.detect", "'directory.ldif' tells of no changes");
        forbid(loader, "changes.read_all_every", "'directory.ldif' is always read as a whole");
    } else if (is_given(loader, "directory.push")) {
        check_push(loader);
    }
}

/* The system's sftp runs in batch mode: it asks nobody and reads no secret from us. */
static void
check_openssh(struct loader *loader)
{
    need(loader, "delivery.sftp.known_hosts", "the transport 'openssh' knows servers by it alone");
    forbid(loader, "delivery.sftp.fingerprint",
           "the transport 'openssh' knows servers by 'known_hosts' alone");
    forbid(loader, "delivery.sftp.password", "the transport 'openssh' logs in by key or agent");
    forbid(loader, "delivery.sftp.passphrase",
           "the transport 'openssh' takes keys without pass phrase, or the agent");
}

/* `map`: where the file has it. */
static void
check_sftp(struct loader *loader, const char *map, const struct settings_sftp *sftp)
{
    enum { KNOWN_HOSTS, FINGERPRINT, KEY, PASSWORD, KEYS };
    static const char *const keys[KEYS] = {"known_hosts", "fingerprint", "key", "password"};
    bool given[KEYS];
    struct position where;

    for (size_t i = 0; i < KEYS; i++)
        given[i] = is_given(loader, arena_format(loader->arena, "%s.%s", map, keys[i]));
    find(loader, map, &where);
    if (!given[KNOWN_HOSTS] && !given[FINGERPRINT])
        faults_add(loader->faults, where,
                   "'%s' needs 'known_hosts' or 'fingerprint' to know the server by", map);
    if (!given[KEY] && !given[PASSWORD] && !sftp->agent)
        faults_add(loader->faults, where,
                   "'%s' needs 'key', 'password' or 'agent: true' to log in with", map);
    if (!given[KEY])
        forbid(loader, arena_format(loader->arena, "%s.passphrase", map),
               arena_format(loader->arena, "there is no '%s.key'", map));
    if (sftp->transport == SETTINGS_TRANSPORT_OPENSSH)
        check_openssh(loader);
}

/* Whether the folder is the other or below it, by whatever name. */
static bool
lies_in(const char *folder, const char *other, struct arena *arena)
{
    const char *inner = file_real_path(arena, folder), *outer = file_real_path(arena, other);
    size_t length = strlen(outer);

    return strncmp(inner, outer, length) == 0 && (inner[length] == '\0' || inner[length] == '/');
}

static void
check_delivery(struct loader *loader)
{
    static const char *const targets[] = {"delivery.sftp", "delivery.folder", NULL};
    struct settings *settings = loader->settings;
    struct position where;

    need_one_of(loader, targets, "'delivery.sftp' or 'delivery.folder'");
    settings->sftp.set = is_given(loader, "delivery.sftp");
    if (settings->sftp.set)
        check_sftp(loader, "delivery.sftp", &settings->sftp);
    if (settings->folder && lies_in(settings->folder, settings->spool, loader->arena)) {
        find(loader, "delivery.folder", &where);
        faults_add(loader->faults, where,
                   "'delivery.folder' lies in the 'spool', where unfinished packages stand and are "
                   "removed");
    }
}

/* What goes with one kind of value of the attribute alone. */
static const struct {
    enum settings_photo_from from;
    const char *path, *reason, *none;
} photo_keys[] = {
    {SETTINGS_PHOTO_URL, "photos.base_url", "'photos.from: url' needs it",
     "only 'photos.from: url' uses it"},
    {SETTINGS_PHOTO_FILE, "photos.folder", "'photos.from: file' needs it",
     "only 'photos.from: file' uses it"},
};

static void
check_photos(struct loader *loader)
{
    static const char *const targets[] = {"photos.delivery.sftp", "photos.delivery.folder", NULL};
    struct settings_photos *photos = &loader->settings->photos;

    photos->set = is_given(loader, "photos");
    if (!photos->set)
        return;
    for (size_t i = 0; i < sizeof photo_keys / sizeof photo_keys[0]; i++) {
        if (photos->from == photo_keys[i].from)
            need(loader, photo_keys[i].path, photo_keys[i].reason);
        else
            forbid(loader, photo_keys[i].path, photo_keys[i].none);
    }
    if (photos->from != SETTINGS_PHOTO_URL)
        forbid(loader, "photos.ca_file", "only 'photos.from: url' uses it");
    if (photos->size_text)
        format_size_parse(slice_of(photos->size_text), &photos->width, &photos->height);
    need_one_of(loader, targets, "'photos.delivery.sftp' or 'photos.delivery.folder'");
    photos->sftp.set = is_given(loader, "photos.delivery.sftp");
    if (photos->sftp.set)
        check_sftp(loader, "photos.delivery.sftp", &photos->sftp);
}

/* The names of the brakes: the keys beside `release`. */
static size_t
brake_names(struct loader *loader, const char *ret_names[BRAKES_MOST])
{
    const struct option *option;
    size_t count = 0;

    for (size_t i = 0; (option = option_at(i)) && count < BRAKES_MOST; i++) {
        struct slice key = option_key(option, "brakes.");

        if (key.data && option->help.type != OPTION_TEXTS)
            ret_names[count++] = arena_copy(loader->arena, key.data, key.length);
    }
    return count;
}

/* "NAME@2026-12-01", whose form is right. */
static void
read_release(struct loader *loader, const struct yaml_node *node,
             struct settings_release *ret_release)
{
    const char *names[BRAKES_MOST];
    size_t count = brake_names(loader, names), i = 0;
    struct slice text = node->text, name = {text.data, strcspn(text.data, "@")};

    (void)date_parse(slice_of(text.data + name.length + 1), &ret_release->day);
    ret_release->brake = arena_copy(loader->arena, name.data, name.length);
    while (i < count && strcmp(names[i], ret_release->brake) != 0)
        i++;
    if (i == count)
        faults_add_unknown(loader->faults, node->where, "brake", read_printable(loader, name),
                           names, count);
}

static void
check_releases(struct loader *loader)
{
    size_t count = loader->settings->brakes.release_count;
    struct settings_release *releases = arena_alloc(loader->arena, count * sizeof *releases);
    struct position where;
    const struct yaml_node *node = find(loader, "brakes.release", &where);

    for (size_t i = 0; i < count; i++)
        read_release(loader, node->kind == YAML_LIST ? node->items[i] : node, &releases[i]);
    loader->settings->brakes.releases = releases;
}

/* Programs are named by their paths: what $PATH finds is another thing for each caller. */
static void
check_notify(struct loader *loader)
{
    static const char *const paths[SETTINGS_NOTIFY_COUNT] = {
        [SETTINGS_NOTIFY_SUCCESS] = "notify.success",
        [SETTINGS_NOTIFY_FINDINGS] = "notify.findings",
        [SETTINGS_NOTIFY_FAILURE] = "notify.failure",
    };
    struct position where;
    bool any = false;

    for (size_t i = 0; i < SETTINGS_NOTIFY_COUNT; i++) {
        struct settings_command *command = &loader->settings->notify.commands[i];

        any = find(loader, paths[i], &where) || any;
        if (command->count == 0)
            continue;
        if (!strchr(command->arguments[0], '/'))
            faults_add(loader->faults, where,
                       "'%s' must begin with the path of a program, such as "
                       "/usr/local/bin/tell, not with '%s'",
                       paths[i], read_printable(loader, slice_of(command->arguments[0])));
        command->arguments[0] = file_relative_to(loader->arena, where.file, command->arguments[0]);
    }
    if (find(loader, "notify", &where) && !any)
        faults_add(loader->faults, where,
                   "'notify' needs 'success', 'findings' or 'failure', else nobody is told");
}

static void
find_readable(struct loader *loader)
{
    struct settings *settings = loader->settings;

    for (size_t i = 0; i < settings->rights.read_count; i++)
        settings->rights.read[i] =
            file_relative_to(loader->arena, loader->path, settings->rights.read[i]);
}

void
rules_check_servers(struct loader *loader)
{
    static const char *const sources[] = {"directory.uri", "directory.srv", NULL},
                             *const serverless[] = {"directory.ldif", "directory.push"};
    struct position where;

    for (size_t i = 0; i < 2; i++)
        if (find(loader, serverless[i], &where)) {
            faults_add(loader->faults, where, "'%s' is no server that could be asked",
                       serverless[i]);
            return;
        }
    need_one_of(loader, sources, "'directory.uri' or 'directory.srv'");
    check_servers(loader);
}

void
rules_check(struct loader *loader)
{
    check_name(loader);
    check_state(loader);
    check_directory(loader);
    check_delivery(loader);
    check_photos(loader);
    check_releases(loader);
    check_notify(loader);
    find_readable(loader);
}
