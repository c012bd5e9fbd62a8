//! Named crash points: where a test ends the process with SIGKILL (PROTOCOL.md, "The order, step by step").

/// Ends the process by SIGKILL where `MANDATE_CRASH_AT` names this point. Compiled into debug builds only;
/// in a release this is nothing.
pub fn point(name: &str) {
    #[cfg(debug_assertions)]
    if std::env::var("MANDATE_CRASH_AT").is_ok_and(|at| at == name) {
        tracing::warn!(name, "crash point reached");
        let id = std::process::id().to_string();
        // A real SIGKILL: no destructor, no flush, as when the machine loses power.
        let _ = std::process::Command::new("kill").args(["-9", &id]).status();
        loop {
            std::thread::park();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
