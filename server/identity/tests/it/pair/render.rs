//! Pages as they are deployed, each with its data beside it as JSON, for tests that look at more than its forms.

use identity::page::{App, Approval, Page, Receipt, Row, Said, View};
use mandate::sites;
use serde_json::{Value, json};

const BEGIN: &str = "<script type=\"application/json\">";
const END: &str = "</script>";

pub(crate) fn render(page: &Page) -> String {
    let mut value = view(&page.view);
    value["person"] = json!(page.frame.person);
    let data = value.to_string().replace('<', "\\u003c");
    format!("{}{BEGIN}{data}{END}", sites::RENDER(page))
}

/// The data beside a page; null if there is none.
pub(crate) fn data(html: &str) -> Value {
    let data = html.rsplit_once(BEGIN).and_then(|(_, rest)| rest.strip_suffix(END));
    data.and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default()
}

fn view(view: &View) -> Value {
    match view {
        View::Login { csrf_token, request, error, email, client, .. } => json!({
            "view": "login",
            "csrf_token": csrf_token,
            "request": request,
            "error": error,
            "email": email,
            "client": client,
        }),
        View::Consent(consent) => json!({
            "view": "consent",
            "csrf_token": consent.csrf_token,
            "request": consent.request,
            "client": consent.client,
            "account": consent.account,
            "api": consent.api,
            "scopes": consent.scopes,
            "unverified": consent.unverified,
            "redirect_host": consent.redirect_host,
            "loopback": consent.loopback,
            "again": consent.again,
            "approved_at": consent.approved_at,
        }),
        View::Error { title, text, back } => {
            json!({ "view": "error", "title": title, "text": text, "back": back.as_ref().map(|(href, _)| href) })
        }
        View::GoOn { href, .. } => json!({ "view": "go_on", "href": href }),
        View::Signup { csrf_token, request, error, .. } => {
            json!({ "view": "signup", "csrf_token": csrf_token, "request": request, "error": error })
        }
        View::LogOut { csrf_token, request } => {
            json!({ "view": "log_out", "csrf_token": csrf_token, "request": request })
        }
        View::LoggedOut { .. } => json!({ "view": "logged_out" }),
        View::Recording(recording) => json!({
            "view": "recording",
            "csrf_token": recording.csrf_token,
            "until": recording.until,
            "records": recording.records.len(),
        }),
        View::Approvals { waiting, past, .. } => json!({
            "view": "approvals",
            "waiting": waiting.iter().map(approval).collect::<Vec<_>>(),
            "past": past.iter().map(approval).collect::<Vec<_>>(),
        }),
        View::Approval { approval: it, together, totals, csrf_token, notice, .. } => json!({
            "view": "approval",
            "csrf_token": csrf_token,
            "notice": notice,
            "approval": approval(it),
            "together": together.iter().map(approval).collect::<Vec<_>>(),
            "totals": totals,
        }),
        View::Apps { apps, csrf_token, notice, .. } => json!({
            "view": "apps",
            "csrf_token": csrf_token,
            "notice": notice,
            "apps": apps.iter().map(app).collect::<Vec<_>>(),
        }),
        View::Blocked { clients, csrf_token } => {
            json!({ "view": "blocked", "clients": clients, "csrf_token": csrf_token })
        }
    }
}

fn app(it: &App) -> Value {
    json!({
        "id": it.id,
        "name": it.name,
        "unverified": it.unverified,
        "redirect_hosts": it.redirect_hosts,
        "allowed_at": it.allowed_at,
        "used_at": it.used_at,
        "scopes": it.scopes,
    })
}

/// Label and words, with all that is beside them.
fn row(it: &Row) -> Value {
    let words = it.words.clone().unwrap_or_else(|| "(not said)".into());
    let name = it.name.as_ref().map(|name| format!("{name} = ")).unwrap_or_default();
    let beside = it.beside.as_ref().map(|beside| format!(", {beside}")).unwrap_or_default();
    json!([it.label, format!("{name}{words}{beside}")])
}

fn approval(it: &Approval) -> Value {
    json!({
        "id": it.id,
        "title": it.title,
        "noun": it.noun,
        "message": it.message,
        "may_approve": it.may_approve,
        "bound": it.bound,
        "rows": it.sheet.rows.iter().map(row).collect::<Vec<_>>(),
        "from_api": it.sheet.from_api,
        "warning": it.sheet.warning,
        "shown": it.shown(),
        "account": it.account,
        "client": it.client,
        "through": it.through,
        "app": it.app,
        "code": it.code,
        "agent_message": it.agent_message,
        "state": format!("{:?}", it.state),
        "back": it.back,
        "more_time": it.more_time,
        "same": it.same.iter().map(|same| format!("{same:?}")).collect::<Vec<_>>(),
        "said": match &it.said {
            Said::NotAsked => json!("not asked"),
            Said::By { by, .. } => json!(by),
        },
        "receipt": match &it.receipt {
            Receipt::None => Value::Null,
            Receipt::OnItsWay => json!("on its way"),
            Receipt::Came { says, short, page } => json!({ "says": says, "short": short, "page": page }),
        },
    })
}
