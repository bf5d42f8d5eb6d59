#include "model/finding.h"

static const struct finding_kind kinds[FINDING_CODE_COUNT] = {
    [FINDING_MATCH_ID] = {"match_id", FINDING_REJECT, "the record has no match identifier",
                          "Give the entry its identifier in the directory, or leave it out by the "
                          "mapping's 'select'."},
    [FINDING_REQUIRED] = {"required", FINDING_REJECT, "a field that the mapping requires is empty",
                          "Fill the field's attribute in the directory, or take the field out of "
                          "the mapping's 'require'."},
    [FINDING_TOO_LONG] =
        {"too_long", FINDING_REJECT, "a value is longer than Alma takes",
         "Shorten the value in the directory, or cut it in the mapping with 'take'."},
    [FINDING_TOO_LARGE] =
        {"too_large", FINDING_REJECT,
         "the mapping makes more values of the entry than a record holds, or looks at "
         "too many",
         "Let the mapping take fewer of the entry's values, such as with 'first' or 'matching'."},
    [FINDING_BAD_VALUE] =
        {"bad_value", FINDING_REJECT, "a value is not of the field's kind, such as a date",
         "Correct the value in the directory, or have the mapping make a fitting one of it."},
    [FINDING_BAD_IDENTIFIER] = {"bad_identifier", FINDING_REJECT,
                                "an identifier holds bytes that are no text",
                                "Write the identifier anew in the directory, as text in UTF-8."},
    [FINDING_TWICE_IN_RECORD] =
        {"twice_in_record", FINDING_REJECT, "two identifiers of one person are the same",
         "Remove one of the two identifiers in the directory or the mapping."},
    [FINDING_DUPLICATE] =
        {"duplicate", FINDING_HOLD, "several people have the same match identifier",
         "Find out whose identifier it is, and correct the other entry in the directory."},
    [FINDING_TAKEN] =
        {"taken", FINDING_HOLD, "an identifier is also an identifier of another person",
         "Find out whose identifier it is, and correct the other entry in the directory."},
    [FINDING_MOVED] = {"moved", FINDING_HOLD,
                       "the person was delivered with another match identifier before",
                       "Correct the identifier in Alma, then run 'ldap2alma identity accept'."},
    [FINDING_REUSED] =
        {"reused", FINDING_HOLD, "the match identifier was delivered as another person's",
         "Give the former user in Alma another identifier, then run 'ldap2alma identity accept'."},
    [FINDING_BAD_TEXT] = {"bad_text", FINDING_WARNING,
                          "a value held bytes that are no text; they were replaced or removed",
                          "Write the value anew in the directory, as text in UTF-8."},
    [FINDING_UNREADABLE] =
        {"unreadable", FINDING_WARNING,
         "a value could not be read as its transform expects; it was left out",
         "Correct the value in the directory, or the transform that reads it in the mapping."},
    [FINDING_BAD_ENTRY] = {"bad_entry", FINDING_REJECT, "an entry could not be read",
                           "Correct the entry where it comes from."},
    [FINDING_CODE_REFUSED] =
        {"code", FINDING_REJECT, "a code is not among those that the mapping permits",
         "Correct the code in the directory; where Alma has it, add it to the mapping's 'codes'."},
    [FINDING_CODE_REPLACED] =
        {"code_replaced", FINDING_WARNING, "a code that the mapping does not permit was replaced",
         "Correct the code in the directory; where Alma has it, add it to the mapping's 'codes'."},
    [FINDING_CODE_UNLISTED] =
        {"code_unlisted", FINDING_WARNING,
         "a code that the mapping does not permit is sent all the same",
         "Correct the code in the directory; where Alma has it, add it to the mapping's 'codes'."},
    [FINDING_PHOTO_NAME] =
        {"photo_name", FINDING_WARNING, "no file can be named by the identifier: there is no photo",
         "Correct the identifier in the directory, or name photos by another one "
         "('photos.identifier')."},
    [FINDING_PHOTO_TWICE] =
        {"photo_twice", FINDING_WARNING,
         "the names of two photos differ by case alone: neither is delivered",
         "Find out whose identifier it is, and correct the other entry in the directory."},
    [FINDING_PHOTO_REFUSED] = {"photo_refused", FINDING_WARNING,
                               "no photo can be made of the picture",
                               "Put another picture into the directory, as JPEG or PNG."},
    [FINDING_PHOTO_UNREAD] = {"photo_unread", FINDING_WARNING,
                              "the picture could not be read: the photo stays as it was",
                              "Look at what the picture's place says; the next run tries again."},
    [FINDING_PHOTO_FOREIGN] =
        {"photo_foreign", FINDING_WARNING,
         "a file that is not ours has the photo's name: it is left alone",
         "Remove the file, or take over all such files with 'ldap2alma photos --adopt'."},
    [FINDING_PHOTO_UNSENT] = {"photo_unsent", FINDING_WARNING,
                              "the photo's server does not take the photo, or keeps it",
                              "Look at the server's reason; the next run tries again."},
    [FINDING_TWICE_IN_TABLE] = {"twice_in_table", FINDING_WARNING,
                                "a CSV file has a key twice; the first row counts",
                                "Remove all rows of that key but the right one."},
    [FINDING_NO_KEY] = {"no_key", FINDING_WARNING,
                        "rows of a CSV file have no key; nothing finds them",
                        "Fill in the key, or remove the rows."},
    [FINDING_UNUSED] = {"unused", FINDING_WARNING,
                        "a table, define or list of codes of the mapping is used by nothing",
                        "Use it, or remove it."},
    [FINDING_UNREACHABLE] = {"unreachable", FINDING_WARNING,
                             "an alternative of the mapping can never be reached",
                             "Move the alternative up, or remove it."},
    [FINDING_INCOMPLETE] = {"incomplete", FINDING_WARNING,
                            "an item of the mapping can never be made",
                            "Give the required part a value, or remove the item."},
    [FINDING_SAME_IDENTIFIER] = {"same_identifier", FINDING_WARNING,
                                 "two identifiers of the mapping yield the same value",
                                 "Remove one of the two, or take it from another attribute."},
    [FINDING_SEVERAL_VALUES] =
        {"several_values", FINDING_WARNING, "one value was taken of an attribute that has several",
         "Choose one of them in the mapping, such as with 'first' or 'matching'."},
    [FINDING_UNKNOWN_ATTRIBUTE] = {"unknown_attribute", FINDING_WARNING,
                                   "the mapping names an attribute that no search returns",
                                   "Correct its name, or look at what the account may read."},
    [FINDING_CODE_IN_MAPPING] = {"code_in_mapping", FINDING_WARNING,
                                 "the mapping writes a code that it does not permit",
                                 "Correct the code; where Alma has it, add it to 'codes'."},
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
finding_find(struct slice name, enum finding_code *ret_code)
{
    for (int i = 0; i < FINDING_CODE_COUNT; i++) {
        if (!slice_equal(slice_of(kinds[i].name), name))
            continue;
        *ret_code = (enum finding_code)i;
        return true;
    }
    return false;
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
