/* What can be said of a person: Alma's fields, as a framework's schema would have them.
 *
 *     cc -o walk_fields walk_fields.c $(pkg-config --cflags --libs ldap2alma)
 *     ./walk_fields
 */
#include <ldap2alma.h>

#include <stdio.h>

/* Of a row of the fields: the columns of L2A_TABLE_FIELDS. */
enum { NAME, KIND, MOST, HELP, REQUIRED, LIST, COLUMNS };

/* A cell lives until the next call, so each is copied. */
struct field {
    char cells[COLUMNS][128];
};

static int
read_field(struct l2a *feed, size_t row, struct field *field)
{
    for (size_t column = 0; column < COLUMNS; column++) {
        const char *cell = l2a_table_cell(feed, L2A_TABLE_FIELDS, row, column);

        if (!cell)
            return 0;
        snprintf(field->cells[column], sizeof field->cells[column], "%s", cell);
    }
    return 1;
}

int
main(void)
{
    struct l2a *feed = l2a_new();
    struct field field;

    for (size_t row = 0; read_field(feed, row, &field); row++)
        printf("%s%s: %s%s%s%s\n", field.cells[LIST][0] ? "    " : "", field.cells[NAME],
               field.cells[KIND], field.cells[MOST][0] ? ", at most " : "", field.cells[MOST],
               field.cells[REQUIRED][0] ? ", required" : "");
    l2a_free(feed);
    return 0;
}
