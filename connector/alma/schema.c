#include "alma/alma.h"

#include "alma/escape.h"

/* Codes may carry `desc`, which other loaders send and Alma ignores; we never write it. */
enum { DESC_MOST = 255, LIMITS_MOST = 16 };

static const char head[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!-- Made from the table of fields in connector/model/user_fields.c; \"make schema\" makes it "
    "anew. -->\n"
    "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n"
    "  <xs:annotation>\n"
    "    <xs:documentation>Users as ldap2alma sends them to Alma: the elements of Alma's user "
    "format, version 2, that a load of users reads.</xs:documentation>\n"
    "  </xs:annotation>\n"
    "  <xs:element name=\"users\">\n"
    "    <xs:complexType>\n"
    "      <xs:sequence>\n"
    "        <xs:element name=\"user\" type=\"user\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\n"
    "      </xs:sequence>\n"
    "    </xs:complexType>\n"
    "  </xs:element>\n";

/* The distinct maximum lengths of one kind. */
struct limits {
    unsigned values[LIMITS_MOST];
    size_t count;
};

static void
limits_add(struct limits *limits, unsigned value)
{
    for (size_t i = 0; i < limits->count; i++)
        if (limits->values[i] == value)
            return;
    if (limits->count < LIMITS_MOST)
        limits->values[limits->count++] = value;
}

static void
collect_limits(const struct field *fields, size_t count, struct limits *texts, struct limits *codes)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].kind == FIELD_ITEMS)
            collect_limits(fields[i].fields, fields[i].field_count, texts, codes);
        else if (fields[i].kind == FIELD_CODE || fields[i].kind == FIELD_CODES)
            limits_add(codes, fields[i].most);
        if (fields[i].most)
            limits_add(texts, fields[i].most);
    }
}

static void
write_simple_types(struct buffer *out)
{
    struct limits texts = {{DESC_MOST}, 1}, codes = {{0}, 0};

    collect_limits(user_fields, user_field_count, &texts, &codes);
    for (size_t i = 0; i < texts.count; i++)
        buffer_format(out,
                      "  <xs:simpleType name=\"text%u\">\n"
                      "    <xs:restriction base=\"xs:string\">\n"
                      "      <xs:maxLength value=\"%u\"/>\n"
                      "    </xs:restriction>\n"
                      "  </xs:simpleType>\n",
                      texts.values[i], texts.values[i]);
    for (size_t i = 0; i < codes.count; i++)
        buffer_format(out,
                      "  <xs:complexType name=\"code%u\">\n"
                      "    <xs:simpleContent>\n"
                      "      <xs:extension base=\"text%u\">\n"
                      "        <xs:attribute name=\"desc\" type=\"text%d\"/>\n"
                      "      </xs:extension>\n"
                      "    </xs:simpleContent>\n"
                      "  </xs:complexType>\n",
                      codes.values[i], codes.values[i], DESC_MOST);
}

static void
write_type_name(struct buffer *out, const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
        if (field->most)
            buffer_format(out, "text%u", field->most);
        else
            buffer_add_text(out, "xs:string");
        break;
    case FIELD_CODE:
        buffer_format(out, "code%u", field->most);
        break;
    case FIELD_DATE:
        buffer_add_text(out, "xs:date");
        break;
    case FIELD_DATE_TIME:
        buffer_add_text(out, "xs:dateTime");
        break;
    case FIELD_BOOLEAN:
        buffer_add_text(out, "xs:boolean");
        break;
    case FIELD_CODES:
    case FIELD_ITEMS:
        buffer_add_text(out, field->name);
        break;
    }
}

static void
write_field(struct buffer *out, const struct field *field)
{
    const char *element = field->attribute ? "attribute" : "element";

    buffer_format(out, "      <xs:%s name=\"%s\" type=\"", element, field->name);
    write_type_name(out, field);
    buffer_format(out, "\"%s>\n        <xs:annotation><xs:documentation>",
                  field->required || field->attribute ? "" : " minOccurs=\"0\"");
    escape_add(out, slice_of(field->help), ESCAPE_TEXT);
    buffer_format(out, "</xs:documentation></xs:annotation>\n      </xs:%s>\n", element);
}

/* A wrapper around children that are all alike. */
static void
write_wrapper_type(struct buffer *out, const char *name, const char *child, const char *type,
                   unsigned least)
{
    buffer_format(out,
                  "  <xs:complexType name=\"%s\">\n"
                  "    <xs:sequence>\n"
                  "      <xs:element name=\"%s\" type=\"%s\" minOccurs=\"%u\" "
                  "maxOccurs=\"unbounded\"/>\n"
                  "    </xs:sequence>\n"
                  "  </xs:complexType>\n",
                  name, child, type, least);
}

static void
write_item_type(struct buffer *out, const struct field *list)
{
    buffer_format(out, "  <xs:complexType name=\"%s\">\n    <xs:all>\n", list->child);
    for (size_t i = 0; i < list->field_count; i++)
        if (!list->fields[i].attribute)
            write_field(out, &list->fields[i]);
    buffer_add_text(out, "    </xs:all>\n");
    for (size_t i = 0; i < list->field_count; i++)
        if (list->fields[i].attribute)
            write_field(out, &list->fields[i]);
    buffer_add_text(out, "  </xs:complexType>\n");
}

static void
write_list_types(struct buffer *out, const struct field *list)
{
    write_wrapper_type(out, list->name, list->child, list->child, 0);
    write_item_type(out, list);
    for (size_t i = 0; i < list->field_count; i++) {
        const struct field *field = &list->fields[i];
        struct buffer type = BUFFER_INIT;

        if (field->kind != FIELD_CODES)
            continue;
        buffer_format(&type, "code%u%c", field->most, '\0');
        write_wrapper_type(out, field->name, field->child, type.data, 1);
        buffer_free(&type);
    }
}

static void
write_fields_where(struct buffer *out, bool in_contact_info)
{
    for (size_t i = 0; i < user_field_count; i++)
        if (user_fields[i].in_contact_info == in_contact_info)
            write_field(out, &user_fields[i]);
}

void
alma_write_schema(struct buffer *out)
{
    buffer_add_text(out, head);
    buffer_add_text(out, "  <xs:complexType name=\"user\">\n    <xs:all>\n");
    write_fields_where(out, false);
    buffer_add_text(out, "      <xs:element name=\"contact_info\" type=\"contact_info\" "
                         "minOccurs=\"0\"/>\n    </xs:all>\n  </xs:complexType>\n");
    /* A sequence: Alma takes these in their order only. */
    buffer_add_text(out, "  <xs:complexType name=\"contact_info\">\n    <xs:sequence>\n");
    write_fields_where(out, true);
    buffer_add_text(out, "    </xs:sequence>\n  </xs:complexType>\n");
    for (size_t i = 0; i < user_field_count; i++)
        if (user_fields[i].kind == FIELD_ITEMS)
            write_list_types(out, &user_fields[i]);
    write_simple_types(out);
    buffer_add_text(out, "</xs:schema>\n");
}
