#include "mapping/transform.h"

#include "mapping/country.h"
#include "mapping/table.h"

struct slice
transform_lookup(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    return table_find(step->arguments[0].as.table, evaluation->arena, value,
                      step->arguments[1].as.column);
}

struct slice
transform_country(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    struct slice code = country_code(evaluation->arena, value);

    (void)step;
    if (!code.data)
        evaluate_unreadable(evaluation, value, "not the name or code of a country");
    return code;
}
