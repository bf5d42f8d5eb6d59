#include "mapping/mapping.h"
#include "model/finding.h"
#include "model/user_fields.h"
#include "report/measure.h"
#include "run/check.h"
#include "run/feed.h"
#include "run/schemas.h"
#include "settings/settings.h"

/* The text of a cell, in the handle's buffer. */
static const char *
cell(struct l2a *feed, const char *text)
{
    feed->text.length = 0;
    buffer_add_text(&feed->text, text ? text : "");
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

static const char *
option_cell(struct l2a *feed, size_t row, size_t column)
{
    const struct option_help *option = settings_option_help(row);

    if (!option || column > 3)
        return NULL;
    if (column != 1)
        return cell(feed, (const char *const[]){option->path, NULL,
                                                option->required ? "required" : option->fallback,
                                                option->help}[column]);
    feed->text.length = 0;
    settings_option_takes(option, &feed->text);
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

/* Rows of items stand behind the row of their list, as "emails.email_address". */
static const struct field *
find_field(size_t row, const struct field **ret_list)
{
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];

        *ret_list = NULL;
        if (row == 0)
            return field;
        row--;
        *ret_list = field;
        if (row < field->field_count)
            return &field->fields[row];
        row -= field->field_count;
    }
    return NULL;
}

static const char *
field_cell(struct l2a *feed, size_t row, size_t column)
{
    const struct field *list, *field = find_field(row, &list);

    if (!field || column > 5)
        return NULL;
    feed->text.length = 0;
    if (column == 0)
        buffer_format(&feed->text, "%s%s%s", list ? list->name : "", list ? "." : "", field->name);
    else if (column == 1)
        buffer_add_text(&feed->text, field_kind_name(field->kind));
    else if (column == 2 && field->most)
        buffer_format(&feed->text, "%u", field->most);
    else if (column == 3)
        buffer_add_text(&feed->text, field->help);
    else if (column == 4 && field->required)
        buffer_add_text(&feed->text, "yes");
    else if (column == 5 && list)
        buffer_add_text(&feed->text, list->name);
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

static const char *
kind_cell(struct l2a *feed, size_t row, size_t column)
{
    if (row >= FIELD_KIND_COUNT || column > 1)
        return NULL;
    return cell(feed, column == 0 ? field_kind_name((enum field_kind)row)
                                  : field_kind_help((enum field_kind)row));
}

static const char *
check_cell(struct l2a *feed, size_t row, size_t column)
{
    const struct check_part *part = check_part_at(row);

    if (!part || column > 1)
        return NULL;
    return cell(feed, (const char *const[]){part->name, part->help}[column]);
}

static const char *
transform_cell(struct l2a *feed, size_t row, size_t column)
{
    const struct transform_help *help = transform_help(row);

    if (!help || column > 5)
        return NULL;
    return cell(feed, (const char *const[]){help->name, help->arguments, help->example, help->help,
                                            help->input, help->output}[column]);
}

static const char *
finding_cell(struct l2a *feed, size_t row, size_t column)
{
    const struct finding_kind *kind;

    if (row >= FINDING_CODE_COUNT || column > 3)
        return NULL;
    kind = finding_kind((enum finding_code)row);
    return cell(feed, (const char *const[]){kind->name, finding_severity_name(kind->severity),
                                            kind->help, kind->remedy}[column]);
}

static const char *
schema_cell(struct l2a *feed, size_t row, size_t column)
{
    const struct schemas_row *schema = schemas_row(row);

    if (!schema || column > 1)
        return NULL;
    return cell(feed, (const char *const[]){schema->kind, schema->help}[column]);
}

static const char *
measure_cell(struct l2a *feed, size_t row, size_t column)
{
    const struct measure *measure = measure_at(row);

    if (!measure || column > 2)
        return NULL;
    return cell(feed, (const char *const[]){measure->name, measure->unit, measure->help}[column]);
}

static const char *(*const tables[])(struct l2a *feed, size_t row, size_t column) = {
    [L2A_TABLE_OPTIONS] = option_cell,       [L2A_TABLE_FIELDS] = field_cell,
    [L2A_TABLE_KINDS] = kind_cell,           [L2A_TABLE_CHECKS] = check_cell,
    [L2A_TABLE_TRANSFORMS] = transform_cell, [L2A_TABLE_FINDINGS] = finding_cell,
    [L2A_TABLE_SCHEMAS] = schema_cell,       [L2A_TABLE_MEASURES] = measure_cell,
};

const char *
l2a_table_cell(struct l2a *feed, enum l2a_table table, size_t row, size_t column)
{
    if ((size_t)table >= sizeof tables / sizeof tables[0])
        return NULL;
    return tables[table](feed, row, column);
}
