#include "mapping/transform.h"

#define ROW(word, usage) .help.name = (word), .help.arguments = (usage)

/* In the order in which the manual explains them. Examples run with today = 2026-09-01 and the
 * table groups = { staff: STAFF, faculty: FACULTY }; "; " separates values, \HH is a byte. */
static const struct transform rows[] = {
    {ROW("lower", ""), .traits = TRANSFORM_KEEPS | TRANSFORM_CASE, .each = transform_lower,
     .help.help = "small letters", .help.example = "${uid | lower}", .help.input = "ARuiz",
     .help.output = "aruiz"},
    {ROW("upper", ""), .traits = TRANSFORM_KEEPS | TRANSFORM_CASE, .each = transform_upper,
     .help.help = "capital letters", .help.example = "${sn | upper}", .help.input = "Núñez",
     .help.output = "NÚÑEZ"},
    {ROW("trim", ""), .traits = TRANSFORM_KEEPS | TRANSFORM_BLANKS, .each = transform_trim,
     .help.help = "without blanks at the ends, which matters before prefix, suffix and join",
     .help.example = "${ou | after ':' | trim | prefix '#'}", .help.input = "dept: Law",
     .help.output = "#Law"},
    {ROW("squeeze", ""), .traits = TRANSFORM_KEEPS | TRANSFORM_BLANKS, .each = transform_squeeze,
     .help.help = "runs of white space become one blank",
     .help.example = "${cn | squeeze | replace ' ' '_'}", .help.input = "Ana   Ruiz",
     .help.output = "Ana_Ruiz"},
    {ROW("ascii", ""), .each = transform_ascii,
     .help.help = "ASCII letters: accents go, ß becomes ss, what has no such form is left out",
     .help.example = "${sn | ascii}", .help.input = "Łukaszewicz-Núñez",
     .help.output = "Lukaszewicz-Nunez"},
    {ROW("digits", ""), .each = transform_digits, .help.help = "the digits 0 to 9 alone",
     .help.example = "${telephoneNumber | digits}", .help.input = "+1 (555) 010-7788",
     .help.output = "15550107788"},
    {ROW("prefix", "TEXT"), .traits = TRANSFORM_KEEPS, .each = transform_prefix,
     .arguments = {ARGUMENT_TEXT}, .least = 1, .help.help = "TEXT before each value",
     .help.example = "${employeeNumber | prefix U}", .help.input = "4711", .help.output = "U4711"},
    {ROW("suffix", "TEXT"), .traits = TRANSFORM_KEEPS, .each = transform_suffix,
     .arguments = {ARGUMENT_TEXT}, .least = 1, .help.help = "TEXT behind each value",
     .help.example = "${uid | suffix @example.edu}", .help.input = "aruiz",
     .help.output = "aruiz@example.edu"},
    {ROW("before", "TEXT"), .each = transform_before, .arguments = {ARGUMENT_TEXT}, .least = 1,
     .help.help = "what stands before the first TEXT; no value where there is no TEXT",
     .help.example = "${mail | before @}", .help.input = "aruiz@example.edu",
     .help.output = "aruiz"},
    {ROW("after", "TEXT"), .each = transform_after, .arguments = {ARGUMENT_TEXT}, .least = 1,
     .help.help = "what stands behind the first TEXT; no value where there is no TEXT",
     .help.example = "${schacUserStatus | after ':status:'}",
     .help.input = "urn:example:status:active", .help.output = "active"},
    {ROW("take", "N"), .each = transform_take, .arguments = {ARGUMENT_COUNT}, .least = 1,
     .help.help = "the first N characters", .help.example = "${givenName | take 1}",
     .help.input = "Éloïse", .help.output = "É"},
    {ROW("drop", "N"), .each = transform_drop, .arguments = {ARGUMENT_COUNT}, .least = 1,
     .help.help = "without the first N characters", .help.example = "${employeeNumber | drop 2}",
     .help.input = "EX4711", .help.output = "4711"},
    {ROW("pad_left", "N [CHARACTER]"), .traits = TRANSFORM_KEEPS, .each = transform_pad_left,
     .arguments = {ARGUMENT_COUNT, ARGUMENT_CHARACTER}, .least = 1,
     .help.help = "zeros (or CHARACTER) in front until there are N characters",
     .help.example = "${employeeNumber | pad_left 8}", .help.input = "4711",
     .help.output = "00004711"},
    {ROW("line", "N"), .each = transform_line, .arguments = {ARGUMENT_COUNT}, .least = 1,
     .help.help = "line N of a text with line breaks or of a postal address with $",
     .help.example = "${postalAddress | line 2}",
     .help.input = "Law Library$1 Main Street$Springfield", .help.output = "1 Main Street"},
    {ROW("matching", "PATTERN"), .traits = TRANSFORM_CHOOSES | TRANSFORM_PASSES,
     .each = transform_matching, .arguments = {ARGUMENT_PATTERN}, .least = 1,
     .help.help = "only the values in which the pattern (PCRE2) is found",
     .help.example = "${mail | matching '@example\\.edu$'}",
     .help.input = "ana@mail.example.com; aruiz@example.edu", .help.output = "aruiz@example.edu"},
    {ROW("replace", "PATTERN TEXT"), .each = transform_replace,
     .arguments = {ARGUMENT_PATTERN, ARGUMENT_REPLACEMENT}, .least = 2,
     .help.help = "TEXT in place of all that the pattern finds; \\1 in it is the first group",
     .help.example = "${telephoneNumber | replace '^00(\\d+)' '+\\1'}",
     .help.input = "0034 915 550 100", .help.output = "+34 915 550 100"},
    {ROW("extract", "PATTERN"), .each = transform_extract, .arguments = {ARGUMENT_PATTERN},
     .least = 1, .help.help = "the pattern's first group, or all that it finds; else no value",
     .help.example = "${ou | extract '^([A-Z]+)-'}", .help.input = "LAW-2210",
     .help.output = "LAW"},
    {ROW("first", ""), .traits = TRANSFORM_KEEPS | TRANSFORM_CHOOSES | TRANSFORM_PASSES,
     .list = transform_first,
     .help.help = "the first value in byte order (or in the order of sort)",
     .help.example = "${mail | first}", .help.input = "b@example.edu; a@example.edu",
     .help.output = "a@example.edu"},
    {ROW("last", ""), .traits = TRANSFORM_KEEPS | TRANSFORM_CHOOSES | TRANSFORM_PASSES,
     .list = transform_last, .help.help = "the last value in byte order (or in the order of sort)",
     .help.example = "${mail | last}", .help.input = "b@example.edu; a@example.edu",
     .help.output = "b@example.edu"},
    {ROW("only", ""), .traits = TRANSFORM_CHOOSES | TRANSFORM_PASSES, .list = transform_only,
     .help.help = "the value where there is just one, else none",
     .help.example = "${employeeType | only | default MIXED}", .help.input = "staff; student",
     .help.output = "MIXED"},
    {ROW("join", "TEXT"), .traits = TRANSFORM_KEEPS | TRANSFORM_CHOOSES, .list = transform_join,
     .arguments = {ARGUMENT_TEXT}, .least = 1,
     .help.help = "all values in one, with TEXT between them", .help.example = "${ou | join ', '}",
     .help.input = "Law; Art", .help.output = "Art, Law"},
    {ROW("sort", ""), .traits = TRANSFORM_KEEPS | TRANSFORM_CHOOSES | TRANSFORM_PASSES,
     .list = transform_sort,
     .help.help = "byte order, each value once; later steps keep this order",
     .help.example = "${ou | sort | after - | first}", .help.input = "2-Art; 1-Law",
     .help.output = "Law"},
    {ROW("count", ""), .traits = TRANSFORM_CHOOSES | TRANSFORM_GIVES, .list = transform_count,
     .help.help = "how many different values there are, 0 included",
     .help.example = "${memberOf | count}", .help.input = "CN=a,DC=example; CN=b,DC=example",
     .help.output = "2"},
    {ROW("lookup", "TABLE [COLUMN]"), .each = transform_lookup,
     .arguments = {ARGUMENT_TABLE, ARGUMENT_COLUMN}, .least = 1,
     .help.help = "the table's text for each value; no value for what the table lacks",
     .help.example = "${employeeType | lookup groups}", .help.input = "Faculty",
     .help.output = "FACULTY"},
    {ROW("default", "TEXT"), .traits = TRANSFORM_GIVES | TRANSFORM_PASSES,
     .list = transform_default, .arguments = {ARGUMENT_TEXT}, .least = 1,
     .help.help = "TEXT where there is no value",
     .help.example = "${employeeType | lookup groups | default OTHER}", .help.input = "visitor",
     .help.output = "OTHER"},
    {ROW("date", "FORMAT"), .each = transform_date, .arguments = {ARGUMENT_FORMAT}, .least = 1,
     .help.help = "a date out of text in this format of strptime",
     .help.example = "${schacExpiryDate | date '%d.%m.%Y'}", .help.input = "31.08.2027",
     .help.output = "2027-08-31"},
    {ROW("generalized_time", "[OFFSET]"), .each = transform_generalized_time,
     .arguments = {ARGUMENT_OFFSET}, .help.help = "the day of an LDAP time, in UTC or at OFFSET",
     .help.example = "${schacExpiryDate | generalized_time}", .help.input = "20270831220000Z",
     .help.output = "2027-08-31"},
    {ROW("filetime", "[OFFSET]"), .each = transform_filetime, .arguments = {ARGUMENT_OFFSET},
     .help.help =
         "the last day before an Active Directory time, in UTC or at OFFSET, which is that "
         "of winter also in summer; never is no value",
     .help.example = "${accountExpires | filetime -06:00}", .help.input = "134642484000000000",
     .help.output = "2027-08-31"},
    {ROW("unix_time", ""), .each = transform_unix_time,
     .help.help = "the UTC day of a number of seconds since 1970",
     .help.example = "${loginExpires | unix_time}", .help.input = "1819670400",
     .help.output = "2027-08-31"},
    {ROW("plus", "SPAN"), .traits = TRANSFORM_KEEPS_DATES, .each = transform_plus,
     .arguments = {ARGUMENT_SPAN}, .least = 1,
     .help.help = "the date so many days (30d), weeks (2w), months (6m) or years (1y) later",
     .help.example = "${today | plus 6m}", .help.output = "2027-03-01"},
    {ROW("minus", "SPAN"), .traits = TRANSFORM_KEEPS_DATES, .each = transform_minus,
     .arguments = {ARGUMENT_SPAN}, .least = 1, .help.help = "the date so long before",
     .help.example = "${today | minus 1d}", .help.output = "2026-08-31"},
    {ROW("next", "MM-DD"), .traits = TRANSFORM_KEEPS_DATES, .each = transform_next,
     .arguments = {ARGUMENT_DAY}, .least = 1, .help.help = "the next such day after the date",
     .help.example = "${today | next 08-31}", .help.output = "2027-08-31"},
    {ROW("guid", ""), .each = transform_guid, .reads_bytes = true,
     .help.help = "Active Directory's objectGUID as text; a UUID that is text already passes",
     .help.example = "${objectGUID | guid}",
     .help.input = "\\90\\39\\56\\3f\\01\\2b\\4d\\4e\\8a\\11\\0c\\22\\5e\\77\\aa\\01",
     .help.output = "3f563990-2b01-4e4d-8a11-0c225e77aa01"},
    {ROW("sid", ""), .each = transform_sid, .reads_bytes = true,
     .help.help = "Active Directory's objectSid as text", .help.example = "${objectSid | sid}",
     .help.input = "\\01\\05\\00\\00\\00\\00\\00\\05\\15\\00\\00\\00\\01\\02\\00\\00\\02\\00"
                   "\\00\\00\\03\\00\\00\\00\\5b\\04\\00\\00",
     .help.output = "S-1-5-21-513-2-3-1115"},
    {ROW("rdn", "[ATTRIBUTE]"), .each = transform_rdn, .arguments = {ARGUMENT_TYPE},
     .help.help = "the value of a DN's first part, or of its first part with this attribute",
     .help.example = "${manager | rdn}", .help.input = "CN=Ruiz\\, Ana,OU=Staff,DC=example",
     .help.output = "Ruiz, Ana"},
    {ROW("country", ""), .each = transform_country,
     .help.help = "three letters (ISO 3166-1) for a country's two letters or name",
     .help.example = "${co | country}", .help.input = "Germany", .help.output = "DEU"},
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

const struct transform *
transform_row(size_t index)
{
    return index < ROW_COUNT ? &rows[index] : NULL;
}

const struct transform_help *
transform_help(size_t index)
{
    return index < ROW_COUNT ? &rows[index].help : NULL;
}

const struct transform *
transform_find(struct slice name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (slice_equal(slice_of(rows[i].help.name), name))
            return &rows[i];
    return NULL;
}

void
transform_run(struct evaluation *evaluation, const struct step *step, struct values *values)
{
    enum { VALUES_PER_SORTED = 16 };
    const struct transform *transform = step->transform;
    struct slice *items;
    size_t used = 0;

    if (transform->list) {
        evaluate_charge(evaluation, values->count * VALUES_PER_SORTED);
        if (evaluate_goes_on(evaluation))
            transform->list(evaluation, step, values);
        else
            values->count = 0;
        return;
    }
    items = values_room(evaluation->arena, values->count);
    for (size_t i = 0; i < values->count && evaluate_goes_on(evaluation); i++) {
        struct slice value = transform->each(evaluation, step, values->items[i]);

        if (value.data && !values_is_blank(evaluation->arena, value))
            items[used++] = value;
    }
    values->items = items;
    values->count = used;
}
