//! Monitors that were written before there were kinds: HTTP, with a column for each field. They are read as they are, and
//! become rows of today when they are saved again.

use std::collections::HashMap;

use domain::kind::Values;
use surrealdb::types::{Bytes, RecordId, SurrealValue};

use super::TABLE;
use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{key_text, none};

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    url: Option<String>,
    method: Option<String>,
    header_names: Option<Vec<String>>,
    header_values: Option<Bytes>,
    body: Option<Bytes>,
    accepted_status: Option<String>,
}

/// The fields of those monitors, by their ids.
pub(super) async fn settings(store: &Store) -> Result<HashMap<String, Values>, StoreError> {
    let text = "SELECT id, url, method, header_names, header_values, body, accepted_status FROM monitor WHERE settings = NONE";
    let rows = store.db.run(text, none()).await?.rows::<Row>(0)?;
    rows.into_iter().map(|row| Ok((key_text(&row.id, 0).unwrap_or_default().to_owned(), read(store, row)?))).collect()
}

fn read(store: &Store, row: Row) -> Result<Values, StoreError> {
    let key = key_text(&row.id, 0).unwrap_or_default();
    let open = |bytes: &Bytes| store.sealer.unseal(TABLE, key, bytes);
    let values = row.header_values.as_ref().map(open).transpose()?.unwrap_or_default();
    let headers: Vec<String> =
        row.header_names.unwrap_or_default().iter().zip(values.split('\n')).map(|(name, value)| format!("{name}: {value}")).collect();
    let fields = [
        ("url", row.url),
        ("method", row.method),
        ("headers", Some(headers.join("\n"))),
        ("body", row.body.as_ref().map(open).transpose()?),
        ("accepted_status", row.accepted_status),
    ];
    Ok(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.filter(|v| !v.is_empty())?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::StoreConfig;
    use crate::rows::{record, vars};
    use domain::kind::Kind;
    use domain::{MonitorId, SpaceId, Timestamp};

    #[tokio::test]
    async fn a_row_from_before_is_read_as_it_was_meant() {
        let store = Store::open(&StoreConfig::memory()).await.expect("opens");
        let id = MonitorId::new(Timestamp::from_millis(1), 1).to_string();
        let seal = |text: &str| Bytes::from(store.sealer.seal(&id, text).expect("sealed"));
        let text = "CREATE $id SET space = $space, kind = 'http', name = 'Old', url = 'https://old.example/', method = 'POST',
            header_names = ['A', 'B'], header_values = $headers, body = $body, accepted_status = '200-299, 301', interval_ms = 60000,
            timeout_ms = 10000, timeout_default = true, failures = 2, successes = 1, upside_down = false, tags = [], note = '',
            enabled = true, updated_at = 1";
        let space = SpaceId::new(Timestamp::from_millis(1), 2).to_string();
        let variables = vars! { id: record(TABLE, &id), space: space, headers: seal("one\ntwo"), body: seal("hello") };
        store.db.run(text, variables).await.expect("created");
        let all = store.all_monitors().await.expect("read");
        let spec = &all[0].spec;
        let field = |name: &str| spec.settings.0.get(name).map(String::as_str);
        assert_eq!((spec.kind, field("url"), field("method")), (Kind::Http, Some("https://old.example/"), Some("POST")));
        assert_eq!(
            (field("headers"), field("body"), field("accepted_status")),
            (Some("A: one\nB: two"), Some("hello"), Some("200-299, 301"))
        );
    }
}
