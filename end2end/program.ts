// The program under test: started on free ports, with its own folder, under three host names, and stopped at the end.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import dns from 'node:dns';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const logs = join(here, 'results', 'logs');

// Browsers resolve *.localhost (RFC 6761 §6.3), but some systems don't, so these tests' clients do it themselves.
const lookup = dns.lookup;
dns.lookup = ((name: string, ...rest: unknown[]) =>
  (lookup as (...all: unknown[]) => void)(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest)) as typeof dns.lookup;

export type Site = 'agent' | 'tenant' | 'broker';
export type Settings = Record<string, string>;

/** The public URLs of the three sites, each with a trailing slash. */
export type Sites = Record<Site, string>;

let next = (process.pid % 200) * 40;

/** A free port, below the range for outgoing connections. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 500; tries++) {
    const port = 20_000 + (next++ % 10_000);
    const free = await new Promise<boolean>((done) => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
    });
    if (free) return port;
  }
  throw new Error('no port is free');
}

// Settings from a developer's environment that would change the tests. Empty counts as unset.
const cleared = [
  'OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL', 'ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'MASTER_KEY',
  'DATABASE_URL', 'APPROVAL_SECONDS', 'TRADE_WITHOUT_APPROVAL', 'MANDATE_CRASH_AT',
];
const shared = [
  'AGENT_CLIENT_SECRET', 'AGENT_MCP_CLIENT_SECRET', 'TENANT_LOGIN_CLIENT_SECRET', 'TENANT_VAULT_CLIENT_SECRET',
];

export class Mandate {
  readonly sites: Sites;
  private readonly settings: Settings;
  private readonly folder = mkdtempSync(join(tmpdir(), 'mandate-'));
  private readonly running = new Map<string, ChildProcess>();

  private constructor(readonly name: string, ports: [number, number, number], private readonly apart: boolean, extra: Settings) {
    const [agent, tenant, broker] = ports;
    this.sites = {
      agent: `http://agent.localhost:${agent}/`,
      tenant: `http://id.localhost:${tenant}/`,
      broker: `http://trade.localhost:${broker}/`,
    };
    this.settings = { RUST_LOG: 'trace', MARKET_TICK_MS: '500' };
    for (const name of [...cleared, ...shared]) this.settings[name] = '';
    for (const [name, port] of [['AGENT', agent], ['TENANT', tenant], ['BROKER', broker]] as const) {
      this.settings[`${name}_URL`] = this.sites[name.toLowerCase() as Site].replace(/\/$/, '');
      this.settings[`${name}_LISTEN`] = `127.0.0.1:${port}`;
    }
    if (apart) for (const name of shared) this.settings[name] = randomBytes(32).toString('base64url');
    Object.assign(this.settings, extra);
    mkdirSync(logs, { recursive: true });
    this.keepSecrets(shared.map((name) => this.settings[name] ?? ''));
  }

  /** Records a secret that must not appear in the logs. Short ones are skipped, since they would match by chance. */
  keepSecrets(values: string[]): void {
    const secrets = values.filter((value) => value.length >= 12);
    if (secrets.length) appendFileSync(join(logs, `${this.name}.secrets`), `${secrets.join('\n')}\n`);
  }

  /** Everything in one process, or (`apart`) each site in a process with its own DATA_DIR. */
  static async start(name: string, { apart = false, settings = {} as Settings } = {}): Promise<Mandate> {
    const ports: [number, number, number] = [await freePort(), await freePort(), await freePort()];
    const mandate = new Mandate(name.replace(/[^a-z0-9]+/gi, '-').toLowerCase(), ports, apart, settings);
    if (apart) for (const site of ['broker', 'tenant', 'agent'] as const) await mandate.serve(site);
    else await mandate.serve();
    return mandate;
  }

  /** The DATA_DIR of the program, or of one of the sites that run apart. */
  data(site: Site | 'all' = 'all'): string {
    return join(this.folder, this.apart ? site : 'data');
  }

  private binary(): string {
    const binary = process.env['MANDATE'] ?? join(root, 'target/debug/mandate');
    if (!existsSync(binary)) throw new Error(`${binary} is not there: make test builds it, or cargo build -p mandate`);
    return binary;
  }

  private environment(name: string): NodeJS.ProcessEnv {
    return { ...process.env, ...this.settings, DATA_DIR: this.data(name as Site | 'all') };
  }

  /** Runs another command of the program, with the same settings, and returns what it prints. */
  command(words: string[]): string {
    return execFileSync(this.binary(), words, { cwd: root, env: this.environment('all'), encoding: 'utf8' });
  }

  /** Starts one process and waits until it reports that it is ready. */
  async serve(site?: Site): Promise<void> {
    const name = site ?? 'all';
    const log = openSync(join(logs, `${this.name}.${name}.log`), 'a');
    const child = spawn(this.binary(), ['serve', ...(site ? [site] : [])], {
      cwd: root,
      env: this.environment(name),
      stdio: ['ignore', 'pipe', log],
    });
    this.running.set(name, child);
    await new Promise<void>((ready, failed) => {
      let said = '';
      const late = setTimeout(() => failed(new Error(`mandate serve ${name} is not ready after 30 s\n${said}`)), 30_000);
      child.once('exit', (code) => failed(new Error(`mandate serve ${name} ended with ${code}; see ${logs}\n${said}`)));
      createInterface({ input: child.stdout! }).on('line', (line) => {
        said += `${line}\n`;
        if (!line.startsWith('Ready')) return;
        clearTimeout(late);
        child.removeAllListeners('exit');
        ready();
      });
    });
  }

  /** Stops one process (or all) like Ctrl-C. */
  async stop(site?: Site | 'all'): Promise<void> {
    for (const [name, child] of [...this.running]) {
      if (site && name !== site) continue;
      this.running.delete(name);
      if (child.exitCode !== null) continue;
      const ended = new Promise<number | null>((done) => child.once('exit', done));
      child.kill('SIGTERM');
      // The program allows seven seconds for its connections and databases to close.
      const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
      const code = await ended;
      clearTimeout(late);
      if (code !== 0) throw new Error(`mandate serve ${name} did not stop cleanly: ${code}`);
    }
  }

  async close(): Promise<void> {
    try {
      await this.stop();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
