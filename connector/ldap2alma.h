/* libldap2alma: keeps the users of Ex Libris Alma in step with an LDAP directory.
 *
 * One handle is one feed: a settings file with its mapping. Order of use: l2a_new(); say who
 * listens to messages; l2a_load(); l2a_run(); ask for the report; l2a_free().
 *
 *     struct l2a *feed = l2a_new();
 *     int status = l2a_load(feed, "/etc/ldap2alma/ldap2alma.yaml");
 *
 *     if (status == L2A_DONE)
 *         status = l2a_run(feed, 0);
 *     if (status != L2A_DONE)
 *         fprintf(stderr, "%s\n", l2a_error_text(feed));
 *     l2a_free(feed);
 *
 * All text is UTF-8. Text that a function returns belongs to the handle and lives until the next
 * call with that handle, unless said otherwise. Pointers must not be NULL, unless said otherwise.
 * Functions that can fail return a status (enum l2a_status), which is also the program's exit
 * status. The library has no global state: two handles may be used in two threads, one handle in
 * one thread at a time. It never writes to standard output or error, never exits, installs no
 * signal handler; the caller should ignore SIGPIPE. When memory runs out it aborts; a run survives
 * that as it survives any kill.
 */
#ifndef LDAP2ALMA_H
#define LDAP2ALMA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#define L2A_API __attribute__((visibility("default")))
#else
#define L2A_API
#endif

struct l2a;

/* What came of a call: 0, or one of the exit statuses of ldap2alma(1), after sysexits.h. */
enum l2a_status {
    L2A_DONE = 0,
    L2A_STOPPED = 2,      /* a guard stopped the run; nothing was delivered */
    L2A_USAGE = 64,       /* wrong use of the command line or of this library */
    L2A_DATA = 65,        /* data that cannot be used */
    L2A_UNAVAILABLE = 69, /* directory or server not reachable, or it broke off */
    L2A_INTERNAL = 70,    /* a fault of this library */
    L2A_CANNOT_WRITE = 73,
    L2A_LOCKED = 75,     /* another run of this feed is at work */
    L2A_PERMISSION = 77, /* a login was refused, a key is unknown, a file is not ours to read */
    L2A_CONFIGURATION = 78
};

/* Levels of messages, from the gravest. */
enum l2a_level { L2A_ERROR, L2A_WARNING, L2A_NOTICE, L2A_INFO, L2A_DEBUG };

/* The library's version, such as "0.1.0"; constant. */
L2A_API const char *l2a_version(void);

/* A new handle; never NULL. */
L2A_API struct l2a *l2a_new(void);

/* Frees the handle and all that belongs to it. NULL is allowed. */
L2A_API void l2a_free(struct l2a *feed);

/* Who is told what happens: one line a call, without a newline. Level is enum l2a_level. This
 * function, as those for progress and l2a_list(), must neither use nor free the handle, which is
 * still at work; another handle it may use. */
L2A_API void l2a_on_message(struct l2a *feed,
                            void (*say)(void *context, int level, const char *text), void *context);

/* Who is told how far a phase ("reading", "packing", "uploading") has come; total is 0 where
 * nobody knows. Called often. */
L2A_API void l2a_on_progress(struct l2a *feed,
                             void (*progress)(void *context, const char *phase, uint64_t done,
                                              uint64_t total, const char *unit),
                             void *context);

/* Loads the settings file. Each fault is a message of level L2A_ERROR, "FILE:LINE:COLUMN: …". */
L2A_API int l2a_load(struct l2a *feed, const char *path);

/* The same from name and value pairs, and from a file with some of them in its place. Names are
 * those of L2A_TABLE_OPTIONS ("directory.uri"); where an option has a list, each call adds one.
 * l2a_load() takes what was set and forgets it; with `path` NULL these are all the settings, and
 * relative paths are relative to the working directory. L2A_USAGE: there is no such option. */
