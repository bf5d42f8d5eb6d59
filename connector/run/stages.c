#include "run/stages.h"

#include "alma/alma.h"
#include "base/file.h"
#include "base/secret.h"
#include "run/push_source.h"

#include <unistd.h>

static const enum ldap_tls_mode tls_modes[] = {
    [SETTINGS_TLS_AUTO] = LDAP_TLS_AUTO,
    [SETTINGS_TLS_LDAPS] = LDAP_TLS_LDAPS,
    [SETTINGS_TLS_STARTTLS] = LDAP_TLS_STARTTLS,
    [SETTINGS_TLS_NONE] = LDAP_TLS_NONE,
};

static const enum ldap_bind_method bind_methods[] = {
    [SETTINGS_BIND_SIMPLE] = LDAP_BIND_SIMPLE,
    [SETTINGS_BIND_EXTERNAL] = LDAP_BIND_EXTERNAL,
    [SETTINGS_BIND_ANONYMOUS] = LDAP_BIND_ANONYMOUS,
    [SETTINGS_BIND_GSSAPI] = LDAP_BIND_GSSAPI,
};

static const enum ldap_search_scope scopes[] = {
    [SETTINGS_SCOPE_SUBTREE] = LDAP_SEARCH_SUBTREE,
    [SETTINGS_SCOPE_ONE] = LDAP_SEARCH_ONE,
    [SETTINGS_SCOPE_BASE] = LDAP_SEARCH_BASE,
};

struct ldap_search *
stages_searches(struct arena *arena, const struct settings *settings)
{
    const struct settings_directory *directory = &settings->directory;
    struct ldap_search *searches = arena_alloc(arena, directory->search_count * sizeof *searches);

    for (size_t i = 0; i < directory->search_count; i++) {
        const struct settings_search *search = &directory->searches[i];

        searches[i] = (struct ldap_search){
            .base = search->base, .filter = search->filter, .scope = scopes[search->scope]};
    }
    return searches;
}

struct source *
stages_open_source(struct arena *arena, const struct settings *settings,
                   const struct messenger *messenger)
{
    const struct settings_directory *directory = &settings->directory;

    if (directory->ldif)
        return source_open_ldif(directory->ldif, messenger);
    if (directory->push.set)
        return push_source_open(settings, messenger);
    return stages_open_searches(arena, settings, stages_searches(arena, settings),
                                directory->search_count, messenger);
}

struct ldap_options *
stages_server_options(struct arena *arena, const struct settings *settings)
{
    const struct settings_directory *directory = &settings->directory;
    struct ldap_options *options = arena_alloc(arena, sizeof *options);

    *options = (struct ldap_options){
        .uris = (const char *const *)directory->uris,
        .uri_count = directory->uri_count,
        .srv = directory->srv,
        .site = directory->site,
        .tls_mode = tls_modes[directory->tls_mode],
        .tls_ca_file = directory->tls_ca_file,
        .tls_cert_file = directory->tls_cert_file,
        .tls_key_file = directory->tls_key_file,
        .bind_method = bind_methods[directory->bind_method],
        .bind_dn = directory->bind_dn,
        .password = directory->bind_password,
        .keytab = directory->bind_keytab,
        .principal = directory->bind_principal,
        .ticket_cache = directory->bind_ticket_cache,
        .groups = {directory->groups.base, directory->groups.filter, directory->groups.member},
        .page_size = directory->page_size,
        .connect_timeout_seconds = directory->connect_timeout_seconds,
        .answer_timeout_seconds = directory->timeout_seconds,
    };
    return options;
}

struct source *
stages_open_searches(struct arena *arena, const struct settings *settings,
                     const struct ldap_search *searches, size_t count,
                     const struct messenger *messenger)
{
    struct ldap_options *options = stages_server_options(arena, settings);

    options->searches = searches;
    options->search_count = count;
    return source_open_ldap(options, messenger);
}

static struct sftp_options *
sftp_options_of(struct arena *arena, const struct settings_sftp *sftp, const char *directory)
{
    struct sftp_options *options = arena_alloc(arena, sizeof *options);

    *options = (struct sftp_options){
        .host = sftp->host,
        .port = sftp->port,
        .user = sftp->user,
        .key = sftp->key,
        .passphrase = sftp->passphrase,
        .password = sftp->password,
        .agent = sftp->agent,
        .known_hosts = sftp->known_hosts,
        .fingerprint = sftp->fingerprint,
        .directory = directory,
        .timeout_seconds = sftp->timeout_seconds,
    };
    return options;
}

