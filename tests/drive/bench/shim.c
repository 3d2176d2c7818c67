/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What umockdev's library can't play; stacked before it with LD_PRELOAD.
 *
 * 1. Refusals at open().
 * $UMOCKDEV_DIR/refuse/sr0 holds "ERRNO WHEN": any, excl (O_EXCL asked), write (not read-only),
 * block (without O_NONBLOCK, as the kernel does without a medium).
 *
 * 2. dup2() of a drive's descriptor onto a low one, as dd does with its input: umockdev would lose
 * track of it and let read() see the empty backing file. The node is opened anew instead.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int refused(const char *path, int flags)
{
    const char *root = getenv("UMOCKDEV_DIR");
    char place[PATH_MAX], when[16] = "any";
    int number = 0, hit = 0;
    FILE *file;

    if (!root || !path || strncmp(path, "/dev/", 5) || strchr(path + 5, '/'))
        return 0;
    snprintf(place, sizeof place, "%s/refuse/%s", root, path + 5);
    file = fopen(place, "r");
    if (!file)
        return 0;
    if (fscanf(file, "%d %15s", &number, when) < 1)
        number = 0;
    fclose(file);
    hit = !strcmp(when, "any") || (!strcmp(when, "excl") && flags & O_EXCL)
        || (!strcmp(when, "write") && (flags & O_ACCMODE) != O_RDONLY)
        || (!strcmp(when, "block") && !(flags & O_NONBLOCK));
    if (!hit || !number)
        return 0;
    errno = number;
    return 1;
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...)                            \
    {                                                                     \
        static int (*next)(const char *, int, ...);                       \
        mode_t mode = 0;                                                  \
        va_list more;                                                     \
        if (!next)                                                        \
            next = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name); \
        if (flags & (O_CREAT | __O_TMPFILE)) {                            \
            va_start(more, flags);                                        \
            mode = va_arg(more, mode_t);                                  \
            va_end(more);                                                 \
        }                                                                 \
        return refused(path, flags) ? -1 : next(path, flags, mode);       \
    }

OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                      \
    int name(int dir, const char *path, int flags, ...)                   \
    {                                                                     \
        static int (*next)(int, const char *, int, ...);                  \
        mode_t mode = 0;                                                  \
        va_list more;                                                     \
        if (!next)                                                        \
            next = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name); \
        if (flags & (O_CREAT | __O_TMPFILE)) {                            \
            va_start(more, flags);                                        \
            mode = va_arg(more, mode_t);                                  \
            va_end(more);                                                 \
        }                                                                 \
        return refused(path, flags) ? -1 : next(dir, path, flags, mode);  \
    }

OPENAT(openat)
OPENAT(openat64)

int dup2(int from, int onto)
{
    static int (*next)(int, int);
    const char *root = getenv("UMOCKDEV_DIR");
    char link[64], path[PATH_MAX];
    ssize_t length;
    int fresh;

    if (!next)
        next = (int (*)(int, int))dlsym(RTLD_NEXT, "dup2");
    snprintf(link, sizeof link, "/proc/self/fd/%d", from);
    length = readlink(link, path, sizeof path - 1);
    if (!root || from == onto || length <= 0)
        return next(from, onto);
    path[length] = 0;
    length = strlen(root);
    if (strncmp(path, root, length) || strncmp(path + length, "/dev/", 5))
        return next(from, onto);
    close(onto);
    fresh = open(path + length, fcntl(from, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
    if (fresh == onto || fresh < 0)
        return fresh;
    close(fresh);
    return next(from, onto);
}
