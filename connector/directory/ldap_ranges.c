#include "directory/ldap_ranges.h"

#include "directory/shown.h"
#include "directory/value_range.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    ATTEMPTS_MOST = 3,
    /* Nobody's list is so long; a server that sends more never ends. */
    VALUES_MOST = 20 * 1000 * 1000
};

/* How far a list came with one part. */
enum joined {
    JOINED_MORE,
    JOINED_WHOLE,
    JOINED_CHANGED, /* the list is another one by now */
    JOINED_BAD      /* an answer that nobody asked for */
};

struct list {
    struct ldap_session *session;
    struct arena *arena;
    const char *dn;
    const char *attribute; /* without a range */
    struct slice *values;
    size_t count, capacity;
};

/* The attribute's range among the attributes of the answer, with its values; to be freed with
 * ber_memfree(). NULL: it is not there. */
static BerVarray
find_part(const struct list *list, LDAPMessage *entry, struct value_range *ret_range)
{
    LDAP *ld = list->session->ld;
    BerElement *element = NULL;
    BerVarray values = NULL;
    struct berval dn, name;
    bool found = false;

    if (ldap_get_dn_ber(ld, entry, &element, &dn) != LDAP_SUCCESS)
        return NULL;
    while (!found && ldap_get_attribute_ber(ld, entry, element, &name, &values) == LDAP_SUCCESS &&
           name.bv_val) {
        struct slice description = {name.bv_val, name.bv_len};

        found = values && value_range_find(description, ret_range) &&
                ret_range->after.length == 0 &&
                slice_equal_nocase(ret_range->before, slice_of(list->attribute));
        if (!found) {
            ber_memfree(values);
            values = NULL;
        }
    }
    ber_free(element, 0);
    return values;
}

static void
add(struct list *list, const struct berval *value)
{
    memory_grow(&list->values, &list->capacity, list->count + 1, sizeof *list->values);
    list->values[list->count++] =
        arena_slice(list->arena, (struct slice){value->bv_val, value->bv_len});
}

/* The part begins with the last value that is known, if any is. */
static enum joined
join(struct list *list, const struct value_range *range, const struct berval *values)
{
    size_t known = list->count > 0, count = 0;

    while (values[count].bv_val)
        count++;
    if (range->low != list->count - known || count == 0 ||
        (!range->last && (range->high - range->low != count - 1 || count == known)) ||
        list->count + count > VALUES_MOST)
        return JOINED_BAD;
    if (known && !slice_equal(list->values[list->count - 1],
                              (struct slice){values[0].bv_val, values[0].bv_len}))
        return JOINED_CHANGED;
    for (size_t i = known; i < count; i++)
        add(list, &values[i]);
    return range->last ? JOINED_WHOLE : JOINED_MORE;
}

static enum ldap_attempt
part_failed(const struct list *list, const struct ldap_answer *answer, struct error *err)
{
    struct ldap_failure failure = {
        .result = answer->result, .diagnostic = answer->diagnostic, .matched = answer->matched};
    enum ldap_attempt attempt =
        ldap_error_set(err, &failure, "cannot read the values of '%s' of '%s' from '%s'",
                       list->attribute, shown(slice_of(list->dn)).text, list->session->uri);

    /* It was there a moment ago. */
    if (answer->result == LDAP_NO_SUCH_OBJECT) {
        err->code = ERROR_UNAVAILABLE;
        err->transient = true;
        error_hint(err, "The entry was deleted or renamed meanwhile; try again later.");
    }
    return attempt;
}

/* Whoever asks for values behind the end of a list, because it has become shorter, gets none, or
 * operationsError (00002121). */
static enum ldap_attempt
take_part(struct list *list, LDAPMessage *messages, enum joined *ret_joined, struct error *err)
{
    LDAPMessage *entry = ldap_first_entry(list->session->ld, messages);
    struct value_range range = {.last = false};
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    struct ldap_answer answer;

    *ret_joined = JOINED_CHANGED;
    ldap_answer_read(list->session, messages, &answer);
    if (answer.result == LDAP_SUCCESS) {
        BerVarray values = entry ? find_part(list, entry, &range) : NULL;

        if (values)
            *ret_joined = join(list, &range, values);
        ber_memfree(values);
    } else if (answer.result != LDAP_OPERATIONS_ERROR || list->count == 0) {
        attempt = part_failed(list, &answer, err);
    }
    ldap_answer_free(&answer);
    return attempt;
}

static enum ldap_attempt
read_part(struct list *list, enum joined *ret_joined, struct error *err)
{
    char *description = arena_format(list->arena, "%s;range=%zu-*", list->attribute,
                                     list->count > 0 ? list->count - 1 : 0);
    char *attributes[] = {description, NULL};
    const struct ldap_named named = {list->dn, "(objectClass=*)", attributes};
    LDAPMessage *messages = NULL;
    enum ldap_attempt attempt = ldap_session_read_entry(
        list->session, &named, "the values of an attribute cannot be read from", &messages, err);

    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = take_part(list, messages, ret_joined, err);
    ldap_msgfree(messages);
    return attempt;
}

static enum ldap_attempt
refuse(const struct list *list, enum joined joined, struct error *err)
{
    struct shown dn = shown(slice_of(list->dn));

    if (joined == JOINED_CHANGED) {
        error_set(err, ERROR_UNAVAILABLE,
                  "the values of '%s' of '%s' changed while they were read from '%s'",
                  list->attribute, dn.text, list->session->uri);
        error_hint(err, "They were asked for %d times; try again later.", ATTEMPTS_MOST);
        err->transient = true;
    } else {
        error_set(err, ERROR_UNAVAILABLE,
                  "'%s' does not send the values of '%s' of '%s' in order, one range after another",
                  list->session->uri, list->attribute, dn.text);
    }
    return LDAP_ATTEMPT_FAILED;
}

static enum ldap_attempt
read_list(struct list *list, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    enum joined joined = JOINED_CHANGED;

    for (int i = 0; i < ATTEMPTS_MOST && joined == JOINED_CHANGED; i++) {
        list->count = 0;
        do
            attempt = read_part(list, &joined, err);
        while (attempt == LDAP_ATTEMPT_DONE && joined == JOINED_MORE);
        if (attempt != LDAP_ATTEMPT_DONE)
            return attempt;
    }
    return joined == JOINED_WHOLE ? LDAP_ATTEMPT_DONE : refuse(list, joined, err);
}

enum ldap_attempt
ldap_ranges_read(struct ldap_session *session, const struct ldap_ranged *ranged,
                 struct arena *arena, struct entry_values *ret_values, struct error *err)
{
    struct list list = {.session = session, .arena = arena};
    char plain[VALUE_RANGE_PLAIN_BYTES];
    struct value_range range;
    enum ldap_attempt attempt;

    value_range_find(ranged->description, &range);
    list.dn = arena_copy(arena, ranged->dn.data, ranged->dn.length);
    list.attribute = arena_format(arena, "%.*s", SLICE_ARG(value_range_plain(&range, plain)));
    attempt = strlen(list.dn) == ranged->dn.length ? read_list(&list, err)
                                                   : refuse(&list, JOINED_BAD, err);
    if (attempt == LDAP_ATTEMPT_DONE) {
        struct slice *values = arena_alloc(arena, list.count * sizeof *values);

        memcpy(values, list.values, list.count * sizeof *values);
        *ret_values = (struct entry_values){values, list.count};
    }
    free(list.values);
    return attempt;
}
