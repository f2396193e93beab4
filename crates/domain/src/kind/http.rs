//! A request over HTTP and what its answer has to be.

use super::Field;
use super::field::{CA, CONNECTION, EXPIRY, FAMILY, INSECURE, Input, LATENCY, PASSWORD, REQUEST, SIGN_IN, UP, USERNAME};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        Field::line("url", "Address").like("example.com").required().hinted("A host or a whole URL. Without a scheme, https is used."),
        Field::line("method", "Method").within(REQUEST).by_default("GET").hinted("GET, HEAD, POST, or any other."),
        Field::line("headers", "Headers").typed(Input::Headers).within(REQUEST).like("Accept: application/json").hinted("One a line, as Name: value. Values are encrypted, and what may be a secret is never shown again."),
        Field::line("cookies", "Cookies").typed(Input::Secret).within(REQUEST).like("name=value; other=value"),
        Field::line("body_type", "Body is")
            .typed(Input::Choice(&[("raw", "Text, sent as it is"), ("json", "JSON"), ("form", "A form: name=value lines")]))
            .within(REQUEST),
        Field::line("body", "Body").typed(Input::Text).within(REQUEST),
        Field::line("auth", "Sign-in")
            .typed(Input::Choice(&[("none", "None"), ("basic", "Name and password (Basic)"), ("bearer", "Token (Bearer)"), ("oauth2", "OAuth 2 client credentials")]))
            .within(SIGN_IN),
        USERNAME.hinted("With Basic; with OAuth 2 the client’s id."),
        PASSWORD.hinted("With Basic; with OAuth 2 the client’s secret."),
        Field::line("token", "Token").typed(Input::Secret).within(SIGN_IN).hinted("With Bearer."),
        Field::line("token_url", "Token address").within(SIGN_IN).like("https://login.example.com/oauth/token").hinted("With OAuth 2. A token is kept until shortly before it ends."),
        Field::line("scope", "Scope").within(SIGN_IN).hinted("With OAuth 2."),
        Field::line("accepted_status", "Accepted status").typed(Input::List).within(UP).by_default("200-299").hinted("Statuses and ranges, separated by commas."),
        Field::line("assertions", "Assertions")
            .typed(Input::Lines)
            .within(UP)
            .like("body contains ok")
            .hinted("One a line: body contains ok, body not matches (?i)error, header content-type contains json, json $.status == \"up\", url == https://…"),
        Field::line("redirects", "Redirects to follow").typed(Input::Number).within(UP).by_default("10").hinted("0: a redirect is the answer."),
        FAMILY,
        Field::line("http_version", "HTTP version").typed(Input::Choice(&[("1.1", "HTTP/1.1"), ("2", "HTTP/2"), ("auto", "HTTP/2 where it is offered")])).within(CONNECTION),
        INSECURE,
        CA,
        Field::line("client_certificate", "Client certificate").typed(Input::Text).within(CONNECTION).like("-----BEGIN CERTIFICATE-----").hinted("PEM, with its chain."),
        Field::line("client_key", "Client key").typed(Input::SecretText).within(CONNECTION).like("-----BEGIN PRIVATE KEY-----").hinted("PEM, without a pass phrase."),
        Field::line("proxy", "Proxy").typed(Input::Secret).within(CONNECTION).like("http://user:secret@proxy.example.com:3128").hinted("http:// or socks5://. It is a secret, because it may have a password in it."),
        Field::line("response_cap_kib", "Read at most").typed(Input::Number).within(CONNECTION).like("1024").hinted("KiB of a response; the rest is left unread."),
    ],
    EXPIRY,
    LATENCY,
];

/// The most redirects that are followed.
pub const REDIRECTS_MAX: u32 = 20;
/// The redirects that are followed when nobody chose.
pub const REDIRECTS_DEFAULT: u32 = 10;

#[cfg(feature = "ssr")]
pub use settings::{Auth, HttpSettings, Proxy, Version};

#[cfg(feature = "ssr")]
mod settings;
