//! Adding a channel, and changing one. The fields of a kind are described by the kind itself: this file knows none.

use std::collections::BTreeSet;

use domain::account::Role;
use domain::alert::view::{ChannelForm, TextTried};
use domain::alert::{ChannelDraft, ChannelKind};
use domain::kind::Field;
use domain::{AppError, Code, words};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use server_fn::ServerFn;

use super::tested::{Previewed, SendTest};
use crate::api::alerts::{RevealChannel, RotateChannel, SaveChannel, channel_fields};
use crate::components::{
    Banner, CheckField, Crumbs, Failure, Form, FormState, Hidden, Icon, LoadOnce, PageHead, Submission, Submit, Symbol, TextArea,
    TextField, Tone,
};
use crate::layouts::AskBeforeLeaving;
use crate::pages::monitor::KindField;
use crate::pages::signing::Signing;
use crate::session::session;

/// The page at `/alerts/channels/new`; `?kind=` chooses the kind.
#[component]
pub fn NewChannel() -> impl IntoView {
    let query = use_query_map();
    let kind = Memo::new(move |_| {
        let known = query.with(|q| q.get("kind")).and_then(|name| ChannelKind::from_name(&name)).filter(|kind| kind.is_of_spaces());
        known.unwrap_or(ChannelKind::Email)
    });
    let crumbs = view! { <Crumbs above=vec![("/alerts/channels".into(), "Channels".into())] here="Add channel"/> }.into_any();
    let lead = view! { <p>{move || kind.get().line()}</p> }.into_any();
    let one = move |one: ChannelKind| {
        let here = move || (kind.get() == one).then_some("true");
        view! { <a class="kind" href=format!("/alerts/channels/new?kind={}", one.name()) aria-current=here title=one.line()>{one.label()}</a> }
    };
    view! {
        <div class="narrow stack">
            <PageHead title="Where is it told?".to_owned() crumbs lead/>
            <nav class="kinds" aria-label="Kind of channel">
                {ChannelKind::ALL.into_iter().filter(|kind| kind.is_of_spaces()).map(one).collect_view()}
            </nav>
            {move || view! { <Editor id=String::new() kind=kind.get()/> }}
        </div>
    }
}

/// The page at `/alerts/channels/{id}/edit`.
#[component]
pub fn EditChannel() -> impl IntoView {
    let id = use_params_map().with_untracked(|p| p.get("id")).unwrap_or_default();
    view! { <div class="narrow stack"><Editor id kind=ChannelKind::Email/></div> }
}

#[component]
fn Editor(id: String, kind: ChannelKind) -> impl IntoView {
    if !session().with_value(|s| s.may(Role::Editor)) {
        let message = "You may look at this space, but not change it. An owner can make you an editor.";
        return view! { <Failure error=AppError::new(Code::Forbidden, message) page=true/> }.into_any();
    }
    let form = Resource::new(|| (), move |()| channel_fields(id.clone(), kind.name().to_owned()));
    let show = |form: ChannelForm| view! { <Fields form/> }.into_any();
    view! { <LoadOnce resource=form skeleton=&["line", "line", "chart"] view=show/> }.into_any()
}

