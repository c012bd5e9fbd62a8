// Reading an answer: highlighted code that can be copied, tables that scroll in themselves, links with their host.
import { expect } from '../fixtures.js';
import { stream, withModel } from '../model.js';
import { say, transcript } from '../people.js';
import * as wcag from '../wcag.js';

const CODE = 'fn main() {\n    // Greets.\n    println!("Hello, {}", 42);\n}\n';
const COLUMNS = ['Symbol', 'Company', 'Sector', 'Price', 'Change', 'Volume', 'Capitalisation'];
const TABLE = [
  `| ${COLUMNS.join(' | ')} |`,
  `|${'---|'.repeat(COLUMNS.length)}`,
  '| WAYNE | Wayne Enterprises | Conglomerate | 103.42 | +0.84 % | 1,204,300 | 84,201,000,000 |',
].join('\n');
const ANSWER = `Here it is:\n\n\`\`\`rust\n${CODE}\`\`\`\n\n${TABLE}\n\nSee [your bank](https://evil.example/login), and https://docs.example/a.\n`;

const test = withModel((_, response) => stream(response, [{ content: ANSWER }]));

test('code has colours, its language and a copy', async ({ page, context, sites }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(sites.agent);
  await say(page, 'Show me some Rust');
  const code = transcript(page).getByRole('figure', { name: 'Rust' });
  await expect(code.locator('pre')).toHaveText(CODE);
  const colour = (text: string) => code.getByText(text, { exact: true }).evaluate((word) => getComputedStyle(word).color);
  expect(new Set([await colour('fn'), await colour('// Greets.'), await colour('"Hello, {}"'), await colour('42')]).size).toBe(4);
  await code.getByRole('button', { name: 'Copy the code' }).click();
  await expect(code.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(CODE);
  // After a reload, the stored answer looks the same.
  await page.reload();
  await expect(transcript(page).getByRole('figure', { name: 'Rust' }).getByText('fn', { exact: true })).toHaveClass('hl-k');
});

test('a link shows where it leads, whatever its text says', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Where is my bank?');
  await expect(transcript(page).getByRole('link', { name: 'your bank (evil.example)' })).toHaveAttribute('href', 'https://evil.example/login');
  await expect(transcript(page).getByRole('link', { name: 'https://docs.example/a', exact: true })).toBeVisible();
});

test('answers are readable by everyone, in both themes', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Show me some Rust');
  await expect(transcript(page).getByRole('figure', { name: 'Rust' })).toBeVisible();
  expect(await wcag.themes(page)).toEqual([]);
});

test.describe('a phone', () => {
  test.use({ viewport: { width: 360, height: 780 } });

  test('a wide table scrolls in itself, by keyboard too', async ({ page, sites }) => {
    await page.goto(sites.agent);
    await say(page, 'Which stocks are there?');
    const table = transcript(page).getByRole('group', { name: 'Table' });
    await expect(table.getByRole('cell', { name: '84,201,000,000' })).toBeAttached();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await table.focus();
    await expect(table).toBeFocused();
    const before = await table.evaluate((it) => it.scrollLeft);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => table.evaluate((it) => it.scrollLeft)).toBeGreaterThan(before);
  });
});
