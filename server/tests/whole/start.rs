//! The program's messages at the start: settings that can't work, the model and whether it answers, and at debug a line
//! for each request.

use driver::Outcome;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::{logs, together};

/// Otherwise other machines couldn't reach it, and no message would say why.
#[tokio::test]
async fn public_url_without_a_socket_is_an_error() -> Outcome {
    let mut setup = together("public").await?;
    for (site, listen) in [("AGENT", "3000"), ("TENANT", "3001"), ("BROKER", "3002")] {
        let (url, socket) = (format!("{site}_URL"), format!("{site}_LISTEN"));
        let before = [&url, &socket].map(|name| setup.setting(name).unwrap_or_default().to_owned());
        setup.set(&url, "https://mandate.example.org");
        setup.set(&socket, "");
        let trouble = setup.serve().await.expect_err("it is public").to_string();
        assert!(trouble.contains(&format!("{socket}: {url} is public")), "{trouble}");
        assert!(trouble.contains(&format!("127.0.0.1:{listen}")), "{trouble}");
        setup.set(&url, &before[0]);
        setup.set(&socket, &before[1]);
    }
    Ok(())
}

/// The program starts without them, so only the log can say why other sites can't be reached, or why it says so little.
#[tokio::test]
async fn unreadable_certificates_and_levels_are_logged() -> Outcome {
    let mut setup = together("unreadable").await?;
    setup.set("SSL_CERT_FILE", "/nowhere/ca.pem");
    setup.set("RUST_LOG", "agent=loud");
    setup.serve().await?.stop().await?;
    let log = std::fs::read_to_string(logs().join("unreadable/serve.log"))?;
    assert!(log.contains("certificates can't be read") && log.contains("/nowhere/ca.pem"), "{log}");
    assert!(log.contains("RUST_LOG can't be read"), "{log}");
    Ok(())
}

/// Otherwise the browser would start islands in pages of another version.
#[tokio::test]
async fn bundle_of_another_version_is_refused() -> Outcome {
    let mut setup = together("other-bundle").await?;
    let site = tempfile::tempdir()?;
    std::fs::write(site.path().join("bundle.json"), r#"{"bundle":"b","sources":"0","style":{},"public":{}}"#)?;
    setup.set("SITE_DIR", &site.path().display().to_string());
    let (started, said) = setup.command(&["serve"]).await?;
    assert!(!started && said.contains("another version of the program"), "{said}");
    assert!(said.contains("cargo run -p bundle"), "{said}");
    Ok(())
}

/// An endpoint that answers every request with this status line.
async fn endpoint(status: &'static str) -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}/v1", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok(base)
}

#[tokio::test]
async fn banner_names_the_model_and_whether_it_answers() -> Outcome {
    let mut setup = together("model-line").await?;
    let program = setup.serve().await?;
    assert!(program.said.contains("  Model             rehearsal"), "{}", program.said);
    program.stop().await?;
    setup.set("OPENAI_API_KEY", "sk-the-key");
    setup.set("OPENAI_MODEL", "gpt-of-the-test");
    let nobody = format!("http://{}/v1", std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?);
    for (base, said) in [
        (endpoint("200 OK").await?, None),
        // Not every endpoint lists its models.
        (endpoint("404 Not Found").await?, None),
        (endpoint("401 Unauthorized").await?, Some("it refused the key; check OPENAI_API_KEY")),
        (endpoint("502 Bad Gateway").await?, Some("it answered with an error (502)")),
        (nobody, Some("it can't be reached; check OPENAI_BASE_URL")),
    ] {
        setup.set("OPENAI_BASE_URL", &base);
        let program = setup.serve().await?;
        assert!(program.said.contains("  Model             gpt-of-the-test at 127.0.0.1"), "{base}: {}", program.said);
        assert_eq!(program.said.contains("The model doesn't answer"), said.is_some(), "{base}: {}", program.said);
        assert!(said.is_none_or(|said| program.said.contains(said)), "{base}: {}", program.said);
        assert!(!program.said.contains("sk-the-key"), "{}", program.said);
        program.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn each_request_is_a_line_at_debug() -> Outcome {
    let mut setup = together("request-lines").await?;
    setup.set("RUST_LOG", "foundation::trace=debug");
    let program = setup.serve().await?;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let ask = setup.sites.client()?.get(setup.sites.broker.join("api/stocks/WAYNE?key=not-for-the-log")?);
    let answer = ask.header("traceparent", format!("00-{trace}-b7ad6b7169203331-01")).send().await?;
    assert_eq!(answer.status(), 200);
    program.stop().await?;
    let log = std::fs::read_to_string(logs().join("request-lines/serve.log"))?;
    let line = log.lines().find(|line| line.contains(trace)).unwrap_or_default();
    for part in ["DEBUG foundation::trace", "method=GET", "path=\"/api/stocks/WAYNE\"", "status=200", "ms="] {
        assert!(line.contains(part), "{part}: {line}\n{log}");
    }
    assert!(!log.contains("not-for-the-log"), "{log}");
    Ok(())
}
