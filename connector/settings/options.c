#include "settings/options.h"

#include "settings/formats.h"

#include <string.h>

#define AT(member) offsetof(struct settings, member)
#define SEARCH_AT(member) offsetof(struct settings_search, member)
#define SFTP_AT(member) offsetof(struct settings_sftp, member)
#define CHOICES(names) .choices = (names), .choice_count = sizeof(names) / sizeof((names)[0])

#define BRAKE(share) OPTION_LIMIT, .may_be_off = true, .fallback = (share)

static const char *const tls_modes[] = {
    [SETTINGS_TLS_AUTO] = "auto",
    [SETTINGS_TLS_LDAPS] = "ldaps",
    [SETTINGS_TLS_STARTTLS] = "starttls",
    [SETTINGS_TLS_NONE] = "none",
};
static const char *const bind_methods[] = {
    [SETTINGS_BIND_SIMPLE] = "simple",
    [SETTINGS_BIND_EXTERNAL] = "external",
    [SETTINGS_BIND_ANONYMOUS] = "anonymous",
    [SETTINGS_BIND_GSSAPI] = "gssapi",
};
static const char *const scopes[] = {
    [SETTINGS_SCOPE_SUBTREE] = "subtree",
    [SETTINGS_SCOPE_ONE] = "one",
    [SETTINGS_SCOPE_BASE] = "base",
};
static const char *const modes[SETTINGS_MODE_COUNT] = {
    [SETTINGS_MODE_SYNCHRONIZE] = "synchronize",
    [SETTINGS_MODE_IMPORT] = "import",
};
static const char *const unmatched[] = {
    [SETTINGS_UNMATCHED_ADD] = "add",
    [SETTINGS_UNMATCHED_REJECT] = "reject",
};
static const char *const changes[] = {
    [SETTINGS_CHANGES_FULL] = "full",
    [SETTINGS_CHANGES_CHANGED] = "changed",
};
static const char *const detect[] = {
    [SETTINGS_DETECT_AUTO] = "auto",         [SETTINGS_DETECT_FULL] = "full",
    [SETTINGS_DETECT_DIRSYNC] = "dirsync",   [SETTINGS_DETECT_USN] = "usn",
    [SETTINGS_DETECT_SYNCREPL] = "syncrepl", [SETTINGS_DETECT_TIMESTAMP] = "timestamp",
};
static const char *const records[] = {
    [SETTINGS_RECORDS_AUTO] = "auto",
    [SETTINGS_RECORDS_ALWAYS] = "always",
};
static const char *const leavers[] = {
    [SETTINGS_LEAVERS_KEEP] = "keep",
    [SETTINGS_LEAVERS_EXPIRE] = "expire",
};
static const char *const moved[] = {
    [SETTINGS_MOVED_HOLD] = "hold",
    [SETTINGS_MOVED_SEND] = "send",
};
static const char *const switches[] = {
    [SETTINGS_OFF] = "off",
    [SETTINGS_ON] = "on",
};
static const char *const transports[] = {
    [SETTINGS_TRANSPORT_LIBSSH2] = "libssh2",
    [SETTINGS_TRANSPORT_OPENSSH] = "openssh",
};
static const char *const photo_places[] = {
    [SETTINGS_PHOTO_ATTRIBUTE] = "attribute",
    [SETTINGS_PHOTO_URL] = "url",
    [SETTINGS_PHOTO_FILE] = "file",
};
static const char *const photo_choices[] = {
    [SETTINGS_PHOTO_LARGEST] = "largest",
    [SETTINGS_PHOTO_NEWEST] = "newest",
};
static const char *const photo_suffixes[] = {"JPG", "jpg", "JPEG", "jpeg", "PNG", "png"};
static const char *const confines[] = {
    [SETTINGS_CONFINE_AUTO] = "auto",
    [SETTINGS_CONFINE_ON] = "on",
    [SETTINGS_CONFINE_OFF] = "off",
};
static const char *const roots[] = {
    [SETTINGS_ROOT_AUTO] = "auto",
    [SETTINGS_ROOT_ALLOW] = "allow",
    [SETTINGS_ROOT_REFUSE] = "refuse",
};
static const char *const record_types[] = {"PUBLIC", "STAFF", "CONTACT"};
static const char *const key_places[] = {"file", "credential"};
static const char *const secret_places[] = {"file", "credential", "env"};

