#include "model/finding.h"

static const struct finding_kind kinds[FINDING_CODE_COUNT] = {
    [FINDING_MATCH_ID] = {"match_id", FINDING_REJECT, "the record has no match identifier"},
    [FINDING_REQUIRED] = {"required", FINDING_REJECT, "a field that the mapping requires is empty"},
    [FINDING_TOO_LONG] = {"too_long", FINDING_REJECT, "a value is longer than Alma takes"},
    [FINDING_TOO_LARGE] = {"too_large", FINDING_REJECT,
                           "the mapping makes more values of the entry than a record holds"},
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

const char *
finding_severity_name(enum finding_severity severity)
{
    return severities[severity];
}
