#include "photos/picture_trouble.h"

#include <stddef.h>

static const char *const texts[PICTURE_TROUBLE_COUNT] = {
    [PICTURE_EMPTY] = "is empty",
    [PICTURE_IS_GIF] = "is a GIF, which is not taken",
    [PICTURE_IS_BMP] = "is a BMP, which is not taken",
    [PICTURE_IS_WEBP] = "is a WebP, which is not taken",
    [PICTURE_IS_HEIC] = "is a HEIC or AVIF, which is not taken",
    [PICTURE_IS_TIFF] = "is a TIFF, which is not taken",
    [PICTURE_IS_PDF] = "is a PDF document",
    [PICTURE_IS_SVG] = "is a text, such as SVG, which is not taken",
    [PICTURE_IS_ZIP] = "is a ZIP archive",
    [PICTURE_IS_UNKNOWN] = "is neither a JPEG nor a PNG",
    [PICTURE_ENDS_EARLY] = "ends before it is complete",
    [PICTURE_DAMAGED] = "is damaged",
    [PICTURE_ODD] = "is of a kind of JPEG that only few programs can read",
    [PICTURE_TOO_WIDE] = "has more than 50 million pixels, or more than 20,000 on one side",
    [PICTURE_TOO_MANY_SCANS] = "has more than 100 scans",
    [PICTURE_TOO_HEAVY] = "needs more memory than a picture may take",
    [PICTURE_STAYS_LARGE] = "cannot be made as small as photos.max_bytes says",
    [PICTURE_TOO_MANY_BYTES] = "is larger than 20 MB, or than 64 MB with the person's others",
    [PICTURE_TOO_MANY] = "is one of more than 16 of this person",
    [PICTURE_TOO_SLOW] = "takes longer to decode than a picture may",
    [PICTURE_ENDED] = "made the process end that decodes it",
    [PICTURE_FALSE] = "came back from the process that decodes it as what no picture is",
};

const char *
picture_trouble_text(enum picture_trouble trouble)
{
    return texts[trouble];
}
