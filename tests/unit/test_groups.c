#include "unit.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "directory/group_memory.h"
#include "directory/group_names.h"
#include "directory/groups.h"
#include "directory/source.h"

#include <stdlib.h>

enum { GROUPS_MOST = 24, PEOPLE_MOST = 12, SEED = 20261122 };

/* ---- names */

static uint64_t
dn_name(const char *dn)
{
    struct arena *arena = arena_new();
    uint64_t name = group_name_dn(SEED, arena, slice_of(dn));

    arena_free(arena);
    return name;
}

static uint64_t
member_name(const char *value, bool *ret_is_login)
{
    struct arena *arena = arena_new();
    uint64_t name = group_name_member(SEED, arena, slice_of(value), ret_is_login);

    arena_free(arena);
    return name;
}

static void
a_member_is_known_however_it_is_written(void **state)
{
    static const char *const same[] = {
        "uid=ana,ou=People,dc=example,dc=edu",         "UID=Ana, OU=people, DC=example, DC=edu",
        "uid = ana , ou=People,dc=Example,dc=edu",     "uid=\\61na,ou=people,dc=example,dc=edu",
        "uid=ana,ou=people,dc=example,dc=edu#'0101'B", "uid=ana,ou=people,dc=example,dc=edu#''B",
    };
    bool is_login;

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_int_equal(member_name(same[i], &is_login), dn_name(same[0]));
        assert_false(is_login);
    }
    assert_int_not_equal(member_name("uid=ana,ou=staff,dc=example,dc=edu", &is_login),
                         dn_name(same[0]));
    assert_int_not_equal(member_name("uid=ana,ou=people,dc=example,dc=edu#'0102'B", &is_login),
                         dn_name(same[0]));
}

static void
a_login_is_no_dn(void **state)
{
    struct arena *arena = arena_new();
    bool is_login;

    (void)state;
    assert_int_equal(member_name("Ana", &is_login), group_name_login(SEED, arena, slice_of("ana")));
    assert_true(is_login);
    member_name("'B", &is_login);
    assert_true(is_login);
    member_name("", &is_login);
    assert_true(is_login);
    assert_int_not_equal(group_name_login(SEED, arena, slice_of("100")),
                         group_name_gid(SEED, slice_of("100")));
    arena_free(arena);
}

static void
a_primary_group_has_the_domain_of_the_person(void **state)
{
    static const char person[] = "\1\5\0\0\0\0\0\5\25\0\0\0\1\2\3\4\5\6\7\10\11\12\13\14\120\4\0\0";
    static const char group[] = "\1\5\0\0\0\0\0\5\25\0\0\0\1\2\3\4\5\6\7\10\11\12\13\14\1\2\0\0";
    const struct slice sid = {person, sizeof person - 1};
    const uint64_t users = group_name_sid(SEED, (struct slice){group, sizeof group - 1});

    (void)state;
    assert_int_equal(group_name_primary(SEED, sid, slice_of("513")), users);
    assert_int_not_equal(group_name_primary(SEED, sid, slice_of("514")), users);
    assert_int_equal(group_name_primary(SEED, sid, slice_of("")), GROUP_NAME_NONE);
    assert_int_equal(group_name_primary(SEED, sid, slice_of("-1")), GROUP_NAME_NONE);
    assert_int_equal(group_name_primary(SEED, sid, slice_of("4294967296")), GROUP_NAME_NONE);
    assert_int_equal(group_name_primary(SEED, sid, slice_of("99999999999999999999")),
                     GROUP_NAME_NONE);
    for (size_t length = 0; length < sid.length; length++)
        assert_int_equal(group_name_primary(SEED, (struct slice){person, length}, slice_of("513")),
                         GROUP_NAME_NONE);
}

