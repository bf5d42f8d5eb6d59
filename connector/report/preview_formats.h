/* preview_formats: the formats of a preview, for the table in preview.c. Only for this folder. */
#ifndef REPORT_PREVIEW_FORMATS_H
#define REPORT_PREVIEW_FORMATS_H

#include "report/preview.h"

void preview_write_text(const struct preview *preview, unsigned width, struct buffer *out);
void preview_write_color(const struct preview *preview, unsigned width, struct buffer *out);
void preview_write_json(const struct preview *preview, unsigned width, struct buffer *out);
void preview_write_xml(const struct preview *preview, unsigned width, struct buffer *out);

#endif
