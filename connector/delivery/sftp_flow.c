#include "delivery/sftp_flow.h"

#include "base/text.h"
#include "delivery/sftp_error.h"

#include <ctype.h>

enum {
    READ_BYTES = 32768,
    /* The server may send so much before it must wait; answers are small. */
    WINDOW_BYTES = 2 << 20,
    CHANNEL_PACKET_BYTES = 32768,
    /* What has come is looked at then, however fast more comes. */
    HEARD_BYTES_MOST = 4 * SFTP_PACKET_BYTES,
    SLOTS_MOST = 1 << 16
};

/* Somebody waits; or a slot that is free, with the next free one. */
struct slot {
    struct sftp_asker asker;
    uint32_t id;
    bool taken;
    size_t next_free;
};

/* Within libssh2 a packet is half sent: until it is whole, only what began it may go on. */
enum half_sent { NOTHING_HALF, WRITE_HALF, READ_HALF };

struct sftp_flow {
    struct sftp_session *session; /* borrowed */
    LIBSSH2_CHANNEL *channel;
    struct sftp_greeting greeting;
    enum half_sent half;
    struct buffer out; /* from `sent` on: not sent yet */
    size_t sent;
    struct buffer in; /* from `read` on: not read yet */
    size_t read;
    struct slot *slots;
    size_t slot_count, slot_room;
    size_t first_free; /* slot_count: none */
    uint32_t asked;
};

bool
sftp_flow_offers(const struct sftp_flow *flow, enum sftp_extension extension)
{
    return flow->greeting.offers[extension];
}

struct buffer *
sftp_flow_out(struct sftp_flow *flow)
{
    return &flow->out;
}

size_t
sftp_flow_unsent(const struct sftp_flow *flow)
{
    return flow->out.length - flow->sent;
}

/* The number holds the slot and how many were asked before, so that an answer that comes twice is
 * not taken for that to another request. */
uint32_t
sftp_flow_ask(struct sftp_flow *flow, const struct sftp_asker *asker)
{
    size_t at = flow->first_free;
    uint32_t id = (flow->asked++ & 0xffff) << 16 | (uint32_t)at;

    if (at == flow->slot_count) {
        memory_grow(&flow->slots, &flow->slot_room, at + 1, sizeof *flow->slots);
        flow->slots[at].next_free = ++flow->slot_count;
    }
    flow->first_free = flow->slots[at].next_free;
    flow->slots[at].asker = *asker;
    flow->slots[at].id = id;
    flow->slots[at].taken = true;
    return id;
}

static bool
break_off(struct sftp_flow *flow, struct error *err, const char *text)
{
    sftp_session_break(flow->session);
    return error_set(err, ERROR_UNAVAILABLE, "the server does not keep to SFTP: %s", text);
}

static bool
hand_on(struct sftp_flow *flow, const struct sftp_reply *reply, struct error *err)
{
    size_t at = reply->id % SLOTS_MOST;
    struct sftp_asker asker;

    if (at >= flow->slot_count || !flow->slots[at].taken || flow->slots[at].id != reply->id)
        return break_off(flow, err, "it answers what it was not asked");
    asker = flow->slots[at].asker;
    flow->slots[at].taken = false;
    flow->slots[at].next_free = flow->first_free;
    flow->first_free = at;
    sftp_session_expect(flow->session);
    return asker.answered(asker.context, asker.what, reply) ||
           break_off(flow, err, "its answer is none to what it was asked");
}

/* What comes first may be a text: a start-up file of the account's shell prints it. */
static bool
word_bad_length(struct sftp_flow *flow, struct slice bytes, struct error *err)
{
    struct slice text;

    for (size_t i = 0; i < 4; i++)
        if (!isprint((unsigned char)bytes.data[i]))
            return break_off(flow, err, "the length of an answer cannot be");
    sftp_session_break(flow->session);
    text = text_printable(flow->session->arena, bytes, 40);
    error_set(err, ERROR_UNAVAILABLE, "the server says '%.*s' where SFTP should begin",
              SLICE_ARG(text));
    return error_hint(err, "A start-up file of the account's shell at the server prints it; it "
                           "must not for logins without a terminal.");
}

