/* libraries: those that we use, made ready for threads.
 *
 * libssh2, libldap with its TLS and SASL, and libcurl make tables of the whole process when they
 * are first used; libldap and libssh2 without a lock. Their documentation wants that to be done
 * before there are several threads, which a library cannot ask of those who use it. What they make
 * stays until the process ends: nobody knows who else in it uses them. libxml2 has
 * alma/xml_begin.h.
 */
#ifndef RUN_LIBRARIES_H
#define RUN_LIBRARIES_H

#include "settings/settings.h"

/* Before the first connection of a feed with these settings; as often as one likes, in any thread.
 * What the settings do not need is left alone. */
void libraries_begin(const struct settings *settings);

#endif
