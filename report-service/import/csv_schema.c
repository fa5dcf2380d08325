#include "import/csv_schema.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "schema/migration.h"

enum { DEFINITION_MAX = 256 };

#define DISCONTINUATION                                                                            \
    " withdrew_consent lost_to_follow_up adverse_event death physician_decision pregnancy "        \
    "non_compliance lack_of_efficacy protocol_violation protocol_criteria eligibility "            \
    "medical_issue other "
#define GRADES " critical major minor recommendation "

/* The vocabulary of schema/README.md. */
static const struct {
    enum table table;
    const char *column;
    const char *words;
} WORDS[] = {
    {TABLE_SUBJECT, "status", " screening screen_failed enrolled completed discontinued "},
    {TABLE_SUBJECT, "sex", " M F "},
    {TABLE_SUBJECT, "discont_reason", DISCONTINUATION},
    {TABLE_SUBJECT, "treatment_status", " not_started ongoing completed discontinued "},
    {TABLE_SUBJECT, "treatment_reason", DISCONTINUATION},
    {TABLE_ELIGIBILITY, "kind", " inclusion exclusion "},
    {TABLE_SUBJECT_EVENT, "status", " done missed planned "},
    {TABLE_FORM, "status", " missing incomplete complete locked "},
    {TABLE_QUERY, "origin", " system monitor data_management medical "},
    {TABLE_QUERY, "status", " open answered closed "},
    {TABLE_ADVERSE_EVENT, "severity", " mild moderate severe life_threatening fatal "},
    {TABLE_ADVERSE_EVENT, "related", " related not_related unknown "},
    {TABLE_ADVERSE_EVENT, "outcome",
        " recovered recovering not_recovered recovered_with_sequelae fatal unknown "},
    {TABLE_LAB_RESULT, "flag", " N L H LL HH A "},
    {TABLE_EPRO_RESPONSE, "status", " submitted late missed pending "},
    {TABLE_EPRO_RESPONSE, "severity",
        " minimal mild moderate moderately_severe severe extremely_dissatisfied dissatisfied "
        "slightly_dissatisfied neutral slightly_satisfied satisfied extremely_satisfied "},
    {TABLE_EPRO_ALERT, "kind", " suicidal_ideation severe_score "},
    {TABLE_EPRO_ALERT, "closed_reason", " superseded cause_gone reviewed "},
    {TABLE_IMAGE_SERIES, "qc_status", " pass fail pending "},
    {TABLE_APP_USER, "role", " investigator coordinator monitor data_manager system "},
    {TABLE_EDIT_CHECK, "severity", " hard soft "},
    {TABLE_AUDIT_TRAIL, "action", " insert update delete sign lock unlock sdv query "},
    {TABLE_CTMS_STUDY, "status", " planned active closed "},
    {TABLE_CTMS_SITE, "status", " selected active enrolment_closed closed "},
    {TABLE_SITE_STAFF, "role", " pi sub_investigator coordinator pharmacist nurse "},
    {TABLE_DELEGATION, "task", " consent eligibility safety dosing ip data_entry sample "},
    {TABLE_TRAINING, "topic", " gcp protocol icf edc safety "},
    {TABLE_MILESTONE, "kind",
        " selected ethics_approved contract initiated activated first_subject_in "
        "enrolment_complete closed_out "},
    {TABLE_ETHICS, "kind", " protocol icf annual_review safety_report "},
    {TABLE_VISIT, "kind", " qualification initiation routine remote for_cause close_out "},
    {TABLE_ACTION_ITEM, "category", " consent data safety drug documents staff other "},
    {TABLE_ACTION_ITEM, "severity", " critical major minor "},
    {TABLE_DEVIATION, "category",
        " consent eligibility dosing treatment_compliance excluded_medication schedule procedure "
        "safety_reporting other "},
    {TABLE_DEVIATION, "status", " open closed "},
    {TABLE_ESSENTIAL_DOC, "status", " current expired missing superseded "},
    {TABLE_ESSENTIAL_DOC, "location", " isf tmf "},
    {TABLE_IP_TXN, "kind", " received dispensed returned destroyed lost quarantined storage "},
    {TABLE_SAMPLE, "kind", " central_lab pk "},
    {TABLE_AUDIT, "kind", " routine for_cause system "},
    {TABLE_FINDING, "area", " consent eligibility safety data drug documents staff oversight "},
    {TABLE_FINDING, "grade", GRADES},
    {TABLE_REGRADE, "old_grade", " rule" GRADES}, /* "rule": as the rule grades */
    {TABLE_REGRADE, "new_grade", GRADES},
};

static bool is_name_end(char byte)
{
    return byte == ' ' || byte == '(' || byte == ',' || byte == ';' || byte == '\0';
}

/* What follows `before` and the name, the name being whole; NULL: not in this SQL. */
static const char *find_after(const char *sql, const char *before, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *at = strstr(sql, before); at != NULL; at = strstr(at + 1, before)) {
        const char *found = at + strlen(before);
        if (strncmp(found, name, name_len) == 0 && is_name_end(found[name_len])) {
            return found + name_len;
        }
    }
    return NULL;
}

