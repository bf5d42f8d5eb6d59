/* picture_color: colors as a profile means them (ICC.1), told as sRGB.
 *
 * Pictures of many phones are in Display P3, which looks pale where it is taken for sRGB. Once the
 * profile is left out, as it must be, the colors have to be those that everybody assumes.
 */
#ifndef PHOTOS_PICTURE_COLOR_H
#define PHOTOS_PICTURE_COLOR_H

#include "base/slice.h"
#include "photos/picture_image.h"

/* A profile that cannot be used, is not for RGB, or is sRGB's own changes nothing. */
void picture_color_to_srgb(struct pixels *pixels, struct slice profile);

/* Whether the library does its work here: once from a profile of our own. */
bool picture_color_try(void);

#endif
