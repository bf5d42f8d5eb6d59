#include "run/sheet_parts.h"

#include "base/buffer.h"
#include "model/user_fields.h"

#include <string.h>

#define TABLE(title_, intro_, first, second)                                                       \
    (&(struct sheet_section){.kind = SHEET_TABLE,                                                  \
                             .title = (title_),                                                    \
                             .intro = (intro_),                                                    \
                             .columns = {(first), (second), "Remark"}})

const char *
sheet_duration(struct arena *arena, unsigned seconds)
{
    static const struct {
        unsigned seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t unit = 0;

    while (seconds % units[unit].seconds != 0)
        unit++;
    seconds /= units[unit].seconds;
    return arena_format(arena, "%u %s%s", seconds, units[unit].name, seconds == 1 ? "" : "s");
}

/* Who is in the packages. */
static const char *
senders_note(const struct sheet_maker *maker)
{
    const struct settings *settings = maker->settings;
    unsigned full = settings->changes.full_every_seconds;
    unsigned resend = settings->changes.resend_after_seconds;
    struct buffer text = BUFFER_INIT;
    const char *note;

    if (settings->changes.mode == SETTINGS_CHANGES_FULL)
        return "";
    if (full > 0)
        buffer_format(&text, "everybody every %s", sheet_duration(maker->arena, full));
    if (resend > 0)
        buffer_format(&text, "%seach person at least every %s", text.length ? "; " : "",
                      sheet_duration(maker->arena, resend));
    note = arena_copy(maker->arena, text.data ? text.data : "", text.length);
    buffer_free(&text);
    return note;
}

static void
add_leavers(const struct sheet_maker *maker)
{
    const struct settings *settings = maker->settings;
    const char *note = NULL;

    if (settings->leavers.policy == SETTINGS_LEAVERS_KEEP) {
        sheet_row(maker->sheet, "Who leaves", SHEET_WORDS, "stays in Alma as they are",
                  "a load never deletes anybody; the expiry date of the last record counts");
        return;
    }
    if (settings->leavers.purge_after_seconds > 0)
        note = arena_format(maker->arena, "with a purge date %s later",
                            sheet_duration(maker->arena, settings->leavers.purge_after_seconds));
    sheet_row(maker->sheet, "Who leaves", SHEET_WORDS,
              "gets one last record, which expires on that day, with the status INACTIVE", note);
}

void
sheet_add_packages(const struct sheet_maker *maker)
{
    const struct settings *settings = maker->settings;
    struct sheet_paths paths = sheet_paths(settings, maker->arena);
    struct sheet *sheet = maker->sheet;
    unsigned clean = settings->clean_taken_after_seconds;

    sheet_section(sheet, TABLE("What arrives", NULL, "What", "How"));
    for (int mode = 0; mode < SETTINGS_MODE_COUNT; mode++)
        if (paths.input[mode])
            sheet_row(sheet, mode == SETTINGS_MODE_IMPORT ? "For Import" : "For Synchronize",
                      SHEET_WORDS,
                      arena_format(maker->arena, "%s-%s-YYYYMMDDTHHMMSSZ-NN.zip", settings->name,
                                   settings_mode_name((enum settings_mode)mode)),
                      "the time is UTC; while a package is uploaded it has another name");
    sheet_row(sheet, "In a package", SHEET_WORDS,
              arena_format(maker->arena, "up to %u XML files with up to %u users each",
                           settings->package.files_per_package, settings->package.records_per_file),
              NULL);
    sheet_row(sheet, "Who is sent", SHEET_WORDS,
              settings->changes.mode == SETTINGS_CHANGES_FULL ? "everybody in each run"
                                                              : "who is new or has changed",
              senders_note(maker));
    add_leavers(maker);
    sheet_row(sheet, "Taken packages", SHEET_WORDS,
              "Alma renames them (.handled, in some versions .old)",
              clean > 0 ? arena_format(maker->arena, "the feed deletes its own after %s",
                                       sheet_duration(maker->arena, clean))
                        : "nobody deletes them unless the server does");
}

/* "email_address, email_types" */
static const char *
item_fields(const struct sheet_maker *maker, int field)
{
    const struct field *list = &user_fields[field];
    struct buffer text = BUFFER_INIT;
    const char *names;

    for (size_t i = 0; i < list->field_count; i++)
        if (mapping_fills(maker->mapping, field, (int)i))
            buffer_format(&text, "%s%s", text.length ? ", " : "", list->fields[i].name);
    names = arena_copy(maker->arena, text.data ? text.data : "", text.length);
    buffer_free(&text);
    return names;
}

/* Alma takes the integration profile's record type, whatever a record says. */
static bool
is_the_profiles(const struct field *field)
{
    return strcmp(field->name, "record_type") == 0;
}

/* The fields that Swap All takes away from users, as nobody fills them. */
static const char *
fields_intro(const struct sheet_maker *maker)
{
    struct buffer text = BUFFER_INIT;
    const char *intro;

    for (size_t i = 0; i < user_field_count; i++)
        if (!mapping_fills(maker->mapping, (int)i, -1) && !is_the_profiles(&user_fields[i]))
            buffer_format(&text, "%s%s", text.length ? ", " : "", user_fields[i].name);
    intro =
        arena_format(maker->arena,
                     "Swap All: what Alma has of a user in other fields than these goes with the "
                     "user's next record, unless staff added it as internal. Not filled: %.*s.",
                     (int)text.length, text.data ? text.data : "");
    buffer_free(&text);
    return intro;
}

void
sheet_add_fields(const struct sheet_maker *maker)
{
    sheet_section(maker->sheet,
                  TABLE("Fields that the feed fills", fields_intro(maker), "Field", "What it is"));
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];
        bool required;

        if (!mapping_fills(maker->mapping, (int)i, -1) || is_the_profiles(field))
            continue;
        required = mapping_requires(maker->mapping, (int)i);
        sheet_row(maker->sheet, field->name, SHEET_WORDS,
                  field->kind == FIELD_ITEMS ? arena_format(maker->arena, "%s: %s", field->help,
                                                            item_fields(maker, (int)i))
                                             : field->help,
                  arena_format(maker->arena, "%s%s%s", required ? "in every record" : "",
                               required && field->kept_by_alma ? "; " : "",
                               field->kept_by_alma ? "what staff edits by hand stays" : ""));
    }
}

