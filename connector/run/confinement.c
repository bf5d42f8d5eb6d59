#include "run/confinement.h"

#include "base/file.h"
#include "directory/kerberos.h"
#include "photos/pictures.h"

#include <errno.h>
#include <ldap.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DNS_PORT = 53, LDAP_DEFAULT_PORT = 389, LDAPS_DEFAULT_PORT = 636 };

struct confinement {
    const struct settings *settings;
    struct arena *arena;
    const char **files;
    size_t file_count;
    struct helper_program programs[SETTINGS_NOTIFY_COUNT];
    size_t program_count;
    struct helper *helper; /* NULL: there is nothing to run */
    bool entered, real;    /* real: something of it could be had */
};

static bool
is_wanted(const struct settings *settings)
{
    return settings->rights.confine != SETTINGS_CONFINE_OFF;
}

static bool
start_helper(struct confinement *confinement, struct error *err)
{
    const struct settings *settings = confinement->settings;

    for (size_t i = 0; i < SETTINGS_NOTIFY_COUNT; i++) {
        const struct settings_command *command = &settings->notify.commands[i];
        const char **arguments =
            arena_alloc(confinement->arena, (command->count + 1) * sizeof *arguments);

        if (command->count == 0)
            continue;
        memcpy(arguments, command->arguments, command->count * sizeof *arguments);
        arguments[command->count] = NULL;
        confinement->programs[confinement->program_count++] =
            (struct helper_program){arguments, settings->notify.timeout_seconds};
    }
    if (confinement->program_count > 0)
        confinement->helper =
            helper_start(confinement->programs, confinement->program_count, "LDAP2ALMA_", err);
    return confinement->program_count == 0 || confinement->helper;
}

struct confinement *
confinement_new(const struct settings *settings, const char *const *files, size_t count,
                struct error *err)
{
    struct confinement *confinement = memory_zero(1, sizeof *confinement);

    confinement->settings = settings;
    confinement->arena = arena_new();
    confinement->files = arena_alloc(confinement->arena, count * sizeof *files);
    for (size_t i = 0; i < count; i++)
        if (files[i])
            confinement->files[confinement->file_count++] =
                arena_string(confinement->arena, files[i]);
    if (!is_wanted(settings) || start_helper(confinement, err))
        return confinement;
    confinement_free(confinement);
    return NULL;
}

void
confinement_free(struct confinement *confinement)
{
    if (!confinement)
        return;
    helper_stop(confinement->helper);
    arena_free(confinement->arena);
    free(confinement);
}

struct helper *
confinement_helper(const struct confinement *confinement)
{
    return confinement ? confinement->helper : NULL;
}

/* SRV records name ports, so do krb5.conf and the records that it goes by, and $https_proxy; what
 * a preloaded library makes of connections, only that knows. */
static bool
may_reach_any_port(const struct settings *settings)
{
    return settings->directory.srv || settings->directory.bind_method == SETTINGS_BIND_GSSAPI ||
           settings->photos.from == SETTINGS_PHOTO_URL || getenv("LD_PRELOAD");
}

static unsigned
wishes_of(const struct settings *settings)
{
    unsigned wishes = 0;

    if (may_reach_any_port(settings))
        wishes |= CONFINE_ANY_PORT;
    if (settings->photos.set ||
        (settings->sftp.set && settings->sftp.transport == SETTINGS_TRANSPORT_OPENSSH))
        wishes |= CONFINE_PROGRAMS;
    if (settings->directory.bind_method == SETTINGS_BIND_GSSAPI)
        wishes |= CONFINE_KEYS;
    return wishes;
}

static void
allow(const struct confine *confine, const char *path, unsigned access)
{
    if (path)
        landlock_allow(&confine->landlock, path, access);
}

static void
allow_secret(const struct confine *confine, const struct secret_source *source, struct arena *arena)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    allow(confine, source->file, LANDLOCK_READ);
    if (source->credential && folder)
        allow(confine, arena_format(arena, "%s/%s", folder, source->credential), LANDLOCK_READ);
}

