/* measure RESULT COMMAND...: runs a command and writes to the file RESULT what it took, as
 * "WALL_SECONDS CPU_SECONDS PEAK_KIB": CPU time is user and system, and like the peak of memory
 * includes the processes that the command started and waited for. Exits as the command does.
 *
 * A program of its own since a process inherits the peak of the one that it was forked from: in a
 * Python process the measure would begin at Python's own size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    struct rusage usage;
    double begin = now();
    int status;
    FILE *result;
    pid_t child;

    if (argc < 3)
        return 64;
    child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("measure");
        return EXIT_FAILURE;
    }
    result = fopen(argv[1], "w");
    if (!result) {
        perror(argv[1]);
        return EXIT_FAILURE;
    }
    fprintf(result, "%.6f %.6f %ld\n", now() - begin,
            seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), usage.ru_maxrss);
    if (fclose(result) != 0)
        return EXIT_FAILURE;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
