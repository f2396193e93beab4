//! The fields of a schedule, in the order of its form.

use crate::kind::field::{Field, Fields, INSECURE, Input, PASSWORD, SIGN_IN, USERNAME};

const REQUEST: &str = "Request";
const WHEN: &str = "Bounds";
const LATE: &str = "Late and overlapping runs";
const SUCCESS: &str = "What counts as success";
const RETRY: &str = "Retries";
const SIGNING: &str = "Signature";
const LOAD: &str = "Priority and load";
const DISABLE: &str = "Switching itself off";

const TRIGGERS: &[(&str, &str)] = &[("every", "At an interval"), ("cron", "By a cron expression"), ("once", "Once")];
const OVERLAPS: &[(&str, &str)] =
    &[("skip", "Skip the new one"), ("queue", "Let one wait until the other has ended"), ("allow", "Let both run")];
const CATCH_UPS: &[(&str, &str)] = &[("last", "Run the last one"), ("skip", "Run none"), ("all", "Run them all, up to a number")];
const PRIORITIES: &[(&str, &str)] = &[("normal", "Normal"), ("low", "Low"), ("high", "High"), ("critical", "Critical")];
const BODIES: &[(&str, &str)] = &[("raw", "Text, sent as it is"), ("json", "JSON")];
const SIGN_INS: &[(&str, &str)] = &[
    ("none", "None"),
    ("basic", "Name and password (Basic)"),
    ("bearer", "Token (Bearer)"),
    ("hmac", "Signature of the body (HMAC-SHA256)"),
];

