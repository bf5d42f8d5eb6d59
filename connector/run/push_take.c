#include "run/push.h"

#include "directory/ldif_write.h"
#include "directory/shown.h"
#include "model/dn_fold.h"
#include "run/push_id.h"
#include "run/push_inside.h"

#include <stdarg.h>
#include <stdio.h>

/* One change, as far as it is worked out. */
struct taking {
    struct push *push;
    const struct ldif_change *change;
    enum ldif_change_kind kind;
    struct pushed_person there;  /* who has the place that the change names */
    struct pushed_person before; /* who is changed; row 0: nobody, it is somebody new */
    struct pushed_person other;  /* who has the place where the person will be; row 0: nobody */
    struct pushed_person now;
    struct whole_entry *entry; /* what is to be kept */
    struct error *err;
};

static bool
is_kept(const struct pushed_person *person)
{
    return person->row != 0 && person->entry.data;
}

/* In the words of ldif_change.h. */
static enum push_verdict __attribute__((format(printf, 3, 4)))
tell(const struct taking *taking, enum error_code code, const char *format, ...)
{
    unsigned long line = ldif_change_line(taking->change);
    char text[sizeof taking->err->text];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_set(taking->err, code,
              code == ERROR_BRAKE ? "'%s' will be held: %s" : "cannot take '%s': %s",
              shown(ldif_change_dn(taking->change)).text, text);
    if (line > 0) /* else it is no record of a stream */
        error_prefix(taking->err, "line %lu", line);
    return code == ERROR_BRAKE ? PUSH_HELD : PUSH_REFUSED;
}

static bool
find(struct taking *taking, enum pushed_by by, struct slice what, struct pushed_person *ret_person)
{
    bool found;

    return pushed_find(taking->push->store, by, what, taking->push->arena, ret_person, &found,
                       taking->err);
}

/* Is somebody there who has to be, or nobody who must not be? */
static enum push_verdict
check_place(const struct taking *taking)
{
    if (taking->kind == LDIF_ADD && is_kept(&taking->there))
        return tell(taking, ERROR_DATA, "entryAlreadyExists: there is somebody with this DN");
    if (taking->kind != LDIF_ADD && taking->kind != LDIF_CONTENT && !is_kept(&taking->there))
        return tell(taking, ERROR_DATA, "noSuchObject: there is nobody with this DN");
    return PUSH_TAKEN;
}

static bool
make_entry(struct taking *taking)
{
    struct whole_entry *before = NULL;

    if (taking->kind == LDIF_MODIFY || taking->kind == LDIF_RENAME) {
        before = push_entry(taking->push->store, &taking->there, taking->err);
        if (!before)
            return false;
    }
    taking->entry = ldif_change_apply(taking->change, before, taking->err);
    whole_entry_free(before);
    return taking->entry != NULL;
}

static enum push_verdict
find_new_place(struct taking *taking)
{
    struct arena *arena = taking->push->arena;

    taking->now.place = arena_slice(arena, dn_fold(arena, whole_entry_dn(taking->entry)));
    taking->other = taking->there;
    if (taking->kind != LDIF_RENAME)
        return PUSH_TAKEN;
    if (!find(taking, PUSHED_BY_PLACE, taking->now.place, &taking->other))
        return PUSH_FAILED;
    if (is_kept(&taking->other) && taking->other.row != taking->there.row)
        return tell(taking, ERROR_DATA, "entryAlreadyExists: there is somebody with the new DN");
    return PUSH_TAKEN;
}

/* Whose row it is. Who is renamed by content that has another DN and the same id is the same
 * person; who comes with another id is another one in the place of the one who was there. */
static enum push_verdict
find_person(struct taking *taking)
{
    struct pushed_person *now = &taking->now;
    struct slice own;

    if (!push_id_of(taking->entry, taking->push->arena, &own, taking->err))
        return taking->err->code == ERROR_DATA ? tell(taking, ERROR_DATA, "%s", taking->err->text)
                                               : PUSH_FAILED;
    now->own_id = own.data != NULL;
    now->id = own;
    taking->before = taking->there;
    if (taking->kind == LDIF_MODIFY || taking->kind == LDIF_RENAME) {
        now->id = taking->there.id;
        if (own.data && !slice_equal(own, taking->there.id))
            return tell(taking, ERROR_DATA, "constraintViolation: the immutable id cannot change");
        return PUSH_TAKEN;
    }
    if (own.data && !find(taking, PUSHED_BY_ID, own, &taking->before))
        return PUSH_FAILED;
    if (taking->kind == LDIF_ADD && is_kept(&taking->before))
        return tell(taking, ERROR_DATA, "entryAlreadyExists: '%s' has this immutable id",
                    shown(taking->before.dn).text);
    if (own.data)
        return PUSH_TAKEN;
    now->id = taking->there.id;
    return now->id.data || push_id_draw(taking->push->arena, &now->id, taking->err) ? PUSH_TAKEN
                                                                                    : PUSH_FAILED;
}

/* Values have no order. */
static bool
is_same(const struct taking *taking)
{
    struct whole_entry *before;
    struct error unheard = ERROR_INIT;
    bool same;

    if (!is_kept(&taking->before) || taking->before.own_id != taking->now.own_id ||
        !slice_equal(taking->before.place, taking->now.place))
        return false;
    if (slice_equal(taking->before.entry, taking->now.entry))
        return true;
    before = push_entry(taking->push->store, &taking->before, &unheard);
    same = before && whole_entry_equal(before, taking->entry);
    whole_entry_free(before);
    return same;
}

