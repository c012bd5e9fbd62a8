//! The chat: opening a long one, and many idle streams.

use std::time::{Duration, Instant};

use driver::{Browser, Outcome, Setup};
use shared::chat::Transcript;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{load::visitor, store};

/// A chat of this many messages: the times to load its whole page, and the page's size in bytes.
pub(crate) async fn long(setup: &Setup, messages: i64) -> Outcome<(Vec<Duration>, usize)> {
    let mut browser = visitor(setup).await?;
    let mut thread = browser.say(&setup.sites, "Say fifty words").await?;
    thread.until(&browser, "the end", 10, over).await?;
    store::fill(&setup.data_dir("serve").join("agent.db"), &thread.id, messages).await?;
    let url = setup.sites.agent.join(&format!("t/{}", thread.id))?;
    loads(&mut browser, url.as_str()).await
}

/// The times to load the page of a person with this many chats, and its size in bytes.
pub(crate) async fn many(setup: &Setup, chats: i64) -> Outcome<(Vec<Duration>, usize)> {
    let mut browser = visitor(setup).await?;
    let mut thread = browser.say(&setup.sites, "Say fifty words").await?;
    thread.until(&browser, "the end", 10, over).await?;
    store::copy(&setup.data_dir("serve").join("agent.db"), &thread.id, chats).await?;
    loads(&mut browser, setup.sites.agent.as_str()).await
}

/// The times to load a page, the first ten apart, which warm up; and its size in bytes.
async fn loads(browser: &mut Browser, url: &str) -> Outcome<(Vec<Duration>, usize)> {
    let (mut times, mut size) = (Vec::new(), 0);
    for _ in 0..60 {
        let began = Instant::now();
        size = browser.open(url).await?.body.len();
        times.push(began.elapsed());
    }
    Ok((times.split_off(10), size))
}

/// A person's messages, in chats of 1,000: the time to index them all after an update, and the times of searches.
pub(crate) async fn search(setup: &Setup, messages: i64) -> Outcome<(Duration, Vec<Duration>)> {
    let file = setup.data_dir("serve").join("agent.db");
    let program = setup.serve().await?;
    let mut browser = visitor(setup).await?;
    for _ in 0..messages / 1_000 {
        let mut thread = browser.say(&setup.sites, "Say fifty words").await?;
        thread.until(&browser, "the end", 10, over).await?;
        store::fill(&file, &thread.id, 1_000).await?;
    }
    program.stop().await?;
    let program = setup.serve().await?;
    let began = Instant::now();
    while !store::is_indexed(&file).await? {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let indexed = began.elapsed();
    let mut times = Vec::new();
    for query in ["wayne", "price of wayne", "tra", "fifty words", "nothing"].iter().cycle().take(110) {
        let url = setup.sites.agent.join(&format!("search?q={}", query.replace(' ', "+")))?;
        let began = Instant::now();
        let page = browser.open(url.as_str()).await?.body.clone();
        times.push(began.elapsed());
        if page.contains("class=\"search-hit\"") == (*query == "nothing") {
            return Err(format!("the search for {query} failed").into());
        }
    }
    program.stop().await?;
    // The first ones warm up.
    Ok((indexed, times.split_off(10)))
}

pub(crate) fn over(transcript: &Transcript) -> Option<()> {
    (transcript.running.is_empty() && transcript.items.len() > 1).then_some(())
}

/// Streams that were opened and nothing happens in.
pub(crate) struct Idle {
    open: Vec<(Browser, driver::Thread, Vec<TcpStream>)>,
}

impl Idle {
    pub(crate) fn count(&self) -> usize {
        self.open.len() * EACH
    }
}

/// Streams for each visitor, as many as one may have.
const EACH: usize = 20;

/// The most streams that a site takes under the system's limit of open files, which its visitors' own connections share.
pub(crate) fn most_streams() -> usize {
    let connections = mandate::files::connections(mandate::files::raise(), 3);
    (connections - 2 * EACH) / (EACH + 1) * EACH
}

/// Opens this many streams, those of each visitor from an address of its own.
pub(crate) async fn idle(setup: &Setup, streams: usize) -> Outcome<Idle> {
    let mut open = Vec::new();
    for number in 0..streams / EACH {
        let mut browser = visitor(setup).await?;
        let mut thread = browser.say(&setup.sites, "Say fifty words").await?;
        thread.until(&browser, "the end", 20, over).await?;
        let mut own = Vec::new();
        for _ in 0..EACH {
            own.push(stream(setup, [127, 0, 0, 1], &browser, &thread, number).await?);
        }
        open.push((browser, thread, own));
    }
    Ok(Idle { open })
}

/// A stream of a thread at the instance of this address, from an address of its own for each `number`.
pub(crate) async fn stream(
    setup: &Setup,
    instance: [u8; 4],
    browser: &Browser,
    thread: &driver::Thread,
    number: usize,
) -> Outcome<TcpStream> {
    let site = &setup.sites.agent;
    let cookie = browser.cookie(site, "mandate_agent").ok_or("no session")?;
    let low = |part: usize| u8::try_from(part).unwrap_or_default();
    let socket = TcpSocket::new_v4()?;
    socket.bind(([127, 1, low(number / 250), low(number % 250 + 1)], 0).into())?;
    let port = site.port_or_known_default().ok_or("no port")?;
    let mut stream = socket.connect((instance, port).into()).await?;
    let path = format!("/api/threads/{}/events?html&after={}", thread.id, thread.transcript.seq);
    let host = site.host_str().unwrap_or_default();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: mandate_agent={cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await?;
    if answer != *b"HTTP/1.1 200" {
        return Err(format!("a stream was refused: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(stream)
}

/// The times from sending a message to its arrival on all of the visitor's streams.
pub(crate) async fn delivery(setup: &Setup, idle: &mut Idle, messages: usize) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    for (number, (browser, thread, streams)) in idle.open.iter_mut().enumerate().take(messages) {
        let words = format!("Say {number} words");
        let began = Instant::now();
        browser.say_in(&setup.sites, thread, &words).await?;
        for stream in streams {
            heard(stream, &words).await?;
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// Reads a stream until it tells these words.
pub(crate) async fn heard(stream: &mut TcpStream, words: &str) -> Outcome {
    let mut heard = String::new();
    while !heard.contains(words) {
        let mut bytes = [0; 4_096];
        let read = stream.read(&mut bytes).await?;
        if read == 0 {
            return Err("a stream ended".into());
        }
        heard.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    Ok(())
}