#[component]
fn Fields(form: ChannelForm) -> impl IntoView {
    let action = Submission::new(SaveChannel::PATH);
    let Some(kind) = form.draft.kind() else {
        return view! { <Failure error=AppError::not_found("kind of channel") page=true/> }.into_any();
    };
    let id = form.id.map(|id| id.to_string());
    let head = id.is_some().then(|| {
        let crumbs = view! { <Crumbs above=vec![("/alerts/channels".into(), "Channels".into())] here="Edit"/> }.into_any();
        let lead = view! { <p>{kind.label()} ". " {kind.line()}</p> }.into_any();
        view! { <PageHead title=format!("Edit {}", form.draft.name) crumbs lead/> }
    });
    let save = if id.is_some() { "Save changes" } else { "Add channel" };
    let without_mail = kind == ChannelKind::Email && !form.mail;
    let editing = id.clone().unwrap_or_default();
    let fresh = id.is_none();
    let signs = id.clone().filter(|_| kind == ChannelKind::Webhook);
    let rotated_until = form.rotated_until;
    view! {
        {head}
        {without_mail.then(|| view! {
            <Banner tone=Tone::Bad>"This instance has no mail server yet: an operator sets LOOPR_SMTP_URL and LOOPR_MAIL_FROM."</Banner>
        })}
        <Form action class="form" id="channel-form">
            <AskBeforeLeaving saved=action.pending()/>
            {id.map(|id| view! { <Hidden name="id" value=id/> })}
            <Hidden name="kind" value=kind.name()/>
            <KindFields kind draft=form.draft.clone() fresh/>
            <TextField name="name" label="Name" value=form.draft.name.clone() optional=true placeholder=kind.label()/>
            <Templates draft=form.draft kind said=form.said names=form.names/>
            <CheckField name="enabled" label="On" note="Off: nothing is sent, and what waits is dropped." checked=form.enabled/>
            <SendTest editing kind/>
            <div class="form-actions" data-sticky="true">
                <Submit label=save kind="primary"/>
                <a class="button" data-kind="quiet" href="/alerts/channels">"Cancel"</a>
            </div>
        </Form>
        {signs.map(|id| view! { <Signing id until=rotated_until rotate=RotateChannel::PATH reveal=RevealChannel::PATH/> })}
    }
    .into_any()
}

#[component]
fn KindFields(kind: ChannelKind, draft: ChannelDraft, fresh: bool) -> impl IntoView {
    let one = |field: &'static Field| {
        let value = draft.setting(field.name).to_owned();
        view! { <KindField field value fresh/> }
    };
    let top = kind.fields().filter(|field| field.section.is_empty()).map(one).collect_view();
    let mut seen = BTreeSet::new();
    let sections: Vec<&'static str> = kind.fields().map(|field| field.section).filter(|s| !s.is_empty() && seen.insert(*s)).collect();
    let folds = sections
        .into_iter()
        .map(|section| {
            let fields: Vec<&'static Field> = kind.fields().filter(|field| field.section == section).collect();
            let names: Vec<&'static str> = fields.iter().map(|field| field.name).collect();
            let set = fields.iter().filter(|field| !draft.setting(field.name).is_empty()).map(|field| field.label).collect::<Vec<_>>();
            let summary = if set.is_empty() { "as usual".to_owned() } else { set.join(", ") };
            let body = fields.into_iter().map(one).collect_view();
            view! { <Fold title=section summary fields=names>{body}</Fold> }
        })
        .collect_view();
    view! {
        {top}
        <div class="folds">{folds}</div>
    }
}

#[component]
fn Fold(title: &'static str, summary: String, fields: Vec<&'static str>, children: Children) -> impl IntoView {
    let open = expect_context::<FormState>().is_wrong_at_first(&fields);
    view! {
        <details class="fold" open=open>
            <summary><Icon symbol=Symbol::Chevron/><span>{title}</span><span class="fold-value">{summary}</span></summary>
            <div class="fold-body">{children()}</div>
        </details>
    }
}

#[component]
fn Templates(draft: ChannelDraft, kind: ChannelKind, said: TextTried, names: Vec<(String, String)>) -> impl IntoView {
    let limits = kind.limits();
    let summary = if draft.title.is_empty() && draft.body.is_empty() { "the usual text" } else { "your own text" };
    let most = |most: usize| words::grouped(u64::try_from(most).unwrap_or(u64::MAX));
    view! {
        <Fold title="What it says" summary=summary.to_owned() fields=vec!["title", "body"]>
            <Previewed first=said limits>
                <TextField name="title" label="Title" value=draft.title optional=true mono=true placeholder="{{ headline }}"
                    hint=format!("A template of one line. What it says is at most {} characters; more is cut.", most(limits.title))/>
                <TextArea name="body" label="Body" value=draft.body optional=true mono=true placeholder="{{ name }}: {{ detail }}"
                    hint=format!("A template. What it says is at most {} characters; more is cut.", most(limits.body))/>
            </Previewed>
            <details class="disclosure">
                <summary><Icon symbol=Symbol::Chevron/>"Names that a template may use"</summary>
                <dl class="names">
                    {names.into_iter().map(|(name, what)| view! { <dt><code>{format!("{{{{ {name} }}}}")}</code></dt><dd>{what}</dd> }).collect_view()}
                </dl>
            </details>
        </Fold>
    }
}