/* State keeps names and sums from run to run. */
static void
names_stay_what_they_are(void **state)
{
    struct arena *arena = arena_new();

    (void)state;
    assert_int_equal(dn_name("uid=ana,dc=example,dc=edu"), 0xeb13cd8278576baa);
    assert_int_equal(group_name_login(SEED, arena, slice_of("ana")), 0x4f129dd91969b0e3);
    assert_int_equal(group_name_gid(SEED, slice_of("100")), 0x8263e69c5450bc52);
    assert_int_not_equal(group_name_gid(SEED, slice_of("100")),
                         group_name_gid(SEED + 100, slice_of("100")));
    arena_free(arena);
}

/* ---- the graph, beside one that is followed step by step until nothing is added */

struct model {
    size_t groups, people;
    bool within[GROUPS_MOST + PEOPLE_MOST][GROUPS_MOST]; /* member, group; people behind groups */
};

static uint64_t
model_name(size_t member)
{
    return (member + 1) * 0x9e3779b97f4a7c15u;
}

static struct slice
model_dn(size_t group)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    return (struct slice){letters + group, 1};
}

static void
model_draw(struct model *model, unsigned *seed)
{
    unsigned dense = (unsigned)rand_r(seed) % 20 + 1;

    model->groups = (size_t)rand_r(seed) % GROUPS_MOST + 1;
    model->people = PEOPLE_MOST;
    for (size_t member = 0; member < model->groups + model->people; member++)
        for (size_t group = 0; group < model->groups; group++)
            model->within[member][group] = (unsigned)rand_r(seed) % 100 < dense;
}

/* Members come before their groups, behind them, and twice. */
static struct groups *
model_build(const struct model *model, unsigned *seed)
{
    struct groups *groups = groups_new();

    for (size_t i = 0; i < model->groups; i++) {
        size_t group = (i * 7 + 3) % model->groups;
        uint32_t number;

        if (model->groups % 7 == 0)
            group = i;
        number = groups_add(groups, model_dn(group), model_name(group));
        for (size_t member = 0; member < model->groups + model->people; member++)
            if (model->within[member][group])
                for (int times = rand_r(seed) % 4 == 0 ? 2 : 1; times > 0; times--)
                    groups_add_member(groups, number, model_name(member));
        assert_int_equal(groups_add(groups, model_dn(group), model_name(group)), number);
    }
    return groups;
}

static void
model_close(const struct model *model, size_t member, bool found[GROUPS_MOST])
{
    bool more = true;

    memcpy(found, model->within[member], GROUPS_MOST * sizeof *found);
    while (more) {
        more = false;
        for (size_t inner = 0; inner < model->groups; inner++)
            for (size_t outer = 0; found[inner] && outer < model->groups; outer++)
                if (model->within[inner][outer] && !found[outer])
                    more = found[outer] = true;
    }
}

static void
is_found(const struct model *model, struct groups *groups, size_t member)
{
    const uint64_t names[] = {GROUP_NAME_NONE, model_name(member), model_name(member)};
    struct group_list list = groups_find(groups, names, sizeof names / sizeof names[0]);
    bool wanted[GROUPS_MOST] = {false}, found[GROUPS_MOST] = {false};

    model_close(model, member, wanted);
    for (size_t i = 0; i < list.count; i++) {
        size_t group = (size_t)(groups_dn(groups, list.numbers[i]).data[0] - 'a');

        assert_false(found[group]);
        found[group] = true;
        assert_int_equal(model->within[member][group], i < list.direct);
    }
    assert_memory_equal(found, wanted, sizeof found);
}

static void
all_groups_are_found_once(void **state)
{
    enum { ROUNDS = 2000 };
    unsigned seed = 6;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct model model = {0};
        struct groups *groups;

        model_draw(&model, &seed);
        groups = model_build(&model, &seed);
        assert_int_equal(groups_count(groups), model.groups);
        for (size_t member = 0; member < model.groups + model.people; member++)
            is_found(&model, groups, member);
        groups_free(groups);
    }
}

/* ---- kept for the next run */

static struct groups *
read_back(const struct groups *groups, struct buffer *bytes)
{
    groups_write(groups, bytes);
    return groups_read((struct slice){bytes->data, bytes->length});
}

