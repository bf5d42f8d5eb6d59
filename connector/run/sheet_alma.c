#include "run/sheet_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define FORM(title_, where_, intro_)                                                               \
    (&(struct sheet_section){.kind = SHEET_TABLE,                                                  \
                             .title = (title_),                                                    \
                             .where = (where_),                                                    \
                             .intro = (intro_),                                                    \
                             .columns = {"Field in Alma", "Value", "Remark"}})

#define SYSTEMS "Configuration > General > External Systems > "

const char *
sheet_connection_name(const struct sheet_maker *maker)
{
    return arena_format(maker->arena, "ldap2alma %s", maker->settings->name);
}

static void
add_allowed_connection(const struct sheet_maker *maker)
{
    struct sheet *sheet = maker->sheet;

    sheet_section(sheet,
                  FORM("Allowed S/FTP connection", SYSTEMS "Allowed S/FTP connections",
                       "Only in a sandbox, and as long as the institution has not gone live: "
                       "Alma connects to no server there that is not in this table."));
    sheet_row(sheet, "FTP Hostname / IP", SHEET_TYPE, maker->settings->sftp.host, NULL);
    sheet_row(sheet, "Enabled", SHEET_CHOOSE, "ticked", NULL);
}

static void
add_server(const struct sheet_maker *maker)
{
    const struct settings_sftp *sftp = &maker->settings->sftp;
    struct sheet *sheet = maker->sheet;
    const char *directory = sheet_paths(maker->settings, maker->arena).connection;

    if (!sftp->set) {
        sheet_row(sheet, "Server", SHEET_ASK, NULL,
                  "the SFTP server that shows Alma the folder to which this feed delivers");
        sheet_row(sheet, "Port", SHEET_ASK, NULL, NULL);
        sheet_row(sheet, "Sub-directory", SHEET_ASK, NULL, "what the folder is called there");
        return;
    }
    sheet_row(sheet, "Server", SHEET_TYPE, sftp->host, NULL);
    sheet_row(sheet, "Port", SHEET_TYPE, arena_format(maker->arena, "%u", sftp->port), NULL);
    if (!*directory)
        sheet_row(sheet, "Sub-directory", SHEET_WORDS, "leave empty",
                  "the packages lie below where the feed's account begins");
    else
        sheet_row(
            sheet, "Sub-directory", SHEET_TYPE, directory,
            "as the feed's account sees it; where Alma's account begins in another directory, "
            "its path from there");
}

static void
add_files(const struct sheet_maker *maker)
{
    enum { MEGABYTE = 1000000 };
    const struct settings *settings = maker->settings;
    struct sheet *sheet = maker->sheet;
    uint64_t megabytes = (settings->package.max_size + MEGABYTE - 1) / MEGABYTE;

    sheet_row(sheet, "Max. Number of Files", SHEET_TYPE,
              arena_format(maker->arena, "%u", settings->package.max_packages),
              "as many packages as one run may make");
    sheet_row(sheet, "Min. Number of Files", SHEET_TYPE, "1", NULL);
    sheet_row(sheet, "Max. file size", SHEET_TYPE,
              arena_format(maker->arena, "%" PRIu64, megabytes),
              "no package of this feed is larger; the form proposes 1");
    sheet_row(sheet, "Size type", SHEET_CHOOSE, "MB", NULL);
}

static void
add_login(const struct sheet_maker *maker)
{
    const struct settings_sftp *sftp = &maker->settings->sftp;
    const char *note =
        "Alma's own account there; it needs to read, write, rename and delete in the "
        "directories of this sheet";

    if (sftp->set)
        note = arena_format(maker->arena, "%s; the feed itself logs in as '%s'", note, sftp->user);
    sheet_row(maker->sheet, "UserName", SHEET_ASK, NULL, note);
    sheet_row(maker->sheet, "Password", SHEET_ASK, NULL,
              "never on this sheet: ask whoever runs the server, or give them Alma's public key");
}

