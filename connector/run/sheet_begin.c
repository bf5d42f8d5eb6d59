#include "run/sheet_parts.h"

#include "base/buffer.h"
#include "delivery/public_key.h"
#include "model/attributes.h"

#include <stddef.h>
#include <string.h>

static const char *
attribute_names(const struct sheet_maker *maker)
{
    const char *photo = maker->settings->photos.set ? maker->settings->photos.attribute : NULL;
    struct buffer text = BUFFER_INIT;
    bool wants_groups = false;
    const char *names;

    for (size_t i = 0; i < attributes_count(maker->attributes); i++) {
        const char *name = attributes_name(maker->attributes, (int)i);

        if (attributes_is_groups(slice_of(name)))
            wants_groups = true;
        else
            buffer_format(&text, "%s%s", text.length ? ", " : "", name);
    }
    if (photo && attributes_find(maker->attributes, slice_of(photo)) == ATTRIBUTE_NONE)
        buffer_format(&text, "%s%s", text.length ? ", " : "", photo);
    if (wants_groups)
        buffer_format(&text, "%sand all groups with their members", text.length ? "; " : "");
    names = arena_format(maker->arena, "of everybody in the feed: %.*s", (int)text.length,
                         text.data ? text.data : "");
    buffer_free(&text);
    return names;
}

/* What the server must have for the feed to log in. */
static void
add_account(const struct sheet_maker *maker, const char *whom, const struct settings_sftp *sftp)
{
    char fingerprint[KEY_FINGERPRINT_BYTES];
    const char *directory = sftp->directories[0] ? sftp->directories[0] : sftp->directories[1];
    const char *second = sftp->directories[1];
    const char *login = sftp->agent ? "with a key of its agent" : "with a password";

    if (public_key_fingerprint(&sftp->key, fingerprint))
        login = arena_format(maker->arena, "with the key %s", fingerprint);
    else if (secret_is_set(&sftp->key))
        login = "with a key, whose fingerprint 'ssh-keygen -l' shows";
    if (second && strcmp(second, directory) != 0)
        directory = arena_format(maker->arena, "%s and %s", directory, second);
    sheet_row(
        maker->sheet, whom, SHEET_WORDS,
        arena_format(maker->arena, "an account '%s' for the feed on %s", sftp->user, sftp->host),
        arena_format(maker->arena, "it logs in %s; may list, read, write, rename and delete in %s",
                     login, directory));
}

static void
add_photo_people(const struct sheet_maker *maker)
{
    const struct settings_photos *photos = &maker->settings->photos;

    if (!photos->set)
        return;
    if (photos->sftp.set)
        add_account(maker, "Who runs the photos' server", &photos->sftp);
    sheet_row(maker->sheet, "Who runs the web server", SHEET_WORDS,
              arena_format(maker->arena, "shows the photos at %s", photos->url),
              "by https with a certificate of a known authority, to Alma's addresses, without a "
              "listing of the directory");
}

void
sheet_add_agreements(const struct sheet_maker *maker)
{
    const struct settings *settings = maker->settings;
    struct sheet *sheet = maker->sheet;

    sheet_section(sheet, &(struct sheet_section){.kind = SHEET_TABLE,
                                                 .title = "Who has to know or to do what",
                                                 .columns = {"Who", "What", "Remark"}});
    sheet_row(sheet, "Who runs the directory", SHEET_WORDS, "lets the feed read",
              attribute_names(maker));
    if (settings->sftp.set)
        add_account(maker, "Who runs the SFTP server", &settings->sftp);
    sheet_row(
        sheet, "Who runs the SFTP server", SHEET_WORDS, "an account for Alma",
        "it may list, read, write, rename and delete where the packages are; no other program "
        "moves or takes them");
    add_photo_people(maker);
    sheet_row(
        sheet, "The library", SHEET_WORDS, "settles the match identifier",
        arena_format(maker->arena,
                     "'%s': users who are in Alma already must have it there, and be external; "
                     "the others of them are not found, or are rejected",
                     mapping_match_id(maker->mapping)));
    sheet_row(sheet, "The library", SHEET_WORDS, "tells of a new or renamed code before it is used",
              "such as a user group; the mapping has to know it");
    sheet_row(
        sheet, "Who runs ldap2alma", SHEET_WORDS, "tells the library",
        "when runs are, when a brake has stopped one, who is on the work list; and before the "
        "settings or the mapping change what is on this sheet");
    sheet_row(sheet, "Data protection", SHEET_WORDS, "knows which data go to Alma",
              "the fields above, of everybody in the feed");
}

