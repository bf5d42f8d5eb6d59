/* stages: turns the site's settings into each stage's own options.
 *
 * The stages know neither the settings nor each other; this is the one place that knows both.
 * What is returned borrows from the settings and lives in the arena.
 */
#ifndef RUN_STAGES_H
#define RUN_STAGES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "delivery/depot.h"
#include "delivery/target.h"
#include "directory/source.h"
#include "mapping/mapping.h"
#include "package/package.h"
#include "settings/settings.h"

struct source *stages_open_source(struct arena *arena, const struct settings *settings,
                                  const struct messenger *messenger);

/* The searches of the settings, of which there are directory.search_count. */
struct ldap_search *stages_searches(struct arena *arena, const struct settings *settings);

/* How the settings' servers are reached, with no searches. */
struct ldap_options *stages_server_options(struct arena *arena, const struct settings *settings);

/* The settings' servers with other searches than the settings'. */
struct source *stages_open_searches(struct arena *arena, const struct settings *settings,
                                    const struct ldap_search *searches, size_t count,
                                    const struct messenger *messenger);

/* NULL with ERROR_CONFIG when the mode has no directory. */
struct target *stages_open_target(struct arena *arena, const struct settings *settings,
                                  const struct messenger *messenger, struct error *err);

/* True when each secret of the delivery can be read and used. OpenSSH's sftp judges its own key. */
bool stages_check_secrets(const struct settings *settings, struct error *err);

/* Where photos go; `mark` is as of depot.h. */
struct depot *stages_open_depot(struct arena *arena, const struct settings *settings,
                                const char *mark, const struct messenger *messenger);
bool stages_check_depot_secrets(const struct settings *settings, struct error *err);

struct mapping_options stages_mapping_options(const struct settings *settings, time_t now);

/* The same without a path, for a mapping that no settings name. */
struct mapping_options stages_time_options(time_t now);

struct package_options stages_package_options(const struct settings *settings, const char *folder,
                                              const char *prefix, time_t now);

struct delivery_policy stages_delivery_policy(const struct settings *settings);

#endif
