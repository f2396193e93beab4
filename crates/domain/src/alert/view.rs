//! What pages are shown of alerts: no secrets, made for one page each.

use serde::{Deserialize, Serialize};

use super::attempt::Attempt;
use super::channel::ChannelDraft;
use super::event::{Event, Severity};
use super::incident::{Incident, IncidentEvent};
use super::message::{MessageState, Purpose};
use super::preference::Preferences;
use super::rule::RuleDraft;
use crate::error::AppError;
use crate::id::{ChannelId, IncidentId, MessageId, MonitorId, RuleId, ScheduleId};
use crate::time::Timestamp;
use crate::webhook::OccurrenceId;

/// What became of the last message of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Which one.
    pub id: MessageId,
    /// When it came to this.
    pub at: Timestamp,
    /// How it stands.
    pub state: MessageState,
    /// Why.
    pub note: String,
}

/// A channel in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// Which one.
    pub id: ChannelId,
    /// What people call it.
    pub name: String,
    /// The stable name of its kind.
    pub kind: String,
    /// What people call its kind.
    pub label: String,
    /// Where it leads, without secrets.
    pub target: String,
    /// False: a person switched it off, or it did so itself.
    pub enabled: bool,
    /// The names of the rules that send to it.
    pub rules: Vec<String>,
    /// Its last message.
    pub last: Option<LastMessage>,
    /// The last message that was tried, when that did not work.
    pub failing: Option<LastMessage>,
    /// Why it switched itself off.
    pub switched_off: Option<String>,
}

/// All channels of a space, and whether there is a mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelsView {
    /// By name.
    pub channels: Vec<ChannelRow>,
    /// Whether mail can be sent at all.
    pub mail: bool,
}

/// What the form of a channel needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelForm {
    /// The channel that is edited, if it exists already.
    pub id: Option<ChannelId>,
    /// What the fields show.
    pub draft: ChannelDraft,
    /// False: a person switched it off.
    pub enabled: bool,
    /// Until when the former signing secret signs as well.
    pub rotated_until: Option<Timestamp>,
    /// Whether mail can be sent at all.
    pub mail: bool,
    /// What its templates would say.
    pub said: TextTried,
    /// The names that templates may use, and what they stand for.
    pub names: Vec<(String, String)>,
}

/// What templates would say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPreview {
    /// The title.
    pub title: String,
    /// The body.
    pub body: String,
    /// Characters of the title before it was cut, as providers count them.
    pub title_length: u32,
    /// The same of the body.
    pub body_length: u32,
}

/// Templates, tried: what they would say, or what is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextTried {
    /// They work.
    Said(TextPreview),
    /// What is wrong with them.
    Wrong(AppError),
}

/// A rule in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Which one.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// False: it sends nothing.
    pub enabled: bool,
    /// Its events.
    pub events: Vec<Event>,
    /// Which monitors it is for, in words.
    pub which: String,
    /// Who is told, in words.
    pub who: String,
    /// What else it says: delay, reminders, quiet hours, steps.
    pub notes: Vec<String>,
}

/// What a rule would have told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePast {
    /// Days that were looked at.
    pub days: u32,
    /// How many events it would have told.
    pub notices: u32,
    /// The same by event.
    pub by_event: Vec<(Event, u32)>,
    /// Where they would have gone, and how many messages that would have made there.
    pub by_channel: Vec<(String, u32)>,
    /// Events that were over before the delay was.
    pub too_short: u32,
    /// Events that would have waited for the end of the quiet hours.
    pub held: u32,
    /// The newest of those that would have been told.
    pub newest: Vec<PastEvent>,
    /// There were more than could be looked at.
    pub cut: bool,
}

/// An event that a rule would have told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastEvent {
    /// When it was certain.
    pub at: Timestamp,
    /// The news in a line.
    pub headline: String,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
    /// When it would have been told, where that is later than its delay asks for.
    pub held_until: Option<Timestamp>,
}

/// A draft of a rule, tried: what it would have told, or why it cannot be tried yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleTried {
    /// It is valid.
    Past(RulePast),
    /// What is wrong with it.
    Wrong(AppError),
}

/// Somewhere that a rule may send to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// As a draft names it.
    pub value: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub label: String,
}

/// What the form of a rule needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleForm {
    /// The rule that is edited, if it exists already.
    pub id: Option<RuleId>,
    /// What the fields show.
    pub draft: RuleDraft,
    /// Where it may send to.
    pub offered: Vec<Offered>,
    /// What it would have told.
    pub tried: RuleTried,
}