void
sheet_add_connection(const struct sheet_maker *maker)
{
    struct sheet *sheet = maker->sheet;

    if (maker->settings->sftp.set)
        add_allowed_connection(maker);
    sheet_section(sheet, FORM("S/FTP definition", SYSTEMS "S/FTP Definitions", NULL));
    sheet_row(sheet, "Name", SHEET_TYPE, sheet_connection_name(maker),
              "a proposal; the integration profile refers to it");
    sheet_row(sheet, "Description", SHEET_TYPE,
              arena_format(maker->arena, "Users of the feed %s", maker->settings->name),
              "a proposal");
    add_server(maker);
    add_files(maker);
    sheet_row(sheet, "Allow Navigation", SHEET_CHOOSE, "True", NULL);
    sheet_row(sheet, "Ftp Server Type", SHEET_CHOOSE, "Default", NULL);
    sheet_row(sheet, "FTP Passive Mode", SHEET_CHOOSE, "as it is", "SFTP knows no such mode");
    sheet_row(sheet, "Ftp Server Secured", SHEET_CHOOSE, "ticked", "it is SFTP");
    add_login(maker);
}

/* "people.staff" becomes "PEOPLE_STAFF". */
static const char *
profile_code(const struct sheet_maker *maker)
{
    char *code = arena_string(maker->arena, maker->settings->name);

    for (char *at = code; *at; at++)
        *at = (char)(isalnum((unsigned char)*at) ? toupper((unsigned char)*at) : '_');
    return code;
}

void
sheet_add_profile(const struct sheet_maker *maker)
{
    struct sheet *sheet = maker->sheet;

    sheet_section(sheet, FORM("Integration profile", SYSTEMS "Integration Profiles > Add",
                              "One profile for this feed, of the type Users. Then comes its second "
                              "page with the sections Import and Synchronize."));
    sheet_row(sheet, "Code", SHEET_TYPE, profile_code(maker),
              "a proposal; Alma keeps it with each user as the external system");
    sheet_row(sheet, "Name", SHEET_TYPE,
              arena_format(maker->arena, "Users of the feed %s", maker->settings->name),
              "a proposal");
    sheet_row(sheet, "Integration Type", SHEET_CHOOSE, "Users", NULL);
    sheet_row(sheet, "S/FTP Connection Type", SHEET_CHOOSE, sheet_connection_name(maker),
              "the S/FTP definition above");
    sheet_row(sheet, "System", SHEET_CHOOSE, "Default",
              "for Ex Libris' information; any other that fits will do");
}

/* The rows that both sections have; false where the feed has nothing for the section. */
static bool
begin_job(const struct sheet_maker *maker, enum settings_mode mode, const char *title,
          const char *note)
{
    struct sheet *sheet = maker->sheet;

    sheet_section(sheet, FORM(title, SYSTEMS "Integration Profiles", NULL));
    if (!sheet_paths(maker->settings, maker->arena).input[mode]) {
        sheet_row(sheet, "Active", SHEET_CHOOSE, "Inactive",
                  "this feed has no packages for it; the other fields stay as they are");
        return false;
    }
    sheet_row(sheet, "Active", SHEET_CHOOSE, "Active", note);
    sheet_row(sheet, "Record Type", SHEET_CHOOSE,
              strcmp(maker->settings->record_type, "STAFF") == 0     ? "Staff"
              : strcmp(maker->settings->record_type, "CONTACT") == 0 ? "Contact"
                                                                     : "Public",
              "of all users of the profile");
    return true;
}

static void
end_job(const struct sheet_maker *maker, enum settings_mode mode)
{
    const struct settings *settings = maker->settings;
    const char *path = sheet_paths(settings, maker->arena).input[mode];

    if (*path)
        sheet_row(maker->sheet, "Input File Path", SHEET_TYPE, path,
                  "within the connection's sub-directory; the two sections need different ones");
    else
        sheet_row(maker->sheet, "Input File Path", SHEET_ASK, NULL,
                  settings->sftp.set
                      ? "Alma wants a directory within the connection's; this feed delivers to the "
                        "one above all, so set 'delivery.sftp.directory' to one below it first"
                      : "within the connection's sub-directory; the two sections need different "
                        "ones");
}

