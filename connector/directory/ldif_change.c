#include "directory/ldif_change.h"

#include "base/buffer.h"
#include "directory/ldif_change_parts.h"
#include "directory/shown.h"
#include "model/rdn.h"

enum { ATTRIBUTES_MOST = 1000 };

bool
ldif_change_refuse(const struct ldif_change *change, unsigned long line, struct error *err)
{
    if (change->dn.data)
        error_prefix(err, "cannot take '%s'", shown(change->dn).text);
    /* Line 0: it is no record of a stream. */
    return line > 0 ? error_prefix(err, "line %lu", line) : false;
}

enum ldif_change_kind
ldif_change_kind(const struct ldif_change *change)
{
    return change->kind;
}

struct slice
ldif_change_dn(const struct ldif_change *change)
{
    return change->dn;
}

unsigned long
ldif_change_line(const struct ldif_change *change)
{
    return change->line;
}

static bool
take_step(struct whole_entry *entry, const struct ldif_step *step, bool lenient, struct error *err)
{
    switch (step->deed) {
    case CLEAR:
        whole_entry_remove(entry, step->name, SLICE_NONE);
        return true;
    case DELETE_ALL:
        return whole_entry_remove(entry, step->name, SLICE_NONE) ||
               error_set(err, ERROR_DATA, "noSuchAttribute: it has no '%s'",
                         shown(step->name).text);
    case DELETE_VALUE:
        return whole_entry_remove(entry, step->name, step->value) ||
               error_set(err, ERROR_DATA,
                         "noSuchAttribute: '%s' does not have the value that is deleted",
                         shown(step->name).text);
    case ADD_VALUE:
        break;
    }
    if (!whole_entry_add(entry, step->name, step->value) && !lenient)
        return error_set(err, ERROR_DATA,
                         "attributeOrValueExists: '%s' has the value that is added",
                         shown(step->name).text);
    if (whole_entry_count(entry) > ATTRIBUTES_MOST)
        return error_set(err, ERROR_DATA, "it has more than %d attributes", ATTRIBUTES_MOST);
    return true;
}

/* An entry is what its DN says; to become another one is a rename. */
static bool
check_naming(const struct whole_entry *entry, struct error *err)
{
    struct slice type = rdn_find_missing(entry);

    if (!type.data)
        return true;
    error_set(err, ERROR_DATA, "notAllowedOnRDN: '%s' loses the value by which it is named",
              shown(type).text);
    return error_hint(err, "Rename the entry (changetype: modrdn).");
}

static struct whole_entry *
rename_entry(const struct ldif_change *change, const struct whole_entry *before)
{
    struct whole_entry *entry = whole_entry_copy(before);
    struct slice above =
        change->superior.data ? change->superior : rdn_parent(whole_entry_dn(before));
    struct buffer dn = BUFFER_INIT;

    buffer_add(&dn, change->rdn.data, change->rdn.length);
    buffer_add(&dn, ",", above.length > 0);
    buffer_add(&dn, above.data, above.length);
    if (change->delete_old)
        rdn_remove_values(entry);
    whole_entry_set_dn(entry, (struct slice){dn.data, dn.length});
    rdn_add_values(entry);
    buffer_free(&dn);
    return entry;
}

struct whole_entry *
ldif_change_apply(const struct ldif_change *change, const struct whole_entry *before,
                  struct error *err)
{
    bool is_modify = change->kind == LDIF_MODIFY;
    struct whole_entry *entry;
    size_t at = 0;

    if (change->kind == LDIF_RENAME)
        return rename_entry(change, before);
    entry = is_modify ? whole_entry_copy(before) : whole_entry_new(change->dn);
    while (at < change->count &&
           take_step(entry, &change->steps[at], change->kind == LDIF_CONTENT, err))
        at++;
    if (!is_modify)
        rdn_add_values(entry);
    if (at == change->count && (!is_modify || check_naming(entry, err)))
        return entry;
    ldif_change_refuse(change, at < change->count ? change->steps[at].line : change->line, err);
    whole_entry_free(entry);
    return NULL;
}
