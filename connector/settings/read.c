#include "settings/read.h"

#include "base/file.h"
#include "base/text.h"
#include "settings/formats.h"
#include "settings/values.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(enum settings_tls) == sizeof(unsigned), "a choice is kept as unsigned");

const char *
read_printable(struct loader *loader, struct slice text)
{
    enum { SHOWN_CHARACTERS = 60 };
    struct slice shown = text_printable(loader->arena, text, SHOWN_CHARACTERS);

    return arena_copy(loader->arena, shown.data, shown.length);
}

static void
store(const struct option *option, void *target, const void *value, size_t size)
{
    memcpy((char *)target + option->at, value, size);
}

static bool
is_one_line(struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    return true;
}

/* The node's text when it is not empty, one line, and nothing to complain of. */
static bool
read_line(struct loader *loader, const char *path, const char *(*complaint)(struct slice text),
          const struct yaml_node *node, struct slice *ret_text)
{
    const char *trouble = NULL;

    if (!loader_expect(loader, node, YAML_SCALAR, arena_format(loader->arena, "'%s'", path)))
        return false;
    if (node->text.length == 0)
        trouble = "is empty";
    else if (!is_one_line(node->text))
        trouble = "must be one line without control characters";
    else if (complaint)
        trouble = complaint(node->text);
    if (trouble)
        faults_add(loader->faults, node->where, "'%s' %s", path, trouble);
    else
        *ret_text = node->text;
    return !trouble;
}

static bool
read_text(struct loader *loader, const struct option *option, const struct yaml_node *node,
          struct slice *ret_text)
{
    return read_line(loader, option->help.path, option->complaint, node, ret_text);
}

static void
read_plain(struct loader *loader, const struct option *option, const struct yaml_node *node,
           void *target)
{
    struct slice text;
    const char *value;

    if (!read_text(loader, option, node, &text))
        return;
    value = text.data;
    if (option->help.type == OPTION_PATH ||
        (option->help.type == OPTION_INPUT && strcmp(value, "-") != 0))
        value = file_relative_to(loader->arena, node->where.file, value);
    store(option, target, &value, sizeof value);
}

static void
read_texts(struct loader *loader, const struct option *option, const struct yaml_node *node,
           void *target)
{
    size_t count = node->kind == YAML_LIST ? node->count : 1;
    const char **texts = arena_alloc(loader->arena, count * sizeof *texts);
    struct slice text;
    bool ok = count > 0;

    if (count == 0)
        faults_add(loader->faults, node->where, "'%s' is an empty list", option->help.path);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = node->kind == YAML_LIST ? node->items[i] : node;

        if (read_text(loader, option, item, &text))
            texts[i] = text.data;
        else
            ok = false;
    }
    if (!ok)
        return;
    store(option, target, &texts, sizeof texts);
    memcpy((char *)target + option->count_at, &count, sizeof count);
}

/* Numbers of all kinds: how they are read, and how a person writes them. */
struct number_kind {
    bool (*parse)(struct slice text, uint64_t *ret_value);
    const char *written;
};

static const struct number_kind number_kinds[OPTION_TYPE_COUNT] = {
    [OPTION_NUMBER] = {value_number, "a number"},
    [OPTION_DURATION] = {value_duration, "a duration such as 60s, 5m, 2h or 7d"},
    [OPTION_SIZE] = {value_size, "a size such as 512, 200KB, 64MiB or 1GB"},
};

static void
read_number(struct loader *loader, const struct option *option, const struct yaml_node *node,
            void *target)
{
    const struct option_help *help = &option->help;
    const struct number_kind *kind = &number_kinds[help->type];
    struct slice text;
    uint64_t value = 0, least, most;
    unsigned small;
    bool off;
    const char *or_off = help->may_be_off ? ", or off" : "";

    if (!read_text(loader, option, node, &text))
        return;
    off = help->may_be_off && slice_equal(text, slice_of("off"));
    if (!off && !kind->parse(text, &value)) {
        faults_add(loader->faults, node->where, "'%s' must be %s%s, not '%s'", help->path,
                   kind->written, or_off, read_printable(loader, text));
        return;
    }
    if (!off && (!kind->parse(slice_of(help->least), &least) ||
                 !kind->parse(slice_of(help->most), &most) || value < least || value > most)) {
        faults_add(loader->faults, node->where, "'%s' must be %s to %s%s, not '%s'", help->path,
                   help->least, help->most, or_off, read_printable(loader, text));
        return;
    }
    small = (unsigned)value;
    if (help->type == OPTION_SIZE)
        store(option, target, &value, sizeof value);
    else
        store(option, target, &small, sizeof small);
}

static void
read_limit(struct loader *loader, const struct option *option, const struct yaml_node *node,
           void *target)
{
    const struct option_help *help = &option->help;
    struct settings_limit limit = {SETTINGS_LIMIT_OFF, 0, NULL};
    uint64_t value = 0;
    struct slice text;

    if (!read_text(loader, option, node, &text))
        return;
    limit.written = text.data;
    if (value_share(text, &value))
        limit.kind = SETTINGS_LIMIT_SHARE;
    else if (value_number(text, &value))
        limit.kind = SETTINGS_LIMIT_PEOPLE;
    else if (!slice_equal(text, slice_of("off"))) {
        faults_add(loader->faults, node->where,
                   "'%s' must be a percentage such as 5%%, a number of people, or off, not '%s'",
                   help->path, read_printable(loader, text));
        return;
    }
    if (value > (limit.kind == SETTINGS_LIMIT_SHARE ? VALUE_SHARE_MOST : VALUE_PEOPLE_MOST)) {
        faults_add(loader->faults, node->where, "'%s' must be at most 100%% or %d, not '%s'",
                   help->path, VALUE_PEOPLE_MOST, read_printable(loader, text));
        return;
    }
    limit.value = (unsigned)value;
    store(option, target, &limit, sizeof limit);
}

