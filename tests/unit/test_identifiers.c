/* Identifiers are one namespace: within one person, and over everybody of a feed. */
#include "unit.h"

#include "package_fixture.h"
#include "run/collisions.h"
#include "run/identifiers.h"

#include <stdlib.h>
#include <string.h>

static bool
are_the_same(const char *one, const char *other)
{
    struct arena *arena = arena_new();
    bool same = identifier_hash(slice_of(one), arena) == identifier_hash(slice_of(other), arena);

    assert_int_equal(same, slice_equal(identifier_fold(arena, slice_of(one)),
                                       identifier_fold(arena, slice_of(other))));
    arena_free(arena);
    return same;
}

static void
what_looks_alike_is_the_same(void **state)
{
    static const char *const alike[][2] = {
        {"ana", "ANA"},
        {"jos\xc3\xa9", "jose\xcc\x81"}, /* composed, decomposed */
        {"jos\xc3\xa9", "JOS\xc3\x89"},  /* … and a capital */
        {"stra\xc3\x9f"
         "e",
         "STRASSE"},                        /* sharp s */
        {"\xef\xac\x81n", "fin"},           /* a ligature */
        {"\xef\xbd\x90\xef\xbc\x91", "p1"}, /* full width */
        {"p\xe2\x80\x8b"
         "1",
         "p1"}, /* a blank without width */
        {"\xe2\x80\xae"
         "p1",
         "p1"},               /* right to left */
        {"p1\xc2\xad", "p1"}, /* a soft hyphen */
        {"p\xe2\x80\x83"
         "1",
         "p 1"},                           /* a wide blank */
        {" p1", "p1 "},                    /* blanks at the ends */
        {"\xc4\xb1ldiz", "ILDIZ"},         /* the Turkish i without a dot */
        {"\xc4\xb0pek", "ipek"},           /* … and the capital one with a dot */
        {"i\xcc\x87pek\xc4\xb1", "ipeki"}, /* … and its small letter; at the end */
    };
    static const char *const different[][2] = {
        {"0123", "123"},         {"p1", "p2"},          {"p1", "p 1"},
        {"jose", "jos\xc3\xa9"}, {"ana", "\xd0\xb0na"}, /* another alphabet is another letter */
    };

    (void)state;
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++)
        if (!are_the_same(alike[i][0], alike[i][1]))
            fail_msg("'%s' and '%s' differ", alike[i][0], alike[i][1]);
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++)
        if (are_the_same(different[i][0], different[i][1]))
            fail_msg("'%s' and '%s' are the same", different[i][0], different[i][1]);
}

/* ---- one person */

/* What was found of whom: a line each. */
static void
note(void *context, const struct finding *finding)
{
    buffer_format(context, "%s %.*s: %.*s\n", finding_kind(finding->code)->name,
                  SLICE_ARG(finding->dn), SLICE_ARG(finding->text));
}

/* A user with a primary identifier and two others, of which the first matches. */
static void
assert_check(const char *primary, const char *barcode, const char *match, const char *expected)
{
    struct arena *arena = arena_new();
    struct user *user = arena_alloc(arena, sizeof *user);
    struct user_items *list = &user->lists[user_field_find("user_identifiers")];
    const struct field *fields = &user_fields[user_field_find("user_identifiers")];
    const char *const values[] = {match, barcode}, *const types[] = {"UNIV_ID", "BARCODE"};
    struct buffer notes = BUFFER_INIT;
    const struct finding_sink sink = {note, &notes};
    struct identifiers identifiers;
    bool good;

    user->dn = slice_of("uid=p");
    user->match_id = slice_of(match);
    user->values[user_field_find("primary_id")].text = slice_of(primary);
    list->items = arena_alloc(arena, 2 * sizeof *list->items);
    list->count = 2;
    for (size_t i = 0; i < 2; i++) {
        list->items[i].values = arena_alloc(arena, fields->field_count * sizeof(struct user_value));
        list->items[i].values[item_field_find(fields, "id_type")].text = slice_of(types[i]);
        list->items[i].values[item_field_find(fields, "value")].text = slice_of(values[i]);
    }
    identifiers = identifiers_gather(user, arena);
    good = identifiers_check(user, &identifiers, &sink);
    buffer_add(&notes, "", 1);
    assert_string_equal(notes.data, expected);
    assert_int_equal(good, expected[0] == '\0');
    user->match_id = slice_of("nowhere");
    assert_false(identifiers_check(user, &identifiers, NULL));
    buffer_free(&notes);
    arena_free(arena);
}

