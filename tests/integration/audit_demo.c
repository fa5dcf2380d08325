#include "audit_demo.h"

#include <stdio.h>

#include "import/demo.h"

enum status audit_demo_make(const char *folder)
{
    enum { N_SITES = 12, N_SUBJECTS = 30 };
    return audit_demo_make_sized(folder, N_SITES, N_SUBJECTS);
}

enum status audit_demo_make_sized(const char *folder, int n_sites, int n_subjects)
{
    enum { PATH_MAX_LEN = 96 };
    char edc_uri[PATH_MAX_LEN];
    char ctms_uri[PATH_MAX_LEN];
    char manifest[PATH_MAX_LEN];
    snprintf(edc_uri, sizeof(edc_uri), "sqlite:%s/edc.db", folder);
    snprintf(ctms_uri, sizeof(ctms_uri), "sqlite:%s/ctms.db", folder);
    snprintf(manifest, sizeof(manifest), "%s/problems.json", folder);
    struct demo_options options = {
        .dataset = {.edc_uri = edc_uri, .ctms_uri = ctms_uri, .source = "demo"},
        .manifest_path = manifest,
        .n_sites = n_sites,
        .n_subjects = n_subjects,
        .seed = 1,
    };
    struct error error = ERROR_NONE;
    enum status status = demo_make(ctx_background(), &options, &error);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    return status;
}
