/* picture_trouble: why a picture is not taken.
 *
 * The processes that decode tell it by number, so that no text of theirs gets anywhere.
 */
#ifndef PHOTOS_PICTURE_TROUBLE_H
#define PHOTOS_PICTURE_TROUBLE_H

enum picture_trouble {
    PICTURE_FINE,
    PICTURE_EMPTY,
    PICTURE_IS_GIF,
    PICTURE_IS_BMP,
    PICTURE_IS_WEBP,
    PICTURE_IS_HEIC,
    PICTURE_IS_TIFF,
    PICTURE_IS_PDF,
    PICTURE_IS_SVG,
    PICTURE_IS_ZIP,
    PICTURE_IS_UNKNOWN,
    PICTURE_ENDS_EARLY,
    PICTURE_DAMAGED,
    PICTURE_ODD, /* JPEG's rarer kinds: lossless, 12 bit */
    PICTURE_TOO_WIDE,
    PICTURE_TOO_MANY_SCANS,
    PICTURE_TOO_HEAVY,
    PICTURE_STAYS_LARGE,
    PICTURE_TOO_MANY_BYTES,
    PICTURE_TOO_MANY,
    PICTURE_TOO_SLOW, /* from here on of the processes themselves */
    PICTURE_ENDED,
    PICTURE_FALSE,
    PICTURE_TROUBLE_COUNT
};

/* To follow "the picture " in a sentence; NULL for PICTURE_FINE. */
const char *picture_trouble_text(enum picture_trouble trouble);

#endif
