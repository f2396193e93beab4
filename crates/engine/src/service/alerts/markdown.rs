//! Markdown as HTML that can do no harm.

use std::collections::HashSet;

use pulldown_cmark::{Options, Parser, html};

/// The HTML of a text in Markdown: no scripts, no styles, no images of elsewhere, links to the web only.
pub(super) fn to_html(markdown: &str) -> String {
    if markdown.trim().is_empty() {
        return String::new();
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut out = String::new();
    html::push_html(&mut out, Parser::new_ext(markdown, options));
    ammonia::Builder::default()
        .rm_tags(["img"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&out)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn it_is_formatted_and_does_no_harm() {
        let html = to_html("# Cause\n\nA *full* disk. [Graph](https://example.com/a)\n\n- one\n- two");
        for part in ["<h1>Cause</h1>", "<em>full</em>", "href=\"https://example.com/a\"", "<li>one</li>"] {
            assert!(html.contains(part), "{html}");
        }
        for wrong in [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "<img src=x onerror=alert(1)>",
            "<a href=\"data:text/html,x\">x</a>",
            "<p style=\"position:fixed\" onclick=\"x\">x</p>",
        ] {
            let html = to_html(wrong);
            for part in ["<script", "javascript:", "onerror", "<img", "data:", "style=", "onclick"] {
                assert!(!html.contains(part), "{wrong} became {html}");
            }
        }
    }
}