static uint16_t
port_of(const char *uri)
{
    LDAPURLDesc *url = NULL;
    int port = 0;

    if (ldap_url_parse(uri, &url) == LDAP_URL_SUCCESS) {
        port = url->lud_port;
        if (port == 0)
            port = strcmp(url->lud_scheme, "ldaps") == 0 ? LDAPS_DEFAULT_PORT : LDAP_DEFAULT_PORT;
    }
    ldap_free_urldesc(url);
    return (uint16_t)port;
}

static void
allow_directory(const struct confine *confine, const struct settings *settings, struct arena *arena)
{
    const struct settings_directory *directory = &settings->directory;
    const char *const files[] = {directory->ldif, directory->tls_ca_file, directory->tls_cert_file,
                                 directory->tls_key_file, directory->bind_keytab};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        allow(confine, files[i], LANDLOCK_READ);
    allow_secret(confine, &directory->bind_password, arena);
    /* Who renews tickets writes another file and gives it the cache's name. */
    if (directory->bind_method == SETTINGS_BIND_GSSAPI)
        allow(confine, kerberos_cache_folder(directory->bind_ticket_cache, arena), LANDLOCK_READ);
    landlock_allow_port(&confine->landlock, DNS_PORT);
    for (size_t i = 0; i < directory->uri_count; i++)
        landlock_allow_port(&confine->landlock, port_of(directory->uris[i]));
}

static void
allow_sftp(const struct confine *confine, const struct settings_sftp *sftp, struct arena *arena)
{
    if (!sftp->set)
        return;
    allow_secret(confine, &sftp->key, arena);
    allow_secret(confine, &sftp->passphrase, arena);
    allow_secret(confine, &sftp->password, arena);
    allow(confine, sftp->known_hosts, LANDLOCK_READ);
    landlock_allow_port(&confine->landlock, (uint16_t)sftp->port);
    /* What $PATH has as sftp may be a script, and ssh lies where sftp was told. Whatever is started
     * has no more rights than we have. */
    if (sftp->transport == SETTINGS_TRANSPORT_OPENSSH)
        confinement_allow_programs(confine, arena);
}

static void
allow_photos(const struct confine *confine, const struct settings *settings, struct arena *arena)
{
    const struct settings_photos *photos = &settings->photos;

    if (!photos->set)
        return;
    allow(confine, photos->ca_file, LANDLOCK_READ);
    allow(confine, photos->folder, LANDLOCK_READ);
    allow(confine, photos->delivery_folder, LANDLOCK_READ | LANDLOCK_WRITE);
    allow(confine, pictures_program(arena), LANDLOCK_READ | LANDLOCK_START);
    allow_sftp(confine, &photos->sftp, arena);
}

/* What is written whole is written beside it first; what is no file, such as a terminal, is itself
 * written to. A log is opened anew when it was moved away. */
static void
allow_file(const struct confine *confine, const char *path, struct arena *arena)
{
    struct stat info;

    allow(confine, path, LANDLOCK_READ | LANDLOCK_WRITE);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return;
    allow(confine, file_folder(arena, path), LANDLOCK_READ | LANDLOCK_WRITE);
    allow(confine, file_folder(arena, file_real_path(arena, path)), LANDLOCK_READ | LANDLOCK_WRITE);
}

