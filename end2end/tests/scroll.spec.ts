// Scrolling while an answer streams: the page follows a reader at the end, and leaves all others where they are.
import type { Page } from '@playwright/test';
import { expect } from '../fixtures.js';
import config from '../playwright.config.js';
import { say } from '../people.js';
import { withTalker as test } from '../talker.js';

test.use({
  hasTouch: true,
  viewport: { width: 1180, height: 600 },
  launchOptions: { ...config.use?.launchOptions, ignoreDefaultArgs: ['--hide-scrollbars'] },
});

const place = (page: Page) =>
  page.evaluate(() => ({
    top: window.scrollY,
    toGo: document.documentElement.scrollHeight - window.scrollY - window.innerHeight,
  }));
const words = (page: Page) => page.evaluate(() => document.querySelector('[role=log]')!.textContent!.split('word').length);
const more = async (page: Page, count: number) => {
  const before = await words(page);
  await expect.poll(() => words(page)).toBeGreaterThan(before + count);
};
/** Waits for a smooth scroll to end: twenty frames at one position. */
const settled = (page: Page) =>
  page.evaluate(async () => {
    for (let [last, still] = [window.scrollY, 0]; still < 20; last = window.scrollY) {
      await new Promise(requestAnimationFrame);
      still = window.scrollY === last ? still + 1 : 0;
    }
  });
/** The scroll position after each frame of a second. */
const watch = (page: Page) =>
  page.evaluate(async () => {
    const seen: number[] = [];
    for (const end = performance.now() + 1_000; performance.now() < end; ) {
      await new Promise(requestAnimationFrame);
      seen.push(window.scrollY);
    }
    return seen;
  });

type Way = { up: (page: Page) => Promise<void>; down: (page: Page) => Promise<void> };

/** Drags the page with a finger by this many pixels, this many times, or until nothing new is below. */
const finger = async (page: Page, by: number, times = 1) => {
  const below = page.getByRole('button', { name: 'New below' });
  const client = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: number) =>
    client.send('Input.dispatchTouchEvent', { type, touchPoints: at === undefined ? [] : [{ x: 640, y: at }] });
  for (let count = 0; count < times; count++) {
    const from = by > 0 ? 200 : 500;
    await touch('touchStart', from);
    for (let step = 1; step <= 10; step++) await touch('touchMove', from + (by * step) / 10);
    await touch('touchEnd');
    if (await below.isHidden()) break;
  }
};
const drag = async (page: Page, by: number) => {
  const { width, height } = page.viewportSize()!;
  const thumb = await page.evaluate(() => {
    const whole = document.documentElement.scrollHeight;
    return ((window.scrollY + window.innerHeight / 2) / whole) * window.innerHeight;
  });
  await page.mouse.move(width - 6, Math.min(height - 20, thumb));
  await page.mouse.down();
  const to = Math.max(4, Math.min(height - 4, thumb + by));
  await page.mouse.move(width - 6, to, { steps: 10 });
  await page.mouse.up();
};
/** The scroll bar shrinks away from the mouse as the answer grows. Grabs it again until nothing new is below. */
const toEndByBar = async (page: Page) => {
  for (let count = 0; count < 20; count++) {
    await drag(page, 800);
    if (await page.getByRole('button', { name: 'New below' }).isHidden()) break;
  }
};
const press = async (page: Page, key: string) => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press(key);
};

const ways: Record<string, Way> = {
  'one notch of a wheel': {
    up: async (page) => {
      await page.mouse.move(640, 300);
      await page.mouse.wheel(0, -40);
    },
    down: (page) => page.mouse.wheel(0, 20_000),
  },
  'a touchpad': {
    up: async (page) => {
      await page.mouse.move(640, 300);
      for (let step = 0; step < 12; step++) await page.mouse.wheel(0, -3);
    },
    down: (page) => page.mouse.wheel(0, 20_000),
  },
  'a finger': { up: (page) => finger(page, 200), down: (page) => finger(page, -400, 40) },
  'an arrow key': { up: (page) => press(page, 'ArrowUp'), down: (page) => press(page, 'End') },
  'Page up': { up: (page) => press(page, 'PageUp'), down: (page) => press(page, 'End') },
  'the scroll bar': { up: (page) => drag(page, -60), down: toEndByBar },
};

for (const [name, way] of Object.entries(ways)) {
  test(`scrolled up by ${name}, a reader stays there`, async ({ page, sites }) => {
    await page.goto(sites.agent);
    await say(page, 'Talk');
    await expect.poll(async () => (await place(page)).top).toBeGreaterThan(200);

    await way.up(page);
    await expect(page.getByRole('button', { name: 'New below' })).toBeVisible();
    await settled(page);
    const seen = await watch(page);
    expect([...new Set(seen)], 'nothing moved in any frame').toHaveLength(1);
    const { top, toGo } = await place(page);
    expect(toGo).toBeGreaterThan(100);
    await more(page, 60);
    expect((await place(page)).top).toBe(top);

    await way.down(page);
    await expect(page.getByRole('button', { name: 'New below' })).toBeHidden();
    await more(page, 60);
    await expect(page.getByRole('button', { name: 'New below' })).toBeHidden();
    await expect.poll(async () => (await place(page)).toGo, 'the page follows again').toBeLessThan(50);
  });
}

test('New below goes to the end and follows again', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Talk');
  await expect.poll(async () => (await place(page)).top).toBeGreaterThan(200);
  await page.mouse.move(640, 300);
  await page.mouse.wheel(0, -100);
  await page.getByRole('button', { name: 'New below' }).click();
  await expect(page.getByRole('button', { name: 'New below' })).toBeHidden();
  await more(page, 60);
  await expect.poll(async () => (await place(page)).toGo).toBeLessThan(50);
});
