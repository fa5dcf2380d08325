/* The audit trail of the site's pages, as of the report's day. */
#include <string.h>

#include "audit/sources/dates.h"
#include "audit/sources/fetch.h"

/* Page by page in the order of time: locks and signatures are followed row by row. Names of items
 * are looked up for changes only: most rows are first entries. */
static const char TRAIL_SQL[] =
    "SELECT e.subject_id, f.form_id, a.at, a.user_id, a.action, a.audit_id, e.event_def_id,"
    " f.form_def_id, e.visit_on, f.locked_at, f.pi_signed_at, a.old_value, a.new_value, a.reason,"
    " coalesce(i.label, i.oid)"
    " FROM subject s JOIN subject_event e ON e.subject_id = s.subject_id"
    " JOIN form f ON f.event_id = e.event_id JOIN audit_trail a ON a.form_id = f.form_id"
    " LEFT JOIN item_data d ON d.item_id = a.item_id AND a.action IN ('update', 'delete')"
    " LEFT JOIN item_def i ON i.item_def_id = d.item_def_id"
    " WHERE s.site_id = $1 AND a.at <= $2"
    " ORDER BY e.subject_id, f.form_id, a.at, a.audit_id";

static const char USERS_SQL[] =
    "SELECT user_id, coalesce(full_name, login), role FROM app_user ORDER BY user_id";

enum trail_column {
    COLUMN_SUBJECT,
    COLUMN_FORM,
    COLUMN_AT,
    COLUMN_USER,
    COLUMN_ACTION,
    COLUMN_AUDIT_ID,
    COLUMN_EVENT,
    COLUMN_FORM_DEFINITION,
    COLUMN_VISIT_ON,
    COLUMN_LOCKED_AT,
    COLUMN_SIGNED_AT,
    COLUMN_OLD,
    COLUMN_NEW,
    COLUMN_REASON,
    COLUMN_ITEM,
};

/* The page whose rows are read. */
struct trail_page {
    int64_t form_id; /* 0: none yet */
    const struct subject *subject;
    const struct event_definition *event;
    const struct form_definition *definition;
    struct trail_user *user;           /* of the last row, of this page or the one before */
    struct trail_change *first_change; /* on this page; NULL: none */
    int64_t visit_day;
    int64_t locked_at; /* the page's own stamps; 0: none */
    int64_t signed_at;
    bool has_visit;
    bool has_lock_row;
    bool is_locked;
    bool has_signature_row;
};

static struct trail_facts *trail_of(const struct fetch *fetch)
{
    return &fetch->facts->edc.trail;
}

static struct trail_user *add_user(struct fetch *fetch, int64_t id)
{
    struct trail_user *user = fetch_new(fetch, sizeof(*user));
    if (user != NULL) {
        user->id = id;
        list_add(&trail_of(fetch)->users, &user->node);
    }
    return user;
}

static enum status on_user(struct fetch *fetch, const struct db_rows *rows)
{
    struct trail_user *user = add_user(fetch, db_column_integer(rows, 0));
    if (user == NULL) {
        return fetch_out_of_memory(fetch);
    }
    user->name = fetch_text(fetch, rows, 1);
    user->role = fetch_text(fetch, rows, 2);
    return STATUS_OK;
}

/* Rows of one page are mostly one user's: the last one is tried first. */
static struct trail_user *user_of_row(struct fetch *fetch, const struct db_rows *rows)
{
    struct trail_page *page = fetch->run;
    int64_t id = db_column_integer(rows, COLUMN_USER);
    if (page->user != NULL && page->user->id == id) {
        return page->user;
    }
    LIST_EACH(struct trail_user, user, &trail_of(fetch)->users) {
        if (user->id == id) {
            return page->user = user;
        }
    }
    return page->user = add_user(fetch, id);
}

static void begin_page(struct fetch *fetch, const struct db_rows *rows)
{
    struct trail_page *page = fetch->run;
    int64_t visit_day;
    const char *visit_on = db_column_text(rows, COLUMN_VISIT_ON);
    const struct subject *before = page->subject;
    *page = (struct trail_page){.form_id = db_column_integer(rows, COLUMN_FORM),
        .user = page->user,
        .locked_at = fetch_stamp(fetch, rows, COLUMN_LOCKED_AT),
        .signed_at = fetch_stamp(fetch, rows, COLUMN_SIGNED_AT)};
    page->subject = fetch_subject(fetch, before, db_column_integer(rows, COLUMN_SUBJECT));
    page->has_visit = date_is_complete(visit_on) && date_first_day(visit_on, &visit_day);
    page->visit_day = page->has_visit ? visit_day : 0;
    page->event = fetch_event_definition(fetch, db_column_integer(rows, COLUMN_EVENT));
    page->definition =
        fetch_form_definition(fetch, db_column_integer(rows, COLUMN_FORM_DEFINITION));
}

