//! `mandate audit export`: the audit log as aligned columns or as JSON lines.

use std::io::Write;

use foundation::time;
use identity::store::audit::{Entry, Of};
use serde_json::{Value, json};

use super::{
    arguments::Arguments,
    columns::text,
    site::{OpenSite, OperatorError},
};

pub(super) async fn audit(site: &OpenSite<'_>, arguments: &Arguments) -> Result<(), OperatorError> {
    let person = match arguments.value("person") {
        // Finds entries about a deleted person too.
        Some(id) if id.starts_with("usr_") => Some(id.to_owned()),
        Some(name) => Some(site.person(name).await?.id),
        None => None,
    };
    let mut of = Of {
        since: arguments.time("since").unwrap_or_default(),
        // Excludes entries written during the export.
        until: arguments.time("until").unwrap_or(i64::MAX).min(site.operator.now),
        person,
        ..Of::default()
    };
    if !arguments.json && !write(&line("TIME", "EVENT", "PERSON", "CLIENT", "DETAIL")) {
        return Ok(());
    }
    loop {
        let entries = site.operator.audit(&of).await.map_err(|error| site.database(error))?;
        let Some(last) = entries.last() else { return Ok(()) };
        of.after = (last.at, last.id.clone());
        let lines: String =
            entries.iter().map(|entry| if arguments.json { json_line(entry) } else { row(entry) }).collect();
        if !write(&lines) {
            return Ok(());
        }
    }
}

fn json_line(entry: &Entry) -> String {
    let Entry { id, at, event, person, client, detail } = entry;
    let detail: Value = serde_json::from_str(detail).unwrap_or_else(|_| json!(detail));
    let at = time::iso(*at);
    let entry = json!({ "id": id, "at": at, "event": event, "person": person, "client": client, "detail": detail });
    format!("{entry}\n")
}

fn row(entry: &Entry) -> String {
    let Entry { at, event, person, client, detail, .. } = entry;
    let [event, person, client, detail] =
        [json!(event), json!(person), json!(client), json!(detail)].map(|value| text(&value));
    line(&time::iso(*at), &event, &person, &client, &detail)
}

/// Fixed widths: the longest entry isn't known in advance.
fn line(time: &str, event: &str, person: &str, client: &str, detail: &str) -> String {
    format!("{time:<24}  {event:<26}  {person:<36}  {client:<36}  {detail}\n")
}

/// `false` if the reader has closed the pipe.
fn write(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}
