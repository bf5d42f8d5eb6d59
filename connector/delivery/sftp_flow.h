/* sftp_flow: SFTP over a session of libssh2, with many requests under way at once.
 *
 * libssh2's own SFTP waits for each answer before the next request, so that the way to the server
 * and back limits how many files a second it can write; and it has no posix-rename before 1.11.
 *
 * Order of use: sftp_flow_open() on a session that is logged in; then sftp_flow_ask() for a number
 * and sftp_wire's functions to put the request behind the others in sftp_flow_out(), and
 * sftp_flow_move() until the answers are there; sftp_flow_close().
 *
 * What fails here has ended the connection (ERROR_UNAVAILABLE); what a server refuses is an answer.
 */
#ifndef DELIVERY_SFTP_FLOW_H
#define DELIVERY_SFTP_FLOW_H

#include "delivery/sftp_session.h"
#include "delivery/sftp_wire.h"

struct sftp_flow;

/* Who waits for an answer, which is valid during the call. False: it is none to this request; then
 * the connection ends. */
struct sftp_asker {
    bool (*answered)(void *context, unsigned what, const struct sftp_reply *reply);
    void *context;
    unsigned what;
};

/* Begins SFTP on the session. */
struct sftp_flow *sftp_flow_open(struct sftp_session *session, struct error *err);
void sftp_flow_close(struct sftp_flow *flow);

bool sftp_flow_offers(const struct sftp_flow *flow, enum sftp_extension extension);

/* Where requests are put, and how much of that was not sent yet. */
struct buffer *sftp_flow_out(struct sftp_flow *flow);
size_t sftp_flow_unsent(const struct sftp_flow *flow);

/* The number for a request, which must be put into sftp_flow_out(). */
uint32_t sftp_flow_ask(struct sftp_flow *flow, const struct sftp_asker *asker);

/* Sends and hears what can be; waits where there is nothing at all. */
bool sftp_flow_move(struct sftp_flow *flow, struct error *err);

/* One answer that somebody waits for; buffer_free(&answer.bytes) afterwards. */
struct sftp_answer {
    bool there;
    struct sftp_reply reply;
    struct buffer bytes; /* what the reply points into */
};

/* The same as sftp_flow_ask() and sftp_flow_move() for one request. */
uint32_t sftp_flow_ask_one(struct sftp_flow *flow, struct sftp_answer *answer);
bool sftp_flow_await(struct sftp_flow *flow, const struct sftp_answer *answer, struct error *err);

#endif
