//! What is decided about messages, without a database.
#![expect(clippy::unwrap_used, reason = "a test that fails to prepare fails")]

use std::collections::{HashMap, HashSet};

use domain::alert::{Content, Destination, Event, IncidentState, Message, MessageState, Notice, Purpose, Subject};
use domain::{ChannelId, IncidentId, MessageId, SpaceId, Timestamp};

use super::decide::{Around, Decided, decide};
use super::storm::{WINDOW, Window};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + seconds * 1_000)
}

fn message(n: u128, event: Event, purpose: Purpose, incident: u128, seconds: i64) -> Message {
    let space = SpaceId::new(at(0), 1);
    let subject = Subject::named("http", format!("m{incident}"));
    let notice = Notice {
        event,
        space,
        space_name: "Acme".into(),
        subject,
        incident: None,
        at: at(seconds),
        decided_at: at(seconds),
        cause: None,
        detail: String::new(),
        lasted_ms: None,
        reminder: 0,
        step: 0,
        by: None,
    };
    Message {
        id: MessageId::new(at(seconds), n),
        space,
        to: Destination::Channel(ChannelId::new(at(0), 1)),
        rule: None,
        incident: Some(IncidentId::new(at(0), incident)),
        purpose,
        content: Content::of(notice),
        mail: None,
        follows: None,
        nth: 0,
        state: MessageState::Waiting,
        note: String::new(),
        planned_at: at(seconds),
        due_at: at(seconds),
        attempts: 0,
        claim: None,
        ended_at: None,
    }
}

fn down(n: u128, seconds: i64) -> Message {
    message(n, Event::Down, Purpose::News, n, seconds)
}

/// The end of what `begin` tells.
fn up(n: u128, begin: &Message, seconds: i64) -> Message {
    Message { follows: Some(begin.id), incident: begin.incident, ..message(n, Event::Up, Purpose::Recovery, n, seconds) }
}

struct Case {
    earlier: Vec<Message>,
    states: HashMap<IncidentId, IncidentState>,
    sending: HashSet<IncidentId>,
    one_by_one: bool,
    room: usize,
    now: Timestamp,
}

impl Default for Case {
    fn default() -> Self {
        Self { earlier: Vec::new(), states: HashMap::new(), sending: HashSet::new(), one_by_one: false, room: 8, now: at(100) }
    }
}

impl Case {
    fn decide(&self, due: Vec<Message>, window: &mut Window) -> Decided {
        let earlier = self.earlier.iter().map(|message| (message.id, message.clone())).collect();
        let around = Around {
            earlier: &earlier,
            incidents: &self.states,
            sending: &self.sending,
            one_by_one: self.one_by_one,
            room: self.room,
            now: self.now,
        };
        decide(due, &around, window)
    }
}

fn events(message: &Message) -> Vec<Event> {
    message.content.notices.iter().map(|notice| notice.event).collect()
}

#[test]
fn an_end_waits_for_its_beginning_or_tells_both() {
    let begin = Message { attempts: 2, ..down(1, 10) };
    let end = up(2, &begin, 50);
    // The beginning was tried and not taken: one message tells both.
    let both = Case { earlier: vec![begin.clone()], ..Case::default() }.decide(vec![end.clone()], &mut Window::default());
    assert_eq!((events(&both.send[0]), both.merged[0].1), (vec![Event::Down, Event::Up], end.id));
    // Also when both are due.
    let both = Case::default().decide(vec![begin.clone(), end.clone()], &mut Window::default());
    assert_eq!((both.send.len(), both.merged.len()), (1, 1));
    // It is on its way: the end waits.
    let sending = Message { state: MessageState::Sending, ..begin.clone() };
    let waits = Case { earlier: vec![sending], ..Case::default() }.decide(vec![end.clone()], &mut Window::default());
    assert!(waits.send.is_empty() && waits.again.is_some());
    let delivered = Message { state: MessageState::Delivered, ..begin };
    let sent = Case { earlier: vec![delivered], ..Case::default() }.decide(vec![end.clone()], &mut Window::default());
    assert_eq!(events(&sent.send[0]), [Event::Up]);
    // Nobody there was told that it began.
    let unknown = Case::default().decide(vec![end], &mut Window::default());
    assert!(unknown.send.is_empty() && unknown.cancelled.len() == 1);
}

#[test]
fn a_beginning_is_given_up_for_its_end_only_when_that_goes() {
    let begin = Message { attempts: 2, ..down(1, 10) };
    let end = up(2, &begin, 50);
    // No room: both are left as they are, and decided anew.
    let full = Case { room: 0, ..Case::default() }.decide(vec![begin.clone(), end.clone()], &mut Window::default());
    assert_eq!((full.send.len(), full.merged.len(), full.cancelled.len()), (0, 0, 0));
    assert!(full.again.is_some());
    // Nor while a storm is held back.
    let (mut window, case) = (Window::default(), Case::default());
    case.decide((10..40).map(|n| down(n, 95)).collect(), &mut window);
    let held = case.decide(vec![begin.clone(), end.clone()], &mut window);
    assert_eq!((held.send.len(), held.merged.len()), (0, 0));
    let kept: Vec<_> = held.held.iter().map(|(message, until)| (message, *until)).collect();
    assert_eq!(kept, [(&end, at(100).plus(WINDOW))], "what is kept of it is as it was");
    let then = Case { now: at(200), ..Case::default() }.decide(vec![begin.clone(), end.clone()], &mut window);
    assert_eq!((events(&then.send[0]), then.merged.len()), (vec![Event::Down, Event::Up], 1));
    // The pause that the other side asked for holds for both.
    let asked = Message { due_at: at(160), ..begin };
    let waits = Case { earlier: vec![asked], ..Case::default() }.decide(vec![end], &mut Window::default());
    assert_eq!((waits.send.len(), waits.merged.len(), waits.again), (0, 0, Some(at(160))));
}

