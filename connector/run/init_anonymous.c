#include "run/init_anonymous.h"

#include "base/text.h"
#include "model/dn.h"
#include "run/init_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { TRIES_MOST = 16 };

/* Names that differ in what a name may have in it. */
enum name_form { NAME_PLAIN, NAME_BLANK, NAME_HYPHEN, NAME_ACCENT, NAME_FORM_COUNT };
enum { NAMES_OF_A_FORM = 4 };

static const char *const given_names[NAME_FORM_COUNT][NAMES_OF_A_FORM] = {
    [NAME_PLAIN] = {"Ana", "Tomas", "Mei", "Oskar"},
    [NAME_BLANK] = {"Ana Lucia", "Jan Willem", "Mary Ann", "Carl Otto"},
    [NAME_HYPHEN] = {"Anna-Lena", "Jean-Luc", "Mary-Ann", "Karl-Otto"},
    [NAME_ACCENT] = {"Zoë", "Łukasz", "Inês", "Jörg"},
};
static const char *const surnames[NAME_FORM_COUNT][NAMES_OF_A_FORM] = {
    [NAME_PLAIN] = {"Ruiz", "Novak", "Tanaka", "Lindgren"},
    [NAME_BLANK] = {"de Ruiz", "van Dael", "Ruiz Nova", "von Linden"},
    [NAME_HYPHEN] = {"Ruiz-Nova", "Dael-Linden", "Mori-Tanaka", "Berg-Linden"},
    [NAME_ACCENT] = {"Núñez", "Dvořák", "Gonçalves", "Lindström"},
};

/* Somebody, and who takes the place. */
struct disguise {
    struct init_run *run;
    struct slice given, surname; /* the real ones; empty: not known */
    const char *new_given, *new_surname;
    size_t number;
};

static enum name_form
form_of(struct slice name)
{
    enum name_form form = NAME_PLAIN;

    for (size_t i = 0; i < name.length; i++) {
        if ((unsigned char)name.data[i] >= 0x80)
            return NAME_ACCENT;
        if (name.data[i] == ' ')
            form = NAME_BLANK;
        else if (name.data[i] == '-' && form == NAME_PLAIN)
            form = NAME_HYPHEN;
    }
    return form;
}

/* Whether the real name has any part of the other in it. */
static bool
resembles(struct slice real, const char *name)
{
    size_t length = strcspn(name, " -");

    for (size_t i = 0; i + length <= real.length; i++)
        if (strncasecmp(real.data + i, name, length) == 0)
            return true;
    return false;
}

static const char *
invent(const char *const names[NAME_FORM_COUNT][NAMES_OF_A_FORM], struct slice real, size_t number)
{
    enum name_form form = form_of(real);
    size_t i = 0;

    while (i + 1 < NAMES_OF_A_FORM && resembles(real, names[form][(number + i) % NAMES_OF_A_FORM]))
        i++;
    return names[form][(number + i) % NAMES_OF_A_FORM];
}

/* ---- values by their kind ---- */

static bool
is_somebodys(const struct init_run *run, const char *attribute, struct slice value)
{
    const struct init_attribute *found = init_attribute_find(run, attribute);

    for (size_t i = 0; found && i < found->distinct; i++)
        if (slice_equal_nocase(found->values[i].text, value))
            return true;
    return false;
}

static void
scramble(char *text, size_t length, size_t seed)
{
    static const char letters[] = "kbrtmvlhdnzpsgfw";
    size_t at = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (isdigit(c))
            text[i] = (char)('0' + (at++ * 3 + seed * 7 + 1) % 10);
        else if (islower(c))
            text[i] = letters[(at++ * 5 + seed * 3) % (sizeof letters - 1)];
        else if (isupper(c))
            text[i] =
                (char)toupper((unsigned char)letters[(at++ * 5 + seed * 3) % (sizeof letters - 1)]);
        else if (c >= 0x80)
            text[i] = 'e';
    }
}

