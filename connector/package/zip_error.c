#include "package/zip_error.h"

#include <errno.h>

bool
zip_error_word(struct error *err, enum error_code code, const char *doing, const char *path,
               zip_error_t *zip_error)
{
    int reason = zip_error_code_system(zip_error);

    error_set(err, code, "cannot %s '%s': %s", doing, path, zip_error_strerror(zip_error));
    if (reason == ENOSPC || reason == EDQUOT)
        error_hint(err, "Free some space there, then run again; nothing was delivered.");
    return false;
}

bool
zip_error_word_code(struct error *err, enum error_code code, const char *doing, const char *path,
                    int zip_code)
{
    zip_error_t zip_error;

    zip_error_init_with_code(&zip_error, zip_code);
    zip_error_word(err, code, doing, path, &zip_error);
    zip_error_fini(&zip_error);
    return false;
}
