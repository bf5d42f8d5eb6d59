#include "alma/alma.h"

#include "alma/xml_begin.h"
#include "alma/xml_error.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <unistd.h>

enum { SAID_MOST = 100 };

struct validation {
    const char *name;
    int fd;
    const struct messenger *messenger;
    xmlParserCtxtPtr parser;
    size_t violations;
    int read_errno; /* 0: the descriptor could be read */
};

static void
violation_say(struct validation *validation, int line, const char *text)
{
    if (++validation->violations <= SAID_MOST)
        message_say(validation->messenger, MESSAGE_ERROR, "%s:%d: %s", validation->name, line,
                    text);
}

static void
xml_error_say(struct validation *validation, const xmlError *error)
{
    char text[XML_ERROR_BYTES];

    /* A read that failed looks like the document's end. */
    if (error->level < XML_ERR_ERROR || validation->read_errno)
        return;
    xml_error_text(error, text);
    violation_say(validation, error->line, text);
}

static void
on_schema_error(void *context, xmlErrorPtr error)
{
    xml_error_say(context, error);
}

/* libxml2 hands over the data of the validator, which sits between the parser and us. */
static void
on_parser_error(void *context, xmlErrorPtr error)
{
    xmlParserCtxtPtr parser = error->ctxt;

    (void)context;
    xml_error_say(parser->_private, error);
}

static void
on_doctype(void *context, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
    struct validation *validation = context;

    (void)name;
    (void)external_id;
    (void)system_id;
    violation_say(validation, xmlSAX2GetLineNumber(validation->parser), "a DOCTYPE is not allowed");
    xmlStopParser(validation->parser);
}

static int
on_read(void *context, char *data, int length)
{
    struct validation *validation = context;
    ssize_t got;

    do
        got = read(validation->fd, data, (size_t)length);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        validation->read_errno = errno;
    return (int)got;
}

static int
locate(void *context, const char **ret_file, unsigned long *ret_line)
{
    struct validation *validation = context;

    *ret_file = NULL;
    *ret_line = (unsigned long)xmlSAX2GetLineNumber(validation->parser);
    return 0;
}

static xmlSchemaPtr
load_schema(struct validation *validation)
{
    struct buffer text = BUFFER_INIT;
    xmlSchemaParserCtxtPtr parser;
    xmlSchemaPtr schema = NULL;

    xml_begin();
    alma_write_schema(&text);
    parser = xmlSchemaNewMemParserCtxt(text.data, (int)text.length);
    if (parser) {
        xmlSchemaSetParserStructuredErrors(parser, on_schema_error, validation);
        schema = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
    }
    buffer_free(&text);
    return schema;
}

/* A parser that builds no tree, declares no entities and opens no file. */
static xmlParserCtxtPtr
new_parser(struct validation *validation)
{
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC, .internalSubset = on_doctype};
    xmlParserCtxtPtr parser = xmlCreateIOParserCtxt(&handler, validation, on_read, NULL, validation,
                                                    XML_CHAR_ENCODING_NONE);

    if (!parser)
        return NULL;
    xmlCtxtUseOptions(parser, XML_PARSE_NONET);
    parser->_private = validation;
    return parser;
}

/* False when libxml2 itself fails; violations are counted. */
static bool
run(struct validation *validation, xmlSchemaValidCtxtPtr validator)
{
    xmlSchemaSAXPlugPtr plug;

    validation->parser = new_parser(validation);
    if (!validation->parser)
        return false;
    xmlSchemaSetValidStructuredErrors(validator, on_schema_error, validation);
    xmlSchemaValidateSetLocator(validator, locate, validation);
    plug = xmlSchemaSAXPlug(validator, &validation->parser->sax, &validation->parser->userData);
    if (plug) {
        validation->parser->sax->serror = on_parser_error;
        xmlParseDocument(validation->parser);
        xmlSchemaSAXUnplug(plug);
    }
    xmlFreeParserCtxt(validation->parser);
    return plug != NULL;
}

static bool
conclude(const struct validation *validation, struct error *err)
{
    if (validation->read_errno)
        return error_set(err, ERROR_DATA, "cannot read '%s': %s", validation->name,
                         strerror(validation->read_errno));
    if (validation->violations == 0)
        return true;
    if (validation->violations > SAID_MOST)
        message_say(validation->messenger, MESSAGE_ERROR, "%s: %zu more of the kind",
                    validation->name, validation->violations - SAID_MOST);
    return error_set(err, ERROR_DATA, "'%s' is not valid: %zu fault%s", validation->name,
                     validation->violations, validation->violations == 1 ? "" : "s");
}

bool
alma_validate(const char *name, int fd, const struct messenger *messenger, struct error *err)
{
    struct validation validation = {.name = name, .fd = fd, .messenger = messenger};
    xmlSchemaPtr schema = load_schema(&validation);
    xmlSchemaValidCtxtPtr validator = schema ? xmlSchemaNewValidCtxt(schema) : NULL;
    bool done = validator && run(&validation, validator);

    xmlSchemaFreeValidCtxt(validator);
    xmlSchemaFree(schema);
    if (!done)
        return error_set(err, ERROR_INTERNAL, "cannot validate '%s': libxml2 failed", name);
    return conclude(&validation, err);
}
