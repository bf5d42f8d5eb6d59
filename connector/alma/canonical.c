#include "alma/alma.h"

#include "alma/escape.h"
#include "alma/xml_begin.h"
#include "alma/xml_error.h"

#include <limits.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

static struct slice
slice_of_xml(const xmlChar *text)
{
    return slice_of((const char *)text);
}

static int
compare_attributes(const void *a, const void *b)
{
    const xmlAttr *first = *(const xmlAttr *const *)a, *second = *(const xmlAttr *const *)b;

    return xmlStrcmp(first->name, second->name);
}

static void
write_attributes(const xmlNode *node, struct buffer *out)
{
    const xmlAttr **sorted = NULL;
    size_t count = 0, capacity = 0;

    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        memory_grow(&sorted, &capacity, count + 1, sizeof(const xmlAttr *));
        sorted[count++] = attribute;
    }
    if (count > 1)
        qsort(sorted, count, sizeof(const xmlAttr *), compare_attributes);
    for (size_t i = 0; i < count; i++) {
        xmlChar *value = xmlNodeListGetString(node->doc, sorted[i]->children, 1);

        buffer_format(out, " %s=\"", (const char *)sorted[i]->name);
        if (value)
            escape_add(out, slice_of_xml(value), ESCAPE_ATTRIBUTE);
        buffer_add_text(out, "\"");
        xmlFree(value);
    }
    free(sorted);
}

static bool
has_elements(const xmlNode *node)
{
    for (const xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            return true;
    return false;
}

static bool
is_text(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

static void
write_element(const xmlNode *node, int level, struct buffer *out)
{
    const char *name = (const char *)node->name;
    bool deep = has_elements(node);

    buffer_format(out, "%*s<%s", 2 * level, "", name);
    write_attributes(node, out);
    buffer_add_text(out, deep ? ">\n" : ">");
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE) {
            write_element(child, level + 1, out);
        } else if (is_text(child) && !deep) {
            escape_add(out, slice_of_xml(child->content), ESCAPE_TEXT);
        } else if (is_text(child) && !xmlIsBlankNode(child)) {
            buffer_format(out, "%*s", 2 * level + 2, "");
            escape_add(out, slice_of_xml(child->content), ESCAPE_TEXT);
            buffer_add_text(out, "\n");
        }
    }
    buffer_format(out, "%*s</%s>\n", deep ? 2 * level : 0, "", name);
}

/* What was wrong first; what comes after it mostly follows from it. */
struct complaint {
    unsigned line; /* 0: nothing was wrong */
    char text[XML_ERROR_BYTES];
};

static void
take_complaint(void *context, xmlErrorPtr error)
{
    struct complaint *complaint = ((xmlParserCtxtPtr)context)->_private;

    if (complaint->line > 0 || error->level < XML_ERR_ERROR)
        return;
    complaint->line = error->line > 0 ? (unsigned)error->line : 1;
    xml_error_text(error, complaint->text);
}

/* NULL with err; `ret_line` is where. */
static xmlDocPtr
parse(struct slice xml, unsigned *ret_line, struct error *err)
{
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    xmlDocPtr document = NULL;
    struct complaint complaint = {0};

    if (parser && xml.length < INT_MAX) {
        parser->_private = &complaint;
        parser->sax->serror = take_complaint;
        document =
            xmlCtxtReadMemory(parser, xml.data, (int)xml.length, NULL, "UTF-8", XML_PARSE_NONET);
    }
    xmlFreeParserCtxt(parser);
    *ret_line = complaint.line;
    if (document && complaint.line == 0)
        return document;
    xmlFreeDoc(document);
    if (complaint.line > 0)
        error_set(err, ERROR_DATA, "%s", complaint.text);
    else
        error_set(err, ERROR_INTERNAL, "libxml2 failed");
    return NULL;
}

bool
alma_canonical(struct slice xml, struct buffer *out, unsigned *ret_line, struct error *err)
{
    xmlDocPtr document;
    const xmlNode *root;
    bool ok = false;

    xml_begin();
    document = parse(xml, ret_line, err);
    if (!document)
        return false;
    root = xmlDocGetRootElement(document);
    *ret_line = (unsigned)xmlGetLineNo(root);
    /* Entities of its own would make a text mean what it does not show. */
    if (document->intSubset)
        error_set(err, ERROR_DATA, "a DOCTYPE is not allowed");
    else if (strcmp((const char *)root->name, "user") != 0)
        error_set(err, ERROR_DATA, "a record is one element <user>, not <%s>",
                  (const char *)root->name);
    else
        ok = true;
    if (ok)
        write_element(root, 0, out);
    xmlFreeDoc(document);
    return ok;
}
