/* The table of options, and the forms of its values. */
#include "unit.h"

#include "base/buffer.h"
#include "settings/formats.h"
#include "settings/options.h"
#include "settings/values.h"

#include <string.h>

struct value_case {
    const char *text;
    bool ok;
    uint64_t value;
};

static void
check_values(bool (*parse)(struct slice, uint64_t *), const struct value_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = 77;

        if (parse(slice_of(cases[i].text), &value) != cases[i].ok ||
            value != (cases[i].ok ? cases[i].value : 77))
            fail_msg("'%s' gave %ju", cases[i].text, (uintmax_t)value);
    }
}

static void
numbers_durations_and_sizes_are_read(void **state)
{
    static const struct value_case numbers[] = {
        {"0", true, 0},
        {"010", true, 10},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", true, UINT64_MAX},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {"1 ", false, 0},
        {"1_000", false, 0},
        {"0x10", false, 0},
        {"1.0", false, 0},
    };
    static const struct value_case durations[] = {
        {"60s", true, 60},
        {"5m", true, 300},
        {"2h", true, 7200},
        {"7d", true, 604800},
        {"0s", true, 0},
        {"60", false, 0},
        {"s", false, 0},
        {"1w", false, 0},
        {"1h30m", false, 0},
        {"1 s", false, 0},
        {"", false, 0},
        {"-1s", false, 0},
        {"213503982334602d", true, UINT64_MAX},
    };
    static const struct value_case sizes[] = {
        {"512", true, 512},         {"512B", true, 512},
        {"200KB", true, 200000},    {"200kb", true, 200000},
        {"3MB", true, 3000000},     {"1GB", true, 1000000000},
        {"64KiB", true, 65536},     {"1MiB", true, 1048576},
        {"1GiB", true, 1073741824}, {"1TB", false, 0},
        {"1.5GB", false, 0},        {"1 GB", false, 0},
        {"GB", false, 0},           {"99999999999GB", true, UINT64_MAX},
    };

    static const struct value_case shares[] = {
        {"5%", true, 500}, {"0.25%", true, 25},  {"0.5%", true, 50},   {"100%", true, 10000},
        {"0%", true, 0},   {"7.05%", true, 705}, {"5", false, 0},      {"%", false, 0},
        {".5%", false, 0}, {"5.%", false, 0},    {"5 %", false, 0},    {"0.125%", false, 0},
        {"5%%", false, 0}, {"-5%", false, 0},    {"1.2.3%", false, 0}, {"1000%", true, 100000},
    };

    (void)state;
    check_values(value_share, shares, sizeof shares / sizeof shares[0]);
    check_values(value_number, numbers, sizeof numbers / sizeof numbers[0]);
    check_values(value_duration, durations, sizeof durations / sizeof durations[0]);
    check_values(value_size, sizes, sizeof sizes / sizeof sizes[0]);
}

/* The loader leaves out what is below a path that is no row, so each row must be reachable. */
static void
every_row_of_the_table_is_whole(void **state)
{
    const struct option *option;

    (void)state;
    for (size_t i = 0; (option = option_at(i)); i++) {
        const struct option_help *help = &option->help;
        bool number = help->type == OPTION_NUMBER || help->type == OPTION_DURATION ||
                      help->type == OPTION_SIZE;
        const char *last = strrchr(help->path, '.');
        char prefix[64] = "";

        memcpy(prefix, help->path, last ? (size_t)(last - help->path) + 1 : 0);
        assert_ptr_equal(option_find(prefix, option_key(option, prefix)), option);
        assert_true(option_ends(option, prefix));
        assert_ptr_equal(settings_option_help(i), help);
        assert_non_null(help->help);
        assert_true(number == (help->least != NULL) && number == (help->most != NULL));
        assert_true(!number || help->fallback);
        assert_true((help->type == OPTION_LIST) == (option->item_size != 0));
        assert_false(help->required && help->fallback);
        assert_ptr_equal(format_of(option->complaint)->complaint, option->complaint);
    }
    assert_null(settings_option_help(1000));
}

static void
the_table_says_what_an_option_takes(void **state)
{
    static const struct {
        const char *path, *takes;
    } cases[] = {
        {"directory.uri", "text or list of texts"},
        {"directory.tls.mode", "one of auto, ldaps, starttls, none"},
        {"directory.timeout", "duration, 1s to 1h"},
        {"package.max_size", "size, 1KB to 4GB"},
        {"delivery.sftp.key", "secret from one of file, credential"},
        {"mapping", "path"},
        {"changes.full_every", "duration, 1h to 3650d, or off"},
        {"brakes.missing", "percentage, number, or off"},
        {"brakes.min_users", "number, 1 to 100000000, or off"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer takes = BUFFER_INIT;
        size_t row = 0;

        while (strcmp(settings_option_help(row)->path, cases[i].path) != 0)
            row++;
        settings_option_takes(settings_option_help(row), &takes);
        buffer_add(&takes, "", 1);
        assert_string_equal(takes.data, cases[i].takes);
        buffer_free(&takes);
    }
}

static void
modes_have_names(void **state)
{
    enum settings_mode mode;

    (void)state;
    assert_string_equal(settings_mode_name(SETTINGS_MODE_IMPORT), "import");
    assert_true(settings_mode_parse("synchronize", &mode));
    assert_int_equal(mode, SETTINGS_MODE_SYNCHRONIZE);
    assert_false(settings_mode_parse("Synchronize", &mode));
    assert_false(settings_mode_parse("", &mode));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers_durations_and_sizes_are_read),
    cmocka_unit_test(every_row_of_the_table_is_whole),
    cmocka_unit_test(the_table_says_what_an_option_takes),
    cmocka_unit_test(modes_have_names),
};

UNIT_MAIN(tests)
