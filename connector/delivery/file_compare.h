/* file_compare: whether a local file has the bytes of an upload.
 */
#ifndef DELIVERY_FILE_COMPARE_H
#define DELIVERY_FILE_COMPARE_H

#include "delivery/target_driver.h"

/* Compares the whole of `fd` with upload->fd. */
bool file_compare(int fd, const struct upload *upload, bool *ret_same, struct error *err);

#endif