/* One that is nobody's. */
static struct slice
scrambled(const struct disguise *disguise, const char *attribute, struct slice value)
{
    char *text;
    size_t seed = disguise->number + strlen(attribute), most = seed + TRIES_MOST;

    do {
        text = arena_copy(disguise->run->arena, value.data, value.length);
        scramble(text, value.length, seed++);
    } while (is_somebodys(disguise->run, attribute, (struct slice){text, value.length}) &&
             seed < most);
    return (struct slice){text, value.length};
}

/* Of a letter of the invented names, which take two bytes. */
static char
plain_letter(const char *letter)
{
    static const struct {
        char letter[3], plain;
    } plain[] = {{"ë", 'e'}, {"ê", 'e'}, {"Ł", 'l'}, {"ö", 'o'}, {"ú", 'u'},
                 {"ñ", 'n'}, {"ř", 'r'}, {"á", 'a'}, {"ç", 'c'}};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strncmp(letter, plain[i].letter, 2) == 0)
            return plain[i].plain;
    return 'x';
}

/* The name as it would stand in an account's name. */
static struct slice
account_form(struct arena *arena, const char *name)
{
    char *text = arena_string(arena, name);
    size_t length = 0;

    for (size_t i = 0; name[i]; i++) {
        if ((unsigned char)name[i] >= 0x80)
            text[length++] = plain_letter(&name[i++]);
        else if (isalnum((unsigned char)name[i]))
            text[length++] = (char)tolower((unsigned char)name[i]);
    }
    return (struct slice){text, length};
}

static void
add_scrambled(const struct disguise *disguise, struct slice part, struct buffer *out)
{
    size_t from = out->length;

    buffer_add(out, part.data, part.length);
    scramble(out->data + from, part.length, disguise->number);
}

/* "jsmith2" becomes "kruiz8": names within it become the invented ones, all else is scrambled. */
static struct slice
login(const struct disguise *disguise, struct slice value)
{
    struct arena *arena = disguise->run->arena;
    const struct {
        struct slice real;
        const char *invented;
    } names[] = {{disguise->surname, disguise->new_surname},
                 {disguise->given, disguise->new_given}};
    struct buffer out = BUFFER_INIT;
    size_t from = 0;
    struct slice text;

    for (size_t at = 0; at < value.length;) {
        size_t i = 0;

        while (i < 2 &&
               (names[i].real.length < 2 || at + names[i].real.length > value.length ||
                strncasecmp(value.data + at, names[i].real.data, names[i].real.length) != 0))
            i++;
        if (i == 2) {
            at++;
            continue;
        }
        if (at > from)
            add_scrambled(disguise, (struct slice){value.data + from, at - from}, &out);
        text = account_form(arena, names[i].invented);
        buffer_add(&out, text.data, text.length);
        from = at += names[i].real.length;
    }
    if (value.length > from)
        add_scrambled(disguise, (struct slice){value.data + from, value.length - from}, &out);
    text = (struct slice){arena_copy(arena, out.data, out.length), out.length};
    buffer_free(&out);
    return text;
}

static bool
has_a_name(const struct disguise *disguise, struct slice value)
{
    const struct slice names[] = {disguise->surname, disguise->given};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t at = 0; names[i].length > 1 && at + names[i].length <= value.length; at++)
            if (strncasecmp(value.data + at, names[i].data, names[i].length) == 0)
                return true;
    return false;
}

/* "bjoern.groen.12", in which a name is spelled in another way, as "jorg.lindstrom.37". */
static struct slice
spelled_out(const struct disguise *disguise, struct slice value)
{
    struct arena *arena = disguise->run->arena;
    struct slice given = account_form(arena, disguise->new_given),
                 surname = account_form(arena, disguise->new_surname), digits = value;
    char *rest;

    while (digits.length > 0 && !isdigit((unsigned char)digits.data[0]))
        digits = (struct slice){digits.data + 1, digits.length - 1};
    rest = arena_copy(arena, digits.data, digits.length);
    scramble(rest, digits.length, disguise->number);
    return slice_of(arena_format(arena, "%.*s.%.*s%s%s", SLICE_ARG(given), SLICE_ARG(surname),
                                 digits.length ? "." : "", rest));
}

