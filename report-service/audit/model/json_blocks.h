/* The parts of model/json.c: blocks of the model in canonical form. Private to model/. */
#ifndef WALKIE_AUDIT_JSON_BLOCKS_H
#define WALKIE_AUDIT_JSON_BLOCKS_H

#include "audit/model/json.h"
#include "base/json_writer.h"

/* What goes on while a report is written: the words that it used, and whether to go on. */
struct writing {
    struct json_writer json;
    const struct ctx *ctx;
    uint64_t n_done;
    bool is_used[WORD_COUNT];
};

/* Hear the context; when it is done nothing more is written. */
void json_listen(struct writing *writing);

/* A key and its value. WORD_NONE, NULL and instant 0 are null. */
void json_put_word(struct writing *writing, const char *key, enum word word);
void json_put_text(struct writing *writing, const char *key, const char *text);
void json_put_cells(
    struct writing *writing, const char *key, const struct cell *cells, size_t n_cells);

/* The value alone: ISO 8601, milliseconds, UTC. */
void json_put_instant(struct writing *writing, int64_t epoch_ms);

/* The keys of a block that follow its kind and id. */
void json_put_block(struct writing *writing, const struct block *block);

#endif
