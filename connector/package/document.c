#include "package/document.h"

#include <string.h>

/* Reading over a gap is cheaper than another call, as long as it is short. */
enum { GAP_MOST = 4096 };

static size_t
take_slice(struct slice *from, char *data, size_t room)
{
    size_t length = from->length < room ? from->length : room;

    if (length)
        memcpy(data, from->data, length);
    from->data += length;
    from->length -= length;
    return length;
}

/* Where in the spool to read on: at most `room` bytes from `start`, over as many records as follow
 * each other with short gaps at most. */
struct span {
    uint64_t start;
    uint64_t end;
    size_t behind; /* the record behind the last one that begins in the span */
};

static struct span
find_span(const struct document *document, size_t room)
{
    uint64_t start = document->records[document->next].offset + document->next_offset;
    struct span span = {start, start, document->next};
    uint64_t at = start;

    while (at >= span.end && at - span.end <= GAP_MOST && at < start + room) {
        const struct spool_record *record = &document->records[span.behind++];
        uint64_t end = record->offset + record->length;

        span.end = end < start + room ? end : start + room;
        if (span.behind == document->count)
            break;
        at = document->records[span.behind].offset;
    }
    return span;
}

/* Closes the gaps in what was read of a span and moves on behind it. Returns what is left. */
static size_t
take_records(struct document *document, const struct span *span, char *data)
{
    size_t length = 0;

    while (document->next < span->behind) {
        const struct spool_record *record = &document->records[document->next];
        uint64_t at = record->offset + document->next_offset;
        size_t left = record->length - document->next_offset;
        size_t taken = left < span->end - at ? left : (size_t)(span->end - at);

        memmove(data + length, data + (at - span->start), taken);
        length += taken;
        if (taken < left) {
            document->next_offset += (uint32_t)taken;
            break;
        }
        document->next++;
        document->next_offset = 0;
    }
    return length;
}

bool
document_read(struct document *document, char *data, size_t size, size_t *ret_length,
              struct error *err)
{
    size_t filled = take_slice(&document->begin, data, size);

    while (document->next < document->count && filled < size) {
        struct span span = find_span(document, size - filled);

        if (!spool_read(document->spool, span.start, data + filled, (size_t)(span.end - span.start),
                        err))
            return false;
        filled += take_records(document, &span, data + filled);
    }
    filled += take_slice(&document->end, data + filled, size - filled);
    *ret_length = filled;
    return true;
}
