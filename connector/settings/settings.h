/* settings: the site's file, ldap2alma.yaml, as plain values.
 *
 * Every option is a row of one table (settings/options.c): its path in the file, type, default,
 * range, whether it must be there, help. The loader, the help and the manual page read the table.
 * Paths in the file are relative to the file and come out ready to use. Nothing is opened but the
 * file itself; secrets are only named here, and `${NAME}` is not expanded.
 *
 * After a successful load every text that must be there is not NULL and every combination makes
 * sense: servers with at least one search, LDIF or people who are pushed, either SFTP with
 * something to know the server by and something to log in with or a folder.
 *
 * Not here: whether the files exist, secrets (base/secret.h), the mapping (mapping/mapping.h).
 */
#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/date.h"
#include "base/error.h"
#include "base/fault.h"
#include "base/message.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum settings_tls {
    SETTINGS_TLS_AUTO,
    SETTINGS_TLS_LDAPS,
    SETTINGS_TLS_STARTTLS,
    SETTINGS_TLS_NONE
};
enum settings_bind {
    SETTINGS_BIND_SIMPLE,
    SETTINGS_BIND_EXTERNAL,
    SETTINGS_BIND_ANONYMOUS,
    SETTINGS_BIND_GSSAPI
};
enum settings_scope { SETTINGS_SCOPE_SUBTREE, SETTINGS_SCOPE_ONE, SETTINGS_SCOPE_BASE };
enum settings_mode { SETTINGS_MODE_SYNCHRONIZE, SETTINGS_MODE_IMPORT, SETTINGS_MODE_COUNT };
/* What Alma does with people of a package whom it does not have. */
enum settings_unmatched { SETTINGS_UNMATCHED_ADD, SETTINGS_UNMATCHED_REJECT };
enum settings_changes { SETTINGS_CHANGES_FULL, SETTINGS_CHANGES_CHANGED };
/* In the order of enum changes_way. */
enum settings_detect {
    SETTINGS_DETECT_AUTO,
    SETTINGS_DETECT_FULL,
    SETTINGS_DETECT_DIRSYNC,
    SETTINGS_DETECT_USN,
    SETTINGS_DETECT_SYNCREPL,
    SETTINGS_DETECT_TIMESTAMP
};
enum settings_records { SETTINGS_RECORDS_AUTO, SETTINGS_RECORDS_ALWAYS };
enum settings_leavers { SETTINGS_LEAVERS_KEEP, SETTINGS_LEAVERS_EXPIRE };
enum settings_switch { SETTINGS_OFF, SETTINGS_ON };
enum settings_transport { SETTINGS_TRANSPORT_LIBSSH2, SETTINGS_TRANSPORT_OPENSSH };

struct settings_search {
    const char *base;
    const char *filter;
    enum settings_scope scope;
};

struct settings_directory {
    const char **uris; /* none when DNS names the servers or LDIF is read */
    size_t uri_count;
    const char *srv;  /* domain; NULL: not set */
    const char *site; /* NULL: the servers say it */
    const char *ldif; /* path or "-"; NULL: none */
    struct {
        bool set;            /* people are pushed */
        const char *entries; /* path of the file that keeps them; NULL unless set */
    } push;
    enum settings_tls tls_mode;
    const char *tls_ca_file, *tls_cert_file, *tls_key_file; /* NULL: not set */
    enum settings_bind bind_method;
    const char *bind_dn;
    struct secret_source bind_password;
    const char *bind_keytab, *bind_principal, *bind_ticket_cache; /* NULL: not set */
    struct settings_search *searches;
    size_t search_count;
    struct {
        const char *base, *filter, *member; /* NULL: found out */
    } groups;
    unsigned page_size;
    unsigned connect_timeout_seconds;
    unsigned timeout_seconds;
};

/* People who were delivered under another match identifier. */
enum settings_moved { SETTINGS_MOVED_HOLD, SETTINGS_MOVED_SEND };

