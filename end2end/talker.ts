// A model that writes 60 words a second, twelve per paragraph, until the reader stops it.
import { withModel } from './model.js';

export const withTalker = withModel((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let count = 0;
  const timer = setInterval(() => {
    const content = `word${++count}${count % 12 ? ' ' : '\n\n'}`;
    const choices = [{ index: 0, delta: { content }, finish_reason: null }];
    response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`);
  }, 1000 / 60);
  response.on('close', () => clearInterval(timer));
});
