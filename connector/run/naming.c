#include "run/naming.h"

#include "base/text.h"
#include "run/identity.h"

struct naming
naming_parse(const char *who, struct arena *arena)
{
    struct slice clean = text_clean(arena, slice_of(who), NULL);

    return (struct naming){text_fold(arena, text_tidy(arena, clean)), text_fold(arena, clean)};
}

bool
naming_means_match_id(const struct naming *naming, struct slice match_id, struct arena *scratch)
{
    return match_id.data && slice_equal(text_fold(scratch, match_id), naming->match_id);
}

bool
naming_means_id(const struct naming *naming, struct slice key, struct arena *scratch)
{
    return identity_is_named(key, naming->id, scratch);
}

bool
naming_means(const struct naming *naming, struct slice match_id, struct slice key,
             struct arena *scratch)
{
    return naming_means_match_id(naming, match_id, scratch) ||
           naming_means_id(naming, key, scratch);
}

bool
naming_means_dn(const struct naming *naming, struct slice dn, struct arena *scratch)
{
    return dn.length > 0 && slice_equal(text_fold(scratch, dn), naming->id);
}
