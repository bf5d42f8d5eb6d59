/* Each transform on its example, and on values that are out of the ordinary. */
#include "unit.h"

#include "mapping/country.h"
#include "mapping/pattern.h"
#include "mapping/transform.h"
#include "mapping_sample.h"

#include <stdlib.h>
#include <string.h>

#define HEAD "mapping: 1\nmatch_id: primary_id\n"
#define TABLES                                                                                     \
    "tables:\n  groups: { staff: STAFF, faculty: FACULTY }\n"                                      \
    "  cards: { '4711': { barcode: X1, group: A }, '4712': { group: B } }\n"                       \
    "  dns: { 'CN=Staff,DC=example': S }\n"

/* The value of first_name for a template and the values of the attribute a. */
struct
try {
    struct sample sample;
    struct arena *arena;
};

static void
try_open(struct try *try, const char *template)
{
    char text[4096];
    int length = snprintf(text, sizeof text,
                          HEAD TABLES "user:\n  primary_id: x\n  first_name: \"%s\"\n", template);

    sample_open(&try->sample, (struct slice){text, (size_t)length});
    if (!try->sample.mapping)
        print_error("%.*s", (int)try->sample.messages.length, try->sample.messages.data);
    assert_non_null(try->sample.mapping);
}

static struct slice
try_apply(struct try *try, const struct slice *values, size_t count)
{
    size_t slots = attributes_count(try->sample.attributes);
    struct entry_values *all = arena_alloc(try->sample.arena, (slots + 1) * sizeof *all);
    struct entry entry = {
        .dn = slice_of("cn=x"), .attributes = try->sample.attributes, .slots = all};

    for (size_t i = 0; i < slots; i++)
        all[i] = (struct entry_values){values, count};
    assert_int_equal(sample_apply(&try->sample, &entry), MAPPING_MAPPED);
    return try->sample.user.values[user_field_find("first_name")].text;
}

/* `input`: values with "; " between them and \HH for bytes; NULL: no value. */
static size_t
read_values(struct arena *arena, const char *input, struct slice **ret_values)
{
    struct slice *values = arena_alloc(arena, 64 * sizeof *values);
    char *out = arena_bytes(arena, input ? strlen(input) + 1 : 1);
    size_t count = 0, used = 0;
    unsigned byte;
    int length;

    *ret_values = values;
    if (!input)
        return 0;
    for (; *input; input++) {
        if (input[0] == ';' && input[1] == ' ') {
            values[count++] = (struct slice){out, used};
            out += used;
            used = 0;
            input++;
        } else if (*input == '\\' && sscanf(input, "\\%2x%n", &byte, &length) == 1 && length == 3) {
            out[used++] = (char)byte;
            input += 2;
        } else {
            out[used++] = *input;
        }
    }
    values[count++] = (struct slice){out, used};
    return count;
}

/* `template` as it stands between double quotes in YAML. `findings` NULL: none. */
static void
expect(const char *template, const char *input, const char *output, const char *findings, int line)
{
    struct try try;
    struct slice *values, got;
    size_t count;

    try_open(&try, template);
    count = read_values(try.sample.arena, input, &values);
    got = try_apply(&try, values, count);
    if (!slice_equal(got, slice_of(output)) || !got.data != !output)
        print_error("%s of '%s'\n", template, input ? input : "");
    assert_slice_at(got, output, __FILE__, line);
    buffer_add(&try.sample.findings, "", 1);
    if (findings && !strstr(try.sample.findings.data, findings)) {
        print_error("%s: finding '%s' is missing in '%s'\n", template, findings,
                    try.sample.findings.data);
        _fail(__FILE__, line);
    }
    if (!findings)
        _assert_true(try.sample.findings.length == 1, try.sample.findings.data, __FILE__, line);
    sample_close(&try.sample);
}

#define TRY(template, input, output) expect(template, input, output, NULL, __LINE__)
#define TRY_FINDING(template, input, output, finding)                                              \
    expect(template, input, output, finding, __LINE__)

/* A template for YAML's double quotes. */
static void
escape(const char *text, char *out)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            *out++ = '\\';
        *out++ = *text;
    }
    *out = '\0';
}

