/* save: a text for others into a file that they may read at any moment. Only for this folder. */
#ifndef REPORT_SAVE_H
#define REPORT_SAVE_H

#include "base/buffer.h"
#include "base/error.h"

/* The file appears whole or not at all, mode 0600. What is there but no regular file (a pipe,
 * /dev/stdout, a link) is written to as it is. `what` is the text's name: "report". */
bool save_text(const char *what, const char *path, const struct buffer *text, struct error *err);

/* Whether a file's name ends so (".html") and has something before. */
bool save_ends(const char *path, const char *ending);

/* The same with mode 0644, whatever the umask: for what holds nothing about people. */
bool save_public_text(const char *what, const char *path, const struct buffer *text,
                      struct error *err);

#endif
