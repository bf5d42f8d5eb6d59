#include "run/push.h"

#include "directory/ldif_reader.h"
#include "directory/ldif_write.h"
#include "run/entry.h"

#include <stdlib.h>

/* Records are read first and taken then, so many at once, that nobody holds the store while a pipe
 * is slow, and each batch is on the disk before the next one begins. */
enum { BATCH_RECORDS = 2000, BATCH_BYTES = 4 * 1024 * 1024 };

struct batch {
    struct buffer text;
    struct ldif_record records[BATCH_RECORDS];
    size_t starts[BATCH_RECORDS]; /* of the texts */
    size_t count;
};

/* What is said of a record, when the store is free again. */
struct told {
    enum message_level level;
    const char *text;
};

struct stream {
    struct push push;
    struct l2a *feed;
    struct ldif_reader *reader;
    struct batch *batch;
    struct arena *arena;  /* of one record */
    struct arena *speech; /* of one batch */
    struct told told[BATCH_RECORDS];
    size_t told_count;
    uint64_t counts[FEED_PUT_COUNTS]; /* of one batch */
    uint64_t records;                 /* so far */
};

static void
add_record(struct batch *batch, const struct ldif_record *record)
{
    batch->starts[batch->count] = batch->text.length;
    batch->records[batch->count++] = *record;
    buffer_add(&batch->text, record->text, record->length);
    buffer_add(&batch->text, "", 1);
}

/* False with err when the stream ended with a failure; what came before is in the batch. */
static bool
read_batch(struct stream *stream, bool *ret_more, struct error *err)
{
    struct batch *batch = stream->batch;
    enum ldif_read read = LDIF_READ_RECORD;
    struct ldif_record record;

    batch->count = batch->text.length = 0;
    while (read == LDIF_READ_RECORD && batch->count < BATCH_RECORDS &&
           batch->text.length < BATCH_BYTES) {
        read = ldif_reader_next(stream->reader, &record, err);
        if (read == LDIF_READ_RECORD)
            add_record(batch, &record);
    }
    for (size_t i = 0; i < batch->count; i++)
        batch->records[i].text = batch->text.data + batch->starts[i];
    *ret_more = read == LDIF_READ_RECORD;
    return read != LDIF_READ_FAILED;
}

static void
tell(struct stream *stream, enum message_level level, const struct error *why)
{
    stream->told[stream->told_count++] =
        (struct told){level, arena_string(stream->speech, why->text)};
}

static void
count(struct stream *stream, enum push_verdict verdict, const struct error *why)
{
    uint64_t *counts = stream->counts;

    counts[L2A_PUT_TAKEN] +=
        verdict == PUSH_TAKEN || verdict == PUSH_HELD || verdict == PUSH_SKIPPED;
    counts[L2A_PUT_SAME] += verdict == PUSH_SAME;
    counts[L2A_PUT_HELD] += verdict == PUSH_HELD;
    counts[L2A_PUT_SKIPPED] += verdict == PUSH_SKIPPED;
    counts[L2A_PUT_REFUSED] += verdict == PUSH_REFUSED;
    if (verdict == PUSH_HELD)
        tell(stream, MESSAGE_WARNING, why);
    if (verdict == PUSH_REFUSED)
        tell(stream, MESSAGE_ERROR, why);
}

static bool
take_record(struct stream *stream, const struct ldif_record *record, struct error *err)
{
    struct error why = ERROR_INIT;
    enum push_verdict verdict = PUSH_REFUSED;
    struct ldif_change *change;

    arena_reset(stream->arena);
    change = ldif_change_parse(record, stream->arena, &why);
    if (change && ldif_change_kind(change) == LDIF_NOTHING)
        return true;
    stream->records++;
    if (change)
        verdict = push_take(&stream->push, change, &why);
    count(stream, verdict, &why);
    if (verdict == PUSH_FAILED)
        *err = why;
    return verdict != PUSH_FAILED;
}

/* All of it is on the disk, or nothing. */
static bool
take_batch(struct stream *stream, struct error *err)
{
    struct pushed *store = stream->push.store;
    bool ok = true;

    stream->told_count = 0;
    arena_reset(stream->speech);
    memset(stream->counts, 0, sizeof stream->counts);
    if (stream->batch->count == 0)
        return true;
    if (!pushed_begin(store, err))
        return false;
    for (size_t i = 0; ok && i < stream->batch->count; i++)
        ok = take_record(stream, &stream->batch->records[i], err);
    if (ok && stream->counts[L2A_PUT_REFUSED] > 0)
        ok = pushed_add_refusals(store, stream->counts[L2A_PUT_REFUSED], err);
    ok = pushed_end(store, ok, err) && ok;
    if (!ok)
        return false;
    for (size_t i = 0; i < FEED_PUT_COUNTS; i++)
        stream->feed->put_counts[i] += stream->counts[i];
    for (size_t i = 0; i < stream->told_count; i++)
        message_say(&stream->feed->messenger, stream->told[i].level, "%s", stream->told[i].text);
    return true;
}