static void
what_is_kept_answers_as_before(void **state)
{
    enum { ROUNDS = 500 };
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct model model = {0};
        struct buffer bytes = BUFFER_INIT;
        struct groups *groups, *again;

        model_draw(&model, &seed);
        groups = model_build(&model, &seed);
        again = read_back(groups, &bytes);
        assert_non_null(again);
        assert_int_equal(groups_count(again), model.groups);
        for (size_t member = 0; member < model.groups + model.people; member++) {
            const uint64_t name = model_name(member);

            is_found(&model, again, member);
            assert_int_equal(groups_sum(groups, groups_find(groups, &name, 1)),
                             groups_sum(again, groups_find(again, &name, 1)));
        }
        groups_free(again);
        groups_free(groups);
        buffer_free(&bytes);
    }
}

static void
what_is_kept_has_the_same_order(void **state)
{
    enum { GROUPS = 9, PERSON = 100 };
    struct groups *groups = groups_new(), *again;
    struct buffer bytes = BUFFER_INIT;
    const uint64_t name = PERSON;
    struct group_list one, other;

    (void)state;
    for (uint32_t i = 0; i < GROUPS; i++) {
        char dn[] = {'a', (char)('0' + i), '\0'};
        uint32_t group = groups_add(groups, slice_of(dn), i + 1);

        groups_add_member(groups, group, i % 2 == 0 && i > 0 ? i : (uint64_t)PERSON);
        groups_add_member(groups, group, PERSON + 1 + i);
    }
    again = read_back(groups, &bytes);
    one = groups_find(groups, &name, 1);
    other = groups_find(again, &name, 1);
    assert_true(one.count == GROUPS && one.direct == 5);
    assert_true(other.count == one.count && other.direct == one.direct);
    assert_memory_equal(one.numbers, other.numbers, one.count * sizeof *one.numbers);
    groups_free(again);
    groups_free(groups);
    buffer_free(&bytes);
}

static void
nothing_else_is_taken_for_what_was_kept(void **state)
{
    struct arena *arena = arena_new();
    struct ldap_groups groups = {
        .graph = groups_new(), .seed = SEED, .by_sid = true, .listed = 7, .searched = "here"};
    struct ldap_groups *again;
    struct slice bytes, digest, part;

    (void)state;
    groups_add_member(groups.graph, groups_add(groups.graph, slice_of("cn=a"), 1), 18);
    bytes = group_memory_write(&groups, arena);
    digest = group_memory_digest(bytes, arena);
    again = group_memory_read(bytes, digest, SEED);
    assert_non_null(again);
    assert_true(again->by_sid && again->listed == 7 && !again->by_gid && again->is_remembered);
    assert_string_equal(again->searched, "here");
    ldap_groups_free(again);
    assert_null(group_memory_read(bytes, digest, SEED + 1));
    assert_null(group_memory_read(bytes, slice_of("no digest"), SEED));
    assert_null(group_memory_read(SLICE_NONE, digest, SEED));
    assert_null(group_memory_read(slice_of(""), digest, SEED));
    for (part = bytes; part.length-- > 0;) {
        assert_null(group_memory_read(part, digest, SEED));
        again = group_memory_read(part, group_memory_digest(part, arena), SEED);
        assert_true(!again || strlen(again->searched) == part.length - (bytes.length - 4));
        ldap_groups_free(again);
    }
    groups_free(groups.graph);
    arena_free(arena);
}

