#include "run/sheet.h"

#include "config.h"
#include "run/feed.h"
#include "run/sheet_parts.h"
#include "run/stages.h"

static void (*const parts[])(const struct sheet_maker *maker) = {
    sheet_add_connection, sheet_add_profile,   sheet_add_import, sheet_add_synchronize,
    sheet_add_photos,     sheet_add_packages,  sheet_add_fields, sheet_add_codes,
    sheet_add_agreements, sheet_add_first_run, sheet_add_brakes,
};

static struct sheet *
begin(const struct sheet_maker *maker, struct date today)
{
    const struct settings *settings = maker->settings;

    return sheet_new(
        arena_format(maker->arena, "Alma: hand-over sheet of the feed '%s'", settings->name),
        arena_format(
            maker->arena,
            "What has to be typed into Alma so that it takes the users of this feed. Made "
            "on %04d-%02d-%02d by ldap2alma %s from its settings and its mapping '%s'; make "
            "it anew when one of them has changed. It holds no passwords and no keys.",
            today.year, today.month, today.day, PACKAGE_VERSION, mapping_name(maker->mapping)));
}

struct sheet *
sheet_of_feed(const struct settings *settings, time_t now, const struct messenger *messenger,
              struct error *err)
{
    struct mapping_options options = stages_mapping_options(settings, now);
    struct attributes *attributes = attributes_new();
    struct mapping *mapping = mapping_load(&options, attributes, messenger, err);
    struct sheet_maker maker = {.settings = settings, .mapping = mapping, .attributes = attributes};

    if (mapping) {
        maker.arena = arena_new();
        maker.sheet = begin(&maker, options.today);
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            parts[i](&maker);
        arena_free(maker.arena);
    }
    mapping_free(mapping);
    attributes_free(attributes);
    return maker.sheet;
}

int
l2a_sheet(struct l2a *feed)
{
    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    sheet_free(feed->sheet);
    feed->sheet = sheet_of_feed(&feed->settings, time(NULL), &feed->messenger, &feed->err);
    return feed->sheet ? L2A_DONE : feed_failed(feed);
}

const char *
l2a_sheet_report(struct l2a *feed, const char *format)
{
    feed->text.length = 0;
    if (!feed->sheet || !sheet_write(feed->sheet, format, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

const char *
l2a_sheet_format(const char *path)
{
    return sheet_format_of(path);
}

int
l2a_sheet_save(struct l2a *feed, const char *format, const char *path)
{
    feed->err = ERROR_INIT;
    if (!feed->sheet)
        error_set(&feed->err, ERROR_USAGE, "no sheet was asked for");
    else
        (void)sheet_save(feed->sheet, format, path, &feed->err);
    return feed_failed(feed);
}
