/* error: why something could not be done, and what to do about it.
 *
 * A function that can fail returns bool (or a pointer) and takes `struct error *err` last. The
 * error lives on the caller's stack, starts as ERROR_INIT, and is touched only on failure. Who
 * detects the trouble words it; who knows more puts context in front with error_prefix().
 *
 * Texts are lower case without a full stop and quote values in ''; a hint is a full sentence that
 * says what to do. Secrets never appear in either.
 *
 * Not for trouble with one person: that is a finding (model/finding.h).
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

enum error_code {
    ERROR_NONE,
    ERROR_BRAKE,       /* a guard stopped the run */
    ERROR_USAGE,       /* the command line */
    ERROR_DATA,        /* data that cannot be used: LDIF, a document that is not valid */
    ERROR_UNAVAILABLE, /* directory or server not reachable, or it broke off */
    ERROR_INTERNAL,    /* a fault of this program */
    ERROR_WRITE,       /* spool, state or target cannot be written */
    ERROR_LOCKED,      /* another run is at work */
    ERROR_PERMISSION,  /* login refused, key unknown, file not ours to read */
    ERROR_CONFIG,      /* settings or mapping */
    ERROR_CODE_COUNT
};

struct error {
    enum error_code code;
    bool transient; /* the same attempt may succeed later: worth a retry */
    char text[1024];
    char hint[2048]; /* empty: none */
};

#define ERROR_INIT ((struct error){.code = ERROR_NONE})

/* Sets the error, not transient, without hint. Returns false, so that one can write
 * `return error_set(err, …)`. A text that does not fit ends in "…". */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts context in front: "CONTEXT: what it said". Returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the hint. Returns false. */
bool error_hint(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* clang's analyzer sees one file at a time and has to be told that all three return false. */
#if defined __clang_analyzer__ && !defined ERROR_DEFINES
#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_prefix(...) ((void)error_prefix(__VA_ARGS__), false)
#define error_hint(...) ((void)error_hint(__VA_ARGS__), false)
#endif

/* The process's exit status for a code (sysexits.h, and 2 for a brake). */
int error_exit_status(enum error_code code);

/* A short name for programs, such as "unavailable". */
const char *error_code_name(enum error_code code);

#endif
