#include "model/user_fields.h"

#include <string.h>

/* Every segment of a load becomes external whatever it says (schema, segment_type); saying so
 * keeps a record the same whether a load or the Users API takes it. */
#define SEGMENT_TYPE                                                                               \
    {                                                                                              \
        .name = "segment_type", .kind = FIELD_TEXT, .most = 10, .attribute = true,                 \
        .fallback = "External", .help = "External or Internal; a load makes every item external"   \
    }

#define PREFERRED                                                                                  \
    {                                                                                              \
        .name = "preferred", .kind = FIELD_BOOLEAN, .attribute = true, .preferred = true,          \
        .help = "true for at most one item; else the first one is preferred"                       \
    }

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

#define ITEMS(rows, element)                                                                       \
    .kind = FIELD_ITEMS, .child = (element), .fields = (rows), .field_count = COUNT(rows)

static const struct field address_fields[] = {
    PREFERRED,
    SEGMENT_TYPE,
    {.name = "line1",
     .kind = FIELD_TEXT,
     .required = true,
     .main = true,
     .help = "first line; Alma calls line1 and city mandatory"},
    {.name = "line2", .kind = FIELD_TEXT, .most = 255, .help = "second line"},
    {.name = "line3", .kind = FIELD_TEXT, .most = 255, .help = "third line"},
    {.name = "line4", .kind = FIELD_TEXT, .most = 255, .help = "fourth line"},
    {.name = "line5", .kind = FIELD_TEXT, .most = 255, .help = "fifth line"},
    {.name = "city", .kind = FIELD_TEXT, .most = 255, .required = true, .help = "city"},
    {.name = "state_province", .kind = FIELD_TEXT, .most = 255, .help = "state or province"},
    {.name = "postal_code", .kind = FIELD_TEXT, .most = 255, .help = "postal code"},
    {.name = "country",
     .kind = FIELD_CODE,
     .most = 255,
     .help = "three letters of ISO 3166-1, such as USA"},
    {.name = "address_note", .kind = FIELD_TEXT, .most = 1000, .help = "note on the address"},
    {.name = "start_date", .kind = FIELD_DATE, .help = "valid from"},
    {.name = "end_date", .kind = FIELD_DATE, .help = "valid until"},
    {.name = "address_types",
     .kind = FIELD_CODES,
     .most = 255,
     .child = "address_type",
     .required = true,
     .type = true,
     .help = "home, work, school or alternative; one or several"},
};

static const struct field email_fields[] = {
    PREFERRED,
    SEGMENT_TYPE,
    {.name = "email_address",
     .kind = FIELD_TEXT,
     .most = 255,
     .required = true,
     .main = true,
     .help = "the address"},
    {.name = "description", .kind = FIELD_TEXT, .most = 255, .help = "what it is for"},
    {.name = "email_types",
     .kind = FIELD_CODES,
     .most = 255,
     .child = "email_type",
     .required = true,
     .type = true,
     .help = "personal, work, school or alternative; one or several"},
};

static const struct field phone_fields[] = {
    PREFERRED,
    {.name = "preferred_sms",
     .kind = FIELD_BOOLEAN,
     .attribute = true,
     .help = "true where text messages go"},
    SEGMENT_TYPE,
    {.name = "phone_number",
     .kind = FIELD_TEXT,
     .most = 255,
     .required = true,
     .main = true,
     .help = "the number"},
    {.name = "phone_types",
     .kind = FIELD_CODES,
     .most = 255,
     .child = "phone_type",
     .required = true,
     .type = true,
     .help = "home, office or mobile; one or several"},
};

static const struct field identifier_fields[] = {
    SEGMENT_TYPE,
    {.name = "id_type",
     .kind = FIELD_CODE,
     .most = 255,
     .required = true,
     .type = true,
     .help = "code of the identifier's type, such as BARCODE or UNIV_ID"},
    {.name = "value",
     .kind = FIELD_TEXT,
     .most = 255,
     .required = true,
     .identifier = true,
     .main = true,
     .help = "the identifier; unique among all identifiers of all users"},
    {.name = "note", .kind = FIELD_TEXT, .most = 2000, .help = "note on the identifier"},
    {.name = "status", .kind = FIELD_TEXT, .most = 255, .help = "ACTIVE or INACTIVE"},
};

