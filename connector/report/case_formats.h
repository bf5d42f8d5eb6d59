/* case_formats: what the formats of case reports share.
 *
 * Only for this folder.
 */
#ifndef REPORT_CASE_FORMATS_H
#define REPORT_CASE_FORMATS_H

#include "report/case_report.h"

/* The escape sequences of a style; empty where there are no colors. */
struct case_colors {
    const char *good, *bad, *dim, *end;
};

/* One line "FILE:LINE:COLUMN: RULE: RESULT". */
void case_add_attempt(struct buffer *out, const struct case_attempt *attempt);

/* "FILE:LINE:COLUMN". */
void case_add_position(struct buffer *out, struct position where);

/* A difference in lines for people, each indented. */
void case_add_difference(struct buffer *out, const struct case_difference *difference,
                         unsigned indent, const struct case_colors *colors);

/* "coverage of FILE: 9 of 10 parts, 90.0 %", without an end of line. */
void case_add_coverage(struct buffer *out, const struct case_report *report,
                       const struct case_coverage *coverage);

/* "FILE:LINE:COLUMN: WHAT". */
void case_add_missed(struct buffer *out, const struct case_missed *missed);

void case_write_text(const struct case_report *report, unsigned flags, struct buffer *out);
void case_write_color(const struct case_report *report, unsigned flags, struct buffer *out);
void case_write_tap(const struct case_report *report, unsigned flags, struct buffer *out);
void case_write_junit(const struct case_report *report, unsigned flags, struct buffer *out);

#endif
