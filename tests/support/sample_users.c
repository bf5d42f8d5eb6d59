#include "sample_users.h"

#include <stdio.h>
#include <string.h>

struct random {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere. */
static uint64_t
draw(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned
draw_below(struct random *random, unsigned bound)
{
    return (unsigned)(draw(random) % bound);
}

/* Ordinary people: rows of list, item, field and text; # is a digit of the person's number, and
 * @f @l @c @s stand for a first name, a last name, a city and a street. */
struct ordinary_value {
    const char *list;
    unsigned item;
    const char *field;
    const char *text;
};

static const struct ordinary_value ordinary[] = {
    {NULL, 0, "record_type", "PUBLIC"},
    {NULL, 0, "primary_id", "af#######"},
    {NULL, 0, "first_name", "@f"},
    {NULL, 0, "middle_name", "M."},
    {NULL, 0, "last_name", "@l"},
    {NULL, 0, "user_title", "DR"},
    {NULL, 0, "job_description", "Department ## & Library"},
    {NULL, 0, "user_group", "UNDERGRAD"},
    {NULL, 0, "campus_code", "MAIN"},
    {NULL, 0, "web_site_url", "https://people.example.edu/~af#######?lang=en&view=full"},
    {NULL, 0, "preferred_language", "en"},
    {NULL, 0, "birth_date", "1998-12-1#"},
    {NULL, 0, "expiry_date", "2027-08-31Z"},
    {NULL, 0, "purge_date", "2028-08-31Z"},
    {NULL, 0, "status", "ACTIVE"},
    {"addresses", 0, "line1", "@s ###"},
    {"addresses", 0, "line2", "Building # <East>"},
    {"addresses", 0, "city", "@c"},
    {"addresses", 0, "postal_code", "#####"},
    {"addresses", 0, "country", "DEU"},
    {"addresses", 0, "address_types", "school"},
    {"addresses", 1, "line1", "@s ##"},
    {"addresses", 1, "city", "@c"},
    {"addresses", 1, "state_province", "North"},
    {"addresses", 1, "postal_code", "#####"},
    {"addresses", 1, "country", "DEU"},
    {"addresses", 1, "start_date", "2025-09-01Z"},
    {"addresses", 1, "address_types", "home"},
    {"emails", 0, "email_address", "af#######@example.edu"},
    {"emails", 0, "email_types", "school"},
    {"emails", 1, "email_address", "first.last.#####@mail.example.com"},
    {"emails", 1, "email_types", "personal"},
    {"phones", 0, "phone_number", "+49 30 ####### ##"},
    {"phones", 0, "phone_types", "office"},
    {"phones", 1, "phone_number", "+49 170 #######"},
    {"phones", 1, "preferred_sms", "true"},
    {"phones", 1, "phone_types", "mobile"},
    {"user_identifiers", 0, "id_type", "BARCODE"},
    {"user_identifiers", 0, "value", "2000#######"},
    {"user_identifiers", 1, "id_type", "UNIV_ID"},
    {"user_identifiers", 1, "value", "U#######"},
    {"user_identifiers", 2, "id_type", "NET_ID"},
    {"user_identifiers", 2, "value", "af#######@EXAMPLE.EDU"},
    {"user_notes", 0, "note_type", "OTHER"},
    {"user_notes", 0, "note_text", "Loaded from the campus directory, entry #######"},
    {"user_statistics", 0, "statistic_category", "FAC_SCI"},
    {"user_statistics", 0, "category_type", "FACULTY"},
    {"user_statistics", 1, "statistic_category", "DEPT_##"},
    {"user_statistics", 1, "category_type", "DEPT"},
};

static const char *const first_names[] = {"Ana", "Jürgen", "François", "秀英", "Zoë", "Mary Ann"};
static const char *const last_names[] = {"Ruiz", "O'Brien", "Guðmundsdóttir", "王",
                                         "Müller-Lüdenscheidt"};
static const char *const cities[] = {"Musterstadt", "Łódź", "São Paulo", "東京"};
static const char *const streets[] = {"Hauptstraße", "Rue de l'Église", "High Street \"North\""};

#define PICK(names, number) (names)[(number) % (sizeof(names) / sizeof(names)[0])]

static const char *
name_for(char letter, uint64_t number)
{
    return letter == 'f'   ? PICK(first_names, number)
           : letter == 'l' ? PICK(last_names, number / 3)
           : letter == 'c' ? PICK(cities, number / 7)
                           : PICK(streets, number / 11);
}

/* Digits repeat where one account name does; elsewhere each row has its own. */
static const char *
fill_in(struct arena *arena, const char *pattern, uint64_t number, size_t row)
{
    struct random digits = {strstr(pattern, "af#") ? number : number << 8 ^ row};
    char text[256];
    size_t length = 0;

    for (const char *at = pattern; *at; at++) {
        if (*at == '#')
            text[length++] = (char)('0' + draw_below(&digits, 10));
        else if (*at == '@' && at[1] && strchr("flcs", at[1]))
            length += (size_t)snprintf(text + length, sizeof text - length, "%s",
                                       name_for(*++at, number));
        else
            text[length++] = *at;
    }
    return arena_copy(arena, text, length);
}

static struct user_item *
make_items(struct arena *arena, const struct field *list, size_t count)
{
    struct user_item *items = arena_alloc(arena, count * sizeof *items);

    for (size_t i = 0; i < count; i++)
        items[i].values = arena_alloc(arena, list->field_count * sizeof *items[i].values);
    return items;
}

struct user_value *
sample_user_value(struct arena *arena, struct user *user, const char *list, size_t item,
                  const char *field)
{
    int index = user_field_find(list ? list : field);
    struct user_items *items = &user->lists[index];

    if (!list)
        return &user->values[index];
    if (!items->items)
        items->items = make_items(arena, &user_fields[index], SAMPLE_ITEMS_MOST);
    if (items->count <= item)
        items->count = item + 1;
    return &items->items[item].values[item_field_find(&user_fields[index], field)];
}

void
sample_user_set(struct arena *arena, struct user *user, const char *list, size_t item,
                const char *field, const char *text)
{
    struct user_value *value = sample_user_value(arena, user, list, item, field);
    const struct field *row = &user_fields[user_field_find(list ? list : field)];
    struct slice *code;

    if (list)
        row = &row->fields[item_field_find(row, field)];
    if (row->kind != FIELD_CODES) {
        value->text = slice_of(text);
        return;
    }
    code = arena_alloc(arena, sizeof *code);
    *code = slice_of(text);
    value->codes = code;
    value->code_count = 1;
}

void
sample_user_ordinary(struct arena *arena, uint64_t number, struct user *ret_user)
{
    memset(ret_user, 0, sizeof *ret_user);
    ret_user->dn = slice_of("uid=sample,dc=example,dc=edu");
    for (size_t i = 0; i < sizeof ordinary / sizeof ordinary[0]; i++)
        sample_user_set(arena, ret_user, ordinary[i].list, ordinary[i].item, ordinary[i].field,
                        fill_in(arena, ordinary[i].text, number, i));
    ret_user->match_id = ret_user->values[user_field_find("primary_id")].text;
}

/* Characters of every length in UTF-8, those that XML escapes, and the edges of what it allows. */
static const char *const characters[] = {
    "a",
    "Z",
    "0",
    " ",
    "&",
    "<",
    ">",
    "\"",
    "'",
    "]",
    "]]>",
    "&amp;",
    "<!--",
    "ß",
    "Ł",
    "\xc2\x80",
    "\xdf\xbf",
    "\xe0\xa0\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbd",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "東",
    "\x7f",
};

/* Text of 1 to `most` characters; often short, sometimes of full length. */
static struct slice
random_text(struct arena *arena, struct random *random, unsigned most)
{
    unsigned limit = most ? most : 5000;
    unsigned wanted = draw_below(random, 8) == 0 ? limit : 1 + draw_below(random, 12);
    char *text = arena_bytes(arena, (size_t)limit * 4 + 8);
    size_t length = 0;

    if (wanted > limit)
        wanted = limit;
    for (unsigned count = 0; count < wanted;) {
        const char *character = PICK(characters, draw(random));
        size_t bytes = strlen(character);

        /* "]]>" and its like are several characters. */
        if ((unsigned char)character[0] < 0x80 && count + bytes > wanted)
            continue;
        count += (unsigned char)character[0] < 0x80 ? (unsigned)bytes : 1;
        memcpy(text + length, character, bytes);
        length += bytes;
    }
    return (struct slice){text, length};
}

static struct slice
random_text_of_kind(struct arena *arena, struct random *random, const struct field *field)
{
    static const char *const dates[] = {"0001-01-01Z", "2024-02-29", "9999-12-31Z", "2026-09-01"};
    static const char *const times[] = {
        "2019-12-18T14:36:48.659Z", "2026-09-01T00:00:00+14:00", "2026-09-01", "2026-09-01Z",
        "1999-12-31T23:59:59",      "2026-09-01T00:00:00-00:30"};
    static const char *const booleans[] = {"true", "false", "TRUE", "False"};

    switch (field->kind) {
    case FIELD_DATE:
        return slice_of(PICK(dates, draw(random)));
    case FIELD_DATE_TIME:
        return slice_of(PICK(times, draw(random)));
    case FIELD_BOOLEAN:
        return slice_of(PICK(booleans, draw(random)));
    case FIELD_TEXT:
    case FIELD_CODE:
    case FIELD_CODES:
    case FIELD_ITEMS:
        break;
    }
    return random_text(arena, random, field->most);
}

static void
random_value(struct arena *arena, struct random *random, const struct field *field,
             struct user_value *value)
{
    struct slice *codes;

    if (draw_below(random, 4) == 0)
        return;
    if (field->kind != FIELD_CODES) {
        value->text = random_text_of_kind(arena, random, field);
        return;
    }
    value->code_count = draw_below(random, 4);
    value->codes = codes = arena_alloc(arena, 4 * sizeof *codes);
    for (size_t i = 0; i < value->code_count; i++)
        codes[i] = draw_below(random, 8) ? random_text(arena, random, field->most) : slice_of("");
}

static void
random_items(struct arena *arena, struct random *random, const struct field *list,
             struct user_items *items)
{
    items->count = draw_below(random, 4);
    items->items = make_items(arena, list, items->count);
    for (size_t i = 0; i < items->count; i++)
        for (size_t j = 0; j < list->field_count; j++)
            random_value(arena, random, &list->fields[j], &items->items[i].values[j]);
}

void
sample_user_random(struct arena *arena, uint64_t number, struct user *ret_user)
{
    struct random random = {number ^ 0x5eed};

    memset(ret_user, 0, sizeof *ret_user);
    ret_user->dn = slice_of("uid=random,dc=example,dc=edu");
    ret_user->match_id = slice_of("random");
    for (size_t i = 0; i < user_field_count; i++) {
        if (user_fields[i].kind == FIELD_ITEMS)
            random_items(arena, &random, &user_fields[i], &ret_user->lists[i]);
        else
            random_value(arena, &random, &user_fields[i], &ret_user->values[i]);
    }
}
