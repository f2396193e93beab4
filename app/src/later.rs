//! Does something a little later, and only once when it is asked again meanwhile.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

/// A delay that starts anew with every call.
#[derive(Clone, Copy)]
pub struct Later {
    delay: Duration,
    waiting: StoredValue<Option<TimeoutHandle>>,
}

impl Later {
    /// Nothing waits yet.
    pub fn new(delay: Duration) -> Self {
        let later = Self { delay, waiting: StoredValue::new(None) };
        on_cleanup(move || later.cancel());
        later
    }

    /// Calls `what` after the delay, instead of what waits now.
    pub fn run(self, what: impl FnOnce() + 'static) {
        self.cancel();
        let handle = set_timeout_with_handle(what, self.delay).ok();
        self.waiting.try_set_value(handle);
    }

    fn cancel(self) {
        let waiting = self.waiting.try_update_value(Option::take).flatten();
        if let Some(handle) = waiting {
            handle.clear();
        }
    }
}