static void
every_row_shows_an_example_that_holds(void **state)
{
    const struct transform_help *help;
    char template[512];

    (void)state;
    for (size_t i = 0; (help = transform_help(i)); i++) {
        assert_non_null(help->help);
        assert_non_null(strstr(help->example, help->name));
        escape(help->example, template);
        TRY(template, help->input, help->output);
    }
    assert_true(transform_row(0)->each || transform_row(0)->list);
    assert_null(transform_help(1000));
}

static void
every_row_says_its_arguments(void **state)
{
    const struct transform *row;

    (void)state;
    for (size_t i = 0; (row = transform_row(i)); i++) {
        size_t words = row->help.arguments[0] != '\0';

        for (const char *c = row->help.arguments; *c; c++)
            words += *c == ' ';
        for (size_t j = 0; j < STEP_ARGUMENTS_MOST; j++)
            assert_int_equal(row->arguments[j] != ARGUMENT_NONE, j < words);
        assert_true(row->least <= words);
        assert_true((row->each != NULL) != (row->list != NULL));
    }
}

static void
text_transforms_keep_characters_whole(void **state)
{
    (void)state;
    TRY("${a | take 2}", "\xf0\x9d\x94\xb8\xc3\xa9x", "\xf0\x9d\x94\xb8\xc3\xa9");
    TRY("${a | drop 1}", "\xf0\x9d\x94\xb8yz", "yz");
    TRY("${a | drop 5}", "abc", NULL);
    TRY("${a | take 10000}", "abc", "abc");
    TRY("${a | pad_left 4 \xc3\xa9}", "\xf0\x9d\x94\xb8",
        "\xc3\xa9\xc3\xa9\xc3\xa9\xf0\x9d\x94\xb8");
    TRY("${a | pad_left 2}", "4711", "4711");
    TRY("${a | upper}",
        "stra\xc3\x9f"
        "e",
        "STRA\xe1\xba\x9e"
        "E");
    TRY("${a | ascii}", "\xe4\xb8\xad\xe6\x96\x87", NULL);
    TRY("${a | ascii}", "\xef\xac\x81x \xe2\x80\x93 \xc3\x86\xc3\xb8", "fix - AEo");
    TRY("${a | digits}", "none", NULL);
    TRY("${a | before @}", "no sign", NULL);
    TRY("${a | before @}", "@x", NULL);
    TRY("${a | after @}", "a@b@c", "b@c");
    TRY("${a | after @}", "a@", NULL);
    TRY("${a | replace x ' ' | default none}", "xxx", "none");
    TRY("${a | prefix U}", NULL, NULL);
    TRY("${a | prefix U}", "  ", NULL);
    TRY("${a | prefix U}", "\xc2\xa0", NULL);
}

static void
lines_are_postal_or_broken(void **state)
{
    (void)state;
    TRY("${a | line 1}", "one", "one");
    TRY("${a | line 2}", "one", NULL);
    TRY("${a | line 1}", "5 \\5c24 \\5c5C x$two", "5 $ \\ x");
    TRY("${a | line 2}", "one$$three", NULL);
    TRY("${a | line 3}", "one$$three", "three");
    TRY("${a | line 2}", "1 Main St\\0d\\0aLaw Library\\0d\\0aSpringfield", "Law Library");
    TRY("${a | line 2}", "1 Main St\\0aCost: 5$\\0aX", "Cost: 5$");
    TRY("${a | line 2}", "one\\0dtwo", "two");
    TRY("${a | line 100}", "one$two", NULL);
    TRY("${a}", "one\\0d\\0atwo", "one two");
}

