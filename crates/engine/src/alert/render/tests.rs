//! What templates may do, and what they cannot.

use domain::Timestamp;
use domain::alert::Event;

use super::*;

fn hostile() -> Content {
    let mut content = sample(Event::Down);
    for notice in &mut content.notices {
        notice.subject.name = "<b>*x*</b> `y` @everyone [x](https://evil.example)\nBcc: z".into();
        notice.detail = "<script>alert(1)</script> @channel <!here>".into();
    }
    content
}

#[test]
fn the_default_text_says_what_counts() {
    let text = render(ChannelKind::Ntfy, "", "", &sample(Event::Down), &Place { zone: "Europe/Riga", ..Place::example() });
    assert_eq!(text.title, "Checkout API is down");
    assert_eq!(
        text.body,
        "api.acme.example answered 503 Service Unavailable.\nGET https://api.acme.example/checkout\n\
         Since 2026-11-22 16:08:32 EET, certain at 2026-11-22 16:08:42 EET\nAcme · api, production"
    );
    let mut several = sample(Event::Down);
    let mut other = sample(Event::Up);
    other.notices[0].subject.name = "Cart".into();
    other.more = 3;
    several.absorb(other);
    let text = render(ChannelKind::Ntfy, "", "", &several, &Place::example());
    assert_eq!(text.title, "5 alerts in Acme");
    assert!(text.body.contains("• Checkout API is down (2026-11-22 14:08:32 UTC): api.acme"), "{}", text.body);
    assert!(text.body.contains("• Cart is up again after 6 min (2026-11-22 14:08:32 UTC)\nand 3 more\nAcme"), "{}", text.body);
}

#[test]
fn every_kind_and_event_has_words_that_fit() {
    for (kind, event) in ChannelKind::ALL.into_iter().flat_map(|kind| Event::ALL.map(|event| (kind, event))) {
        let mut long = sample(event);
        long.notices[0].detail = "& < * _ ".repeat(10_000);
        for content in [sample(event), long, Content::default()] {
            let text = render(kind, "", "", &content, &Place::example());
            assert_eq!(text.note, None, "{kind:?} {event:?}");
            assert!(width(&text.title) <= kind.limits().title && width(&text.body) <= kind.limits().body, "{kind:?} {event:?}");
            assert!(!text.title.is_empty() && !text.title.contains('\n'), "{kind:?} {event:?}");
        }
    }
}

#[test]
fn foreign_text_is_inert_in_every_kind() {
    for kind in ChannelKind::ALL {
        let text = render(kind, "{{ name }}", "{{ name }}|{{ notices[0].detail }}|{{ name|upper }}", &hostile(), &Place::example());
        let all = format!("{}|{}", text.title, text.body);
        match kind.format() {
            Format::Plain => assert!(!text.title.contains('\n')),
            Format::Markdown => {
                assert!(!all.contains("](") && !all.contains(" `y`") && !all.contains(">*x*"), "{all}");
            }
            Format::Zulip => assert!(!all.contains("](") && !all.contains("*x*"), "{all}"),
            Format::Slack => assert!(!all.contains("<b>") && !all.contains("<!here>") && !all.contains("*x*"), "{all}"),
            Format::TelegramHtml | Format::Html => assert!(!all.contains("<b>") && !all.contains("<script"), "{all}"),
        }
        if kind.format() != Format::Plain {
            assert!(!all.contains("@everyone") && !all.contains("@channel") && !all.contains("@EVERYONE"), "{kind:?}: {all}");
        }
    }
}

#[test]
fn a_template_of_ones_own_is_used() {
    let text = render(
        ChannelKind::Discord,
        "[{{ severity|upper }}] {{ name }}",
        "**{{ name }}** {% if lasted %}{{ lasted }}{% else %}open{% endif %} in {{ tags|join('/') }}",
        &sample(Event::Down),
        &Place::example(),
    );
    assert_eq!((text.title.as_str(), text.body.as_str()), ("[CRITICAL] Checkout API", "**Checkout API** open in api/production"));
}

#[test]
fn a_template_that_fails_costs_its_own_words_only() {
    let text = render(ChannelKind::Slack, "{{ name", "fine", &sample(Event::Down), &Place::example());
    assert_eq!(text.plain_title, "Checkout API is down");
    let note = text.note.expect("a note");
    assert!(note.contains("template of the title failed in line 1") && text.body.contains("This is the default text"), "{note}");
}

#[test]
fn templates_are_judged_with_the_line() {
    assert_eq!(check(BODY), Ok(()));
    assert_eq!(check("{{ headline }} {{ notices[0].name }} {{ ack_link }}{{ lasted }}{{ note }}"), Ok(()));
    for (template, line, words) in [
        ("a\n{{ nonsense }}", 2, "no name “nonsense”"),
        ("a\nb\n{% if %}", 3, ""),
        ("{% for n in notices %}", 1, ""),
        ("{% include 'x' %}", 1, ""),
        ("{{ name|safe }}", 1, "safe"),
        ("{{ name.__class__ }}", 1, "means nothing"),
    ] {
        let error = check(template).expect_err(template);
        assert!(error.line == line && error.message.contains(words), "{template}: {error}");
    }
}

#[test]
fn a_page_shows_what_would_be_sent_or_what_is_wrong() {
    let text = preview(ChannelKind::Slack, "", "*{{ name }}*", &sample(Event::Down)).expect("valid");
    assert_eq!((text.title.as_str(), text.body.as_str()), ("Checkout API is down", "*Checkout API*"));
    let error = preview(ChannelKind::Slack, "{{ a }}", "{% if %}", &sample(Event::Down)).expect_err("wrong");
    assert!(error.of("title").is_some_and(|text| text.starts_with("Line 1: ")) && error.of("body").is_some(), "{error:?}");
}

#[test]
fn a_template_cannot_take_all_there_is() {
    for template in [
        "{% for a in notices %}{% for b in 'x' * 90000 %}{% for c in 'x' * 90000 %}y{% endfor %}{% endfor %}{% endfor %}",
        "{{ 'x' * 999999999 }}",
        "{{ ('x' * 100000)|replace('x', 'x' * 100000) }}",
        "{{ [1] * 999999999 }}",
    ] {
        assert!(check(template).is_err(), "{template}");
    }
}

#[test]
fn instants_are_written_in_a_zone() {
    let at = Timestamp::from_millis(1_795_356_512_000);
    assert_eq!(facts::instant(at, "America/New_York"), "2026-11-22 09:08:32 EST");
    assert_eq!(facts::instant(at, "Nowhere/Land"), "2026-11-22 14:08:32 UTC");
}
