/* zip_error: what libzip says, in our words. */
#ifndef PACKAGE_ZIP_ERROR_H
#define PACKAGE_ZIP_ERROR_H

#include "base/error.h"

#include <zip.h>

/* "cannot DOING 'PATH': what libzip says". Returns false. */
bool zip_error_word(struct error *err, enum error_code code, const char *doing, const char *path,
                    zip_error_t *zip_error);

/* The same for the code that zip_open() gives. */
bool zip_error_word_code(struct error *err, enum error_code code, const char *doing,
                         const char *path, int zip_code);

#endif
