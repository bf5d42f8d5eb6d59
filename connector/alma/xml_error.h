/* xml_error: the wording of all that libxml2 has to say. */
#ifndef ALMA_XML_ERROR_H
#define ALMA_XML_ERROR_H

#include <libxml/xmlerror.h>

enum { XML_ERROR_BYTES = 1024 };

/* Its message as ours look: one line, no capital, no full stop. */
void xml_error_text(const xmlError *error, char ret_text[XML_ERROR_BYTES]);

#endif
