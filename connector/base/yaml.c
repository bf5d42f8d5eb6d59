#include "base/yaml.h"

#include "base/file.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { FILE_BYTES_MOST = 16 * 1024 * 1024, DEPTH_MOST = 32, NODES_MOST = 2000000 };

struct reader {
    struct arena *arena;
    struct faults *faults;
    const char *name;
    yaml_parser_t parser;
    size_t nodes;
    bool broken; /* a syntax error: nothing behind it can be read */
};

static struct position
position_of(const struct reader *reader, yaml_mark_t mark)
{
    return (struct position){reader->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* THE wording of libyaml's complaints, whose own texts speak of tokens. */
static void
report_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem ? parser->problem : "it is no YAML";
    const char *hint = "";

    reader->broken = true;
    if (parser->error == YAML_READER_ERROR) {
        faults_add(reader->faults, (struct position){reader->name, 0, 0},
                   "not readable as UTF-8 text at byte %zu: %s", parser->problem_offset, problem);
        return;
    }
    if (strstr(problem, "cannot start any token"))
        hint = "; a tab does not indent, and a value that begins with @, % or ` wants quotes";
    else if (strstr(problem, "did not find expected"))
        hint = "; look at the indentation, and put values with ': ', '{' or '[' in quotes";
    faults_add(reader->faults, position_of(reader, parser->problem_mark), "YAML syntax: %s%s",
               problem, hint);
}

static bool
next_event(struct reader *reader, yaml_event_t *event)
{
    if (reader->broken)
        return false;
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    report_syntax(reader);
    return false;
}

static struct yaml_node *read_node(struct reader *reader, yaml_event_t *event, unsigned depth);

static struct yaml_node *
node_new(struct reader *reader, enum yaml_kind kind, const yaml_event_t *event)
{
    struct yaml_node *node;

    if (++reader->nodes > NODES_MOST) {
        faults_add(reader->faults, position_of(reader, event->start_mark),
                   "more than %d values in one file", NODES_MOST);
        reader->broken = true;
    }
    node = arena_alloc(reader->arena, sizeof *node);
    node->kind = kind;
    node->where = position_of(reader, event->start_mark);
    return node;
}

static void
refuse_tag(struct reader *reader, const yaml_event_t *event, const yaml_char_t *tag)
{
    if (tag)
        faults_add(reader->faults, position_of(reader, event->start_mark),
                   "the tag '%s' is not allowed: every value here is plain text",
                   (const char *)tag);
}

/* Where each character of the text is one character of the file, faults can point into it. */
static unsigned
text_column(const yaml_event_t *event, struct slice text)
{
    size_t quotes = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? 0 : 1;

    if (event->start_mark.line != event->end_mark.line ||
        event->end_mark.column - event->start_mark.column != text_characters(text) + 2 * quotes)
        return 0;
    return (unsigned)(event->start_mark.column + quotes) + 1;
}

static struct yaml_node *
read_scalar(struct reader *reader, yaml_event_t *event)
{
    struct yaml_node *node = node_new(reader, YAML_SCALAR, event);

    refuse_tag(reader, event, event->data.scalar.tag);
    node->text.length = event->data.scalar.length;
    node->text.data =
        arena_copy(reader->arena, (const char *)event->data.scalar.value, node->text.length);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->block = event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
                  event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    node->text_column = text_column(event, node->text);
    if (memchr(node->text.data, '\0', node->text.length))
        faults_add(reader->faults, node->where, "a NUL character in a value");
    return node;
}

/* Pointers that grow outside the arena and move into it when their number is known. */
struct list {
    struct yaml_node **items;
    size_t count, capacity;
};

static void
list_add(struct list *list, struct yaml_node *node)
{
    memory_grow(&list->items, &list->capacity, list->count + 1, sizeof(struct yaml_node *));
    list->items[list->count++] = node;
}

static struct yaml_node **
list_keep(struct arena *arena, struct list *list)
{
    struct yaml_node **items = arena_alloc(arena, list->count * sizeof(struct yaml_node *));

    if (list->count)
        memcpy(items, list->items, list->count * sizeof(struct yaml_node *));
    free(list->items);
    return items;
}

static struct yaml_node *
read_list(struct reader *reader, yaml_event_t *start, unsigned depth)
{
    struct yaml_node *node = node_new(reader, YAML_LIST, start);
    struct list items = {NULL, 0, 0};
    yaml_event_t event;

    refuse_tag(reader, start, start->data.sequence_start.tag);
    while (next_event(reader, &event)) {
        struct yaml_node *item;

        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        item = read_node(reader, &event, depth + 1);
        yaml_event_delete(&event);
        if (item)
            list_add(&items, item);
    }
    node->count = items.count;
    node->items = list_keep(reader->arena, &items);
    return node;
}

/* The keys of a map, found by their text. */
struct keys {
    struct list list;
    uint32_t *buckets; /* place in the list + 1; 0 is free */
    size_t bucket_count;
};

/* The bucket of the key, or the free one where it belongs. */
static uint32_t *
find_key(const struct keys *keys, struct slice text)
{
    size_t mask = keys->bucket_count - 1, i = slice_hash(text) & mask;

    while (keys->buckets[i] && !slice_equal(keys->list.items[keys->buckets[i] - 1]->text, text))
        i = (i + 1) & mask;
    return &keys->buckets[i];
}

/* Half of the buckets may be taken. */
static void
make_room(struct keys *keys)
{
    if (keys->list.count * 2 < keys->bucket_count)
        return;
    keys->bucket_count = keys->bucket_count ? keys->bucket_count * 2 : 16;
    free(keys->buckets);
    keys->buckets = memory_zero(keys->bucket_count, sizeof *keys->buckets);
    for (size_t i = 0; i < keys->list.count; i++)
        *find_key(keys, keys->list.items[i]->text) = (uint32_t)i + 1;
}

/* Two keys with the same text: one of them would silently win. Nobody gets to see the second. */
static bool
add_key(struct reader *reader, struct keys *keys, struct yaml_node *key)
{
    uint32_t *bucket;

    make_room(keys);
    bucket = find_key(keys, key->text);
    if (*bucket) {
        faults_add(reader->faults, key->where, "the key '%s' stands here a second time (line %u)",
                   key->text.data, keys->list.items[*bucket - 1]->where.line);
        return false;
    }
    list_add(&keys->list, key);
    *bucket = (uint32_t)keys->list.count;
    return true;
}

/* Reads one pair into the lists; false at the map's end. */
static bool
read_pair(struct reader *reader, struct keys *keys, struct list *values, unsigned depth)
{
    yaml_event_t event;
    struct yaml_node *key, *value;

    if (!next_event(reader, &event))
        return false;
    if (event.type == YAML_MAPPING_END_EVENT) {
        yaml_event_delete(&event);
        return false;
    }
    key = read_node(reader, &event, depth + 1);
    yaml_event_delete(&event);
    if (!next_event(reader, &event))
        return false;
    value = read_node(reader, &event, depth + 1);
    yaml_event_delete(&event);
    if (!key || !value)
        return !reader->broken;
    if (key->kind != YAML_SCALAR) {
        faults_add(reader->faults, key->where, "a key must be text, this is %s",
                   yaml_kind_name(key->kind));
        return true;
    }
    if (add_key(reader, keys, key))
        list_add(values, value);
    return true;
}

static struct yaml_node *
read_map(struct reader *reader, yaml_event_t *start, unsigned depth)
{
    struct yaml_node *node = node_new(reader, YAML_MAP, start);
    struct keys keys = {{NULL, 0, 0}, NULL, 0};
    struct list values = {NULL, 0, 0};

    refuse_tag(reader, start, start->data.mapping_start.tag);
    while (read_pair(reader, &keys, &values, depth))
        continue;
    node->count = keys.list.count;
    node->keys = list_keep(reader->arena, &keys.list);
    node->items = list_keep(reader->arena, &values);
    free(keys.buckets);
    return node;
}

static struct yaml_node *
read_node(struct reader *reader, yaml_event_t *event, unsigned depth)
{
    if (depth > DEPTH_MOST) {
        faults_add(reader->faults, position_of(reader, event->start_mark),
                   "values nested deeper than %d", DEPTH_MOST);
        reader->broken = true;
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(reader, event);
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return read_list(reader, event, depth);
    if (event->type == YAML_MAPPING_START_EVENT)
        return read_map(reader, event, depth);
    faults_add(reader->faults, position_of(reader, event->start_mark),
               "an alias (*name) is not allowed: write the value out");
    return NULL;
}

/* The document's root, or NULL for an empty file. */
static struct yaml_node *
read_document(struct reader *reader)
{
    struct yaml_node *root = NULL;
    yaml_event_t event;
    bool more = true;
    unsigned documents = 0;

    while (more && next_event(reader, &event)) {
        if (event.type == YAML_DOCUMENT_START_EVENT && ++documents == 2) {
            faults_add(reader->faults, position_of(reader, event.start_mark),
                       "a second document (---) in one file");
            more = false;
        } else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_SEQUENCE_START_EVENT ||
                   event.type == YAML_MAPPING_START_EVENT || event.type == YAML_ALIAS_EVENT) {
            root = read_node(reader, &event, 1);
        } else if (event.type == YAML_STREAM_END_EVENT) {
            more = false;
        }
        yaml_event_delete(&event);
    }
    return root;
}

struct yaml_node *
yaml_parse(struct arena *arena, const char *name, struct slice text, struct faults *faults)
{
    struct reader reader = {.arena = arena, .faults = faults, .name = name};
    struct yaml_node *root;
    size_t before = faults_count(faults);

    if (!yaml_parser_initialize(&reader.parser)) {
        faults_add(faults, (struct position){name, 0, 0}, "no memory for the YAML parser");
        return NULL;
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.data, text.length);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    root = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    if (!root && faults_count(faults) == before)
        faults_add(faults, (struct position){name, 0, 0}, "the file is empty");
    return reader.broken ? NULL : root;
}

struct yaml_node *
yaml_load(struct arena *arena, const char *path, struct faults *faults)
{
    struct error err = ERROR_INIT;
    struct slice text;

    if (!file_read(arena, path, FILE_BYTES_MOST, &text, &err)) {
        faults_unreadable(faults, &err);
        return NULL;
    }
    return yaml_parse(arena, path, text, faults);
}

struct yaml_node *
yaml_load_named(struct arena *arena, const char *path, struct position named, struct faults *faults)
{
    struct error err = ERROR_INIT;
    struct slice text;

    if (!file_read(arena, path, FILE_BYTES_MOST, &text, &err)) {
        faults_add(faults, named, "%s", err.text);
        return NULL;
    }
    return yaml_parse(arena, path, text, faults);
}

bool
yaml_is_explicit_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && !node->quoted &&
           (slice_equal(node->text, slice_of("~")) || slice_equal(node->text, slice_of("null")));
}

const struct yaml_node *
yaml_get(const struct yaml_node *map, const char *key)
{
    struct slice wanted = slice_of(key);

    if (map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (slice_equal(map->keys[i]->text, wanted))
            return map->items[i];
    return NULL;
}

bool
yaml_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && !node->quoted &&
           (node->text.length == 0 || yaml_is_explicit_null(node));
}

const char *
yaml_kind_name(enum yaml_kind kind)
{
    static const char *const names[] = {
        [YAML_SCALAR] = "text", [YAML_LIST] = "a list", [YAML_MAP] = "a map"};

    return names[kind];
}
