#include "run/check_run.h"

#include <inttypes.h>

/* What one package may hold, and how many Alma takes a run, the settings themselves keep. */
void
check_limits(struct check_run *run)
{
    const struct settings *settings = run->settings;
    uint64_t each = (uint64_t)settings->package.records_per_file *
                    (uint64_t)settings->package.files_per_package;
    uint64_t people = run->content.fit, packages = (people + each - 1) / each;
    struct error err = ERROR_INIT;

    if (people == 0)
        return;
    if (packages <= settings->package.max_packages) {
        probe_ok(&run->probes, "package.limits",
                 "a full run makes %" PRIu64 " package%s at least, and may make %u", packages,
                 packages == 1 ? "" : "s", settings->package.max_packages);
        return;
    }
    error_set(&err, ERROR_CONFIG,
              "a full run of %" PRIu64 " people makes %" PRIu64
              " packages, but package.max_packages is %u",
              people, packages, settings->package.max_packages);
    error_hint(&err, "Raise package.records_per_file or package.files_per_package.");
    probe_fail(&run->probes, "package.limits", &err);
}
