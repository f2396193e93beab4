//! Pages and plain forms around what accounts are mailed. The mail server of these tests listens nowhere: what is written waits.

use domain::SpaceId;
use store::MessageFilter;

use crate::world::{Answer, EMAIL, PASSWORD, World};

const WITH_MAIL: [(&str, &str); 2] = [("LOOPR_SMTP_URL", "smtp://127.0.0.1:9"), ("LOOPR_MAIL_FROM", "loopr@example.com")];
const PUBLIC: (&str, &str) = ("LOOPR_PUBLIC_URL", "http://loopr.example.com");

/// Sends a plain form and opens the page that it leads back to. The public address is the only origin.
async fn sent(world: &World, path: &str, values: &[(&str, &str)], page: &str, cookie: &str) -> (Answer, Answer) {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish();
    let referer = format!("{}{page}", PUBLIC.1);
    let headers = [
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", PUBLIC.1),
        ("referer", &referer),
        ("host", "loopr.example.com"),
        ("cookie", cookie),
    ];
    let answer = world.send("POST", path, &headers, body).await;
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    let visitor = format!("{cookie}; loopr_form={}", answer.cookie("loopr_form").unwrap_or_default());
    let back = world.get(answer.header("location"), &[("cookie", &visitor)]).await;
    (answer, back)
}

async fn with_mail() -> (World, String) {
    let world = World::with(&[WITH_MAIL[0], WITH_MAIL[1], PUBLIC]).await;
    world.engine.accounts().create_by_operator(EMAIL, PASSWORD, "Ada", true).await.unwrap();
    let (answer, _) = sent(&world, "/fn/sign_in", &[("email", EMAIL), ("password", PASSWORD)], "/sign-in", "").await;
    let cookie = format!("loopr_session={}", answer.cookie("loopr_session").unwrap());
    (world, cookie)
}

