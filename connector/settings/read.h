/* read: one value of the site's file, from its node to its place in the settings.
 */
#ifndef SETTINGS_READ_H
#define SETTINGS_READ_H

#include "settings/loader.h"

/* Reads the value of an option, anything but OPTION_LIST, to where its row says. What is wrong
 * becomes a fault and leaves the place as it was. */
void read_value(struct loader *loader, const struct option *option, const struct yaml_node *node,
                void *target);

/* A text of the file as a message may show it: short, without control characters. */
const char *read_printable(struct loader *loader, struct slice text);

#endif
