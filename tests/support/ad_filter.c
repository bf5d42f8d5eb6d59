#include "ad_filter.h"

#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_number(const struct berval *value)
{
    size_t at = value->bv_len > 0 && value->bv_val[0] == '-';

    for (size_t i = at; i < value->bv_len; i++)
        if (value->bv_val[i] < '0' || value->bv_val[i] > '9')
            return false;
    return value->bv_len > at;
}

/* A class is named by its DN or by its own name: (objectCategory=person). */
static bool
equal(const char *name, const struct berval *value, const struct berval *wanted)
{
    char *one, *other;
    bool same;

    if (value->bv_len == wanted->bv_len &&
        (memcmp(value->bv_val, wanted->bv_val, value->bv_len) == 0 ||
         (!memchr(value->bv_val, '\0', value->bv_len) && /* an objectGUID is no text */
          strncasecmp(value->bv_val, wanted->bv_val, value->bv_len) == 0)))
        return true;
    if (strcasecmp(name, "objectCategory") == 0)
        return value->bv_len > wanted->bv_len + 4 &&
               strncasecmp(value->bv_val + 3, wanted->bv_val, wanted->bv_len) == 0 &&
               value->bv_val[3 + wanted->bv_len] == ',';
    if (!memchr(value->bv_val, '=', value->bv_len) || !memchr(wanted->bv_val, '=', wanted->bv_len))
        return false;
    one = ad_key(value->bv_val);
    other = ad_key(wanted->bv_val);
    same = one && other && strcmp(one, other) == 0;
    free(one);
    free(other);
    return same;
}

static int
compare(const struct berval *value, const struct berval *wanted)
{
    if (is_number(value) && is_number(wanted)) {
        long long one = strtoll(value->bv_val, NULL, 10), other = strtoll(wanted->bv_val, NULL, 10);

        return (one > other) - (one < other);
    }
    return strcasecmp(value->bv_val, wanted->bv_val);
}

/* An AttributeValueAssertion: { attributeDesc, assertionValue }. */
static bool
matches_assertion(const struct ad_entry *entry, ber_tag_t kind, BerElement *ber)
{
    struct berval name = {0, NULL}, wanted = {0, NULL};
    const struct ad_attribute *attribute = NULL;
    bool matches = false;

    if (ber_scanf(ber, "{oo}", &name, &wanted) != LBER_ERROR)
        attribute = ad_get(entry, name.bv_val);
    for (size_t i = 0; attribute && i < attribute->count && !matches; i++) {
        const struct berval *value = &attribute->values[i];

        matches = kind == LDAP_FILTER_GE   ? compare(value, &wanted) >= 0
                  : kind == LDAP_FILTER_LE ? compare(value, &wanted) <= 0
                                           : equal(name.bv_val, value, &wanted);
    }
    ber_memfree(name.bv_val);
    ber_memfree(wanted.bv_val);
    return matches;
}

static const char *
find(const char *where, size_t left, const struct berval *part)
{
    for (; left >= part->bv_len; where++, left--)
        if (strncasecmp(where, part->bv_val, part->bv_len) == 0)
            return where;
    return NULL;
}

static bool
value_has_parts(const struct berval *value, const ber_tag_t *kinds, const struct berval *parts,
                size_t count)
{
    const char *at = value->bv_val, *end = at + value->bv_len;

    for (size_t i = 0; i < count; i++) {
        const char *found = find(at, (size_t)(end - at), &parts[i]);

        if (kinds[i] == LDAP_SUBSTRING_FINAL && (size_t)(end - at) >= parts[i].bv_len)
            found = find(end - parts[i].bv_len, parts[i].bv_len, &parts[i]);
        if (!found || (kinds[i] == LDAP_SUBSTRING_INITIAL && found != at))
            return false;
        at = found + parts[i].bv_len;
    }
    return true;
}