struct settings_sftp {
    bool set;
    const char *host;
    unsigned port;
    const char *user;
    struct secret_source key, passphrase, password;
    bool agent;
    const char *known_hosts, *fingerprint;
    const char *directories[SETTINGS_MODE_COUNT]; /* by mode; one path in the file sets both */
    enum settings_transport transport;
    unsigned timeout_seconds;
};

/* What the values of `photos.attribute` are. */
enum settings_photo_from { SETTINGS_PHOTO_ATTRIBUTE, SETTINGS_PHOTO_URL, SETTINGS_PHOTO_FILE };
enum settings_photo_several { SETTINGS_PHOTO_LARGEST, SETTINGS_PHOTO_NEWEST };

struct settings_photos {
    bool set;
    const char *attribute;
    enum settings_photo_from from;
    const char *base_url; /* ends with '/'; NULL unless SETTINGS_PHOTO_URL */
    const char *ca_file;  /* for base_url; NULL: the system's */
    const char *folder;   /* NULL unless SETTINGS_PHOTO_FILE */
    enum settings_photo_several several;
    const char *identifier; /* "primary_id", or an identifier type */
    const char *suffix;     /* without the dot, as it is to be spelled */
    const char *url;        /* ends with '/' */
    const char *size_text;  /* "300x400" */
    unsigned width, height; /* the same, read; pixels */
    uint64_t max_bytes;
    unsigned remove_after_seconds;
    const char *delivery_folder; /* NULL when sftp.set */
    struct settings_sftp sftp;   /* of its directories the first alone */
};

/* How many people of whom a brake bears. */
struct settings_limit {
    enum { SETTINGS_LIMIT_OFF, SETTINGS_LIMIT_PEOPLE, SETTINGS_LIMIT_SHARE } kind;
    unsigned value;      /* people, or hundredths of a percent */
    const char *written; /* "5%": as in the file */
};

/* A brake that does not stop the runs of one day. */
struct settings_release {
    const char *brake;
    struct date day;
};

/* Who is told of a run. */
enum settings_notify {
    SETTINGS_NOTIFY_SUCCESS,
    SETTINGS_NOTIFY_FINDINGS,
    SETTINGS_NOTIFY_FAILURE,
    SETTINGS_NOTIFY_COUNT
};

/* As far as the system can, all of it or a failure, not at all. */
enum settings_confine { SETTINGS_CONFINE_AUTO, SETTINGS_CONFINE_ON, SETTINGS_CONFINE_OFF };
/* What root may: its own feeds, all, none. */
enum settings_root { SETTINGS_ROOT_AUTO, SETTINGS_ROOT_ALLOW, SETTINGS_ROOT_REFUSE };

/* A program and its arguments; none: nobody is told. */
struct settings_command {
    const char **arguments;
    size_t count;
};

struct settings {
    const char *path;  /* of the file; without one a name for messages */
    const char *given; /* what a program has set (settings/given.h), as one text; "": nothing */
    const char *name;  /* of the feed: letters, digits, '-', '_', '.'; first a letter or digit */
    struct settings_directory directory;
    enum settings_mode mode;
    const char *record_type;
    enum settings_unmatched unmatched;
    const char *mapping; /* path */
    struct {
        unsigned records_per_file, files_per_package, max_packages;
        uint64_t max_size; /* bytes */
    } package;
    struct settings_sftp sftp;
    const char *folder; /* NULL when sftp.set */
    unsigned attempts;
    unsigned first_wait_seconds;
    unsigned clean_taken_after_seconds; /* 0: packages that Alma took are left to others */
    struct {
        enum settings_changes mode;
        unsigned full_every_seconds;   /* 0: no run is full by its date */
        unsigned resend_after_seconds; /* 0: never for age alone */
        enum settings_records keep_records;
        enum settings_detect detect;
        unsigned read_all_every_seconds; /* 0: the directory's changes are enough for ever */
    } changes;
    struct {
        enum settings_leavers policy;
        enum settings_leavers skipped; /* people whom the mapping's `select` leaves out */
        unsigned grace;                /* complete runs */
        unsigned purge_after_seconds;  /* of the last record's purge_date; 0: none is written */
    } leavers;
    struct {
        enum settings_moved moved;
    } identity;
    struct {
        struct settings_limit missing, rejected, held, changed, fresh, field_loss, group_shift,
            photos, photos_replaced, photos_unread;
        unsigned min_users; /* 0: off */
        enum settings_switch empty_search;
        const char **release_texts; /* as in the file */
        size_t release_count;
        const struct settings_release *releases; /* the same, read */
    } brakes;
    struct settings_photos photos;
    struct {
        struct settings_command commands[SETTINGS_NOTIFY_COUNT]; /* their programs are paths */
        unsigned timeout_seconds;
    } notify;
    struct {
        enum settings_confine confine;
        enum settings_root root;
        const char **read; /* paths */
        size_t read_count;
    } rights;
    const char *state; /* path */
    const char *spool;
};

