//! What a page or server function knows of the request it serves. The server builds a [`PageContext`] per request and
//! puts it into the context; only server functions and the shell read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{AppError, Code};
use engine::{Actor, Client, Engine, NewSession, Visitor};
use http::header::{HeaderValue, LINK, SET_COOKIE};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::environment::Theme;
use crate::session::KeptForm;

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "loopr_session";
/// The name of the cookie with the chosen theme.
pub const THEME_COOKIE: &str = "loopr_theme";
/// The name of the cookie with the reader's time zone.
pub const ZONE_COOKIE: &str = "loopr_zone";

/// Finds the refused form of an id, if it is this visitor's.
pub type FindKeptForm = Arc<dyn Fn(&str) -> Option<KeptForm> + Send + Sync>;

/// Everything that a request brings along.
#[derive(Clone)]
pub struct PageContext {
    /// The product.
    pub engine: Engine,
    /// Who is signed in.
    pub visitor: Option<Arc<Visitor>>,
    /// Where the request comes from.
    pub client: Client,
    /// Where the static files are.
    pub assets: Arc<Assets>,
    /// From the cookie [`THEME_COOKIE`].
    pub theme: Theme,
    /// An IANA name, from the cookie [`ZONE_COOKIE`]; `UTC` until the browser has told its own.
    pub zone: String,
    /// Cookies get `Secure`.
    pub secure_cookies: bool,
    /// For the log.
    pub request_id: String,
    /// Finds what was typed into a refused plain form, by the id in `?form=`.
    pub kept_form: FindKeptForm,
}

/// Where the static files of this build are served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    /// A hash over all of them.
    pub build: String,
    /// The files of each part of the wasm that is loaded when a page needs it, as cargo-leptos lists them.
    pub parts: BTreeMap<String, Vec<String>>,
}

impl Assets {
    /// The address of a file of the site, for ever the same content.
    pub fn url(&self, path: &str) -> String {
        format!("/assets/{}/{path}", self.build)
    }
}

/// Asks the browser to fetch a part of the wasm along with the page, not only when the page asks for it.
pub fn preload_part(name: &str) {
    let (Ok(page), Some(response)) = (PageContext::get(), use_context::<ResponseOptions>()) else { return };
    for file in page.assets.parts.get(name).into_iter().flatten() {
        let text =
            format!("<{}>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin", page.assets.url(&format!("pkg/{file}.wasm")));
        if let Ok(link) = HeaderValue::from_str(&text) {
            response.append_header(LINK, link);
        }
    }
}

impl PageContext {
    /// The context of the request that is being served.
    pub fn get() -> Result<Self, AppError> {
        use_context::<Self>().ok_or_else(AppError::internal)
    }

    /// Who is signed in.
    pub fn visitor(&self) -> Result<&Visitor, AppError> {
        self.visitor.as_deref().ok_or_else(AppError::unauthenticated)
    }

    /// Who is signed in, acting in the space that is open.
    pub fn actor(&self) -> Result<Actor, AppError> {
        self.visitor()?.actor()
    }

    /// Signs this browser in.
    pub fn set_session(&self, session: &NewSession) {
        let seconds = session.expires_at.since(self.engine.now()).as_secs();
        self.set_cookie(SESSION_COOKIE, &session.secret, seconds, "; HttpOnly");
    }

    /// Signs this browser out.
    pub fn clear_session(&self) {
        self.set_cookie(SESSION_COOKIE, "", 0, "; HttpOnly");
    }

    /// Sets a cookie that scripts may read.
    pub fn set_preference(&self, name: &str, value: &str) {
        self.set_cookie(name, value, 365 * 86_400, "");
    }

    fn set_cookie(&self, name: &str, value: &str, seconds: u64, more: &str) {
        let secure = if self.secure_cookies { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; SameSite=Lax; Max-Age={seconds}{more}{secure}");
        if let (Some(response), Ok(header)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&text)) {
            response.append_header(SET_COOKIE, header);
        }
    }
}

/// Gives the response the status of an error.
pub fn set_status(code: Code) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), http::StatusCode::from_u16(code.status())) {
        response.set_status(status);
    }
}

/// A parameter of the address that is being served.
pub fn query_parameter(name: &str) -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    let query = parts.uri.query()?.to_owned();
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
}
