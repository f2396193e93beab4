//! Keeps what is shown of runs fresh: it is loaded again when some began or ended, but not for every one of them.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::ApiError;
use crate::live::live;

/// The shortest time between two loads.
const EVERY: Duration = Duration::from_secs(1);

/// Loads a resource again when runs began or ended, or the lists of the space changed. A load that waits is not put off by what happens
/// next, so that webhooks that run every second are shown as well.
pub fn follow<T>(resource: Resource<Result<T, ApiError>>)
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    let live = live();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |before: Option<(u32, u32)>| {
        let now = (live.runs.get(), live.lists.get());
        if before.is_some_and(|before| before != now) && waiting.with_value(Option::is_none) {
            let load = move || {
                waiting.try_set_value(None);
                resource.refetch();
            };
            waiting.set_value(set_timeout_with_handle(load, EVERY).ok());
        }
        now
    });
    on_cleanup(move || {
        waiting.try_update_value(|waiting| waiting.take().iter().for_each(TimeoutHandle::clear));
    });
}