static struct slice
mail(const struct disguise *disguise, struct slice value)
{
    struct arena *arena = disguise->run->arena;
    const char *text = arena_copy(arena, value.data, value.length), *at = strrchr(text, '@');
    const char *domain = "example.com";
    struct slice local = {text, at ? (size_t)(at - text) : value.length};

    if (at && disguise->run->domain && strcasecmp(at + 1, disguise->run->domain) == 0)
        domain = disguise->run->domain;
    local = memchr(local.data, '.', local.length) && !has_a_name(disguise, local)
                ? spelled_out(disguise, local)
                : login(disguise, local);
    return slice_of(at ? arena_format(arena, "%.*s@%s", SLICE_ARG(local), domain)
                       : arena_copy(arena, local.data, local.length));
}

static bool
is_line_end(char c)
{
    return c == '$' || c == '\r' || c == '\n';
}

/* The text of a line of an address of so many lines. */
static const char *
address_line(size_t line, size_t count)
{
    static const char *const middle[] = {"Room 12", "Building 4"};

    if (line == 0)
        return "1 Main Street";
    if (count > 2 && line + 1 == count)
        return "United States";
    return line + 1 + (count > 2) == count ? "12345 Springfield" : middle[line % 2];
}

/* Lines for lines, split in the same way. */
static struct slice
address(const struct disguise *disguise, struct slice value)
{
    struct buffer out = BUFFER_INIT;
    size_t count = 0, line = 0;
    struct slice text;

    for (size_t i = 0; i < value.length; i++)
        count += !is_line_end(value.data[i]) && (i == 0 || is_line_end(value.data[i - 1]));
    for (size_t i = 0; i < value.length; i++)
        if (is_line_end(value.data[i]))
            buffer_add(&out, &value.data[i], 1);
        else if (i == 0 || is_line_end(value.data[i - 1]))
            buffer_add_text(&out, address_line(line++, count));
    text = (struct slice){arena_copy(disguise->run->arena, out.data, out.length), out.length};
    buffer_free(&out);
    return text;
}

/* "Smith, John (Law)" becomes "Ruiz, Ana". */
static struct slice
full_name(const struct disguise *disguise, struct slice value)
{
    bool comma = value.length > 0 && memchr(value.data, ',', value.length);

    return slice_of(comma ? arena_format(disguise->run->arena, "%s, %s", disguise->new_surname,
                                         disguise->new_given)
                          : arena_format(disguise->run->arena, "%s %s", disguise->new_given,
                                         disguise->new_surname));
}

/* The end of 2031-08-31 where it is a date; "never" stays what it is. */
static struct slice
filetime(struct slice value)
{
    if (slice_equal(value, slice_of("0")) || slice_equal(value, slice_of("9223372036854775807")))
        return value;
    return slice_of("135904608000000000");
}

static struct slice
bytes(const struct disguise *disguise, struct slice value)
{
    char *text = arena_copy(disguise->run->arena, value.data, value.length);

    for (size_t i = 0; i < value.length; i++)
        text[i] = (char)(0x11 * (int)(i % 7 + 1) + (int)disguise->number);
    return (struct slice){text, value.length};
}

/* By which the mapping tells people apart. */
static bool
decides(const struct init_run *run, const char *attribute)
{
    for (size_t i = 0; init_disabled[i].filter; i++)
        if (strcasecmp(init_disabled[i].attribute, attribute) == 0)
            return true;
    return run->kind_attribute && strcasecmp(run->kind_attribute, attribute) == 0;
}

/* Several people share each value, but maybe nobody else this department with this language. So
 * what decides nothing is not the person's own: it is what most have. */
static struct slice
shared(const struct init_run *run, const char *attribute, struct slice value)
{
    const struct init_attribute *found = init_attribute_find(run, attribute);

    if (found && found->distinct > 0 && !decides(run, attribute))
        value = found->values[0].text;
    return init_is_shared(run, attribute, value) ? value : SLICE_NONE;
}

static struct slice
group(const struct disguise *disguise, struct slice value)
{
    const struct init_run *run = disguise->run;

    for (size_t i = 0; run->kind_source == INIT_KIND_GROUPS && i < run->kind_count; i++)
        if (slice_equal_nocase(run->kinds[i].value, value))
            return value;
    return SLICE_NONE;
}