/* Takes one packet of what has come; false in *ret_whole where it is not there yet. */
static bool
take_packet(struct sftp_flow *flow, struct slice *ret_packet, bool *ret_whole, struct error *err)
{
    struct slice rest = {flow->in.data + flow->read, flow->in.length - flow->read};
    enum sftp_cut cut = sftp_wire_cut(&rest, ret_packet);

    *ret_whole = cut == SFTP_CUT_PACKET;
    if (cut == SFTP_CUT_BAD)
        return word_bad_length(flow, rest, err);
    if (*ret_whole)
        flow->read = flow->in.length - rest.length;
    return true;
}

static bool
hand_on_all(struct sftp_flow *flow, struct error *err)
{
    struct sftp_reply reply;
    struct slice packet;
    bool whole;

    for (;;) {
        if (!take_packet(flow, &packet, &whole, err))
            return false;
        if (!whole)
            return true;
        if (!sftp_wire_read(packet, &reply))
            return break_off(flow, err, "an answer is too short, or of no kind");
        if (!hand_on(flow, &reply, err))
            return false;
    }
}

/* Forgets what is behind, when it is at least as much as what must be moved for it. */
static void
drop_front(struct buffer *bytes, size_t *done)
{
    if (*done < bytes->length - *done)
        return;
    if (*done)
        memmove(bytes->data, bytes->data + *done, bytes->length - *done);
    bytes->length -= *done;
    *done = 0;
}

static bool
is_half(const struct sftp_flow *flow)
{
    return libssh2_session_block_directions(flow->session->ssh) & LIBSSH2_SESSION_BLOCK_OUTBOUND;
}

static bool
lose(struct sftp_flow *flow, ssize_t result, struct error *err)
{
    return sftp_error(flow->session, (int)result, err, "SFTP broke off");
}

static bool
send_some(struct sftp_flow *flow, bool *moved, struct error *err)
{
    while (flow->half != READ_HALF && sftp_flow_unsent(flow)) {
        ssize_t result = libssh2_channel_write(flow->channel, flow->out.data + flow->sent,
                                               sftp_flow_unsent(flow));

        if (result < 0 && result != LIBSSH2_ERROR_EAGAIN)
            return lose(flow, result, err);
        flow->half = result == LIBSSH2_ERROR_EAGAIN && is_half(flow) ? WRITE_HALF : NOTHING_HALF;
        if (result <= 0)
            break;
        flow->sent += (size_t)result;
        *moved = true;
    }
    drop_front(&flow->out, &flow->sent);
    return true;
}

static bool
hear_some(struct sftp_flow *flow, bool *moved, struct error *err)
{
    while (flow->half != WRITE_HALF && flow->in.length - flow->read <= HEARD_BYTES_MOST) {
        ssize_t result =
            libssh2_channel_read(flow->channel, buffer_reserve(&flow->in, READ_BYTES), READ_BYTES);

        if (result < 0 && result != LIBSSH2_ERROR_EAGAIN)
            return lose(flow, result, err);
        flow->half = result == LIBSSH2_ERROR_EAGAIN && is_half(flow) ? READ_HALF : NOTHING_HALF;
        if (result == 0 && libssh2_channel_eof(flow->channel))
            return lose(flow, LIBSSH2_ERROR_CHANNEL_CLOSED, err);
        if (result <= 0)
            return true;
        flow->in.length += (size_t)result;
        *moved = true;
    }
    return true;
}

/* Waits, unless something moved. What is heard may also be that there is room to send more. */
static bool
exchange(struct sftp_flow *flow, struct error *err)
{
    unsigned long room;
    bool moved = false;

    if (!send_some(flow, &moved, err))
        return false;
    room = libssh2_channel_window_write(flow->channel);
    if (!hear_some(flow, &moved, err))
        return false;
    return moved || libssh2_channel_window_write(flow->channel) > room ||
           sftp_session_wait(flow->session) || lose(flow, LIBSSH2_ERROR_EAGAIN, err);
}

