#include "unit.h"

#include "directory/srv.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MOST = 512 };

struct message {
    char bytes[MESSAGE_MOST];
    size_t length;
};

static void
put(struct message *message, const char *bytes, size_t length)
{
    assert_true(message->length + length <= MESSAGE_MOST);
    memcpy(message->bytes + message->length, bytes, length);
    message->length += length;
}

static void
put_number(struct message *message, unsigned number)
{
    const char bytes[] = {(char)(number >> 8), (char)number};

    put(message, bytes, sizeof bytes);
}

/* Labels as DNS writes them: a length each, and 0 at the end. */
static void
put_name(struct message *message, const char *name)
{
    while (*name) {
        size_t length = strcspn(name, ".");
        const char head = (char)length;

        put(message, &head, 1);
        put(message, name, length);
        name += length + (name[length] == '.');
    }
    put(message, "", 1);
}

/* The head of an answer of `count` records, and its question, whose name stands at 12. */
static struct message
answer(unsigned count)
{
    struct message message = {.length = 0};
    const unsigned head[] = {7, 0x8180, 1, count, 0, 0};

    for (size_t i = 0; i < 6; i++)
        put_number(&message, head[i]);
    put_name(&message, "_ldap._tcp.example.edu");
    put_number(&message, 33);
    put_number(&message, 1);
    return message;
}

static void
put_head(struct message *message, unsigned type, size_t length)
{
    put(message, "\xc0\x0c", 2); /* the question's name */
    put_number(message, type);
    put_number(message, 1);
    put(message, "\0\0\0\x3c", 4);
    put_number(message, (unsigned)length);
}

static void
put_record(struct message *message, const struct srv_record *record)
{
    size_t start;

    put_head(message, 33, 0);
    start = message->length;
    put_number(message, record->priority);
    put_number(message, record->weight);
    put_number(message, record->port);
    put_name(message, record->host);
    message->bytes[start - 1] = (char)(message->length - start);
}

static struct srv_records
parse(struct arena *arena, const struct message *message)
{
    struct srv_records records;

    assert_true(srv_parse(arena, (struct slice){message->bytes, message->length}, &records));
    return records;
}

static void
records_are_read(void **state)
{
    struct arena *arena = arena_new();
    struct message message = answer(3);
    struct srv_records records;

    (void)state;
    put_record(&message, &(struct srv_record){"DC1.Example.edu", 10, 100, 389});
    put_head(&message, 5, 2); /* a CNAME, by which the name was reached */
    put(&message, "\xc0\x0c", 2);
    put_record(&message, &(struct srv_record){"dc_2.example.edu", 65535, 0, 3890});
    records = parse(arena, &message);
    assert_int_equal(records.count, 2);
    assert_string_equal(records.items[0].host, "dc1.example.edu");
    assert_int_equal(records.items[0].priority, 10);
    assert_int_equal(records.items[0].weight, 100);
    assert_int_equal(records.items[0].port, 389);
    assert_string_equal(records.items[1].host, "dc_2.example.edu");
    assert_int_equal(records.items[1].priority, 65535);
    assert_int_equal(records.items[1].port, 3890);
    arena_free(arena);
}

static void
what_is_no_server_is_left_out(void **state)
{
    static const struct srv_record bad[] = {
        {"", 0, 0, 389}, /* "." says that there is no such service */
        {"dc1.example.edu", 0, 0, 0},
        {"dc1/o=x.example.edu", 0, 0, 389},
        {"dc1 dc2.example.edu", 0, 0, 389},
        {"\x1b[2J.example.edu", 0, 0, 389},
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct message message = answer(1);

        put_record(&message, &bad[i]);
        assert_int_equal(parse(arena, &message).count, 0);
    }
    arena_free(arena);
}

static void
an_answer_with_a_name_that_never_ends_is_none(void **state)
{
    struct arena *arena = arena_new();
    struct message message = answer(2);
    struct srv_records records;
    size_t start;

    (void)state;
    put_record(&message, &(struct srv_record){"dc1.example.edu", 10, 100, 389});
    start = message.length;
    put_record(&message, &(struct srv_record){"dc2.example.edu", 10, 100, 389});
    message.bytes[start + 1] = (char)start; /* the record's name points to itself */
    assert_false(srv_parse(arena, (struct slice){message.bytes, message.length}, &records));
    assert_int_equal(records.count, 0);
    arena_free(arena);
}