static const struct field block_fields[] = {
    SEGMENT_TYPE,
    {.name = "block_type",
     .kind = FIELD_CODE,
     .most = 255,
     .type = true,
     .help = "code, such as GENERAL"},
    {.name = "block_description",
     .kind = FIELD_CODE,
     .most = 255,
     .required = true,
     .main = true,
     .help = "code of the block"},
    {.name = "block_status", .kind = FIELD_TEXT, .most = 255, .help = "ACTIVE or INACTIVE"},
    {.name = "block_note", .kind = FIELD_TEXT, .most = 2000, .help = "note on the block"},
    {.name = "expiry_date", .kind = FIELD_DATE_TIME, .help = "when the block ends"},
};

static const struct field note_fields[] = {
    SEGMENT_TYPE,
    {.name = "note_type",
     .kind = FIELD_CODE,
     .most = 255,
     .required = true,
     .type = true,
     .help = "code of the note's type, such as OTHER"},
    {.name = "note_text", .kind = FIELD_TEXT, .most = 2000, .main = true, .help = "the note"},
    {.name = "user_viewable",
     .kind = FIELD_BOOLEAN,
     .required = true,
     .fallback = "false",
     .help = "true: the patron sees the note"},
    {.name = "popup_note",
     .kind = FIELD_BOOLEAN,
     .required = true,
     .fallback = "false",
     .help = "true: the note pops up at the desk"},
};

static const struct field statistic_fields[] = {
    SEGMENT_TYPE,
    {.name = "statistic_category",
     .kind = FIELD_CODE,
     .most = 255,
     .required = true,
     .main = true,
     .help = "code of the category"},
    {.name = "category_type",
     .kind = FIELD_CODE,
     .most = 255,
     .type = true,
     .help = "code of its type"},
    {.name = "statistic_note", .kind = FIELD_TEXT, .most = 2000, .help = "note"},
};

static const struct field rs_library_fields[] = {
    {.name = "code",
     .kind = FIELD_CODE,
     .most = 50,
     .required = true,
     .type = true,
     .main = true,
     .help = "code of the resource sharing library"},
};

static const struct field notice_fields[] = {
    {.name = "code",
     .kind = FIELD_CODE,
     .most = 255,
     .required = true,
     .type = true,
     .help = "code of the letter"},
    {.name = "value",
     .kind = FIELD_BOOLEAN,
     .required = true,
     .main = true,
     .help = "true: the patron gets the letter"},
};