static void
lists_are_seen_in_order(void **state)
{
    (void)state;
    TRY("${a}", "c; a; b", "a");
    TRY("${a}", " c;  b; z", "b");
    TRY("${a | first}", "b; a; a", "a");
    TRY("${a | last}", "b; c; a", "c");
    TRY("${a | only}", "b; b", "b");
    TRY("${a | only}", "a; b", NULL);
    TRY("${a | join -}", "c; a; b; a", "a-b-c");
    TRY("${a | join ''}", "b; a", "ab");
    TRY("${a | count}", "a; b; a", "2");
    TRY("${a | count}", NULL, "0");
    TRY("${a | first}", NULL, NULL);
    TRY("${a | join x}", NULL, NULL);
    TRY("${a | sort | after : | join ,}", "1:z; 2:a", "z,a");
    TRY("${a | after : | join ,}", "1:z; 2:a", "a,z");
    TRY("${a | sort | after : | sort | first}", "1:z; 2:a", "a");
    TRY("x${a}y${a | last}", "b; c", "xbyc");
}

static void
patterns_filter_replace_and_extract(void **state)
{
    (void)state;
    TRY("${a | matching '^\\\\d{4}$'}", "471; 4711", "4711");
    TRY("${a | matching x}", "a", NULL);
    TRY("${a | matching '(?i)ANA'}", "ana", "ana");
    TRY("${a | replace '\\\\s+' ''}", "a b  c", "abc");
    TRY("${a | replace 'x*' '-'}", "ab", "-a-b-");
    TRY("${a | replace '^(\\\\w+) (\\\\w+)$' '\\\\2, \\\\1'}", "Ana Ruiz", "Ruiz, Ana");
    TRY("${a | replace 'b(x)?' '[\\\\1\\\\0]'}", "abc", "a[b]c");
    TRY("${a | replace 'a\\\\Kb' '-'}", "abc", "a-c");
    TRY("${a | replace q '\\\\\\\\'}", "aqb", "a\\b");
    TRY("${a | replace '.' \xc3\xa9}", "\xf0\x9d\x94\xb8z", "\xc3\xa9\xc3\xa9");
    TRY("${a | replace z x}", "abc", "abc");
    TRY("${a | extract '\\\\d+'}", "x47y11", "47");
    TRY("${a | extract 'x(y)?z'}", "xz", NULL);
    TRY("${a | extract 'q'}", "xz", NULL);
    TRY("${a | matching 'it''s'}", "it's", "it's");
}

static void
hostile_values_do_not_stall_patterns(void **state)
{
    enum { LENGTH = 1 << 20 };
    struct try try;
    char *large = memory_alloc(LENGTH);
    struct slice values[] = {{large, LENGTH}, {large, PATTERN_VALUE_BYTES_MOST - 1}};

    (void)state;
    memset(large, 'a', LENGTH);
    large[PATTERN_VALUE_BYTES_MOST - 2] = 'b';
    try_open(&try, "${a | matching '^(a|aa)+$' | default no}");
    assert_slice(try_apply(&try, values, 2), "no");
    buffer_add(&try.sample.findings, "", 1);
    assert_non_null(strstr(try.sample.findings.data, "too long or too involved"));
    sample_close(&try.sample);
    free(large);
}

static void
lookups_compare_as_ldap_does(void **state)
{
    (void)state;
    TRY("${a | lookup groups}", " STAFF ", "STAFF");
    TRY("${a | lookup groups}", "visitor", NULL);
    TRY("${a | lookup groups}", "visitor; Faculty", "FACULTY");
    TRY("${a | lookup cards barcode}", "4711", "X1");
    TRY("${a | lookup cards barcode}", "4712", NULL);
    TRY("${a | lookup cards group}", "4712", "B");
    TRY("${a | lookup dns}", "cn=staff , dc=Example", "S");
    TRY("${a | lookup dns}", "cn=other,dc=example", NULL);
    TRY("${a | lookup dns}", "staff", NULL);
}

