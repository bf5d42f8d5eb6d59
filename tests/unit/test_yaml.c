#include "unit.h"

#include "base/buffer.h"
#include "base/yaml.h"

#include <string.h>

static void
every_scalar_is_text(void **state)
{
    struct arena *arena = arena_new();
    struct faults *faults = faults_new();
    const struct yaml_node *root = yaml_parse(
        arena, "t.yaml", slice_of("a: no\nb: 010\nc: 2026-09-01\nd: ~\ne: 'x'\nf:\n  - ${g | h}\n"),
        faults);

    (void)state;
    assert_non_null(root);
    assert_int_equal(faults_count(faults), 0);
    assert_slice(yaml_get(root, "a")->text, "no");
    assert_slice(yaml_get(root, "b")->text, "010");
    assert_slice(yaml_get(root, "c")->text, "2026-09-01");
    assert_slice(yaml_get(root, "d")->text, "~");
    assert_true(yaml_get(root, "e")->quoted);
    assert_false(yaml_get(root, "a")->quoted);
    assert_slice(yaml_get(root, "f")->items[0]->text, "${g | h}");
    assert_int_equal(yaml_get(root, "f")->items[0]->where.line, 7);
    assert_int_equal(yaml_get(root, "f")->items[0]->where.column, 5);
    assert_null(yaml_get(root, "g"));
    faults_free(faults);
    arena_free(arena);
}

static void
faulty_files_are_told(void **state)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {"", "t.yaml: the file is empty"},
        {"a: 1\nb: 2\na: 3\n", "t.yaml:3:1: the key 'a' stands here a second time (line 1)"},
        {"a: &x 1\nb: *x\n", "t.yaml:2:4: an alias (*name) is not allowed: write the value out"},
        {"a: !!int 1\n", "t.yaml:1:4: the tag 'tag:yaml.org,2002:int' is not allowed: every value "
                         "here is plain text"},
        {"a: 1\n---\nb: 1\n", "t.yaml:2:1: a second document (---) in one file"},
        {"[a]: 1\n", "t.yaml:1:1: a key must be text, this is a list"},
        {"a: \"x\\0y\"\n", "t.yaml:1:4: a NUL character in a value"},
        {"a: @x\n", "t.yaml:1:4: YAML syntax: found character that cannot start any token; a tab "
                    "does not indent, and a value that begins with @, % or ` wants quotes"},
        {"a: [1\nb: 2\n", "t.yaml:2:2: YAML syntax: did not find expected ',' or ']'; look at the "
                          "indentation, and put values with ': ', '{' or '[' in quotes"},
        {"a: \xff\n", "t.yaml: not readable as UTF-8 text at byte 3: invalid leading UTF-8 octet"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena *arena = arena_new();
        struct faults *faults = faults_new();

        yaml_parse(arena, "t.yaml", slice_of(cases[i].text), faults);
        assert_int_equal(faults_count(faults), 1);
        assert_string_equal(faults_text(faults, 0), cases[i].fault);
        faults_free(faults);
        arena_free(arena);
    }
}

static void
deep_files_are_refused(void **state)
{
    struct arena *arena = arena_new();
    struct faults *faults = faults_new();
    struct error err = ERROR_INIT;
    char text[10001];

    (void)state;
    memset(text, '[', 10000);
    text[10000] = '\0';
    assert_null(yaml_parse(arena, "t.yaml", slice_of(text), faults));
    assert_string_equal(faults_text(faults, 0), "t.yaml:1:33: values nested deeper than 32");
    assert_null(yaml_load(arena, "/nonexistent/x.yaml", faults));
    assert_int_equal(faults_count(faults), 1);
    assert_false(faults_conclude(faults, NULL, "x.yaml", &err));
    assert_string_equal(err.text, "cannot read '/nonexistent/x.yaml': No such file or directory");
    faults_free(faults);
    arena_free(arena);
}

/* Who reads the tree need not fear to read a key twice, however large the map is. */
static void
the_first_of_duplicate_keys_counts(void **state)
{
    enum { KEYS = 1000 };
    struct arena *arena = arena_new();
    struct faults *faults = faults_new();
    struct buffer text = BUFFER_INIT;
    const struct yaml_node *root;

    (void)state;
    for (int i = 0; i < KEYS; i++)
        buffer_format(&text, "key %d: %d\n", i, i);
    buffer_add_text(&text, "key 0: x\nkey 999: [x]\n");
    root = yaml_parse(arena, "t.yaml", (struct slice){text.data, text.length}, faults);
    assert_non_null(root);
    assert_int_equal(root->count, KEYS);
    assert_slice(yaml_get(root, "key 0")->text, "0");
    assert_slice(yaml_get(root, "key 999")->text, "999");
    assert_int_equal(faults_count(faults), 2);
    assert_string_equal(faults_text(faults, 0),
                        "t.yaml:1001:1: the key 'key 0' stands here a second time (line 1)");
    assert_string_equal(faults_text(faults, 1),
                        "t.yaml:1002:1: the key 'key 999' stands here a second time (line 1000)");
    buffer_free(&text);
    faults_free(faults);
    arena_free(arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_scalar_is_text),
    cmocka_unit_test(faulty_files_are_told),
    cmocka_unit_test(deep_files_are_refused),
    cmocka_unit_test(the_first_of_duplicate_keys_counts),
};

UNIT_MAIN(tests)
