/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reads sectors 0..COUNT-1 of NODE by READ(10) over SG_IO, REQUEST sectors at a time, and does
 * nothing with them. Prints the seconds. Usage: bare_read NODE COUNT REQUEST */
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

enum { SECTOR = 2048 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    long sectors = atol(argv[2]), request = atol(argv[3]);
    int fd = open(argv[1], O_RDONLY | O_NONBLOCK);
    void *buffer = NULL;
    if (fd < 0 || posix_memalign(&buffer, 4096, request * SECTOR))
        return perror(argv[1]), 1;
    double began = now();
    for (long lba = 0; lba < sectors; lba += request) {
        long count = sectors - lba < request ? sectors - lba : request;
        unsigned char sense[64], cdb[10] = {0x28, 0, lba >> 24, lba >> 16, lba >> 8, lba,
                                            0, count >> 8, count, 0};
        sg_io_hdr_t io;
        memset(&io, 0, sizeof io);
        io.interface_id = 'S';
        io.dxfer_direction = SG_DXFER_FROM_DEV;
        io.cmdp = cdb, io.cmd_len = sizeof cdb;
        io.dxferp = buffer, io.dxfer_len = count * SECTOR;
        io.sbp = sense, io.mx_sb_len = sizeof sense;
        io.timeout = 60000;
        if (ioctl(fd, SG_IO, &io) < 0 || io.status)
            return fprintf(stderr, "LBA %ld: status %d\n", lba, io.status), 1;
    }
    printf("%.6f\n", now() - began);
    return 0;
}
