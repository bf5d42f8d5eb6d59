/* picture_exif: which side of a picture is up, and when it was taken.
 *
 * Exif (CIPA DC-008) is a TIFF structure: after the byte order a list of fields of 12 bytes. Only
 * three fields are looked for.
 */
#ifndef PHOTOS_PICTURE_EXIF_H
#define PHOTOS_PICTURE_EXIF_H

#include "base/slice.h"
#include "photos/picture_image.h"

/* `tiff` begins with the byte order. Sets look's orientation (1 where nothing sound is said) and
 * date. */
void picture_exif_read(struct slice tiff, struct picture_look *look);

#endif
