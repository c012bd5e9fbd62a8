// The states of all pages, as the tests of `app` rendered them with made-up data (target/states), served with the real
// styles and scripts. There is no program behind them: their streams are silent.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = join(dirname(fileURLToPath(import.meta.url)), '..', 'target');
const folders = ['agent', 'others'].map((sites) => join(target, 'states', sites));

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

/** The names of all states. */
export function states(): string[] {
  if (!folders.every((folder) => existsSync(join(folder, 'en')))) {
    throw new Error(`${join(target, 'states')} is not there: make test renders it, or cargo test -p app every_state_is_kept`);
  }
  return folders.flatMap((folder) => readdirSync(join(folder, 'en'))).map((file) => file.replace(/\.json$/, ''));
}

const types: Record<string, string> = {
  '.css': 'text/css', '.js': 'text/javascript', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png',
};

/** Serves a state at `/⟨language⟩/⟨name⟩`. */
export async function serve(): Promise<{ url: string; server: Server }> {
  const manifest = JSON.parse(readFileSync(join(target, 'site', 'bundle.json'), 'utf8'));
  // The tests render the pages with made-up asset names.
  const named = (path: string): string => {
    const style = /^\/style\/(\w+?)(-1)?\.css$/.exec(path);
    if (style) return `/style/${manifest.style[style[1]!]}`;
    return path.replace(/^\/pkg\/mandate-1/, `/pkg/${manifest.bundle}`);
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    if (/^\/(pkg|style|public)\//.test(pathname)) {
      const file = join(target, 'site', named(pathname));
      if (!existsSync(file)) return void response.writeHead(404).end();
      return void response.writeHead(200, { 'content-type': types[extname(file)] }).end(readFileSync(file));
    }
    if (/\/events$|^\/api\/prices$/.test(pathname)) {
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    }
    const [, language, name] = pathname.split('/');
    const file = folders.map((folder) => join(folder, language!, `${name}.json`)).find((path) => existsSync(path));
    // Any other request of a script gets an answer without news.
    const { policy, html } = file ? JSON.parse(readFileSync(file, 'utf8')) : { policy: "default-src 'none'", html: '<!DOCTYPE html>' };
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
    // Keeps a page that redirects by itself from leaving.
    response.end(html.replace(/<meta http-equiv="refresh"[^>]*>/, ''));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
