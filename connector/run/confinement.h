/* confinement: what a feed needs of the machine, and nothing else from the moment on when foreign
 * bytes may come (base/confine.h); for programs that asked for it by l2a_confine().
 *
 * Until then a run has read its settings, mapping and tables, and made its folders. It goes on with
 *   - to be read: what all programs use (confinement_places.c), the LDIF, the settings' secrets,
 *     certificates, known hosts, pictures and 'rights.read';
 *   - to be written: its folder of the spool, the folders of its state, of its deliveries, and of
 *     the files that the program writes;
 *   - to be connected to: the ports of its servers, and DNS. All ports of TCP where that is settled
 *     elsewhere: by SRV records, Kerberos, a proxy;
 *   - to be started: sftp for `transport: openssh` and what decodes pictures, both confined like
 *     the run. The programs of `notify` need rights that it has no more: a helper that was forked
 *     before runs them (base/helper.h).
 *
 * Order of use: confinement_new() before there are threads; confinement_enter() in each run, of
 * which the first one counts; confinement_free().
 */
#ifndef RUN_CONFINEMENT_H
#define RUN_CONFINEMENT_H

#include "base/arena.h"
#include "base/confine.h"
#include "base/error.h"
#include "base/helper.h"
#include "base/message.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct confinement;

/* The settings must outlive it; `files` are what the program will write. It does nothing where the
 * settings do not want to be confined. NULL with err. */
struct confinement *confinement_new(const struct settings *settings, const char *const *files,
                                    size_t count, struct error *err);
void confinement_free(struct confinement *confinement);

/* From now on. `work` is the run's folder of the spool, `kept` one more where it writes; NULL:
 * none. Says how far the kernel can; false where the settings want all of it. NULL: not asked for.
 */
bool confinement_enter(struct confinement *confinement, const char *work, const char *kept,
                       const struct messenger *messenger, struct error *err);

/* A failure that may come from it is said to do so. NULL: not asked for. */
void confinement_explain(const struct confinement *confinement, const struct error *err,
                         const struct messenger *messenger);

/* Who runs programs; NULL: nobody has to. */
struct helper *confinement_helper(const struct confinement *confinement);

/* What programs of all kinds read: the system's libraries, name services, Kerberos, TLS, with what
 * the environment names for them. `settings_path` is of the file, whose folder is a feed's own. */
void confinement_allow_system(const struct confine *confine, const char *settings_path,
                              struct arena *arena);

/* To start what the system has as programs, and what $PATH finds. */
void confinement_allow_programs(const struct confine *confine, struct arena *arena);

#endif
