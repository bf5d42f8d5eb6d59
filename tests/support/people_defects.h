/* people_defects: what can be wrong with a person's entry, one row a kind.
 *
 * Each row makes one more person: `without` is left out, then `attribute` gets `value`. Rows
 * marked ldif_only have values that a directory server refuses but an LDIF file can carry.
 */
#ifndef SUPPORT_PEOPLE_DEFECTS_H
#define SUPPORT_PEOPLE_DEFECTS_H

#include <stdbool.h>
#include <stddef.h>

struct defect {
    const char *name;
    const char *without[2]; /* attributes, besides `attribute`, that the person lacks */
    const char *attribute;  /* NULL: nothing is put in */
    const char *value;
    size_t length;    /* of value; 0: up to its NUL */
    unsigned repeats; /* the value that many times over, as one value */
    unsigned values;  /* that many values, a number behind each */
    const char *rdn;  /* the DN's first part where it is not plain "cn=defect NAME" … */
    const char *cn;   /* … and the value that it names */
    bool twin;        /* has the account name and numbers of person 1 */
    bool ldif_only;
};

extern const struct defect defects[];
extern const size_t defect_count;

#endif
