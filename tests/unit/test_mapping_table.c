/* Tables as a mapping's code uses them, and the forms in which keys are compared. */
#include "unit.h"

#include "mapping_sample.h"

#include "model/normal.h"
#include "mapping/rules.h"
#include "mapping/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
forms_of_text_are_folded_and_single_spaced(void **state)
{
    static const struct {
        const char *text, *form;
    } rows[] = {
        {"", ""},
        {" \t\n", ""},
        {"abc", "abc"},
        {"ABC", "abc"},
        {"  A \t\r\n b  C ", "a b c"},
        {"a b", "a b"},
        {"\x01X\x7f", "\x01x\x7f"},
        {"\xc3\x84  \xc3\x96", "\xc3\xa4 \xc3\xb6"},
        {"A\xcc\x88", "\xc3\xa4"},
        {"Stra\xc3\x9f"
         "e",
         "strasse"},
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_slice(normal_text(arena, slice_of(rows[i].text)), rows[i].form);
    arena_free(arena);
}

/* A mapping with a table, and the CSV file where it has one. */
struct loaded {
    char path[32];
    struct sample sample;
    const struct table *table;
};

static void
load(struct loaded *loaded, const char *rows, size_t length, const char *lookup)
{
    struct buffer mapping = BUFFER_INIT;
    int fd;

    strcpy(loaded->path, "/tmp/test_table.XXXXXX");
    fd = mkstemp(loaded->path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, rows, length), (ssize_t)length);
    close(fd);
    buffer_format(&mapping,
                  "mapping: 1\nmatch_id: primary_id\ntables: { t: { csv: %s, key: k } }\n"
                  "user: { primary_id: \"%s\" }\n",
                  loaded->path, lookup);
    sample_open(&loaded->sample, (struct slice){mapping.data, mapping.length});
    unlink(loaded->path);
    buffer_free(&mapping);
    if (!loaded->sample.mapping)
        print_error("%.*s", (int)loaded->sample.messages.length, loaded->sample.messages.data);
    assert_non_null(loaded->sample.mapping);
    loaded->table = loaded->sample.mapping->tables[0];
}

static void
every_row_of_a_large_file_is_found(void **state)
{
    enum { ROWS = 30000 };
    struct buffer rows = BUFFER_INIT;
    struct arena *arena = arena_new();
    struct loaded loaded;
    size_t row;

    (void)state;
    buffer_add_text(&rows, "unused,k,other,v\n");
    for (int i = 0; i < ROWS; i++)
        buffer_format(&rows, "not kept,Key %d,,V%d\n", i, i * 7);
    load(&loaded, rows.data, rows.length, "${a | lookup t v}");
    for (int i = 0; i < ROWS; i++) {
        char key[32], text[32];

        snprintf(key, sizeof key, "KEY  %d", i);
        snprintf(text, sizeof text, "V%d", i * 7);
        assert_slice(table_find(loaded.table, arena, slice_of(key), 0), text);
        assert_false(table_find_row(loaded.table, arena, slice_of(key), &row));
        arena_reset(arena);
    }
    assert_slice(table_find(loaded.table, arena, slice_of("key"), 0), NULL);
    assert_slice(table_find(loaded.table, arena, slice_of("Key 30000"), 0), NULL);
    assert_slice(table_find(loaded.table, arena, slice_of(""), 0), NULL);
    assert_int_equal(table_row_count(loaded.table), 0);
    assert_int_equal(loaded.sample.findings.length, 0);
    sample_close(&loaded.sample);
    arena_free(arena);
    buffer_free(&rows);
}

static void
columns_are_kept_in_the_order_of_their_first_use(void **state)
{
    static const char rows[] = "a,k,b,c\n1,K,2,3\n,L,,4\n";
    struct arena *arena = arena_new();
    struct loaded loaded;

    (void)state;
    load(&loaded, rows, strlen(rows), "${a | lookup t c}${b | lookup t k}${c | lookup t c}");
    assert_slice(table_find(loaded.table, arena, slice_of("k"), 0), "3");
    assert_slice(table_find(loaded.table, arena, slice_of("k"), 1), "K");
    assert_slice(table_find(loaded.table, arena, slice_of("l"), 0), "4");
    assert_slice(table_find(loaded.table, arena, slice_of("l"), 1), "L");
    sample_close(&loaded.sample);
    load(&loaded, rows, strlen(rows), "${a | lookup t b}");
    assert_slice(table_find(loaded.table, arena, slice_of("k"), 0), "2");
    assert_slice(table_find(loaded.table, arena, slice_of("l"), 0), NULL);
    sample_close(&loaded.sample);
    arena_free(arena);
}

static void
rows_of_the_mapping_are_numbered(void **state)
{
    static const char mapping[] = "mapping: 1\nmatch_id: primary_id\n"
                                  "tables:\n  t:\n    Staff: A\n    cn=X, o=y: \"\"\n"
                                  "user: { primary_id: \"${a | lookup t}\" }\n";
    struct arena *arena = arena_new();
    const struct table *table;
    struct sample sample;
    size_t row = 0;

    (void)state;
    sample_open(&sample, slice_of(mapping));
    table = sample.mapping->tables[0];
    assert_int_equal(table_row_count(table), 2);
    assert_string_equal(table_row(table, 1).key, "cn=X, o=y");
    assert_int_equal(table_row(table, 1).where.line, 6);
    assert_int_equal(table_row(table, 1).where.column, 5);
    assert_true(table_find_row(table, arena, slice_of("CN=x,O=Y"), &row));
    assert_int_equal(row, 1);
    assert_slice(table_find(table, arena, slice_of("CN=x,O=Y"), 0), NULL);
    assert_true(table_find_row(table, arena, slice_of("STAFF"), &row));
    assert_int_equal(row, 0);
    assert_false(table_find_row(table, arena, slice_of("staff x"), &row));
    sample_close(&sample);
    arena_free(arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(forms_of_text_are_folded_and_single_spaced),
    cmocka_unit_test(every_row_of_a_large_file_is_found),
    cmocka_unit_test(columns_are_kept_in_the_order_of_their_first_use),
    cmocka_unit_test(rows_of_the_mapping_are_numbered),
};

UNIT_MAIN(tests)
