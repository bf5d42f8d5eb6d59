#include "mapping/cases.h"

#include "mapping/fields.h"
#include "mapping/rules.h"

static void
check_type(const struct case_value *value, const struct mapping *mapping, struct arena *arena,
           struct faults *faults)
{
    const struct field *list = &user_fields[value->path.field];
    const char *nearest;
    int type;

    if (!value->path.type.data)
        return;
    type = field_type_index(list);
    if (fields_can_be(mapping->lists[value->path.field], type, value->path.type.data, arena,
                      &nearest))
        return;
    faults_add(faults, value->where,
               "no item of '%s' in the mapping '%s' can have the %s '%s'%s%s%s", list->name,
               mapping->name, list->fields[type].name, value->path.type.data,
               nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

void
cases_check(const struct cases *cases, const struct mapping *mapping, struct faults *faults)
{
    struct arena *arena = arena_new();

    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *item = &cases->items[i];

        for (size_t j = 0; j < item->expect_count; j++)
            check_type(&item->expect[j], mapping, arena, faults);
        for (size_t j = 0; j < item->absent_count; j++)
            check_type(&item->absent[j], mapping, arena, faults);
    }
    arena_free(arena);
}
