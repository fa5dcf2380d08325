/* The made-up report of tests/support/sample_report.h in every format: write_formats FOLDER.
 * Writes sample.LANGUAGE.{json,zip,xlsx,pdf}; tests/e2e/formats_test.sh compares them. */
#include <stdio.h>
#include <stdlib.h>

#include "audit/document/document.h"
#include "audit/export/csv_bundle.h"
#include "audit/export/xlsx.h"
#include "audit/model/json.h"
#include "support/sample_report.h"

enum { ROWS = 300, ROWS_OF_A_SHEET = 128, PATH_MAX_LEN = 1024 };

static enum status put(void *file, struct bytes piece)
{
    return fwrite(piece.data, 1, piece.len, file) == piece.len ? STATUS_OK : STATUS_UNAVAILABLE;
}

static FILE *create(const char *folder, enum language language, const char *extension)
{
    char path[PATH_MAX_LEN];
    snprintf(path, sizeof(path), "%s/sample.%s.%s", folder, language_tag(language), extension);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    return file;
}

static void expect(enum status status, FILE *file, const struct error *error)
{
    if (fclose(file) != 0 || status != STATUS_OK) {
        fprintf(stderr, "%s\n", error->text);
        exit(1);
    }
}

static void write_all(const char *folder, const struct report *report, enum language language)
{
    const struct ctx *ctx = ctx_background();
    const struct document_options document = {.language = language};
    /* So that tables go on in further sheets. */
    const struct xlsx_options xlsx = {
        .language = language, .folder = folder, .rows_max = ROWS_OF_A_SHEET};
    struct error error = ERROR_NONE;
    FILE *file = create(folder, language, "json");
    expect(model_write_json(ctx, report, language, put, file), file, &error);
    file = create(folder, language, "zip");
    expect(csv_bundle_write(ctx, report, language, put, file, &error), file, &error);
    file = create(folder, language, "xlsx");
    expect(xlsx_write(ctx, report, &xlsx, put, file, &error), file, &error);
    file = create(folder, language, "pdf");
    expect(document_write_pdf(ctx, report, &document, put, file, &error), file, &error);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    struct report *report = sample_report_new(&(struct sample_options){.n_rows = ROWS});
    if (model_hash(ctx_background(), report) != STATUS_OK) {
        return 1;
    }
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        write_all(argv[1], report, (enum language)language);
    }
    report_free(report);
    return 0;
}