/* SLICE_NONE: the value has to go. */
static struct slice
replace(const struct disguise *disguise, const char *attribute, struct slice value)
{
    switch (init_content_of(attribute)) {
    case INIT_SCRAMBLED:
        return text_is_utf8(value) ? scrambled(disguise, attribute, value) : bytes(disguise, value);
    case INIT_GIVEN_NAME:
        return slice_of(invent(given_names, value, disguise->number));
    case INIT_SURNAME:
        return slice_of(invent(surnames, value, disguise->number));
    case INIT_FULL_NAME:
        return full_name(disguise, value);
    case INIT_LOGIN:
        return login(disguise, value);
    case INIT_MAIL:
        return mail(disguise, value);
    case INIT_ADDRESS:
        return address(disguise, value);
    case INIT_CITY:
        return slice_of("Springfield");
    case INIT_URL:
        return slice_of("https://www.example.edu/people");
    case INIT_SHARED:
        return shared(disguise->run, attribute, value);
    case INIT_GROUPS:
        return group(disguise, value);
    case INIT_FILETIME:
        return filetime(value);
    case INIT_TIME:
        return slice_of("20310831000000Z");
    case INIT_DAY:
        return slice_of("19800229");
    case INIT_BYTES:
        return bytes(disguise, value);
    }
    return SLICE_NONE;
}

/* ---- the entry ---- */

/* The first part's value becomes another one; the folders above stay, where people share them. */
static struct slice
name_entry(const struct disguise *disguise, struct slice dn)
{
    struct init_run *run = disguise->run;
    struct dn_reader reader = {dn, 0};
    struct slice parent = init_parent(dn), value;
    const struct init_count *place = init_tally_find(run->place_tally, parent);
    struct dn_part part;
    const char *escaped = "";

    if (!place || place->count < INIT_SHARED_LEAST)
        parent = slice_of(run->places[0].base);
    if (dn_next(&reader, &part) != DN_PART)
        return slice_of(arena_format(run->arena, "cn=somebody,%.*s", SLICE_ARG(parent)));
    value = dn_unescape(run->arena, part.value);
    value = replace(disguise, arena_copy(run->arena, part.type.data, part.type.length), value);
    for (size_t i = 0; i < value.length; i++)
        escaped = arena_format(run->arena, "%s%s%c", escaped,
                               strchr(",+\"\\<>;=", value.data[i]) ? "\\" : "", value.data[i]);
    return slice_of(arena_format(run->arena, "%.*s=%s,%.*s", SLICE_ARG(part.type),
                                 escaped[0] ? escaped : "somebody", SLICE_ARG(parent)));
}

static struct slice
first_text(const struct entry *entry, const char *name)
{
    struct entry_values values = init_values(entry, name);

    return values.count ? values.values[0] : slice_of("");
}

struct entry
init_anonymous(struct init_run *run, const struct attributes *attributes, const struct entry *entry,
               size_t number)
{
    size_t count = attributes_count(attributes);
    struct entry_values *slots = arena_alloc(run->arena, count * sizeof *slots);
    struct disguise disguise = {.run = run, .number = number};

    disguise.given = first_text(entry, "givenName");
    disguise.surname = first_text(entry, "sn");
    disguise.new_given = invent(given_names, disguise.given, number);
    disguise.new_surname = invent(surnames, disguise.surname, number);
    for (size_t i = 0; i < count; i++) {
        const char *name = attributes_name(attributes, (int)i);
        struct entry_values real = init_values(entry, name);
        struct slice *values = arena_alloc(run->arena, real.count * sizeof *values);

        for (size_t j = 0; j < real.count; j++) {
            struct slice value = replace(&disguise, name, real.values[j]);

            if (value.data && !(slots[i].count && slice_equal(values[slots[i].count - 1], value)))
                values[slots[i].count++] = value;
        }
        slots[i].values = values;
    }
    return (struct entry){
        .dn = name_entry(&disguise, entry->dn), .attributes = attributes, .slots = slots};
}
