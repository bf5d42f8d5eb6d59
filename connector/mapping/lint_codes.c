#include "mapping/lint.h"

#include "base/text.h"
#include "mapping/codes.h"
#include "mapping/written.h"

/* The texts of one field that the mapping itself writes, held against the field's list. */
struct search {
    struct lint *lint;
    const struct codes *codes;
    struct position told[8]; /* of more only that there are some */
    size_t count;
};

enum { TOLD_MOST = sizeof((struct search *)0)->told / sizeof(struct position) };

static void
check_text(void *context, struct slice text, struct position where)
{
    struct search *search = context;
    struct lint *lint = search->lint;
    struct slice code = text_tidy(lint->arena, text);
    const char *near;

    if (code.length == 0 || codes_permits(search->codes, code))
        return;
    for (size_t i = 0; i < search->count && i < TOLD_MOST; i++)
        if (position_compare(search->told[i], where) == 0)
            return;
    if (search->count++ >= TOLD_MOST)
        return;
    search->told[search->count - 1] = where;
    near = codes_nearest(search->codes, lint->arena, code);
    lint_find(lint, FINDING_CODE_IN_MAPPING, search->codes->name, where,
              "the code '%.*s' is not among those that 'codes' permits for '%s'%s%s%s: write "
              "another, or add it there",
              SLICE_ARG(code), search->codes->name, near ? " (but '" : "", near ? near : "",
              near ? "' is)" : "");
}

void
lint_codes(struct lint *lint)
{
    const struct mapping *mapping = lint->mapping;

    for (size_t i = 0; i < mapping->codes_count; i++) {
        const struct codes *codes = &mapping->codes[i];
        struct search search = {.lint = lint, .codes = codes};
        struct written_texts texts = {.take = check_text, .context = &search};

        written_texts_each(mapping, codes->field, codes->item, &texts);
        if (search.count > TOLD_MOST)
            lint_find(lint, FINDING_CODE_IN_MAPPING, codes->name, codes->where,
                      "more codes for '%s', which are not told here, are not among those that "
                      "'codes' permits",
                      codes->name);
    }
}
