#include "alma/alma.h"

#include "alma/xml_begin.h"

#include <limits.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

static const xmlNode *
next_element(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

static const xmlNode *
first_child(const xmlNode *node)
{
    return next_element(node->children);
}

/* With the texts of what it holds, a slash between them. */
static void
add_text(const xmlNode *node, struct buffer *out)
{
    const xmlNode *child = first_child(node);

    if (!child) {
        xmlChar *text = xmlNodeGetContent(node);

        buffer_add_text(out, (const char *)text);
        xmlFree(text);
    }
    for (; child; child = next_element(child->next)) {
        add_text(child, out);
        if (next_element(child->next))
            buffer_add_text(out, "/");
    }
}

static void
add_member(struct buffer *out, const xmlChar *name)
{
    buffer_format(out, "%s%s=", out->length > 0 ? ", " : "", (const char *)name);
}

/* "email_address=ana@example.edu, email_types=work, preferred=true" */
static void
add_item(const xmlNode *item, struct buffer *out)
{
    for (const xmlNode *child = first_child(item); child; child = next_element(child->next)) {
        add_member(out, child->name);
        add_text(child, out);
    }
    for (const xmlAttr *attribute = item->properties; attribute; attribute = attribute->next) {
        xmlChar *text = xmlNodeListGetString(item->doc, attribute->children, 1);

        add_member(out, attribute->name);
        buffer_add_text(out, text ? (const char *)text : "");
        xmlFree(text);
    }
}

static size_t
count_children(const xmlNode *node)
{
    size_t count = 0;

    for (const xmlNode *child = first_child(node); child; child = next_element(child->next))
        count++;
    return count;
}

static struct alma_texts
read_field(const struct field *field, const xmlNode *node, struct arena *arena)
{
    bool several = field->kind == FIELD_ITEMS || field->kind == FIELD_CODES;
    const xmlNode *part = several ? first_child(node) : node;
    struct alma_texts texts = {NULL, several ? count_children(node) : 1};
    struct buffer text = BUFFER_INIT;

    texts.items = arena_alloc(arena, texts.count * sizeof *texts.items);
    for (size_t i = 0; i < texts.count; i++, part = next_element(part->next)) {
        text.length = 0;
        if (field->kind == FIELD_ITEMS)
            add_item(part, &text);
        else
            add_text(part, &text);
        texts.items[i] =
            arena_slice(arena, (struct slice){text.data ? text.data : "", text.length});
    }
    buffer_free(&text);
    return texts;
}

static void
read_children(const xmlNode *parent, struct arena *arena, struct alma_texts *fields)
{
    for (const xmlNode *node = first_child(parent); node; node = next_element(node->next)) {
        int field = user_field_find((const char *)node->name);

        if (field >= 0)
            fields[field] = read_field(&user_fields[field], node, arena);
        else
            read_children(node, arena, fields);
    }
}

bool
alma_read_record(struct slice record, struct arena *arena,
                 struct alma_texts ret_fields[USER_FIELDS_MOST], struct error *err)
{
    xmlDocPtr document = NULL;

    xml_begin();
    memset(ret_fields, 0, USER_FIELDS_MOST * sizeof *ret_fields);
    if (record.length < INT_MAX)
        document = xmlReadMemory(record.data, (int)record.length, NULL, "UTF-8",
                                 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!document)
        return error_set(err, ERROR_DATA, "a record that was kept is no XML");
    read_children(xmlDocGetRootElement(document), arena, ret_fields);
    xmlFreeDoc(document);
    return true;
}
