//! `/recording`: turns a person's recording on and off, and shows what this site recorded, in full.

use foundation::tr;
use identity::page::{Named, Record, Recording, Shown, Token};
use leptos::prelude::*;
use shared::recording::Party;

use crate::{
    notes,
    ui::{Fact, Glyph, Tone, csrf_field, facts, icon, note, plain, time},
};

pub(super) fn page(recording: &Recording, site: &str) -> AnyView {
    view! {
        <div class="page-head">
            <h1>{tr!("Your requests", "Deine Anfragen")}</h1>
            <p>{tr!(
                format!("What really flows when you use Mandate: each request that {site} received for you, with its parameters and the claims of its tokens. Only you see this, and only here."),
                format!("Was wirklich fließt, wenn du Mandate benutzt: jede Anfrage, die {site} für dich bekam, mit Parametern und den Angaben in ihren Tokens. Nur du siehst das, und nur hier.")
            )}</p>
            {recording.several.then(|| view! { <p class="muted">{tr!(
                "Several instances may answer here, and each keeps only what it received itself.",
                "Hier können mehrere Instanzen antworten, und jede behält nur, was sie selbst bekam."
            )}</p> })}
        </div>
        <section class="card"><div class="card-part stack">{state(recording)}{back(recording)}</div></section>
        {(!recording.records.is_empty()).then(|| list(recording))}
    }
    .into_any()
}

/// The way back to the workshop: to the step that the person came from.
fn back(recording: &Recording) -> AnyView {
    let step = recording.step.map(|step| format!("/{step}")).unwrap_or_default();
    let words = match recording.step {
        Some(step) => {
            tr!(format!("Back to step {step} of the workshop"), format!("Zurück zu Schritt {step} des Workshops"))
        }
        None => tr!("Go to the workshop", "Zum Workshop").to_owned(),
    };
    view! { <div><a class="button" href=format!("{}{step}", recording.workshop)>{icon(Glyph::Back)}{words}</a></div> }
        .into_any()
}

fn state(recording: &Recording) -> AnyView {
    let act = |act: &'static str, class: &'static str, words: &'static str| {
        view! {
            <form method="post" action="/recording">
                {csrf_field(&recording.csrf_token)}
                <input type="hidden" name="act" value=act />
                {recording.step.map(|step| view! { <input type="hidden" name="step" value=step.to_string() /> })}
                <button class=class>{words}</button>
            </form>
        }
    };
    let Some(until) = recording.until else {
        return if !recording.allowed {
            note(
                Tone::Quiet,
                tr!(
                    "Recording is off here. The operator can turn it on.",
                    "Hier wird nicht aufgezeichnet. Der Betreiber kann es einschalten."
                ),
            )
            .into_any()
        } else if recording.starts_here {
            view! {
                <p>{tr!(
                    "For two hours, Mandate identity and StockTrade keep the requests made for you, at most 500 at each, in memory alone. Passwords, secrets and the forms of login pages are never kept. Of each token, only its claims are kept. Mandate chat sees who called whom, when and with what result, but no contents. When you stop, everything is forgotten.",
                    "Zwei Stunden lang behalten Mandate identity und StockTrade die Anfragen, die für dich gestellt werden, jeweils höchstens 500 und nur im Arbeitsspeicher. Passwörter, Geheimnisse und die Formulare der Anmeldung werden nie behalten, und von jedem Token nur, was es sagt. Mandate chat sieht, wer wen wann mit welchem Ergebnis aufrief, und nichts vom Inhalt. Du kannst jederzeit aufhören: Dann ist alles vergessen."
                )}</p>
                {act("start", "button primary", tr!("Record my requests for two hours", "Meine Anfragen zwei Stunden aufzeichnen"))}
            }
            .into_any()
        } else {
            note(
                Tone::Quiet,
                tr!(
                    "Nothing is recorded. Turn it on at Mandate identity.",
                    "Nichts wird aufgezeichnet. Schalte es bei Mandate identity ein."
                ),
            )
            .into_any()
        };
    };
    // Passes the step on, so that the other site can link back to it, too.
    let step = recording.step.map(|step| format!("?step={step}")).unwrap_or_default();
    let elsewhere = recording.elsewhere.clone().map(|(name, page)| {
        view! { <a class="button" href=format!("{page}{step}")>{tr!("See those at", "Ansehen bei")}" "{name}</a> }
    });
    view! {
        {note(Tone::Good, view! { {tr!("Your requests are recorded until ", "Deine Anfragen werden aufgezeichnet bis ")}{time::clock_view(recording.now, until)}"." })}
        <div class="row">
            {elsewhere}
            {act("forget", "button quiet", tr!("Forget these", "Diese vergessen"))}
            {act("stop", "button danger", tr!("Stop and forget", "Aufhören und vergessen"))}
        </div>
    }
    .into_any()
}