static bool
matches_substrings(const struct ad_entry *entry, BerElement *ber)
{
    enum { PARTS_MOST = 16 };
    struct berval name = {0, NULL}, parts[PARTS_MOST];
    ber_tag_t kinds[PARTS_MOST], tag;
    ber_len_t length;
    char *last;
    size_t count = 0;
    const struct ad_attribute *attribute = NULL;
    bool matches = false;

    if (ber_scanf(ber, "{o", &name) != LBER_ERROR) {
        attribute = ad_get(entry, name.bv_val);
        for (tag = ber_first_element(ber, &length, &last);
             tag != LBER_DEFAULT && count < PARTS_MOST;
             tag = ber_next_element(ber, &length, last)) {
            kinds[count] = tag;
            if (ber_scanf(ber, "o", &parts[count]) == LBER_ERROR)
                break;
            count++;
        }
    }
    for (size_t i = 0; attribute && i < attribute->count && !matches; i++)
        matches = value_has_parts(&attribute->values[i], kinds, parts, count);
    for (size_t i = 0; i < count; i++)
        ber_memfree(parts[i].bv_val);
    ber_memfree(name.bv_val);
    return matches;
}

/* The bitwise rules of Active Directory ([MS-ADTS] 3.1.1.3.4.4). */
static bool
matches_rule(const struct ad_entry *entry, BerElement *ber)
{
    struct berval rule = {0, NULL}, name = {0, NULL}, wanted = {0, NULL};
    const struct ad_attribute *attribute = NULL;
    bool matches = false;

    if (ber_scanf(ber, "{tototo", &(ber_tag_t){0}, &rule, &(ber_tag_t){0}, &name, &(ber_tag_t){0},
                  &wanted) != LBER_ERROR)
        attribute = ad_get(entry, name.bv_val);
    for (size_t i = 0; attribute && i < attribute->count && !matches; i++) {
        long long value = strtoll(attribute->values[i].bv_val, NULL, 10),
                  mask = strtoll(wanted.bv_val, NULL, 10);

        if (strcmp(rule.bv_val, "1.2.840.113556.1.4.803") == 0)
            matches = (value & mask) == mask;
        else if (strcmp(rule.bv_val, "1.2.840.113556.1.4.804") == 0)
            matches = (value & mask) != 0;
    }
    ber_memfree(rule.bv_val);
    ber_memfree(name.bv_val);
    ber_memfree(wanted.bv_val);
    return matches;
}

static bool
matches_all(const struct ad_entry *entry, BerElement *ber, bool any)
{
    struct berval part;

    while (ber_skip_raw(ber, &part) != LBER_DEFAULT)
        if (ad_filter_matches(entry, &part) == any)
            return any;
    return !any;
}

/* Into the element around the parts of AND, OR and NOT. */
static bool
matches_parts(const struct ad_entry *entry, ber_tag_t kind, BerElement *ber)
{
    struct berval inside;
    BerElement *parts;
    bool matches;

    if (ber_skip_element(ber, &inside) == LBER_DEFAULT)
        return false;
    parts = ad_reader(&inside);
    matches = kind == LDAP_FILTER_NOT ? !matches_all(entry, parts, false)
                                      : matches_all(entry, parts, kind == LDAP_FILTER_OR);
    ber_free(parts, 1);
    return matches;
}

static bool
is_present(const struct ad_entry *entry, BerElement *ber)
{
    struct berval name;
    bool matches;

    if (ber_scanf(ber, "o", &name) == LBER_ERROR)
        return false;
    matches = ad_get(entry, name.bv_val) != NULL;
    ber_memfree(name.bv_val);
    return matches;
}

bool
ad_filter_matches(const struct ad_entry *entry, const struct berval *filter)
{
    BerElement *ber = ad_reader(filter);
    ber_len_t length;
    ber_tag_t kind = ber_peek_tag(ber, &length);
    bool matches;

    if (kind == LDAP_FILTER_AND || kind == LDAP_FILTER_OR || kind == LDAP_FILTER_NOT)
        matches = matches_parts(entry, kind, ber);
    else if (kind == LDAP_FILTER_PRESENT)
        matches = is_present(entry, ber);
    else if (kind == LDAP_FILTER_SUBSTRINGS)
        matches = matches_substrings(entry, ber);
    else if (kind == LDAP_FILTER_EXT)
        matches = matches_rule(entry, ber);
    else
        matches = matches_assertion(entry, kind, ber);
    ber_free(ber, 1);
    return matches;
}
