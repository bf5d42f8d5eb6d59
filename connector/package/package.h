/* package: rendered records wait in the spool and become ZIP packages.
 *
 * Order of use: spool_open(); spool_append() for each record as it is rendered; when the verdicts
 * about the whole set are known, package_build() with the records that go out. The spool's file
 * has no name (it is unlinked at once), so a run that dies leaves nothing of it behind.
 *
 * A package is a ZIP of XML documents, closed and synced when package_build() returns: deflated,
 * sizes in the local headers, ZIP64 only where needed.
 */
#ifndef PACKAGE_PACKAGE_H
#define PACKAGE_PACKAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/message.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct spool;

/* A record's place in the spool. */
struct spool_record {
    uint64_t offset;
    uint32_t length;
};

struct spool *spool_open(const char *folder, struct error *err);
void spool_close(struct spool *spool);

/* How many bytes were appended. */
uint64_t spool_bytes(const struct spool *spool);

bool spool_append(struct spool *spool, struct slice record, struct spool_record *ret_record,
                  struct error *err);

/* Writes out what still waits in memory; spool_read() does so itself, but threads that read at
 * once need it done before. */
bool spool_flush(struct spool *spool, struct error *err);

/* Reads `length` bytes that were appended, at `offset`, into `data`. */
bool spool_read(struct spool *spool, uint64_t offset, char *data, size_t length, struct error *err);

/* Forgets all records: the read began anew. */
bool spool_restart(struct spool *spool, struct error *err);

struct package_options {
    const char *folder; /* where the packages are written */
    const char *prefix; /* "FEED-MODE-20260901T030000Z": "-NN.zip" is added */
    struct slice document_begin, document_end;
    unsigned records_per_file;
    unsigned files_per_package;
    uint64_t max_size;     /* bytes of a package */
    unsigned max_packages; /* more than these: the build fails */
    unsigned threads;
    time_t time; /* of the members */
};

struct package {
    char *name; /* of the file, without folder */
    char *path;
    uint64_t records;
    uint64_t files;
    uint64_t bytes;
    char sha256[DIGEST_TEXT_BYTES];
};

struct packages {
    struct package *items;
    size_t count;
};

/* Builds the packages of `count` records, in their order. Names and paths live in the arena. On
 * failure no file of this call is left. */
bool package_build(struct spool *spool, const struct spool_record *records, size_t count,
                   const struct package_options *options, struct arena *arena,
                   const struct messenger *messenger, struct packages *ret_packages,
                   struct error *err);

/* Removes what a build that was killed left in the folder: parts of packages, never packages.
 * Nobody else may be building there. */
void package_clean(const char *folder, const struct messenger *messenger);

/* One record on its own, for keeping: compressed, and as it was. Both append. */
void package_deflate(struct slice bytes, struct buffer *out);
bool package_inflate(struct slice bytes, struct buffer *out, struct error *err);

/* Calls `document` with each XML document of a package, in order, as an open file descriptor. */
bool package_read(const char *path,
                  bool (*document)(void *context, const char *name, int fd, struct error *err),
                  void *context, struct error *err);

/* Who gets the documents of a package; each function may end the reading (false, with err). */
struct package_pieces {
    bool (*begin)(void *context, const char *name, struct error *err);
    bool (*piece)(void *context, struct slice bytes, struct error *err); /* the next ones */
    bool (*end)(void *context, struct error *err);
    void *context;
};

/* Hands over the documents of a package in their order, in pieces, in the caller's thread. Each is
 * held against the length and the checksum that the package gives. For our own packages: what is
 * not deflated is refused. */
bool package_unpack(const char *path, const struct package_pieces *pieces, struct error *err);

#endif
