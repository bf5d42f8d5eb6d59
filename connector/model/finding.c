#include "model/finding.h"

static const struct finding_kind kinds[FINDING_CODE_COUNT] = {
    [FINDING_MATCH_ID] = {"match_id", FINDING_REJECT, "the record has no match identifier"},
    [FINDING_REQUIRED] = {"required", FINDING_REJECT, "a field that the mapping requires is empty"},
    [FINDING_TOO_LONG] = {"too_long", FINDING_REJECT, "a value is longer than Alma takes"},
    [FINDING_TOO_LARGE] =
        {"too_large", FINDING_REJECT,
         "the mapping makes more values of the entry than a record holds, or looks at "
         "too many"},
    [FINDING_BAD_VALUE] = {"bad_value", FINDING_REJECT,
                           "a value is not of the field's kind, such as a date"},
    [FINDING_BAD_IDENTIFIER] = {"bad_identifier", FINDING_REJECT,
                                "an identifier holds bytes that are no text"},
    [FINDING_DUPLICATE] = {"duplicate", FINDING_HOLD,
                           "several people have the same match identifier"},
    [FINDING_BAD_TEXT] = {"bad_text", FINDING_WARNING,
                          "a value held bytes that are no text; they were replaced or removed"},
    [FINDING_UNREADABLE] = {"unreadable", FINDING_WARNING,
                            "a value could not be read as its transform expects; it was left out"},
    [FINDING_BAD_ENTRY] = {"bad_entry", FINDING_REJECT, "an entry could not be read"},
    [FINDING_CODE_REFUSED] = {"code", FINDING_REJECT,
                              "a code is not among those that the mapping permits"},
    [FINDING_CODE_REPLACED] = {"code_replaced", FINDING_WARNING,
                               "a code that the mapping does not permit was replaced"},
    [FINDING_CODE_UNLISTED] = {"code_unlisted", FINDING_WARNING,
                               "a code that the mapping does not permit is sent all the same"},
    [FINDING_TWICE_IN_TABLE] = {"twice_in_table", FINDING_WARNING,
                                "a CSV file has a key twice; the first row counts"},
    [FINDING_NO_KEY] = {"no_key", FINDING_WARNING,
                        "rows of a CSV file have no key; nothing finds them"},
    [FINDING_UNUSED] = {"unused", FINDING_WARNING,
                        "a table, define or list of codes of the mapping is used by nothing"},
    [FINDING_UNREACHABLE] = {"unreachable", FINDING_WARNING,
                             "an alternative of the mapping can never be reached"},
    [FINDING_INCOMPLETE] = {"incomplete", FINDING_WARNING,
                            "an item of the mapping can never be made"},
    [FINDING_SAME_IDENTIFIER] = {"same_identifier", FINDING_WARNING,
                                 "two identifiers of the mapping yield the same value"},
    [FINDING_SEVERAL_VALUES] = {"several_values", FINDING_WARNING,
                                "one value was taken of an attribute that has several"},
    [FINDING_UNKNOWN_ATTRIBUTE] = {"unknown_attribute", FINDING_WARNING,
                                   "the mapping names an attribute that no search returns"},
    [FINDING_CODE_IN_MAPPING] = {"code_in_mapping", FINDING_WARNING,
                                 "the mapping writes a code that it does not permit"},
};

static const char *const severities[] = {
    [FINDING_WARNING] = "warning",
    [FINDING_REJECT] = "reject",
    [FINDING_HOLD] = "hold",
};

const struct finding_kind *
finding_kind(enum finding_code code)
{
    return &kinds[code];
}

bool
finding_is_about_mapping(enum finding_code code)
{
    return code >= FINDING_TWICE_IN_TABLE;
}

const char *
finding_severity_name(enum finding_severity severity)
{
    return severities[severity];
}