static void
write_entry(struct taking *taking)
{
    struct buffer *text = &taking->push->text;

    text->length = 0;
    ldif_write_entry(text, taking->entry, NULL, 0);
    taking->now.dn = arena_slice(taking->push->arena, whole_entry_dn(taking->entry));
    taking->now.entry = (struct slice){text->data, text->length};
}

enum mapping_verdict
push_identify(struct push *push, struct whole_entry *entry, struct pushed_person *person)
{
    enum mapping_verdict verdict;
    const struct identifiers *identifiers;

    if (!person->own_id)
        (void)whole_entry_add(entry, push_id_attribute(person->id),
                              push_id_value(person->id, push->arena));
    verdict = mapper_map(push->mapper, entry);
    person->match_id = person->identifiers = SLICE_NONE;
    push->identifiers.length = 0;
    if (verdict != MAPPING_MAPPED)
        return verdict;
    identifiers = mapper_identifiers(push->mapper);
    for (size_t i = 0; i < identifiers->count; i++) {
        struct slice folded = identifier_fold(push->arena, identifiers->items[i].value);

        buffer_add(&push->identifiers, folded.data, folded.length);
        buffer_add(&push->identifiers, "", 1);
    }
    person->match_id = arena_slice(push->arena, mapper_user(push->mapper)->match_id);
    person->identifiers = (struct slice){push->identifiers.data, push->identifiers.length};
    return verdict;
}

/* Nobody can say whose an identifier is that two people have. */
static enum push_verdict
check_identifiers(struct taking *taking)
{
    const struct identifiers *identifiers = mapper_identifiers(taking->push->mapper);
    struct arena *arena = taking->push->arena;

    for (size_t i = 0; i < identifiers->count; i++) {
        const struct identifier *identifier = &identifiers->items[i];
        struct pushed_person owner;

        if (!find(taking, PUSHED_BY_IDENTIFIER, identifier_fold(arena, identifier->value), &owner))
            return PUSH_FAILED;
        if (owner.row == 0 || owner.row == taking->before.row || owner.row == taking->other.row)
            continue;
        return tell(taking, ERROR_DATA, "'%s' (%s) is also an identifier of '%s'",
                    shown(identifier->value).text, shown(identifier->type).text,
                    shown(owner.dn).text);
    }
    return PUSH_TAKEN;
}

static enum push_verdict
guard(struct taking *taking)
{
    const struct push_claimant claimant = {
        .id = taking->now.id,
        .dn = taking->now.dn,
        .match_id = taking->now.match_id,
        .identifiers = mapper_identifiers(taking->push->mapper),
    };
    const char *why;

    if (!push_guard_hold(taking->push->guard, &claimant, taking->push->arena, &why, taking->err))
        return PUSH_FAILED;
    return why ? tell(taking, ERROR_BRAKE, "%s", why) : PUSH_TAKEN;
}

static enum push_verdict
judge(struct taking *taking)
{
    enum push_verdict verdict;

    switch (push_identify(taking->push, taking->entry, &taking->now)) {
    case MAPPING_REJECTED:
        return tell(taking, ERROR_DATA, "%s", found_reason(&taking->push->feed->found));
    case MAPPING_SKIPPED:
        return PUSH_SKIPPED;
    case MAPPING_MAPPED:
        break;
    }
    verdict = check_identifiers(taking);
    return verdict == PUSH_TAKEN ? guard(taking) : verdict;
}

static bool
keep(struct taking *taking)
{
    struct pushed *store = taking->push->store;
    const struct pushed_person *other = &taking->other;

    return (other->row == 0 || other->row == taking->before.row ||
            pushed_remove(store, other, true, taking->err)) &&
           pushed_put(store, &taking->before, &taking->now, taking->err);
}

static enum push_verdict
take_entry(struct taking *taking)
{
    enum push_verdict verdict;

    if (!make_entry(taking))
        return taking->err->code == ERROR_DATA ? PUSH_REFUSED : PUSH_FAILED;
    verdict = find_new_place(taking);
    if (verdict == PUSH_TAKEN)
        verdict = find_person(taking);
    if (verdict != PUSH_TAKEN)
        return verdict;
    write_entry(taking);
    if (is_same(taking))
        return PUSH_SAME;
    verdict = judge(taking);
    if (verdict == PUSH_REFUSED || verdict == PUSH_FAILED)
        return verdict;
    return keep(taking) ? verdict : PUSH_FAILED;
}

enum push_verdict
push_take(struct push *push, const struct ldif_change *change, struct error *err)
{
    struct taking taking = {
        .push = push, .change = change, .kind = ldif_change_kind(change), .err = err};
    enum push_verdict verdict;

    arena_reset(push->arena);
    if (!find(&taking, PUSHED_BY_PLACE, dn_fold(push->arena, ldif_change_dn(change)),
              &taking.there))
        return PUSH_FAILED;
    verdict = check_place(&taking);
    if (verdict == PUSH_TAKEN && taking.kind == LDIF_DELETE)
        return pushed_remove(push->store, &taking.there, false, err) ? PUSH_TAKEN : PUSH_FAILED;
    if (verdict == PUSH_TAKEN)
        verdict = take_entry(&taking);
    whole_entry_free(taking.entry);
    return verdict;
}
