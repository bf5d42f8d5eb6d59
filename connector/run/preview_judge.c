#include "run/preview_run.h"

#include "base/text.h"
#include "run/difference.h"
#include "run/identifiers.h"

#include <stdlib.h>

static const char *
fate_of(const struct preview_run *run, const struct state_person *known)
{
    if (!known)
        return "new";
    return memcmp(known->digest, run->fingerprint.digest, STATE_DIGEST_BYTES) == 0 ? "unchanged"
                                                                                   : "changed";
}

void
preview_compare(struct preview_run *run, struct preview_person *person)
{
    struct slice key = identity_key(&run->identity, &person->entry, run->people);
    struct slice digests = {run->fingerprint.fields.data, run->fingerprint.fields.length};
    struct difference *difference;
    struct error err = ERROR_INIT;
    struct state_person known;
    bool found;

    if (!run->state)
        return;
    difference = arena_alloc(run->people, sizeof *difference);
    if (state_find_person(run->state, key, run->people, &known, &found, &err) &&
        difference_make(found && !known.expired ? &known : NULL, person->record, digests,
                        run->people, difference, &err)) {
        difference->dn = person->entry.dn;
        difference->match_id = person->user.match_id;
        difference->id = identity_text(key, run->people);
        difference->fate = fate_of(run, found && !known.expired ? &known : NULL);
        person->difference = difference;
        return;
    }
    message_say(run->messenger, MESSAGE_WARNING, "what Alma has is not known: %s", err.text);
}

/* Somebody who would be sent, in the forms that compare. */
struct twin {
    struct slice identity, dn;
    struct preview_person *person;
    size_t order;
};

static int
compare_twins(const void *a, const void *b)
{
    const struct twin *first = a, *second = b;
    int order = slice_compare(first->identity, second->identity);

    if (order == 0)
        order = slice_compare(first->dn, second->dn);
    return order ? order : (first->order > second->order) - (first->order < second->order);
}

static void
hold(struct preview_run *run, const struct twin *twin, const struct twin *other)
{
    struct preview_person *person = twin->person;
    const char *text =
        arena_format(run->people, "'%.*s' is also the match identifier of '%.*s'",
                     SLICE_ARG(person->user.match_id), SLICE_ARG(other->person->entry.dn));

    person->verdict = PREVIEW_HELD;
    preview_add_finding(run, person,
                        &(struct finding){.code = FINDING_DUPLICATE,
                                          .dn = person->entry.dn,
                                          .match_id = person->user.match_id,
                                          .text = slice_of(text)});
}

/* Those of one identity: an entry that came twice counts once, several people are held. */
static void
judge_group(struct preview_run *run, const struct twin *twins, size_t count)
{
    const struct twin *first = &twins[0], *last = &twins[count - 1];

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && slice_equal(twins[i].dn, twins[i - 1].dn))
            twins[i].person->verdict = PREVIEW_REPEATED;
        else if (!slice_equal(first->dn, last->dn))
            hold(run, &twins[i], slice_equal(twins[i].dn, first->dn) ? last : first);
    }
}

void
preview_judge(struct preview_run *run)
{
    struct twin *twins = memory_alloc(run->content.count * sizeof *twins);
    size_t count = 0;

    for (size_t i = 0; i < run->content.count; i++) {
        struct preview_person *person = run->content.people[i];

        if (person->verdict == PREVIEW_SENT)
            twins[count++] = (struct twin){identifier_fold(run->people, person->user.match_id),
                                           text_fold(run->people, person->entry.dn), person, i};
    }
    qsort(twins, count, sizeof *twins, compare_twins);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && slice_equal(twins[to].identity, twins[from].identity);)
            to++;
        judge_group(run, twins + from, to - from);
    }
    free(twins);
}
