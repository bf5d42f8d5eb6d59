/* file_name: whether a text can be the name of a file that is delivered.
 */
#ifndef DELIVERY_FILE_NAME_H
#define DELIVERY_FILE_NAME_H

#include "base/error.h"

/* One name without folders and control characters; otherwise ERROR_USAGE. */
bool file_name_check(const char *name, struct error *err);

#endif
