#include "cli/command.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MOST = 6, HELP_ROOM_LEAST = 24, HELP_INDENT = 4, NAME_COLUMNS_MOST = 28 };

static const size_t HEADINGS = (size_t)-1;

/* How a table looks on a terminal: aligned columns, the help broken at the terminal's width, and
 * below it what a row still has. */
static const struct form {
    const char *thing;
    const char *headings[COLUMNS_MOST]; /* of all columns */
    bool with_arguments;                /* the second column stands behind the name */
    size_t aligned[2];                  /* columns between name and help */
    size_t aligned_count;
    size_t help;
    size_t details[3]; /* below the help, behind their headings */
    size_t detail_count;
} forms[] = {
    [L2A_TABLE_OPTIONS] = {.thing = "option",
                           .headings = {"option", "takes", "default", "what it does"},
                           .help = 3,
                           .details = {1, 2},
                           .detail_count = 2},
    [L2A_TABLE_FIELDS] = {.thing = "field",
                          .headings = {"field", "kind", "most", "what it is", "required",
                                       "part of"},
                          .aligned = {1, 2},
                          .aligned_count = 2,
                          .help = 3,
                          .details = {4},
                          .detail_count = 1},
    [L2A_TABLE_TRANSFORMS] = {.thing = "transform",
                              .headings = {"transform", "arguments", "example", "what it does",
                                           "of", "gives"},
                              .with_arguments = true,
                              .help = 3,
                              .details = {2, 4, 5},
                              .detail_count = 3},
    [L2A_TABLE_FINDINGS] = {.thing = "finding",
                            .headings = {"finding", "severity", "what it means", "to do"},
                            .aligned = {1},
                            .aligned_count = 1,
                            .help = 2,
                            .details = {3},
                            .detail_count = 1},
    [L2A_TABLE_SCHEMAS] = {.thing = "schema", .headings = {"schema", "of which files"}, .help = 1},
};

/* One table on its way to standard output. */
struct view {
    struct cli *cli;
    enum l2a_table table;
    const struct form *form;
    unsigned width; /* 0: no terminal */
    bool color;
    unsigned column; /* where the line stands */
    unsigned name_columns, aligned_columns[2];
    bool help_below; /* there is too little room beside the other columns */
};

static const char *
cell(const struct view *view, size_t row, size_t column)
{
    return l2a_table_cell(view->cli->feed, view->table, row, column);
}

/* Characters, each of which takes one column in our own tables. */
static unsigned
columns_of(const char *text)
{
    unsigned columns = 0;

    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

static void
put(struct view *view, const char *style, const char *text)
{
    printf("%s%s%s", view->color ? style : "", text, view->color && style[0] ? "\033[m" : "");
    view->column += columns_of(text);
}

static void
move(struct view *view, unsigned column)
{
    while (view->column < column) {
        putchar(' ');
        view->column++;
    }
}

static void
end_line(struct view *view)
{
    putchar('\n');
    view->column = 0;
}

/* How many bytes of the text go into so many columns. */
static size_t
fitting(const char *text, size_t length, unsigned columns)
{
    size_t at = 0;

    for (; at < length; at++)
        if (((unsigned char)text[at] & 0xc0) != 0x80 && columns-- == 0)
            break;
    return at;
}

static void
put_piece(struct view *view, const char *style, const char *text, size_t length)
{
    char *piece = strndup(text, length);

    if (!piece)
        abort();
    put(view, style, piece);
    free(piece);
}

/* Text from the present column on, broken at blanks, and within words that are longer than a line;
 * the following lines begin below it. */
static void
put_words(struct view *view, const char *style, const char *text)
{
    unsigned begin = view->column;

    while (*text) {
        size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " ");
        unsigned room =
            view->width > view->column ? view->width - view->column : view->column == begin;

        if (view->width == 0 || fitting(text, blanks + word, room) == blanks + word) {
            put_piece(view, style, text, blanks + word);
            text += blanks + word;
            continue;
        }
        if (view->column > begin) {
            end_line(view);
            move(view, begin);
        } else {
            put_piece(view, style, text + blanks, fitting(text + blanks, word, room));
            text += fitting(text + blanks, word, room);
        }
        text += blanks;
    }
}