L2A_API int l2a_set(struct l2a *feed, const char *name, const char *value);

/* Looks at a directory that nothing is known of: what server it is, where people are, which
 * attributes they have. Writes into the folder, which is made where it is missing, a feed's first
 * settings, a mapping and its tests (ldap2alma.yaml, mapping.yaml, mapping.test.yaml). Nothing is
 * overwritten: a file that is there already is L2A_CANNOT_WRITE. Needs no l2a_load().
 *
 * Where to look is said by the `directory` of a settings file, in which nothing else need be, or,
 * where `settings` is NULL, by options "NAME=VALUE" with the names that they have there: "uri=…",
 * "bind.dn=…", "bind.password.file=…". Faults in them are messages, as of l2a_load(). */
L2A_API int l2a_init(struct l2a *feed, const char *settings, const char *const *options,
                     size_t count, const char *folder);

/* What the last l2a_init() found and wrote, as text; NULL when it failed. */
L2A_API const char *l2a_init_report(struct l2a *feed);

/* For programs that run by an account of their own: whether it is the one whose files the feed's
 * are. L2A_PERMISSION where this process is root's and the feed's folders belong to somebody else,
 * or as `rights.root` in the settings says: what root makes there stands in the others' way. */
L2A_API int l2a_check_account(struct l2a *feed);

/* For programs whose only job is this feed, before they have a second thread: when the next run has
 * read its settings and mapping, the process gives up all that the feed does not need, for good, as
 * `rights.confine` in the settings says and as far as the system can. From then on it can write
 * only to the feed's folders and to where `files` are (those that the program will write; NULL is
 * passed over), read only what programs of all kinds read and what the settings name, and start
 * nothing of its own. */
L2A_API int l2a_confine(struct l2a *feed, const char *const *files, size_t count);

/* Which of Alma's jobs the run is for: "import" or "synchronize"; else as the settings say. */
L2A_API int l2a_set_mode(struct l2a *feed, const char *mode);

/* For l2a_run(): go through all steps but deliver nothing and leave nothing behind. The state is
 * not touched; what is returned is what a real run would return now, as far as it can be known
 * before the first byte is uploaded. */
#define L2A_RUN_DRY 1u

/* For l2a_run(), in place of what `changes` in the settings says: send everybody, or only who is
 * new, changed or due. */
#define L2A_RUN_FULL 2u
#define L2A_RUN_CHANGED 4u

/* The next l2a_run() or l2a_state_rebuild() goes on where this brake ("missing") would stop it.
 * Other calls that a brake can stop use it up, too: l2a_photos(), and whatever puts or removes
 * people, which "missing" stops where those who were kept are gone. May be called for several.
 * L2A_USAGE: there is no such brake. */
L2A_API int l2a_release(struct l2a *feed, const char *brake);

/* One run: directory, mapping, packages, delivery. Flags are of the L2A_RUN_ kind; others are
 * L2A_USAGE. */
L2A_API int l2a_run(struct l2a *feed, unsigned flags);

/* For the dry runs to come: where to keep the packages, which are made as for a real run. The
 * folder is made where it is missing; one that holds packages already is refused. NULL: nowhere. */
L2A_API int l2a_keep_packages(struct l2a *feed, const char *folder);

/* For the dry runs to come: whose differences from what Alma has the report shows, field by field.
 * `who` is a match identifier, an immutable id of the directory or a DN; a number that is nobody's
 * means the first so many whose records would go out. NULL: nobody's. */
L2A_API int l2a_diff(struct l2a *feed, const char *who);

/* The last run's report as "json" or "text"; NULL when there is none or no such format. */
L2A_API const char *l2a_report(struct l2a *feed, const char *format);

/* Writes the last run's report to a file, whole or not at all; readable by its owner alone. */
L2A_API int l2a_report_save(struct l2a *feed, const char *format, const char *path);

