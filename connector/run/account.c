#include "run/account.h"

#include "base/arena.h"
#include "base/file.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
refuse_other(const char *path, uid_t owner, struct error *err)
{
    const struct passwd *account = getpwuid(owner);

    if (!account) {
        error_set(err, ERROR_PERMISSION, "'%s' belongs to the account %lu, and this is root", path,
                  (unsigned long)owner);
        return error_hint(err, "Run it by that account: what root makes there would stand in its "
                               "way. '--allow-root' or 'rights: { root: allow }' lets root.");
    }
    error_set(err, ERROR_PERMISSION, "'%s' belongs to the account '%s', and this is root", path,
              account->pw_name);
    return error_hint(err,
                      "Type 'runuser -u %s -- ' in front of the command: what root makes there "
                      "would stand in the way of '%s'. '--allow-root' or 'rights: { root: allow }' "
                      "lets root.",
                      account->pw_name, account->pw_name);
}

/* What is not there yet would be made in the first folder above it that is. */
static bool
check_owner(struct arena *arena, const char *path, struct error *err)
{
    const char *there = file_existing(arena, path);
    struct stat info;

    return stat(there, &info) != 0 || info.st_uid == 0 || refuse_other(there, info.st_uid, err);
}

bool
account_check(const struct settings *settings, struct error *err)
{
    struct arena *arena;
    bool ok;

    if (geteuid() != 0 || settings->rights.root == SETTINGS_ROOT_ALLOW)
        return true;
    if (settings->rights.root == SETTINGS_ROOT_REFUSE) {
        error_set(err, ERROR_PERMISSION, "root may not run the feed '%s' ('rights.root')",
                  settings->name);
        return error_hint(err, "Type 'runuser -u ACCOUNT -- ' in front of the command.");
    }
    arena = arena_new();
    ok = check_owner(arena, arena_format(arena, "%s/%s", settings->spool, settings->name), err) &&
         check_owner(arena, settings->state, err) &&
         (!settings->directory.push.set ||
          check_owner(arena, settings->directory.push.entries, err));
    arena_free(arena);
    return ok;
}

bool
account_is_root(const struct settings *settings)
{
    struct stat info;

    return geteuid() == 0 && settings->rights.root == SETTINGS_ROOT_AUTO &&
           stat(settings->state, &info) == 0 && info.st_uid == 0;
}