const struct field user_fields[] = {
    {.name = "record_type",
     .kind = FIELD_CODE,
     .most = 255,
     .help = "PUBLIC, STAFF or CONTACT; a load takes the profile's type instead"},
    {.name = "primary_id",
     .kind = FIELD_TEXT,
     .most = 255,
     .identifier = true,
     .help = "the primary identifier; Alma ignores its case"},
    {.name = "first_name", .kind = FIELD_TEXT, .most = 255, .help = "first name"},
    {.name = "middle_name", .kind = FIELD_TEXT, .most = 255, .help = "middle name"},
    {.name = "last_name", .kind = FIELD_TEXT, .most = 255, .help = "last name"},
    {.name = "pin_number",
     .kind = FIELD_TEXT,
     .most = 255,
     .kept_by_alma = true,
     .help = "four digits for self-check machines (SIP2)"},
    {.name = "user_title",
     .kind = FIELD_CODE,
     .most = 255,
     .kept_by_alma = true,
     .help = "code of the table UserTitles"},
    {.name = "job_category",
     .kind = FIELD_CODE,
     .most = 255,
     .kept_by_alma = true,
     .help = "code of the table JobTitles"},
    {.name = "job_description", .kind = FIELD_TEXT, .most = 255, .help = "the job, in words"},
    {.name = "gender", .kind = FIELD_CODE, .most = 255, .help = "code of the table Genders"},
    {.name = "user_group",
     .kind = FIELD_CODE,
     .most = 255,
     .kept_by_alma = true,
     .help = "code of the table UserGroups; decides what the user may do"},
    {.name = "campus_code",
     .kind = FIELD_CODE,
     .most = 50,
     .kept_by_alma = true,
     .help = "code of the campus"},
    {.name = "web_site_url", .kind = FIELD_TEXT, .most = 255, .help = "web site"},
    {.name = "cataloger_level",
     .kind = FIELD_CODE,
     .most = 255,
     .kept_by_alma = true,
     .help = "code of the cataloger level; 00 is the default"},
    {.name = "preferred_language",
     .kind = FIELD_CODE,
     .most = 255,
     .kept_by_alma = true,
     .help = "code of the language; en is the default"},
    {.name = "birth_date", .kind = FIELD_DATE, .help = "date of birth"},
    {.name = "expiry_date", .kind = FIELD_DATE, .help = "when the user leaves"},
    {.name = "purge_date",
     .kind = FIELD_DATE,
     .help = "when the user may be purged; without it never"},
    {.name = "status", .kind = FIELD_CODE, .most = 255, .help = "ACTIVE (default) or INACTIVE"},
    {.name = "addresses",
     ITEMS(address_fields, "address"),
     .in_contact_info = true,
     .help = "postal addresses"},
    {.name = "emails",
     ITEMS(email_fields, "email"),
     .in_contact_info = true,
     .help = "e-mail addresses"},
    {.name = "phones",
     ITEMS(phone_fields, "phone"),
     .in_contact_info = true,
     .help = "phone numbers"},
    {.name = "user_identifiers",
     ITEMS(identifier_fields, "user_identifier"),
     .help = "identifiers beside the primary one"},
    {.name = "user_blocks", ITEMS(block_fields, "user_block"), .help = "blocks"},
    {.name = "user_notes", ITEMS(note_fields, "user_note"), .help = "notes"},
    {.name = "user_statistics",
     ITEMS(statistic_fields, "user_statistic"),
     .help = "statistical categories"},
    {.name = "rs_libraries",
     ITEMS(rs_library_fields, "rs_library"),
     .kept_by_alma = true,
     .help = "resource sharing libraries"},
    {.name = "library_notices",
     ITEMS(notice_fields, "library_notice"),
     .kept_by_alma = true,
     .help = "letters that the patron wants or not"},
    {.name = "pref_first_name",
     .kind = FIELD_TEXT,
     .most = 255,
     .kept_by_alma = true,
     .help = "preferred first name"},
    {.name = "pref_middle_name",
     .kind = FIELD_TEXT,
     .most = 255,
     .kept_by_alma = true,
     .help = "preferred middle name"},
    {.name = "pref_last_name",
     .kind = FIELD_TEXT,
     .most = 255,
     .kept_by_alma = true,
     .help = "preferred last name"},
    {.name = "pref_name_suffix",
     .kind = FIELD_TEXT,
     .most = 255,
     .help = "suffix of the name; Esploro researchers only"},
};

const size_t user_field_count = COUNT(user_fields);

static const struct {
    const char *name, *help;
} kinds[FIELD_KIND_COUNT] = {
    [FIELD_TEXT] = {"text", "text of one line"},
    [FIELD_CODE] = {"code", "a code of one of the institution's tables in Alma, such as STAFF"},
    [FIELD_DATE] = {"date", "a day, written YYYY-MM-DDZ"},
    [FIELD_DATE_TIME] = {"date-time", "a day and a time, written YYYY-MM-DDThh:mm:ssZ"},
    [FIELD_BOOLEAN] = {"boolean", "true or false"},
    [FIELD_CODES] = {"codes", "one or several codes"},
    [FIELD_ITEMS] = {"items", "a list of items, each with fields of its own"},
};

static int
find(const struct field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

int
user_field_find(const char *name)
{
    return find(user_fields, user_field_count, name);
}

int
item_field_find(const struct field *items, const char *name)
{
    return find(items->fields, items->field_count, name);
}

const char *
field_kind_name(enum field_kind kind)
{
    return kinds[kind].name;
}

const char *
field_kind_help(enum field_kind kind)
{
    return kinds[kind].help;
}
