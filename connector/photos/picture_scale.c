#include "photos/picture_image.h"

void
pixels_new(struct pixels *pixels, unsigned width, unsigned height)
{
    *pixels = (struct pixels){width, height, memory_alloc((size_t)width * height * 3)};
}

void
pixels_free(struct pixels *pixels)
{
    free(pixels->rgb);
    *pixels = (struct pixels){0};
}

void
picture_fit(unsigned from_width, unsigned from_height, unsigned *width, unsigned *height)
{
    uint64_t across = (uint64_t)from_width * *height, down = (uint64_t)from_height * *width;

    if (from_width <= *width && from_height <= *height) {
        *width = from_width;
        *height = from_height;
    } else if (across >= down) {
        *height = (unsigned)((down + from_width / 2) / from_width);
    } else {
        *width = (unsigned)((across + from_height / 2) / from_height);
    }
    if (*width == 0)
        *width = 1;
    if (*height == 0)
        *height = 1;
}

/* Adds `share` of a row to the sums of all rows that a new one covers. */
static void
add_row(const unsigned char *row, size_t count, unsigned share, uint32_t *sums)
{
    for (size_t i = 0; i < count; i++)
        sums[i] += row[i] * share;
}

/* The sums as a narrower row. A new pixel is what all pixels up to its right edge have together,
 * less what those up to its left edge have; an edge may cut an old pixel. In units in which an old
 * pixel is `width` wide all of this is whole numbers. */
static void
narrow_row(const uint32_t *sums, const struct pixels *from, unsigned width, unsigned char *to)
{
    double each = 1.0 / ((double)from->width * from->height);
    uint64_t whole[3] = {0}, last[3] = {0}; /* of all pixels before `sums`; up to the last edge */
    unsigned step = from->width / width, step_cut = from->width % width, cut = 0;

    for (unsigned x = 0; x < width; x++) {
        unsigned steps = step;

        cut += step_cut;
        if (cut >= width) {
            cut -= width;
            steps++;
        }
        for (; steps > 0; steps--, sums += 3)
            for (int c = 0; c < 3; c++)
                whole[c] += sums[c];
        for (int c = 0; c < 3; c++) {
            uint64_t now = whole[c] * width + (cut ? (uint64_t)sums[c] * cut : 0);

            *to++ = (unsigned char)((double)(int64_t)(now - last[c]) * each + 0.5);
            last[c] = now;
        }
    }
}

void
picture_scale(const struct pixels *from, unsigned width, unsigned height, struct pixels *ret_pixels)
{
    size_t count = (size_t)from->width * 3;
    uint32_t *sums = memory_zero(count, sizeof *sums);
    unsigned open = from->height, y = 0; /* of the new row; an old row is `height` high */

    pixels_new(ret_pixels, width, height);
    for (unsigned old = 0; old < from->height; old++)
        for (unsigned left = height; left > 0;) {
            unsigned share = left < open ? left : open;

            add_row(from->rgb + old * count, count, share, sums);
            open -= share;
            left -= share;
            if (open > 0)
                continue;
            narrow_row(sums, from, width, ret_pixels->rgb + (size_t)y++ * width * 3);
            memset(sums, 0, count * sizeof *sums);
            open = from->height;
        }
    free(sums);
}

void
picture_turn(const struct pixels *from, unsigned orientation, struct pixels *ret_pixels)
{
    /* Of Exif's orientations: rows and columns are exchanged, the columns come from the right, the
     * rows from below. */
    static const struct {
        bool crossed, from_right, from_below;
    } turns[9] = {[2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
                  [5] = {true, false, false}, [6] = {true, false, true}, [7] = {true, true, true},
                  [8] = {true, true, false}};
    bool crossed = turns[orientation].crossed;

    pixels_new(ret_pixels, crossed ? from->height : from->width,
               crossed ? from->width : from->height);
    for (unsigned y = 0; y < ret_pixels->height; y++)
        for (unsigned x = 0; x < ret_pixels->width; x++) {
            unsigned column = crossed ? y : x, row = crossed ? x : y;

            if (turns[orientation].from_right)
                column = from->width - 1 - column;
            if (turns[orientation].from_below)
                row = from->height - 1 - row;
            memcpy(ret_pixels->rgb + ((size_t)y * ret_pixels->width + x) * 3,
                   from->rgb + ((size_t)row * from->width + column) * 3, 3);
        }
}