/* Writes the last run in numbers, and what the state knows, to a file, whole or not at all: the
 * text format of Prometheus, for node_exporter's textfile collector, mode 0644. Where the run went
 * well the server is asked what Alma has taken; of a run of photos it is not. */
L2A_API int l2a_metrics_save(struct l2a *feed, const char *path);

/* For l2a_photos(): deliver nothing and leave nothing behind; ask for everybody's picture, also of
 * entries that are as they were; take over files that have the name of a photo already. */
#define L2A_PHOTOS_DRY 1u
#define L2A_PHOTOS_ALL 2u
#define L2A_PHOTOS_ADOPT 4u

/* Brings the photos at their server in step with the directory. The report is that of a run. */
L2A_API int l2a_photos(struct l2a *feed, unsigned flags);

/* Tries the delivery of photos, and whether Alma will find them: the URL, its certificate, a sample
 * of what was delivered. Flags, status and l2a_check_report() are those of l2a_check(); the report
 * tells what has to stand in Alma's settings, too. A small file goes to where photos go, and is
 * deleted there; nothing else is changed. */
L2A_API int l2a_photos_check(struct l2a *feed, unsigned flags);

/* For l2a_status(): ask no server. */
#define L2A_STATUS_OFFLINE 1u

/* What is known of the feed's runs, people and packages, and whether Alma has taken what was
 * delivered; also while a run is at work. Nothing is changed. Where the server cannot be asked, the
 * call fails and the report shows the rest. */
L2A_API int l2a_status(struct l2a *feed, unsigned flags);

/* What the last l2a_status() saw as "text", "color" (text with a terminal's colors), "json", or
 * "line" (a summary of one line); NULL when it saw nothing or there is no such format. Lines of
 * text are broken at `width` columns; 0: never. */
L2A_API const char *l2a_status_report(struct l2a *feed, const char *format, unsigned width);

/* A number of what the last l2a_status() saw, now: one that is listed as L2A_TABLE_MEASURES, such
 * as "age". L2A_DATA where it is not known: L2A_USAGE where there is no such number, or no status.
 */
L2A_API int l2a_status_measure(struct l2a *feed, const char *name, int64_t *ret_value);

/* For l2a_worklist(): of the last l2a_run() of this handle, also a dry one, as far as its report
 * has them; not of the state. */
#define L2A_WORKLIST_RUN 1u

/* Who is held or rejected, why, since when, and what has to happen, as the last run found it; and
 * what was so at the run before and is solved. L2A_DATA where there is no state, or no such run. */
L2A_API int l2a_worklist(struct l2a *feed, unsigned flags);

/* What the last l2a_worklist() found as "text", "csv" or "json"; NULL when it found nothing or
 * there is no such format. */
L2A_API const char *l2a_worklist_report(struct l2a *feed, const char *format);

/* The same into a file, whole or not at all; readable by its owner alone. */
L2A_API int l2a_worklist_save(struct l2a *feed, const char *format, const char *path);

/* The format by a file's ending (.txt, .csv, .json), constant; NULL for others. */
L2A_API const char *l2a_worklist_format(const char *path);

/* The hand-over sheet: what has to be typed into Alma for this feed, of the settings and the
 * mapping alone; no server is asked. */
L2A_API int l2a_sheet(struct l2a *feed);

/* The last sheet as "text", "markdown" or "html" (one page with all it needs); NULL when there is
 * none or no such format. */
L2A_API const char *l2a_sheet_report(struct l2a *feed, const char *format);

/* The same into a file, whole or not at all; readable by its owner alone. */
L2A_API int l2a_sheet_save(struct l2a *feed, const char *format, const char *path);

/* The format by a file's ending (.txt, .md, .html), constant; NULL for others. */
L2A_API const char *l2a_sheet_format(const char *path);

/* For l2a_state_show(): with the last records, where they are kept. */
#define L2A_STATE_RECORD 1u

