#include "run/preview_run.h"
#include "run/stages.h"

#include <inttypes.h>

static bool
read_everybody(struct preview_run *run, struct error *err)
{
    return preview_read(run, stages_open_source(run->arena, run->settings, run->messenger), false,
                        err);
}

static bool
read_searches(struct preview_run *run, const struct ldap_search *searches, size_t count,
              struct error *err)
{
    return preview_read(
        run, stages_open_searches(run->arena, run->settings, searches, count, run->messenger), true,
        err);
}

/* The searches as a hint tells them: "'ou=people,…', 'ou=staff,…'". */
static const char *
name_bases(struct preview_run *run)
{
    const struct settings_directory *directory = &run->settings->directory;
    const char *text = "";

    for (size_t i = 0; i < directory->search_count; i++)
        text =
            arena_format(run->arena, "%s%s'%s'", text, i ? ", " : "", directory->searches[i].base);
    return text;
}

static bool
not_covered(struct preview_run *run, struct error *err)
{
    error_set(err, ERROR_DATA, "no search of the settings covers '%s'", run->whom.text);
    return error_hint(err, "The searches' bases: %s.", name_bases(run));
}

/* Nobody came for a DN: is the entry there, and only the filter leaves it out? */
static bool
explain_missing(struct preview_run *run, struct ldap_search *searches, size_t count,
                struct error *err)
{
    const char *filter = searches[0].filter;

    searches[0].filter = "(objectClass=*)";
    if (!read_searches(run, searches, 1, err))
        return false;
    if (run->content.count == 0) {
        error_set(err, ERROR_DATA, "no entry has the DN '%s'", run->whom.text);
        return error_hint(err, "It is not on '%s', or the account may not see it.",
                          run->content.source);
    }
    error_set(err, ERROR_DATA, "no search takes the entry '%s'", run->whom.text);
    return error_hint(err, "It is there, but the filter %s leaves it out%s.", filter,
                      count > 1 ? ", and so do the others" : "");
}

static bool
look_for_dn(struct preview_run *run, struct error *err)
{
    size_t count;
    struct ldap_search *searches =
        whom_narrow(&run->whom, run->settings, run->attributes, run->arena, &count);

    if (count == 0)
        return not_covered(run, err);
    return read_searches(run, searches, count, err) &&
           (run->content.count > 0 || explain_missing(run, searches, count, err));
}

static bool
look_narrowly(struct preview_run *run, struct error *err)
{
    size_t count;
    struct ldap_search *searches =
        whom_narrow(&run->whom, run->settings, run->attributes, run->arena, &count);

    return read_searches(run, searches, count, err);
}

/* The server's quick answer counts where it is one; the identifier may also be made of several
 * attributes, or be another one than the match identifier. */
static bool
look_for_identifier(struct preview_run *run, struct error *err)
{
    if (run->whom.attribute != ATTRIBUTE_NONE) {
        if (!look_narrowly(run, err))
            return false;
        if (run->content.count > 0 || run->unselected > 0)
            return true;
        message_say(run->messenger, MESSAGE_INFO, "nobody has '%s' as '%s'; reading everybody",
                    run->whom.text, attributes_name(run->attributes, run->whom.attribute));
    }
    return read_everybody(run, err);
}

static bool
look(struct preview_run *run, struct error *err)
{
    if (!settings_have_servers(run->settings))
        return read_everybody(run, err);
    switch (run->whom.kind) {
    case WHOM_DN:
        return look_for_dn(run, err);
    case WHOM_FILTER:
        return look_narrowly(run, err);
    case WHOM_IDENTIFIER:
        break;
    }
    return look_for_identifier(run, err);
}

static bool
nobody(const struct preview_run *run, struct error *err)
{
    static const char *const formats[] = {
        [WHOM_DN] = "no entry has the DN '%s'",
        [WHOM_FILTER] = "no entry matches the filter '%s'",
        [WHOM_IDENTIFIER] = "nobody has the identifier '%s'",
    };

    error_set(err, ERROR_DATA, formats[run->whom.kind], run->whom.text);
    if (run->unselected > 0)
        return error_hint(err,
                          "The mapping's 'select' skips '%s', whose attribute '%s' it is; look at "
                          "that entry by its DN.",
                          run->unselected_dn, run->unselected_as);
    if (run->narrowed)
        return error_hint(err, "'%s' was asked by the searches of the settings, narrowed to %s.",
                          run->content.source, run->whom.text);
    return error_hint(err, "Searched: all %" PRIu64 " entries of '%s'.", run->read,
                      run->content.source);
}

bool
preview_look(struct preview_run *run, struct error *err)
{
    return look(run, err) && (run->content.count > 0 || nobody(run, err));
}
