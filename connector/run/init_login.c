#include "run/init_login.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/yaml.h"
#include "run/init_text.h"

#include <string.h>

/* Stands for the file that options are not in. */
#define COMMAND_LINE "command line"

enum { PAIRS_MOST = 64, DEPTH_MOST = 4, FILE_BYTES_MOST = 1024 * 1024 };

/* "tls.ca_file" and its value as in the file. */
struct pair {
    const char *key;
    const char *value;
};

struct init_login {
    struct settings settings;
    struct pair pairs[PAIRS_MOST];
    size_t count;
};

/* Those of one map stand together, in the order of the first one of each. */
static void
add_pair(struct init_login *login, const char *key, const char *value)
{
    const char *dot = strchr(key, '.');
    size_t length = dot ? (size_t)(dot - key) + 1 : strlen(key), at = login->count;

    if (login->count == PAIRS_MOST)
        return;
    /* Where the servers are comes first. */
    if (strcmp(key, "uri") == 0 || strcmp(key, "srv") == 0)
        at = 0;
    for (size_t i = 0; i < login->count; i++)
        if (dot && strncmp(login->pairs[i].key, key, length) == 0)
            at = i + 1;
    memmove(&login->pairs[at + 1], &login->pairs[at], (login->count - at) * sizeof *login->pairs);
    login->pairs[at] = (struct pair){key, value};
    login->count++;
}

/* What is searched, and in which pages, is what is being found out. */
static bool
is_found_out(const char *key)
{
    static const char *const keys[] = {"searches", "page_size", "groups"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static void
add_node(struct arena *arena, struct init_login *login, const char *key,
         const struct yaml_node *node)
{
    const char *value = "";

    if (node->kind == YAML_SCALAR) {
        add_pair(login, key, init_quote(arena, node->text));
    } else if (node->kind == YAML_LIST) {
        for (size_t i = 0; i < node->count; i++)
            value = arena_format(arena, "%s%s%s", value, i ? ", " : "",
                                 init_quote_item(arena, node->items[i]->text));
        add_pair(login, key, arena_format(arena, "[%s]", value));
    } else {
        for (size_t i = 0; i < node->count; i++)
            add_node(arena, login, arena_format(arena, "%s.%s", key, node->keys[i]->text.data),
                     node->items[i]);
    }
}

struct init_login *
init_login_of_file(struct arena *arena, const char *path, const struct messenger *messenger,
                   struct error *err)
{
    struct init_login *login = arena_alloc(arena, sizeof *login);
    struct faults *faults = faults_new();
    const struct yaml_node *directory;
    struct slice text;
    bool ok = file_read(arena, path, FILE_BYTES_MOST, &text, err) &&
              settings_parse_servers(arena, path, text, messenger, &login->settings, err);

    if (ok) {
        directory = yaml_get(yaml_parse(arena, path, text, faults), "directory");
        for (size_t i = 0; i < directory->count; i++)
            if (!is_found_out(directory->keys[i]->text.data))
                add_node(arena, login, directory->keys[i]->text.data, directory->items[i]);
    }
    faults_free(faults);
    return ok ? login : NULL;
}

/* How many parts two keys begin with, as maps: 1 for "tls.mode" and "tls.ca_file". */
static size_t
maps_in_common(const char *key, const char *before)
{
    size_t common = 0;

    for (size_t i = 0; key[i] && key[i] == before[i]; i++)
        common += key[i] == '.';
    return common;
}

static void
write_pair(const struct pair *pair, const char *value, const char *before, struct buffer *out)
{
    size_t common = maps_in_common(pair->key, before), depth = 0;
    const char *part = pair->key, *dot;

    while ((dot = strchr(part, '.')) && depth < DEPTH_MOST) {
        if (depth++ >= common)
            buffer_format(out, "%*s%.*s:\n", (int)(2 * depth), "", (int)(dot - part), part);
        part = dot + 1;
    }
    buffer_format(out, "%*s%s: %s\n", (int)(2 * depth + 2), "", part, value);
}

/* Options have no lines and columns. */
static void
say_fault(void *context, enum message_level level, const char *text)
{
    const struct messenger *const *messenger = context;
    size_t name = strlen(COMMAND_LINE);

    if (strncmp(text, COMMAND_LINE, name) == 0)
        text += name + strspn(text + name, ":0123456789 ");
    message_say(*messenger, level, "%s", text);
}

static void
ignore_progress(void *context, const struct progress *progress)
{
    (void)context, (void)progress;
}

struct init_login *
init_login_of_options(struct arena *arena, const char *const *options, size_t count,
                      const struct messenger *messenger, struct error *err)
{
    struct init_login *login = arena_alloc(arena, sizeof *login);
    struct messenger without_places = {say_fault, ignore_progress, &messenger};
    struct buffer text = BUFFER_INIT;
    bool ok;

    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(options[i], '=');

        if (!equals || equals == options[i]) {
            error_set(err, ERROR_USAGE, "'%s' is no NAME=VALUE", options[i]);
            return NULL;
        }
        add_pair(login, arena_copy(arena, options[i], (size_t)(equals - options[i])),
                 init_quote(arena, slice_of(equals + 1)));
    }
    buffer_add_text(&text, login->count ? "directory:\n" : "directory: {}\n");
    for (size_t i = 0; i < login->count; i++)
        write_pair(&login->pairs[i], login->pairs[i].value, i ? login->pairs[i - 1].key : "",
                   &text);
    ok = settings_parse_servers(arena, COMMAND_LINE, (struct slice){text.data, text.length},
                                &without_places, &login->settings, err);
    if (!ok)
        error_set(err, ERROR_USAGE, "the directory cannot be asked in this way");
    buffer_free(&text);
    return ok ? login : NULL;
}

const struct settings *
init_login_settings(const struct init_login *login)
{
    return &login->settings;
}

static bool
names_a_file(const char *key)
{
    const struct option_help *option;
    size_t length = strlen(key);

    if (length > 5 && strcmp(key + length - 5, ".file") == 0)
        return true; /* of a secret */
    for (size_t i = 0; (option = settings_option_help(i)); i++)
        if (strncmp(option->path, "directory.", 10) == 0 && strcmp(option->path + 10, key) == 0)
            return option->type == OPTION_PATH;
    return false;
}

/* The value as YAML, in quotes or not. */
static const char *
whole_path(struct arena *arena, const struct init_login *login, const char *value)
{
    struct faults *faults = faults_new();
    const struct yaml_node *node = yaml_parse(arena, "value", slice_of(value), faults);
    const char *path = file_relative_to(arena, login->settings.path, node->text.data);

    faults_free(faults);
    return init_quote(arena, slice_of(file_real_path(arena, path)));
}

void
init_login_write(const struct init_login *login, struct arena *arena, struct buffer *out)
{
    for (size_t i = 0; i < login->count; i++) {
        const struct pair *pair = &login->pairs[i];
        const char *value =
            names_a_file(pair->key) ? whole_path(arena, login, pair->value) : pair->value;

        write_pair(pair, value, i ? login->pairs[i - 1].key : "", out);
    }
}
