/* picture: stands in for the program of that name, and does what no decoder should. What, the
 * first picture of a request says: "hang", "child", "die", "half", … */
#include "photos/picture_process.h"
#include "photos/picture_shut_in.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char **environ;

/* A JPEG of 1 × 1 pixel as far as picture_is_bare() can see; with a comment it has a second use. */
static const char plain[] = "\xFF\xD8\xFF\xC0\0\x0B\x08\0\1\0\1\1\1\x11\0\xFF\xDA\0\2??\xFF\xD9";
static const char remark[] =
    "\xFF\xD8\xFF\xFE\0\6evil\xFF\xC0\0\x0B\x08\0\1\0\1\1\1\x11\0\xFF\xDA\0\2??\xFF\xD9";

static bool
receive(void *bytes, size_t length)
{
    for (size_t got = 0; got < length;) {
        ssize_t more = read(PICTURE_SOCKET, (char *)bytes + got, length - got);

        if (more <= 0)
            return false;
        got += (size_t)more;
    }
    return true;
}

static void
say(const char *bytes, size_t length)
{
    if (write(PICTURE_SOCKET, bytes, length) < 0)
        _exit(1);
}

static void
answer(unsigned trouble, unsigned side, const char *file, size_t length)
{
    struct picture_answer said = {(enum picture_trouble)trouble, side, side, length};
    unsigned char head[PICTURE_ANSWER_HEAD_BYTES];

    picture_answer_encode(&said, head);
    say((const char *)head, sizeof head);
    say(file, length);
}

static void
release(void)
{
    if (write(PICTURE_CONTROL, "", 1) != 1)
        _exit(0);
}

/* Whether there is an environment but for what a build that counts its lines gives itself. */
static bool
has_environment(void)
{
    for (char **variable = environ; *variable; variable++)
        if (strncmp(*variable, "__LLVM_PROFILE", 14) != 0)
            return true;
    return false;
}

/* Whether there is anything here of the process that started this one. */
static bool
has_been_given_things(void)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;
    bool found = false;
    sigset_t blocked;

    while (folder && (entry = readdir(folder)))
        if (atoi(entry->d_name) > STDERR_FILENO && atoi(entry->d_name) != dirfd(folder))
            found = true;
    if (folder)
        closedir(folder);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    return found || has_environment() || sigismember(&blocked, SIGUSR1) ||
           signal(SIGPIPE, SIG_DFL) != SIG_DFL;
}

static void
hang(bool with_child)
{
    if (with_child && fork() < 0)
        _exit(1);
    for (;;)
        pause();
}

static void
flood(void)
{
    static const char zeros[65536];

    for (;;)
        say(zeros, sizeof zeros);
}

static void
misbehave(const char *how)
{
    if (strcmp(how, "hang") == 0 || strcmp(how, "child") == 0)
        hang(strcmp(how, "child") == 0);
    if (strcmp(how, "die") == 0)
        raise(SIGKILL);
    if (strcmp(how, "flood") == 0)
        flood();
    if (strcmp(how, "half") == 0) {
        say("\0\0\0\0\0\0\0\1", 8);
        raise(SIGTERM);
    }
    if (strcmp(how, "things") == 0)
        answer(has_been_given_things() ? PICTURE_DAMAGED : PICTURE_EMPTY, 0, "", 0);
    if (strcmp(how, "plain") == 0)
        answer(PICTURE_FINE, 1, plain, sizeof plain - 1);
    if (strcmp(how, "remark") == 0)
        answer(PICTURE_FINE, 1, remark, sizeof remark - 1);
    if (strcmp(how, "more") == 0)
        answer(PICTURE_FINE, 1, plain, sizeof plain);
    if (strcmp(how, "wide") == 0)
        answer(PICTURE_FINE, 70000, plain, sizeof plain - 1);
    if (strcmp(how, "behind") == 0) {
        answer(PICTURE_FINE, 1, plain, sizeof plain - 1);
        say("x", 1);
    }
    if (strcmp(how, "trouble") == 0)
        answer(PICTURE_TROUBLE_COUNT + 3, 0, "", 0);
    release();
}

int
main(void)
{
    unsigned char rules[PICTURE_RULES_BYTES], head[PICTURE_REQUEST_HEAD_BYTES];
    size_t lengths[PICTURE_SOURCES_MOST], count;
    char how[64] = "";

    if (!receive(rules, sizeof rules))
        return 1;
    release();
    while (receive(head, sizeof head) && picture_request_decode(head, &count, lengths) &&
           lengths[0] < sizeof how && receive(how, lengths[0])) {
        how[lengths[0]] = 0;
        misbehave(how);
        if (count > 1)
            hang(false);
    }
    return 0;
}