/* Looks up in the state whom `who` means: a match identifier, an immutable id of the directory
 * ("entryUUID 3f25…", or without the name), or a DN where the directory gives no such id. L2A_DATA
 * where nobody is known by it. */
L2A_API int l2a_state_show(struct l2a *feed, const char *who, unsigned flags);

/* What the last l2a_state_show() found, as "text" or "json"; NULL when it found nobody or there is
 * no such format. */
L2A_API const char *l2a_state_report(struct l2a *feed, const char *format);

/* Takes every trace of them out of the state and the spool. What the directory still has is sent
 * again as new by the next run. Says what it did. */
L2A_API int l2a_state_forget(struct l2a *feed, const char *who);

/* Takes what a full run would send now for what Alma has, and sends nothing: for a state that was
 * lost. The report is that of the run. */
L2A_API int l2a_state_rebuild(struct l2a *feed);

/* Who is held because the match identifier is another one than was delivered, or was delivered for
 * another person, as the last run found it. L2A_DATA where there is no state. */
L2A_API int l2a_identity(struct l2a *feed);

/* What the last l2a_identity() found as "text", "csv" or "json"; NULL when it failed or there is no
 * such format. */
L2A_API const char *l2a_identity_report(struct l2a *feed, const char *format);

/* Lets the one person whom `who` means (a match identifier, an immutable id or a DN) through once:
 * the next runs send the new match identifier until it is delivered. L2A_DATA where that is nobody,
 * or several people. Says what it did. */
L2A_API int l2a_identity_accept(struct l2a *feed, const char *who);

/* For l2a_identity_relink(): only say what it would do. */
#define L2A_RELINK_DRY 1u

/* For a directory that was rebuilt: reads it, and links those whom the state knows to the immutable
 * ids that people with their match identifiers have now. Sends nothing; says what it did. */
L2A_API int l2a_identity_relink(struct l2a *feed, unsigned flags);

/* Checks every page of the state and what belongs together in it. Each fault is a message of level
 * L2A_ERROR; then L2A_DATA. */
L2A_API int l2a_state_check(struct l2a *feed);

/* For l2a_check(): whatever it finds is L2A_DATA, also a warning. */
#define L2A_CHECK_STRICT 1u

/* Looks for what is doubtful. With mappings (their paths; no settings are needed) in them alone;
 * else in the mapping of the settings and in what it makes of everybody in the directory, and tries
 * all that a run needs, on every server. It goes on after a failure; the status is that of the
 * gravest one, and the report has all of them. Nothing is locked, and nobody is delivered: a small
 * file goes to where packages go, and is deleted there. Faults of files are messages of level
 * L2A_ERROR. */
L2A_API int l2a_check(struct l2a *feed, const char *const *mappings, size_t count, unsigned flags);

/* What the last check found, also one that failed, as "text", a line each and a summary, or "json";
 * NULL when there was none or there is no such format. */
L2A_API const char *l2a_check_report(struct l2a *feed, const char *format);

/* The same for one part of it, a name of L2A_TABLE_CHECKS ("directory", "delivery"), and before it
 * for those that it cannot do without; NULL: all parts. L2A_USAGE: there is no such part. */
L2A_API int l2a_check_part(struct l2a *feed, const char *part, unsigned flags);

/* ---- one person at a time ---- */

/* A person as a framework has it: a DN and attributes with values. Independent of any feed. */
struct l2a_entry;

/* A new one, never NULL; the text is copied. */
L2A_API struct l2a_entry *l2a_entry_new(const char *dn);
L2A_API void l2a_entry_free(struct l2a_entry *entry);

/* Adds a value, `length` bytes that are copied; what the entry has already is not added twice.
 * L2A_USAGE: the name is none of an attribute (RFC 4512 section 2.5), or a word of LDIF: "dn",
 * "changetype", "control". */
L2A_API int l2a_entry_add(struct l2a_entry *entry, const char *attribute, const void *value,
                          size_t length);