void
sheet_add_first_run(const struct sheet_maker *maker)
{
    bool adds = maker->settings->unmatched == SETTINGS_UNMATCHED_ADD;
    const struct {
        const char *label, *note;
    } steps[] = {
        {"Try all that a run needs.", "'ldap2alma check' ends without a failure."},
        {"Rehearse the run.",
         "'ldap2alma run --dry-run' would send as many people as the library expects; nobody is "
         "rejected or held without a reason that all understand."},
        {"Look at one person of each user group.",
         "'ldap2alma preview WHO' shows the record as Alma will get it."},
        {"Send a few users, to a sandbox where there is one.",
         "'ldap2alma run' with a copy of the settings that has another name, another state where "
         "that is set, and a narrow filter in 'directory.searches'."},
        {"Run the job in Alma by hand, and read its report.",
         adds ? "Processed are as many as were sent, and that is updated + created + unchanged: "
                "nobody is rejected."
              : "Processed are as many as were sent; rejected are those whom Alma does not have, "
                "and "
                "nobody else."},
        {"Look at those users in Alma.",
         "User group, expiry date, preferred e-mail and address, and identifiers are right; the "
         "account is external; what staff had added is still there."},
        {"Make sure that nobody is there twice.",
         adds ? "Whom Alma does not find by the match identifier it creates: somebody 'created' "
                "whom "
                "it had before has another identifier there."
              : "Whom Alma does not find by the match identifier it rejects: somebody 'rejected' "
                "whom "
                "it has got has another identifier there."},
        {"Send everybody.",
         "'ldap2alma run', the job in Alma once more, its report; 'ldap2alma status' shows whether "
         "the packages were taken."},
        {"Set the schedules.", "First the feed's, then that of the profile in Alma."},
    };

    sheet_section(maker->sheet,
                  &(struct sheet_section){.kind = SHEET_STEPS, .title = "The first run"});
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        sheet_row(maker->sheet, steps[i].label, SHEET_WORDS, NULL, steps[i].note);
}

static const struct settings_limit *
limit_at(const struct settings *settings, size_t at)
{
    return (const void *)((const char *)settings + at);
}

static const char *
option_help(const char *path)
{
    const struct option_help *option;
    size_t i = 0;

    while ((option = settings_option_help(i)) && strcmp(option->path, path) != 0)
        i++;
    return option ? option->help : NULL;
}

void
sheet_add_brakes(const struct sheet_maker *maker)
{
    static const struct {
        const char *path;
        size_t at;
        bool photos;
    } brakes[] = {
        {"brakes.missing", offsetof(struct settings, brakes.missing), false},
        {"brakes.rejected", offsetof(struct settings, brakes.rejected), false},
        {"brakes.held", offsetof(struct settings, brakes.held), false},
        {"brakes.changed", offsetof(struct settings, brakes.changed), false},
        {"brakes.new", offsetof(struct settings, brakes.fresh), false},
        {"brakes.field_loss", offsetof(struct settings, brakes.field_loss), false},
        {"brakes.group_shift", offsetof(struct settings, brakes.group_shift), false},
        {"brakes.photos", offsetof(struct settings, brakes.photos), true},
        {"brakes.photos_replaced", offsetof(struct settings, brakes.photos_replaced), true},
        {"brakes.photos_unread", offsetof(struct settings, brakes.photos_unread), true},
    };
    const struct settings *settings = maker->settings;

    sheet_section(maker->sheet,
                  &(struct sheet_section){
                      .kind = SHEET_TABLE,
                      .title = "What stops a run",
                      .intro = "Alma applies whatever it is given. So a run that goes further than "
                               "these limits delivers nothing until somebody has looked at it.",
                      .columns = {"Brake", "Limit", "Remark"}});
    for (size_t i = 0; i < sizeof brakes / sizeof brakes[0]; i++) {
        const struct settings_limit *limit = limit_at(settings, brakes[i].at);

        if (settings->photos.set || !brakes[i].photos)
            sheet_row(maker->sheet, strchr(brakes[i].path, '.') + 1, SHEET_WORDS,
                      limit->kind == SETTINGS_LIMIT_OFF ? "off" : limit->written,
                      option_help(brakes[i].path));
    }
    sheet_row(maker->sheet, "min_users", SHEET_WORDS,
              settings->brakes.min_users > 0
                  ? arena_format(maker->arena, "%u", settings->brakes.min_users)
                  : "off",
              option_help("brakes.min_users"));
}
