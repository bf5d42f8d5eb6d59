/* groups: who is in which groups, directly and through other groups: a graph in memory.
 *
 * A member is known by *names*, numbers that directory/group_names.h makes: of a DN, of a login
 * name, of a primary group. A group is itself a member by the name of its DN, so groups may be
 * within each other, in circles, too; a group that is its own member by way of others is one
 * of everybody's within the circle, once.
 *
 * Order of use: add all groups and their members, in any order; then ask. What was found is valid
 * until the next question. A member is told by its name alone: of a million names two are the same
 * by chance once in thirty million directories, and nobody can bring that about who does not know
 * the feed's secret (group_names.h).
 *
 * Not here: reading groups (directory/ldap_groups.h).
 */
#ifndef DIRECTORY_GROUPS_H
#define DIRECTORY_GROUPS_H

#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GROUP_NAME_NONE = 0 }; /* the name of nobody */

struct groups;

/* Somebody's groups, each once, without order but that. */
struct group_list {
    const uint32_t *numbers;
    size_t direct; /* the first ones, of which he is a member himself */
    size_t count;  /* and those of which these are members, and so on */
};

struct groups *groups_new(void);
void groups_free(struct groups *groups);

/* The number of the group, which is `name` where it is a member itself. The DN is copied. A name
 * that was added before keeps its number and DN. */
uint32_t groups_add(struct groups *groups, struct slice dn, uint64_t name);

void groups_add_member(struct groups *groups, uint32_t group, uint64_t member);

size_t groups_count(const struct groups *groups);

struct slice groups_dn(const struct groups *groups, uint32_t number);

/* The groups of somebody with these names. */
struct group_list groups_find(struct groups *groups, const uint64_t *names, size_t count);

/* All of it as bytes, for this machine, and back: what is read answers as what was written, in the
 * same order. It uses the bytes, which are to begin as malloc() has it and to live as long; nothing
 * can be added to it. NULL: not such bytes. */
void groups_write(const struct groups *groups, struct buffer *bytes);
struct groups *groups_read(struct slice bytes);

/* A number that is another one when a group comes, goes or gets another DN, directly or not; 0 for
 * none. */
uint64_t groups_sum(const struct groups *groups, struct group_list list);

#endif
