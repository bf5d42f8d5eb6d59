/* picture: the program that decodes; photos/pictures.c starts it and talks to it alone.
 *
 * This process reads nothing foreign. For each person it starts another one, which is shut in,
 * reads the pictures, answers, and ends, so that nothing of one person's pictures can reach the
 * next one's. Only when it has ended does this one say so, on a descriptor that it does not have.
 */
#include "photos/picture_color.h"
#include "photos/picture_image.h"
#include "photos/picture_make.h"
#include "photos/picture_process.h"
#include "photos/picture_shut_in.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
receive(void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t got = read(PICTURE_SOCKET, at, length);

        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

static bool
transmit(const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t put = write(PICTURE_SOCKET, at, length);

        if (put <= 0)
            return false;
        at += put;
        length -= (size_t)put;
    }
    return true;
}

/* A picture of our own, there and back: the libraries set themselves up, and inside it shows that
 * they get on with what they are left. */
static bool
try_out(void)
{
    struct picture_rules rules = {.width = 8, .height = 8, .max_bytes = PICTURE_FILE_BYTES_MOST};
    struct pixels pixels;
    struct buffer files[3] = {BUFFER_INIT, BUFFER_INIT, BUFFER_INIT};
    struct picture_answer answer = {.trouble = PICTURE_FALSE};

    if (!picture_color_try())
        return false;
    pixels_new(&pixels, 64, 64);
    memset(pixels.rgb, 0x55, 64 * 64 * 3);
    picture_jpeg_write(&pixels, 90, &files[0]);
    picture_png_write(&pixels, &files[1]);
    for (int i = 0; i < 2; i++) {
        rules.format = i ? PICTURE_JPEG : PICTURE_PNG;
        picture_make(&rules, &(struct slice){files[i].data, files[i].length}, 1, &answer,
                     &files[2]);
        if (answer.trouble != PICTURE_FINE)
            break;
    }
    for (int i = 0; i < 3; i++)
        buffer_free(&files[i]);
    pixels_free(&pixels);
    return answer.trouble == PICTURE_FINE;
}

static bool
serve_one(const struct picture_rules *rules)
{
    unsigned char head[PICTURE_REQUEST_HEAD_BYTES], answer_head[PICTURE_ANSWER_HEAD_BYTES];
    size_t lengths[PICTURE_SOURCES_MOST], count;
    struct slice values[PICTURE_SOURCES_MOST];
    struct buffer bytes = BUFFER_INIT;
    struct picture_answer answer;

    if (!receive(head, sizeof head) || !picture_request_decode(head, &count, lengths))
        return false;
    for (size_t i = 0; i < count; i++) {
        char *value = memory_alloc(lengths[i]);

        if (!receive(value, lengths[i]))
            return false;
        values[i] = (struct slice){value, lengths[i]};
    }
    picture_make(rules, values, count, &answer, &bytes);
    picture_answer_encode(&answer, answer_head);
    return transmit(answer_head, sizeof answer_head) && transmit(bytes.data, bytes.length);
}

/* In a process of its own; true where that one ended as it should. */
static bool
run_inside(struct picture_walls *walls, const struct picture_rules *rules, bool trial)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        return false;
    if (pid == 0)
        _exit(picture_shut_in(walls) && (trial ? try_out() : serve_one(rules)) ? 0 : 1);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return status == 0;
}

static bool
wait_for_request(void)
{
    struct pollfd wait = {.fd = PICTURE_SOCKET, .events = POLLIN};
    char byte;

    while (poll(&wait, 1, -1) < 0)
        if (errno != EINTR)
            return false;
    return recv(PICTURE_SOCKET, &byte, 1, MSG_PEEK) == 1;
}

static int
serve(void)
{
    unsigned char bytes[PICTURE_RULES_BYTES];
    struct picture_rules rules;
    struct picture_walls *walls;

    if (!receive(bytes, sizeof bytes) || !picture_rules_decode(bytes, &rules))
        return PICTURE_EXIT_RULES;
    if (!try_out())
        return PICTURE_EXIT_LIBRARIES;
    walls = picture_walls_new();
    if (!walls)
        return PICTURE_EXIT_WALLS;
    if (!run_inside(walls, &rules, true))
        return PICTURE_EXIT_INSIDE;
    do
        if (write(PICTURE_CONTROL, "", 1) != 1 || !wait_for_request())
            return PICTURE_EXIT_DONE;
    while (run_inside(walls, &rules, false));
    return PICTURE_EXIT_INSIDE;
}

int
main(void)
{
    _exit(serve());
}