static struct target *
open_sftp(struct arena *arena, const struct settings *settings, const char *directory,
          const struct messenger *messenger)
{
    const struct sftp_options *options = sftp_options_of(arena, &settings->sftp, directory);

    if (settings->sftp.transport == SETTINGS_TRANSPORT_OPENSSH)
        return target_open_openssh(options, messenger);
    return target_open_sftp(options, messenger);
}

/* State knows the folder by this name, wherever the program is started, and also before somebody
 * makes it. */
static const char *
whole_path(struct arena *arena, const char *path)
{
    const char *real = file_real_path(arena, path);

    return real[0] == '/' ? real : arena_format(arena, "%s/%s", file_real_path(arena, "."), real);
}

struct target *
stages_open_target(struct arena *arena, const struct settings *settings,
                   const struct messenger *messenger, struct error *err)
{
    const char *directory = settings->sftp.directories[settings->mode];

    if (!settings->sftp.set)
        return target_open_folder(whole_path(arena, settings->folder), messenger);
    if (directory)
        return open_sftp(arena, settings, directory, messenger);
    error_set(err, ERROR_CONFIG,
              "the settings '%s' have no delivery.sftp.directory for the mode %s", settings->path,
              settings_mode_name(settings->mode));
    error_hint(err, "Write 'directory: { import: PATH, synchronize: PATH }' there.");
    return NULL;
}

struct depot *
stages_open_depot(struct arena *arena, const struct settings *settings, const char *mark,
                  const struct messenger *messenger)
{
    const struct settings_photos *photos = &settings->photos;
    struct sftp_options *options;

    if (!photos->sftp.set)
        return depot_open_folder(whole_path(arena, photos->delivery_folder), mark, messenger);
    options = sftp_options_of(arena, &photos->sftp, photos->sftp.directories[0]);
    options->settings = "photos.delivery.sftp";
    return depot_open_sftp(options, mark, messenger);
}

static bool
check_secrets(const struct settings_sftp *sftp, struct error *err)
{
    const struct {
        const struct secret_source *source;
        const char *what;
    } secrets[] = {
        {&sftp->key, "the SFTP key"},
        {&sftp->passphrase, "the pass phrase of the SFTP key"},
        {&sftp->password, "the SFTP password"},
    };
    struct secret secret = {0};

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        if (secret_is_set(secrets[i].source) &&
            !secret_load(secrets[i].source, secrets[i].what, &secret, err))
            return false;
        secret_wipe(&secret);
    }
    return true;
}

bool
stages_check_secrets(const struct settings *settings, struct error *err)
{
    return settings->sftp.transport == SETTINGS_TRANSPORT_OPENSSH ||
           check_secrets(&settings->sftp, err);
}

bool
stages_check_depot_secrets(const struct settings *settings, struct error *err)
{
    return check_secrets(&settings->photos.sftp, err);
}

struct mapping_options
stages_mapping_options(const struct settings *settings, time_t now)
{
    struct mapping_options options = stages_time_options(now);

    options.path = settings->mapping;
    return options;
}

struct mapping_options
stages_time_options(time_t now)
{
    struct tm parts;

    /* The day of the people who write `today` is the one on their wall, not the one in UTC. */
    localtime_r(&now, &parts);
    return (struct mapping_options){
        .today = {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday},
        .now = now,
    };
}

struct package_options
stages_package_options(const struct settings *settings, const char *folder, const char *prefix,
                       time_t now)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return (struct package_options){
        .folder = folder,
        .prefix = prefix,
        .document_begin = alma_document_begin,
        .document_end = alma_document_end,
        .records_per_file = settings->package.records_per_file,
        .files_per_package = settings->package.files_per_package,
        .max_size = settings->package.max_size,
        .max_packages = settings->package.max_packages,
        .threads = processors > 4   ? 4
                   : processors < 1 ? 1
                                    : (unsigned)processors,
        .time = now,
    };
}

struct delivery_policy
stages_delivery_policy(const struct settings *settings)
{
    return (struct delivery_policy){.attempts = settings->attempts,
                                    .first_wait_seconds = settings->first_wait_seconds};
}
