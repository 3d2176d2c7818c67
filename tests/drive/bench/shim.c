/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Refusals at open(), which umockdev's library can't play. Stacked before it with LD_PRELOAD.
 * $UMOCKDEV_DIR/refuse/sr0 holds "ERRNO WHEN": any, excl (O_EXCL asked), write (not read-only),
 * block (without O_NONBLOCK, as the kernel does without a medium).
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
