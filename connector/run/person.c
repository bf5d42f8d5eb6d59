#include "run/person.h"

#include "alma/alma.h"
#include "model/user_fields.h"

enum mapping_verdict
person_make(const struct person_work *work, const struct entry *entry, struct arena *arena,
            struct user *user)
{
    struct identifiers identifiers;
    struct user_value *record_type = &user->values[user_field_find("record_type")];
    enum mapping_verdict verdict =
        work->watch
            ? mapping_apply_watched(work->mapping, entry, arena, user, &work->findings, work->watch)
            : mapping_apply(work->mapping, entry, arena, user, &work->findings);

    if (verdict == MAPPING_SKIPPED)
        return verdict;
    if (!record_type->text.data)
        record_type->text = slice_of(work->record_type);
    /* Also of a person who is rejected already: all reasons are told at once. */
    if (!alma_check(user, &work->findings))
        return MAPPING_REJECTED;
    identifiers = identifiers_gather(user, arena);
    if (!identifiers_check(user, &identifiers, &work->findings))
        return MAPPING_REJECTED;
    if (work->identifiers)
        *work->identifiers = identifiers;
    return verdict;
}