/* Who signs a page again answers for the changes before it. */
static void sign_again(struct trail_page *page)
{
    struct trail_change *change = page->first_change;
    for (; change != NULL; change = (struct trail_change *)change->node.next) {
        change->is_after_signature = false;
    }
}

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* A page whose locks or signatures are not in the trail has them as stamps of its own. */
static bool is_after(bool is_in_trail, bool is_set, int64_t stamp, int64_t at)
{
    return is_in_trail ? is_set : stamp != 0 && at > stamp;
}

static enum status keep_change(
    struct fetch *fetch, const struct db_rows *rows, enum trail_action action)
{
    struct trail_page *page = fetch->run;
    struct trail_change *change = fetch_new(fetch, sizeof(*change));
    if (change == NULL) {
        return fetch_out_of_memory(fetch);
    }
    int64_t at = db_column_integer(rows, COLUMN_AT);
    change->audit_id = db_column_integer(rows, COLUMN_AUDIT_ID);
    change->at = at;
    change->action = action;
    change->user = page->user;
    change->subject = page->subject;
    change->event = page->event;
    change->definition = page->definition;
    change->form_id = page->form_id;
    change->item = fetch_text(fetch, rows, COLUMN_ITEM);
    change->old_value = fetch_text(fetch, rows, COLUMN_OLD);
    change->new_value = fetch_text(fetch, rows, COLUMN_NEW);
    change->reason = is_blank(db_column_text(rows, COLUMN_REASON))
                         ? NULL
                         : fetch_text(fetch, rows, COLUMN_REASON);
    change->has_visit = page->has_visit;
    change->late_days = page->has_visit ? date_day_of_ms(at) - page->visit_day : 0;
    change->is_before_lock =
        page->locked_at > at && page->locked_at - at <= BEFORE_LOCK_DAYS * DAY_MS;
    change->is_after_lock = is_after(page->has_lock_row, page->is_locked, page->locked_at, at);
    change->is_after_signature =
        action != TRAIL_INSERT &&
        is_after(page->has_signature_row, page->has_signature_row, page->signed_at, at);
    page->first_change = page->first_change == NULL ? change : page->first_change;
    list_add(&trail_of(fetch)->changes, &change->node);
    return STATUS_OK;
}

static enum status keep_entry(struct fetch *fetch, const struct db_rows *rows)
{
    const struct trail_page *page = fetch->run;
    int64_t at = db_column_integer(rows, COLUMN_AT);
    struct trail_entry *entry = fetch_new(fetch, sizeof(*entry));
    if (entry == NULL) {
        return fetch_out_of_memory(fetch);
    }
    entry->at = at;
    page->user->n_entries++;
    list_add(&trail_of(fetch)->entries, &entry->node);
    bool is_late = is_after(page->has_lock_row, page->is_locked, page->locked_at, at);
    return is_late ? keep_change(fetch, rows, TRAIL_INSERT) : STATUS_OK;
}

static enum status on_trail(struct fetch *fetch, const struct db_rows *rows)
{
    struct trail_page *page = fetch->run;
    if (page->form_id != db_column_integer(rows, COLUMN_FORM)) {
        begin_page(fetch, rows);
    }
    if (page->subject == NULL) {
        return STATUS_OK; /* screened after as_of */
    }
    if (user_of_row(fetch, rows) == NULL) {
        return fetch_out_of_memory(fetch);
    }
    if (fetch_is_word(rows, COLUMN_ACTION, "insert")) {
        return keep_entry(fetch, rows);
    }
    if (fetch_is_word(rows, COLUMN_ACTION, "update")) {
        return keep_change(fetch, rows, TRAIL_UPDATE);
    }
    if (fetch_is_word(rows, COLUMN_ACTION, "delete")) {
        return keep_change(fetch, rows, TRAIL_DELETE);
    }
    if (fetch_is_word(rows, COLUMN_ACTION, "sign")) {
        page->has_signature_row = true;
        sign_again(page);
    } else if (fetch_is_word(rows, COLUMN_ACTION, "lock")) {
        page->has_lock_row = page->is_locked = true;
    } else if (fetch_is_word(rows, COLUMN_ACTION, "unlock")) {
        page->has_lock_row = true;
        page->is_locked = false;
    }
    return STATUS_OK;
}

enum status fetch_edc_trail(const struct ctx *ctx, struct fetch *fetch)
{
    if (!facts_has(fetch->base, "audit_trail", NULL)) {
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    if (facts_has(fetch->base, "app_user", NULL)) {
        status = fetch_rows(ctx, fetch, USERS_SQL, NULL, 0, on_user);
    }
    if (status == STATUS_OK) {
        struct db_value values[] = {
            db_integer(fetch->base->site_id), db_integer(fetch->facts->as_of_end_ms)};
        struct trail_page page = {0};
        fetch->run = &page;
        status = fetch_rows(ctx, fetch, TRAIL_SQL, values, 2, on_trail);
        fetch->run = NULL;
    }
    return status == STATUS_OK ? fetch_edc_chain(ctx, fetch) : status;
}
