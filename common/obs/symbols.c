/* dladdr is GNU's. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "obs/symbols.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attributes.h"

/* The program's file, mapped for good, and the table in it. Set once. */
static struct {
    const char *image;
    size_t len;
    const ElfW(Sym) * symbols;
    size_t n_symbols;
    const char *names;
    size_t names_len;
    uintptr_t start; /* where the program is loaded */
    uintptr_t bias;  /* what its addresses are moved by */
} program;
static pthread_once_t program_once = PTHREAD_ONCE_INIT;

static bool is_inside(uint64_t offset, uint64_t len)
{
    return offset <= program.len && len <= program.len - offset;
}

/* Remember the symbol table, if the file has one that lies inside it. */
static void find_table(void)
{
    const ElfW(Ehdr) *head = (const void *)program.image;
    if (!is_inside(0, sizeof(*head)) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
        !is_inside(head->e_shoff, (uint64_t)head->e_shnum * sizeof(ElfW(Shdr)))) {
        return;
    }
    const ElfW(Shdr) *sections = (const void *)(program.image + head->e_shoff);
    for (size_t i = 0; i < head->e_shnum; i++) {
        const ElfW(Shdr) *table = &sections[i];
        if (table->sh_type != SHT_SYMTAB || table->sh_link >= head->e_shnum) {
            continue;
        }
        const ElfW(Shdr) *names = &sections[table->sh_link];
        if (is_inside(table->sh_offset, table->sh_size) &&
            is_inside(names->sh_offset, names->sh_size)) {
            program.symbols = (const void *)(program.image + table->sh_offset);
            program.n_symbols = table->sh_size / sizeof(ElfW(Sym));
            program.names = program.image + names->sh_offset;
            program.names_len = names->sh_size;
        }
    }
    program.bias = head->e_type == ET_DYN ? program.start : 0;
}

static void map_program(void)
{
    Dl_info own;
    if (dladdr((const void *)(uintptr_t)&symbols_describe, &own) == 0) {
        return;
    }
    program.start = (uintptr_t)own.dli_fbase;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd >= 0 && fstat(fd, &info) == 0) {
        void *image = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (image != MAP_FAILED) {
            program.image = image;
            program.len = (size_t)info.st_size;
            find_table();
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* The function of the program that holds the address. */
static const ElfW(Sym) * find_function(uintptr_t address)
{
    uintptr_t value = address - program.bias;
    for (size_t i = 0; i < program.n_symbols; i++) {
        const ElfW(Sym) *symbol = &program.symbols[i];
        if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && value >= symbol->st_value &&
            value - symbol->st_value < symbol->st_size && symbol->st_name < program.names_len) {
            return symbol;
        }
    }
    return NULL;
}

void symbols_describe(const void *address, char text[SYMBOLS_TEXT_MAX])
{
    pthread_once(&program_once, map_program);
    uintptr_t at = (uintptr_t)address;
    Dl_info info;
    if (dladdr(address, &info) == 0) {
        snprintf(text, SYMBOLS_TEXT_MAX, "0x%zx", (size_t)at);
        return;
    }
    uintptr_t start = (uintptr_t)info.dli_fbase;
    bool is_own = start == program.start;
    const ElfW(Sym) *function = is_own ? find_function(at) : NULL;
    const char *slash = strrchr(info.dli_fname, '/');
    const char *file = slash == NULL ? info.dli_fname : slash + 1;
    if (function != NULL) {
        snprintf(text, SYMBOLS_TEXT_MAX, "%s+0x%zx", program.names + function->st_name,
            (size_t)(at - program.bias - function->st_value));
    } else if (info.dli_sname != NULL) {
        snprintf(text, SYMBOLS_TEXT_MAX, "%s+0x%zx %s", info.dli_sname,
            (size_t)(at - (uintptr_t)info.dli_saddr), file);
    } else {
        snprintf(text, SYMBOLS_TEXT_MAX, "+0x%zx %s", (size_t)(at - start), file);
    }
}
