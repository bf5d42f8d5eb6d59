#include "base/helper.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LINE = 3, /* the helper's end, and its only descriptor beside the three streams */
    VARIABLE_BYTES_MOST = 16 * 1024,
    TEXT_BYTES_MOST = 1024
};
static const uint64_t input_bytes_most = UINT64_C(1) << 32;

struct helper {
    pid_t pid;
    int line;
    const struct helper_program *programs;
    size_t count;
    const char *prefix;
};

/* Behind it: the variables, each with its NUL, and the input. */
struct request {
    uint32_t program, variable_bytes;
    uint64_t input_bytes;
};

/* Behind it: the error's text, and what the program said. */
struct answer {
    uint32_t ok, code, text_bytes, output_bytes;
};

static bool
put_all(int line, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t put = send(line, at, length, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        length -= (size_t)put;
    }
    return true;
}

static bool
get_all(int line, void *bytes, size_t length)
{
    char *at = bytes;

    while (length > 0) {
        ssize_t got = recv(line, at, length, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        length -= (size_t)got;
    }
    return true;
}

static bool
get_buffer(int line, struct buffer *buffer, size_t length)
{
    if (length > 0 && !get_all(line, buffer_reserve(buffer, length), length))
        return false;
    buffer->length = length;
    return true;
}

/* False where these are no variables that a program may have. */
static bool
read_variables(const struct helper *helper, const char *bytes, size_t length,
               const char *ret_variables[PROGRAM_VARIABLES_MOST + 1])
{
    const char *end = bytes + length;
    size_t count = 0;

    if (length > 0 && end[-1] != '\0')
        return false;
    for (; bytes < end; bytes += strlen(bytes) + 1) {
        if (count == PROGRAM_VARIABLES_MOST ||
            strncmp(bytes, helper->prefix, strlen(helper->prefix)) != 0)
            return false;
        ret_variables[count++] = bytes;
    }
    ret_variables[count] = NULL;
    return true;
}

static bool
answer(int line, bool ok, const struct error *err, const struct buffer *out)
{
    const struct answer head = {ok, err->code, (uint32_t)strlen(err->text), (uint32_t)out->length};

    return put_all(line, &head, sizeof head) && put_all(line, err->text, head.text_bytes) &&
           put_all(line, out->data, out->length);
}

/* One request; false: nobody asks any more, or not as we do. */
static bool
serve(const struct helper *helper)
{
    const char *variables[PROGRAM_VARIABLES_MOST + 1];
    struct buffer input = BUFFER_INIT, output = BUFFER_INIT;
    char bytes[VARIABLE_BYTES_MOST];
    struct error err = ERROR_INIT;
    struct request request;
    struct program program;
    bool ok;

    if (!get_all(LINE, &request, sizeof request) || request.program >= helper->count ||
        request.variable_bytes > sizeof bytes || request.input_bytes > input_bytes_most ||
        !get_all(LINE, bytes, request.variable_bytes) ||
        !read_variables(helper, bytes, request.variable_bytes, variables))
        return false;
    ok = get_buffer(LINE, &input, (size_t)request.input_bytes);
    if (ok) {
        program = (struct program){helper->programs[request.program].arguments, variables,
                                   (struct slice){input.data, input.length},
                                   helper->programs[request.program].limit_seconds};
        ok = program_run(&program, &output, &err);
        ok = answer(LINE, ok, &err, &output);
    }
    buffer_free(&input);
    buffer_free(&output);
    return ok;
}

/* Leaves this end with nothing but its line: a stream that it held would stay open after us. */
static void
let_go(int line)
{
    int nothing = open("/dev/null", O_RDWR);

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(nothing, fd);
    if (line != LINE)
        dup2(line, LINE);
    fcntl(LINE, F_SETFD, FD_CLOEXEC);
#ifdef SYS_close_range
    syscall(SYS_close_range, LINE + 1, ~0U, 0);
#endif
}

struct helper *
helper_start(const struct helper_program *programs, size_t count, const char *prefix,
             struct error *err)
{
    struct helper *helper = memory_zero(1, sizeof *helper);
    int ends[2];

    *helper = (struct helper){0, -1, programs, count, prefix};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        error_set(err, ERROR_INTERNAL, "no line to a helper: %s", strerror(errno));
        free(helper);
        return NULL;
    }
    helper->pid = fork();
    if (helper->pid == 0) {
        let_go(ends[1]);
        while (serve(helper))
            ;
        _exit(0);
    }
    close(ends[1]);
    helper->line = ends[0];
    if (helper->pid > 0)
        return helper;
    error_set(err, ERROR_INTERNAL, "no process for a helper: %s", strerror(errno));
    helper_stop(helper);
    return NULL;
}

static bool
is_same(const char *const *one, const char *const *other)
{
    while (*one && *other && strcmp(*one, *other) == 0) {
        one++;
        other++;
    }
    return !*one && !*other;
}

static bool
ask(const struct helper *helper, const struct program *program)
{
    struct request request = {.input_bytes = program->input.length};
    struct buffer variables = BUFFER_INIT;
    bool ok;

    while (request.program < helper->count &&
           !is_same(helper->programs[request.program].arguments, program->arguments))
        request.program++;
    for (size_t i = 0; program->variables[i]; i++)
        buffer_add(&variables, program->variables[i], strlen(program->variables[i]) + 1);
    request.variable_bytes = (uint32_t)variables.length;
    ok = put_all(helper->line, &request, sizeof request) &&
         put_all(helper->line, variables.data, variables.length) &&
         put_all(helper->line, program->input.data, program->input.length);
    buffer_free(&variables);
    return ok;
}

bool
helper_run(struct helper *helper, const struct program *program, struct buffer *out,
           struct error *err)
{
    char text[TEXT_BYTES_MOST] = "";
    struct answer head;

    out->length = 0;
    if (!ask(helper, program) || !get_all(helper->line, &head, sizeof head) ||
        head.text_bytes >= sizeof text || head.output_bytes > PROGRAM_OUTPUT_MOST_BYTES ||
        head.code >= ERROR_CODE_COUNT || !get_all(helper->line, text, head.text_bytes) ||
        !get_buffer(helper->line, out, head.output_bytes))
        return error_set(err, ERROR_INTERNAL, "cannot be started: the helper process has ended");
    return head.ok || error_set(err, (enum error_code)head.code, "%s", text);
}

void
helper_stop(struct helper *helper)
{
    if (!helper)
        return;
    close(helper->line);
    while (helper->pid > 0 && waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(helper);
}