static void
read_boolean(struct loader *loader, const struct option *option, const struct yaml_node *node,
             void *target)
{
    struct slice text;
    bool value;

    if (!read_text(loader, option, node, &text))
        return;
    value = slice_equal(text, slice_of("true"));
    if (value || slice_equal(text, slice_of("false")))
        store(option, target, &value, sizeof value);
    else
        faults_add(loader->faults, node->where, "'%s' must be true or false, not '%s'",
                   option->help.path, read_printable(loader, text));
}

/* The index of a choice; choice_count where it is none. */
static unsigned
choice_index(const struct option_help *help, struct slice text)
{
    unsigned i = 0;

    while (i < help->choice_count && !slice_equal(text, slice_of(help->choices[i])))
        i++;
    return i;
}

static void
refuse_choice(struct loader *loader, const struct option_help *help, const struct yaml_node *node)
{
    const char *nearest = fault_nearest(node->text.data, help->choices, help->choice_count);
    struct buffer takes = BUFFER_INIT;

    settings_option_takes(help, &takes);
    faults_add(loader->faults, node->where, "'%s' must be %.*s, not '%s'%s", help->path,
               (int)takes.length, takes.data, read_printable(loader, node->text),
               nearest ? arena_format(loader->arena, "; did you mean '%s'?", nearest) : "");
    buffer_free(&takes);
}

static void
read_choice(struct loader *loader, const struct option *option, const struct yaml_node *node,
            void *target)
{
    struct slice text;
    unsigned index;

    if (!read_text(loader, option, node, &text))
        return;
    index = choice_index(&option->help, text);
    if (index == option->help.choice_count)
        refuse_choice(loader, &option->help, node);
    else if (option->help.type == OPTION_CODE)
        store(option, target, &text.data, sizeof text.data);
    else
        store(option, target, &index, sizeof index);
}

static void
read_by_mode(struct loader *loader, const struct option *option, const struct yaml_node *node,
             void *target)
{
    const char *by_mode[SETTINGS_MODE_COUNT] = {NULL};
    struct slice text;

    if (node->kind == YAML_MAP) {
        for (size_t i = 0; i < node->count; i++) {
            unsigned mode = choice_index(&option->help, node->keys[i]->text);

            if (mode == option->help.choice_count)
                loader_refuse_key(loader, node->keys[i], option->help.choices,
                                  option->help.choice_count);
            else if (read_text(loader, option, node->items[i], &text))
                by_mode[mode] = text.data;
        }
        if (node->count == 0)
            faults_add(loader->faults, node->where, "'%s' is an empty map", option->help.path);
    } else if (read_text(loader, option, node, &text)) {
        for (size_t i = 0; i < SETTINGS_MODE_COUNT; i++)
            by_mode[i] = text.data;
    }
    store(option, target, by_mode, sizeof by_mode);
}

/* "{ file: … }, { credential: … } or { env: … }" */
static const char *
secret_forms(struct loader *loader, const struct option_help *help)
{
    const char *forms = "";

    for (size_t i = 0; i < help->choice_count; i++)
        forms = arena_format(loader->arena, "%s%s{ %s: … }", forms,
                             i == 0                        ? ""
                             : i + 1 == help->choice_count ? " or "
                                                           : ", ",
                             help->choices[i]);
    return forms;
}

/* Where a secret can be kept, in the order of every secret's choices. */
static const size_t places[] = {
    offsetof(struct secret_source, file),
    offsetof(struct secret_source, credential),
    offsetof(struct secret_source, environment),
};

/* Nothing of what stands here may be repeated in a fault: people write the secret itself. */
static void
read_secret(struct loader *loader, const struct option *option, const struct yaml_node *node,
            void *target)
{
    const struct option_help *help = &option->help;
    struct secret_source source = {NULL, NULL, NULL};
    struct slice text;
    const char *value;
    unsigned place = (unsigned)help->choice_count;

    if (node->kind == YAML_MAP && node->count == 1)
        place = choice_index(help, node->keys[0]->text);
    if (place == help->choice_count) {
        faults_add(loader->faults, node->where, "'%s' must say where the secret is kept: %s%s",
                   help->path, secret_forms(loader, help),
                   node->kind == YAML_MAP ? "" : "; it does not stand in this file itself");
        return;
    }
    if (!read_line(loader, help->path, format_of_place(help->choices[place])->complaint,
                   node->items[0], &text))
        return;
    assert(place < sizeof places / sizeof places[0]);
    value = place == 0 ? file_relative_to(loader->arena, node->where.file, text.data) : text.data;
    memcpy((char *)&source + places[place], &value, sizeof value);
    store(option, target, &source, sizeof source);
}

void
read_value(struct loader *loader, const struct option *option, const struct yaml_node *node,
           void *target)
{
    static void (*const readers[OPTION_TYPE_COUNT])(struct loader *, const struct option *,
                                                    const struct yaml_node *, void *) = {
        [OPTION_TEXT] = read_plain,      [OPTION_TEXTS] = read_texts,
        [OPTION_PATH] = read_plain,      [OPTION_INPUT] = read_plain,
        [OPTION_NUMBER] = read_number,   [OPTION_DURATION] = read_number,
        [OPTION_SIZE] = read_number,     [OPTION_LIMIT] = read_limit,
        [OPTION_BOOLEAN] = read_boolean, [OPTION_CHOICE] = read_choice,
        [OPTION_CODE] = read_choice,     [OPTION_BY_MODE] = read_by_mode,
        [OPTION_SECRET] = read_secret,
    };

    readers[option->help.type](loader, option, node, target);
}