/* Whatever the bytes are, a question ends. */
static void
damaged_bytes_lead_nowhere(void **state)
{
    static const unsigned char damages[] = {1, 2, 4, 8, 0x80, 0xff};
    struct groups *groups = groups_new(), *again;
    struct buffer bytes = BUFFER_INIT;
    const uint64_t names[] = {1, 2, 3, 18};
    size_t taken = 0;

    (void)state;
    groups_add_member(groups, groups_add(groups, slice_of("cn=a"), 1), 18);
    groups_add_member(groups, groups_add(groups, slice_of("cn=b"), 2), 1);
    groups_add_member(groups, groups_add(groups, slice_of("cn=c"), 3), 18);
    groups_write(groups, &bytes);
    for (size_t i = 0; i < bytes.length * sizeof damages; i++) {
        char *byte = &bytes.data[i / sizeof damages];

        *byte = (char)((unsigned char)*byte ^ damages[i % sizeof damages]);
        again = groups_read((struct slice){bytes.data, bytes.length});
        for (size_t n = 0; again && n < sizeof names / sizeof names[0]; n++)
            assert_true(groups_find(again, &names[n], 1).count <= groups_count(again));
        taken += again != NULL;
        groups_free(again);
        *byte = (char)((unsigned char)*byte ^ damages[i % sizeof damages]);
    }
    assert_true(taken > 0 && taken < bytes.length * sizeof damages);
    assert_null(groups_read((struct slice){bytes.data + 1, bytes.length - 1}));
    groups_free(groups);
    buffer_free(&bytes);
}

static void
nobody_is_in_no_group(void **state)
{
    struct groups *groups = groups_new();
    const uint64_t names[] = {GROUP_NAME_NONE, 17};

    (void)state;
    assert_int_equal(groups_find(groups, names, 2).count, 0);
    assert_int_equal(groups_sum(groups, groups_find(groups, names, 2)), 0);
    groups_add_member(groups, groups_add(groups, slice_of("cn=a"), 1), 18);
    assert_int_equal(groups_find(groups, names, 2).count, 0);
    assert_int_equal(groups_find(groups, NULL, 0).count, 0);
    groups_free(groups);
}

static uint64_t
sum_of(struct groups *groups, uint64_t name)
{
    return groups_sum(groups, groups_find(groups, &name, 1));
}

/* A in B in C; the person in A. */
static struct groups *
chain(const char *name_of_c, bool also_in_b)
{
    enum { PERSON = 100 };
    struct groups *groups = groups_new();
    uint32_t a = groups_add(groups, slice_of("cn=a"), 1),
             b = groups_add(groups, slice_of("cn=b"), 2);
    uint32_t c = groups_add(groups, slice_of(name_of_c), 3);

    groups_add_member(groups, a, PERSON);
    groups_add_member(groups, b, 1);
    groups_add_member(groups, c, 2);
    if (also_in_b)
        groups_add_member(groups, b, PERSON);
    return groups;
}

static void
a_sum_tells_of_each_change(void **state)
{
    enum { PERSON = 100 };
    struct groups *plain = chain("cn=c", false), *renamed = chain("cn=C", false);
    struct groups *direct = chain("cn=c", true);
    uint64_t before = sum_of(plain, PERSON);

    (void)state;
    assert_int_not_equal(before, 0);
    assert_int_equal(sum_of(plain, PERSON), before);
    assert_int_not_equal(sum_of(renamed, PERSON), before);
    /* The groups are the same ones, but one of them is his own now. */
    assert_int_not_equal(sum_of(direct, PERSON), before);
    groups_free(plain);
    groups_free(renamed);
    groups_free(direct);
}

/* The walk takes no stack, and no more time than there are memberships. */
static void
a_long_chain_is_followed_to_its_end(void **state)
{
    enum { LENGTH = 200000 };
    struct groups *groups = groups_new();
    uint64_t name = LENGTH + 1;
    char dn[32];

    (void)state;
    for (uint64_t i = 1; i <= LENGTH; i++) {
        snprintf(dn, sizeof dn, "cn=%llu", (unsigned long long)i);
        groups_add_member(groups, groups_add(groups, slice_of(dn), i), i + 1);
    }
    groups_add_member(groups, 0, LENGTH); /* a circle of all of them */
    assert_int_equal(groups_find(groups, &name, 1).count, LENGTH);
    assert_int_equal(groups_find(groups, &name, 1).direct, 1);
    groups_free(groups);
}

/* ---- LDIF, which has no groups */

