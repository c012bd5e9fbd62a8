// Regenerated answers, edited messages, and steps between versions.
import { expect } from '../fixtures.js';
import { stream, withModel } from '../model.js';
import { composer, say, transcript } from '../people.js';

let answers = 0;
const test = withModel((messages, response) => {
  const words = messages.at(-1)!.content;
  if (messages[0].content.startsWith('Write a title')) stream(response, [{ content: 'A title' }]);
  else stream(response, [{ content: `Answer ${++answers} to ${words}` }]);
});
test.beforeEach(() => void (answers = 0));

test('versions of an answer, by keyboard and in every tab', async ({ page, sites, context }) => {
  await page.goto(sites.agent);
  await say(page, 'Hello');
  const log = transcript(page);
  await expect(log.getByText('Answer 1 to Hello')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('A title');
  const other = await context.newPage();
  await other.goto(page.url());
  await composer(page).fill('a draft');
  await log.getByRole('button', { name: 'Regenerate the answer' }).click();
  await expect(log.getByText('Answer 2 to Hello')).toBeVisible();
  await expect(log.getByText('Answer 1 to Hello')).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  await expect(composer(page)).toHaveValue('a draft');
  await expect(transcript(other).getByText('Answer 2 to Hello')).toBeVisible();

  const versions = log.getByRole('group', { name: 'Versions of the answer' });
  await expect(versions).toContainText('Version 2 of 2');
  await versions.getByRole('button', { name: 'Previous version' }).focus();
  await page.keyboard.press('Enter');
  await expect(log.getByText('Answer 1 to Hello')).toBeVisible();
  await expect(versions).toContainText('Version 1 of 2');
  // At the first version, the button keeps the focus and does nothing.
  await expect(versions.getByRole('button', { name: 'Previous version' })).toBeFocused();
  await expect(versions.getByRole('button', { name: 'Previous version' })).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('Enter');
  await expect(transcript(other).getByText('Answer 1 to Hello')).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(log.getByText('Answer 2 to Hello')).toBeVisible();
  await page.reload();
  await expect(log.getByText('Answer 2 to Hello')).toBeVisible();
  await expect(versions).toContainText('Version 2 of 2');
});

test('a message is edited, and the chat goes on from there', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'First');
  const log = transcript(page);
  await expect(log.getByText('Answer 1 to First')).toBeVisible();
  await say(page, 'Second');
  await expect(log.getByText('Answer 2 to Second')).toBeVisible();

  await log.getByRole('button', { name: 'Edit your message' }).first().press('Enter');
  const editor = log.getByRole('textbox', { name: 'Edit your message' });
  await expect(editor).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(log.getByRole('button', { name: 'Edit your message' }).first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(editor).toHaveValue('First');
  await editor.fill('Fresh <b>start</b>');
  await page.keyboard.press('Enter');
  await expect(log.getByText('Answer 3 to Fresh <b>start</b>')).toBeVisible();
  await expect(log.getByText('Second', { exact: true })).toHaveCount(0);
  await expect(composer(page)).toBeFocused();

  const versions = log.getByRole('group', { name: 'Versions of your message' });
  await expect(versions).toContainText('Version 2 of 2');
  await versions.getByRole('button', { name: 'Previous version' }).click();
  await expect(log.getByText('Answer 2 to Second')).toBeVisible();
  await expect(log.getByText('Fresh')).toHaveCount(0);
});

test.describe('while the site is away', () => {
  test.use({ expected: /Failed to load resource/ });

  test('an edited text is kept, and sent again once', async ({ page, sites }) => {
    await page.goto(sites.agent);
    await say(page, 'First');
    const log = transcript(page);
    await expect(log.getByText('Answer 1 to First')).toBeVisible();
    await log.getByRole('button', { name: 'Edit your message' }).click();
    const editor = log.getByRole('textbox', { name: 'Edit your message' });
    await editor.fill('Better');
    await page.route('**/messages', (route) => route.abort());
    await log.getByRole('button', { name: 'Send' }).click();
    await expect(log.getByRole('alert').filter({ hasText: 'Your text is kept here.' })).toBeVisible();
    await expect(editor).toHaveValue('Better');
    await page.unroute('**/messages');
    await log.getByRole('button', { name: 'Send' }).click();
    // During the answer, the finished block and the open end may both show it.
    await expect(log.getByText('Answer 2 to Better').first()).toBeVisible();
  });
});
