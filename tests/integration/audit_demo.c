#include "audit_demo.h"

#include <stdio.h>
#include <unistd.h>

#include "import/demo.h"

enum status audit_demo_make(const char *folder)
{
    enum { N_SITES = 12, N_SUBJECTS = 30 };
    return audit_demo_make_sized(folder, N_SITES, N_SUBJECTS);
}

enum { PATH_MAX_LEN = 96 };

static enum status make(
    const char *folder, int n_sites, int n_subjects, uint64_t seed, const char *lab_path)
{
    char edc_uri[PATH_MAX_LEN];
    char ctms_uri[PATH_MAX_LEN];
    char manifest[PATH_MAX_LEN];
    snprintf(edc_uri, sizeof(edc_uri), "sqlite:%s/edc.db", folder);
    snprintf(ctms_uri, sizeof(ctms_uri), "sqlite:%s/ctms.db", folder);
    snprintf(manifest, sizeof(manifest), "%s/problems.json", folder);
    struct demo_options options = {
        .dataset = {.edc_uri = edc_uri, .ctms_uri = ctms_uri, .source = "demo"},
        .lab_path = lab_path,
        .manifest_path = manifest,
        .n_sites = n_sites,
        .n_subjects = n_subjects,
        .seed = seed,
    };
    struct error error = ERROR_NONE;
    enum status status = demo_make(ctx_background(), &options, &error);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
    }
    return status;
}

enum status audit_demo_make_sized(const char *folder, int n_sites, int n_subjects)
{
    return make(folder, n_sites, n_subjects, 1, NULL);
}

enum status audit_demo_make_with_lab(const char *folder, int n_sites, int n_subjects)
{
    return audit_demo_make_seeded(folder, n_sites, n_subjects, 1);
}

enum status audit_demo_make_seeded(const char *folder, int n_sites, int n_subjects, uint64_t seed)
{
    char lab_path[PATH_MAX_LEN];
    snprintf(lab_path, sizeof(lab_path), "%s/lab.jsonl", folder);
    return make(folder, n_sites, n_subjects, seed, lab_path);
}

int audit_demo_remove(const char *folder)
{
    static const char *const FILES[] = {"edc.db", "ctms.db", "problems.json", "lab.jsonl"};
    for (size_t i = 0; i < LENGTH_OF(FILES); i++) {
        char path[PATH_MAX_LEN];
        snprintf(path, sizeof(path), "%s/%s", folder, FILES[i]);
        unlink(path);
    }
    return rmdir(folder);
}
