//! How a period went: one sentence, the figures, the trend, and which monitors made it so. What is chosen is in the address.

mod hours;
mod rankings;

use domain::analytics::{Analytics, Period};
use domain::kind::Kind;
use domain::words;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::api::analytics::get_analytics;
use crate::charts::{DataTable, Still};
use crate::components::passed_over::{read, strangers};
use crate::components::{Empty, Load, PageHead, PassedOver, Stat, Symbol};
use crate::environment::environment;
use hours::Hours;
use rankings::{LeastReliable, Reasons, Slowest};

/// What the address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Chosen {
    period: Period,
    tag: String,
    kind: String,
    /// An hour of the week.
    hour: Option<u8>,
    /// What the address asks for that there is not.
    passed_over: Vec<String>,
}

/// Hours of a week.
const HOURS: u8 = 168;

impl Chosen {
    fn current() -> Memo<Self> {
        let query = use_query_map();
        Memo::new(move |_| {
            query.with(|q| {
                let mut passed_over = Vec::new();
                let usual = format!("the last {}", Period::default().words());
                let hour = |text: &str| text.parse().ok().filter(|hour| *hour < HOURS);
                let period = read(q, ("period", "period"), Period::from_name, &usual, &mut passed_over).unwrap_or_default();
                let kind = read(q, ("kind", "kind of monitor"), Kind::from_name, "all kinds", &mut passed_over);
                let hour = read(q, ("hour", "hour of the week"), hour, "all of them", &mut passed_over);
                strangers(q, &["period", "tag", "kind", "hour"], &mut passed_over);
                let kind = kind.map_or_else(String::new, |kind| kind.name().to_owned());
                Self { period, tag: q.get("tag").unwrap_or_default(), kind, hour, passed_over }
            })
        })
    }

    fn href(&self) -> String {
        let hour = self.hour.map(|hour| hour.to_string()).unwrap_or_default();
        let pairs = [("period", self.period.name()), ("tag", &self.tag), ("kind", &self.kind), ("hour", &hour)];
        let query: Vec<String> =
            pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        format!("/analytics?{}", query.join("&"))
    }
}

/// Percent-encodes what could end a value in an address.
fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

const SKELETON: &[&str] = &["heading", "line", "stats", "chart", "row", "row"];

/// The page at `/analytics`.
#[component]
pub fn AnalyticsPage() -> impl IntoView {
    let chosen = Chosen::current();
    // The zone is the reader's when the page was made; another one later only moves the hours of the week.
    let zone = environment().zone.get_untracked();
    let loaded =
        Resource::new(move || chosen.get(), move |c| get_analytics(c.period.name().to_owned(), c.tag, c.kind, zone.clone(), c.hour));
    // Somebody asked for an hour here: its monitors are to be in sight.
    let asked = RwSignal::new(false);
    let show = move |figures: Analytics| view! { <Figures figures chosen asked/> }.into_any();
    view! { <Load resource=loaded skeleton=SKELETON view=show/> }
}

/// The answer in a sentence.
fn headline(figures: &Analytics) -> String {
    match (figures.monitors, figures.tally.uptime()) {
        (0, _) => "No monitors to look at".to_owned(),
        (_, None) => "Nothing was watched yet".to_owned(),
        (_, Some(share)) if share >= 1.0 => "Everything was up".to_owned(),
        (_, Some(share)) => format!("{} uptime", words::percent(share)),
    }
}

fn lead(figures: &Analytics, period: Period) -> String {
    let over = words::count(usize::try_from(figures.monitors).unwrap_or(0), "monitor", "monitors");
    let down = match figures.tally.down_ms() {
        0 => "no down time".to_owned(),
        ms => format!("{} of down time", words::duration_ms(ms)),
    };
    format!("The last {}, over {over}: {down} in all, {} checks.", period.words(), words::grouped(figures.checks))
}

