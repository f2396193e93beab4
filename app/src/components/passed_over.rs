//! What an address asks for that there is not: said in quiet lines, because what is shown is something else.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// The lines.
#[component]
pub fn PassedOver(#[prop(into)] said: Signal<Vec<String>>) -> impl IntoView {
    let line = |text: String| view! { <p>{text}</p> };
    move || {
        let lines = said.get();
        (!lines.is_empty()).then(|| view! { <div class="passed-over" role="status">{lines.into_iter().map(line).collect_view()}</div> })
    }
}

/// Reads a value of an address; says so when there is none of that name, and what is shown instead.
pub fn read<T>(
    query: &ParamsMap,
    (name, what): (&str, &str),
    from_name: impl Fn(&str) -> Option<T>,
    instead: &str,
    said: &mut Vec<String>,
) -> Option<T> {
    let text = query.get(name).filter(|text| !text.is_empty())?;
    let value = from_name(&text);
    if value.is_none() {
        said.push(format!("There is no {what} “{}”; showing {instead}.", cut(&text)));
    }
    value
}

/// Says which parameters of an address the page does not have. `form` is the product's own: what became of a plain form.
pub fn strangers(query: &ParamsMap, known: &[&str], said: &mut Vec<String>) {
    let mut names: Vec<&str> =
        query.into_iter().map(|(name, _)| name.as_ref()).filter(|name| *name != "form" && !known.contains(name)).collect();
    names.dedup();
    said.extend(names.into_iter().map(|name| format!("This page has no parameter “{}”; it is passed over.", cut(name))));
}

/// The beginning of what stands in an address.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_over_is_said() {
        let query: ParamsMap = [("period", "banana"), ("tag", ""), ("form", "1"), ("bogus", "1")].into_iter().collect();
        let mut said = Vec::new();
        assert_eq!(read(&query, ("period", "period"), |text| text.parse::<u8>().ok(), "7 days", &mut said), None);
        assert_eq!(read(&query, ("tag", "tag"), |_| None::<u8>, "all", &mut said), None, "nothing was asked for");
        strangers(&query, &["period", "tag"], &mut said);
        assert_eq!(said, ["There is no period “banana”; showing 7 days.", "This page has no parameter “bogus”; it is passed over."]);
    }
}
