#include "run/schemas.h"

#include "mapping/schema.h"
#include "run/feed.h"
#include "settings/schema.h"

static const struct schemas_row rows[] = {
    {"settings", "the site's file, ldap2alma.yaml", settings_schema},
    {"mapping", "mappings", mapping_schema},
    {"test", "tests of mappings, NAME.test.yaml", mapping_cases_schema},
};

const struct schemas_row *
schemas_row(size_t index)
{
    return index < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}

const char *
l2a_schema(struct l2a *feed, const char *kind)
{
    const struct schemas_row *row;

    for (size_t i = 0; (row = schemas_row(i)); i++) {
        if (strcmp(row->kind, kind) != 0)
            continue;
        feed->text.length = 0;
        row->write(&feed->text);
        buffer_add(&feed->text, "", 1);
        return feed->text.data;
    }
    return NULL;
}
