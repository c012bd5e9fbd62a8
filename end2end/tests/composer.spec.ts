// Writing a message: its length, and input methods.
import { test, expect } from '../fixtures.js';
import { composer, transcript } from '../people.js';

test('a text over the limit is flagged, kept whole and not sent', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  // Every character counts as one, whatever its size in UTF-8 or UTF-16. Surrounding whitespace doesn't count.
  const text = ` ${'😀'.repeat(8_001)}한\n`;
  await composer(page).fill(text);
  await expect(page.getByText('Too long by 2 characters: shorten it to send it. A message has at most 8000.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send' })).toBeDisabled();
  await expect(composer(page)).toHaveAttribute('aria-invalid', 'true');
  await composer(page).press('Enter');
  await expect(composer(page)).toHaveValue(text);
  await page.reload();
  await expect(page.getByText('Too long by 2 characters')).toBeVisible();
  await expect(composer(page)).toHaveValue(text);

  await composer(page).press('Control+End');
  for (const _ of '\n한😀') await composer(page).press('Backspace');
  await expect(page.getByText('Too long')).toBeHidden();
  await composer(page).press('Enter');
  await expect(transcript(page).getByText('😀'.repeat(8_000), { exact: true })).toBeVisible();
});

test('Enter that ends a composition does not send', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  await composer(page).fill('にほん');
  for (const init of [
    { isComposing: true, keyCode: 13 },
    { isComposing: true, keyCode: 229 },
    // Safari ends the composition before it reports the key.
    { isComposing: false, keyCode: 229 },
  ]) {
    const cancelled = await composer(page).evaluate((area, given) => {
      const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, isComposing: given.isComposing, keyCode: given.keyCode });
      return !area.dispatchEvent(event);
    }, init);
    expect(cancelled, JSON.stringify(init)).toBe(false);
    await expect(composer(page)).toHaveValue('にほん');
  }
  await composer(page).press('Enter');
  await expect(transcript(page).getByText('にほん', { exact: true })).toBeVisible();
});
