// A model endpoint's unusual answers: cut off at its limit, with reasoning, and none at all.
import { expect } from '../fixtures.js';
import { stream, withModel } from '../model.js';
import { say, transcript } from '../people.js';

/** Chooses the answer by the person's words. Asked to continue, it finishes the cut-off one. */
const test = withModel((messages, response) => {
  const asked = messages.filter((message) => message.role === 'user').map((message) => message.content);
  if (asked.some((text) => text.includes('was cut off'))) stream(response, [{ content: ' and lived happily ever after.' }]);
  else if (asked.at(-1)?.includes('story')) stream(response, [{ content: 'Once upon a time they met' }], 'length');
  else if (asked.at(-1)?.includes('sum')) stream(response, [{ reasoning_content: 'Two and two.' }, { content: 'It is four.' }]);
  // Any other message gets no answer.
});

test('an answer that was cut off continues where it stopped', async ({ page, sites }) => {
  await page.goto(sites.agent);
  // Records each text that is in the page both as a finished block and as open text, even for a moment.
  const twice = await page.evaluateHandle(() => {
    const seen: string[] = [];
    new MutationObserver(() => {
      for (const tail of document.querySelectorAll('.prose-tail')) {
        if (tail.previousElementSibling?.textContent?.includes(tail.textContent!)) seen.push(tail.textContent!);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    return seen;
  });
  await say(page, 'Tell me a story');
  const log = transcript(page);
  await expect(log.getByText('The answer was cut off at the model’s limit.')).toBeVisible();
  await expect(log.getByText('Once upon a time they met')).toBeVisible();
  await log.getByRole('button', { name: 'Continue' }).click();
  await expect(log.getByText('Once upon a time they met and lived happily ever after.')).toBeVisible();
  await expect(log.getByText('The answer was cut off')).toHaveCount(0);
  await expect(log.getByRole('button', { name: 'Continue' })).toHaveCount(0);
  expect(await twice.jsonValue()).toEqual([]);
  // The stored answer is the same.
  await page.reload();
  await expect(transcript(page).getByText('Once upon a time they met and lived happily ever after.')).toBeVisible();
});

test('reasoning is collapsed, and opens', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'What is the sum?');
  const log = transcript(page);
  await expect(log.getByText('It is four.')).toBeVisible();
  await expect(log.getByText('Two and two.')).toBeHidden();
  await log.getByText('Reasoning', { exact: true }).click();
  await expect(log.getByText('Two and two.')).toBeVisible();
});

test('a model that is silent is waited for, and can be stopped', async ({ page, sites }) => {
  await page.goto(sites.agent);
  await say(page, 'Anybody there?');
  const log = transcript(page);
  // The notice comes after ten seconds.
  await expect(log.getByText('Still waiting for the model')).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(log.getByText('You stopped this answer.')).toBeVisible();
  await expect(log.getByText('Still waiting for the model')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden();
});
