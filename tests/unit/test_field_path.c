#include "unit.h"

#include "model/field_path.h"

#include <stdlib.h>

struct fixture {
    struct arena *arena;
    struct faults *faults;
    struct user user;
    struct user_item emails[3];
    struct user_item identifiers[2];
    struct user_value values[5][ITEM_FIELDS_MOST]; /* of both */
};

static const struct slice work[] = {{"work", 4}}, both[] = {{"school", 6}, {"work", 4}};

static struct user_value *
value_of(struct user_item *item, const char *list, const char *name)
{
    return &item->values[item_field_find(&user_fields[user_field_find(list)], name)];
}

/* Emails of the types work, school and work, work; identifiers of the types 2 and BARCODE. */
static void
make_user(struct fixture *fixture)
{
    static const char *const addresses[] = {"a@example.edu", "b@example.edu", "c@example.edu"};
    static const char *const types[] = {"2", "BARCODE"};

    for (size_t i = 0; i < 3; i++) {
        struct user_value *value;

        fixture->emails[i].values = fixture->values[i];
        value = value_of(&fixture->emails[i], "emails", "email_types");
        value->codes = i == 1 ? both : work;
        value->code_count = i == 1 ? 2 : 1;
        value_of(&fixture->emails[i], "emails", "email_address")->text = slice_of(addresses[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        struct user_item *item = &fixture->identifiers[i];

        item->values = fixture->values[3 + i];
        value_of(item, "user_identifiers", "id_type")->text = slice_of(types[i]);
        value_of(item, "user_identifiers", "value")->text = slice_of(i ? "4711" : "zwei");
    }
    fixture->user.values[user_field_find("last_name")].text = slice_of("Ruiz");
    fixture->user.lists[user_field_find("emails")] = (struct user_items){fixture->emails, 3};
    fixture->user.lists[user_field_find("user_identifiers")] =
        (struct user_items){fixture->identifiers, 2};
}

static int
set_up(void **state)
{
    struct fixture *fixture = memory_zero(1, sizeof *fixture);

    fixture->arena = arena_new();
    fixture->faults = faults_new();
    make_user(fixture);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    faults_free(fixture->faults);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static struct field_path
parse(struct fixture *fixture, const char *text)
{
    struct field_path path;

    assert_true(field_path_parse(fixture->arena, slice_of(text), (struct position){"x", 1, 1},
                                 fixture->faults, &path));
    assert_int_equal(faults_count(fixture->faults), 0);
    return path;
}

static void
each_list_has_a_type_and_a_main_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *list = &user_fields[i];
        size_t types = 0, mains = 0;

        for (size_t j = 0; j < list->field_count; j++) {
            types += list->fields[j].type;
            mains += list->fields[j].main;
        }
        assert_int_equal(types, list->kind == FIELD_ITEMS);
        assert_int_equal(mains, list->kind == FIELD_ITEMS);
        assert_false(list->type || list->main);
    }
    assert_string_equal(user_fields[user_field_find("phones")]
                            .fields[field_main_index(&user_fields[user_field_find("phones")])]
                            .name,
                        "phone_number");
}

static void
paths_find_values(void **state)
{
    static const struct {
        const char *path, *text; /* NULL: none */
    } cases[] = {
        {"last_name", "Ruiz"},
        {"emails[1]", "a@example.edu"},
        {"emails[3].email_address", "c@example.edu"},
        {"emails[4]", NULL},
        {"emails[work]", "a@example.edu"},
        {"emails[work][2]", "b@example.edu"},
        {"emails[work][3]", "c@example.edu"},
        {"emails[work][4]", NULL},
        {"emails['work'][1]", "a@example.edu"},
        {"emails[school].email_address", "b@example.edu"},
        {"emails[Work]", NULL},
        {"user_identifiers[2]", "4711"},
        {"user_identifiers['2']", "zwei"},
        {"user_identifiers[02]", NULL},
        {"user_identifiers[4294967298]", NULL},
        {"user_identifiers[BARCODE].value", "4711"},
        {"user_identifiers[BARCODE].id_type", "BARCODE"},
        {"phones[1]", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *fixture = *state;
        struct field_path path = parse(fixture, cases[i].path);
        const struct user_value *value = field_path_value(&path, &fixture->user);

        if (!cases[i].text != !value)
            print_error("%s\n", cases[i].path);
        assert_slice(value ? value->text : SLICE_NONE, cases[i].text);
    }
}

static void
paths_know_what_they_name(void **state)
{
    struct fixture *fixture = *state;
    struct field_path path = parse(fixture, "emails");

    assert_int_equal(path.item, PATH_WHOLE);
    assert_null(field_path_field(&path));
    assert_null(field_path_item(&path, &fixture->user));
    path = parse(fixture, "emails.count");
    assert_int_equal(path.item, PATH_COUNT);
    assert_null(field_path_field(&path));
    path = parse(fixture, "emails[work].email_types");
    assert_string_equal(field_path_field(&path)->name, "email_types");
    path = parse(fixture, "emails[work]");
    assert_int_equal(path.item, PATH_WHOLE);
    assert_string_equal(field_path_field(&path)->name, "email_address");
    assert_ptr_equal(field_path_item(&path, &fixture->user), &fixture->emails[0]);
    path = parse(fixture, "last_name");
    assert_string_equal(field_path_field(&path)->name, "last_name");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_list_has_a_type_and_a_main_field),
    cmocka_unit_test_setup_teardown(paths_find_values, set_up, tear_down),
    cmocka_unit_test_setup_teardown(paths_know_what_they_name, set_up, tear_down),
};

UNIT_MAIN(tests)
