// Frames while a reader scrolls through a chat of 5,000 messages in which an answer arrives, 60 words a second.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withTalker } from '../talker.js';
import { say } from '../people.js';

const bench = fileURLToPath(new URL('../../target/release/examples/bench', import.meta.url));

withTalker('60 tokens a second while scrolling', async ({ page, sites, mandate }) => {
  await page.goto(sites.agent);
  await say(page, 'Talk.');
  await page.waitForURL(/\/t\//);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
  const thread = new URL(page.url()).pathname.split('/').pop()!;
  execFileSync(bench, ['fill', `${mandate.data()}/agent.db`, thread, '5000']);
  await page.reload();
  await say(page, 'Go on.');
  await page.waitForFunction(() => document.querySelector('[role=log]')!.textContent!.includes('word60'));

  const frames = await page.evaluate(async () => {
    const times: number[] = [];
    let last = await new Promise(requestAnimationFrame);
    for (const end = last + 10_000; last < end; ) {
      window.scrollBy(0, times.length % 40 < 20 ? -40 : 40);
      const now = await new Promise(requestAnimationFrame);
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b);
  });
  const at = (percent: number) => `${frames[Math.floor((frames.length - 1) * percent / 100)]!.toFixed(1)} ms`;
  console.log(`\nframes in ten seconds: ${frames.length}; between two, p50 ${at(50)}, p95 ${at(95)}, p99 ${at(99)}, longest ${at(100)}`);
});