static void
nobody_has_an_identifier_twice(void **state)
{
    (void)state;
    assert_check("ana", "123", "0123", "");
    assert_check(
        "ana", "Ana", "7",
        "twice_in_record uid=p: primary_id 'ana' and BARCODE 'Ana' are the same to Alma\n");
    assert_check("ana", "\xef\xbc\x97", "7",
                 "twice_in_record uid=p: UNIV_ID '7' and BARCODE '\xef\xbc\x97' are the same to "
                 "Alma\n");
    assert_check("", "", "7", "");
}

/* ---- a feed */

/* People are added to the fixture's spool: dn, match identifier, then others, separated by blanks.
 */
static void
add_person(struct people *people, struct package_fixture *fixture, const char *text)
{
    struct arena *arena = arena_new();
    char *rest = arena_string(arena, text);
    struct person_facts facts = {.key = slice_of(strsep(&rest, " "))};

    facts.dn = facts.key;
    facts.record = slice_of("<user/>");
    facts.identifiers.items = arena_alloc(arena, 8 * sizeof *facts.identifiers.items);
    while (rest) {
        struct slice value = slice_of(strsep(&rest, " "));
        struct slice type = slice_of(facts.identifiers.count > 0 ? "BARCODE" : "primary_id");

        facts.identifiers.items[facts.identifiers.count++] =
            (struct identifier){type, value, identifier_hash(value, arena), NULL};
    }
    facts.match_id = facts.identifiers.items[0].value;
    assert_true(people_add(people, fixture->spool, &facts, PERSON_FIT, SENDING_NEW, &fixture->err));
    arena_free(arena);
}

static void
assert_found(struct package_fixture *fixture, const char *const *texts, uint64_t held,
             uint64_t twice, const char *expected)
{
    struct people *people = people_new();
    struct buffer notes = BUFFER_INIT;
    const struct finding_sink sink = {note, &notes};
    struct collisions found;

    for (; *texts; texts++)
        add_person(people, fixture, *texts);
    assert_true(collisions_find(people, fixture->spool, &sink, &found, &fixture->err));
    buffer_add(&notes, "", 1);
    assert_string_equal(notes.data, expected);
    assert_int_equal(found.held, held);
    assert_int_equal(found.twice, twice);
    assert_int_equal(people_count_verdict(people, PERSON_HELD), held);
    assert_int_equal(people_count_verdict(people, PERSON_TWICE), twice);
    buffer_free(&notes);
    people_free(people);
}

#define PEOPLE(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
all_who_collide_are_held(void **state)
{
    assert_found(*state, PEOPLE("uid=a ana 1", "uid=b ben 2", "uid=c cleo 3"), 0, 0, "");
    assert_found(*state, PEOPLE("uid=a ana 1", "uid=b ben 2", "uid=c Ana 3"), 2, 0,
                 "duplicate uid=a: 'ana' is also the match identifier of 'uid=c', written 'Ana'\n"
                 "duplicate uid=c: 'Ana' is also the match identifier of 'uid=a', written 'ana'\n");
    assert_found(*state, PEOPLE("uid=a ana 1", "uid=b ben ana", "uid=c cleo 3"), 2, 0,
                 "taken uid=a: 'ana' is also the BARCODE of 'uid=b'\n"
                 "taken uid=b: 'ana' (BARCODE) is also the match identifier of 'uid=a'\n");
    assert_found(*state, PEOPLE("uid=a ana x", "uid=b ben x", "uid=c x 3", "uid=d X 4"), 4, 0,
                 "taken uid=a: 'x' (BARCODE) is also the BARCODE of 'uid=b' and 2 more\n"
                 "taken uid=b: 'x' (BARCODE) is also the BARCODE of 'uid=a' and 2 more\n"
                 "duplicate uid=c: 'x' is also the match identifier of 'uid=d', written 'X' and 2 "
                 "more\n"
                 "duplicate uid=d: 'X' is also the match identifier of 'uid=c', written 'x' and 2 "
                 "more\n");
}

