#include "report/content.h"
#include "report/json_text.h"
#include "report/status.h"

static void
add_time(struct json_object *object, const char *key, time_t seconds)
{
    char text[REPORT_TIME_BYTES];

    report_time(seconds, text);
    json_add_text(object, key, slice_of(text[0] ? text : NULL));
}

static struct json_object *
people_value(const struct status *status)
{
    struct json_object *value = json_object_new_object(), *leavers = json_object_new_array();

    for (size_t i = 0; i < status->leaver_count; i++) {
        const struct status_leavers *group = &status->leavers[i];
        struct json_object *item = json_object_new_object();

        json_add_number(item, "absent", group->absent);
        json_add_number(item, "people", group->people);
        json_object_array_add(leavers, item);
    }
    json_add_number(value, "known", status->people);
    json_add_number(value, "absent", status->absent);
    json_add_number(value, "expired", status->expired);
    json_object_object_add(value, "grace",
                           status->grace ? json_object_new_int64(status->grace) : NULL);
    json_object_object_add(value, "leavers", leavers);
    if (status->pushed) {
        json_add_number(value, "kept", status->kept);
        json_add_number(value, "waiting", status->waiting);
        json_add_number(value, "refused", status->refused);
        add_time(value, "last_refused", status->refused_last);
    }
    return value;
}

static struct json_object *
run_value(const struct status_run *run)
{
    struct json_object *value = json_object_new_object(), *counts = json_object_new_object();

    add_time(value, "started", run->started);
    add_time(value, "finished", run->finished);
    json_add_text(value, "mode", slice_of(run->mode));
    json_add_text(value, "changes", slice_of(run->full ? "full" : "changed"));
    json_add_text(value, "outcome", slice_of(run->outcome));
    json_object_object_add(value, "exit",
                           run->finished ? json_object_new_int(run->exit_status) : NULL);
    json_add_text(value, "error", slice_of(run->error[0] ? run->error : NULL));
    json_add_number(counts, "read", run->read);
    json_add_number(counts, "skipped", run->skipped);
    json_add_number(counts, "rejected", run->rejected);
    json_add_number(counts, "held", run->held);
    json_add_number(counts, "unchanged", run->unchanged);
    json_add_number(counts, "sent", run->sent);
    json_add_number(counts, "leavers", run->leavers);
    json_object_object_add(value, "counts", counts);
    return value;
}

static struct json_object *
runs_value(const struct status *status)
{
    struct json_object *runs = json_object_new_array();

    for (size_t i = 0; i < status->run_count; i++)
        json_object_array_add(runs, run_value(&status->runs[i]));
    return runs;
}

static struct json_object *
packages_value(const struct status_package *packages, size_t count)
{
    struct json_object *values = json_object_new_array();

    for (size_t i = 0; i < count; i++) {
        const struct status_package *package = &packages[i];
        struct json_object *value = json_object_new_object();

        json_add_text(value, "name", slice_of(package->name));
        json_add_text(value, "target", slice_of(package->target));
        json_add_number(value, "records", package->records);
        json_add_number(value, "bytes", package->bytes);
        json_add_text(value, "fate", slice_of(package->fate));
        add_time(value, "changed", package->changed);
        json_add_text(value, "place", slice_of(status_place_name(package->place)));
        json_add_text(value, "taken_as", slice_of(package->taken_as));
        json_object_array_add(values, value);
    }
    return values;
}

static struct json_object *
at_work_value(const struct status *status)
{
    struct json_object *value;

    if (status->pid == 0)
        return NULL;
    value = json_object_new_object();
    json_object_object_add(value, "pid", json_object_new_int64(status->pid));
    add_time(value, "since", status->since);
    return value;
}

static struct json_object *
photos_value(const struct status_photos *photos)
{
    struct json_object *value;

    if (photos->started == 0)
        return NULL;
    value = json_object_new_object();
    add_time(value, "started", photos->started);
    add_time(value, "finished", photos->finished);
    add_time(value, "succeeded", photos->succeeded);
    json_add_text(value, "outcome", slice_of(photos->outcome));
    json_object_object_add(value, "exit",
                           photos->finished ? json_object_new_int(photos->exit_status) : NULL);
    json_add_text(value, "error", slice_of(photos->error[0] ? photos->error : NULL));
    json_add_number(value, "there", photos->there);
    json_add_number(value, "added", photos->added);
    json_add_number(value, "replaced", photos->replaced);
    json_add_number(value, "removed", photos->removed);
    json_add_number(value, "findings", photos->findings);
    return value;
}

void
status_write_json(const struct status *status, unsigned width, struct buffer *out)
{
    struct json_object *value = json_object_new_object();

    (void)width;
    json_add_text(value, "feed", slice_of(status->feed));
    json_add_text(value, "state", slice_of(status->state));
    json_object_object_add(value, "known", json_object_new_boolean(status->known));
    json_object_object_add(value, "at_work", at_work_value(status));
    json_object_object_add(value, "people", people_value(status));
    add_time(value, "last_success", status->succeeded);
    add_time(value, "read_all", status->read_all);
    json_object_object_add(value, "runs", runs_value(status));
    json_object_object_add(value, "outbox", packages_value(status->outbox, status->outbox_count));
    json_object_object_add(value, "packages",
                           packages_value(status->packages, status->package_count));
    json_object_object_add(value, "photos", photos_value(&status->photos));
    json_object_object_add(value, "asked", json_object_new_boolean(status->asked));
    json_add_text(value, "unreachable", slice_of(status->unreachable));
    json_write(out, value, JSON_PAGE);
    buffer_add_text(out, "\n");
    json_object_put(value);
}
