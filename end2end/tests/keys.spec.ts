// Using the chat by keyboard alone: a key for every place, commands after a slash, suggestions, drafts.
import { test, expect } from '../fixtures.js';
import { composer, connect, card, logIn, say, transcript } from '../people.js';

test('keys lead everywhere, and can be turned off', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  // In the field, keys are letters.
  await composer(page).pressSequentially('n?');
  await expect(composer(page)).toHaveValue('n?');
  await composer(page).fill('');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'What each key does' });
  await expect(sheet).toContainText('Search chats');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await page.keyboard.press('/');
  await expect(page).toHaveURL(/\/search$/);
  // Key presses take effect only after the page's scripts have run. Escape then leaves the focused field.
  await page.waitForLoadState();
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/\/accounts$/);
  await page.waitForLoadState();
  await page.keyboard.press('n');
  await expect(page).toHaveURL(sites.agent);
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  await page.keyboard.press('Escape');
  await page.keyboard.press('m');
  await expect(composer(page)).toBeFocused();

  // The open chat.
  await say(page, 'What is the price of WAYNE?');
  await expect(transcript(page).getByRole('button', { name: 'Copy the answer' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('u');
  await expect(page.getByRole('textbox', { name: 'Edit your message' })).toHaveValue('What is the price of WAYNE?');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.keyboard.press('e');
  await expect(page.getByRole('dialog').getByLabel('Title')).toHaveValue('What is the price of WAYNE?');
  await page.keyboard.press('Escape');
  const theme = page.getByRole('button', { name: /^Theme: / });
  const before = await theme.textContent();
  await page.keyboard.press('t');
  await expect(theme).not.toHaveText(before!);

  await page.goto(`${sites.agent}keys`);
  await page.getByRole('checkbox').check();
  await page.keyboard.press('n');
  await page.reload();
  await expect(page.getByRole('checkbox')).toBeChecked();
  await page.getByRole('checkbox').uncheck();
  await page.keyboard.press('n');
  await expect(page).toHaveURL(sites.agent);
});

test('a slash offers tools and prompts', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  await composer(page).pressSequentially('/pri');
  const list = page.getByRole('listbox', { name: 'Commands' });
  const first = list.getByRole('option').first();
  await expect(first).toContainText('/get_stock_price');
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await expect(composer(page)).toHaveAttribute('aria-activedescendant', 'slash-0');
  await page.keyboard.press('Enter');
  await expect(list).toBeHidden();
  // The part to fill in is selected, and Enter sends again.
  await expect(composer(page)).toHaveValue('What is the price of {stock}?');
  await page.keyboard.type('WAYNE');
  await page.keyboard.press('Enter');
  await expect(transcript(page)).toContainText('What is the price of WAYNE?');

  // The suggestions fit the answer.
  const fitting = page.getByRole('list', { name: 'Suggestions' });
  await expect(fitting.getByRole('button').first()).toHaveText('Buy 5 WAYNE');
  await composer(page).fill('/brief');
  await expect(list.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await composer(page).fill('');
  await fitting.getByRole('button', { name: 'Show my portfolio' }).click();
  await expect(transcript(page).getByRole('link', { name: 'Log in' })).toBeVisible();
  // A request waits for the person.
  await expect(fitting).toBeHidden();
});

test('a draft stays with its person and chat until the logout', async ({ page, sites, context }) => {
  await logIn(page, sites);
  // Drafts are stored only after WebAssembly has started.
  await expect(page.getByRole('button', { name: 'Send' })).toBeEnabled();
  await composer(page).fill('Not sent yet');
  const other = await context.newPage();
  await page.close();
  await other.goto(sites.agent);
  await expect(composer(other)).toHaveValue('Not sent yet');
  await say(other, 'Who am I?');
  await expect(other).toHaveURL(/\/t\//);
  await composer(other).fill('Of this chat');
  await other.goto(sites.agent);
  await expect(composer(other)).toHaveValue('');
  await other.goBack();
  await expect(composer(other)).toHaveValue('Of this chat');
  // From a page without the list of chats.
  await other.goto(`${sites.agent}workshop`);
  await other.getByRole('button', { name: 'Log out' }).click();
  await expect(other.getByRole('link', { name: 'Log in' }).first()).toBeVisible();
  await other.goto(sites.agent);
  await expect.poll(() => other.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('mandate.draft')))).toEqual([]);
});

test('what waits is counted on every page, and one click away', async ({ page, sites }) => {
  test.setTimeout(120_000);
  await logIn(page, sites);
  await say(page, 'Buy 5 WAYNE');
  await connect(page, sites, card(page, /connect/i));
  await expect(card(page, /Buy 5 WAYNE/i).last()).toContainText('Waiting for you');
  const links = page.getByRole('link', { name: /^Approvals 1 request waits for you$/ });
  await expect(links).toHaveCount(2);
  // In the pages' own bar, too, also at the identity service.
  await page.goto(`${sites.agent}workshop`);
  await expect(links).toHaveCount(1);
  await page.getByRole('link', { name: 'Apps with access' }).click();
  await expect(page).toHaveURL(`${sites.tenant}apps`);
  await expect(links).toHaveCount(1);
  await page.goto(`${sites.agent}search`);
  await expect(links).toHaveCount(2);
  await expect(page.getByRole('link', { name: 'Apps with access' })).toHaveAttribute('href', `${sites.tenant}apps`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('w');
  await expect(page).toHaveURL(`${sites.tenant}approvals`);
  await page.getByRole('link', { name: /Buy 5 WAYNE/ }).first().click();
  await page.getByRole('button', { name: 'Deny' }).first().click();
  await page.goto(`${sites.agent}search`);
  await expect(page.getByRole('link', { name: /^Approvals$/ })).toHaveCount(2);
  await page.goto(`${sites.tenant}approvals`);
  await expect(page.getByRole('region', { name: 'Past' })).toContainText('Nothing was placed');
});
