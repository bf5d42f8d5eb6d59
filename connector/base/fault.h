/* fault: everything that is wrong with a file, told at once.
 *
 * A loader goes on after a fault and collects them; at its end it calls faults_conclude(), which
 * says each one by the messenger as "FILE:LINE:COLUMN: text" and sums them up in one error.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/error.h"
#include "base/message.h"

#include <stdbool.h>
#include <stddef.h>

/* A place in a file that a person wrote. Lines and columns count from 1; columns count
 * characters. line 0: the file as a whole; column 0: the line as a whole. The file's name is
 * borrowed from the run's arena. */
struct position {
    const char *file;
    unsigned line;
    unsigned column;
};

/* The order in which a reader comes by: by file, line and column. */
int position_compare(struct position a, struct position b);

struct faults;

struct faults *faults_new(void);
void faults_free(struct faults *faults);

/* Notes a fault. The text is lower case, without a full stop, with values quoted. */
void faults_add(struct faults *faults, struct position where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes "unknown WHAT 'NAME'" and the nearest of `names`, where one is near enough to be meant. */
void faults_add_unknown(struct faults *faults, struct position where, const char *what,
                        const char *name, const char *const *names, size_t count);

/* Notes that the file could not be read at all: what faults_conclude() then tells in one error. */
void faults_unreadable(struct faults *faults, const struct error *err);

size_t faults_count(const struct faults *faults);

/* The text of one fault with its position in front, for tests and lists. */
const char *faults_text(const struct faults *faults, size_t index);

/* True when there is no fault. Otherwise says all of them, in the order of their positions, at
 * MESSAGE_ERROR and sets err to "WHAT has N faults" with ERROR_CONFIG (or, where a file could not
 * be read, to why not); returns false. */
bool faults_conclude(struct faults *faults, const struct messenger *messenger, const char *what,
                     struct error *err);

/* Of `count` names the one nearest to `name` by edit distance with transpositions, or NULL when
 * none is near enough to be meant (distance at most 1 + a third of the length). */
const char *fault_nearest(const char *name, const char *const *names, size_t count);

#endif
