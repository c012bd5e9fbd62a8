// The workshop's own client at /mcp. It knows only the server's address: it discovers, registers, sends the reader to
// consent with PKCE, and calls one tool. Its token stays in this page's memory.
(() => {
  const button = document.querySelector("[data-client]");
  const log = document.querySelector("[data-client-log]");
  const other = document.querySelector("[data-client-other]");
  if (!button || !log || !crypto.subtle) return;
  button.hidden = false;
  const KEPT = "mandate.workshop.client";
  const address = button.dataset.client;
  const back = `${location.origin}/workshop/callback`;

  const say = (text) => {
    const line = document.createElement("li");
    line.textContent = text;
    log.append(line);
    log.hidden = false;
  };
  const encoded = (bytes) =>
    btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const random = () => encoded(crypto.getRandomValues(new Uint8Array(32)));
  const answered = async (response) => {
    if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 300)}`);
    return response.json();
  };
  const call = (id, method, params, token) =>
    fetch(address, {
      method: "POST",
      credentials: "omit",
      headers: {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": "2025-11-25",
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
    });
  // Returns the last message of an answer, whether JSON or a stream.
  const message = async (response) => {
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 300)}`);
    const lines = text.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
    return JSON.parse(lines.pop() ?? text);
  };
  const info = { name: button.dataset.name, version: "1" };
  const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: info };

  const begin = async () => {
    log.replaceChildren();
    const refused = await call(1, "initialize", hello);
    say(`POST ${address} → ${refused.status}`);
    const metadata = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "")?.[1];
    if (refused.status !== 401 || !metadata) throw new Error("the server didn’t say where to get a token");
    const resource = await answered(await fetch(metadata, { credentials: "omit" }));
    say(`GET ${metadata} → ${resource.authorization_servers[0]}`);
    const issuer = resource.authorization_servers[0];
    const server = await answered(await fetch(`${issuer}.well-known/openid-configuration`, { credentials: "omit" }));
    if (server.issuer !== issuer) throw new Error("the metadata is another issuer’s (RFC 8414 §3.3)");
    const wanted = {
      client_name: button.dataset.name,
      redirect_uris: [back],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code"],
    };
    const registered = await answered(
      await fetch(server.registration_endpoint, {
        method: "POST",
        credentials: "omit",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(wanted),
      }),
    );
    const verifier = random();
    const state = random();
    const challenge = encoded(
      new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))),
    );
    const kept = { verifier, state, issuer, token: server.token_endpoint, client: registered.client_id, page: location.href };
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
    const to = new URL(server.authorization_endpoint);
    to.search = new URLSearchParams({
      response_type: "code",
      client_id: registered.client_id,
      redirect_uri: back,
      scope: "portfolio:read",
      resource: resource.resource,
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    location.assign(to);
  };

  // The consent returns in the address's fragment, which no request or referrer carries.
  const finish = async (came, kept) => {
    say(`POST ${address} → 401`);
    say(`GET …/oauth-protected-resource → ${kept.issuer}`);
    say(`POST …/oidc/register → ${kept.client}`);
    if (came.get("state") !== kept.state || came.get("iss") !== kept.issuer) throw new Error("the answer is for another request");
    if (!came.get("code")) throw new Error(came.get("error") ?? "there is no code");
    const tokens = await answered(
      await fetch(kept.token, {
        method: "POST",
        credentials: "omit",
        body: new URLSearchParams({
          grant_type: "authorization_code",
          client_id: kept.client,
          redirect_uri: back,
          code: came.get("code"),
          code_verifier: kept.verifier,
        }),
      }),
    );
    say(`POST …/oauth/token → ${tokens.token_type}, ${tokens.expires_in} s, ${tokens.scope}`);
    await message(await call(1, "initialize", hello, tokens.access_token));
    await read({}, tokens.access_token);
    other.hidden = false;
    other.addEventListener("click", () => read({ person: other.dataset.clientOther }, tokens.access_token).catch(failed));
  };
  const read = async (given, token) => {
    const answer = await message(await call(2, "tools/call", { name: "get_portfolio", arguments: given }, token));
    const text = answer.result?.content?.[0]?.text ?? JSON.stringify(answer.error);
    say(`tools/call get_portfolio ${JSON.stringify(given)} → ${text}`);
  };
  const failed = (error) => say(`✗ ${error.message}`);

  button.addEventListener("click", () => begin().catch(failed));
  const came = new URLSearchParams(location.hash.slice(1));
  const kept = sessionStorage.getItem(KEPT);
  if (kept && came.has("state")) {
    sessionStorage.removeItem(KEPT);
    const page = JSON.parse(kept);
    history.replaceState(null, "", page.page);
    finish(came, page).catch(failed);
  }
})();