/* Up to the comma or bracket that ends a column's definition. */
static void copy_definition(const char *text, char ret_definition[DEFINITION_MAX])
{
    size_t len = 0;
    int depth = 0;
    while (text[len] != '\0' && text[len] != ';' && len < DEFINITION_MAX - 1) {
        depth += text[len] == '(' ? 1 : (text[len] == ')' ? -1 : 0);
        if (depth < 0 || (depth == 0 && text[len] == ',')) {
            break;
        }
        len++;
    }
    memcpy(ret_definition, text, len);
    ret_definition[len] = '\0';
}

/* "study_id INTEGER NOT NULL REFERENCES study": what follows the column's name. */
static bool find_in_table(const char *body, const char *column, char ret_definition[DEFINITION_MAX])
{
    const char *end = strchr(body, ';');
    for (const char *at = strchr(body, '('); at != NULL && (end == NULL || at < end);) {
        at += strspn(at, "(, \n");
        size_t len = strlen(column);
        if (strncmp(at, column, len) == 0 && at[len] == ' ') {
            copy_definition(at + len, ret_definition);
            return true;
        }
        char passed[DEFINITION_MAX];
        copy_definition(at, passed);
        at += strlen(passed);
        if (*at != ',') {
            break;
        }
    }
    return false;
}

/* A table may be written "CREATE TABLE site         (…": blanks before the bracket are passed over
 * by the search for it. */
static void find_definition(enum schema_kind kind, const char *table, const char *column,
    char ret_definition[DEFINITION_MAX])
{
    bool is_found = false;
    for (size_t i = 0; !is_found && i < SCHEMA_MIGRATIONS_COUNT; i++) {
        const char *sql = SCHEMA_MIGRATIONS[i].sql;
        if (SCHEMA_MIGRATIONS[i].kind != kind) {
            continue;
        }
        const char *body = find_after(sql, "CREATE TABLE ", table);
        is_found = body != NULL && find_in_table(body, column, ret_definition);
        char altered[CSV_NAME_MAX * 2];
        snprintf(altered, sizeof(altered), "ALTER TABLE %s ADD COLUMN ", table);
        const char *added = is_found ? NULL : find_after(sql, altered, column);
        if (added != NULL) {
            copy_definition(added, ret_definition);
            is_found = true;
        }
    }
    assert(is_found);
}

/* A column that bears the name of another table's key refers to it; so does sdv_by, to a user. */
static bool find_reference(
    enum table table, bool is_first, const char *column, enum table *ret_reference)
{
    const char *key = strcmp(column, "sdv_by") == 0 ? "user_id" : column;
    size_t len = strlen(key);
    for (int other = 0; other < (int)TABLE_COUNT; other++) {
        const char *columns = dataset_table_columns((enum table)other);
        bool is_own = other == (int)table;
        if (is_own && is_first) {
            return false; /* no table before it has such a key: it is its own */
        }
        if (!is_own && dataset_table_kind((enum table)other) == dataset_table_kind(table) &&
            strncmp(columns, key, len) == 0 && columns[len] == ',') {
            *ret_reference = (enum table)other;
            return true;
        }
    }
    return false;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static enum csv_kind kind_of(const char *definition, const struct csv_column *column, bool is_first)
{
    if (is_first) {
        return CSV_KEY;
    }
    if (strncmp(definition, " BIGINT", 7) == 0 || strcmp(column->name, "at") == 0) {
        return CSV_STAMP;
    }
    if (strncmp(definition, " INTEGER", 8) == 0) {
        return CSV_INTEGER;
    }
    if (strncmp(definition, " DOUBLE", 7) == 0) {
        return CSV_REAL;
    }
    static const char *const DATES[] = {"on_date", "fpfv", "lplv"};
    bool is_date = ends_with(column->name, "_on");
    for (size_t i = 0; !is_date && i < LENGTH_OF(DATES); i++) {
        is_date = strcmp(column->name, DATES[i]) == 0;
    }
    return is_date ? CSV_DATE : (column->words != NULL ? CSV_WORD : CSV_TEXT);
}

static void read_column(enum table table, bool is_first, struct csv_column *column)
{
    char definition[DEFINITION_MAX];
    find_definition(dataset_table_kind(table), dataset_table_name(table), column->name, definition);
    for (size_t i = 0; i < LENGTH_OF(WORDS); i++) {
        if (WORDS[i].table == table && strcmp(WORDS[i].column, column->name) == 0) {
            column->words = WORDS[i].words;
        }
    }
    column->is_required =
        strstr(definition, "NOT NULL") != NULL || strstr(definition, "PRIMARY KEY") != NULL;
    const char *value = strstr(definition, "DEFAULT ");
    if (value != NULL) {
        snprintf(
            column->value, sizeof(column->value), "%.*s", (int)strcspn(value + 8, " "), value + 8);
    }
    if (find_reference(table, is_first, column->name, &column->reference)) {
        column->kind = CSV_REFERENCE;
    } else {
        column->kind = kind_of(definition, column, is_first);
    }
}

void csv_schema_read(enum table table, struct csv_table *ret_table)
{
    const char *at = dataset_table_columns(table);
    *ret_table = (struct csv_table){.table = table, .name = dataset_table_name(table)};
    while (*at != '\0') {
        size_t len = strcspn(at, ",");
        assert(len < CSV_NAME_MAX && ret_table->n_columns < CSV_TABLE_COLUMNS_MAX);
        struct csv_column *column = &ret_table->columns[ret_table->n_columns++];
        memcpy(column->name, at, len);
        column->name[len] = '\0';
        read_column(table, ret_table->n_columns == 1, column);
        at += len + (at[len] == ',' ? 1 : 0);
    }
}
