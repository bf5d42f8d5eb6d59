/* sftp_passage: one change of a depot on its way.
 *
 * It goes in flights of requests, each of which begins when all answers to the one before are
 * there: create the temporary file (and look, where nothing may have its name); write, sync and
 * close; rename. Refusals lead to further ones.
 *
 * Order of use: set convoy and change, sftp_passage_begin(); the answers do the rest, until flight
 * is SFTP_IDLE again. sftp_passage_resume() where it is SFTP_WAITING or SFTP_CREATED.
 */
#ifndef DELIVERY_SFTP_PASSAGE_H
#define DELIVERY_SFTP_PASSAGE_H

#include "delivery/sftp_convoy.h"

enum sftp_flight {
    SFTP_IDLE,
    SFTP_WAITING,   /* for another file to be closed: the server has too many open */
    SFTP_CREATING,  /* the temporary file */
    SFTP_CREATED,   /* it waits for the network to take its bytes */
    SFTP_SENDING,   /* its bytes */
    SFTP_RENAMING,  /* to its name */
    SFTP_LOOKING,   /* whether the name was taken, as it was not renamed */
    SFTP_CLEARING,  /* the name of what the server does not replace */
    SFTP_REMOVING,  /* a file that is to go */
    SFTP_DISCARDING /* the temporary file */
};

enum sftp_question {
    SFTP_ASK_LOOK,
    SFTP_ASK_CREATE,
    SFTP_ASK_MODE,
    SFTP_ASK_WRITE,
    SFTP_ASK_SYNC,
    SFTP_ASK_CLOSE,
    SFTP_ASK_RENAME,
    SFTP_ASK_REMOVE
};

struct sftp_passage {
    struct sftp_convoy *convoy;
    struct depot_change change;
    /* The rest is the passage's own, and zero. */
    enum sftp_flight flight;
    unsigned unanswered;
    char *path;
    char *part_path;
    char part[DEPOT_PART_BYTES];
    char handle[SFTP_HANDLE_BYTES];
    size_t handle_bytes;
    bool is_open;
    bool there;   /* what SFTP_ASK_LOOK found */
    bool plain;   /* the last rename was SSH_FXP_RENAME */
    bool cleared; /* what had the name was removed */
    bool refused; /* a request of this flight, the first of them: */
    enum sftp_question question;
    uint32_t status;
    char said[160];
    bool settles; /* with `outcome`, when the temporary file is gone */
    enum depot_outcome outcome;
    char trouble[1024];
};

void sftp_passage_begin(struct sftp_passage *passage);
void sftp_passage_resume(struct sftp_passage *passage);

/* Frees what it holds; for passages whose connection is lost. */
void sftp_passage_abandon(struct sftp_passage *passage);

#endif
