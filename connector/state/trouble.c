#include "state/state.h"

#include "state/database.h"

/* Each query counts what must not be; what a killed run leaves is none of it. The numbers are those
 * of enum state_fate. */
static const struct {
    const char *sql, *what, *remedy;
} rules[] = {
    {"SELECT count(*) FROM pending WHERE package NOT IN (SELECT id FROM package WHERE fate IN (0, "
     "1))",
     "people on their way in a package that is settled",
     "Put back a copy of the state, or move it away and run 'ldap2alma state rebuild'."},
    {"SELECT count(*) FROM person WHERE package NOT IN (SELECT id FROM package WHERE fate IN (0, "
     "1, 2))",
     "people whose package was never delivered",
     "Run 'ldap2alma run --full', which sends everybody."},
    {"SELECT count(*) FROM person WHERE length(digest) <> 16 OR length(key) < 2",
     "people whose rows are damaged",
     "Put back a copy of the state, or move it away and run 'ldap2alma state rebuild'."},
    {"SELECT count(*) FROM record WHERE key NOT IN (SELECT key FROM person)",
     "last records of nobody", "Move the state away and run 'ldap2alma state rebuild'."},
    {"SELECT count(*) FROM roster WHERE part = -1"
     "  AND CAST(bytes AS INTEGER) <> (SELECT count(*) FROM person)",
     "a number of people that is wrong", "The next run that reads everybody counts them anew."},
    {"SELECT count(*) FROM matter WHERE length(key) < 2 OR run NOT IN (SELECT id FROM run)",
     "rows of the work list that no run has written",
     "The next run writes them anew, or removes them."},
    {"SELECT count(*) FROM accepted WHERE length(key) < 2 OR length(owner) < 2",
     "claims of an identifier whose rows are damaged", "The next run writes them anew."},
    {"SELECT count(*) FROM package WHERE fate NOT BETWEEN 0 AND 4", "packages of no known fate",
     "Put back a copy of the state, or move it away and run 'ldap2alma state rebuild'."},
};

bool
state_find_trouble(struct state *state,
                   void (*tell)(void *context, const struct state_trouble *trouble), void *context,
                   struct error *err)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        int64_t count;

        if (!database_number(state, rules[i].sql, &count, err))
            return false;
        if (count > 0)
            tell(context, &(struct state_trouble){(uint64_t)count, rules[i].what, rules[i].remedy});
    }
    return true;
}