/* What the feed's mapping makes of the person; nothing is locked, kept or delivered. L2A_DATA: no
 * record, as a finding says, or `select` leaves the person out (then there is no finding). The
 * mapping is read by the first call, and again when its files have changed, and on another day. */
L2A_API int l2a_map(struct l2a *feed, const struct l2a_entry *entry);

/* The record of the last l2a_map() as a <user> of Alma, NUL-terminated; NULL: there is none. */
L2A_API const char *l2a_map_xml(struct l2a *feed);

/* A finding of the last l2a_map(), l2a_put() or l2a_put_text(): columns are code, severity
 * ("reject" and "hold" keep the record back), field, text, DN, and FILE:LINE:COLUMN of the
 * mapping's rule; "" where there is none. NULL behind the last row or column. */
L2A_API const char *l2a_finding(struct l2a *feed, size_t row, size_t column);

/* ---- people that are pushed: `directory: { push: {} }` ---- */

/* Keeps the person as it is now, all attributes, in place of what was kept under this DN. It is
 * delivered by the next l2a_run(). When this returns L2A_DONE or L2A_STOPPED it is on the disk.
 * L2A_DATA: it was not taken, as findings and the error say: no record comes of it, or one of its
 * identifiers is another person's. L2A_STOPPED: it was taken, but a guard will hold it when it is
 * to be delivered; the error says why. Several processes and threads, each with a handle of its
 * own, may put at once, also while a run is at work. L2A_USAGE: the feed is not a pushed one. */
L2A_API int l2a_put(struct l2a *feed, const struct l2a_entry *entry);

/* How many records of the last stream … */
enum l2a_put_count {
    L2A_PUT_TAKEN,   /* were taken: added, changed, renamed or removed; held ones among them */
    L2A_PUT_SAME,    /* left what is kept as it was */
    L2A_PUT_HELD,    /* were taken, but will be held */
    L2A_PUT_SKIPPED, /* were taken, but the mapping's `select` leaves them out */
    L2A_PUT_REFUSED  /* were not taken */
};

/* The same for a stream of LDIF, content and change records (RFC 2849), of a file or "-". Each
 * record is taken or refused by itself; each that is refused or held is a message of level
 * L2A_ERROR or L2A_WARNING, one line. When this returns, what was taken is on the disk. L2A_DATA
 * where any was refused, else L2A_STOPPED where any will be held. */
L2A_API int l2a_put_ldif(struct l2a *feed, const char *path);
L2A_API int l2a_put_text(struct l2a *feed, const char *ldif, size_t length);
L2A_API uint64_t l2a_put_counted(const struct l2a *feed, enum l2a_put_count what);

/* For l2a_remove() and l2a_get(): who is not there is no failure. */
#define L2A_MISSING_OK 1u

/* Removes the person whom `who` means (a DN, a match identifier, an immutable id): a leaver of the
 * next run. L2A_DATA where nobody is kept by it. */
L2A_API int l2a_remove(struct l2a *feed, const char *who, unsigned flags);

/* The person as last pushed. L2A_DATA where nobody is kept by it. */
L2A_API int l2a_get(struct l2a *feed, const char *who, unsigned flags);

/* What the last l2a_get() found, as one record of LDIF; "": nobody. */
L2A_API const char *l2a_got(struct l2a *feed);

/* Hands over everybody who is kept and whom the filter (RFC 4515; NULL: all) matches, a record of
 * LDIF each, NUL-terminated, until `take` returns other than 0: with these attributes alone (NULL:
 * all), always with the DN. It sees one moment of the feed, and keeps nobody from putting. */
L2A_API int l2a_list(struct l2a *feed, const char *filter, const char *const *attributes,
                     size_t count, int (*take)(void *context, const char *ldif, size_t length),
                     void *context);

/* For l2a_preview(): keep everybody who was found, not only the first ten. */
#define L2A_PREVIEW_ALL 1u

