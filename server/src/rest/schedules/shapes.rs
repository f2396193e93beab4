//! The objects of a schedule in JSON, for the description of the interface. They are read and written field by field, by the table in `json`.
#![expect(dead_code, reason = "they document bodies")]

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// When it runs: exactly one of `every_seconds`, `cron` and `at`. It is sent whole.
#[derive(Deserialize, ToSchema)]
#[schema(as = ScheduleTrigger)]
pub(super) struct Trigger {
    /// At least 1. Counted in real time from `not_before`, or else from midnight UTC.
    #[schema(example = 60)]
    every_seconds: Option<f64>,
    /// Five fields; six with seconds first; seven with a year last; or a nickname such as `@hourly`.
    #[schema(example = "0 2 * * *")]
    cron: Option<String>,
    /// Once: a local time in the zone, or an instant.
    #[schema(example = "2027-01-01T09:00:00")]
    at: Option<String>,
    /// An IANA zone. Default: UTC.
    #[schema(example = "Europe/Riga")]
    timezone: Option<String>,
}

/// What is sent. The address but for its host, the values of headers and the body may have templates.
#[derive(Deserialize, ToSchema)]
#[schema(as = ScheduleRequest)]
pub(super) struct Request {
    /// Default: POST.
    #[schema(example = "POST")]
    method: Option<String>,
    #[schema(example = "https://example.com/hooks/nightly")]
    url: String,
    /// Values are secrets: they read back as `••••••••`. Several values of a name are a list.
    #[schema(value_type = Option<Object>, example = json!({"X-Key": "…"}))]
    headers: Option<BTreeMap<String, Value>>,
    #[schema(example = "{\"run\": {{ run.id | json }}}")]
    body: Option<String>,
    /// `raw` or `json`: whether the body has to be JSON, and is labelled so.
    body_type: Option<String>,
    /// `none`, `basic`, `bearer` or `hmac`. Default: `none`.
    auth: Option<String>,
    /// With `basic`.
    username: Option<String>,
    /// With `basic`. A secret.
    password: Option<String>,
    /// With `bearer`. A secret.
    token: Option<String>,
    /// With `hmac`: the key of an HMAC-SHA256 of the body. A secret.
    hmac_secret: Option<String>,
    /// With `hmac`. Default: `X-Hub-Signature-256`.
    hmac_header: Option<String>,
    /// Signs by Standard Webhooks.
    sign: Option<bool>,
    /// Default: one is made; `GET …/secret` tells it. A secret.
    signing_secret: Option<String>,
    /// Redirects that are followed, at most 3. Default: 0.
    redirects: Option<u32>,
    /// Certificates are not verified. Default: false.
    insecure: Option<bool>,
}

/// When a run has succeeded.
#[derive(Deserialize, ToSchema)]
#[schema(as = ScheduleSuccess)]
pub(super) struct Success {
    /// Statuses and ranges of them. Default: 200-299.
    #[schema(example = json!(["200-299"]))]
    accepted_status: Option<Vec<String>>,
    /// Each has to hold; see the guide to webhooks for how they are written.
    #[schema(example = json!(["json $.ok == true"]))]
    assertions: Option<Vec<String>>,
    /// What takes longer has failed. Default: only the timeout bounds it.
    max_latency_ms: Option<u32>,
}

/// When a run that failed is tried again.
#[derive(Deserialize, ToSchema)]
#[schema(as = ScheduleRetry)]
pub(super) struct Retry {
    /// Attempts of a run in all. Default: 3.
    max_attempts: Option<u32>,
    /// Older than that it is given up. Default: 3600.
    max_age_seconds: Option<f64>,
    /// The longest pause before the second attempt; it doubles with each. Default: 10.
    base_seconds: Option<f64>,
    /// The longest pause of all. Default: 600.
    cap_seconds: Option<f64>,
    /// Statuses that are tried again. Default: 408, 425, 429, 500-599.
    #[schema(example = json!(["408", "425", "429", "500-599"]))]
    statuses: Option<Vec<String>>,
}

/// When it switches itself off.
#[derive(Deserialize, ToSchema)]
#[schema(as = ScheduleDisable)]
pub(super) struct Disable {
    /// Failed runs in a row; 0: never. Default: 20.
    after_failures: Option<u32>,
    /// They have to span so many hours. Default: 24.
    after_hours: Option<u32>,
}

/// The settings of a schedule, as they are sent and read.
#[derive(Deserialize, ToSchema)]
#[schema(as = ScheduleSettings)]
pub(super) struct Settings {
    trigger: Trigger,
    request: Request,
    success: Option<Success>,
    retry: Option<Retry>,
    disable: Option<Disable>,
    /// From the name to the end of the answer, at most 300000. Default: 30000.
    timeout_ms: Option<u32>,
    /// Default: 5000.
    connect_timeout_ms: Option<u32>,
    /// `skip`, `queue` or `allow`: what happens when the run before has not ended. Default: `skip`.
    #[schema(example = "skip")]
    overlap: Option<String>,
    /// `last`, `skip` or `all`: what of the times runs that passed while Loopr was not running. Default: `last`.
    #[schema(example = "last")]
    catch_up: Option<String>,
    /// With `all`. Default: 10.
    catch_up_max: Option<u32>,
    /// None that were due earlier. Default: however old.
    catch_up_window_seconds: Option<f64>,
    /// Local time or an instant.
    not_before: Option<String>,
    /// Local time or an instant.
    not_after: Option<String>,
    /// So often in all.
    max_runs: Option<u32>,
    /// Each run begins up to so much later. Default: 0.
    jitter_seconds: Option<f64>,
    /// `low`, `normal`, `high` or `critical`. Default: `normal`.
    #[schema(example = "normal")]
    priority: Option<String>,
    /// On their way at once. Default: 10.
    concurrency: Option<u32>,
    /// Attempts within a minute. Default: without a limit.
    per_minute: Option<u32>,
}