/// The requests that carry a step. The ones between them are collapsed into one line.
fn list(recording: &Recording) -> AnyView {
    let mut rows: Vec<AnyView> = Vec::new();
    let mut others: Vec<&Record> = Vec::new();
    for record in &recording.records {
        if record.carries() {
            rows.extend(more(&mut others));
            rows.push(one(recording, record));
        } else {
            others.push(record);
        }
    }
    rows.extend(more(&mut others));
    view! {
        <h2 class="visually-hidden">{tr!("Recorded requests", "Aufgezeichnete Anfragen")}</h2>
        <div class="stack records">{rows}</div>
    }
    .into_any()
}

/// `and 7 more: metadata, keys, your page asking for news`
fn more(others: &mut Vec<&Record>) -> Option<AnyView> {
    let others = std::mem::take(others);
    if others.is_empty() {
        return None;
    }
    let count = others.len();
    let lines = others.iter().map(|record| view! { <li id=format!("r{}", record.number)>{line(record)}</li> });
    Some(
        view! {
            <details class="more">
                <summary>{icon(Glyph::Chevron)}{tr!(
                    format!("and {count} more: pages, metadata, keys, and pages checking for news"),
                    format!("und {count} weitere: Seiten, Metadaten, Schlüssel und Seiten, die nach Neuem fragen")
                )}</summary>
                <ul class="records-more">{lines.collect_view()}</ul>
            </details>
        }
        .into_any(),
    )
}

fn line(record: &Record) -> AnyView {
    let (from, to) = (name(record.from), name(record.to));
    view! {
        {record.number}" · "{from}" → "{to}" · "<code>{record.method.clone()}" "<bdi>{plain(&record.path)}</bdi></code>
        " → "{record.status}" · "{record.ms}"\u{a0}ms"
    }
    .into_any()
}

fn one(recording: &Recording, record: &Record) -> AnyView {
    let accepted = record.is_accepted();
    let grant = record.asked.iter().find_map(|(name, shown)| match shown {
        Shown::Whole(grant) if *name == "grant_type" => Some(grant.as_str()),
        _ => None,
    });
    let why = notes::request(record.to, &record.method, &record.path, grant)
        .map(|why| notes::view(&why, &recording.workshop));
    let table = |heading: &'static str, named: &[Named]| {
        let rows: Vec<_> = named.iter().map(|(name, shown)| parameter(&record.path, name, shown, accepted)).collect();
        (!rows.is_empty()).then(|| view! { <h3>{heading}</h3>{facts(rows)} })
    };
    let nothing = (record.asked.is_empty() && record.answered.is_empty())
        .then(|| view! { <p class="muted">{tr!("Its contents are kept out.", "Ihr Inhalt wird nicht gezeigt.")}</p> });
    view! {
        <section class="card">
            <details class="more block">
                <summary>{icon(Glyph::Chevron)}<span>{line(record)}</span></summary>
                // The target is inside the `details`, so that a link to it opens them.
                <div class="card-part" id=format!("r{}", record.number)>
                    <p class="muted small">{time::clock_view(recording.now, record.at)}" · "{tr!("trace ", "Trace ")}<code>{record.trace.clone()}</code></p>
                    {why}
                    {table(tr!("Request", "Anfrage"), &record.asked)}
                    {table(tr!("Answer", "Antwort"), &record.answered)}
                    {nothing}
                </div>
            </details>
        </section>
    }
    .into_any()
}

fn parameter(path: &str, name: &str, shown: &Shown, accepted: bool) -> Fact {
    let why = notes::parameter(path, name).map(|why| view! { <p class="muted small">{why}</p> });
    let value = match shown {
        Shown::Whole(text) | Shown::Short(text) => view! { <code><bdi>{plain(text)}</bdi></code> }.into_any(),
        Shown::Json(value) => view! { <code><bdi>{plain(&value.to_string())}</bdi></code> }.into_any(),
        Shown::Kept => view! { <span class="muted">{tr!("kept out", "nicht gezeigt")}</span> }.into_any(),
        Shown::Token(token) => claims(path, token, accepted),
    };
    Fact::new(name, view! { {value}{why} }).code()
}

fn claims(path: &str, token: &Token, accepted: bool) -> AnyView {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let rows = token.header.iter().chain(&token.claims).map(|(name, value)| {
        let why = notes::parameter(path, name).map(|why| view! { <p class="muted small">{why}</p> });
        Fact::new(name.clone(), view! { <code><bdi>{plain(&text(value))}</bdi></code>{why} }).code()
    });
    let signature = if accepted {
        tr!(format!("valid, key {}", token.key), format!("gültig, Schlüssel {}", token.key))
    } else {
        tr!(format!("kept out, key {}", token.key), format!("nicht gezeigt, Schlüssel {}", token.key))
    };
    let rows: Vec<_> = rows.chain([Fact::new(tr!("Signature", "Signatur"), plain(&signature))]).collect();
    facts(rows)
}

fn name(party: Party) -> &'static str {
    match party {
        Party::You => tr!("You", "Du"),
        Party::Chat => "Mandate chat",
        Party::Model => tr!("Model", "Modell"),
        Party::Identity => "Mandate identity",
        Party::StockTrade => "StockTrade",
    }
}
