//! `make bench`: starts the release build, with a mock model in another process, puts it under load and prints a table.
//! The program, the mock model and this load generator share the machine's cores.

mod chat;
mod instances;
mod load;
mod mock;
mod orders;
mod page;
mod store;
mod tokens;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use driver::{Outcome, Program, Setup, free_port};
use tokio::process::{Child, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["mock-model", port] => mock::serve(port).await,
        // For the bench in a browser.
        ["fill", file, thread, messages] => {
            async { store::fill(Path::new(file), thread, messages.parse()?).await }.await
        }
        ["tokens"] => tokens::bench().await,
        ["chat"] => chat_alone().await,
        ["instances"] => two_instances().await,
        ["signing"] => tokens::signing(),
        [] => bench().await,
        _ => Err("usage: bench [chat | instances | tokens]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}

/// The release build (or the binary that `MANDATE` names) with its default log level and market pace.
async fn setup(name: &str) -> Outcome<Setup> {
    let binary = std::env::var_os("MANDATE").map_or_else(|| target().join("release/mandate"), PathBuf::from);
    let mut setup = Setup::together(&binary, &target().join("bench-logs"), name).await?;
    setup.set("RUST_LOG", "warn");
    setup.set("MARKET_TICK_MS", "2000");
    setup.set("SITE_DIR", &target().join("site").display().to_string());
    Ok(setup)
}

/// The head of the table. Each row is printed as it was measured, since all of them take minutes.
fn heading() {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    say(&format!(
        "\nRelease build on {cores} cores, which the program, the mock model and the load generator share.\n"
    ));
    row("measured", "value".into(), "goal");
    say(&format!("|{:-<42}|{:->13}:|{:->9}:|", "", "", ""));
}

fn row(what: impl AsRef<str>, value: String, goal: &str) {
    say(&format!("| {:<40} | {value:>12} | {goal:>8} |", what.as_ref()));
}

async fn bench() -> Outcome {
    heading();
    let (setup, _model) = with_model("turns").await?;
    let program = setup.serve().await?;

    let first = page::first_load(&setup).await?;
    let parts = format!("{:.1} kB", kilo(first.wasm + first.js + first.css));
    row("first load of the chat, after Brotli", parts, "180 kB");
    row("  WebAssembly", format!("{:.1} kB", kilo(first.wasm)), "");
    row("  JavaScript", format!("{:.1} kB", kilo(first.js)), "");
    row("  CSS", format!("{:.1} kB", kilo(first.css)), "");
    tokio::time::sleep(Duration::from_secs(1)).await;
    row("memory, idle", memory(&program)?, "40 MB");

    let times = page::first_bytes(&setup).await?;
    row("first byte of the chat page, p50", ms(&times, 50), "3 ms");
    row("first byte of the chat page, p99", ms(&times, 99), "");
    let times = load::first_deltas(&setup, 300).await?;
    row("first byte of a turn, p50", ms(&times, 50), "3 ms");
    row("first byte of a turn, p99", ms(&times, 99), "");
    let rate = load::turns(&setup, 20, 1_000).await?;
    row("turns of 50 tokens, 20 at once", format!("{rate:.0}/s"), "200/s");
    row("memory, after 1,000 turns", memory(&program)?, "60 MB");
    // Shows whether it keeps growing.
    load::turns(&setup, 20, 9_000).await?;
    row("memory, after 10,000 turns", memory(&program)?, "");
    program.stop().await?;
    chats(&setup).await?;

    // As many as one person may request at once.
    let times = orders::approve_to_placed(&self::setup("orders").await?, 5).await?;
    row("from Approve to the placed order (of 5)", ms(&times, 50), "1 s");
    row("from Approve to the placed order, worst", ms(&times, 100), "");
    Ok(())
}

/// Long chats and many readers.
async fn chats(setup: &Setup) -> Outcome {
    let program = setup.serve().await?;
    let (times, size) = chat::long(setup, 5_000).await?;
    row("opening a chat of 5,000 messages, p50", ms(&times, 50), "100 ms");
    row("opening a chat of 5,000 messages, p99", ms(&times, 99), "");
    row("  its page", format!("{:.1} kB", kilo(size)), "1000 kB");
    let (times, size) = chat::many(setup, 3_000).await?;
    row("the page of a person with 3,000 chats, p50", ms(&times, 50), "");
    row("the page of a person with 3,000 chats, p99", ms(&times, 99), "100 ms");
    row("  its size", format!("{:.1} kB", kilo(size)), "1000 kB");
    let mut idle = chat::idle(setup, chat::most_streams()).await?;
    row(format!("memory, with {} idle streams", idle.count()), memory(&program)?, "200 MB for 10,000");
    let times = chat::delivery(setup, &mut idle, 100).await?;
    row("  a message to its 20 streams, p50", ms(&times, 50), "");
    row("  a message to its 20 streams, p99", ms(&times, 99), "50 ms");
    drop(idle);
    program.stop().await?;
    let (indexed, times) = chat::search(setup, 10_000).await?;
    row("search over 10,000 messages, p50", ms(&times, 50), "");
    row("search over 10,000 messages, p99", ms(&times, 99), "50 ms");
    row("  indexing them after an update", format!("{:.1} s", indexed.as_secs_f64()), "");
    Ok(())
}

async fn chat_alone() -> Outcome {
    let (setup, _model) = with_model("chats").await?;
    heading();
    chats(&setup).await
}

/// Two instances on the PostgreSQL of `TEST_DATABASE_URL`.
async fn two_instances() -> Outcome {
    let (mut setup, _model) = with_model("instances").await?;
    let (messages, texts) = instances::delivery(&mut setup, 200).await?;
    heading();
    row("a message to a reader at another instance, p50", ms(&messages, 50), "");
    row("a message to a reader at another instance, p99", ms(&messages, 99), "100 ms");
    row("  the answer's first text, p50", ms(&texts, 50), "");
    row("  the answer's first text, p99", ms(&texts, 99), "100 ms");
    Ok(())
}

/// A setup whose model is the mock model in another process.
async fn with_model(name: &str) -> Outcome<(Setup, Child)> {
    let (port, model) = mock_model().await?;
    let mut setup = setup(name).await?;
    setup.set("OPENAI_BASE_URL", &format!("http://127.0.0.1:{port}/v1"));
    setup.set("OPENAI_API_KEY", "unused");
    Ok((setup, model))
}

/// The mock model in another process: this program, started again.
async fn mock_model() -> Outcome<(u16, Child)> {
    let port = free_port()?;
    let child =
        Command::new(std::env::current_exe()?).args(["mock-model", &port.to_string()]).kill_on_drop(true).spawn()?;
    for _ in 0..100 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok((port, child));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the mock model doesn't listen".into())
}

fn kilo(bytes: usize) -> f64 {
    // The size of a bundle is exactly representable.
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1000.0
}

/// A percentile in milliseconds.
fn ms(times: &[Duration], percentile: usize) -> String {
    at(times, percentile).map_or_else(|| "none".into(), |time| format!("{:.1} ms", time.as_secs_f64() * 1000.0))
}

fn at(times: &[Duration], percentile: usize) -> Option<Duration> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get((sorted.len() * percentile / 100).min(sorted.len().saturating_sub(1))).copied()
}

/// The resident memory of the program (`VmRSS`), or on systems without `/proc`, the value from `ps`.
fn memory(program: &Program) -> Outcome<String> {
    let id = program.id().to_string();
    let kilobytes: f64 = match std::fs::read_to_string(format!("/proc/{id}/status")) {
        Ok(status) => status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|value| value.trim().trim_end_matches(" kB").trim().parse().ok())
            .ok_or("no VmRSS")?,
        Err(_) => {
            let output = std::process::Command::new("ps").args(["-o", "rss=", "-p", &id]).output()?;
            String::from_utf8_lossy(&output.stdout).trim().parse()?
        }
    };
    Ok(format!("{:.1} MB", kilobytes * 1024.0 / 1e6))
}
