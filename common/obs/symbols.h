/* The names of functions by address, for backtraces in logs and on pages.
 *
 *     char text[SYMBOLS_TEXT_MAX];
 *     symbols_describe(address, text);             "sqlite3VdbeExec+0x1f libsqlite3.so.0"
 *
 * The program's own functions, static ones too, are looked up in the symbol table of its file,
 * which every build keeps unless it is stripped; other objects by what they export. Not here: lines
 * of source (addr2line -e PROGRAM ADDRESS), inlined functions. */
#ifndef WALKIE_OBS_SYMBOLS_H
#define WALKIE_OBS_SYMBOLS_H

#include <stddef.h>

enum { SYMBOLS_TEXT_MAX = 96 }; /* bytes of one description, with the NUL; longer ones are cut */

/* "function+0xOFFSET" of the program itself; with a blank and the file's name behind it of another
 * object; "+0xOFFSET FILE" where no name is known. `address` is a code address; give a return
 * address less one, so that it falls into the call. Reads the program's file on first use: not in a
 * signal handler. Threads: any. */
void symbols_describe(const void *address, char text[SYMBOLS_TEXT_MAX]);

#endif
