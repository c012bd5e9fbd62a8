// Runs Lighthouse on the public pages, with its phone profile: the median of three runs.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from '../fixtures.js';

const lighthouse = fileURLToPath(new URL('../../target/bench-node/node_modules/lighthouse/cli/index.js', import.meta.url));
const categories = ['performance', 'accessibility', 'best-practices'];

test("Lighthouse's scores", async ({ sites, launchOptions, page, context }) => {
  // Follows the four redirects to the login page first: the page works only with the cookies that they set.
  await page.goto(`${sites.agent}auth/login`);
  const cookies = (await context.cookies(page.url())).map(({ name, value }) => `${name}=${value}`).join('; ');
  const pages = { chat: sites.agent, workshop: `${sites.agent}workshop`, login: page.url(), StockTrade: sites.broker };
  for (const [name, url] of Object.entries(pages)) {
    const headers = name === 'login' ? { Cookie: cookies } : {};
    const runs = [1, 2, 3].map(() => {
      const words = [lighthouse, url, '--quiet', '--output=json', '--chrome-flags=--headless=new --no-sandbox', `--only-categories=${categories.join(',')}`, `--extra-headers=${JSON.stringify(headers)}`];
      const env = { ...process.env, CHROME_PATH: launchOptions.executablePath };
      const report = JSON.parse(execFileSync(process.execPath, words, { env, encoding: 'utf8', maxBuffer: 64 << 20 }));
      return categories.map((category) => Math.round(report.categories[category].score * 100));
    });
    const medians = categories.map((category, index) => `${category} ${runs.map((run) => run[index]!).sort((a, b) => a - b)[1]}`);
    console.log(`\nLighthouse, ${name}: ${medians.join(', ')}`);
  }
});