#[test]
fn what_is_over_before_it_was_to_be_told_is_not_told() {
    let begin = Message { planned_at: at(300), due_at: at(300), ..down(1, 10) };
    let end = up(2, &begin, 50);
    let decided = Case { earlier: vec![begin.clone()], ..Case::default() }.decide(vec![end.clone()], &mut Window::default());
    assert_eq!((decided.send.len(), decided.cancelled.len()), (0, 2));
    // Quiet hours are no delay: what happened in them is told after them, in one message.
    let begin = Message { due_at: at(300), ..down(1, 10) };
    let end = Message { due_at: at(300), ..end };
    let decided = Case { now: at(300), ..Case::default() }.decide(vec![begin, end], &mut Window::default());
    assert_eq!(events(&decided.send[0]), [Event::Down, Event::Up]);
}

#[test]
fn reminders_end_with_the_incident_or_its_acknowledgement() {
    for (state, kept) in [(IncidentState::Open, true), (IncidentState::Acknowledged, false), (IncidentState::Resolved, false)] {
        let reminder = message(1, Event::Down, Purpose::Reminder, 1, 50);
        let case = Case { states: [(reminder.incident.unwrap(), state)].into(), ..Case::default() };
        let decided = case.decide(vec![reminder], &mut Window::default());
        assert_eq!((decided.send.len() == 1, decided.cancelled.len() == 1), (kept, !kept), "{state:?}");
    }
}

#[test]
fn nothing_of_an_incident_overtakes_what_is_on_its_way() {
    let reminder = message(1, Event::Down, Purpose::Reminder, 1, 50);
    let end = message(2, Event::Up, Purpose::Recovery, 1, 60);
    let case = Case { sending: [reminder.incident.unwrap()].into(), ..Case::default() };
    let decided = case.decide(vec![reminder, end], &mut Window::default());
    assert!(decided.send.is_empty() && decided.again.is_some_and(|again| again > case.now));
}

#[test]
fn a_storm_becomes_one_message_a_window() {
    let (mut window, case) = (Window::default(), Case::default());
    let few = case.decide((1..=3).map(|n| down(n, 90)).collect(), &mut window);
    assert_eq!(few.send.len(), 3);
    let many: Vec<Message> = (10..310).map(|n| down(n, 95)).collect();
    let one = case.decide(many, &mut window);
    assert_eq!((one.send.len(), one.merged.len(), one.send[0].content.count()), (1, 299, 300));
    // More within the window waits for its end, and is one message then.
    let more: Vec<Message> = (400..450).map(|n| down(n, 99)).collect();
    let later = case.decide(more.clone(), &mut window);
    assert_eq!((later.send.len(), later.again), (0, Some(at(100).plus(WINDOW))));
    let then = Case { now: at(160), ..Case::default() }.decide(more, &mut window);
    assert_eq!((then.send.len(), then.merged.len()), (1, 49));
}

#[test]
fn the_end_of_what_a_group_tells_waits_for_the_group() {
    let begin = Message { state: MessageState::Merged, ..down(1, 10) };
    let leader = Message { attempts: 1, due_at: at(130), ..down(2, 10) };
    let begin = Message { note: leader.id.to_string(), ..begin };
    let end = up(3, &begin, 50);
    let waits = Case { earlier: vec![begin.clone(), leader.clone()], ..Case::default() }.decide(vec![end.clone()], &mut Window::default());
    assert_eq!((waits.send.len(), waits.again), (0, Some(at(130))));
    let told = Message { state: MessageState::Delivered, ..leader };
    let sent = Case { earlier: vec![begin, told], ..Case::default() }.decide(vec![end], &mut Window::default());
    assert_eq!(sent.send.len(), 1);
}

#[test]
fn an_end_that_tells_its_beginning_too_is_tried_again() {
    let begin = down(1, 10);
    let end = up(2, &begin, 50);
    let begin = Message { state: MessageState::Merged, note: end.id.to_string(), ..begin };
    let failed = Message { attempts: 1, due_at: at(60), ..end };
    let again = Case { earlier: vec![begin], ..Case::default() }.decide(vec![failed.clone()], &mut Window::default());
    assert_eq!((again.send.len(), again.again), (1, None), "it waits for nobody, least of all for itself");
    assert_eq!(again.send[0].id, failed.id);
}

#[test]
fn systems_that_keep_incidents_get_each_one_by_itself_and_in_order() {
    let (begin, other) = (down(1, 10), down(5, 11));
    let end = up(2, &begin, 50);
    let case = Case { one_by_one: true, ..Case::default() };
    let decided = case.decide(vec![begin.clone(), other.clone(), end.clone()], &mut Window::default());
    assert_eq!(decided.send.iter().map(|m| m.id).collect::<Vec<_>>(), [begin.id, other.id]);
    assert!(decided.merged.is_empty() && decided.again.is_some());
    let many: Vec<Message> = (10..40).map(|n| down(n, 50)).collect();
    assert_eq!(case.decide(many, &mut Window::default()).send.len(), case.room);
}
