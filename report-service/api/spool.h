/* The spool: a finished report on its way out. It is written to a file without a name, so that
 * memory stays flat however slowly a client reads, and nothing is left behind whatever happens.
 *
 *     status = spool_open(folder, SPOOL_LEN_MAX, &spool, &error);
 *     status = document_write_pdf(ctx, report, &options, spool_write, spool, &error);
 *     fd = spool_finish(spool, &len, sha256_text);
 *
 * Not here: keeping results. */
#ifndef WALKIE_SERVICE_SPOOL_H
#define WALKIE_SERVICE_SPOOL_H

#include "base/bytes.h"
#include "base/error.h"

struct spool;
enum { SPOOL_SHA256_TEXT_MAX = 65 };

/* Errors: UNAVAILABLE (the folder cannot be written; names it), RESOURCE_EXHAUSTED. */
MUST_USE enum status spool_open(
    const char *folder, uint64_t len_max, struct spool **ret_spool, struct error *ret_error);

/* Append; fits document_write_fn. Errors: RESOURCE_EXHAUSTED (above len_max), UNAVAILABLE (the disk
 * is full or fails): see spool_error. */
enum status spool_write(void *spool, struct bytes piece);

/* What the last failed spool_write met, in words; "" when none failed. */
const char *spool_error(const struct spool *spool);

/* Everything is written: the descriptor (the caller's to close), its length and its SHA-256. Frees
 * the spool. Errors: -1 when what is buffered could not be written (*ret_error says why). */
MUST_USE int spool_finish(struct spool *spool, uint64_t *ret_len,
    char ret_sha256[SPOOL_SHA256_TEXT_MAX], struct error *ret_error);

void spool_free(struct spool *spool); /* drops everything; accepts NULL */
void spool_free_at(struct spool **spool);

#endif
