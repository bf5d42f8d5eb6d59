/* given: options that a program sets by name, without a file or in place of what the file says.
 *
 * Order of use: new; add each; settings_load_given(); free. Values are read as those of a file are,
 * and their faults are told with GIVEN in the place of file, line and column.
 *
 * Names are those of the table (settings/options.h), with the place behind the name of a secret
 * ("directory.bind.password.file") and, where wanted, the mode behind what differs by mode
 * ("delivery.sftp.directory.import"). What the file says of the option does not count any more.
 */
#ifndef SETTINGS_GIVEN_H
#define SETTINGS_GIVEN_H

#include "base/arena.h"
#include "base/error.h"
#include "base/yaml.h"

#include <stdbool.h>

/* Stands for the file, by this very address. */
extern const char given_place[];

struct settings_given;

struct settings_given *settings_given_new(void);

/* NULL is allowed. */
void settings_given_free(struct settings_given *given);

/* Texts are copied. ERROR_USAGE: there is no such option, or the value is no text. A text of an
 * option that takes several is one more; a name that the last item of a list ("searches[].base")
 * has already begins the next item; any other name that is there already gets another value. */
bool settings_given_add(struct settings_given *given, const char *name, const char *value,
                        struct error *err);

/* Puts them into the tree of a file, or into one of their own where `root` is NULL. What is no map
 * where one is needed stays as it is: the loader refuses it. */
struct yaml_node *given_put(const struct settings_given *given, struct arena *arena,
                            struct yaml_node *root);

/* All of them as one text, which tells two sets apart. */
const char *given_text(const struct settings_given *given, struct arena *arena);

#endif
