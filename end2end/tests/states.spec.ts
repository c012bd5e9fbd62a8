// Checks every state of every page: axe, contrast in both themes, reflow, 200 % zoom, text spacing, focus, forced
// colours, reduced motion, no error in the console. Languages and widths take turns; `make look` takes all of them, and
// screenshots.
import { expect, test as base } from '@playwright/test';
import { join } from 'node:path';
import { languages, serve, states } from '../states.js';
import * as wcag from '../wcag.js';
import { folder, isLook } from '../look.js';

const test = base.extend<object, { site: string }>({
  site: [
    async ({}, use) => {
      const { url, server } = await serve();
      await use(url);
      server.closeAllConnections();
      server.close();
    },
    { scope: 'worker' },
  ],
});

// Off, because a trace would take longer than each of these short tests.
test.use({ trace: 'off', screenshot: 'off' });

const wide = { width: 1180, height: 820 };
const phone = { width: 360, height: 780 };

for (const [at, name] of states().entries()) {
  const its = isLook ? languages : [languages[at % 2]!];
  for (const lang of its) {
    test(`${name}, ${lang}`, async ({ page, site }) => {
      const wrong: string[] = [];
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') wrong.push(`console: ${message.text()}`);
      });
      const themes = at % 4 < 2 ? (['light', 'dark'] as const) : (['dark', 'light'] as const);
      await page.emulateMedia({ colorScheme: themes[0], reducedMotion: 'reduce' });
      // Tall enough that no sticky element covers another one: axe reports covered targets as too small.
      await page.setViewportSize({ ...(at % 3 ? wide : phone), height: 4000 });
      await page.goto(`${site}${lang}/${name}`);
      if (await page.locator('leptos-island').count()) await expect(page.locator('.composer [type=submit]')).toBeEnabled();
      wrong.push(...(await wcag.head(page)), ...(await wcag.axe(page)), ...(await wcag.controls(page)), ...(await wcag.motion(page)));
      await page.emulateMedia({ colorScheme: themes[1] });
      wrong.push(...(await wcag.contrast(page)), ...(await wcag.controls(page)));
      if (isLook) {
        for (const colorScheme of themes) {
          for (const size of [wide, phone]) {
            await page.emulateMedia({ colorScheme });
            await page.setViewportSize(size);
            await page.screenshot({ path: join(folder, `${name}-${lang}-${colorScheme}-${size.width}.png`), fullPage: true, animations: 'disabled' });
          }
        }
      }
      // The widths of the wide page at 200 % and at 400 %.
      for (const width of [590, 320]) wrong.push(...(await wcag.reflow(page, width)), ...(await wcag.cut(page)));
      wrong.push(...(await wcag.spacing(page)), ...(await wcag.focus(page, 'focus')));
      await page.emulateMedia({ forcedColors: 'active' });
      wrong.push(...(await wcag.states(page)), ...(await wcag.focus(page, 'forced colours')));
      if (isLook) await page.screenshot({ path: join(folder, `${name}-${lang}-forced-360.png`), animations: 'disabled' });
      expect(wrong).toEqual([]);
    });
  }
}

/** Proves that each check works: it finds a fault made for it. */
test('each check finds what it is for', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const shows = async (body: string, style = '') => page.setContent(`<!DOCTYPE html><html lang=en><title>t</title><style>${style}</style><body><main><h1>t</h1>${body}</main>`);
  await shows('<a href="/a" style="display:block;height:8px;font-size:6px">a</a><a href="/b" style="display:block;height:8px;font-size:6px">b</a>');
  expect((await wcag.axe(page)).join()).toContain('target-size');
  expect(await wcag.head(page)).toEqual(['no description']);
  await shows('<p style="color:#aaa">pale</p>');
  expect((await wcag.contrast(page)).join()).toContain('color-contrast');
  await shows('<p style="width:500px">wide</p>');
  expect(await wcag.reflow(page, 320)).toHaveLength(1);
  await shows('<p style="width:60px;overflow:hidden;white-space:nowrap">some words</p>');
  expect(await wcag.cut(page)).toHaveLength(1);
  await shows('<p style="width:82px;height:22px;overflow:hidden">some words</p>');
  expect(await wcag.cut(page)).toEqual([]);
  expect(await wcag.spacing(page)).toHaveLength(1);
  await shows('<input aria-label=a style="border:1px solid #ddd;background:#fff"><button aria-label=a style="background:#fff;color:#ccc"><svg></svg></button><button>a</button>');
  expect(await wcag.controls(page)).toHaveLength(2);
  await shows('<button>a</button>', 'button:focus { outline: 2px solid #ddd }');
  expect((await wcag.focus(page, 'focus')).join()).toContain('pale');
  await shows('<button>a</button>', 'button:focus { outline: none }');
  expect(await wcag.focus(page, 'focus')).toHaveLength(1);
  await shows('<div style="height:3000px"></div><button>a</button><div style="position:fixed;inset:0;background:#fff"></div>');
  expect((await wcag.focus(page, 'focus')).join()).toContain('hidden');
  await shows('<ul><li><a href="/a" aria-current="page">a</a><li><a href="/b">b</a></ul>', '[aria-current] { background: #ff0 }');
  expect(await wcag.states(page)).toHaveLength(1);
  await shows('<p>moves</p>', '@keyframes m { to { opacity: 0 } } p { animation: m 9s infinite }');
  expect(await wcag.motion(page)).toHaveLength(1);
});