/* How a server is reached: these rows stand at two places of the file. */
/* clang-format off */
#define SFTP_ROWS(map, begin) \
    {.help = {map ".host", OPTION_TEXT, .required = true, \
              .help = "the server's name or address"}, \
     .at = (begin) + SFTP_AT(host), \
     .complaint = format_host_complaint}, \
    {.help = {map ".port", OPTION_NUMBER, .least = "1", .most = "65535", .fallback = "22", \
              .help = "the server's port"}, \
     .at = (begin) + SFTP_AT(port)}, \
    {.help = {map ".user", OPTION_TEXT, .required = true, .help = "the account on the server"}, \
     .at = (begin) + SFTP_AT(user), \
     .complaint = format_account_complaint}, \
    {.help = {map ".key", OPTION_SECRET, CHOICES(key_places), \
              .help = "where the private key is kept"}, \
     .at = (begin) + SFTP_AT(key)}, \
    {.help = {map ".passphrase", OPTION_SECRET, CHOICES(secret_places), \
              .help = "where the pass phrase of an encrypted key is kept"}, \
     .at = (begin) + SFTP_AT(passphrase)}, \
    {.help = {map ".password", OPTION_SECRET, CHOICES(secret_places), \
              .help = "where the account's password is kept; also answers keyboard-interactive"}, \
     .at = (begin) + SFTP_AT(password)}, \
    {.help = {map ".agent", OPTION_BOOLEAN, .fallback = "false", \
              .help = "log in with the keys of the SSH agent"}, \
     .at = (begin) + SFTP_AT(agent)}, \
    {.help = {map ".known_hosts", OPTION_PATH, \
              .help = "the file of known host keys, see sshd(8)"}, \
     .at = (begin) + SFTP_AT(known_hosts)}, \
    {.help = {map ".fingerprint", OPTION_TEXT, \
              .help = "the host key's fingerprint as ssh-keygen -l shows it: SHA256:..."}, \
     .at = (begin) + SFTP_AT(fingerprint), \
     .complaint = format_fingerprint_complaint}, \
    {.help = {map ".timeout", OPTION_DURATION, .least = "1s", .most = "1h", .fallback = "60s", \
              .help = "how long to wait for an answer while less than 1 kB a second moves"}, \
     .at = (begin) + SFTP_AT(timeout_seconds)}
/* clang-format on */

