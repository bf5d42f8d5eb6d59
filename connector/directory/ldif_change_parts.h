/* ldif_change_parts: what a change is made of, for ldif_change*.c alone. */
#ifndef DIRECTORY_LDIF_CHANGE_PARTS_H
#define DIRECTORY_LDIF_CHANGE_PARTS_H

#include "directory/ldif_change.h"

enum ldif_deed { ADD_VALUE, DELETE_VALUE, DELETE_ALL, CLEAR };

/* One thing to do to the entry. */
struct ldif_step {
    enum ldif_deed deed;
    struct slice name, value;
    unsigned long line;
};

struct ldif_change {
    enum ldif_change_kind kind;
    struct slice dn;
    unsigned long line; /* where the record begins */
    struct ldif_step *steps;
    size_t count, capacity;
    struct slice rdn;      /* the new one */
    struct slice superior; /* SLICE_NONE: the parent that it has */
    bool delete_old;       /* values of the old RDN */
};

/* Puts in front of the error who is meant and where the fault stands. Returns false. */
bool ldif_change_refuse(const struct ldif_change *change, unsigned long line, struct error *err);

#endif
