/* metrics: a run in numbers for Prometheus, in its text exposition format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), as node_exporter's textfile
 * collector reads it: without timestamps, in a file whose name ends in .prom.
 *
 * All families are gauges with the label "feed": one file tells of the last run, nothing counts on.
 * Those of a run of photos have other names, so that its file may lie beside the other one.
 * A family is told for every value that its label may have, also with 0, so that no series comes
 * and goes with what happened. Nothing about people is in it but numbers.
 */
#ifndef REPORT_METRICS_H
#define REPORT_METRICS_H

#include "report/report.h"
#include "report/status.h"

/* Appends all families. `status` NULL: the state could not be read; then what it knows is left out.
 */
void metrics_write(const struct report *report, const struct status *status, struct buffer *out);

/* The same into a file that appears whole or not at all, mode 0644. */
bool metrics_save(const struct report *report, const struct status *status, const char *path,
                  struct error *err);

#endif