static void
add_version(const struct sheet_maker *maker)
{
    sheet_row(maker->sheet, "User XSD Version", SHEET_CHOOSE, "V. 2", NULL);
}

void
sheet_add_import(const struct sheet_maker *maker)
{
    if (!begin_job(maker, SETTINGS_MODE_IMPORT, "Integration profile: Import",
                   "for the first load alone: users whom Alma has already stay as they are; then "
                   "set it to Inactive"))
        return;
    end_job(maker, SETTINGS_MODE_IMPORT);
    add_version(maker);
}

static void
add_matching(const struct sheet_maker *maker)
{
    const char *id = mapping_match_id(maker->mapping);
    struct sheet *sheet = maker->sheet;

    if (strcmp(id, "primary_id") == 0)
        sheet_row(sheet, "Match ID Type", SHEET_CHOOSE, "Primary Identifier",
                  "it is in every record, and the mapping's match_id");
    else
        sheet_row(sheet, "Match ID Type", SHEET_CHOOSE, id,
                  "the code of the identifier type, whose description the form shows; it is in "
                  "every record, and the mapping's match_id");
    sheet_row(sheet, "Synchronization Type", SHEET_CHOOSE, "Swap All",
              "each record replaces what the feed gave before, so each one is complete");
    if (maker->settings->unmatched == SETTINGS_UNMATCHED_REJECT)
        sheet_row(sheet, "Unmatched Record", SHEET_CHOOSE, "Reject",
                  "whom Alma does not have stays out");
    else
        sheet_row(sheet, "Unmatched Record", SHEET_CHOOSE, "Add",
                  "whom Alma does not have is created");
}

void
sheet_add_synchronize(const struct sheet_maker *maker)
{
    const struct settings *settings = maker->settings;

    if (!begin_job(maker, SETTINGS_MODE_SYNCHRONIZE, "Integration profile: Synchronize", NULL))
        return;
    add_matching(maker);
    end_job(maker, SETTINGS_MODE_SYNCHRONIZE);
    sheet_row(maker->sheet, "Schedule", SHEET_CHOOSE, "Not scheduled",
              settings->changes.mode == SETTINGS_CHANGES_FULL
                  ? "until the first loads were good; then daily, an hour or more after the feed's "
                    "run, which sends everybody each time"
                  : "until the first loads were good; then as often as the feed runs, some time "
                    "after each run, which sends who is new or has changed");
    add_version(maker);
}

void
sheet_add_photos(const struct sheet_maker *maker)
{
    const struct settings_photos *photos = &maker->settings->photos;
    bool is_primary;
    struct sheet *sheet = maker->sheet;

    if (!photos->set)
        return;
    is_primary = strcmp(photos->identifier, "primary_id") == 0;
    sheet_section(sheet,
                  FORM("Photos", "Configuration > User Management > Other Settings",
                       "Alma makes each photo's address of these three and asks for it letter by "
                       "letter. Its servers must reach the web server; 'ldap2alma photos --check' "
                       "tries all else."));
    sheet_row(sheet, "photo_identifier_type", SHEET_TYPE,
              is_primary ? "USERNAME" : photos->identifier,
              is_primary ? "which means the primary identifier"
                         : "a code of the table User Identifier Types");
    sheet_row(sheet, "photo_server_url", SHEET_TYPE, photos->url, "with the '/' at its end");
    sheet_row(sheet, "photo_suffix", SHEET_TYPE, photos->suffix, "upper and lower case as here");
    sheet_row(sheet, "For instance", SHEET_WORDS,
              arena_format(maker->arena, "%sD12345678.%s", photos->url, photos->suffix),
              "nothing to type: what Alma asks for where the identifier is D12345678");
}
