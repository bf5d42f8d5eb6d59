/* range: a limit of a monitoring plug-in, as the Monitoring Plugins Development Guidelines write
 * it ("Threshold and Ranges", https://www.monitoring-plugins.org/doc/guidelines.html):
 *
 *     10      not below 0 nor above 10        10:     not below 10
 *     ~:10    not above 10                    10:20   not outside of 10 to 20
 *     @10:20  not within 10 to 20
 *
 * A number may be followed by a unit of time: 26h is 93600.
 */
#ifndef CLI_RANGE_H
#define CLI_RANGE_H

#include <stdbool.h>
#include <stdio.h>

struct range {
    bool set;
    bool inside; /* alarms within, not outside */
    double least, most;
};

/* False where the text is no range. */
bool range_parse(const char *text, struct range *ret_range);

/* Whether the value raises the alarm; never where the range is not set. */
bool range_alarms(const struct range *range, double value);

/* As perfdata has it, without units; nothing where it is not set. */
void range_print(const struct range *range, FILE *out);

#endif
