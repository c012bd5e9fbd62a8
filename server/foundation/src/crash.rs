//! Named crash points, at which a test ends the process with SIGKILL (PROTOCOL.md, "The order, step by step").

/// Ends the process with SIGKILL if `MANDATE_CRASH_AT` names this point. Does nothing in release builds.
pub fn point(name: &str) {
    #[cfg(debug_assertions)]
    if std::env::var("MANDATE_CRASH_AT").is_ok_and(|at| at == name) {
        tracing::warn!(name, "crash point reached");
        let id = std::process::id().to_string();
        // SIGKILL runs no destructor and flushes nothing, like a power cut.
        let _ = std::process::Command::new("kill").args(["-9", &id]).status();
        loop {
            std::thread::park();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