static void
dates_are_read_or_found(void **state)
{
    (void)state;
    TRY("${a | date '%Y%m%d' | plus 1m}", "20270131", "2027-02-28");
    TRY_FINDING("${a | date '%d.%m.%Y'}", "31.02.2027", NULL,
                "'31.02.2027' was left out: not a date written '%d.%m.%Y'");
    TRY("${a | generalized_time}", "2027083122Z", "2027-08-31");
    TRY("${a | generalized_time}", "202708312330-0100", "2027-09-01");
    TRY("${a | generalized_time}", "20270831220000,5Z", "2027-08-31");
    TRY("${a | generalized_time +02:00}", "20270831220000Z", "2027-09-01");
    TRY("${a | generalized_time -05:00}", "20270901045959.0Z", "2027-08-31");
    TRY_FINDING("${a | generalized_time}", "2027-08-31", NULL, "unreadable first_name");
    TRY("${a | filetime}", "0", NULL);
    TRY("${a | filetime}", "9223372036854775807", NULL);
    TRY("${a | filetime}", "134642304000000001", "2027-09-01");
    TRY("${a | filetime}", "1", "1601-01-01");
    TRY("${a | filetime -06:00}", "1", "1600-12-31");
    /* The end of a day as it is set in Chicago in summer and in winter, in Berlin, and in India. */
    TRY("${a | filetime}", "134642484000000000", "2027-09-01");
    TRY("${a | filetime -06:00}", "134642484000000000", "2027-08-31");
    TRY("${a | filetime -06:00}", "134760024000000000", "2028-01-14");
    TRY("${a | filetime -06:00}", "134760024000000001", "2028-01-15");
    TRY("${a | filetime +01:00}", "134642232000000000", "2027-08-31");
    TRY("${a | filetime +01:00}", "134759772000000000", "2028-01-14");
    TRY("${a | filetime '+05:30'}", "134642106000000000", "2027-08-31");
    TRY("${a | filetime +14:00}", "0", NULL);
    TRY_FINDING("${a | filetime}", "-1", NULL, "FILETIME");
    TRY_FINDING("${a | filetime}", "9223372036854775806", NULL, "years 1 to 9999");
    TRY_FINDING("${a | filetime}", "92233720368547758080", NULL, "FILETIME");
    TRY_FINDING("${a | filetime}", "soon", NULL, "FILETIME");
    TRY("${a | unix_time}", "-1", "1969-12-31");
    TRY_FINDING("${a | unix_time}", "99999999999999", NULL, "years 1 to 9999");
    TRY_FINDING("${a | unix_time}", "1e9", NULL, "seconds since 1970");
    TRY("${a | plus 1y}", "2028-02-29Z", "2029-02-28");
    TRY("${a | minus 2w}", "2027-03-01", "2027-02-15");
    TRY_FINDING("${a | plus 1y}", "tomorrow", NULL, "not a date written YYYY-MM-DD");
    TRY_FINDING("${a | plus 9999y}", "2027-01-01", NULL, "leaves the years");
    TRY("${a | next 02-29}", "2026-03-01", "2027-02-28");
    TRY("${today | next 09-01}", NULL, "2027-09-01");
    TRY("${now}", NULL, "2026-09-01T03:00:00Z");
}

static void
directory_values_become_text(void **state)
{
    (void)state;
    TRY("${a | guid}", "3F563990-2B01-4E4D-8A11-0C225E77AA01",
        "3f563990-2b01-4e4d-8a11-0c225e77aa01");
    TRY_FINDING("${a | guid}", "\\01\\02", NULL, "'\\x01\\x02' was left out: not the 16 bytes");
    TRY("${a | sid}", "\\01\\01\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00", "S-1-1-0");
    TRY("${a | sid}", "S-1-5-32-544", "S-1-5-32-544");
    TRY_FINDING("${a | sid}", "\\01\\02\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00", NULL, "SID");
    TRY_FINDING("${a | sid}", "\\02\\01\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00", NULL, "SID");
    TRY("${a | rdn ou}", "CN=x,OU=Law,OU=All,DC=example", "Law");
    TRY("${a | rdn ou}", "CN=x,DC=example", NULL);
    TRY("${a | rdn uid}", "CN=x+UID=aruiz,DC=example", "aruiz");
    TRY_FINDING("${a | rdn}", "no dn", NULL, "not a DN");
    TRY("${dn | rdn}", NULL, "x");
    TRY("${a | rdn}", "CN=M\\5cC3\\5cBCller,DC=example", "M\xc3\xbcller");
}