/* Each byte of the copy has its own end, so that a sanitizer sees what reads behind it. */
static void
an_answer_that_was_cut_short_is_none(void **state)
{
    struct arena *arena = arena_new();
    struct message message = answer(2);
    struct srv_records records;

    (void)state;
    put_record(&message, &(struct srv_record){"dc1.example.edu", 10, 100, 389});
    put_record(&message, &(struct srv_record){"dc2.example.edu", 10, 100, 389});
    for (size_t length = 0; length < message.length; length++) {
        char *copy = memory_alloc(length);

        memcpy(copy, message.bytes, length);
        assert_false(srv_parse(arena, (struct slice){copy, length}, &records));
        free(copy);
    }
    arena_free(arena);
}

static void
a_name_that_points_to_itself_is_left_out(void **state)
{
    struct arena *arena = arena_new();
    struct message message = answer(1);

    (void)state;
    put_head(&message, 33, 8);
    put(&message, "\0\0\0\0\x01\x85\xc0", 7);
    message.bytes[message.length] = (char)(message.length - 1);
    message.length++;
    assert_int_equal(parse(arena, &message).count, 0);
    arena_free(arena);
}

/* Always the same share of what may be drawn. */
static unsigned
draw_share(void *context, unsigned most)
{
    return most * *(const unsigned *)context / 100;
}

static void
sort(struct srv_record *items, size_t count, unsigned percent)
{
    struct srv_records records = {items, count};

    srv_sort(&records, &(struct srv_chance){draw_share, &percent});
}

static void
the_lower_priority_comes_first(void **state)
{
    struct srv_record items[] = {{"c", 20, 100, 389}, {"b", 10, 0, 389}, {"a", 0, 1, 389}};

    (void)state;
    sort(items, 3, 100);
    assert_string_equal(items[0].host, "a");
    assert_string_equal(items[1].host, "b");
    assert_string_equal(items[2].host, "c");
}

static void
chance_decides_by_weight(void **state)
{
    static const struct srv_record given[] = {
        {"big", 0, 60, 389}, {"none", 0, 0, 389}, {"small", 0, 40, 389}};
    static const struct {
        unsigned percent;
        const char *order[3];
    } cases[] = {
        {0, {"none", "big", "small"}},   {1, {"big", "none", "small"}},
        {60, {"big", "small", "none"}},  {61, {"small", "big", "none"}},
        {100, {"small", "big", "none"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct srv_record items[3];

        memcpy(items, given, sizeof items);
        sort(items, 3, cases[i].percent);
        for (size_t at = 0; at < 3; at++)
            assert_string_equal(items[at].host, cases[i].order[at]);
    }
}

/* By the system's chance; that all of a thousand go one way has no chance to speak of. */
static void
equals_take_turns(void **state)
{
    unsigned first = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct srv_record items[] = {{"a", 0, 10, 389}, {"b", 0, 10, 389}};
        struct srv_records records = {items, 2};

        srv_sort(&records, NULL);
        first += strcmp(items[0].host, "a") == 0;
    }
    assert_in_range(first, 1, 999);
}

static void
names_of_hosts(void **state)
{
    static const char *const good[] = {"example.edu", "a", "_msdcs.a-b.example.edu"};
    static const char *const bad[] = {"",    ".",   ".edu", "edu.",    "a b",
                                      "a/b", "a:1", "(a)",  "\xc3\xa4"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(srv_is_name(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(srv_is_name(slice_of(bad[i])));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(records_are_read),
    cmocka_unit_test(what_is_no_server_is_left_out),
    cmocka_unit_test(an_answer_with_a_name_that_never_ends_is_none),
    cmocka_unit_test(an_answer_that_was_cut_short_is_none),
    cmocka_unit_test(a_name_that_points_to_itself_is_left_out),
    cmocka_unit_test(the_lower_priority_comes_first),
    cmocka_unit_test(chance_decides_by_weight),
    cmocka_unit_test(equals_take_turns),
    cmocka_unit_test(names_of_hosts),
};

UNIT_MAIN(tests)
