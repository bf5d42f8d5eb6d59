/* text: the rules that every text of a record obeys, and case folding.
 *
 * Two steps, so that transforms in between see line breaks and `$`:
 *   text_clean()  on what a directory gave: valid UTF-8, NFC, only characters XML 1.0 allows,
 *                 and of its controls only tab and line breaks;
 *   text_tidy()   on what goes into a field: runs of white space become one blank, none at the
 *                 ends, NFC again where pieces were joined.
 * Both return their argument itself when there is nothing to change, which for ASCII costs one
 * pass over the bytes.
 *
 * Sources: XML 1.0 (5th ed.) section 2.2 production Char; Unicode Annex 15 (NFC), Unicode case
 * folding for comparison as RFC 4518 section 2.2 asks.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

/* What text_clean() had to mend; flags. */
enum text_mended {
    TEXT_BAD_UTF8 = 1, /* bytes that are no UTF-8 were replaced by U+FFFD */
    TEXT_FORBIDDEN = 2 /* control and forbidden characters were removed */
};

/* Flags of enum text_mended are or-ed into *mended; NULL where nobody asks. */
struct slice text_clean(struct arena *arena, struct slice raw, unsigned *mended);

/* Also removes what text_clean() would remove. An empty result has length 0. */
struct slice text_tidy(struct arena *arena, struct slice text);

/* The bytes of the blank that stands there, 0: none does. These are the blanks that people paste:
 * ASCII white space, no-break space, U+2000..U+200A, line and paragraph separator, narrow and
 * ideographic space. */
size_t text_blank_length(const char *at, size_t rest);

bool text_is_utf8(struct slice text);

/* Characters (code points), which is what Alma's maximum lengths count. */
size_t text_characters(struct slice text);

/* The first `characters` code points. Never cuts within a character. */
struct slice text_take(struct slice text, size_t characters);

/* A copy of the text; of more than `most` bytes only the beginning, and "…". Never cuts within a
 * character; SLICE_NONE stays that. */
struct slice text_cut(struct arena *arena, struct slice text, size_t most);

/* Columns of a terminal: East Asian wide characters take two, combining ones none. */
size_t text_columns(struct slice text);

/* The longest beginning that takes at most so many columns. */
struct slice text_take_columns(struct slice text, size_t columns);

struct slice text_lower(struct arena *arena, struct slice text);
struct slice text_upper(struct arena *arena, struct slice text);

/* For comparing: NFKC-free full case folding of NFC text. Two identifiers that fold to the same
 * bytes are the same to Alma, for which the primary identifier is case-insensitive. */
struct slice text_fold(struct arena *arena, struct slice text);

/* For matching as directories do (RFC 4518 sections 2.2 and 2.3): the same, but NFKC and without
 * characters that are not to be seen. */
struct slice text_fold_compatible(struct arena *arena, struct slice text);

/* The first character from `from` on that moves or hides others where text is shown: a control
 * other than those below the blank, a bidirectional mark or override, what is not to be seen.
 * Returns its place, or the text's length when there is none; *ret_point is the character,
 * *ret_length its bytes. */
size_t text_find_treacherous(struct slice text, size_t from, uint32_t *ret_point,
                             size_t *ret_length);

/* The text for a terminal or a log line: control characters, bidirectional overrides and bytes
 * that are no UTF-8 appear as \xNN or \u{NNNN}, and it is cut with "…" after `most` characters. */
struct slice text_printable(struct arena *arena, struct slice text, size_t most);

/* The same in place, for messages that are whole already: '?' for each byte of what has no place in
 * one line of a terminal or a log. */
void text_make_one_line(char *text);

#endif