static void
add_codes(const struct sheet_maker *maker, int index, int item)
{
    enum { SHOWN_MOST = 100 };
    const struct field *top = &user_fields[index];
    const struct field *field = item < 0 ? top : &top->fields[item];
    struct mapping_codes codes = mapping_codes(maker->mapping, index, item, maker->arena);
    const char *name =
        item < 0 ? top->name : arena_format(maker->arena, "%s.%s", top->name, field->name);

    for (size_t i = 0; i < codes.count && i < SHOWN_MOST; i++)
        sheet_row(maker->sheet, name, SHEET_TYPE, codes.codes[i], i == 0 ? field->help : "");
    if (codes.count > SHOWN_MOST)
        sheet_row(maker->sheet, name, SHEET_WORDS,
                  arena_format(maker->arena, "and %zu more", codes.count - SHOWN_MOST),
                  "they stand in the mapping and its tables");
    if (codes.others)
        sheet_row(maker->sheet, name, SHEET_WORDS, "what the directory holds",
                  arena_format(maker->arena, "%s gives codes that the mapping does not list",
                               codes.others));
}

static bool
has_codes(const struct field *field)
{
    return (field->kind == FIELD_CODE || field->kind == FIELD_CODES) && !is_the_profiles(field);
}

void
sheet_add_codes(const struct sheet_maker *maker)
{
    sheet_section(maker->sheet,
                  TABLE("Codes that Alma must know",
                        "Each must stand in Alma's code table before the first load, letter by "
                        "letter: Alma rejects users with a code that it does not know.",
                        "Field", "Code"));
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];

        if (has_codes(field))
            add_codes(maker, (int)i, -1);
        for (size_t j = 0; j < field->field_count; j++)
            if (has_codes(&field->fields[j]))
                add_codes(maker, (int)i, (int)j);
    }
}
