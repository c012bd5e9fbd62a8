// Checks the measurable criteria of WCAG 2.2 AA in a page. Each check returns the faults that it finds.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** axe's rules; 2.5.8 (targets of 24 pixels), headings and landmarks are among them. */
export async function axe(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  return violations(new AxeBuilder({ page }).withTags(tags));
}

/** 1.4.3 and 1.4.11, in the other theme. */
export async function contrast(page: Page): Promise<string[]> {
  return violations(new AxeBuilder({ page }).withRules(['color-contrast']));
}

/** axe's rules in the light and the dark theme. */
export async function themes(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    found.push(...(await axe(page)));
  }
  return found;
}

async function violations(builder: AxeBuilder): Promise<string[]> {
  // Legacy mode saves the second page that axe opens for frames, which our pages don't have. It takes as long as the
  // rules.
  const found = await builder.setLegacyMode().analyze();
  return found.violations.map((one) => `axe ${one.id}: ${one.help}\n  ${one.nodes.map((node) => node.html.slice(0, 160)).join('\n  ')}`);
}

/** Adds functions to the page: `ratio(a, b)`, the contrast of two colours; `behind(element)`, the colour behind it. */
async function colours(page: Page): Promise<void> {
  await page.evaluate(() => {
    const it = window as unknown as { ratio?: (a: string, b: string) => number; behind: (of: Element | null) => string };
    if (it.ratio) return;
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    /** Red, green and blue of a colour over others, whatever its notation. */
    const mixed = (layers: string[]): number[] => {
      for (const layer of layers) {
        pen.fillStyle = layer;
        pen.fillRect(0, 0, 1, 1);
      }
      return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (layers: string[]): number => {
      const [r, g, b] = mixed(layers).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    it.ratio = (a, b) => {
      const [low, high] = [light([b, a]), light([b])].sort((x, y) => x - y);
      return (high! + 0.05) / (low! + 0.05);
    };
    it.behind = (of) => {
      const layers: string[] = [];
      for (let one = of; one; one = one.parentElement) layers.unshift(getComputedStyle(one).backgroundColor);
      const [r, g, b] = mixed(['Canvas', ...layers]);
      return `rgb(${r} ${g} ${b})`;
    };
  });
}

type Colours = { ratio: (a: string, b: string) => number; behind: (of: Element | null) => string };

/** 1.4.11: the borders of fields, and icons that stand alone, have a contrast of 3 to what is behind them. */
export async function controls(page: Page): Promise<string[]> {
  await colours(page);
  return page.evaluate(() => {
    const { ratio, behind } = window as unknown as Colours;
    const shown = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)].filter((it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !it.matches(':disabled'));
    const pale: HTMLElement[] = [];
    for (const it of shown('input:not([type=hidden], [type=checkbox], [type=radio], [type=range]), select, textarea')) {
      // A field's border may be its container's, as the composer's is.
      const frame = [it, it.parentElement!, it.parentElement!.parentElement!].find((one) => parseFloat(getComputedStyle(one).borderTopWidth) > 0);
      const style = frame && getComputedStyle(frame);
      const outside = behind((frame ?? it).parentElement);
      if (Math.max(style ? ratio(style.borderTopColor, outside) : 1, ratio(behind(it), outside)) < 3) pale.push(it);
    }
    for (const it of shown('a, button, summary')) {
      const icon = it.querySelector('svg:not([role=img])');
      const words = [...it.querySelectorAll<HTMLElement>(':scope > :not(svg, .visually-hidden)'), it].some((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim()));
      if (icon && !words && ratio(getComputedStyle(icon).color, behind(icon)) < 3) pale.push(it);
    }
    return pale.map((it) => `too pale: ${it.outerHTML.slice(0, 160)}`);
  });
}

/** 2.4.2, 3.1.1, 1.3.1: title, language and one first heading; and a description for search engines. */
export async function head(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    if (!document.title.trim()) wrong.push('no title');
    if (!document.documentElement.lang) wrong.push('no language');
    if (document.querySelectorAll('h1').length !== 1) wrong.push('not one first heading');
    if (!document.querySelector<HTMLMetaElement>('meta[name=description]')?.content) wrong.push('no description');
    return wrong;
  });
}

/** 1.4.10: at this width nothing makes the page scroll sideways (320 pixels are 1280 at 400 %). */
export async function reflow(page: Page, width: number): Promise<string[]> {
  await page.setViewportSize({ width, height: 700 });
  return page.evaluate((width) => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > root.clientWidth + 1);
    return [`at ${width} pixels the page scrolls sideways: ${wide.slice(-3).map((it) => it.outerHTML.slice(0, 120)).join(' | ')}`];
  }, width);
}

