/* ldap_changes: how a directory server is asked for changes; see changes.h.
 */
#ifndef DIRECTORY_LDAP_CHANGES_H
#define DIRECTORY_LDAP_CHANGES_H

#include "directory/changes.h"

enum changes_outcome ldap_changes(struct source *source, const struct changes_question *question,
                                  const struct changes_sink *sink, struct arena *arena,
                                  struct changes *ret_changes, struct error *err);
bool ldap_fetch(struct source *source, const struct attributes *attributes,
                const struct directory_id *ids, size_t count, const struct source_reader *reader,
                struct source_result *ret_result, struct error *err);

#endif