const FIELDS: &[&[Field]] = &[&[
    Field::line("url", "Address")
        .like("https://example.com/hooks/nightly")
        .required()
        .hinted("Path and query may have templates: {{ run.id }}, {{ run.nominal | date }}."),
    Field::line("trigger", "Runs").typed(Input::Choice(TRIGGERS)),
    Field::line("every", "Every").like("5 min").hinted("At least 1 s; counted from “not before”, or else from midnight UTC."),
    Field::line("cron", "Cron expression")
        .like("0 2 * * *")
        .hinted("Five fields; with seconds six, with a year seven. L, W, #, + and names are read."),
    Field::line("at", "At").like("2027-01-01 09:00").hinted("In the time zone below, or an instant: 2027-01-01T09:00:00Z."),
    Field::line("timezone", "Time zone").typed(Input::Zone).by_default("UTC").like("Europe/Riga"),
    Field::line("method", "Method").within(REQUEST).by_default("POST").hinted("GET, POST, PUT, or any other."),
    Field::line("headers", "Headers")
        .typed(Input::Headers)
        .within(REQUEST)
        .like("Accept: application/json")
        .hinted("One a line, as Name: value. Values are encrypted, and what may be a secret is never shown again; they may have templates: {{ secret.API_KEY }}."),
    Field::line("body_type", "Body is").typed(Input::Choice(BODIES)).within(REQUEST),
    Field::line("body", "Body")
        .typed(Input::Text)
        .within(REQUEST)
        .like("{\"run\": {{ run.id | json }}, \"due\": {{ run.nominal | json }}}")
        .hinted("Templates know schedule, run, now, uuid, last and secret."),
    Field::line("auth", "Sign-in").typed(Input::Choice(SIGN_INS)).within(SIGN_IN),
    USERNAME.hinted("With Basic."),
    PASSWORD.hinted("With Basic."),
    Field::line("token", "Token").typed(Input::Secret).within(SIGN_IN).hinted("With Bearer."),
    Field::line("hmac_secret", "HMAC key")
        .typed(Input::Secret)
        .within(SIGN_IN)
        .hinted("With HMAC: the body’s SHA-256 HMAC in hexadecimal, after sha256=."),
    Field::line("hmac_header", "HMAC header").within(SIGN_IN).by_default("X-Hub-Signature-256"),
    Field::line("sign", "Sign by Standard Webhooks")
        .typed(Input::Flag)
        .within(SIGNING)
        .hinted("Adds webhook-id, webhook-timestamp and webhook-signature."),
    Field::line("signing_secret", "Signing secret")
        .typed(Input::Secret)
        .within(SIGNING)
        .like("made for you")
        .hinted("whsec_ and 24 to 64 bytes in base 64. Rotating keeps the old one valid for a while."),
    Field::line("accepted_status", "Accepted status")
        .typed(Input::List)
        .within(SUCCESS)
        .by_default("200-299")
        .hinted("Statuses and ranges, separated by commas."),
    Field::line("assertions", "Assertions")
        .typed(Input::Lines)
        .within(SUCCESS)
        .like("json $.ok == true")
        .hinted("One a line: body contains ok, header content-type contains json, json $.status == \"up\"."),
    Field::line("max_latency_ms", "Not slower than").typed(Input::Millis).within(SUCCESS).like("the timeout"),
    Field::line("timeout_ms", "Timeout")
        .typed(Input::Millis)
        .within(SUCCESS)
        .by_default("30 s")
        .hinted("From the name to the end of the answer, at most 5 min."),
    Field::line("connect_timeout_ms", "To connect").typed(Input::Millis).within(SUCCESS).by_default("5 s"),
    Field::line("redirects", "Redirects to follow")
        .typed(Input::Number)
        .within(SUCCESS)
        .by_default("0")
        .hinted("At most 3; each hop is judged anew."),
    INSECURE.within(SUCCESS),
    Field::line("max_attempts", "Attempts").typed(Input::Number).within(RETRY).by_default("3").hinted("The first one counts; at most 50."),
    Field::line("max_age", "Give up after").within(RETRY).by_default("1 h").hinted("From the time that the run was due."),
    Field::line("retry_base", "First pause")
        .within(RETRY)
        .by_default("10 s")
        .hinted("At most; each is up to twice as long, and random, so that retries do not come together."),
    Field::line("retry_cap", "Longest pause")
        .within(RETRY)
        .by_default("10 min")
        .hinted("What the receiver asks for by Retry-After is waited for, up to 1 h."),
    Field::line("retry_on", "Statuses that are tried again")
        .typed(Input::List)
        .within(RETRY)
        .by_default("408, 425, 429, 500-599")
        .hinted("Beside failures to connect and timeouts. 410 never is: it switches the schedule off."),
    Field::line("overlap", "When the run before has not ended").typed(Input::Choice(OVERLAPS)).within(LATE),
    Field::line("catch_up", "After a downtime of Loopr").typed(Input::Choice(CATCH_UPS)).within(LATE),
    Field::line("catch_up_max", "At most so many")
        .typed(Input::Number)
        .within(LATE)
        .by_default("10")
        .hinted("With “run them all”; at most 1000."),
    Field::line("catch_up_window", "Not older than").within(LATE).like("however old").hinted("What was due earlier is missed."),
    Field::line("not_before", "Not before").within(WHEN).like("2027-01-01 00:00"),
    Field::line("not_after", "Not after").within(WHEN).like("2027-12-31 23:59"),
    Field::line("max_runs", "Runs in all").typed(Input::Number).within(WHEN).like("without an end"),
    Field::line("jitter", "Spread over")
        .within(WHEN)
        .like("0 s")
        .hinted("Each run begins up to so much later, always the same for the same run, and never past the next one."),
    Field::line("priority", "Priority").typed(Input::Choice(PRIORITIES)).within(LOAD),
    Field::line("concurrency", "At once")
        .typed(Input::Number)
        .within(LOAD)
        .by_default("10")
        .hinted("Runs of this schedule that are on their way, at most."),
    Field::line("per_minute", "Per minute")
        .typed(Input::Number)
        .within(LOAD)
        .like("without a limit")
        .hinted("Attempts of this schedule, at most."),
    Field::line("disable_after", "After so many failed runs in a row")
        .typed(Input::Number)
        .within(DISABLE)
        .by_default("20")
        .hinted("0: never."),
    Field::line("disable_hours", "That took at least")
        .typed(Input::Number)
        .within(DISABLE)
        .by_default("24")
        .hinted("Hours. Both have to be so. You are told at half of it, and again when it happens."),
]];

/// The form of a schedule.
pub fn form() -> Fields {
    Fields(FIELDS)
}