/// A page of incidents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentsView {
    /// The newest first.
    pub incidents: Vec<Incident>,
    /// How many are not over.
    pub open: u32,
    /// The one after which the next page begins.
    pub next: Option<IncidentId>,
    /// The tags of the monitors of the space, for filters.
    pub tags: Vec<String>,
    /// Names of monitors of the space, for filters.
    pub monitors: Vec<String>,
    /// The server's clock.
    pub now: Timestamp,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentView {
    /// It.
    pub incident: Incident,
    /// What happened, oldest first.
    pub timeline: Vec<IncidentEvent>,
    /// Who was told, newest first.
    pub messages: Vec<MessageRow>,
    /// The post-mortem as sanitised HTML; empty when none was written.
    pub postmortem_html: String,
    /// Whether the monitor that opened it is still there.
    pub monitor_exists: bool,
    /// The first check that failed, while it is kept.
    pub first: Option<crate::view::CheckView>,
    /// The server's clock.
    pub now: Timestamp,
}

/// What a link in a message may acknowledge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeOffer {
    /// What broke.
    pub title: String,
    /// The name of the space.
    pub space: String,
    /// When it began.
    pub began_at: Timestamp,
    /// How it stands.
    pub state: super::incident::IncidentState,
    /// Who looks at it, if somebody does.
    pub acknowledged_by: String,
    /// Who was sent the link.
    pub who: String,
    /// Where it is shown to who is signed in.
    pub path: String,
    /// What else the message tells of that nobody has acknowledged; the button is for all of it.
    pub others: Vec<String>,
}

/// A message in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Which one.
    pub id: MessageId,
    /// Where it goes, as people call it.
    pub to: String,
    /// The same in full: `channel:chn_…`.
    pub destination: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The news in a line.
    pub headline: String,
    /// How many things it tells.
    pub tells: u32,
    /// How urgent it is.
    pub severity: Severity,
    /// The incident that it tells of.
    pub incident: Option<IncidentId>,
    /// How it stands.
    pub state: MessageState,
    /// Why it stands so.
    pub note: String,
    /// When it was to be sent first.
    pub planned_at: Timestamp,
    /// When it is looked at next.
    pub due_at: Timestamp,
    /// Tries so far.
    pub attempts: u32,
    /// When it came into a final state.
    pub ended_at: Option<Timestamp>,
}

/// A page of messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesView {
    /// The newest first.
    pub messages: Vec<MessageRow>,
    /// The one after which the next page begins.
    pub next: Option<MessageId>,
    /// The server's clock.
    pub now: Timestamp,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// It.
    pub row: MessageRow,
    /// What it tells, each in a line with its instant.
    pub tells: Vec<(Timestamp, String, String)>,
    /// Its tries, the first one first.
    pub attempts: Vec<Attempt>,
}

/// An entry of the bell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BellRow {
    /// Where it stands.
    pub key: String,
    /// What happened.
    pub event: Event,
    /// The news in a line.
    pub headline: String,
    /// More of it.
    pub detail: String,
    /// When it was certain.
    pub at: Timestamp,
    /// The incident that it is about.
    pub incident: Option<IncidentId>,
    /// The monitor that it is about.
    pub monitor: Option<MonitorId>,
    /// The webhook that it is about.
    pub webhook: Option<ScheduleId>,
    /// The run of it that it is about.
    pub run: Option<OccurrenceId>,
    /// So many of a kind within a minute; 1 when it stands for itself.
    pub together: u32,
    /// Whether it was seen.
    pub seen: bool,
}

/// The bell of a member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BellView {
    /// What was not seen, counted up to [`UNREAD_MAX`].
    pub unread: u32,
    /// The newest first.
    pub rows: Vec<BellRow>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// More unread entries are not counted.
pub const UNREAD_MAX: u32 = 100;

/// A device that takes push messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Which one.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// What one person wants to be told, and what there is to tell them by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferencesView {
    /// What they chose.
    pub preferences: Preferences,
    /// Whether mail can be sent at all.
    pub mail: bool,
    /// Whether their address was proven.
    pub verified: bool,
    /// Whether it has to be.
    pub must_verify: bool,
    /// Their address.
    pub email: String,
    /// Their devices.
    pub devices: Vec<DeviceRow>,
    /// The public key of this instance for push services, in base64url.
    pub push_key: String,
    /// Whether a rule of the space tells its members anything.
    pub told_by_rules: bool,
}
