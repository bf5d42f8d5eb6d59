#include "settings/settings.h"

#include "settings/given.h"
#include "settings/loader.h"
#include "settings/rules.h"

static bool
load(struct arena *arena, const char *path, const struct yaml_node *root, struct faults *faults,
     const struct messenger *messenger, struct settings *ret_settings, struct error *err)
{
    struct settings settings = {.path = path, .given = ""};
    struct loader loader = {arena, faults, path, root, &settings};

    if (root && loader_expect(&loader, root, YAML_MAP, "the file")) {
        loader_set_defaults(&loader, "", &settings);
        loader_walk(&loader, root, "", &settings);
        rules_check(&loader);
    }
    if (!faults_conclude(faults, messenger, arena_format(arena, "the settings '%s'", path), err))
        return false;
    *ret_settings = settings;
    return true;
}

bool
settings_load(struct arena *arena, const char *path, const struct messenger *messenger,
              struct settings *ret_settings, struct error *err)
{
    return settings_load_given(arena, path, NULL, messenger, ret_settings, err);
}

bool
settings_load_given(struct arena *arena, const char *path, const struct settings_given *given,
                    const struct messenger *messenger, struct settings *ret_settings,
                    struct error *err)
{
    struct faults *faults = faults_new();
    const char *kept = path ? arena_string(arena, path) : given_place;
    struct yaml_node *root = path ? yaml_load(arena, kept, faults) : NULL;
    bool ok;

    if (given && (root || !path)) /* else the file has a fault */
        root = given_put(given, arena, root);
    ok = load(arena, kept, root, faults, messenger, ret_settings, err);
    if (ok && given)
        ret_settings->given = given_text(given, arena);
    faults_free(faults);
    return ok;
}

bool
settings_parse(struct arena *arena, const char *path, struct slice text,
               const struct messenger *messenger, struct settings *ret_settings, struct error *err)
{
    struct faults *faults = faults_new();
    const char *kept = arena_string(arena, path);
    bool ok = load(arena, kept, yaml_parse(arena, kept, text, faults), faults, messenger,
                   ret_settings, err);

    faults_free(faults);
    return ok;
}

static void
load_servers(struct loader *loader)
{
    const struct yaml_node *directory;

    if (!loader->root || !loader_expect(loader, loader->root, YAML_MAP, "the file"))
        return;
    directory = yaml_get(loader->root, "directory");
    if (!directory) {
        faults_add(loader->faults, loader->root->where, "'directory' is missing");
        return;
    }
    if (!loader_expect(loader, directory, YAML_MAP, "'directory'"))
        return;
    loader_set_defaults(loader, "directory.", loader->settings);
    loader_walk(loader, directory, "directory.", loader->settings);
    rules_check_servers(loader);
}

bool
settings_parse_servers(struct arena *arena, const char *path, struct slice text,
                       const struct messenger *messenger, struct settings *ret_settings,
                       struct error *err)
{
    struct faults *faults = faults_new();
    struct settings settings = {.path = arena_string(arena, path)};
    struct loader loader = {arena, faults, settings.path,
                            yaml_parse(arena, settings.path, text, faults), &settings};
    bool ok;

    load_servers(&loader);
    ok = faults_conclude(faults, messenger, arena_format(arena, "the settings '%s'", path), err);
    if (ok)
        *ret_settings = settings;
    faults_free(faults);
    return ok;
}

bool
settings_have_servers(const struct settings *settings)
{
    return !settings->directory.ldif && !settings->directory.push.set;
}

bool
settings_keep_records(const struct settings *settings)
{
    return settings->changes.keep_records == SETTINGS_RECORDS_ALWAYS ||
           settings->leavers.policy == SETTINGS_LEAVERS_EXPIRE;
}
