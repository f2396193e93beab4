//! Server functions, one file a resource. Each one parses, finds out who asks, calls one use case of the engine and
//! maps the error. The endpoints are fixed names: plain forms and bookmarked tests rely on them.

pub mod account;
pub mod admin;
pub mod alerts;
pub mod analytics;
pub mod bell;
pub mod history;
pub mod incidents;
pub mod invitations;
pub mod maintenance;
pub mod monitors;
pub mod session;
pub mod spaces;
pub mod tokens;
pub mod webhooks;

#[cfg(feature = "ssr")]
mod parse {
    //! Texts of forms as typed values.

    use domain::AppError;
    use std::str::FromStr;

    /// Reads an id of a thing; one that cannot exist is not found.
    pub fn id<T: FromStr>(text: &str, what: &str) -> Result<T, AppError> {
        text.parse().map_err(|_| AppError::not_found(what))
    }

    /// Reads several ids.
    pub fn ids<T: FromStr>(texts: &[String], what: &str) -> Result<Vec<T>, AppError> {
        if texts.is_empty() {
            return Err(AppError::field("ids", format!("Pick at least one {what}.")));
        }
        texts.iter().map(|text| id(text, what)).collect()
    }

    /// A path of this site, or the overview: nobody is sent elsewhere by an address.
    pub fn path(text: &str) -> &str {
        let ours = text.starts_with('/') && !text.starts_with("//") && !text.contains(['\\', '\r', '\n']) && text.is_ascii();
        if ours { text } else { "/" }
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn only_paths_of_this_site_are_followed() {
            assert_eq!(super::path("/monitors/new?x=1"), "/monitors/new?x=1");
            for foreign in ["https://evil.example", "//evil.example", "/\\evil.example", "", "javascript:alert(1)", "/a\r\nb"] {
                assert_eq!(super::path(foreign), "/");
            }
        }
    }
}