/* Who is held for one identifier makes others be held for another one all the same. */
static void
collisions_make_chains(void **state)
{
    assert_found(*state, PEOPLE("uid=a ana 1", "uid=b ben 1 2", "uid=c cleo 2"), 3, 0,
                 "taken uid=a: '1' (BARCODE) is also the BARCODE of 'uid=b'\n"
                 "taken uid=b: '1' (BARCODE) is also the BARCODE of 'uid=a'\n"
                 "taken uid=b: '2' (BARCODE) is also the BARCODE of 'uid=c'\n"
                 "taken uid=c: '2' (BARCODE) is also the BARCODE of 'uid=b'\n");
}

static void
an_entry_of_two_searches_is_no_collision(void **state)
{
    assert_found(*state, PEOPLE("uid=a ana 1", "uid=b ben 2", "UID=A ana 1"), 0, 1, "");
    assert_found(*state, PEOPLE("uid=a ana 1", "uid=b ben 1", "uid=a ana 1"), 2, 1,
                 "taken uid=a: '1' (BARCODE) is also the BARCODE of 'uid=b'\n"
                 "taken uid=b: '1' (BARCODE) is also the BARCODE of 'uid=a'\n");
}

/* ---- against a plain search for the same */

enum { ROUNDS = 3000, PEOPLE_MOST = 14, EACH_MOST = 3, BASES = 30 };

struct drawn {
    size_t count, bases[EACH_MOST];
};

/* One base is written in several ways. */
static const char *
write_variant(size_t base, struct arena *arena)
{
    static const char *const letters[] = {"\xc3\xa9", "e\xcc\x81", "\xc3\x89"};

    return arena_format(arena, "%s%zu", letters[(size_t)rand() % 3], base);
}

static bool
have_common(const struct drawn *one, const struct drawn *other)
{
    for (size_t i = 0; i < one->count; i++)
        for (size_t j = 0; j < other->count; j++)
            if (one->bases[i] == other->bases[j])
                return true;
    return false;
}

/* Different bases, the first of which matches. */
static const char *
draw_person(struct drawn *drawn, size_t number, struct arena *arena)
{
    const char *text = arena_format(arena, "uid=%zu", number);
    size_t base = (size_t)rand() % BASES;

    drawn->count = 1 + (size_t)rand() % EACH_MOST;
    for (size_t i = 0; i < drawn->count; i++) {
        drawn->bases[i] = (base + 7 * i) % BASES;
        text = arena_format(arena, "%s %s", text, write_variant(drawn->bases[i], arena));
    }
    return text;
}

static void
count_finding(void *context, const struct finding *finding)
{
    assert_true(finding->code == FINDING_DUPLICATE || finding->code == FINDING_TAKEN);
    ++*(size_t *)context;
}

static size_t
play_round(struct package_fixture *fixture)
{
    struct arena *arena = arena_new();
    struct people *people = people_new();
    struct drawn drawn[PEOPLE_MOST];
    size_t count = 2 + (size_t)rand() % (PEOPLE_MOST - 1), findings = 0, held = 0;
    const struct finding_sink sink = {count_finding, &findings};
    struct collisions found;

    for (size_t i = 0; i < count; i++)
        add_person(people, fixture, draw_person(&drawn[i], i, arena));
    assert_true(collisions_find(people, fixture->spool, &sink, &found, &fixture->err));
    for (size_t i = 0; i < count; i++) {
        bool expected = false;

        for (size_t j = 0; j < count; j++)
            expected |= i != j && have_common(&drawn[i], &drawn[j]);
        assert_int_equal(people_items(people)[i].verdict, expected ? PERSON_HELD : PERSON_FIT);
        held += expected;
    }
    assert_int_equal(found.held, held);
    assert_true(findings >= held);
    people_free(people);
    arena_free(arena);
    return held;
}

static void
random_feeds_are_judged_as_by_hand(void **state)
{
    size_t held = 0;

    srand(5);
    for (size_t i = 0; i < ROUNDS; i++)
        held += play_round(*state);
    assert_true(held > ROUNDS);
}

#define WITH_SPOOL(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, package_fixture_set_up, package_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_looks_alike_is_the_same),
    cmocka_unit_test(nobody_has_an_identifier_twice),
    WITH_SPOOL(all_who_collide_are_held),
    WITH_SPOOL(collisions_make_chains),
    WITH_SPOOL(an_entry_of_two_searches_is_no_collision),
    WITH_SPOOL(random_feeds_are_judged_as_by_hand),
};

UNIT_MAIN(tests)