static const struct option options[] = {
    {.help = {"name", OPTION_TEXT,
              .help = "the feed's name, with which its packages begin; default: the base name of "
                      "the file without .yaml"},
     .at = AT(name),
     .complaint = format_name_complaint},

    {.help = {"directory.uri", OPTION_TEXTS,
              .help = "the servers, tried in order: ldaps://HOST, ldap://HOST or ldapi://PATH"},
     .at = AT(directory.uris),
     .count_at = AT(directory.uri_count),
     .complaint = format_uri_complaint},
    {.help = {"directory.srv", OPTION_TEXT,
              .help = "in place of their URIs: the domain whose servers DNS names (SRV records)"},
     .at = AT(directory.srv),
     .complaint = format_domain_complaint},
    {.help = {"directory.site", OPTION_TEXT,
              .help =
                  "the site of Active Directory whose servers come first; default: the one that "
                  "a server says we are in"},
     .at = AT(directory.site),
     .complaint = format_site_complaint},
    {.help = {"directory.ldif", OPTION_INPUT,
              .help = "LDIF in place of the servers; - is standard input"},
     .at = AT(directory.ldif)},
    {.help = {"directory.push.entries", OPTION_PATH,
              .help = "the file that keeps the people whom 'ldap2alma put' hands over, in place "
                      "of servers; default: that of 'state' with -pushed behind its name"},
     .at = AT(directory.push.entries)},
    {.help = {"directory.tls.mode", OPTION_CHOICE, CHOICES(tls_modes), .fallback = "auto",
              .help = "auto takes TLS for ldaps:// and StartTLS for ldap://; unprotected LDAP "
                      "must be written out as none"},
     .at = AT(directory.tls_mode)},
    {.help = {"directory.tls.ca_file", OPTION_PATH,
              .help = "certificates of the authorities to trust; default: the system's"},
     .at = AT(directory.tls_ca_file)},
    {.help = {"directory.tls.cert_file", OPTION_PATH,
              .help = "our own certificate, for the bind method external"},
     .at = AT(directory.tls_cert_file)},
    {.help = {"directory.tls.key_file", OPTION_PATH, .help = "the key of our own certificate"},
     .at = AT(directory.tls_key_file)},
    {.help = {"directory.bind.method", OPTION_CHOICE, CHOICES(bind_methods), .fallback = "simple",
              .help = "how to log in: name and password, the certificate or local socket, not at "
                      "all, or a Kerberos ticket"},
     .at = AT(directory.bind_method)},
    {.help = {"directory.bind.dn", OPTION_TEXT,
              .help = "the name to log in with, for the method simple: a DN, in Active Directory "
                      "also user@example.edu"},
     .at = AT(directory.bind_dn)},
    {.help = {"directory.bind.password", OPTION_SECRET, CHOICES(secret_places),
              .help = "where its password is kept"},
     .at = AT(directory.bind_password)},
    {.help = {"directory.bind.keytab", OPTION_PATH,
              .help = "the keys to get Kerberos tickets with, for the method gssapi"},
     .at = AT(directory.bind_keytab)},
    {.help = {"directory.bind.principal", OPTION_TEXT,
              .help = "whose keys of the keytab: alma@EXAMPLE.EDU"},
     .at = AT(directory.bind_principal)},
    {.help = {"directory.bind.ticket_cache", OPTION_TEXT,
              .help = "in place of a keytab, where somebody keeps a ticket: FILE:PATH; default: "
                      "the user's own"},
     .at = AT(directory.bind_ticket_cache)},
    {.help = {"directory.searches", OPTION_LIST, .help = "the searches that make up the feed"},
     .at = AT(directory.searches),
     .count_at = AT(directory.search_count),
     .item_size = sizeof(struct settings_search)},
    {.help = {"directory.searches[].base", OPTION_TEXT, .required = true,
              .help = "the DN to search from"},
     .at = SEARCH_AT(base)},
    {.help = {"directory.searches[].scope", OPTION_CHOICE, CHOICES(scopes), .fallback = "subtree",
              .help = "all below the base with it, what is directly below it, or the base alone"},
     .at = SEARCH_AT(scope)},
    {.help = {"directory.searches[].filter", OPTION_TEXT, .fallback = "(objectClass=*)",
              .help = "the LDAP filter (RFC 4515) for the people of the feed"},
     .at = SEARCH_AT(filter),
     .complaint = format_filter_complaint},
    {.help = {"directory.groups.base", OPTION_TEXT,
              .help = "the DN to search for groups from, where the mapping uses them; default: the "
                      "naming contexts of the searches"},
     .at = AT(directory.groups.base)},
    {.help = {"directory.groups.filter", OPTION_TEXT,
              .help = "the LDAP filter for groups; default: all kinds that list their members"},
     .at = AT(directory.groups.filter),
     .complaint = format_filter_complaint},
    {.help = {"directory.groups.member", OPTION_TEXT,
              .help = "the attribute that lists a group's members, by DN or login name; default: "
                      "member, uniqueMember and memberUid"},
     .at = AT(directory.groups.member),
     .complaint = format_attribute_complaint},
    {.help = {"directory.page_size", OPTION_NUMBER, .least = "0", .most = "20000",
              .fallback = "1000",
              .help = "entries asked for at once; 0 asks for all in one answer"},
     .at = AT(directory.page_size)},
    {.help = {"directory.connect_timeout", OPTION_DURATION, .least = "1s", .most = "5m",
              .fallback = "10s", .help = "how long to wait for a connection"},
     .at = AT(directory.connect_timeout_seconds)},
    {.help = {"directory.timeout", OPTION_DURATION, .least = "1s", .most = "1h", .fallback = "60s",
              .help = "how long to wait for an answer, and between answers"},
     .at = AT(directory.timeout_seconds)},

    {.help = {"alma.mode", OPTION_CHOICE, CHOICES(modes), .fallback = "synchronize",
              .help = "which load of Alma's integration profile the packages are for"},
     .at = AT(mode)},
    {.help = {"alma.record_type", OPTION_CODE, CHOICES(record_types), .fallback = "PUBLIC",
              .help = "the record type of the integration profile"},
     .at = AT(record_type)},
    {.help = {"alma.unmatched", OPTION_CHOICE, CHOICES(unmatched), .fallback = "add",
              .help = "what the integration profile does with people whom Alma does not have; for "
                      "the hand-over sheet"},
     .at = AT(unmatched)},

    {.help = {"mapping", OPTION_PATH, .required = true,
              .help = "the mapping from entries to users, see ldap2alma-mapping(5)"},
     .at = AT(mapping)},

    {.help = {"package.records_per_file", OPTION_NUMBER, .least = "1", .most = "1000000",
              .fallback = "10000", .help = "most users in one XML document"},
     .at = AT(package.records_per_file)},
    {.help = {"package.files_per_package", OPTION_NUMBER, .least = "1", .most = "50",
              .fallback = "50", .help = "most XML documents in one ZIP; Alma takes 50"},
     .at = AT(package.files_per_package)},
    {.help = {"package.max_size", OPTION_SIZE, .least = "1KB", .most = "4GB", .fallback = "1GB",
              .help = "most bytes of one ZIP; Alma takes 4GB"},
     .at = AT(package.max_size)},
    {.help = {"package.max_packages", OPTION_NUMBER, .least = "1", .most = "20", .fallback = "20",
              .help = "most ZIPs of one run, which fails when it needs more; Alma takes 20"},
     .at = AT(package.max_packages)},

    {.help = {"delivery.folder", OPTION_PATH, .help = "the local folder to deliver to"},
     .at = AT(folder)},
    SFTP_ROWS("delivery.sftp", AT(sftp)),
    {.help = {"delivery.sftp.transport", OPTION_CHOICE, CHOICES(transports), .fallback = "libssh2",
              .help = "openssh drives the system's sftp program in place of the library"},
     .at = AT(sftp.transport)},
    {.help = {"delivery.sftp.directory", OPTION_BY_MODE, CHOICES(modes), .required = true,
              .help = "the directory on the server, one for all modes or a map by mode"},
     .at = AT(sftp.directories)},
    {.help = {"delivery.retry.attempts", OPTION_NUMBER, .least = "1", .most = "20", .fallback = "5",
              .help = "how often to try what may pass; 1 does not try again"},
     .at = AT(attempts)},
    {.help = {"delivery.retry.wait", OPTION_DURATION, .least = "0s", .most = "1m", .fallback = "5s",
              .help = "the first wait between attempts; each next one doubles"},
     .at = AT(first_wait_seconds)},

    {.help = {"delivery.clean.taken_after", OPTION_DURATION, .least = "1d", .most = "3650d",
              .may_be_off = true, .fallback = "off",
              .help = "when to remove our packages that Alma has taken from the target"},
     .at = AT(clean_taken_after_seconds)},

    {.help = {"changes.mode", OPTION_CHOICE, CHOICES(changes), .fallback = "full",
              .help = "full sends everybody in each run; changed only who is new, changed or due"},
     .at = AT(changes.mode)},
    {.help = {"changes.full_every", OPTION_DURATION, .least = "1h", .most = "3650d",
              .may_be_off = true, .fallback = "off",
              .help = "makes a run full when the last full one is that long ago"},
     .at = AT(changes.full_every_seconds)},
    {.help = {"changes.resend_after", OPTION_DURATION, .least = "1d", .most = "3650d",
              .may_be_off = true, .fallback = "90d",
              .help = "sends everybody at least that often, spread over the runs before"},
     .at = AT(changes.resend_after_seconds)},
    {.help = {"changes.keep_records", OPTION_CHOICE, CHOICES(records), .fallback = "auto",
              .help = "whether the state keeps each last record, to show old values; auto: only "
                      "where leavers expire"},
     .at = AT(changes.keep_records)},
    {.help = {"changes.detect", OPTION_CHOICE, CHOICES(detect), .fallback = "auto",
              .help = "where only changes are sent: read everybody to find them (full), or those "
                      "whom the directory names; auto: the best way that is safe there"},
     .at = AT(changes.detect)},
    {.help = {"changes.read_all_every", OPTION_DURATION, .least = "1h", .most = "3650d",
              .may_be_off = true, .fallback = "7d",
              .help = "where the directory names changes: reads everybody when that was done last "
                      "that long ago"},
     .at = AT(changes.read_all_every_seconds)},

    {.help = {"leavers.policy", OPTION_CHOICE, CHOICES(leavers), .fallback = "keep",
              .help = "keep leaves people who are gone as they are in Alma; expire sends one last "
                      "record that ends today"},
     .at = AT(leavers.policy)},
    {.help = {"leavers.skipped", OPTION_CHOICE, CHOICES(leavers), .fallback = "expire",
              .help = "whether people whom the mapping's select now skips are leavers, too"},
     .at = AT(leavers.skipped)},
    {.help = {"leavers.grace", OPTION_NUMBER, .least = "1", .most = "1000", .fallback = "2",
              .help = "how many complete runs in a row must miss a person first"},
     .at = AT(leavers.grace)},
    {.help = {"leavers.purge_after", OPTION_DURATION, .least = "1d", .most = "3650d",
              .may_be_off = true, .fallback = "off",
              .help = "the last record's purge_date, from the day it is sent; off leaves it as it "
                      "was"},
     .at = AT(leavers.purge_after_seconds)},

    {.help = {"identity.moved", OPTION_CHOICE, CHOICES(moved), .fallback = "hold",
              .help = "people delivered under another match identifier before: hold them until "
                      "somebody accepts each, or send them as new ones"},
     .at = AT(identity.moved)},
    {.help = {"brakes.missing", BRAKE("5%"),
              .help = "most people of the last delivery who may be gone"},
     .at = AT(brakes.missing)},
    {.help = {"brakes.rejected", BRAKE("2%"),
              .help = "most people who may be rejected, in the first run, too"},
     .at = AT(brakes.rejected)},
    {.help = {"brakes.held", BRAKE("2%"), .help = "most people who may be held"},
     .at = AT(brakes.held)},
    {.help = {"brakes.changed", BRAKE("50%"),
              .help = "most people who may be other than when last delivered"},
     .at = AT(brakes.changed)},
    {.help = {"brakes.new", BRAKE("20%"), .help = "most people who may be new"},
     .at = AT(brakes.fresh)},
    {.help = {"brakes.field_loss", BRAKE("5%"),
              .help = "of each field, most people who had it and may no longer have it"},
     .at = AT(brakes.field_loss)},
    {.help = {"brakes.group_shift", BRAKE("10%"),
              .help = "most people who may get another user_group"},
     .at = AT(brakes.group_shift)},
    {.help = {"brakes.photos", BRAKE("5%"),
              .help = "most delivered photos that may be removed at once"},
     .at = AT(brakes.photos)},
    {.help = {"brakes.photos_replaced", BRAKE("50%"),
              .help = "most delivered photos that other pictures may replace at once"},
     .at = AT(brakes.photos_replaced)},
    {.help = {"brakes.photos_unread", BRAKE("20%"),
              .help = "most pictures that may not be readable, of those asked for"},
     .at = AT(brakes.photos_unread)},
    {.help = {"brakes.min_users", OPTION_NUMBER, .least = "1", .most = "100000000",
              .may_be_off = true, .fallback = "1",
              .help = "fewest people that a feed holds, in the first run, too"},
     .at = AT(brakes.min_users)},
    {.help = {"brakes.empty_search", OPTION_CHOICE, CHOICES(switches), .fallback = "on",
              .help = "whether a search may not find nobody where it found somebody last time"},
     .at = AT(brakes.empty_search)},
    {.help = {"brakes.release", OPTION_TEXTS,
              .help = "brakes that do not stop the runs of one day: NAME@2026-12-01"},
     .at = AT(brakes.release_texts),
     .count_at = AT(brakes.release_count),
     .complaint = format_release_complaint},

    {.help = {"photos.attribute", OPTION_TEXT, .required = true,
              .help = "the attribute with a person's picture, or with where it is"},
     .at = AT(photos.attribute),
     .complaint = format_attribute_complaint},
    {.help = {"photos.from", OPTION_CHOICE, CHOICES(photo_places), .fallback = "attribute",
              .help = "what its values are: the picture itself, its https:// URL, or the path of a "
                      "file"},
     .at = AT(photos.from)},
    {.help = {"photos.base_url", OPTION_TEXT,
              .help = "for URLs: what each must begin with; others are not fetched"},
     .at = AT(photos.base_url),
     .complaint = format_photo_url_complaint},
    {.help = {"photos.ca_file", OPTION_PATH,
              .help = "for URLs: PEM file of the certificate authorities to trust; default: the "
                      "system's"},
     .at = AT(photos.ca_file)},
    {.help = {"photos.folder", OPTION_PATH,
              .help = "for files: the folder in which they lie; others are not read"},
     .at = AT(photos.folder)},
    {.help = {"photos.several", OPTION_CHOICE, CHOICES(photo_choices), .fallback = "largest",
              .help = "which picture of several: the one with most pixels, or the newest by the "
                      "date that the camera wrote into it"},
     .at = AT(photos.several)},
    {.help = {"photos.identifier", OPTION_TEXT, .fallback = "primary_id",
              .help = "what the files are named by: primary_id, or an identifier type such as "
                      "UNIV_ID; Alma's photo_identifier_type"},
     .at = AT(photos.identifier)},
    {.help = {"photos.suffix", OPTION_CODE, CHOICES(photo_suffixes), .fallback = "JPG",
              .help = "the files' suffix, which also says their format; Alma's photo_suffix"},
     .at = AT(photos.suffix)},
    {.help = {"photos.url", OPTION_TEXT, .required = true,
              .help = "where the files can be fetched: https://HOST/PATH/; Alma's "
                      "photo_server_url"},
     .at = AT(photos.url),
     .complaint = format_photo_url_complaint},
    {.help = {"photos.size", OPTION_TEXT, .fallback = "300x400",
              .help = "most pixels across and down; larger pictures are made smaller, none is "
                      "distorted"},
     .at = AT(photos.size_text),
     .complaint = format_size_complaint},
    {.help = {"photos.max_bytes", OPTION_SIZE, .least = "5KB", .most = "20MB", .fallback = "200KB",
              .help = "most bytes of a file"},
     .at = AT(photos.max_bytes)},
    {.help = {"photos.remove_after", OPTION_DURATION, .least = "0s", .most = "3650d",
              .fallback = "0s",
              .help =
                  "how long a photo stays that the directory no longer has, or whose person has "
                  "left"},
     .at = AT(photos.remove_after_seconds)},
    {.help = {"photos.delivery.folder", OPTION_PATH,
              .help = "the local folder that the web server shows"},
     .at = AT(photos.delivery_folder)},
    SFTP_ROWS("photos.delivery.sftp", AT(photos.sftp)),
    {.help = {"photos.delivery.sftp.directory", OPTION_TEXT, .required = true,
              .help = "the directory on the server, with nothing but photos in it"},
     .at = AT(photos.sftp.directories)},
    {.help = {"notify.success", OPTION_TEXTS,
              .help = "the program, and its arguments, that is given the report of each run that "
                      "went well"},
     .at = AT(notify.commands[SETTINGS_NOTIFY_SUCCESS].arguments),
     .count_at = AT(notify.commands[SETTINGS_NOTIFY_SUCCESS].count)},
    {.help = {"notify.findings", OPTION_TEXTS,
              .help = "the same for each run that went well, but rejected or held somebody"},
     .at = AT(notify.commands[SETTINGS_NOTIFY_FINDINGS].arguments),
     .count_at = AT(notify.commands[SETTINGS_NOTIFY_FINDINGS].count)},
    {.help = {"notify.failure", OPTION_TEXTS,
              .help = "the same for each run that failed, or that a guard stopped"},
     .at = AT(notify.commands[SETTINGS_NOTIFY_FAILURE].arguments),
     .count_at = AT(notify.commands[SETTINGS_NOTIFY_FAILURE].count)},
    {.help = {"notify.timeout", OPTION_DURATION, .least = "1s", .most = "1h", .fallback = "60s",
              .help = "how long each of these programs may take"},
     .at = AT(notify.timeout_seconds)},

    {.help = {"rights.confine", OPTION_CHOICE, CHOICES(confines), .fallback = "auto",
              .help = "whether a run gives up what it does not need before it reads what others "
                      "wrote: as far as the system can (auto), all of it or it fails, or not"},
     .at = AT(rights.confine)},
    {.help = {"rights.read", OPTION_TEXTS,
              .help = "files and folders that a confined run may read beside its own"},
     .at = AT(rights.read),
     .count_at = AT(rights.read_count)},
    {.help = {"rights.root", OPTION_CHOICE, CHOICES(roots), .fallback = "auto",
              .help = "whether root may run the feed: only where no other account has it set up "
                      "(auto), always, or never"},
     .at = AT(rights.root)},

    {.help = {"state", OPTION_PATH,
              .help = "the file that remembers what Alma was last given; default: state.db in the "
                      "feed's folder of the spool"},
     .at = AT(state)},
    {.help = {"spool", OPTION_PATH, .fallback = "/var/spool/ldap2alma",
              .help = "the folder where packages are built and wait for their delivery"},
     .at = AT(spool)},
};

