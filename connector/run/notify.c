#include "run/notify.h"

#include "base/program.h"

#include <string.h>

enum { SAID_LINES_MOST = 100 };

static bool
went_well(struct report *report)
{
    return report_error(report) == ERROR_NONE;
}

static bool
found_something(struct report *report)
{
    const struct report_counts *counts = report_counts(report);
    const struct report_photo_counts *photos = &counts->photos;

    return went_well(report) && counts->rejected + counts->held + photos->unnamed +
                                        photos->refused + photos->unread + photos->foreign +
                                        photos->unsent >
                                    0;
}

static bool
failed(struct report *report)
{
    return !went_well(report);
}

static const struct {
    const char *name;
    bool (*happened)(struct report *report);
} events[SETTINGS_NOTIFY_COUNT] = {
    [SETTINGS_NOTIFY_SUCCESS] = {"success", went_well},
    [SETTINGS_NOTIFY_FINDINGS] = {"findings", found_something},
    [SETTINGS_NOTIFY_FAILURE] = {"failure", failed},
};

/* A message a line, but no flood of them. */
static void
say_output(const struct messenger *messenger, enum message_level level, const char *event,
           struct buffer *output)
{
    char *line, *rest = NULL;
    int said = 0;

    for (size_t i = 0; i < output->length; i++)
        if (output->data[i] == '\0')
            output->data[i] = '?';
    buffer_add(output, "", 1);
    for (line = strtok_r(output->data, "\n", &rest); line && said < SAID_LINES_MOST;
         line = strtok_r(NULL, "\n", &rest), said++)
        message_say(messenger, level, "notify.%s: %s", event, line);
    if (line)
        message_say(messenger, level, "notify.%s: and so on", event);
}

static void
tell(const struct settings *settings, enum settings_notify event, struct report *report,
     struct helper *helper, const struct messenger *messenger)
{
    const struct settings_command *command = &settings->notify.commands[event];
    struct arena *arena = arena_new();
    const char **arguments = arena_alloc(arena, (command->count + 1) * sizeof *arguments);
    const char *variables[] = {
        arena_format(arena, "LDAP2ALMA_EVENT=%s", events[event].name),
        arena_format(arena, "LDAP2ALMA_FEED=%s", settings->name),
        arena_format(arena, "LDAP2ALMA_OUTCOME=%s", report_outcome_name(report_outcome(report))),
        arena_format(arena, "LDAP2ALMA_EXIT=%d", error_exit_status(report_error(report))),
        NULL,
    };
    struct buffer input = BUFFER_INIT, output = BUFFER_INIT;
    struct error err = ERROR_INIT;
    struct program program = {arguments, variables, SLICE_NONE, settings->notify.timeout_seconds};
    bool ok;

    memcpy(arguments, command->arguments, command->count * sizeof *arguments);
    arguments[command->count] = NULL;
    report_write(report, "json", &input);
    program.input = (struct slice){input.data, input.length};
    message_say(messenger, MESSAGE_INFO, "telling '%s' (notify.%s)", arguments[0],
                events[event].name);
    ok =
        helper ? helper_run(helper, &program, &output, &err) : program_run(&program, &output, &err);
    say_output(messenger, ok ? MESSAGE_INFO : MESSAGE_WARNING, events[event].name, &output);
    if (!ok)
        message_say(messenger, MESSAGE_WARNING, "nobody is told of the run: '%s' (notify.%s) %s",
                    arguments[0], events[event].name, err.text);
    buffer_free(&output);
    buffer_free(&input);
    arena_free(arena);
}

void
notify(const struct settings *settings, struct report *report, struct helper *helper,
       const struct messenger *messenger)
{
    for (int i = 0; i < SETTINGS_NOTIFY_COUNT; i++)
        if (settings->notify.commands[i].count > 0 && events[i].happened(report))
            tell(settings, (enum settings_notify)i, report, helper, messenger);
}
