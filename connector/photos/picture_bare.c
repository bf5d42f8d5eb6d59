#include "photos/picture_wire.h"

/* Markers of a JPEG, after their 0xFF. */
enum {
    JPEG_SOF0 = 0xC0,
    JPEG_DHT = 0xC4,
    JPEG_RST0 = 0xD0,
    JPEG_RST7 = 0xD7,
    JPEG_SOI = 0xD8,
    JPEG_EOI = 0xD9,
    JPEG_SOS = 0xDA,
    JPEG_DQT = 0xDB,
    JPEG_APP0 = 0xE0
};

/* JFIF 1.02: identifier, version, density, and no thumbnail. */
enum { JFIF_BYTES = 16 };

struct jpeg_walk {
    const unsigned char *data;
    size_t length, at;
    unsigned frames, scans, headers;
};

static unsigned
pair(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static bool
take_segment(struct jpeg_walk *walk, unsigned marker, size_t length, unsigned width,
             unsigned height)
{
    const unsigned char *segment = walk->data + walk->at;

    switch (marker) {
    case JPEG_APP0:
        return ++walk->headers == 1 && walk->frames == 0 && length == JFIF_BYTES &&
               memcmp(segment + 2, "JFIF", 5) == 0 && segment[14] == 0 && segment[15] == 0;
    case JPEG_SOF0:
        return ++walk->frames == 1 && length >= 8 && pair(segment + 3) == height &&
               pair(segment + 5) == width;
    case JPEG_SOS:
        return ++walk->scans == 1 && walk->frames == 1;
    case JPEG_DHT:
    case JPEG_DQT:
        return true;
    default:
        return false;
    }
}

/* The entropy-coded bytes: 0xFF is only followed by 0 there, which stuffs, or by a restart. */
static void
skip_scan(struct jpeg_walk *walk)
{
    while (walk->at + 1 < walk->length) {
        unsigned next = walk->data[walk->at + 1];

        if (walk->data[walk->at] == 0xFF && next != 0 && (next < JPEG_RST0 || next > JPEG_RST7))
            return;
        walk->at++;
    }
}

static bool
is_bare_jpeg(struct jpeg_walk *walk, unsigned width, unsigned height)
{
    if (walk->length < 4 || pair(walk->data) != (0xFF00 | JPEG_SOI))
        return false;
    walk->at = 2;
    while (walk->length - walk->at >= 4) {
        unsigned marker = walk->data[walk->at + 1];
        size_t length = pair(walk->data + walk->at + 2);

        if (walk->data[walk->at] != 0xFF)
            return false;
        walk->at += 2;
        if (length < 2 || length > walk->length - walk->at ||
            !take_segment(walk, marker, length, width, height))
            return false;
        walk->at += length;
        if (marker == JPEG_SOS)
            skip_scan(walk);
    }
    return walk->scans == 1 && walk->length - walk->at == 2 &&
           pair(walk->data + walk->at) == (0xFF00 | JPEG_EOI);
}

static size_t
quad(const unsigned char *at)
{
    return (size_t)pair(at) << 16 | pair(at + 2);
}

static bool
is_bare_png(const unsigned char *data, size_t length, unsigned width, unsigned height)
{
    static const unsigned char signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const char *const chunks[] = {"IHDR", "IDAT", "IEND"};
    size_t at = sizeof signature, now = 0;

    if (length < sizeof signature || memcmp(data, signature, sizeof signature) != 0)
        return false;
    while (length - at >= 12) {
        size_t bytes = quad(data + at);

        if (at > sizeof signature && now < 2 && memcmp(data + at + 4, chunks[now], 4) != 0)
            now++;
        if (bytes > length - at - 12 || memcmp(data + at + 4, chunks[now], 4) != 0)
            return false;
        if (now == 0 && (at > sizeof signature || bytes != 13 || quad(data + at + 8) != width ||
                         quad(data + at + 12) != height))
            return false;
        if (now == 2)
            return bytes == 0 && at + 12 == length;
        at += bytes + 12;
    }
    return false;
}

bool
picture_is_bare(struct slice file, enum picture_format format, unsigned width, unsigned height)
{
    struct jpeg_walk walk = {.data = (const unsigned char *)file.data, .length = file.length};

    if (format == PICTURE_PNG)
        return is_bare_png(walk.data, walk.length, width, height);
    return is_bare_jpeg(&walk, width, height);
}
