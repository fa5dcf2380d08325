#include "security.h"

#include "auth/access_log.h"
#include "auth/authenticator.h"
#include "auth/limits.h"
#include "config.h"
#include "obs/startup.h"

static void reload_auth(void *arg)
{
    authenticator_reload(arg);
}

static enum status make_authenticator(const struct settings *settings,
    struct authenticator **ret_authenticator, struct error *ret_error)
{
    uint64_t leeway_ns = settings_duration_ns(settings, "auth-leeway");
    const struct authenticator_options options = {
        .tokens_path = settings_text(settings, "auth-tokens"),
        .jwks_path = settings_text(settings, "auth-jwks"),
        .claims = {.issuer = settings_text(settings, "auth-issuer"),
            .audience = settings_text(settings, "auth-audience"),
            .name_claim = settings_text(settings, "auth-name-claim"),
            .role_claim = settings_text(settings, "auth-role-claim"),
            .role_prefix = settings_text(settings, "auth-role-prefix"),
            .sites_claim = settings_text(settings, "auth-sites-claim"),
            .leeway_s = (int64_t)(leeway_ns / CLOCK_SECONDS(1))},
    };
    return authenticator_new(&options, ret_authenticator, ret_error);
}

static enum status check_access_log(const struct settings *settings, struct error *ret_error)
{
    const char *key_path = settings_text(settings, "access-log-key");
    bool is_required = settings_boolean(settings, "access-log-required");
    if ((key_path != NULL || is_required) && settings_text(settings, "access-log") == NULL) {
        return error_set(ret_error, STATUS_INVALID_ARGUMENT, "--%s needs --access-log",
            is_required ? "access-log-required" : "access-log-key");
    }
    struct hmac_key *key = NULL;
    enum status status = key_path == NULL ? STATUS_OK : hmac_key_load(key_path, &key, ret_error);
    if (status != STATUS_OK) {
        error_prefix(ret_error, "--access-log-key");
    }
    hmac_key_free(key);
    return status;
}

enum status security_check(const struct settings *settings, struct error *ret_error)
{
    struct authenticator *authenticator = NULL;
    enum status status = check_access_log(settings, ret_error);
    if (status == STATUS_OK && config_has_auth(settings)) {
        status = make_authenticator(settings, &authenticator, ret_error);
    }
    authenticator_free(authenticator);
    return status;
}

static enum status start_auth(
    const struct settings *settings, struct gateway *gateway, struct error *ret_error)
{
    if (!config_has_auth(settings)) {
        return STATUS_OK;
    }
    enum status status = make_authenticator(settings, &gateway->authenticator, ret_error);
    if (status == STATUS_OK) {
        startup_on_reload(reload_auth, gateway->authenticator);
    }
    return status;
}

static void reopen_access_log(void *arg)
{
    access_log_reopen(arg);
}

static enum status start_access_log(
    const struct settings *settings, struct gateway *gateway, struct error *ret_error)
{
    const struct access_log_options options = {
        .path = settings_text(settings, "access-log"),
        .key_path = settings_text(settings, "access-log-key"),
        .is_required = settings_boolean(settings, "access-log-required"),
    };
    if (options.path == NULL) {
        return STATUS_OK;
    }
    enum status status = access_log_new(&options, &gateway->access_log, ret_error);
    if (status == STATUS_OK) {
        startup_on_reload(reopen_access_log, gateway->access_log);
    }
    return status;
}

/* Whoever has no token is slowed down where nobody else is, too: a bad JWT costs a signature, on a
 * loop's thread. */
static struct limits *make_strangers(const struct limits_options *all)
{
    static const struct limits_options BY_ITSELF = {.rate = LIMITS_STRANGERS_RATE};
    const struct limits_options asked = {.rate = all->rate, .burst = all->burst};
    return limits_new(all->rate == 0 ? &BY_ITSELF : &asked);
}

static enum status make_limits(
    const struct settings *settings, struct gateway *gateway, struct error *ret_error)
{
    const struct limits_options options = {
        .rate = (uint32_t)settings_integer(settings, "rate"),
        .burst = (uint32_t)settings_integer(settings, "rate-burst"),
        .in_flight_max = (uint32_t)settings_integer(settings, "client-in-flight-max"),
    };
    bool is_limited = options.rate > 0 || options.in_flight_max > 0;
    bool has_strangers = gateway->authenticator != NULL;
    gateway->limits = is_limited ? limits_new(&options) : NULL;
    gateway->strangers = has_strangers ? make_strangers(&options) : NULL;
    return (gateway->limits != NULL || !is_limited) &&
                   (gateway->strangers != NULL || !has_strangers)
               ? STATUS_OK
               : error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

enum status security_start(
    const struct settings *settings, struct gateway *gateway, struct error *ret_error)
{
    enum status status = start_auth(settings, gateway, ret_error);
    if (status == STATUS_OK) {
        status = start_access_log(settings, gateway, ret_error);
    }
    return status == STATUS_OK ? make_limits(settings, gateway, ret_error) : status;
}

void security_stop(struct gateway *gateway)
{
    authenticator_free(gateway->authenticator);
    access_log_free(gateway->access_log);
    limits_free(gateway->limits);
    limits_free(gateway->strangers);
}
