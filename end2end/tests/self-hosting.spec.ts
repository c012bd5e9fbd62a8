// Follows docs/SELFHOST.md literally: its settings, proxy configuration, commands and host names, over TLS, in a
// browser. Only ports, folders and the certificate are the test's own.
import { chromium, test, expect } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import config from '../playwright.config.js';
import { ask, composer, connect, openApproval, say, transcript } from '../people.js';
import { freePort, Mandate, type Sites } from '../program.js';

const guide = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../docs/SELFHOST.md'), 'utf8');
const nginx = ['/usr/sbin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'].find((path) => existsSync(path));
const sites: Sites = { agent: 'https://chat.example.com/', tenant: 'https://id.example.com/', broker: 'https://trade.example.com/' };

/** The blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map((block) => block[1]!);
}

/** The settings of the guide's `/etc/mandate.env`. */
function settings(): Record<string, string> {
  const block = blocks('sh').find((block) => block.includes('AGENT_URL='));
  return Object.fromEntries(block!.trim().split('\n').map((line) => line.split(/=(.*)/).slice(0, 2)));
}

/** Starts the guide's nginx on a port, in front of the sites' ports. */
async function proxy(folder: string, port: number, ports: Record<string, number>): Promise<ChildProcess> {
  const at = (name: string) => join(folder, name);
  const names = ['chat', 'id', 'trade'].map((name) => `DNS:${name}.example.com`).join(',');
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj',
    '/CN=chat.example.com', '-addext', `subjectAltName=${names}`, '-keyout', at('privkey.pem'), '-out', at('fullchain.pem'),
  ], { stdio: 'pipe' });
  const [shared, servers] = blocks('nginx');
  writeFileSync(at('mandate-site'), shared!.replaceAll('/etc/letsencrypt/live/chat.example.com', folder));
  let conf = servers!.replaceAll('listen 443', `listen 127.0.0.1:${port}`).replaceAll('/etc/nginx', folder);
  for (const [before, after] of Object.entries(ports)) conf = conf.replace(`:${before};`, `:${after};`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${at(what)};`);
  writeFileSync(at('nginx.conf'), `daemon off; pid ${at('pid')}; error_log stderr; events {} http { access_log off; ${temporary.join(' ')} ${conf} }`);
  const child = spawn(nginx!, ['-e', 'stderr', '-p', folder, '-c', at('nginx.conf')], { stdio: 'inherit' });
  for (let tries = 0; !existsSync(at('pid')); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`nginx did not start (${child.exitCode})`);
    await new Promise((done) => setTimeout(done, 50));
  }
  return child;
}

test('the guide works: TLS, proxy, order, backup, restore', async () => {
  expect(nginx, 'nginx is needed: make test installs it').toBeDefined();
  const folder = mkdtempSync(join(tmpdir(), 'mandate-proxy-'));
  const port = await freePort();
  const ports = { 3000: await freePort(), 3001: await freePort(), 3002: await freePort() };
  const given = settings();
  for (const name of ['AGENT', 'TENANT', 'BROKER']) {
    const listen = `${name}_LISTEN`;
    given[listen] = given[listen]!.replace(/\d+$/, (port) => String(ports[port as unknown as keyof typeof ports]));
  }
  delete given['SITE_DIR'];
  const mandate = await Mandate.start('self-hosting', { settings: given });
  const nginxProcess = await proxy(folder, port, ports);
  const { launchOptions } = config.use!;
  const args = [...launchOptions!.args!.filter((arg) => !arg.startsWith('--host-resolver-rules')), `--host-resolver-rules=MAP *.example.com 127.0.0.1:${port}`];
  const browser = await chromium.launch({ ...launchOptions, args });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US', timezoneId: 'UTC' });
    const page = await context.newPage();
    await page.goto(sites.agent);
    await page.getByRole('link', { name: 'Log in' }).first().click();
    await expect(page).toHaveURL(/^https:\/\/trade\.example\.com\//);
    // Public sites have no demo people.
    await expect(page.getByRole('button', { name: /Continue as/ })).toHaveCount(0);
    await page.getByRole('link', { name: 'Open an account' }).click();
    await page.getByLabel('Name').fill('Rosa');
    await page.getByLabel('Email').fill('rosa@example.org');
    await page.getByLabel('Password').fill('four words make one');
    await page.getByRole('button', { name: 'Open account' }).click();
    await expect(page).toHaveURL(sites.agent);
    await expect(page.getByText('Rosa', { exact: true }).first()).toBeVisible();
    const cookies = await context.cookies(sites.agent);
    expect(cookies.map((cookie) => cookie.name)).toContain('__Host-mandate_agent');
    expect(cookies.filter((cookie) => !(cookie.name.startsWith('__Host-') && cookie.secure && cookie.httpOnly))).toEqual([]);
    await page.goto(`${sites.agent}accounts`);
    await connect(page, sites, page.getByRole('main'));
    await page.goto(sites.agent);
    const { order } = await ask(page, 'Buy 5 WAYNE');
    const approval = await openApproval(page, order);
    expect(approval.url()).toContain(`${sites.tenant}approvals/`);
    await approval.getByRole('button', { name: 'Approve this order' }).click();
    // The proxy doesn't buffer the stream: the chat updates by itself.
    await expect(order).toContainText(/Placed|Filled/);

    // Backup while it runs, then restore, by the guide's commands.
    const kept = join(folder, 'backup');
    mandate.command(['backup', kept]);
    await say(page, 'What is the price of STARK?');
    await expect(transcript(page)).toContainText(/STARK is at|Stark/);
    const chat = page.url();
    await mandate.stop();
    mandate.command(['restore', kept]);
    await mandate.serve();
    await page.goto(chat);
    await expect(transcript(page)).toContainText('Buy 5 WAYNE');
    await expect(transcript(page).getByText('What is the price of STARK?')).toHaveCount(0);
    await expect(composer(page)).toBeVisible();

    // Removing a person, by the guide's commands, but without asking.
    const removals = blocks('sh').find((block) => block.includes('people remove'))!.matchAll(/mandate (people remove .*)/g);
    for (const [, words] of removals) {
      mandate.command([...words!.replace('alice@example.com', 'rosa@example.org').split(' '), '--yes']);
    }
    await page.goto(chat);
    await expect(page.getByText('Rosa')).toHaveCount(0);
    await expect(page.getByRole('heading', { name: 'Log in to see this chat' })).toBeVisible();
  } finally {
    await browser.close();
    nginxProcess.kill('SIGQUIT');
    await mandate.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
