/* init_login: how `init` reaches the directory: the keys below `directory` of settings, from
 * options or from a file, to ask with and to write down again.
 */
#ifndef RUN_INIT_LOGIN_H
#define RUN_INIT_LOGIN_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/message.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct init_login;

/* `options` are "NAME=VALUE", NAME as below `directory` in the settings: "uri=ldaps://…",
 * "bind.password.file=PATH". ERROR_USAGE for what is none; faults of the values are said as those
 * of a file "command line", then ERROR_CONFIG. Everything lives in the arena. */
struct init_login *init_login_of_options(struct arena *arena, const char *const *options,
                                         size_t count, const struct messenger *messenger,
                                         struct error *err);

/* What a settings file says below `directory`; nothing else need be in it. */
struct init_login *init_login_of_file(struct arena *arena, const char *path,
                                      const struct messenger *messenger, struct error *err);

/* Only `directory` is set, without searches. */
const struct settings *init_login_settings(const struct init_login *login);

/* Appends the keys as they stand below `directory`, with paths that hold wherever the file is put.
 */
void init_login_write(const struct init_login *login, struct arena *arena, struct buffer *out);

#endif