static const char bold[] = "\033[1m", dim[] = "\033[2m", cyan[] = "\033[36m";

/* The row's name; an item's field without its list, which stands above it. */
static const char *
short_name(const struct view *view, size_t row)
{
    const char *name = cell(view, row, 0), *dot = strchr(name, '.');

    return dot && view->table == L2A_TABLE_FIELDS ? dot + 1 : name;
}

static void
put_name(struct view *view, size_t row)
{
    const char *arguments;

    if (view->table == L2A_TABLE_FIELDS && strchr(cell(view, row, 0), '.'))
        move(view, 2);
    put(view, cyan, short_name(view, row));
    if (!view->form->with_arguments)
        return;
    arguments = cell(view, row, 1);
    put(view, "", arguments[0] ? " " : "");
    put(view, "", arguments);
}

static unsigned
widest_name(const struct view *view)
{
    unsigned most = columns_of(view->form->headings[0]);

    for (size_t row = 0; cell(view, row, 0); row++) {
        unsigned columns = columns_of(short_name(view, row));

        if (view->table == L2A_TABLE_FIELDS && strchr(cell(view, row, 0), '.'))
            columns += 2;
        if (view->form->with_arguments)
            columns += 1 + columns_of(cell(view, row, 1));
        if (columns > most && columns <= NAME_COLUMNS_MOST)
            most = columns;
    }
    return most;
}

static unsigned
widest(const struct view *view, size_t column)
{
    unsigned most = columns_of(view->form->headings[column]);
    const char *text;

    for (size_t row = 0; (text = cell(view, row, column)); row++)
        if (columns_of(text) > most)
            most = columns_of(text);
    return most;
}

/* The columns between name and help; `row` HEADINGS: their headings. */
static void
put_aligned(struct view *view, size_t row)
{
    const struct form *form = view->form;

    move(view, view->name_columns);
    for (size_t i = 0; i < form->aligned_count; i++) {
        unsigned begin = view->column;

        if (row == HEADINGS)
            put(view, bold, form->headings[form->aligned[i]]);
        else
            put(view, "", cell(view, row, form->aligned[i]));
        move(view, begin + view->aligned_columns[i]);
    }
}

static void
put_headings(struct view *view)
{
    put(view, bold, view->form->headings[0]);
    put_aligned(view, HEADINGS);
    if (!view->help_below)
        put(view, bold, view->form->headings[view->form->help]);
    end_line(view);
}

/* "example ${cn | upper}  of Ana  gives ANA", as far as a line goes */
static void
put_details(struct view *view, size_t row)
{
    const struct form *form = view->form;

    for (size_t i = 0; i < form->detail_count; i++) {
        const char *heading = form->headings[form->details[i]];
        const char *text = cell(view, row, form->details[i]);
        unsigned columns = 3 + columns_of(heading) + columns_of(text);

        if (!text[0])
            continue;
        if (i == 0 || (view->width > 0 && view->column + columns > view->width)) {
            end_line(view);
            move(view, view->help_below ? HELP_INDENT : view->name_columns);
        } else {
            put(view, "", "  ");
        }
        put(view, dim, heading);
        put(view, "", " ");
        put_words(view, dim, cell(view, row, form->details[i]));
    }
}

static void
put_row(struct view *view, size_t row)
{
    put_name(view, row);
    if (view->column >= view->name_columns)
        end_line(view);
    put_aligned(view, row);
    if (view->help_below) {
        end_line(view);
        move(view, HELP_INDENT);
    }
    put_words(view, "", cell(view, row, view->form->help));
    put_details(view, row);
    end_line(view);
}

static void
measure(struct view *view)
{
    const struct form *form = view->form;
    unsigned columns;

    columns = view->name_columns = 2 + widest_name(view);
    for (size_t i = 0; i < form->aligned_count; i++)
        columns += view->aligned_columns[i] = 2 + widest(view, form->aligned[i]);
    view->help_below = view->width > 0 && view->width < columns + HELP_ROOM_LEAST;
}

