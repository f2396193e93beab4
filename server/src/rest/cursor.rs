//! Cursors of pages: opaque to clients, so that what stands in them can change.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::AppError;

/// The most items of a page.
pub(super) const LIMIT_MAX: u32 = 1_000;
const LIMIT_DEFAULT: u32 = 100;

pub(super) fn encode(position: &impl ToString) -> String {
    URL_SAFE_NO_PAD.encode(position.to_string())
}

/// Reads a cursor that [`encode`] wrote.
pub(super) fn decode<T: std::str::FromStr>(cursor: Option<&str>) -> Result<Option<T>, AppError> {
    let wrong = || AppError::field("cursor", "This is not a cursor of an earlier answer.");
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    text.parse().map(Some).map_err(|_| wrong())
}

/// How many items a page has.
pub(super) fn limit(asked: Option<&str>) -> Result<u32, AppError> {
    let Some(asked) = asked else { return Ok(LIMIT_DEFAULT) };
    asked
        .parse()
        .ok()
        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        .ok_or_else(|| AppError::field("limit", format!("Choose a number from 1 to {LIMIT_MAX}.")))
}

/// Cuts rows, of which one more than `limit` was asked for, into a page and the cursor of the next one.
pub(super) fn cut<T, K: ToString>(mut rows: Vec<T>, limit: u32, key: impl Fn(&T) -> K) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|row| encode(&key(row)));
    (rows, next_cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive() {
        assert_eq!(decode::<i64>(Some(&encode(&-5_i64))), Ok(Some(-5)));
        assert_eq!(decode::<i64>(None), Ok(None));
        assert!(decode::<i64>(Some("!")).is_err() && decode::<i64>(Some("YWJj")).is_err());
    }

    #[test]
    fn a_page_leads_to_the_next_one() {
        let page = |limit| cut(vec![5, 6, 7], limit, |n: &i32| *n);
        assert_eq!((page(2), page(3)), ((vec![5, 6], Some(encode(&6))), (vec![5, 6, 7], None)));
    }

    #[test]
    fn limits_are_limited() {
        assert_eq!((limit(None), limit(Some("1"))), (Ok(LIMIT_DEFAULT), Ok(1)));
        assert!(["0", "1001", "-1", "many"].into_iter().all(|text| limit(Some(text)).is_err()));
    }
}
