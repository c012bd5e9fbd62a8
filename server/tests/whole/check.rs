//! `mandate check`, and what a file that lost something ends at the next start.

use driver::{ALICE, Outcome};

use crate::support::together;

const APP: &str = r#"
[[client]]
id = "app"
name = "App"
secret = "env:APP_SECRET"
callbacks = ["https://app.example/callback"]
grants = ["authorization_code"]
apis = ["mcp"]
"#;

#[tokio::test]
async fn check_names_file_and_line_and_what_would_end() -> Outcome {
    let mut setup = together("check").await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mandate.toml");
    let name = file.display().to_string();
    let check: &[&str] = &["check", &name];

    std::fs::write(&file, "[[client]]\nid = \"app\"\nname = \"App\"\nsecret = \"hunter2\"\n\n[limit]\n")?;
    let (done, said) = setup.command(check).await?;
    assert!(!done && said.contains(&format!("{name}:4: a secret doesn't belong")), "{said}");
    assert!(said.contains(&format!("{name}:6: unknown table `limit`")) && !said.contains("hunter2"), "{said}");
    // The start says the same, and makes nothing.
    setup.set("MANDATE_CONFIG", &name);
    let (served, at_start) = setup.command(&["serve"]).await?;
    assert!(!served && at_start == said, "{at_start}\n{said}");
    std::fs::write(&file, "[limits]\napproval_seconds = 5\n")?;
    let (done, said) = setup.command(check).await?;
    assert!(!done && said.contains(&format!("{name}:2: approval_seconds: expected a whole number from 10")), "{said}");

    std::fs::write(&file, APP)?;
    let (done, said) = setup.command(check).await?;
    assert!(done && said.contains(&format!("{name}:5: the environment variable APP_SECRET isn't set")), "{said}");
    let (served, said) = setup.command(&["serve"]).await?;
    assert!(!served && said.contains(&format!("{name}:5: the environment variable APP_SECRET isn't set")), "{said}");

    setup.set("APP_SECRET", "a-secret-of-many-letters");
    let (done, said) = setup.command(check).await?;
    assert!(done && said.contains("nothing is wrong") && !said.contains("Warning"), "{said}");
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    program.stop().await?;

    // Without the chat's own client nobody would be logged in any more.
    let gone = APP.replace("\"app\"", "\"agent\"").replace("[\"mcp\"]", "[\"vault\"]");
    std::fs::write(&file, gone)?;
    let (done, said) = setup.command(check).await?;
    let client = "Mandate identity: without the client \"app\", this ends: nothing was granted";
    assert!(done && said.contains(client), "{said}");
    Ok(())
}