/* Loads the file; all faults are said by the messenger, then false and ERROR_CONFIG. The arena
 * owns the result, which is touched only on success. */
bool settings_load(struct arena *arena, const char *path, const struct messenger *messenger,
                   struct settings *ret_settings, struct error *err);

/* The same with options that a program has set; NULL: none. `path` NULL: there is no file. */
struct settings_given;
bool settings_load_given(struct arena *arena, const char *path, const struct settings_given *given,
                         const struct messenger *messenger, struct settings *ret_settings,
                         struct error *err);

/* The same from memory; `path` stands for the file, also for what is relative to it. */
bool settings_parse(struct arena *arena, const char *path, struct slice text,
                    const struct messenger *messenger, struct settings *ret_settings,
                    struct error *err);

/* Only what it says of servers: `directory` without searches. Whatever else the text holds is not
 * looked at, and of the result nothing but `directory` is set. */
bool settings_parse_servers(struct arena *arena, const char *path, struct slice text,
                            const struct messenger *messenger, struct settings *ret_settings,
                            struct error *err);

/* Whether people come from a directory's servers, which can be asked for some of them alone. */
bool settings_have_servers(const struct settings *settings);

/* Whether state keeps everybody's last record. */
bool settings_keep_records(const struct settings *settings);

/* "synchronize", "import". */
const char *settings_mode_name(enum settings_mode mode);
bool settings_mode_parse(const char *name, enum settings_mode *ret_mode);

enum option_type {
    OPTION_TEXT,
    OPTION_TEXTS, /* text, or a list of texts */
    OPTION_PATH,  /* of a local file or folder */
    OPTION_INPUT, /* a path, or "-" for standard input */
    OPTION_NUMBER,
    OPTION_DURATION, /* "60s", "5m", "2h", "7d" */
    OPTION_SIZE,     /* bytes: "512", decimal "200KB", "1GB", binary "64KiB", "1GiB" */
    OPTION_LIMIT,    /* people: a share "5%", "0.25%", or a number "200" */
    OPTION_BOOLEAN,  /* "true", "false" */
    OPTION_CHOICE,   /* one of the choices, kept as its index */
    OPTION_CODE,     /* one of the choices, kept as text */
    OPTION_BY_MODE,  /* one text for all modes, or a map of texts by mode */
    OPTION_SECRET,   /* a map with one key of the choices: where the secret is kept */
    OPTION_LIST,     /* a list of maps; rows "PATH[].KEY" say what they hold */
    OPTION_TYPE_COUNT
};

/* A row of the table, for help and the manual. */
struct option_help {
    const char *path; /* "directory.tls.ca_file"; "[]" marks a list's items */
    enum option_type type;
    bool required;              /* wherever the map it stands in is present */
    const char *const *choices; /* NULL: none */
    size_t choice_count;
    const char *least, *most; /* NULL, or the range as one writes it */
    bool may_be_off;          /* a number, duration or limit that "off" sets to 0 */
    const char *fallback;     /* the default as one writes it; NULL: none */
    const char *help;         /* one line */
};

/* Row `index`, or NULL behind the end. */
const struct option_help *settings_option_help(size_t index);

/* Appends what the option takes, in words: "one of auto, ldaps, starttls, none", "duration, 1s to
 * 1h". */
void settings_option_takes(const struct option_help *option, struct buffer *out);

#endif