bool
sftp_flow_move(struct sftp_flow *flow, struct error *err)
{
    if (!exchange(flow, err) || !hand_on_all(flow, err))
        return false;
    drop_front(&flow->in, &flow->read);
    return true;
}

static bool
keep_answer(void *context, unsigned what, const struct sftp_reply *reply)
{
    struct sftp_answer *answer = context;

    (void)what;
    answer->there = true;
    answer->reply = *reply;
    /* At most one of them is there. */
    buffer_add(&answer->bytes, reply->text.data, reply->text.length);
    buffer_add(&answer->bytes, reply->rest.data, reply->rest.length);
    answer->reply.text.data = answer->reply.rest.data = answer->bytes.data;
    return true;
}

uint32_t
sftp_flow_ask_one(struct sftp_flow *flow, struct sftp_answer *answer)
{
    const struct sftp_asker asker = {.answered = keep_answer, .context = answer};

    *answer = (struct sftp_answer){.bytes = BUFFER_INIT};
    return sftp_flow_ask(flow, &asker);
}

bool
sftp_flow_await(struct sftp_flow *flow, const struct sftp_answer *answer, struct error *err)
{
    while (!answer->there)
        if (!sftp_flow_move(flow, err))
            return false;
    return true;
}

static bool
start_subsystem(struct sftp_flow *flow, struct error *err)
{
    struct sftp_session *session = flow->session;
    int result;

    SFTP_AWAIT_POINTER(session, flow->channel,
                       libssh2_channel_open_ex(session->ssh, "session", strlen("session"),
                                               WINDOW_BYTES, CHANNEL_PACKET_BYTES, NULL, 0));
    if (!flow->channel)
        return sftp_error(session, libssh2_session_last_errno(session->ssh), err,
                          "the server opens no channel for '%s'", session->options->user);
    SFTP_AWAIT(session, result, libssh2_channel_subsystem(flow->channel, "sftp"));
    if (result == 0)
        SFTP_AWAIT(session, result,
                   libssh2_channel_handle_extended_data2(flow->channel,
                                                         LIBSSH2_CHANNEL_EXTENDED_DATA_IGNORE));
    return result == 0 || sftp_error(session, result, err, "the server starts no SFTP for '%s'",
                                     session->options->user);
}

static bool
greet(struct sftp_flow *flow, struct error *err)
{
    struct slice packet;
    bool whole = false;

    sftp_wire_init(&flow->out);
    sftp_session_expect(flow->session);
    while (!whole)
        if (!exchange(flow, err) || !take_packet(flow, &packet, &whole, err))
            return false;
    if (!sftp_wire_read_greeting(packet, &flow->greeting))
        return break_off(flow, err, "it does not begin with a version");
    /* A server answers with the lower of both versions (section 4). */
    if (flow->greeting.version == SFTP_SPOKEN)
        return true;
    sftp_session_break(flow->session);
    return error_set(err, ERROR_UNAVAILABLE, "the server speaks version %u of SFTP and not %d",
                     (unsigned)flow->greeting.version, SFTP_SPOKEN);
}

struct sftp_flow *
sftp_flow_open(struct sftp_session *session, struct error *err)
{
    struct sftp_flow *flow = memory_zero(1, sizeof *flow);

    flow->session = session;
    if (start_subsystem(flow, err) && greet(flow, err)) {
        target_watch_step(session->watch, TARGET_LOGIN, "logged in as '%s'",
                          session->options->user);
        return flow;
    }
    sftp_flow_close(flow);
    return NULL;
}

void
sftp_flow_close(struct sftp_flow *flow)
{
    int result;

    if (!flow)
        return;
    if (flow->channel)
        SFTP_AWAIT(flow->session, result, libssh2_channel_free(flow->channel));
    buffer_free(&flow->out);
    buffer_free(&flow->in);
    free(flow->slots);
    free(flow);
}