static void
countries_have_three_letters(void **state)
{
    (void)state;
    TRY("${a | country}", "de", "DEU");
    TRY("${a | country}", "usa", "USA");
    TRY("${a | country}", "U.S.A.", "USA");
    TRY("${a | country}", "the netherlands", "NLD");
    TRY("${a | country}", "C\xc3\xb4te d'Ivoire", "CIV");
    TRY("${a | country}", "Cote d\xe2\x80\x99Ivoire", "CIV");
    TRY("${a | country}", "Korea, Republic of", "KOR");
    TRY("${a | country}", "UAE", "ARE");
    TRY("${a | country}", "UK", "GBR");
    TRY("${a | country}", "T\xc3\xbcrkiye", "TUR");
    TRY("${a | country}", "xkx", "XKX");
    TRY_FINDING("${a | country}", "Ruritania", NULL, "not the name or code of a country");
    TRY_FINDING("${a | country}", "ZZ", NULL, "'ZZ' was left out");
    TRY_FINDING("${a | country}", "1", NULL, "'1' was left out");
}

/* ISO's 249, UK, EL and XK: each found, so the table is in order. */
static void
every_two_letter_code_is_found(void **state)
{
    struct arena *arena = arena_new();
    size_t found = 0;

    (void)state;
    for (char a = 'A'; a <= 'Z'; a++)
        for (char b = 'a'; b <= 'z'; b++) {
            char text[] = {a, b};
            struct slice code = country_code(arena, (struct slice){text, 2});

            found += code.data != NULL;
            assert_true(!code.data || code.length == 3);
        }
    assert_int_equal(found, 252);
    assert_slice(country_code(arena, slice_of("Afghanistan")), "AFG");
    assert_slice(country_code(arena, slice_of("Zimbabwe")), "ZWE");
    arena_free(arena);
}

static void
bad_bytes_are_mended_and_told(void **state)
{
    (void)state;
    TRY_FINDING("${a}", "Ru\\ffiz", "Ru\xef\xbf\xbdiz",
                "bad_text first_name: attribute 'a' holds bytes that are no UTF-8");
    TRY_FINDING("${a}", "Ru\\01iz\\00", "Ruiz", "control or forbidden characters");
    TRY("${a}", "e\xcc\x81", "\xc3\xa9");
}

static void
ten_thousand_values_and_a_large_one(void **state)
{
    enum { COUNT = 10000, LARGE = 1 << 20 };
    struct try try;
    struct slice *values = memory_zero(COUNT, sizeof *values);
    char *digits = memory_alloc(COUNT * 8), *large = memory_alloc(LARGE);
    struct slice got;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(digits + i * 8, 8, "v%05zu", COUNT - 1 - i);
        values[i] = slice_of(digits + i * 8);
    }
    try_open(&try, "${a | upper | sort | replace V '' | join ,}");
    got = try_apply(&try, values, COUNT);
    assert_int_equal(got.length, COUNT * 6 - 1);
    assert_memory_equal(got.data, "00000,00001,", 12);
    sample_close(&try.sample);
    memset(large, 'x', LARGE);
    try_open(&try, "${a | lower | ascii | suffix y}");
    got = try_apply(&try, &(struct slice){large, LARGE}, 1);
    assert_int_equal(got.length, LARGE + 1);
    sample_close(&try.sample);
    free(values);
    free(digits);
    free(large);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_row_shows_an_example_that_holds),
    cmocka_unit_test(every_row_says_its_arguments),
    cmocka_unit_test(text_transforms_keep_characters_whole),
    cmocka_unit_test(lines_are_postal_or_broken),
    cmocka_unit_test(lists_are_seen_in_order),
    cmocka_unit_test(patterns_filter_replace_and_extract),
    cmocka_unit_test(hostile_values_do_not_stall_patterns),
    cmocka_unit_test(lookups_compare_as_ldap_does),
    cmocka_unit_test(dates_are_read_or_found),
    cmocka_unit_test(directory_values_become_text),
    cmocka_unit_test(countries_have_three_letters),
    cmocka_unit_test(every_two_letter_code_is_found),
    cmocka_unit_test(bad_bytes_are_mended_and_told),
    cmocka_unit_test(ten_thousand_values_and_a_large_one),
};

UNIT_MAIN(tests)