static void
allow_all(const struct confinement *confinement, const struct confine *confine, const char *work,
          const char *kept)
{
    const struct settings *settings = confinement->settings;
    struct arena *arena = confinement->arena;

    confinement_allow_system(confine, settings->path, arena);
    allow_directory(confine, settings, arena);
    allow_sftp(confine, &settings->sftp, arena);
    allow_photos(confine, settings, arena);
    allow(confine, settings->folder, LANDLOCK_READ | LANDLOCK_WRITE);
    allow(confine, work, LANDLOCK_READ | LANDLOCK_WRITE);
    allow(confine, kept, LANDLOCK_READ | LANDLOCK_WRITE);
    allow(confine, file_folder(arena, settings->state), LANDLOCK_READ | LANDLOCK_WRITE);
    if (settings->directory.push.set)
        allow(confine, file_folder(arena, settings->directory.push.entries),
              LANDLOCK_READ | LANDLOCK_WRITE);
    /* A rehearsal takes its own folder away, and those above that it had to make. */
    for (const char *above = work; above && strcmp(above, "/") != 0 && strcmp(above, ".") != 0;
         above = file_folder(arena, above))
        allow(confine, file_folder(arena, above), LANDLOCK_REMOVE_FOLDERS);
    for (size_t i = 0; i < confinement->file_count; i++)
        allow_file(confine, confinement->files[i], arena);
    for (size_t i = 0; i < settings->rights.read_count; i++)
        allow(confine, settings->rights.read[i], LANDLOCK_READ);
}

/* A change of resolv.conf puts another file there, which no rule knows: the C library then would
 * ask no server at all. The servers that it has now stay in use. */
static void
keep_name_servers(const struct settings *settings)
{
#ifdef RES_NORELOAD
    if (!settings->directory.ldif || settings->sftp.set)
        if (res_init() == 0)
            _res.options |= RES_NORELOAD;
#endif
}

static void
tell(const struct confine *confine, const struct messenger *messenger)
{
    const struct confine_gaps *gaps = &confine->gaps;

    if (gaps->files[0])
        message_say(messenger, MESSAGE_INFO, "files and ports are not confined: %s", gaps->files);
    else
        message_say(messenger, MESSAGE_INFO, "confined to the feed's files%s (Landlock %d)",
                    confine->landlock.ports ? " and ports" : "", confine->landlock.version);
    if (gaps->calls[0])
        message_say(messenger, MESSAGE_INFO, "calls are not confined: %s", gaps->calls);
}

static bool
refuse_gaps(const struct confine *confine, struct error *err)
{
    const char *gap = confine->gaps.files[0] ? confine->gaps.files : confine->gaps.calls;

    if (!gap[0] && !confine->landlock.ports && !(confine->wishes & CONFINE_ANY_PORT))
        gap = "this kernel's Landlock leaves ports alone";
    if (!gap[0])
        return true;
    error_set(err, ERROR_CONFIG, "this run cannot be confined, as 'rights.confine: on' asks: %s",
              gap);
    return error_hint(err, "Write 'rights: { confine: auto }' where no kernel can be had that has "
                           "Landlock and seccomp.");
}

bool
confinement_enter(struct confinement *confinement, const char *work, const char *kept,
                  const struct messenger *messenger, struct error *err)
{
    const struct settings *settings = confinement ? confinement->settings : NULL;
    struct error trouble = ERROR_INIT;
    struct confine confine;

    if (!confinement || confinement->entered || !is_wanted(settings))
        return true;
    confinement->entered = true;
    confine_begin(&confine, wishes_of(settings));
    keep_name_servers(settings);
    allow_all(confinement, &confine, work, kept);
    if (!confine_enter(&confine, &trouble))
        confine.gaps = (struct confine_gaps){trouble.text, trouble.text};
    confinement->real = !confine.gaps.files[0] || !confine.gaps.calls[0];
    if (settings->rights.confine == SETTINGS_CONFINE_ON && !refuse_gaps(&confine, err))
        return false;
    tell(&confine, messenger);
    return true;
}

void
confinement_explain(const struct confinement *confinement, const struct error *err,
                    const struct messenger *messenger)
{
    const int reasons[] = {EACCES, EPERM, EAFNOSUPPORT};

    if (!confinement || !confinement->real || err->code == ERROR_BRAKE)
        return;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcasestr(err->text, strerror(reasons[i]))) {
            message_say(messenger, MESSAGE_WARNING,
                        "the run was confined to what the settings name: if it goes well with "
                        "'rights: { confine: off }', name the file in 'rights.read'");
            return;
        }
}