const struct option *
option_at(size_t index)
{
    return index < sizeof options / sizeof options[0] ? &options[index] : NULL;
}

struct slice
option_key(const struct option *option, const char *prefix)
{
    const char *path = option->help.path;
    size_t length = strlen(prefix);

    if (strncmp(path, prefix, length) != 0)
        return SLICE_NONE;
    return (struct slice){path + length, strcspn(path + length, ".[")};
}

bool
option_ends(const struct option *option, const char *prefix)
{
    struct slice key = option_key(option, prefix);

    return key.data && key.data[key.length] == '\0';
}

const struct option *
option_find(const char *prefix, struct slice key)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (key.length && slice_equal(option_key(&options[i], prefix), key))
            return &options[i];
    return NULL;
}

const struct option_help *
settings_option_help(size_t index)
{
    const struct option *option = option_at(index);

    return option ? &option->help : NULL;
}

void
settings_option_takes(const struct option_help *option, struct buffer *out)
{
    static const char *const names[OPTION_TYPE_COUNT] = {
        [OPTION_TEXT] = "text",
        [OPTION_TEXTS] = "text or list of texts",
        [OPTION_PATH] = "path",
        [OPTION_INPUT] = "path or -",
        [OPTION_NUMBER] = "number",
        [OPTION_DURATION] = "duration",
        [OPTION_SIZE] = "size",
        [OPTION_LIMIT] = "percentage, number",
        [OPTION_BOOLEAN] = "true or false",
        [OPTION_CHOICE] = "one of",
        [OPTION_CODE] = "one of",
        [OPTION_BY_MODE] = "text or map of",
        [OPTION_SECRET] = "secret from one of",
        [OPTION_LIST] = "list of maps",
    };

    buffer_add_text(out, names[option->type]);
    for (size_t i = 0; i < option->choice_count; i++)
        buffer_format(out, "%s%s", i ? ", " : " ", option->choices[i]);
    if (option->least)
        buffer_format(out, ", %s to %s", option->least, option->most);
    if (option->may_be_off)
        buffer_add_text(out, ", or off");
}

const char *
settings_mode_name(enum settings_mode mode)
{
    return modes[mode];
}

bool
settings_mode_parse(const char *name, enum settings_mode *ret_mode)
{
    for (size_t i = 0; i < SETTINGS_MODE_COUNT; i++) {
        if (strcmp(name, modes[i]) != 0)
            continue;
        *ret_mode = (enum settings_mode)i;
        return true;
    }
    return false;
}