/// The secret of the link that was mailed last to somebody.
async fn link(world: &World, to: &str, page: &str) -> String {
    let written = async {
        loop {
            let kept = world.store.space(SpaceId::from_bits(0));
            let all = kept.messages().list(&MessageFilter::default(), 100).await.unwrap();
            let mails = all.into_iter().filter(|message| message.to.to_string() == format!("mail:{to}"));
            let texts: Vec<String> = mails.filter_map(|message| message.mail.map(|mail| mail.text)).collect();
            let found = texts.iter().find_map(|text| text.split(&format!("{}/{page}/", PUBLIC.1)).nth(1).map(str::to_owned));
            if let Some(found) = found {
                return found.split_whitespace().next().unwrap_or_default().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    // The deadline only ends a test that would hang.
    tokio::time::timeout(std::time::Duration::from_secs(20), written).await.unwrap()
}

#[tokio::test]
async fn without_mail_pages_say_who_makes_links() {
    let (world, cookie) = World::with_session(&[]).await;
    assert!(world.get("/sign-in", &[]).await.body.contains("href=\"/forgot\""));
    let page = world.get("/forgot", &[]).await;
    assert!(page.body.contains("LOOPR_SMTP_URL") && page.body.contains("An administrator can make you a link"), "{}", page.body);
    assert!(!page.body.contains("/fn/forgot_password"));
    let profile = world.get("/settings/profile", &[("cookie", &cookie)]).await;
    assert!(profile.body.contains("not confirmed") && profile.body.contains("LOOPR_SMTP_URL"));
    assert!(!profile.body.contains("/fn/change_email") && !profile.body.contains("/fn/resend_verification"));
    for (page, field) in [("/settings/members", "/fn/invite"), ("/admin/accounts", "/fn/admin_invite")] {
        let page = world.get(page, &[("cookie", &cookie)]).await;
        assert!(page.body.contains(field) && page.body.contains("Send the link yourself."), "{}", page.status);
    }
}

#[tokio::test]
async fn a_forgotten_password_takes_two_plain_forms() {
    let (world, _) = with_mail().await;
    let page = world.get("/forgot", &[]).await;
    assert!(page.body.contains("Mail me a link"), "{}", page.body);
    let (_, unknown) = sent(&world, "/fn/forgot_password", &[("email", "nobody@example.com")], "/forgot", "").await;
    let (_, known) = sent(&world, "/fn/forgot_password", &[("email", EMAIL)], "/forgot", "").await;
    for page in [&unknown, &known] {
        assert!(page.body.contains("Look for a mail") && !page.body.contains("example.com</"), "{}", page.body);
    }
    let (_, wrong) = sent(&world, "/fn/forgot_password", &[("email", "nonsense")], "/forgot", "").await;
    assert!(wrong.body.contains("value=\"nonsense\"") && wrong.body.contains("field-error"), "{}", wrong.body);

    let secret = link(&world, EMAIL, "reset").await;
    let page = world.get(&format!("/reset/{secret}"), &[]).await;
    assert!(page.body.contains(EMAIL) && page.body.contains("Set password and sign in"), "{}", page.body);
    let typed = [("secret", secret.as_str()), ("new_password", "another long password")];
    let (answer, _) = sent(&world, "/fn/reset_password", &typed, &format!("/reset/{secret}"), "").await;
    assert!(answer.header("location") == "/" && answer.cookie("loopr_session").is_some(), "{answer:?}");
    let used = world.get(&format!("/reset/{secret}"), &[]).await;
    assert!(used.body.contains("used already"), "{}", used.body);
}

#[tokio::test]
async fn an_address_is_changed_by_plain_forms_and_one_button() {
    let (world, cookie) = with_mail().await;
    let typed = [("email", "new@example.com"), ("current_password", "wrong")];
    let (_, page) = sent(&world, "/fn/change_email", &typed, "/settings/profile", &cookie).await;
    assert!(page.body.contains("not your current password") && page.body.contains("value=\"new@example.com\""), "{}", page.body);
    assert!(!page.body.contains("value=\"wrong\""));
    let typed = [("email", "new@example.com"), ("current_password", PASSWORD)];
    let (_, page) = sent(&world, "/fn/change_email", &typed, "/settings/profile", &cookie).await;
    assert!(page.body.contains("A link is on its way to new@example.com") && page.body.contains("takes its place once"), "{}", page.body);

    let secret = link(&world, "new@example.com", "verify").await;
    let path = format!("/verify/{secret}");
    for _ in 0..2 {
        let page = world.get(&path, &[]).await;
        assert!(page.body.contains("Is new@example.com yours?") && page.body.contains("Use this address"), "{}", page.body);
        assert_eq!(page.body.matches("<button").count(), 1, "{}", page.body);
    }
    let (_, page) = sent(&world, "/fn/prove_address", &[("secret", &secret)], &path, "").await;
    assert!(page.body.contains("new@example.com is confirmed"), "{}", page.body);
    let (_, page) = sent(&world, "/fn/prove_address", &[("secret", &secret)], &path, "").await;
    assert!(page.body.contains("The address is not confirmed") && page.body.contains("used already"), "{}", page.body);
    let profile = world.get("/settings/profile", &[("cookie", &cookie)]).await;
    assert!(profile.body.contains("new@example.com") && !profile.body.contains("not confirmed"), "{}", profile.body);
    let log = world.get("/activity", &[("cookie", &cookie)]).await;
    assert!(log.body.contains("changed the e-mail address to"), "{}", log.body);
}

#[tokio::test]
async fn an_invitation_is_mailed_from_a_plain_form_and_shown() {
    let (world, cookie) = with_mail().await;
    let typed = [("role", "viewer"), ("note", ""), ("email", "vic@example.com")];
    let (_, page) = sent(&world, "/fn/invite", &typed, "/settings/members", &cookie).await;
    let secret = link(&world, "vic@example.com", "invitation").await;
    assert!(
        page.body.contains("It is on its way to vic@example.com") && page.body.contains(&format!("/invitation/{secret}")),
        "{}",
        page.body
    );
    let typed = [("note", ""), ("email", "not an address")];
    let (_, page) = sent(&world, "/fn/admin_invite", &typed, "/admin/accounts", &cookie).await;
    assert!(page.body.contains("value=\"not an address\"") && page.body.contains("field-error"), "{}", page.body);
}