#[component]
fn Figures(figures: Analytics, chosen: Memo<Chosen>, asked: RwSignal<bool>) -> impl IntoView {
    let now = chosen.get_untracked();
    let lead = lead(&figures, now.period);
    let mut said = now.passed_over.clone();
    if !now.tag.is_empty() && !figures.tags.contains(&now.tag) {
        said.push(format!("No monitor has the tag “{}”.", now.tag));
    }
    let filters = view! { <PassedOver said=Signal::stored(said)/> <Filters tags=figures.tags.clone() kinds=figures.kinds.clone() chosen=now.clone()/> };
    let head = view! { <PageHead title=headline(&figures) lead=view! { <p>{lead}</p> }.into_any()/> };
    if figures.checks == 0 {
        return view! {
            {head}
            {filters}
            <section class="card">
                <Empty
                    symbol=Symbol::Pulse
                    title="Nothing to count"
                    text="No monitor of this choice was checked in this period. Choose a longer period, or other monitors."
                />
            </section>
        }
        .into_any();
    }
    let filter = if now.tag.is_empty() { String::new() } else { format!("&tag={}", encoded(&now.tag)) };
    let latency = |us: Option<u32>| us.map_or_else(|| ("—".to_owned(), ""), words::latency_parts);
    let (p50, p95) = (latency(figures.trend.p50_us), latency(figures.trend.p95_us));
    let p99 = figures.p99_us.map_or_else(String::new, |us| format!("99th percentile {}", words::latency(us)));
    let share = |share: Option<f64>| share.map_or_else(|| "—".to_owned(), words::percent);
    let failed = match figures.failures {
        0 => "no check failed".to_owned(),
        1 => "1 check failed".to_owned(),
        failures => format!("{} checks failed", words::grouped(failures)),
    };
    let missed = if figures.missed == 0 { "no slot missed".to_owned() } else { format!("{} slots missed", words::grouped(figures.missed)) };
    let trend = figures.trend.clone();
    view! {
        {head}
        {filters}
        <dl class="stats">
            <Stat
                label="Uptime"
                figure=view! { <a href=format!("/?sort=uptime{filter}")>{share(figures.tally.uptime())}</a> }.into_any()
                note=view! { {if figures.tally.down_ms() == 0 { "no down time".to_owned() } else { format!("{} down in all", words::duration_ms(figures.tally.down_ms())) }} }.into_any()
            />
            <Stat label="Coverage" figure=view! { {share(figures.tally.coverage())} }.into_any() note=view! { {missed} }.into_any()/>
            <Stat label="Success" figure=view! { <a href="#reasons">{share(figures.success())}</a> }.into_any() note=view! { {failed} }.into_any()/>
            <Stat label="Median latency" figure=view! { <a href="#slowest">{p50.0}</a> <small>{p50.1}</small> }.into_any() note=view! { "of successful checks" }.into_any()/>
            <Stat label="95th percentile" figure=view! { <a href="#slowest">{p95.0}</a> <small>{p95.1}</small> }.into_any() note=view! { {p99} }.into_any()/>
        </dl>
        <section class="card" aria-labelledby="trend-title">
            <div class="card-head">
                <h2 id="trend-title">"Latency"</h2>
                <span class="card-note">"median, and the 95th percentile as its band"</span>
            </div>
            <div class="card-body">
                <div class="chart"><Still series=trend.clone()/></div>
                <DataTable series=Signal::stored(trend)/>
            </div>
        </section>
        <div class="columns" data-even="true">
            <LeastReliable monitors=figures.least_reliable/>
            <Slowest monitors=figures.slowest/>
        </div>
        <Reasons reasons=figures.reasons failures=figures.failures/>
        <Hours hours=figures.hours from=figures.hours_from shown=figures.hour chosen=now asked/>
    }
    .into_any()
}

/// A kind that is chosen and that no monitor of the space has.
fn unused_kind(chosen: &str, used: &[(String, String)]) -> Option<(String, String)> {
    let kind = Kind::from_name(chosen).filter(|kind| !used.iter().any(|(name, _)| name == kind.name()))?;
    Some((kind.name().to_owned(), kind.label().to_owned()))
}

/// Period, tag and kind: links and a form, so that they work without scripts.
#[component]
fn Filters(tags: Vec<String>, kinds: Vec<(String, String)>, chosen: Chosen) -> impl IntoView {
    let periods = {
        let chosen = chosen.clone();
        Period::ALL.map(move |period| {
            let href = Chosen { period, ..chosen.clone() }.href();
            view! { <a href=href aria-current=(chosen.period == period).then_some("true")>{period.button()}</a> }
        })
    };
    let navigate = use_navigate();
    let go = StoredValue::new(move |next: Chosen| navigate(&next.href(), NavigateOptions { scroll: false, ..NavigateOptions::default() }));
    let base = StoredValue::new(chosen.clone());
    let on_tag = move |event| go.with_value(|go| go(Chosen { tag: event_target_value(&event), ..base.get_value() }));
    let on_kind = move |event| go.with_value(|go| go(Chosen { kind: event_target_value(&event), ..base.get_value() }));
    let option = |value: String, word: String, chosen: &str| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{word}</option> }
    };
    view! {
        <div class="toolbar">
            <nav class="segmented" aria-label="Period">{periods}</nav>
            <form class="toolbar-end" action="/analytics" method="get">
                <input type="hidden" name="period" value=chosen.period.name()/>
                <select class="input" data-size="small" name="tag" aria-label="Tag" on:change=on_tag>
                    {option(String::new(), "All tags".into(), &chosen.tag)}
                    // Also one that no monitor has: what is chosen is what is shown.
                    {(!chosen.tag.is_empty() && !tags.contains(&chosen.tag)).then(|| option(chosen.tag.clone(), chosen.tag.clone(), &chosen.tag))}
                    {tags.into_iter().map(|tag| option(tag.clone(), tag, &chosen.tag)).collect_view()}
                </select>
                <select class="input" data-size="small" name="kind" aria-label="Kind" on:change=on_kind>
                    {option(String::new(), "All kinds".into(), &chosen.kind)}
                    {unused_kind(&chosen.kind, &kinds).map(|(name, label)| option(name, label, &chosen.kind))}
                    {kinds.into_iter().map(|(name, label)| option(name, label, &chosen.kind)).collect_view()}
                </select>
                <noscript><button class="button" data-size="small" type="submit">"Show"</button></noscript>
            </form>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_what_was_chosen() {
        let chosen = Chosen { period: Period::Month, tag: "a&b c".into(), ..Chosen::default() };
        assert_eq!(chosen.href(), "/analytics?period=30d&tag=a%26b%20c");
    }
}
