#pragma once
#include <stdbool.h>

enum { CRASH_LINE = 121 };

/*
 * The crash that the core dump tells of, as one line of at most 120 characters with its NUL after it. False: there is no
 * core dump, or it is damaged.
 *
 *   task xs image 1a2b3c4d5 pc 42012345 from 42023456 42034567
 *
 * `image` is the start of the SHA-256 of the ELF file that crashed, which may be another than the one that runs: what
 * the addresses mean, its file alone tells. On RISC-V there is no backtrace: `from` is the return address, then what on
 * the stack may be one.
 *
 * The core dump stays, until the next crash writes over it or a factory reset erases it: a person at the device reads
 * much more of it (idf.py coredump-info).
 */
bool crash_line(char line[CRASH_LINE]);
