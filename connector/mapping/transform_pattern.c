#include "mapping/transform.h"

#include "mapping/pattern.h"

struct slice
transform_matching(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    return pattern_matches(evaluation, step->arguments[0].as.pattern, value) ? value : SLICE_NONE;
}

struct slice
transform_replace(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    return pattern_replace(evaluation, step->arguments[0].as.pattern,
                           step->arguments[1].as.replacement, value);
}

struct slice
transform_extract(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    return pattern_extract(evaluation, step->arguments[0].as.pattern, value);
}