/** 1.4.12: with the reader's own spacing no text is cut, and the page still doesn't scroll sideways. */
export async function spacing(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }');
    document.adoptedStyleSheets = [sheet];
  });
  const wrong = [...(await reflow(page, 360)), ...(await cut(page))];
  await page.evaluate(() => (document.adoptedStyleSheets = []));
  return wrong.map((it) => `with text spacing: ${it}`);
}

/** Text that its box cuts off, without the … that says so. */
export async function cut(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('body *')]
      .filter((it) => {
        const style = getComputedStyle(it);
        const [hidesX, hidesY] = [style.overflowX, style.overflowY].map((how) => how === 'hidden' || how === 'clip');
        if (style.textOverflow === 'ellipsis' || style.clipPath !== 'none' || it.closest('.visually-hidden, svg') || !it.checkVisibility()) return false;
        return it.innerText.trim() !== '' && ((hidesX && it.scrollWidth > it.clientWidth + 1) || (hidesY && it.scrollHeight > it.clientHeight + 1));
      })
      .map((it) => `cut: ${it.outerHTML.slice(0, 160)}`),
  );
}

/** 2.4.7, 2.4.11, 1.4.11: the focused element shows the focus clearly, and no sticky element covers it completely. */
export async function focus(page: Page, how: string): Promise<string[]> {
  await colours(page);
  // After a key press, the browser shows the focus as for keyboard users.
  await page.keyboard.press('Tab');
  const wrong = await page.evaluate(async () => {
    const { ratio, behind } = window as unknown as Colours;
    const wrong: string[] = [];
    const tabbable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    const all = [...document.querySelectorAll<HTMLElement>(tabbable)].filter(
      (it) => it.checkVisibility({ visibilityProperty: true }) && !it.matches(':disabled, [type=hidden]') && !it.closest('[inert]'),
    );
    const looks = (it: HTMLElement): string => {
      const chain = [it, it.parentElement, it.parentElement?.parentElement, it.parentElement?.parentElement?.parentElement];
      return chain
        .filter((one) => one instanceof HTMLElement)
        .map((one) => getComputedStyle(one))
        .map((style) => [style.outlineStyle, style.outlineWidth, style.outlineColor, style.borderColor, style.boxShadow, style.clipPath].join())
        .join('|');
    };
    for (const it of all) {
      (document.activeElement as HTMLElement | null)?.blur();
      const before = looks(it);
      it.focus();
      if (document.activeElement !== it) continue;
      if (looks(it) === before) await new Promise((done) => setTimeout(done, 50));
      if (looks(it) === before) wrong.push(`the focus doesn’t show: ${it.outerHTML.slice(0, 160)}`);
      const ring = [it, it.parentElement, it.parentElement?.parentElement].find((one) => one && getComputedStyle(one).outlineStyle !== 'none');
      if (ring && ratio(getComputedStyle(ring).outlineColor, behind(ring.parentElement)) < 3) wrong.push(`the focus is pale: ${it.outerHTML.slice(0, 160)}`);
      const box = it.getBoundingClientRect();
      const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]] as const;
      const seen = points.some(([x, y]) => {
        const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
        return top !== null && (it.contains(top) || top.contains(it) || [...((it as HTMLInputElement).labels ?? [])].some((label) => label.contains(top)));
      });
      if (!seen) wrong.push(`hidden while it has the focus: ${it.outerHTML.slice(0, 160)}`);
    }
    (document.activeElement as HTMLElement | null)?.blur();
    return wrong;
  });
  return wrong.map((it) => `${how}: ${it}`);
}

/** 1.4.1, with forced colours: current or chosen items differ in more than colours. */
export async function states(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const chosen = '[aria-current]:not([aria-current=false]), [aria-selected=true], [aria-pressed=true]';
    const looks = (it: Element): string => {
      const style = getComputedStyle(it);
      const before = getComputedStyle(it, '::before');
      const parts = [style.borderWidth, style.borderStyle, style.outlineStyle, style.textDecorationLine, style.fontWeight, before.content];
      return [...parts, it.querySelector('svg')?.innerHTML].join();
    };
    return [...document.querySelectorAll<HTMLElement>(chosen)]
      .filter((it) => it.checkVisibility())
      .filter((it) => {
        const peers = [...(it.closest('ul, ol, nav, aside, [role=listbox]')?.querySelectorAll(it.tagName) ?? [])];
        const others = peers.filter((one) => one.className === it.className && !one.matches(chosen));
        return others.length > 0 && others.every((one) => looks(one) === looks(it));
      })
      .map((it) => `only a colour says that it is current: ${it.outerHTML.slice(0, 160)}`);
  });
}

/** 2.3.3: nothing moves for a reader who prefers reduced motion. */
export async function motion(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter((one) => Number(one.effect?.getComputedTiming().activeDuration) > 1)
      .map((one) => `it moves: ${((one.effect as KeyframeEffect).target as Element | null)?.outerHTML.slice(0, 160)}`),
  );
}