/* Looks up whom `who` means: a filter (it begins with a parenthesis), a DN, or an identifier as
 * Alma knows it. Shows what a run would make of them; it is no run: nothing is locked, written or
 * delivered. L2A_DATA where nobody was found. */
L2A_API int l2a_preview(struct l2a *feed, const char *who, unsigned flags);

/* The last preview as "text", "color" (text with a terminal's colors), "json", or "xml" (a document
 * of the records that would be sent); NULL when there is none or no such format. Lines of text are
 * broken at `width` columns; 0: never. */
L2A_API const char *l2a_preview_report(struct l2a *feed, const char *format, unsigned width);

/* Runs mapping tests: files of ldap2alma-test(5), or folders for all *.test.yaml in them, of which
 * each has one at least. Without paths those beside the mapping of the settings, which must be
 * loaded then; else no settings are needed.
 *
 * `pattern` NULL: all cases; else those in whose name this pattern of the shell matches anywhere,
 * in whatever case. `coverage_min`: how many percent of each mapping the cases must reach.
 *
 * L2A_DATA when a case failed or coverage is less; L2A_CONFIGURATION when a file has faults, each a
 * message of level L2A_ERROR; then nothing is run. */
L2A_API int l2a_test(struct l2a *feed, const char *const *paths, size_t count, const char *pattern,
                     unsigned coverage_min);

/* For l2a_test_report(): also what no case has reached; nothing but failures ("text", "color"). */
#define L2A_TEST_COVERAGE 1u
#define L2A_TEST_FAILURES 2u

/* What came of the last tests as "text", "color" (text with a terminal's colors), "tap" (version
 * 14) or "junit" (XML); NULL when none were run or there is no such format. */
L2A_API const char *l2a_test_report(struct l2a *feed, const char *format, unsigned flags);

/* Validates a document of users, or every document of a ZIP package, against the schema of what
 * Alma's loader reads. Needs no settings. Each violation is a message of level L2A_ERROR. */
L2A_API int l2a_validate(struct l2a *feed, const char *path);

/* The last failure's status; L2A_DONE: the last call went well. */
L2A_API int l2a_error_status(const struct l2a *feed);

/* The word for a status: "done", "stopped", "usage", "data", …; constant; NULL: no such status. */
L2A_API const char *l2a_status_name(int status);

/* The last failure: what could not be done and why; and a sentence that says what to do, or "". */
L2A_API const char *l2a_error_text(const struct l2a *feed);
L2A_API const char *l2a_error_hint(const struct l2a *feed);

/* The tables behind everything, for help and for programs. */
enum l2a_table {
    L2A_TABLE_OPTIONS,    /* name, type, default, help */
    L2A_TABLE_FIELDS,     /* name, kind, maximum length in characters, help, "yes" where an item
                             must have it, the list whose items have it or "" */
    L2A_TABLE_KINDS,      /* of fields: name, what its values look like */
    L2A_TABLE_CHECKS,     /* name for l2a_check_part(), what is tried */
    L2A_TABLE_TRANSFORMS, /* name, arguments, example, help, the example's input and output */
    L2A_TABLE_FINDINGS,   /* name, severity, help, what has to happen */
    L2A_TABLE_SCHEMAS,    /* kind, which files it is for */
    L2A_TABLE_MEASURES    /* name, unit ("s", or "" for a number of things), help */
};

/* A cell of a table; columns count from 0 as listed above. NULL behind the last row or column. */
L2A_API const char *l2a_table_cell(struct l2a *feed, enum l2a_table table, size_t row,
                                   size_t column);

/* The JSON Schema (draft 2020-12) of one of our kinds of files, for editors: "settings", "mapping",
 * "test". NULL where there is no such kind. */
L2A_API const char *l2a_schema(struct l2a *feed, const char *kind);

#ifdef __cplusplus
}
#endif

#endif