static void
put_plain_row(const struct view *view, size_t row)
{
    const char *text;

    for (size_t column = 0; (text = cell(view, row, column)); column++)
        printf("%s%s", column ? "\t" : "", text);
    putchar('\n');
}

/* One row with everything it has, a line each. */
static void
put_whole_row(struct view *view, size_t row)
{
    unsigned width = 0;
    const char *text;

    for (size_t i = 0; i < COLUMNS_MOST && view->form->headings[i]; i++)
        if (columns_of(view->form->headings[i]) > width)
            width = columns_of(view->form->headings[i]);
    for (size_t column = 0; (text = cell(view, row, column)); column++) {
        if (!text[0])
            continue;
        put(view, dim, view->form->headings[column]);
        move(view, width + 2);
        put_words(view, column == 0 ? bold : "", cell(view, row, column));
        end_line(view);
    }
}

/* The row of that name, and the fields of its items. */
static int
print_named(struct view *view, const char *name)
{
    size_t length = strlen(name);
    bool found = false;
    const char *text;

    measure(view);
    for (size_t row = 0; (text = cell(view, row, 0)); row++)
        if (strcmp(text, name) == 0) {
            put_whole_row(view, row);
            found = true;
        } else if (found && strncmp(text, name, length) == 0 && text[length] == '.') {
            put_row(view, row);
        }
    if (found)
        return L2A_DONE;
    return command_usage(view->cli, "no %s '%s'; 'ldap2alma %s' lists them", view->form->thing,
                         name, view->cli->command->name);
}

/* These commands take one name at most, and no option. */
static int
read_name(struct cli *cli, int argc, char **argv, const char **ret_name)
{
    int status = command_read(cli, NULL, argc, argv);

    *ret_name = status == L2A_DONE && optind < argc ? argv[optind] : NULL;
    return status;
}

/* For people aligned and in color; else a row a line and a tab between columns, for cut(1). */
static int
print_table(struct cli *cli, enum l2a_table table, int argc, char **argv)
{
    struct view view = {.cli = cli,
                        .table = table,
                        .form = &forms[table],
                        .width = terminal_width(),
                        .color = terminal_has_color()};
    const char *name;
    int status = read_name(cli, argc, argv, &name);

    if (status != L2A_DONE)
        return status;
    if (name)
        return print_named(&view, name);
    if (view.width > 0) {
        measure(&view);
        put_headings(&view);
    }
    for (size_t row = 0; cell(&view, row, 0); row++) {
        if (view.width > 0)
            put_row(&view, row);
        else
            put_plain_row(&view, row);
    }
    return L2A_DONE;
}

static int
run_options(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_OPTIONS, argc, argv);
}

static int
run_fields(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_FIELDS, argc, argv);
}

static int
run_transforms(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_TRANSFORMS, argc, argv);
}

static int
run_findings(struct cli *cli, int argc, char **argv)
{
    return print_table(cli, L2A_TABLE_FINDINGS, argc, argv);
}

static int
run_schema(struct cli *cli, int argc, char **argv)
{
    const char *name, *schema;
    int status = read_name(cli, argc, argv, &name);

    if (status != L2A_DONE)
        return status;
    if (!name)
        return print_table(cli, L2A_TABLE_SCHEMAS, argc, argv);
    schema = l2a_schema(cli->feed, name);
    if (!schema)
        return command_usage(cli, "no schema '%s': it is settings, mapping or test", name);
    fputs(schema, stdout);
    return L2A_DONE;
}

const struct command command_fields = {"fields", "[FIELD]", "list Alma's fields, for the mapping",
                                       command_no_options, run_fields};
const struct command command_transforms = {"transforms", "[TRANSFORM]",
                                           "list the transforms of the mapping", command_no_options,
                                           run_transforms};
const struct command command_options = {"options", "[OPTION]",
                                        "list the options of the settings file", command_no_options,
                                        run_options};
const struct command command_findings = {"findings", "[FINDING]",
                                         "list the kinds of findings in reports",
                                         command_no_options, run_findings};
const struct command command_schema = {"schema", "[settings|mapping|test]",
                                       "print the JSON Schema of a kind of file, for editors",
                                       command_no_options, run_schema};