static bool
note_entry(void *context, const struct entry *entry, struct error *err)
{
    struct buffer *seen = context;

    (void)err;
    buffer_format(seen, "%.*s", SLICE_ARG(entry->dn));
    for (size_t slot = 0; slot < attributes_count(entry->attributes); slot++) {
        buffer_format(seen, " %s", attributes_name(entry->attributes, (int)slot));
        for (size_t i = 0; i < entry->slots[slot].count; i++)
            buffer_format(seen, "%c%.*s", i ? ',' : '=', SLICE_ARG(entry->slots[slot].values[i]));
    }
    buffer_add_text(seen, "\n");
    return true;
}

/* What the entries show of these attributes. */
static void
check_ldif(const char *const *names, const char *text, const char *expected)
{
    struct attributes *attributes = attributes_new();
    struct buffer seen = BUFFER_INIT;
    const struct source_reader reader = {.entry = note_entry, .context = &seen};
    struct source *source = source_open_ldif_text("test", 1, slice_of(text), NULL);
    struct source_result result;
    struct error err = ERROR_INIT;

    for (; *names; names++)
        attributes_add(attributes, slice_of(*names));
    assert_true(source_read(source, attributes, &reader, &result, &err));
    buffer_add(&seen, "", 1);
    assert_string_equal(seen.data, expected);
    buffer_free(&seen);
    source_close(source);
    attributes_free(attributes);
}

static void
entries_of_ldif_say_it_themselves(void **state)
{
    static const char text[] = "dn: uid=a\nmemberOf: cn=x\nuid: a\nmemberOf: cn=y\n\n"
                               "dn: uid=b\nisMemberOf: cn=z\ngroups.nested: cn=w\n\n"
                               "dn: uid=c\nmemberOf: cn=m\nGroups: cn=g\n\n"
                               "dn: uid=d\ngroups.nested: cn=w\n\n"
                               "dn: uid=e\n\n";

    (void)state;
    check_ldif((const char *const[]){"groups.nested", "uid", "groups", NULL}, text,
               "uid=a groups.nested=cn=x,cn=y uid=a groups=cn=x,cn=y\n"
               "uid=b groups.nested=cn=z,cn=w uid groups=cn=z\n"
               "uid=c groups.nested=cn=g uid groups=cn=g\n"
               "uid=d groups.nested=cn=w uid groups\n"
               "uid=e groups.nested uid groups\n");
    check_ldif((const char *const[]){"GROUPS.nested", NULL}, text,
               "uid=a GROUPS.nested=cn=x,cn=y\nuid=b GROUPS.nested=cn=z,cn=w\n"
               "uid=c GROUPS.nested=cn=g\nuid=d GROUPS.nested=cn=w\nuid=e GROUPS.nested\n");
    check_ldif((const char *const[]){"memberOf", "groups", NULL}, text,
               "uid=a memberOf=cn=x,cn=y groups=cn=x,cn=y\nuid=b memberOf groups=cn=z\n"
               "uid=c memberOf=cn=m groups=cn=g\nuid=d memberOf groups\n"
               "uid=e memberOf groups\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_member_is_known_however_it_is_written),
    cmocka_unit_test(a_login_is_no_dn),
    cmocka_unit_test(a_primary_group_has_the_domain_of_the_person),
    cmocka_unit_test(names_stay_what_they_are),
    cmocka_unit_test(all_groups_are_found_once),
    cmocka_unit_test(what_is_kept_answers_as_before),
    cmocka_unit_test(what_is_kept_has_the_same_order),
    cmocka_unit_test(nothing_else_is_taken_for_what_was_kept),
    cmocka_unit_test(damaged_bytes_lead_nowhere),
    cmocka_unit_test(nobody_is_in_no_group),
    cmocka_unit_test(a_sum_tells_of_each_change),
    cmocka_unit_test(a_long_chain_is_followed_to_its_end),
    cmocka_unit_test(entries_of_ldif_say_it_themselves),
};

UNIT_MAIN(tests)