/* What was said of the records before holds: they are on the disk. */
static bool
tell_failure(const struct stream *stream, struct error *err)
{
    if (stream->batch->count > 0)
        error_prefix(err, "nothing is taken from line %lu on", stream->batch->records[0].line);
    return false;
}

static bool
take_stream(struct stream *stream, struct error *err)
{
    bool more = true;

    while (more) {
        struct error broken = ERROR_INIT;
        bool whole = read_batch(stream, &more, &broken);

        if (!take_batch(stream, err))
            return tell_failure(stream, err);
        if (!whole) {
            *err = broken;
            return error_hint(err, "What came before is taken: put the rest again, whole.");
        }
    }
    if (stream->records > 0)
        return true;
    error_set(err, ERROR_DATA, "'%s' has no record", ldif_reader_name(stream->reader));
    return error_hint(err, "Look at what writes it: nobody was put.");
}

/* The gravest of what was said of single records. */
static bool
sum_up(struct l2a *feed)
{
    const uint64_t *counts = feed->put_counts;

    if (counts[L2A_PUT_REFUSED] > 0)
        return error_set(&feed->err, ERROR_DATA, "%ju of the records cannot be taken",
                         (uintmax_t)counts[L2A_PUT_REFUSED]);
    if (counts[L2A_PUT_HELD] > 0)
        return error_set(&feed->err, ERROR_BRAKE, "%ju of the people will be held",
                         (uintmax_t)counts[L2A_PUT_HELD]);
    return true;
}

static int
put_stream(struct l2a *feed, struct ldif_reader *reader)
{
    struct stream *stream = memory_zero(1, sizeof *stream);
    bool ok = reader && push_open(&stream->push, feed);

    stream->feed = feed;
    stream->reader = reader;
    if (ok) {
        stream->batch = memory_zero(1, sizeof *stream->batch);
        stream->arena = arena_new();
        stream->speech = arena_new();
        ok = take_stream(stream, &feed->err) && sum_up(feed);
        buffer_free(&stream->batch->text);
        arena_free(stream->arena);
        arena_free(stream->speech);
        free(stream->batch);
    }
    push_close(&stream->push);
    ldif_reader_close(reader);
    free(stream);
    return ok ? L2A_DONE : feed_failed(feed);
}

static bool
begin(struct l2a *feed)
{
    found_restart(&feed->found);
    memset(feed->put_counts, 0, sizeof feed->put_counts);
    return feed_begin(feed, true, 0, 0);
}

int
l2a_put_ldif(struct l2a *feed, const char *path)
{
    return begin(feed) ? put_stream(feed, ldif_reader_open(path, &feed->err)) : feed_failed(feed);
}

int
l2a_put_text(struct l2a *feed, const char *ldif, size_t length)
{
    if (!begin(feed))
        return feed_failed(feed);
    return put_stream(feed, ldif_reader_open_text("the text", 1, (struct slice){ldif, length}));
}

uint64_t
l2a_put_counted(const struct l2a *feed, enum l2a_put_count what)
{
    return (size_t)what < FEED_PUT_COUNTS ? feed->put_counts[what] : 0;
}

/* One person is a stream of one record, of whose line nobody wants to know. */
static bool
put_one(struct push *push, const struct whole_entry *entry, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct arena *arena = arena_new();
    struct ldif_change *change;
    enum push_verdict verdict = PUSH_REFUSED;
    bool ok;

    ldif_write_entry(&text, entry, NULL, 0);
    text.length--; /* the blank line */
    buffer_add(&text, "", 1);
    change =
        ldif_change_parse(&(struct ldif_record){text.data, text.length - 1, 0, false}, arena, err);
    ok = pushed_begin(push->store, err);
    if (ok) {
        verdict = change ? push_take(push, change, err) : PUSH_REFUSED;
        ok = verdict != PUSH_FAILED;
        if (verdict == PUSH_REFUSED)
            ok = pushed_add_refusals(push->store, 1, err);
        ok = pushed_end(push->store, ok, err) && ok;
    }
    buffer_free(&text);
    arena_free(arena);
    return ok && verdict != PUSH_REFUSED && verdict != PUSH_HELD;
}

int
l2a_put(struct l2a *feed, const struct l2a_entry *entry)
{
    struct push push;
    bool ok;

    if (!begin(feed))
        return feed_failed(feed);
    ok = push_open(&push, feed) && put_one(&push, entry->whole, &feed->err);
    push_close(&push);
    return ok ? L2A_DONE : feed_failed(feed);
}
